import { type Fault, fault } from '../../domain/core/fault.ts'
import { territoryOf } from '../../domain/core/place/territory.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { dayIn, offsetMinutes } from '../../domain/core/time/period.ts'
import { type DetectionInput, type Figure, readDetection } from '../../domain/detection/detection.ts'
import { maxIntervals, minRhythmPosts } from '../../domain/detection/rhythm-schema.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from '../record/record.ts'
import { oneLine } from '../text/one-line.ts'

export type ClusterPost = {
  readonly account?: string | undefined
  /** Milliseconds since 1970 UTC. */
  readonly at?: number | undefined
  readonly platform?: string | undefined
}

type ClusterFigures = {
  readonly counts: NonNullable<DetectionInput['counts']> & { readonly accounts?: Figure }
  readonly platforms: string[]
  readonly accountRefs?: string[]
  readonly observed?: DetectionInput['observed']
}

/** Limits of a detection's schema. */
const maxPlatforms = 200
const maxDays = 4_000

/**
 * Counts each post once. Figures are "at least" where a post lacks an account, platform or time. Days need a
 * territory's zone.
 */
export const figuresOf = (
  given: readonly ClusterPost[],
  options: Pick<IntakeOptions, 'territories' | 'pseudonym'>,
): ClusterFigures => {
  const { pseudonym } = options
  const posts = pseudonym ? withRefs(given, pseudonym) : given
  const accounts = accountsOf(posts)
  const byPlatform = groupsOf(posts, ({ platform }) => (platform === undefined ? undefined : oneLine(platform)))
  const [territory, ...further] = options.territories ?? []
  const zone = territory && further.length === 0 ? territoryOf(territory).zone : undefined
  const byDay =
    zone === undefined ? noGroups : groupsOf(posts, ({ at }) => (at === undefined ? undefined : dayIn(at, zone)))
  const times = posts.flatMap(({ at }) => at ?? [])
  return {
    counts: {
      posts: posts.length,
      ...accountsFigure(posts),
      ...(byPlatform.length > 0 && {
        byPlatform: byPlatform
          .toSorted(([, a], [, b]) => b.length - a.length)
          .slice(0, maxPlatforms)
          .map(([platform, group]) => ({ platform, ...partsOf(group, posts, byPlatform) }))
          .sort((a, b) => (a.platform < b.platform ? -1 : 1)),
      }),
      ...(byDay.length > 0 &&
        byDay.length <= maxDays && { byDay: byDay.map(([day, group]) => ({ day, ...partsOf(group, posts, byDay) })) }),
      ...intervalsOf(times, posts.length, zone),
    },
    platforms: byPlatform.map(([platform]) => platform),
    ...(accounts.size > 0 && { accountRefs: [...accounts].sort() }),
    ...(times.length > 0 && { observed: { from: isoOf(least(times)), to: isoOf(most(times)) } }),
  }
}

const [hourMs, dayMs] = [3_600_000, 86_400_000]

/** Uses the finest interval that the times support: a time on the hour may be no finer, one at midnight is a day. */
const intervalsOf = (
  times: readonly number[],
  posts: number,
  zone: string | undefined,
): Pick<ClusterFigures['counts'], 'byInterval'> => {
  if (times.length < minRhythmPosts || isOfDays(times, zone)) return {}
  const isFine = times.some((at) => at % hourMs !== 0)
  const span = most(times) - least(times)
  const minutes = ([10, 60] as const).find(
    (step) => (isFine || step === 60) && span < (maxIntervals - 1) * step * 60_000,
  )
  if (minutes === undefined) return {}
  const step = minutes * 60_000
  const intervals = Map.groupBy(times, (at) => Math.floor(at / step) * step)
  return {
    byInterval: [...intervals]
      .sort(([a], [b]) => a - b)
      .map(([from, { length }]) => ({ from: isoOf(from), minutes, posts: figure(length, times.length < posts) })),
  }
}

/** Checks for dates without a time. */
const isOfDays = (times: readonly number[], zone: string | undefined): boolean =>
  times.every((at) => at % dayMs === 0) ||
  (zone !== undefined && times.every((at) => (at + offsetMinutes(at, zone) * 60_000) % dayMs === 0))

export const refsOf = (accounts: readonly string[], { pseudonym }: Pick<IntakeOptions, 'pseudonym'>): string[] =>
  [...new Set(accounts.map((account) => pseudonym?.(account) ?? account))].sort()

const withRefs = (posts: readonly ClusterPost[], pseudonym: (account: string) => string): readonly ClusterPost[] => {
  const refs = new Map([...accountsOf(posts)].map((account) => [account, pseudonym(account)]))
  return posts.map((post) => ({ ...post, account: refs.get(post.account ?? '') }))
}

type Groups = readonly (readonly [name: string, posts: readonly ClusterPost[]])[]

const noGroups: Groups = []

const groupsOf = (posts: readonly ClusterPost[], nameOf: (post: ClusterPost) => string | undefined): Groups => {
  const groups = new Map<string, ClusterPost[]>()
  for (const post of posts) {
    const name = nameOf(post)
    if (!name) continue
    const group = groups.get(name)
    if (group) group.push(post)
    else groups.set(name, [post])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Figures are floors while some posts are in no group. */
const partsOf = (group: readonly ClusterPost[], all: readonly ClusterPost[], groups: Groups) => {
  const grouped = groups.reduce((sum, [, posts]) => sum + posts.length, 0)
  const floor = grouped < all.length
  return { posts: figure(group.length, floor), ...accountsFigure(group, floor) }
}

const accountsOf = (posts: readonly ClusterPost[]): ReadonlySet<string> =>
  new Set(posts.flatMap(({ account }) => account ?? []))

const accountsFigure = (posts: readonly ClusterPost[], floor = false): { readonly accounts?: Figure } => {
  const { size } = accountsOf(posts)
  return size === 0 ? {} : { accounts: figure(size, floor || posts.some(({ account }) => account === undefined)) }
}

const figure = (value: number, floor: boolean): Figure => ({ value, qualifier: floor ? 'at least' : 'exact' })

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b))
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b))

export const isoOf = (at: number): string => new Date(at).toISOString()

export const clusterId = (prefix: string, ...knownBy: readonly string[]): string =>
  `${prefix}-${sha256(JSON.stringify(knownBy)).slice(0, 20)}`

/**
 * Returns the detection, or a reject without a time. The reject's text is the detection as a line of Vigie's format,
 * lacking only the time.
 */
export const clusterRecord = (
  cluster: Omit<DetectionInput, 'observed' | 'territories'> & { readonly observed?: DetectionInput['observed'] },
  { file, observed: stated }: IntakeOptions,
  /** Why the data give no time. */
  timeless: Fault,
): IntakeRecord => {
  const observed = cluster.observed ?? stated
  const input = { ...cluster, ...(observed && { observed }) }
  const reject = (path: string, reason: Fault): IntakeRecord => ({
    reject: rejectOf(JSON.stringify(input), {
      ...{ file, id: cluster.id, path, fault: reason },
      origin: { format: 'ndjson' },
    }),
  })
  if (!observed) {
    return reject('observed', fault('cluster.noTime', { reason: timeless }))
  }
  const result = readDetection(input)
  return 'refusal' in result ? reject(result.refusal.path, result.refusal) : { detection: result.detection }
}
