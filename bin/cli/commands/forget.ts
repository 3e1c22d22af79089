/** `vigie forget`. */
import type { Command } from 'commander'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { run } from '../run.ts'
import { say } from '../terminal.ts'

export const forgetCommand = (vigie: Command): void => {
  vigie
    .command('forget')
    .description('take an account out of all that is stored, or what has passed its time (docs/personal-data.md)')
    .argument('[account]', 'its name, with or without @, or its pseudonym acct-…')
    .option('--expired', 'take out what has passed its time; a stage does so by itself', false)
    .option('--noted', 'list when accounts were taken out', false)
    .action(async (account: string | undefined, { expired, noted }: ForgetWords, command: Command) => {
      if ([account !== undefined, expired, noted].filter(Boolean).length !== 1)
        command.error('error: name one account, or say --expired or --noted')
      if (account?.trim() === '') command.error('error: an empty name names no account')
      await run('forget', command, async ({ services, pseudonyms }) => {
        const { forgetting, clock } = services
        if (noted) {
          const value = await forgetting.noted()
          return {
            value,
            lines: value.map(
              ({ at, items }) => `${at}  ${items === 0 ? 'cut off: forget it again' : plural(items, 'item')}`,
            ),
          }
        }
        if (account === undefined) {
          const value = { expired: await forgetting.expire(clock()) }
          return { value, lines: [`${plural(value.expired, 'item')} had passed the time`] }
        }
        const { forgetAccount } = await import('../../../lambdas/usecases/ingest/forget-account.ts')
        const { pseudonym, made, source } = await pseudonyms()
        if (made)
          say(`the key for pseudonyms was made just now (${source}): accounts of before stand under another one`)
        const value = await forgetAccount(account, { forgetting, pseudonym, clock })
        return {
          value,
          lines: [
            value.items === 0
              ? 'nothing that is stored names it'
              : `it stood in ${plural(value.items, 'item')} (${plural(value.rejects, 'reject')}), and stands in none now`,
            'versions in the archive stay as they are: they hold pseudonyms, which lead to nobody without the key',
          ],
        }
      })
    })
}

type ForgetWords = { readonly expired: boolean; readonly noted: boolean }
