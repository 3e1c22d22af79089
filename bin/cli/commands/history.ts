/** `vigie history`: who changed what of what is stored, when and why. */
import { limitOf } from '../arguments.ts'
import { command } from '../table.ts'
import { tableOf, utcMinute } from '../tables.ts'
import { option } from '../words.ts'

export const historyCommands = [
  command('history', {
    description: 'who added, placed, corrected, withdrew or undid what, when and why; the newest first',
    takes: { most: option('--limit <n>', 'so many at most, to 1000').parsed(limitOf).or(50) },
    run: async ({ most }, { services, caller }) => {
      const { historyFor } = await import('../../../lambdas/usecases/todo/history.ts')
      const recipients = await Array.fromAsync(services.recipients.all(), ({ id, address }) => [id, address] as const)
      const addresses = new Map(recipients)
      const value = await historyFor(caller, { most, sender: caller.who }, services)
      return {
        value,
        lines: tableOf(value, {
          At: ({ at }) => utcMinute(at),
          By: ({ by }) => by,
          Did: ({ did, what = [] }) => [did, what.join(' ')].filter(Boolean).join(' '),
          To: ({ id, of }) => (of === 'recipient' ? addresses.get(id) : undefined) ?? id,
          Why: ({ reason }) => reason,
        }),
      }
    },
  }),
]
