/** `vigie forget`. */
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { command } from '../table.ts'
import { say } from '../terminal.ts'
import { argument, flag } from '../words.ts'

export const forgetCommands = [
  command('forget', {
    description: 'take an account out of all that is stored, or what has passed its time (docs/personal-data.md)',
    takes: {
      account: argument('[account]', 'its name, with or without @, or its pseudonym acct-…'),
      expired: flag('--expired', 'take out what has passed its time; a stage does so by itself'),
      noted: flag('--noted', 'list when accounts were taken out'),
    },
    check: (asked, self) => {
      const { account, expired, noted } = asked
      if ([account !== undefined, expired, noted].filter(Boolean).length !== 1)
        self.error('error: name one account, or say --expired or --noted')
      if (account?.trim() === '') self.error('error: an empty name names no account')
      return asked
    },
    run: async ({ account, noted }, { services, pseudonyms }) => {
      const { forgetting, clock } = services
      if (noted) {
        const value = await forgetting.noted()
        const outcome = (items: number) => (items === 0 ? 'cut off: forget it again' : plural(items, 'item'))
        return { value, lines: value.map(({ at, items }) => `${at}  ${outcome(items)}`) }
      }
      if (account === undefined) {
        const value = { expired: await forgetting.expire(clock()) }
        return { value, lines: [`${plural(value.expired, 'item')} had passed the time`] }
      }
      const { forgetAccount } = await import('../../../lambdas/usecases/ingest/forget-account.ts')
      const { pseudonym, made, source } = await pseudonyms()
      if (made) say(`the key for pseudonyms was made just now (${source}): accounts of before stand under another one`)
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
    },
  }),
]
