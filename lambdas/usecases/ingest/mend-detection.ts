/** A person places, corrects or withdraws a detection: tried first, and written only over the revision that he saw. */
import { type Caller, isUnder } from '../../domain/access/caller.ts'
import type { TerritoryCode } from '../../domain/core/territory.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { changedBetween, type PlaceExplained, placesExplained } from '../../domain/looking/explanation.ts'
import { ChangedSinceError } from '../../store/detections/by-hand.ts'
import type { Deed } from '../../store/history.ts'
import { type Desk, limitOf } from '../desk.ts'
import type { IntakeServices } from '../services.ts'
import { CorrectionError, correctDetection } from './correct-detection.ts'

export type Mend =
  | { readonly does: 'place'; readonly territories: readonly TerritoryCode[] }
  | { readonly does: 'correct'; readonly cells: Readonly<Record<string, string>> }
  | { readonly does: 'withdraw' }

export type MendAsked = {
  readonly id: string
  /** That it was drawn from. */
  readonly revision: number
  readonly by: string
  readonly reason: string
  readonly mend: Mend
}

/** What would change; `after` is missing of what would be withdrawn. */
export type MendEffect = {
  readonly before: Detection
  readonly after?: Detection
  readonly changed: readonly string[]
  readonly places: { readonly before: readonly PlaceExplained[]; readonly after: readonly PlaceExplained[] }
}

/** *changed*: another revision stands. *beyond*: it would lie above or outside what the person may know. *waits*: for another person's decision. */
export type NotMended =
  | { readonly fault: 'changed' | 'beyond' | 'waits' | 'same' }
  | { readonly fault: 'words'; readonly message: string }

/** What would change, on a table that is gone afterwards. */
export const tryMend = async (asked: MendAsked, caller: Caller, desk: Desk): Promise<MendEffect | NotMended> => {
  const trial = desk.trial(limitOf(caller))
  const before = (await trial.detections.stored([asked.id])).get(asked.id)
  if (!before || before.revision !== asked.revision) return { fault: 'changed' }
  const body = await before.body()
  const failed = await carriedOut(asked, caller, trial, desk)
  if (failed) return failed
  const stands = (await trial.detections.stored([asked.id])).get(asked.id)
  const after = stands?.status === 'active' ? await stands.body() : undefined
  if (after && !isUnder(caller, after)) return { fault: 'beyond' }
  return {
    before: body,
    ...(after && { after }),
    changed: after ? changedBetween(body, after) : [],
    places: { before: placesExplained(body), after: after ? placesExplained(after) : [] },
  }
}

/** Does it, and writes down who did so and why. Undefined where it is done. */
export const mend = async (asked: MendAsked, caller: Caller, desk: Desk): Promise<NotMended | undefined> => {
  const tried = await tryMend(asked, caller, desk)
  if ('fault' in tried) return tried
  const failed = await carriedOut(asked, caller, desk.services, desk)
  if (failed) return failed
  await desk.services.history.add(deedOf(asked, tried, desk.services.clock()))
  return undefined
}

const dones = { place: 'placed', correct: 'corrected', withdraw: 'withdrawn' } as const

const deedOf = ({ id, by, reason, mend: { does } }: MendAsked, { after, changed }: MendEffect, now: Date): Deed => ({
  at: now.toISOString(),
  did: dones[does],
  by,
  id,
  of: 'detection',
  ...(reason !== '' && { reason }),
  ...(does === 'correct' && { what: changed }),
  ...(does === 'place' && { what: (after?.territories ?? []).map(({ code }) => code) }),
})

const carriedOut = async (
  { id, revision, by, reason, mend: wanted }: MendAsked,
  caller: Caller,
  services: IntakeServices,
  { intake }: Desk,
): Promise<NotMended | undefined> => {
  const { detections, clock } = services
  try {
    switch (wanted.does) {
      case 'place': {
        const places = wanted.territories.map((code) => ({ code, method: 'analyst' as const, by }))
        await detections.assignTerritories(id, places, clock(), revision)
        return undefined
      }
      case 'withdraw': {
        const isNew = await detections.withdraw(id, reason, clock(), revision)
        return isNew ? undefined : { fault: 'same' }
      }
      case 'correct': {
        const pseudonym = await (await intake()).pseudonyms()
        // A person decides here, of what he may know: that it is the revision that he saw is held by `seen`.
        const sender = { name: caller.who, byOperator: true, seen: revision }
        const { outcome } = await correctDetection({ id, cells: wanted.cells, by, reason, sender, pseudonym }, services)
        if (outcome === 'contested') return { fault: 'waits' }
        return outcome === 'duplicate' ? { fault: 'same' } : undefined
      }
    }
  } catch (error) {
    if (error instanceof ChangedSinceError) return { fault: 'changed' }
    if (error instanceof CorrectionError) return { fault: 'words', message: error.message }
    throw error
  }
}
