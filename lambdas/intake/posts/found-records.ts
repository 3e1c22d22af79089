import type { SharedObject, Strength, TiedPair } from '../../domain/coordination/candidate.ts'
import {
  type CoSharingFindings,
  type Findings,
  type FoundGroup,
  leastJudged,
  type Method,
  type Parameters,
  type Tie,
} from '../../domain/coordination/find.ts'
import type { Post } from '../../domain/coordination/posts/post.ts'
import { type CopyCluster, leastRatio } from '../../domain/coordination/texts/copy-paste.ts'
import { fault } from '../../domain/core/fault.ts'
import { capitalised } from '../../domain/core/language/language.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import type { Observed } from '../../domain/core/time/observed.ts'
import type { Detection, DetectionInput } from '../../domain/detection/detection.ts'
import { clusterId, clusterRecord, figuresOf, isoOf } from '../coordination/cluster-record.ts'
import { type Both, inBoth, joined, type Sayings, sayingsFor } from '../record/both-languages.ts'
import type { Ran, Reject } from '../record/record.ts'
import { oneLine } from '../text/one-line.ts'

export type RunContext = {
  /** Part of the ids, since two queries may bring the same posts. */
  readonly query: string
  readonly marking: Marking
  readonly territories?: readonly TerritoryCode[]
  /** For copies whose posts have no time. */
  readonly observed?: Observed
  /** Of the program. */
  readonly version: string
  readonly file: string
  readonly prepare: (detection: Detection) => Detection
}

export type FoundDetection = {
  readonly detection: Detection
  readonly strength?: Strength
  readonly shared?: readonly SharedObject[]
  readonly ties?: readonly TiedPair[]
  /**
   * The ids that it would have beginning with each of its posts, earliest first; a smaller, earlier cluster had one of
   * them.
   */
  readonly ids: readonly string[]
  /** In milliseconds since 1970 UTC. */
  readonly times: readonly (number | undefined)[]
}

type ClusterInput = Omit<DetectionInput, 'observed' | 'territories'> & {
  readonly observed?: DetectionInput['observed']
}

/** Includes the territories: a run for one proves nothing for another. */
const detectorName = ({ query, territories = [] }: Pick<RunContext, 'query' | 'territories'>): string =>
  [
    query === '' ? 'Vigie' : `Vigie: ${query}`,
    ...(territories.length > 0 ? [`(${inOrder(territories).join(' ')})`] : []),
  ].join(' ')

const inOrder = (territories: readonly TerritoryCode[]): readonly TerritoryCode[] => [...new Set(territories)].sort()

/** Those without a time are rejects. */
export const detectionsIn = (
  findings: Findings,
  parameters: Parameters,
  context: RunContext,
): { readonly found: readonly FoundDetection[]; readonly rejects: readonly Reject[] } => {
  const sayings = sayingsFor()
  const found: FoundDetection[] = []
  const rejects: Reject[] = []
  const { posts, copyPaste, coSharing } = findings
  const add = (
    input: Omit<ClusterInput, 'id'>,
    method: Method,
    members: readonly number[],
    group?: Pick<FoundDetection, 'strength' | 'shared' | 'ties'>,
  ) => {
    const ids = members.map((at) => idOf(posts[at] as Post, method, parameters, context))
    const record = clusterRecord(
      { ...input, id: ids[0] ?? '' },
      { file: context.file, ...(context.observed && { observed: context.observed }) },
      fault('cluster.noPostHasTime'),
    )
    if ('detection' in record) {
      const times = members.map((at) => posts[at]?.at)
      found.push({ detection: context.prepare(record.detection), ids, times, ...group })
    } else if ('reject' in record) rejects.push(record.reject)
  }
  for (const cluster of copyPaste?.clusters ?? []) {
    add(describeCopies(cluster, findings, context, sayings), 'copy-paste', cluster.posts)
  }
  const ties = coSharing?.judged?.ties('groups') ?? []
  for (const group of coSharing?.judged?.groups ?? []) {
    add(describeGroup(group, findings, parameters, context, sayings), 'co-sharing', group.posts, {
      strength: {
        ...{ evidence: group.evidence, threshold: group.threshold, isSourceKnown: group.isSourceKnown },
        pushes: group.shared.length,
      },
      shared: group.shared.slice(0, maxShared),
      ties: tiesOf(group, ties),
    })
  }
  return { found, rejects }
}

const maxShared = 20
const maxTies = 300

const tiesOf = ({ accounts }: FoundGroup, ties: readonly Tie[]): readonly TiedPair[] => {
  const members = new Set(accounts)
  return ties
    .filter(({ accounts: [one] }) => members.has(one))
    .sort((a, b) => b.things - a.things)
    .slice(0, maxTies)
    .map(({ accounts: [one, other], things }) => [one, other, things])
}

/**
 * Reports a run without new findings for the period of its newest post, since old posts prove nothing about the current
 * week. Undefined where too little was judged.
 */
export const wordOfRun = (
  { posts, coSharing, copyPaste }: Findings,
  { query, marking, territories, version }: Pick<RunContext, 'query' | 'marking' | 'territories' | 'version'>,
  now: Date,
): Ran | undefined => {
  const { judged } = coSharing ?? {}
  if (judged ? judged.fraction < leastJudged : !copyPaste?.isEnough) return undefined
  const detector = {
    name: detectorName({ query, ...(territories && { territories }) }),
    version,
    marking,
    ...(coSharing && { knownError: judgedText(coSharing, sayingsFor()) }),
    ...(territories && { territories: [...territories] }),
  }
  const newest = posts.reduce<number | undefined>(
    (latest, { at }) => (at !== undefined && (latest === undefined || at > latest) ? at : latest),
    undefined,
  )
  const at = Math.min(newest ?? now.getTime(), now.getTime())
  return { detector, at: new Date(at).toISOString(), found: 0 }
}

export type Looked = {
  readonly detector: string
  readonly methods: readonly Method[]
  idsWithin(method: Method, span: { readonly from: number; readonly to: number }): ReadonlySet<string>
}

export const lookedIn = (
  { posts, copyPaste, coSharing }: Findings,
  parameters: Parameters,
  context: RunContext,
): Looked => ({
  detector: detectorName(context),
  methods: [
    ...(copyPaste?.isEnough ? (['copy-paste'] as const) : []),
    ...((coSharing?.judged?.fraction ?? 0) >= leastJudged ? (['co-sharing'] as const) : []),
  ],
  idsWithin: (method, { from, to }) =>
    new Set(
      posts
        .filter(({ at }) => at === undefined || (at >= from && at <= to))
        .map((post) => idOf(post, method, parameters, context)),
    ),
})

const idOf = ({ at, id, account, text }: Post, method: Method, parameters: Parameters, context: RunContext): string => {
  const asked = method === 'copy-paste' ? { leastRatio } : { windowSeconds: parameters.windowSeconds }
  const known = [at === undefined ? '' : isoOf(at), id, account, ...(id === '' ? [text] : [])]
  return clusterId('vigie', method, detectorName(context), canonicalJson(asked), ...known)
}

const describeCopies = (
  { posts: members, exemplar, fingerprint, byChain }: CopyCluster,
  { posts, copyPaste }: Findings,
  context: RunContext,
  sayings: Sayings,
) => {
  const { say, phrase } = sayings
  const own = members.map((at) => posts[at] as Post)
  const figures = figuresOf(own, context)
  const sample = withoutMentions(exemplar)
  const untimed = own.filter(({ at }) => at === undefined).length
  const share = inBoth(({ percent }) => percent(1_000 - leastRatio * 1_000, 1_000))
  return {
    detector: detectorOf(context, { leastRatio }, [
      say('detect.limitsCopies', { reposts: copyPaste?.reposts ?? 0, short: copyPaste?.tooShort ?? 0 }),
    ]),
    kind: 'copy-paste' as const,
    title: inBoth(({ say: saying, quoted }) =>
      capitalised(
        saying('copies.title', {
          kinds: saying('copies.kind', { kind: 'copy' }),
          sample: quoted(oneLine(sample, titleLength)),
        }),
      ),
    ),
    summary: joined([
      say('detect.copiesSummary', {
        posts: phrase('posts', exactly(own.length)),
        accounts: phrase('accounts', figures.counts.accounts ?? exactly(0)),
        share,
      }),
      ...(byChain > 0 ? [say('detect.byChain', { count: byChain })] : []),
      ...(untimed > 0 ? [say('copies.untimed', { count: untimed })] : []),
      inBoth(({ say: saying, quoted }) => saying('copies.sample', { sample: quoted(oneLine(sample, sampleLength)) })),
    ]),
    languages: [
      ...new Set(own.flatMap(({ language }) => (isLanguage(language) ? [language.toLowerCase()] : []))),
    ].sort(),
    fingerprints: [{ algorithm: 'D3lta text_grapheme, SHA-256', value: fingerprint }],
    marking: context.marking,
    ...figures,
  }
}

/** Omits posts, which clusters of copies may count already. */
const describeGroup = (
  group: FoundGroup,
  { posts, coSharing }: Findings,
  { windowSeconds }: Parameters,
  context: RunContext,
  sayings: Sayings,
) => {
  const { say, phrase } = sayings
  const own = group.posts.map((at) => posts[at] as Post)
  const { platforms, observed } = figuresOf(own, context)
  const accounts = phrase('accounts', exactly(group.accounts.length))
  const { evidence, threshold, isSourceKnown, shared } = group
  return {
    detector: detectorOf(context, { windowSeconds }, [
      say('detect.evidence', { evidence, threshold }),
      ...(coSharing ? [judgedText(coSharing, sayings)] : []),
    ]),
    kind: 'coordinated-sharing' as const,
    title: say('detect.shared', { objects: shared.length, accounts }),
    summary: joined([
      say('detect.sharedSummary', { objects: shared.length, seconds: windowSeconds }),
      ...(isSourceKnown ? [] : [say('detect.sourceUnknown', {})]),
    ]),
    counts: { accounts: group.accounts.length },
    accountRefs: [...group.accounts],
    platforms,
    ...(observed && { observed }),
    marking: context.marking,
  }
}

/** What the run judged, and what it did not. */
const judgedText = ({ untimed, judged }: CoSharingFindings, { say }: Sayings): Both => {
  const { fraction, sourced, skipped } = judged ?? { fraction: 0, sourced: 0, skipped: 0 }
  const percentOf = (part: number) => inBoth(({ percent }) => percent(Math.round(1_000 * part), 1_000))
  const amplifiers = new Set(judged?.amplifiers.flatMap(({ accounts }) => accounts)).size
  return say('detect.judged', { part: percentOf(fraction), sourced: percentOf(sourced), untimed, skipped, amplifiers })
}

const detectorOf = (
  { query, version, marking, territories }: RunContext,
  thresholds: NonNullable<Exclude<DetectionInput['detector'], string>['thresholds']>,
  limits: readonly Both[],
) => ({
  name: detectorName({ query, ...(territories && { territories }) }),
  version,
  thresholds,
  knownError: joined(limits),
  marking,
  ...(territories && { territories: [...territories] }),
})

export const withoutMentions = (text: string): string => text.replace(/@[\p{L}\p{N}_][\p{L}\p{N}_.-]*/gu, '@…')

const titleLength = 90
const sampleLength = 600

const isLanguage = (tag: string | undefined): tag is string => tag !== undefined && /^[a-z]{2,3}$/i.test(tag)

const exactly = (value: number) => ({ value, qualifier: 'exact' }) as const
