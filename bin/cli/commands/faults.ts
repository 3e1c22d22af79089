import { InvalidArgumentError } from 'commander'
import { tableOf } from '../output/tables.ts'
import { printOutcome } from '../run.ts'
import { bare } from '../table.ts'
import { argument } from '../words.ts'

export const faultsCommands = [
  bare('faults', {
    description: 'list the codes of refusals and notes with their texts in English and French',
    takes: { code: argument('[code]', 'one code, or the start of several, such as candidate.') },
    after: "\nValues are in braces, in ICU's message format.",
    act: async ({ code = '' }, self) => {
      const { default: english } = await import('../../../templates/messages/faults.en.json', {
        with: { type: 'json' },
      })
      const { default: french } = await import('../../../templates/messages/faults.fr.json', { with: { type: 'json' } })
      const value = Object.entries(english)
        .filter(([one]) => one.startsWith(code))
        .map(([one, en]) => ({ code: one, en, fr: french[one as keyof typeof french] }))
      if (value.length === 0) throw new InvalidArgumentError(`no code begins with ${code}: vigie faults lists all`)
      printOutcome('faults', self, {
        value,
        lines: tableOf(value, { Code: (one) => one.code, English: ({ en }) => en, French: ({ fr }) => fr }),
      })
    },
  }),
]
