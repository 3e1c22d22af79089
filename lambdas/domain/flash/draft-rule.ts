import { ownAccounts } from '../aggregate/counting/accounts.ts'
import { isEstimate } from '../core/figures.ts'
import { fitsUnder, type Marking, usualCap } from '../core/marking.ts'
import type { Detection } from '../detection/detection.ts'
import { type Draft, draftReasons, type DraftReason, type DraftRule } from './draft-schema.ts'

export const reasonsFor = (
  detection: Pick<
    Detection,
    'kind' | 'breakout' | 'observedEffect' | 'accountSet' | 'counts' | 'accountRefs' | 'coordinatedAccountRefs'
  >,
  { breakout, effect, sets }: DraftRule,
): readonly DraftReason[] => {
  const holds: Readonly<Record<DraftReason, boolean>> = {
    breakout: (detection.breakout?.category ?? 0) >= breakout && !harmlessBasis.has(detection.breakout?.basis),
    effect: effect && detection.observedEffect?.state === 'observed',
    'account set': tookPart(detection, sets),
  }
  return draftReasons.filter((reason) => holds[reason])
}

/** As for the level, a denial or a debunk is no reason. */
const harmlessBasis: ReadonlySet<string | undefined> = new Set(['debunked', 'answered'])

/** Ignores estimates and sizes of 0. */
const tookPart = (detection: Parameters<typeof reasonsFor>[0], sets: DraftRule['sets']): boolean => {
  const { id, size } = detection.accountSet ?? {}
  const followed = sets.find((one) => one.id === id)
  if (!followed || size?.qualifier !== 'exact' || size.value === 0) return false
  const part = ownAccounts(detection as Detection, 'coordinatedAccounts')
  return part.value !== null && !isEstimate(part) && part.value * 100 >= followed.share * size.value
}

const hour = 3_600_000

/** Milliseconds after the detection was first stored. */
export const draftWindowMs = 48 * hour

/** Returns the usual cap, or the detection's marking if that is stricter. */
export const draftCap = (marking: Marking): Marking => (fitsUnder(marking, usualCap) ? usualCap : marking)

/** A version of the note; without `draft` an analyst requested it. */
export type MadeBefore = { readonly draft?: Draft | undefined; readonly isRecalled: boolean }

/** Allows one draft per revision, none after an analyst made or refused a note. */
export const mayDraft = (made: readonly MadeBefore[], revision: number): boolean =>
  made.every(({ draft, isRecalled }) => draft !== undefined && !isRecalled && draft.revision < revision)
