/** `vigie completion`. */
import { Argument, type Command } from 'commander'
import { type Shell, shells } from '../completion.ts'
import { printOutcome } from '../run.ts'

export const completionCommand = (vigie: Command): void => {
  vigie
    .command('completion')
    .description('print what makes a shell complete commands and options: source <(vigie completion bash)')
    .addArgument(new Argument('<shell>').choices(shells))
    .action(async (shell: Shell, _options: object, command: Command) => {
      const { completionScript } = await import('../completion.ts')
      const script = completionScript(shell, vigie)
      printOutcome('completion', command, { value: { shell, script }, lines: script.trimEnd().split('\n') })
    })
}
