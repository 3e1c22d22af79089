/** The detections that a report lists, in its order. */
import { wideBreakout } from '../../aggregate/counting/gravity.ts'
import type { Entry, Facts } from '../../report/facts.ts'

/** Up to so many manoeuvres are all told in full; of more, the gravest few are. */
export const maxDetailed = 5

/** Whether not all manoeuvres are told in full: then a page is short of room. */
export const isMany = ({ manoeuvres, unlisted }: Pick<Facts, 'manoeuvres' | 'unlisted'>): boolean =>
  manoeuvres.length + unlisted.manoeuvres > maxDetailed

/** Something came of it or of a part, or others than its authors spread it: it is told or has a row. */
export const isGrave = (entry: Entry): boolean =>
  [entry, ...entry.parts].some(
    ({ observedEffect, breakout }) => observedEffect?.state === 'observed' || (breakout?.category ?? 0) >= wideBreakout,
  )

type Listed = {
  readonly entry: Entry
  readonly isPart: boolean
  readonly countStatus: 'counted' | 'ongoing' | 'undated'
}

/** The weightiest manoeuvres first, each with its parts, then what goes on and what is undated here. */
export const listedIn = (facts: Pick<Facts, 'manoeuvres' | 'ongoing' | 'undatedHere'>): readonly Listed[] => [
  ...facts.manoeuvres.flatMap((entry): Listed[] => [
    { entry, isPart: false, countStatus: 'counted' },
    ...entry.parts.map((part): Listed => ({ entry: part, isPart: true, countStatus: 'counted' })),
  ]),
  ...facts.ongoing.map((entry): Listed => ({ entry, isPart: false, countStatus: 'ongoing' })),
  ...facts.undatedHere.map((entry): Listed => ({ entry, isPart: false, countStatus: 'undated' })),
]
