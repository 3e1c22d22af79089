/**
 * When a flash note is drafted without a person: a rule of the house, over what one detection says. A person approves
 * it all the same.
 */
import { ownAccounts } from '../aggregate/counting/accounts.ts'
import { isEstimate } from '../core/figures.ts'
import { fitsUnder, type Marking, usualCap } from '../core/marking.ts'
import type { Detection } from '../detection/detection.ts'
import { type Draft, draftReasons, type DraftReason, type DraftRule } from './draft-schema.ts'

/** Why the rule wants a note about it; nothing where it does not. */
export const reasonsFor = (
  detection: Pick<
    Detection,
    'kind' | 'breakout' | 'observedEffect' | 'accountSet' | 'counts' | 'accountRefs' | 'coordinatedAccountRefs'
  >,
  { breakout, effect, sets }: DraftRule,
): readonly DraftReason[] => {
  const holds: Readonly<Record<DraftReason, boolean>> = {
    breakout: (detection.breakout?.category ?? 0) >= breakout,
    effect: effect && detection.observedEffect?.state === 'observed',
    'account set': tookPart(detection, sets),
  }
  return draftReasons.filter((reason) => holds[reason])
}

/** An estimate is no ground, and neither is a size that is none. */
const tookPart = (detection: Parameters<typeof reasonsFor>[0], sets: DraftRule['sets']): boolean => {
  const { id, size } = detection.accountSet ?? {}
  const followed = sets.find((one) => one.id === id)
  if (!followed || size?.qualifier !== 'exact' || size.value === 0) return false
  const part = ownAccounts(detection as Detection, 'coordinatedAccounts')
  return part.value !== null && !isEstimate(part) && part.value * 100 >= followed.share * size.value
}

const hour = 3_600_000

/** A draft is made so long after its detection was first stored, and no later. Milliseconds. */
export const draftWindowMs = 48 * hour

/** The edition of a draft: the usual one, or where that does not show the detection the one of its marking. */
export const draftCap = (marking: Marking): Marking => (fitsUnder(marking, usualCap) ? usualCap : marking)

/** A version of a note about a detection, of the draft's edition; without a draft a person had it made. */
export type MadeBefore = { readonly draft?: Draft | undefined; readonly isRecalled: boolean }

/** One draft for each revision; none where a person made a note or refused one. */
export const mayDraft = (made: readonly MadeBefore[], revision: number): boolean =>
  made.every(({ draft, isRecalled }) => draft !== undefined && !isRecalled && draft.revision < revision)
