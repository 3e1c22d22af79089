/** Reads files of posts, finds what is in them, and keeps that as candidates; of the posts nothing stays. */
import { setImmediate as breathe } from 'node:timers/promises'
import * as z from 'zod'
import { readOrganisationIntake } from '../../lambdas/config/organisation-file.ts'
import { leastRatio } from '../../lambdas/domain/coordination/copy-paste.ts'
import {
  type Findings,
  type Method,
  type Parameters,
  type Progress,
  usual,
} from '../../lambdas/domain/coordination/find.ts'
import type { Post } from '../../lambdas/domain/coordination/post.ts'
import { textIn } from '../../lambdas/domain/core/localised.ts'
import { type Marking, usualCap } from '../../lambdas/domain/core/marking.ts'
import type { Observed } from '../../lambdas/domain/core/observed.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/territory.ts'
import { refusalOf } from '../../lambdas/domain/detection/detection.ts'
import { parsePostMapping, postReader } from '../../lambdas/intake/posts/read-posts.ts'
import type { FoundDetection } from '../../lambdas/intake/posts/told.ts'
import { countsByName } from '../../lambdas/intake/record/counts.ts'
import type { Reject } from '../../lambdas/intake/record/record.ts'
import { notesFor } from '../../lambdas/intake/table/pair-table.ts'
import { detectPosts } from '../../lambdas/usecases/detect/detect-posts.ts'
import type { FoundTally } from '../../lambdas/usecases/detect/keep-found.ts'
import type { CliContext } from './context.ts'
import { chunksOf, parsedFrom } from './files.ts'
import { pseudonymsOf } from './ingest-files.ts'
import { say } from './terminal.ts'

export type DetectCommand = {
  readonly files: readonly string[]
  readonly query: string
  readonly method: readonly Method[]
  /** Seconds. */
  readonly window: number
  readonly minParticipation: number
  readonly rule: Parameters['rule']
  readonly crowdCap: number
  /** Files: of who has declared to act together, of columns' meanings. */
  readonly affiliations?: string | undefined
  readonly map?: string | undefined
  /** As before where it is left out, {@link usualCap} for what is new. */
  readonly marking: Marking | undefined
  readonly territories?: readonly TerritoryCode[] | undefined
  /** When copies were seen whose posts have no time. */
  readonly observed?: Observed | undefined
  readonly dryRun: boolean
}

export type DetectResult = {
  readonly posts: number
  readonly accounts: number
  /** Posts that came twice, the same in everything. */
  readonly doubles: number
  readonly seed: string
  /** Null is: not enough to tell. */
  readonly coSharing: ReturnType<typeof coSharingOutput> | null
  readonly copyPaste: ReturnType<typeof copyPasteOutput> | null
  readonly found: readonly { readonly id: string; readonly kind: string; readonly title: string }[]
  /** Null in a dry run. */
  readonly kept: FoundTally | null
  readonly rejected: number
  /** The first twenty, without what the rows hold: posts are not kept. */
  readonly rejects: readonly Pick<Reject, 'file' | 'line' | 'path' | 'message'>[]
  readonly noted: Readonly<Record<string, number>>
}

/** A file that cannot be read stops the run: what the others hold alone would be told as if it were all. */
export const detectFiles = async (command: DetectCommand, context: CliContext): Promise<DetectResult> => {
  const { services, stopping, folder } = context
  const pseudonym = await pseudonymsOf(context)
  const { posts, ...reading } = await readFiles(command, pseudonym, stopping)
  const parameters: Parameters = {
    methods: command.method,
    rule: command.rule,
    windowSeconds: command.window,
    minParticipation: command.minParticipation,
    crowdCap: command.crowdCap,
    reshuffles: usual.reshuffles,
    affiliations: command.affiliations === undefined ? {} : await affiliationsIn(command.affiliations, pseudonym),
  }
  const tell = progressOf()
  const { findings, found, rejects, kept } = await detectPosts(
    posts,
    {
      parameters,
      query: command.query,
      marking: command.marking ?? usualCap,
      keepsMarking: command.marking === undefined,
      ...(command.territories && { territories: command.territories }),
      ...(command.observed && { observed: command.observed }),
      file: command.files.join(' '),
      organisation: await readOrganisationIntake(folder),
      dryRun: command.dryRun,
      // Waits a moment, so that Ctrl-C is heard.
      step: async ({ what, done, of }) => {
        tell(() => `${doing[what]}: ${done} of ${of}`)
        await breathe()
        stopping.throwIfAborted()
      },
    },
    services,
  )
  return {
    posts: findings.posts.length,
    accounts: findings.accounts,
    doubles: findings.doubles,
    seed: findings.seed,
    coSharing: findings.coSharing ? coSharingOutput(findings.coSharing, parameters) : null,
    copyPaste: findings.copyPaste ? copyPasteOutput(findings.copyPaste) : null,
    found: found.map((one, at) => ({ ...foundOutput(one), id: kept?.ids[at] ?? one.detection.id })),
    kept,
    ...reading,
    rejected: reading.rejected + rejects.length,
    rejects: [...reading.rejects, ...rejects.slice(0, shownRejects).map(rejectOutput)],
  }
}

/** Posts are personal data: what is wrong is told, and what the row holds is not. */
const shownRejects = 20

const rejectOutput = ({ file, line, path, message }: Reject) => ({
  file,
  path,
  message,
  ...(line !== undefined && { line }),
})

const readFiles = async (command: DetectCommand, pseudonym: (account: string) => string, stopping: AbortSignal) => {
  const noted = countsByName()
  const notes = notesFor({ note: noted.add })
  const mapping = command.map === undefined ? undefined : await parsedFrom(command.map, parsePostMapping)
  const read = postReader({ pseudonym })
  const posts: Post[] = []
  const rejects: DetectResult['rejects'][number][] = []
  let rejected = 0
  const tell = progressOf()
  for (const file of command.files) {
    for await (const batch of read(await chunksOf(file, stopping), { file, mapping, notes })) {
      for (const post of batch.posts) posts.push(post)
      rejected += batch.rejects.length
      for (const reject of batch.rejects.slice(0, shownRejects - rejects.length)) rejects.push(rejectOutput(reject))
      tell(() => `reading: ${posts.length.toLocaleString('en')} posts`)
    }
  }
  notes.tell()
  return { posts, rejected, rejects, noted: noted.counts }
}

const affiliationsSchema = z.record(z.string().min(1), z.array(z.string().min(1)))

/** `{"The union": ["account", …]}` */
const affiliationsIn = async (
  file: string,
  pseudonym: (account: string) => string,
): Promise<Parameters['affiliations']> =>
  parsedFrom(file, (value) => {
    const read = affiliationsSchema.safeParse(value)
    if (!read.success) {
      const { path, message } = refusalOf(read.error)
      throw new Error(`${file}: ${path} ${message}: write {"name of what they belong to": ["account", "account"]}`)
    }
    return Object.fromEntries(
      Object.entries(read.data).map(([name, accounts]) => [name, accounts.map(pseudonym).sort()]),
    )
  })

const doing: Record<Progress['what'], string> = { copies: 'comparing texts', chance: 'reshuffling' }

/** Milliseconds between two words of progress; work that is done before the first says nothing. */
const betweenWords = 2_000

const progressOf = () => {
  let last = performance.now()
  return (word: () => string): void => {
    if (performance.now() - last < betweenWords) return
    last = performance.now()
    say(word())
  }
}

const coSharingOutput = (
  { counted, shares, untimed, claims }: NonNullable<Findings['coSharing']>,
  { rule, windowSeconds, minParticipation, crowdCap }: Parameters,
) => ({
  rule,
  windowSeconds,
  minParticipation,
  ...(rule === 'own' && { crowdCap }),
  shares,
  untimed,
  pairs: counted.pairs,
  edges: counted.edges,
  repeatedEdges: counted.repeated.length,
  ...(counted.crowded !== undefined && { crowdedShares: counted.crowded }),
  ...(counted.declared !== undefined && { declaredPairs: counted.declared }),
  groups: claims ? claims.groups.length : null,
  groupsByChance: claims ? claims.groupsByChance : null,
  pairsClaimed: claims ? claims.pairs : null,
  reshuffles: claims ? claims.reshuffles : 0,
  byChance: claims ? claims.byNull : null,
})

const copyPasteOutput = ({
  pairs,
  clusters,
  compared,
  reposts,
  tooShort,
  isEnough,
}: NonNullable<Findings['copyPaste']>) => ({
  pairs,
  clusters: isEnough ? clusters.length : null,
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
