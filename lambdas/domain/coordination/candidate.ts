/**
 * What is known of a candidate besides its detection: how strong it is, and what reports list of it while it waits for
 * a person.
 */
import { notGiven, type Total } from '../core/figures.ts'
import type { Marking } from '../core/marking.ts'
import type { TerritoryCode } from '../core/place/territory.ts'
import { type LocalInterval, localInterval, type Observed, periodFit } from '../core/time/observed.ts'
import type { Bounds } from '../core/time/period.ts'
import type { Detection } from '../detection/detection.ts'

/** Of a group that shared together. Copied texts are compared with each other, and not with chance. */
export type Strength = {
  /** The sum over its pairs of what they shared beyond the first. */
  readonly score: number
  readonly pairs: number
  readonly reshuffles: number
  /** Of these, those with a group as strong. */
  readonly timesByChance: number
}

/**
 * Something that accounts of a group shared together: its kind and name, such as `url a.example/b`, `hashtag kanaky` or
 * `repost 17`.
 */
export type SharedObject = { readonly name: string; readonly accounts: number }

/** One revision of a candidate: what a report lists of it, no account and no text. */
export type CandidateLine = {
  readonly revision: number
  /** ISO instants: it waited for a person from the first to the last; until now where that is left out. */
  readonly foundAt: string
  readonly settledAt?: string
  readonly territories: readonly TerritoryCode[]
  readonly kind: Detection['kind']
  readonly observed: Observed
  readonly posts: Total
  readonly accounts: Total
  readonly strength?: Strength
  readonly marking: Marking
}

export type WaitingCandidate = Omit<CandidateLine, 'foundAt' | 'settledAt' | 'territories'> & { readonly id: string }

export const lineOf = (
  { kind, observed, territories, counts, marking }: Detection,
  { revision, foundAt, strength }: Pick<CandidateLine, 'revision' | 'foundAt' | 'strength'>,
): CandidateLine => ({
  ...{ revision, foundAt, kind, observed, marking },
  territories: territories.map(({ code }) => code),
  posts: counts.posts ?? notGiven,
  accounts: counts.accounts ?? notGiven,
  ...(strength && { strength }),
})

/** The lines once a person, or a later run, has settled the one that waits. */
export const settled = (lines: readonly CandidateLine[], at: string): readonly CandidateLine[] =>
  lines.map((line) => (line.settledAt === undefined ? { ...line, settledAt: at } : line))

/** What waited for a person in a territory at an instant; undefined where nothing of the candidate did. */
export const waitingAt = (
  id: string,
  lines: readonly CandidateLine[],
  { territory, asOf }: { readonly territory: TerritoryCode; readonly asOf: string },
): WaitingCandidate | undefined => {
  const line = lines.find(({ foundAt, settledAt = '~' }) => foundAt <= asOf && asOf < settledAt)
  if (!line?.territories.includes(territory)) return undefined
  const { foundAt: _, settledAt: __, territories: ___, ...candidate } = line
  return { id, ...candidate }
}

/** Whether a period holds when it was first observed. */
export const isOfPeriod = ({ observed }: Pick<WaitingCandidate, 'observed'>, bounds: Bounds, zone: string): boolean => {
  const interval: LocalInterval = localInterval(observed, zone)
  return periodFit(interval, bounds) === 'counted'
}
