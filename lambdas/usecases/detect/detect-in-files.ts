import {
  type Amplifiers,
  type Findings,
  leastJudged,
  type Parameters,
  type Progress,
  type Tie,
} from '../../domain/coordination/find.ts'
import type { Post } from '../../domain/coordination/posts/post.ts'
import type { PostMapping } from '../../domain/coordination/posts/query.ts'
import { leastRatio } from '../../domain/coordination/texts/copy-paste.ts'
import { faultText } from '../../domain/core/fault-text.ts'
import { type Marking, usualCap } from '../../domain/core/marking.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { textIn } from '../../domain/core/text/localised.ts'
import type { Observed } from '../../domain/core/time/observed.ts'
import type { OrganisationIntake } from '../../domain/report/organisation.ts'
import { type FoundDetection, withoutMentions } from '../../intake/posts/found-records.ts'
import { postReader } from '../../intake/posts/read-posts.ts'
import { countsByName } from '../../intake/record/counts.ts'
import type { Reject } from '../../intake/record/record.ts'
import { notesFor } from '../../intake/table/pair-table.ts'
import { detectPosts } from './detect-posts.ts'
import type { DetectServices, FoundTally } from './keep-found.ts'

type PostsFile = { readonly name: string; open(): Promise<AsyncIterable<Uint8Array>> }

type DetectInFiles = {
  readonly files: readonly PostsFile[]
  readonly parameters: Parameters
  readonly query: string
  /** Default: the earlier marking, or {@link usualCap} for new findings. */
  readonly marking: Marking | undefined
  readonly territories?: readonly TerritoryCode[] | undefined
  readonly observed?: Observed | undefined
  readonly mapping: PostMapping | undefined
  readonly pseudonym: (account: string) => string
  readonly organisation: OrganisationIntake
  readonly dryRun: boolean
  /** Takes the pairs of accounts that share things together. */
  readonly ties?: { readonly among: 'groups' | 'all'; write(ties: readonly Tie[]): Promise<void> }
  onRead(posts: number): void
  /** Called between steps: may report progress, yield to other work, and throw to stop. */
  step(progress: Progress): Promise<void>
}

export type DetectResult = {
  readonly posts: number
  readonly accounts: number
  /** Number of exact duplicate posts. */
  readonly doubles: number
  /** Null: not enough data. */
  readonly coSharing: ReturnType<typeof coSharingOutput> | null
  readonly copyPaste: ReturnType<typeof copyPasteOutput> | null
  readonly found: readonly (ReturnType<typeof foundOutput> & { readonly id: string })[]
  /** Null in a dry run. */
  readonly kept: FoundTally | null
  readonly rejected: number
  /** First twenty, without row content: posts are not kept. */
  readonly rejects: readonly Pick<Reject, 'file' | 'line' | 'path' | 'message'>[]
  readonly noted: Readonly<Record<string, number>>
  /** Errors that make a whole file unusable, with its name and the remedy. */
  readonly problems: readonly string[]
}

/**
 * An unreadable file stops the run: the rest alone would be reported as complete.
 * @throws FileError, DetectError if the posts are unreadable or unsuited to these parameters
 */
export const detectInFiles = async (
  { files, parameters, marking, territories, observed, mapping, pseudonym, onRead, ties, ...asked }: DetectInFiles,
  services: DetectServices,
): Promise<DetectResult> => {
  const { posts, ...reading } = await readFiles(files, { mapping, pseudonym, observed, onRead })
  const { findings, found, rejects, kept } = await detectPosts(
    posts,
    {
      ...asked,
      parameters,
      marking: marking ?? usualCap,
      keepsMarking: marking === undefined,
      ...(territories && { territories }),
      ...(observed && { observed }),
      file: files.map(({ name }) => name).join(' '),
    },
    services,
  )
  await ties?.write(findings.coSharing?.judged?.ties(ties.among) ?? [])
  return {
    posts: findings.posts.length,
    accounts: findings.accounts,
    doubles: findings.doubles,
    coSharing: findings.coSharing ? coSharingOutput(findings.coSharing, parameters) : null,
    copyPaste: findings.copyPaste ? copyPasteOutput(findings.copyPaste) : null,
    found: found.map((one, at) => ({ ...foundOutput(one), id: kept?.ids[at] ?? one.detection.id })),
    kept,
    ...reading,
    rejected: reading.rejected + rejects.length,
    rejects: [...reading.rejects, ...rejects.slice(0, shownRejects).map(rejectOutput)],
  }
}

/** Posts are personal data: output has the error, never the row. */
const shownRejects = 20

const rejectOutput = ({ file, line, path, message }: Reject) => ({
  file,
  path,
  message,
  ...(line !== undefined && { line }),
})

const noTimes =
  'none of its times can be used: write them with their offset from UTC (2024-05-15T01:21:00Z), or give their zone in a file for --map, as {"zone": "Pacific/Noumea"}'

const readFiles = async (
  files: readonly PostsFile[],
  { mapping, pseudonym, observed, onRead }: Pick<DetectInFiles, 'mapping' | 'pseudonym' | 'observed' | 'onRead'>,
) => {
  const noted = countsByName()
  const notes = notesFor({ note: (what, count) => noted.add(faultText(what), count) })
  const read = postReader({ pseudonym })
  const posts: Post[] = []
  const rejects: DetectResult['rejects'][number][] = []
  const problems: string[] = []
  let rejected = 0
  for (const { name, open } of files) {
    const before = { posts: posts.length, rejected }
    let [timed, unusedTimes] = [0, 0]
    for await (const batch of read(await open(), { file: name, mapping, notes })) {
      for (const post of batch.posts) {
        posts.push(post)
        if (post.at !== undefined) timed += 1
      }
      unusedTimes += batch.unusedTimes
      rejected += batch.rejects.length
      for (const reject of batch.rejects.slice(0, shownRejects - rejects.length)) rejects.push(rejectOutput(reject))
      onRead(posts.length)
    }
    if (posts.length === before.posts && rejected === before.rejected) problems.push(`${name}: no posts are in it`)
    if (timed === 0 && unusedTimes > 0 && observed === undefined) problems.push(`${name}: ${noTimes}`)
  }
  notes.report()
  return { posts, rejected, rejects, noted: noted.counts, problems }
}

export const pseudonymised = (
  affiliations: Parameters['affiliations'],
  pseudonym: (account: string) => string,
): Parameters['affiliations'] =>
  Object.fromEntries(Object.entries(affiliations).map(([name, accounts]) => [name, accounts.map(pseudonym).sort()]))

const coSharingOutput = (
  { counted, shares, untimed, judged }: NonNullable<Findings['coSharing']>,
  { windowSeconds }: Parameters,
) => ({
  ...{ windowSeconds, shares, untimed },
  ...(counted && { pairs: counted.pairs, edges: counted.edges, repeatedEdges: counted.repeated.length }),
  judged: judged
    ? {
        ...{ fraction: judged.fraction, isEnough: judged.fraction >= leastJudged },
        ...{ pairs: judged.pairs, skipped: judged.skipped, sourced: judged.sourced },
        groups: judged.groups.length,
        amplifiers: amplifiersOutput(judged.amplifiers),
      }
    : null,
})

/** By source, with the accounts of all groups that serve it. */
const amplifiersOutput = (found: readonly Amplifiers[]) =>
  [...Map.groupBy(found, ({ source }) => source)].map(([source, groups]) => ({
    source,
    thingsOfSource: groups[0]?.thingsOfSource ?? 0,
    accounts: groups.flatMap(({ accounts }) => accounts).toSorted(),
    things: new Set(groups.flatMap(({ shared }) => shared.map(({ name }) => name))).size,
  }))

const copyPasteOutput = ({
  pairs,
  clusters,
  automatic,
  compared,
  reposts,
  tooShort,
  isEnough,
}: NonNullable<Findings['copyPaste']>) => ({
  pairs,
  clusters: isEnough ? clusters.length : null,
  automatic: automatic.map(({ posts, accounts, exemplar }) => ({
    ...{ posts: posts.length, accounts, sample: withoutMentions(exemplar).slice(0, 80) },
  })),
  posts: clusters.reduce((sum, { posts }) => sum + posts.length, 0),
  byChain: clusters.reduce((sum, { byChain }) => sum + byChain, 0),
  compared,
  reposts,
  tooShort,
  leastRatio,
})

const foundOutput = ({ detection }: FoundDetection) => ({
  kind: detection.kind,
  title: textIn(detection.title, 'en').text,
  observed: detection.observed,
  posts: detection.counts.posts?.value ?? null,
  accounts: detection.counts.accounts?.value ?? null,
})
