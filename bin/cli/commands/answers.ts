/** `vigie answers`: what readers answered by the links of their mails. */
import { harmless } from '../../../lambdas/domain/core/text/harmless.ts'
import type { ShownAnswer } from '../../../lambdas/usecases/answers.ts'
import { command, group } from '../table.ts'
import { type Columns, tableOf } from '../tables.ts'
import { argument, flag, option } from '../words.ts'

const columns: Columns<ShownAnswer> = {
  Answer: ({ id }) => id,
  Report: ({ delivery: { territory, period, version } }) => `${territory} ${period} v${version}`,
  About: ({ kind }) => kind,
  Reader: ({ reader }) => reader?.address ?? 'removed',
  Text: ({ text }) => harmless(text),
}

export const answerCommands = [
  group('answers', 'what readers answered by the links of their mails'),
  command('answers list', {
    description: 'those that nobody has dealt with, the oldest first',
    takes: { closed: flag('--closed', 'those too that somebody has') },
    run: async ({ closed }, { services, caller }) => {
      const { answersFor } = await import('../../../lambdas/usecases/answers.ts')
      const value = await answersFor(caller, { closed }, services)
      const end: Columns<ShownAnswer> = {
        Closed: (one) => one.closed && `by ${one.closed.by}: ${harmless(one.closed.reason)}`,
      }
      return { value, lines: tableOf(value, closed ? { ...columns, ...end } : columns) }
    },
  }),
  command('answers close', {
    description: 'say that it is dealt with',
    takes: {
      id: argument('<id>', 'as vigie answers list names it'),
      by: option('--by <name>', 'who dealt with it').filled('say who dealt with it').needed(),
      reason: option('--reason <text>', 'how').filled('say how it was dealt with').needed(),
    },
    run: async ({ id, by, reason }, { services }) => {
      const { closeAnswer } = await import('../../../lambdas/usecases/answers.ts')
      const closed = await closeAnswer(id, { by, reason }, services)
      if (!closed) throw new Error(`there is no open answer ${JSON.stringify(id)}: vigie answers list names them`)
      return { value: closed, lines: [`${id} is closed by ${by}: ${reason}`] }
    },
  }),
]
