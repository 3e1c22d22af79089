/** `vigie answers`: what readers answered by the links of their mails. */
import type { Command } from 'commander'
import { harmless } from '../../../lambdas/domain/core/text/harmless.ts'
import { notEmpty } from '../arguments.ts'
import { run } from '../run.ts'

export const answerCommands = (vigie: Command): void => {
  const answers = vigie.command('answers').description('what readers answered by the links of their mails')
  answers
    .command('list')
    .description('those that nobody has dealt with, the oldest first')
    .option('--closed', 'those too that somebody has', false)
    .action(async ({ closed }: { closed: boolean }, command: Command) =>
      run('answers list', command, async ({ services }) => {
        const { everything } = await import('../../../lambdas/domain/access/caller.ts')
        const { answersFor } = await import('../../../lambdas/usecases/answers.ts')
        const { plainTable } = await import('../tables.ts')
        const found = await answersFor(everything, { closed }, services)
        return {
          value: found,
          lines: plainTable(
            ['Answer', 'Report', 'About', 'Reader', 'Text', ...(closed ? ['Closed'] : [])],
            found.map(({ id, delivery, kind, reader, text, closed: end }) => [
              ...[id, `${delivery.territory} ${delivery.period} v${delivery.version}`, kind],
              ...[reader?.address ?? 'removed', harmless(text)],
              ...(closed ? [end ? `by ${end.by}: ${harmless(end.reason)}` : ''] : []),
            ]),
          ),
        }
      }),
    )
  answers
    .command('close')
    .description('say that it is dealt with')
    .argument('<id>', 'as vigie answers list names it')
    .requiredOption('--by <name>', 'who dealt with it', notEmpty('--by', 'say who dealt with it'))
    .requiredOption('--reason <text>', 'how', notEmpty('--reason', 'say how it was dealt with'))
    .action(async (id: string, { by, reason }: { by: string; reason: string }, command: Command) =>
      run('answers close', command, async ({ services }) => {
        const { closeAnswer } = await import('../../../lambdas/usecases/answers.ts')
        const closed = await closeAnswer(id, { by, reason }, services)
        if (!closed) throw new Error(`there is no open answer ${JSON.stringify(id)}: vigie answers list names them`)
        return { value: closed, lines: [`${id} is closed by ${by}: ${reason}`] }
      }),
    )
}
