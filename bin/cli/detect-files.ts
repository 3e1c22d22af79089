import { writeFile } from 'node:fs/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import { readOrganisationIntake } from '../../lambdas/config/organisation-file.ts'
import { type Method, type Parameters, type Progress, type Tie } from '../../lambdas/domain/coordination/find.ts'
import { affiliationsSchema, type PostMapping } from '../../lambdas/domain/coordination/posts/query.ts'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { refusalOf } from '../../lambdas/domain/core/schema-fault.ts'
import type { Observed } from '../../lambdas/domain/core/time/observed.ts'
import { parsePostMapping } from '../../lambdas/intake/posts/read-posts.ts'
import { type DetectResult, detectInFiles, pseudonymised } from '../../lambdas/usecases/detect/detect-in-files.ts'
import { chunksOf, parsedFrom, writeNew } from './files.ts'
import type { CliContext } from './home/context.ts'
import { pseudonymsOf } from './ingest-files.ts'
import { say } from './output/terminal.ts'

export type DetectCommand = {
  readonly files: readonly string[]
  readonly query: string
  readonly method: readonly Method[]
  /** Seconds. */
  readonly window: number
  readonly minParticipation?: number | undefined
  readonly rule: 'own' | 'coortweet'
  /** File of accounts that openly act together. */
  readonly affiliations?: string | undefined
  readonly map?: string | undefined
  /** Heading of the column of what posts share. */
  readonly object?: string | undefined
  /** File for the pairs: CSV or GraphML. */
  readonly out?: string | undefined
  readonly allPairs?: boolean | undefined
  /** Default: unchanged, AMBER for new candidates. */
  readonly marking?: Marking | undefined
  readonly territories?: readonly TerritoryCode[] | undefined
  /** For copies whose posts have no time. */
  readonly observed?: Observed | undefined
  readonly dryRun: boolean
}

export const detectFiles = async (command: DetectCommand, context: CliContext): Promise<DetectResult> => {
  const { services, stopping, folder } = context
  const pseudonym = await pseudonymsOf(context, { keeps: !command.dryRun })
  const showProgress = progressOf()
  // Fails before the work where it cannot be written, and never replaces a file.
  if (command.out !== undefined) await writeNew(command.out, '')
  return detectInFiles(
    {
      files: command.files.map((name) => ({ name, open: () => chunksOf(name, stopping) })),
      parameters: {
        methods: command.method,
        windowSeconds: command.window,
        coortweet: command.rule === 'coortweet' ? (command.minParticipation ?? 2) : undefined,
        affiliations: command.affiliations === undefined ? {} : await affiliationsIn(command.affiliations, pseudonym),
      },
      query: command.query,
      marking: command.marking,
      territories: command.territories,
      observed: command.observed,
      mapping: await mappingOf(command),
      pseudonym,
      organisation: await readOrganisationIntake(folder),
      dryRun: command.dryRun,
      ...(command.out !== undefined && {
        ties: { among: command.allPairs === true ? 'all' : 'groups', write: writerOf(command.out) },
      }),
      onRead: (posts) => showProgress(() => `reading: ${posts.toLocaleString('en')} posts`),
      // Yields to the event loop, so that Ctrl-C is handled.
      step: async ({ what, done, of }) => {
        showProgress(() => `${doing[what]}: ${done} of ${of}`)
        await breathe()
        stopping.throwIfAborted()
      },
    },
    services,
  )
}

const mappingOf = async ({ map, object }: DetectCommand): Promise<PostMapping | undefined> => {
  const mapping = map === undefined ? undefined : await parsedFrom(map, parsePostMapping)
  if (object === undefined) return mapping
  return { ...mapping, columns: { ...mapping?.columns, [object]: 'object' } }
}

/** `{"The union": ["account", …]}` */
const affiliationsIn = async (
  file: string,
  pseudonym: (account: string) => string,
): Promise<Parameters['affiliations']> =>
  parsedFrom(file, (value) => {
    const read = affiliationsSchema.safeParse(value)
    if (!read.success) {
      const refusal = refusalOf(read.error)
      throw new Error(
        `${file}: ${refusal.path} ${faultText(refusal)}: write {"name of what they belong to": ["account", "account"]}`,
      )
    }
    return pseudonymised(read.data, pseudonym)
  })

const writerOf = (file: string) => async (ties: readonly Tie[]) => {
  const { graphText } = await import('./output/graph-text.ts')
  await writeFile(file, graphText(ties, file.split('.').at(-1) as 'csv' | 'graphml'))
}

const doing: Record<Progress['what'], string> = {
  copies: 'comparing texts',
  shares: 'looking for groups',
}

/** Milliseconds. */
const betweenWords = 2_000

const progressOf = () => {
  let last = performance.now()
  return (word: () => string): void => {
    if (performance.now() - last < betweenWords) return
    last = performance.now()
    say(word())
  }
}
