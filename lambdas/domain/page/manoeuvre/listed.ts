import { wideBreakout } from '../../aggregate/counting/gravity.ts'
import type { Entry, Facts } from '../../report/facts.ts'

/** Of more, only the gravest few are described in full. */
export const maxDetailed = 5

export const isMany = ({ manoeuvres, unlisted }: Pick<Facts, 'manoeuvres' | 'unlisted'>): boolean =>
  manoeuvres.length + unlisted.manoeuvres > maxDetailed

/**
 * Returns whether the manoeuvre or a part had an observed effect or a wide breakout: it then always gets a card or a
 * row.
 */
export const isGrave = (entry: Entry): boolean =>
  [entry, ...entry.parts].some(
    ({ observedEffect, breakout }) => observedEffect?.state === 'observed' || (breakout?.category ?? 0) >= wideBreakout,
  )

type Listed = {
  readonly entry: Entry
  readonly isPart: boolean
  readonly countStatus: 'counted' | 'ongoing' | 'undated'
}

export const listedIn = (facts: Pick<Facts, 'manoeuvres' | 'ongoing' | 'undatedHere'>): readonly Listed[] => [
  ...facts.manoeuvres.flatMap((entry): Listed[] => [
    { entry, isPart: false, countStatus: 'counted' },
    ...entry.parts.map((part): Listed => ({ entry: part, isPart: true, countStatus: 'counted' })),
  ]),
  ...facts.ongoing.map((entry): Listed => ({ entry, isPart: false, countStatus: 'ongoing' })),
  ...facts.undatedHere.map((entry): Listed => ({ entry, isPart: false, countStatus: 'undated' })),
]
