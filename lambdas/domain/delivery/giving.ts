/** What somebody may let others read, by putting them on the list of recipients. */
import { type Caller, mayDo } from '../access/caller.ts'
import { fitsUnder, type Marking } from '../core/marking.ts'
import type { SubjectCode } from '../core/place/territory.ts'
import { type Recipient, territoriesOf } from './recipient.ts'

/** Up to here a clearance is given without the right to raise clearances. */
const freelyGiven: Marking = 'TLP:GREEN'

/** Up to which marking somebody may clear others: never above himself. Undefined for who keeps no list. */
export const mayClearUpTo = (caller: Caller): Marking | undefined => {
  if (!mayDo(caller, 'recipients:write')) return undefined
  if (mayDo(caller, 'clearances:write') || fitsUnder(caller.clearance, freelyGiven)) return caller.clearance
  return freelyGiven
}

/** What of a recipient decides what it may read. */
export type Reading = Pick<Recipient, 'clearance' | 'territories' | 'state'>

/** Who was asked to confirm reads once he has. */
const placesOf = ({ state, territories }: Reading): ReadonlySet<SubjectCode> =>
  state === 'active' || state === 'pending' ? territoriesOf(territories) : new Set()

const isOwn = ({ territories }: Caller, code: SubjectCode): boolean => territories.some((own) => own === code)

/** Recipients who may read something of one's own territories are shown to who keeps the list. */
export const mayKnowRecipient = (caller: Caller, { territories }: Pick<Reading, 'territories'>): boolean =>
  mayDo(caller, 'recipients:write') && [...territoriesOf(territories)].some((code) => isOwn(caller, code))

/** Those who read of others' territories too are in others' hands. */
export const mayChangeRecipient = (caller: Caller, reading: Pick<Reading, 'territories'>): boolean =>
  mayKnowRecipient(caller, reading) && [...territoriesOf(reading.territories)].every((code) => isOwn(caller, code))

/**
 * What stands against a change: more would be readable than before, above the clearance that one may give, or outside
 * one's own territories. What lets somebody read no more than before takes nothing.
 */
export const givenBeyond = (
  caller: Caller,
  before: Reading | undefined,
  after: Reading,
): readonly ('clearance' | 'territories')[] => {
  const had = before ? placesOf(before) : new Set<SubjectCode>()
  const isRaised = !before || !fitsUnder(after.clearance, before.clearance)
  const widened = [...placesOf(after)].filter((code) => isRaised || !had.has(code))
  if (widened.length === 0) return []
  const upTo = mayClearUpTo(caller)
  return [
    ...(upTo && fitsUnder(after.clearance, upTo) ? [] : ['clearance' as const]),
    ...(widened.every((code) => isOwn(caller, code)) ? [] : ['territories' as const]),
  ]
}
