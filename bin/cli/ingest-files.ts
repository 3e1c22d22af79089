import { readOrganisationIntake } from '../../lambdas/config/organisation-file.ts'
import { everything } from '../../lambdas/domain/access/caller.ts'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import { fault } from '../../lambdas/domain/core/fault.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import type { Observed } from '../../lambdas/domain/core/time/observed.ts'
import { misspeltIn } from '../../lambdas/domain/detection/gazetteer.ts'
import { parseAliases } from '../../lambdas/domain/detection/names/aliases.ts'
import { doubtFault, wordDoubt } from '../../lambdas/domain/detection/names/doubts.ts'
import { parseRules } from '../../lambdas/domain/detection/names/territory-rules.ts'
import { parseMapping } from '../../lambdas/intake/csv/mapping.ts'
import type { FileFormat, IntakeFormat } from '../../lambdas/intake/file-formats.ts'
import { once, type ReadOptions, readRecords, type Settings, tableIn } from '../../lambdas/intake/formats.ts'
import { countsByName } from '../../lambdas/intake/record/counts.ts'
import { type Preparing, preparing } from '../../lambdas/intake/record/prepare.ts'
import { peek } from '../../lambdas/intake/text/text.ts'
import { headingsIn } from '../../lambdas/intake/typed-cells.ts'
import { looksIn } from '../../lambdas/store/intake/looks.ts'
import { type Desk, deskOn } from '../../lambdas/usecases/ingest/desk.ts'
import {
  type Counts,
  type IngestOptions,
  type IngestTally,
  ingestDetections,
} from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { headingsKey } from '../../lambdas/usecases/ingest/remembered-mappings.ts'
import { type Retried, retryRejects } from '../../lambdas/usecases/ingest/retry-rejects.ts'
import type { IngestResult } from './answers.ts'
import { chunksOf, parsedFrom } from './files.ts'
import type { CliContext } from './home/context.ts'

export type IngestCommand = {
  readonly files: readonly string[]
  readonly format: IntakeFormat
  readonly territories?: readonly TerritoryCode[] | undefined
  readonly observed?: Observed | undefined
  readonly publisher?: string | undefined
  /** Posts for D3lta's matches. */
  readonly posts?: string | undefined
  readonly map?: string | undefined
  /** Remembers the mapping for tables with the same headings. */
  readonly mapSave?: boolean | undefined
  /** Of a workbook. */
  readonly sheet?: string | undefined
  readonly rules?: string | undefined
  readonly aliases?: string | undefined
  /** Name of an account list. */
  readonly set?: Settings['set']
  readonly keepNames?: boolean | undefined
  readonly by?: string | undefined
  readonly reason?: string | undefined
  readonly onOutcome?: (...outcomeArgs: [...Parameters<NonNullable<IngestOptions['onOutcome']>>, file: string]) => void
}

/** Concurrent writes share transactions, and so disk syncs. */
export const homeAtOnce = 500

export const operator = { name: everything.who, byOperator: true } as const

/** An unreadable file does not stop the others. */
export const ingestFiles = async (command: IngestCommand, context: CliContext): Promise<IngestResult> => {
  const { services, stopping } = context
  const noted = countsByName()
  const failed: { file: string; message: string }[] = []
  const tallies: IngestTally[] = []
  const batches: IngestResult['batches'][number][] = []
  const given = command.map === undefined ? undefined : await parsedFrom(command.map, parseMapping)
  if (command.mapSave && context.stage !== undefined) {
    throw new Error('--map-save remembers a mapping in a data folder, not on a stage: give --map each time')
  }
  const { mappings } = looksIn(context.table)
  const note: ReadOptions['note'] = (what, count) => noted.add(faultText(what), count)
  const rules = await analystsWords(command, context)
  const prepare = preparing({ ...rules, territories: command.territories })
  for (const file of command.files) {
    if (stopping.aborted) break
    try {
      const posts =
        command.posts === undefined
          ? undefined
          : { file: command.posts, chunks: await chunksOf(command.posts, stopping) }
      const table = await tableIn(await chunksOf(file, stopping), { file, sheet: command.sheet, note })
      const { start, all } = await peek(table)
      const key = async () => headingsKey(await headingsIn(start, file))
      const isAny =
        context.stage === undefined && given === undefined && (command.format === 'auto' || command.format === 'csv')
      const saved = isAny ? await mappings.get(await key(), 'saved') : undefined
      if (saved) note(fault('mapping.remembered', { by: saved.by, day: saved.at.slice(0, 10) }), 1)
      const mapping = saved ? parseMapping(saved.mapping, file) : given
      const records = readRecords(all, {
        file,
        format: command.format,
        canMap: true,
        now: services.clock(),
        prepare,
        note,
        ...statedOptions(command),
        ...(command.sheet !== undefined && { sheet: command.sheet }),
        ...(mapping && { mapping }),
        ...(posts && { posts }),
        ...(command.set && { set: command.set }),
        ...(!command.keepNames && { pseudonyms: () => pseudonymsOf(context) }),
      })
      const onOutcome: IngestOptions['onOutcome'] = (record, outcome) => {
        if ('detection' in record && (outcome.kind === 'revised' || outcome.kind === 'unplaced')) {
          for (const word of misspeltIn(record.detection)) noted.add(faultText(doubtFault(wordDoubt(word))), 1)
        }
        command.onOutcome?.(record, outcome, file)
      }
      const tally = await ingestDetections(until(stopping, records), file, services, {
        sender: { ...operator, by: command.by, reason: command.reason },
        onOutcome,
        ...(context.stage === undefined && { atOnce: homeAtOnce }),
      })
      if (given && command.mapSave && tally.failure === undefined) {
        const who = { by: command.by ?? operator.name, at: services.clock().toISOString() }
        await mappings.keep(await key(), 'saved', { mapping: given, ...who })
      }
      tallies.push(tally)
      batches.push({ batch: tally.batch, file, read: tally.read })
      if (tally.failure !== undefined) failed.push({ file, message: tally.failure })
    } catch (error) {
      failed.push({ file, message: messageOf(error) })
    }
  }
  return { ...summed(tallies), batches, noted: noted.counts, failed }
}

export const summed = (tallies: readonly IngestTally[]) => {
  const sum = (count: keyof Counts) => tallies.reduce((all, tally) => all + tally[count], 0)
  return {
    read: sum('read'),
    accepted: sum('accepted'),
    revised: sum('revised'),
    duplicates: sum('duplicates'),
    unplaced: sum('unplaced'),
    contested: sum('contested'),
    runs: sum('runs'),
    rejected: sum('rejected'),
    rejects: tallies.flatMap(({ rejects }) => rejects),
    contests: tallies.flatMap(({ contests }) => contests),
    spread: tallies.flatMap(({ spread }) => spread),
  }
}

export type RetryCommand = Pick<
  IngestCommand,
  'territories' | 'observed' | 'publisher' | 'rules' | 'aliases' | 'keepNames' | 'by'
> & {
  /** Corrected output of `vigie rejects export`; default: all open rejects. */
  readonly file?: string | undefined
}

/** Uses today's rules and names. */
export const retryFile = async (command: RetryCommand, context: CliContext): Promise<Retried> => {
  const words = await analystsWords(command, context)
  return retryRejects(context.services, {
    read: (text, { file, origin }) => {
      const { format, settings } = origin
      // Options of this command replace the original ones.
      const { territories = origin.territories, observed = origin.observed, publisher = origin.publisher } = command
      return readRecords(once(Buffer.from(text)), {
        file,
        format: format as FileFormat,
        prepare: preparing({ ...words, territories }),
        ...statedOptions({ territories, observed, publisher }),
        ...(settings as Settings | undefined),
        ...(!command.keepNames && { pseudonyms: () => pseudonymsOf(context) }),
      })
    },
    ...(command.file !== undefined && { fixedFile: await chunksOf(command.file) }),
    by: command.by ?? operator.name,
  })
}

type Stated = Pick<IngestCommand, 'territories' | 'observed' | 'publisher'>

const statedOptions = ({ territories, observed, publisher }: Stated) =>
  ({ ...(territories && { territories }), ...(observed && { observed }), publisher }) satisfies Partial<ReadOptions>

/** Puts this command's rules before the organisation's. */
const analystsWords = async (
  command: Pick<IngestCommand, 'rules' | 'aliases'>,
  { folder }: CliContext,
): Promise<Pick<Preparing, 'rules' | 'aliases' | 'detectors'>> => {
  const organisation = await readOrganisationIntake(folder)
  const rules = command.rules === undefined ? undefined : await parsedFrom(command.rules, parseRules)
  const aliases = command.aliases === undefined ? undefined : await parsedFrom(command.aliases, parseAliases)
  return {
    rules: [rules, organisation.placing].filter((one) => one !== undefined),
    aliases: [organisation.aliases, aliases].filter((one) => one !== undefined),
    detectors: organisation.detectors,
  }
}

export const pseudonymsOf = async ({ pseudonyms, services }: CliContext, how?: { readonly keeps?: boolean }) => {
  const { pseudonym, source, made, isPassing } = await pseudonyms(how)
  if (made) services.log(`accounts are stored under pseudonyms; their key was made in ${source}: keep a copy of it`)
  if (isPassing) services.log('no key for pseudonyms yet: ids are of this run alone, until a run keeps something')
  return pseudonym
}

const intakeHere = async (context: CliContext) => {
  const { placing, aliases, detectors } = await readOrganisationIntake(context.folder)
  return { placing, aliases, detectors, pseudonyms: () => pseudonymsOf(context) }
}

export const deskHere = (context: CliContext): Desk => {
  const { table, services } = context
  return deskOn(table, { clock: services.clock, run: () => services.run, intake: () => intakeHere(context) })
}

/** Records read before a stop are stored. */
async function* until<Value>(stopping: AbortSignal, values: AsyncIterable<Value>): AsyncGenerator<Value> {
  const left = (cause?: unknown) => new Error('was left where you stopped it: ingest it again for the rest', { cause })
  try {
    for await (const value of values) {
      if (stopping.aborted) throw left()
      yield value
    }
  } catch (cause) {
    throw stopping.aborted ? left(cause) : cause
  }
}
