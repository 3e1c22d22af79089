import { setImmediate as breathe } from 'node:timers/promises'
import { readOrganisationIntake } from '../../lambdas/config/organisation-file.ts'
import { type Method, type Parameters, type Progress, usual } from '../../lambdas/domain/coordination/find.ts'
import { affiliationsSchema } from '../../lambdas/domain/coordination/posts/query.ts'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { refusalOf } from '../../lambdas/domain/core/schema-fault.ts'
import { textIn } from '../../lambdas/domain/core/text/localised.ts'
import type { Observed } from '../../lambdas/domain/core/time/observed.ts'
import { readRecords } from '../../lambdas/intake/formats.ts'
import { parsePostMapping } from '../../lambdas/intake/posts/read-posts.ts'
import {
  type DetectResult,
  detectInFiles,
  type OthersSet,
  pseudonymised,
} from '../../lambdas/usecases/detect/detect-in-files.ts'
import { chunksOf, parsedFrom } from './files.ts'
import type { CliContext } from './home/context.ts'
import { pseudonymsOf } from './ingest-files.ts'
import { say } from './output/terminal.ts'

export type DetectCommand = {
  readonly files: readonly string[]
  readonly query: string
  readonly method: readonly Method[]
  /** Seconds. */
  readonly window: number
  readonly minParticipation: number
  readonly rule: Parameters['rule']
  readonly crowdCap: number
  /** File of accounts that openly act together. */
  readonly affiliations?: string | undefined
  readonly map?: string | undefined
  /** Table of CooRTweet or QUT's toolkit, whose account sets are compared with chance. */
  readonly judge?: string | undefined
  /** Default: unchanged, AMBER for new candidates. */
  readonly marking: Marking | undefined
  readonly territories?: readonly TerritoryCode[] | undefined
  /** For copies whose posts have no time. */
  readonly observed?: Observed | undefined
  readonly dryRun: boolean
}

export const detectFiles = async (command: DetectCommand, context: CliContext): Promise<DetectResult> => {
  const { services, stopping, folder } = context
  const pseudonym = await pseudonymsOf(context, { keeps: !command.dryRun })
  const showProgress = progressOf()
  return detectInFiles(
    {
      files: command.files.map((name) => ({ name, open: () => chunksOf(name, stopping) })),
      parameters: {
        methods: command.method,
        rule: command.rule,
        windowSeconds: command.window,
        minParticipation: command.minParticipation,
        crowdCap: command.crowdCap,
        reshuffles: usual.reshuffles,
        affiliations: command.affiliations === undefined ? {} : await affiliationsIn(command.affiliations, pseudonym),
      },
      query: command.query,
      marking: command.marking,
      territories: command.territories,
      observed: command.observed,
      mapping: command.map === undefined ? undefined : await parsedFrom(command.map, parsePostMapping),
      pseudonym,
      organisation: await readOrganisationIntake(folder),
      dryRun: command.dryRun,
      ...(command.judge !== undefined && { others: await othersIn(command.judge, pseudonym, stopping) }),
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

/** @throws Error where the table names no set of accounts */
const othersIn = async (
  file: string,
  pseudonym: (account: string) => string,
  stopping: AbortSignal,
): Promise<readonly OthersSet[]> => {
  const found: OthersSet[] = []
  const records = readRecords(await chunksOf(file, stopping), {
    file,
    format: 'auto',
    pseudonyms: async () => pseudonym,
  })
  for await (const record of records) {
    if (!('detection' in record) || record.detection.kind !== 'coordinated-sharing') continue
    const { id, title, accountRefs } = record.detection
    if (accountRefs) found.push({ id, title: textIn(title, 'en').text, accounts: accountRefs })
  }
  if (found.length > 0) return found
  throw new Error(`${file} names no accounts that shared together: --judge takes what CooRTweet or QUT’s toolkit found`)
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

const doing: Record<Progress['what'], string> = {
  copies: 'comparing texts',
  chance: 'reshuffling',
  apart: 'looking at each group without the others',
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
