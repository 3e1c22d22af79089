import { type Caller, mayDo } from '../access/caller.ts'
import { fitsUnder, type Marking } from '../core/marking.ts'
import type { SubjectCode } from '../core/place/territory.ts'
import { type Recipient, territoriesOf } from './recipient.ts'

/** Highest clearance that may be given without the right to raise clearances. */
const freelyGiven: Marking = 'TLP:GREEN'

/** Never above the caller's clearance. Undefined without the right to edit recipients. */
export const mayClearUpTo = (caller: Caller): Marking | undefined => {
  if (!mayDo(caller, 'recipients:write')) return undefined
  if (mayDo(caller, 'clearances:write') || fitsUnder(caller.clearance, freelyGiven)) return caller.clearance
  return freelyGiven
}

export type Reading = Pick<Recipient, 'clearance' | 'territories' | 'state'>

/** A pending recipient will have access after confirming. */
const placesOf = ({ state, territories }: Reading): ReadonlySet<SubjectCode> =>
  state === 'active' || state === 'pending' ? territoriesOf(territories) : new Set()

const isOwn = ({ territories }: Caller, code: SubjectCode): boolean => territories.some((own) => own === code)

/** Shows an editor recipients with access to at least one of the editor's territories. */
export const mayKnowRecipient = (caller: Caller, { territories }: Pick<Reading, 'territories'>): boolean =>
  mayDo(caller, 'recipients:write') && [...territoriesOf(territories)].some((code) => isOwn(caller, code))

/** Editors may not change recipients with access to other territories. */
export const mayChangeRecipient = (caller: Caller, reading: Pick<Reading, 'territories'>): boolean =>
  mayKnowRecipient(caller, reading) && [...territoriesOf(reading.territories)].every((code) => isOwn(caller, code))

/** Returns why a change is refused: it adds access that the caller may not give. Removing access is always allowed. */
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
