/** `vigie history`: who changed what of what is stored, when and why. */
import { type Command, InvalidArgumentError } from 'commander'
import { run } from '../run.ts'

const most = 1_000

export const historyCommand = (vigie: Command): void => {
  vigie
    .command('history')
    .description('who added, placed, corrected, withdrew or undid what, when and why; the newest first')
    .option('--limit <n>', `so many at most, to ${most}`, limitOf, 50)
    .action(async ({ limit }: { limit: number }, command: Command) =>
      run('history', command, async ({ services }) => {
        const { everything } = await import('../../../lambdas/domain/access/caller.ts')
        const { historyFor } = await import('../../../lambdas/usecases/todo/history.ts')
        const { plainTable, utcMinute } = await import('../tables.ts')
        const addresses = new Map(
          await Array.fromAsync(services.recipients.all(), ({ id, address }) => [id, address] as const),
        )
        const done = await historyFor(everything, { most: limit, sender: everything.who }, services)
        return {
          value: done,
          lines: plainTable(
            ['At', 'By', 'Did', 'To', 'Why'],
            done.map(({ at, by, did, id, of, what = [], reason = '' }) => [
              utcMinute(at),
              by,
              [did, what.join(' ')].filter(Boolean).join(' '),
              (of === 'recipient' ? addresses.get(id) : undefined) ?? id,
              reason,
            ]),
          ),
        }
      }),
    )
}

function limitOf(written: string): number {
  const limit = Number(written)
  if (/^\d{1,4}$/.test(written) && limit >= 1 && limit <= most) return limit
  throw new InvalidArgumentError(`it is a whole number from 1 to ${most}.`)
}
