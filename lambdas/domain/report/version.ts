/** Which version answers a request: one that is published, one that another run makes, or the next one. */
import { maximum } from '../core/lists.ts'
import { isFarAhead, isHeld } from '../core/time/instants.ts'

/** How long a maker may be silent before another takes its version over, in milliseconds. */
export const makingLeaseMs = 120_000

/** What is known of a version; instants are ISO 8601 in UTC with milliseconds. */
export type KnownVersion = {
  readonly version: number
  /** *held*: archived and kept back, since it failed the publish gate; it answers no request. */
  readonly state: 'claimed' | 'published' | 'held' | 'abandoned'
  readonly snapshotSha256: string
  readonly asOf: string
  readonly leaseUntil: string
  /** The run that makes it. */
  readonly owner?: string
  /** It stays in the chain of versions and answers nothing any more. */
  readonly recalled?: unknown
}

type VersionRequest = {
  readonly snapshotSha256: string
  readonly asOf: string
  readonly now: string
  /** Whether a maker is known to be dead, so that nobody waits for its lease to end. */
  readonly isDead?: ((owner: string) => boolean) | undefined
}

type VersionDecision<Known extends KnownVersion> =
  | { readonly kind: 'stands'; readonly entry: Known }
  | NextVersion<Known>

type NextVersion<Known extends KnownVersion> =
  /** Someone is at it: look again. */
  | { readonly kind: 'wait'; readonly entry: Known }
  /** A maker with the same snapshot died: go on where it was, with its as-of instant. */
  | { readonly kind: 'resume'; readonly entry: Known; readonly previous: Known | undefined }
  | {
      readonly kind: 'make'
      readonly version: number
      readonly previous: Known | undefined
      /** It tells of an instant before a version that is already published. */
      readonly reconstructed: boolean
      /** Claims whose makers died over another snapshot. */
      readonly abandon: readonly Known[]
      /** A version that was recalled and said the same: nothing was mended since. */
      readonly recalled: Known | undefined
    }

/**
 * Versions by a clock that is right. Those that tell of an instant still to come, while all that is stored (the
 * `latest` of it) is not, were made by one that was ahead: they were current from now on at the latest, and before any
 * that followed, other than a reconstructed one.
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
 * The same snapshot is the same report. A request as of now is compared with the newest published version; one as of
 * the past with the version that was current then.
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

/** The next one, also where the current one says the same. */
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
