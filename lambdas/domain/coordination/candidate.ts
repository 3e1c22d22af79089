import { notGiven, type Total } from '../core/figures.ts'
import type { Marking } from '../core/marking.ts'
import type { TerritoryCode } from '../core/place/territory.ts'
import { type LocalInterval, localInterval, type Observed, periodFit } from '../core/time/observed.ts'
import type { Bounds } from '../core/time/period.ts'
import type { Detection } from '../detection/detection.ts'

/** Natural logarithms; copied texts have none. */
export type Strength = {
  readonly evidence: number
  /** Beyond it, the group is reported. */
  readonly threshold: number
  /** Things pushed together. */
  readonly pushes: number
  /** Without it, the group may be one newsroom, feed or fan club. */
  readonly isSourceKnown: boolean
}

/** Two accounts, and how many things they share together. */
export type TiedPair = readonly [account: string, other: string, things: number]

/** Its name has the kind first: `url a.example/b`, `repost 17`. */
export type SharedObject = { readonly name: string; readonly accounts: number }

/** Has no accounts and no text. */
export type CandidateLine = {
  readonly revision: number
  /** ISO instants between which it waited for an analyst. */
  readonly foundAt: string
  readonly settledAt?: string
  readonly territories: readonly TerritoryCode[]
  readonly kind: Detection['kind']
  readonly observed: Observed
  readonly posts: Total
  readonly accounts: Total
  readonly strength?: Strength
  readonly marking: Marking
  /** Signed and counted, but no longer found. */
  readonly isLost?: boolean
}

export type WaitingCandidate = Omit<CandidateLine, 'foundAt' | 'settledAt' | 'territories' | 'isLost'> & {
  readonly id: string
}

export type CandidateSince = WaitingCandidate & Pick<CandidateLine, 'foundAt' | 'isLost'>

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

export const settled = (lines: readonly CandidateLine[], at: string): readonly CandidateLine[] =>
  lines.map((line) => (line.settledAt === undefined ? { ...line, settledAt: at } : line))

export const waitingAt = (
  id: string,
  lines: readonly CandidateLine[],
  { territory, asOf }: { readonly territory: TerritoryCode; readonly asOf: string },
): CandidateSince | undefined => {
  const line = lines.find(({ foundAt, settledAt = '~' }) => foundAt <= asOf && asOf < settledAt)
  if (!line?.territories.includes(territory)) return undefined
  const { settledAt: _, territories: __, ...candidate } = line
  return { id, ...candidate }
}

export const isOfPeriod = ({ observed }: Pick<WaitingCandidate, 'observed'>, bounds: Bounds, zone: string): boolean => {
  const interval: LocalInterval = localInterval(observed, zone)
  return periodFit(interval, bounds) === 'counted'
}
