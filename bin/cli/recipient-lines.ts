/** Recipients as the command line prints them. */
import { eachTerritory, type Recipient, unreadableIn } from '../../lambdas/domain/delivery/recipient.ts'

export const recipientColumns = [
  'Id',
  'Address',
  'Name',
  'Language',
  'Territories',
  'Editions',
  'Cadences',
  'Clearance',
  'Form',
  'Quiet',
  'Mails',
  'State',
] as const

export const recipientCells = (one: Recipient): readonly string[] => [
  one.id,
  one.address,
  [one.name, one.organisation].filter(Boolean).join(', ') || '–',
  one.language,
  one.territories.join(' '),
  editionsText(one),
  one.cadences.join(' '),
  one.clearance,
  one.form,
  one.quiet,
  one.digest ? 'digest' : 'each',
  one.reason ? `${one.state}: ${one.reason}` : one.state,
]

/** One in short. */
export const recipientLine = (one: Recipient): string => {
  const { id, address, territories, editions, clearance, state, reason } = one
  const mailed = [...(editions ? [`editions ${editionsText(one)}`] : []), ...(one.digest ? ['in one digest'] : [])]
  return [id, address, territories.join(' '), ...mailed, clearance, reason ? `${state}: ${reason}` : state].join('  ')
}

/** What is mailed; and what is not, though it was asked for, since its reader may not read all of it. */
const editionsText = (one: Recipient): string =>
  (one.editions ?? [eachTerritory])
    .map((edition) => {
      const unreadable = edition === eachTerritory ? [] : unreadableIn(one, edition)
      return unreadable.length === 0 ? edition : `${edition} (not mailed: may not read ${unreadable.join(', ')})`
    })
    .join(' ')
