/** `vigie completion`. */
import { Argument, type Command } from 'commander'
import { type Shell, shells } from '../completion.ts'

export const completionCommand = (vigie: Command): void => {
  vigie
    .command('completion')
    .description('print what makes a shell complete commands and options: source <(vigie completion bash)')
    .addArgument(new Argument('<shell>').choices(shells))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion.ts')
      process.stdout.write(completionScript(shell, vigie))
    })
}
