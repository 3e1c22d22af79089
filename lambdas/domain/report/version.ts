import { maximum } from '../core/lists.ts'
import { isFarAhead, isHeld } from '../core/time/instants.ts'

/** Silence after which another run takes over a version, in milliseconds. */
export const makingLeaseMs = 120_000

/** Instants are ISO 8601 in UTC with milliseconds. */
export type KnownVersion = {
  readonly version: number
  /** `held`: archived, but failed the publish gate; answers no request. */
  readonly state: 'claimed' | 'published' | 'held' | 'abandoned'
  readonly snapshotSha256: string
  readonly asOf: string
  readonly leaseUntil: string
  readonly owner?: string
  /** It stays in the chain of versions but answers no request. */
  readonly recalled?: unknown
}

type VersionRequest = {
  readonly snapshotSha256: string
  readonly asOf: string
  readonly now: string
  /** Detects dead makers, to avoid waiting for their lease to end. */
  readonly isDead?: ((owner: string) => boolean) | undefined
}

type VersionDecision<Known extends KnownVersion> =
  | { readonly kind: 'stands'; readonly entry: Known }
  | NextVersion<Known>

type NextVersion<Known extends KnownVersion> =
  /** Another run is making it: check again. */
  | { readonly kind: 'wait'; readonly entry: Known }
  /** A maker with the same snapshot died: continue its work with its as-of instant. */
  | { readonly kind: 'resume'; readonly entry: Known; readonly previous: Known | undefined }
  | {
      readonly kind: 'make'
      readonly version: number
      readonly previous: Known | undefined
      /** Its as-of instant precedes a published version's. */
      readonly reconstructed: boolean
      /** Claims whose makers died over another snapshot. */
      readonly abandon: readonly Known[]
      /** A recalled version with the same content: nothing was fixed since. */
      readonly recalled: Known | undefined
    }

/**
 * Corrects versions made by a clock that ran ahead: their as-of instant is in the future while all stored data (up to
 * `latest`) is not. They count as current from now at the latest, and before any later version that is not
 * reconstructed.
 */
export const asKnownAt = <Known extends KnownVersion & { readonly reconstructed: boolean }>(
  versions: readonly Known[],
  now: string,
  latest: string | undefined,
): readonly Known[] => {
  const isSettled = latest !== undefined && latest <= now
  let before: string | undefined
  return versions
    .toReversed()
    .map((version) => {
      if (version.state !== 'published') return version
      const known = isSettled && isFarAhead(version.asOf, now) ? now : version.asOf
      const asOf = before !== undefined && before < known ? before : known
      if (!version.reconstructed) before = asOf
      return { ...version, asOf }
    })
    .toReversed()
}

/**
 * Decides by snapshot: the same snapshot is the same report. A request as of the past is compared with the version
 * current then.
 */
export const decideVersion = <Known extends KnownVersion>(
  versions: readonly Known[],
  request: VersionRequest,
): VersionDecision<Known> => {
  const published = versions.filter(({ state }) => state === 'published')
  const current = latestAsOf(published.filter(({ asOf, recalled }) => !recalled && asOf <= request.asOf))
  return current?.snapshotSha256 === request.snapshotSha256
    ? { kind: 'stands', entry: current }
    : nextVersion(versions, request)
}

export const nextVersion = <Known extends KnownVersion>(
  versions: readonly Known[],
  request: VersionRequest,
): NextVersion<Known> => {
  const published = versions.filter(({ state }) => state === 'published')
  const claims = versions.filter(({ state }) => state === 'claimed')
  const isDead = (owner: string | undefined) => owner !== undefined && request.isDead?.(owner) === true
  const alive = claims.find(({ leaseUntil, owner }) => isHeld(leaseUntil, makingLeaseMs, request.now) && !isDead(owner))
  if (alive) return { kind: 'wait', entry: alive }
  const previous = (version: number) => published.filter((entry) => entry.version < version).at(-1)
  const resumable = claims.find(
    ({ snapshotSha256, asOf }) => snapshotSha256 === request.snapshotSha256 && !isFarAhead(asOf, request.now),
  )
  if (resumable) return { kind: 'resume', entry: resumable, previous: previous(resumable.version) }
  const version =
    1 +
    maximum(
      versions.map((entry) => entry.version),
      0,
    )
  return {
    kind: 'make',
    version,
    previous: previous(version),
    reconstructed: published.some(({ asOf }) => asOf > request.asOf),
    abandon: claims,
    recalled: published.findLast(
      ({ recalled, snapshotSha256 }) => recalled && snapshotSha256 === request.snapshotSha256,
    ),
  }
}

const latestAsOf = <Known extends KnownVersion>(versions: readonly Known[]): Known | undefined =>
  versions.reduce<Known | undefined>(
    (latest, entry) => (latest && latest.asOf > entry.asOf ? latest : entry),
    undefined,
  )

/** A refused flash note is recalled; earlier programs wrote who refused it into the reason. */
export type Recalled = { readonly at: string; readonly reason: string; readonly refusedBy?: string }

/** In English, for the command line and the API. */
export const recallText = ({ reason, refusedBy }: Recalled): string =>
  refusedBy === undefined ? reason : [`refused by ${refusedBy}`, reason].filter(Boolean).join(': ')
