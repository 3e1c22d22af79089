import { reasonText } from '../../../lambdas/domain/core/fault-text.ts'
import { eachTerritory, type Recipient, unreadableIn } from '../../../lambdas/domain/delivery/recipient.ts'
import type { Columns } from './tables.ts'

export const recipientColumns: Columns<Recipient> = {
  Id: ({ id }) => id,
  Address: ({ address }) => address,
  Name: ({ name, organisation }) => [name, organisation].filter(Boolean).join(', ') || '–',
  Language: ({ language }) => language,
  Territories: ({ territories }) => territories.join(' '),
  Editions: (one) => editionsText(one),
  Cadences: ({ cadences }) => cadences.join(' '),
  Clearance: ({ clearance }) => clearance,
  Form: ({ form }) => form,
  Quiet: ({ quiet }) => quiet,
  Mails: ({ digest }) => (digest ? 'digest' : 'each'),
  State: (one) => stateText(one),
}

const stateText = ({ state, reason }: Recipient): string => (reason ? `${state}: ${reasonText(reason)}` : state)

export const recipientLine = (one: Recipient): string => {
  const { id, address, territories, editions, clearance } = one
  const mailed = [...(editions ? [`editions ${editionsText(one)}`] : []), ...(one.digest ? ['in one digest'] : [])]
  return [id, address, territories.join(' '), ...mailed, clearance, stateText(one)].join('  ')
}

/** Marks editions that the recipient may not read in full. */
const editionsText = (one: Recipient): string =>
  (one.editions ?? [eachTerritory])
    .map((edition) => {
      const unreadable = edition === eachTerritory ? [] : unreadableIn(one, edition)
      return unreadable.length === 0 ? edition : `${edition} (not mailed: may not read ${unreadable.join(', ')})`
    })
    .join(' ')
