/** `vigie ingest`: takes detections in, tells what it would make of them, lists what came in, and takes it back. */
import { type Command, Option } from 'commander'
import { harmless } from '../../../lambdas/domain/core/text/harmless.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { type IntakeFormat, intakeFormats } from '../../../lambdas/intake/file-formats.ts'
import { codesOf, notEmpty, usage } from '../arguments.ts'
import { draftLines } from '../draft-lines.ts'
import { printOutcome, run } from '../run.ts'
import { effectSaid, figureSaid } from '../said.ts'
import { say } from '../terminal.ts'

export const ingestCommands = (vigie: Command): void => {
  const ingest = ingestCommand(vigie)
  listCommand(ingest)
  undoCommand(ingest)
  mapCommand(vigie)
}

const ingestCommand = (vigie: Command): Command =>
  vigie
    .command('ingest')
    .description('store detections: what detectors and threat-intelligence platforms write (docs/intake.md)')
    .argument('<file...>', 'files to read; - is standard input')
    .addOption(
      new Option('--format <format>', 'by content where it is left out')
        .choices(intakeFormats)
        .default('auto' as const),
    )
    .option(
      '--territory <code...>',
      'where detections belong that nothing else places: codes, names or groups (overseas, antilles, pacific, indian-ocean)',
    )
    .option(
      '--observed <period|from..to>',
      'when detections were observed that do not say it themselves: 2024-W20, 2024-02, 2023-07..2024-10, 2024-05-15..2024-05-16',
    )
    .option('--map <json>', 'what the columns of a table mean: vigie map FILE proposes it')
    .option('--sheet <name>', 'of a workbook (.xlsx); the first that holds anything where it is left out')
    .option('--posts <csv>', 'the posts that D3lta’s matches name: id, account, time, text, platform')
    .option('--set <id>', 'what a list of accounts is called; detections refer to it by this')
    .option('--set-name <name>', 'and for people')
    .option('--set-marking <tlp>', 'up to which marking its name, size and accounts may show; as before, else AMBER')
    .option('--rules <json>', 'which hashtags, texts or campaigns mean which territories; before those of vigie.json')
    .option('--aliases <json>', 'which names are one; before those of vigie.json')
    .option('--keep-account-names', 'store accounts’ names instead of pseudonyms', false)
    .option('--by <name>', 'who corrects what a detector stored, in records by hand; else the name of their detector')
    .option('--reason <text>', 'why: both are kept with each field that is corrected')
    .option('--check', 'tell what each record would become, and store nothing', false)
    .addHelpText(
      'after',
      '\nEvery record is accepted, revised, a duplicate, unplaced, contested, word\nof a run, or rejected; these add up to those read.\nRejects, contested and unplaced records are kept: see vigie rejects list,\nvigie contested list and vigie unplaced list.',
    )
    .action(async (files: string[], options: IngestWords, command: Command) => {
      const { format, map, sheet, posts, rules, aliases, by, reason, check: isTrial } = options
      const stated = { ...(await statedIn(options)), ...(await setIn(options)) }
      const asked = { files, format, map, sheet, posts, rules, aliases, by, reason, ...stated }
      await run('ingest', command, (context) => (isTrial ? checked(asked, context) : ingested(asked, context)), {
        isTrial,
      })
    })

type Asked = import('../ingest-files.ts').IngestCommand
type Context = import('../context.ts').CliContext
type Result = import('../answers.ts').IngestResult

const ingested = async (asked: Asked, context: Context) => {
  const { ingestFiles } = await import('../ingest-files.ts')
  const result = await ingestFiles(asked, context)
  const drafting = await draftsAfter(result, context)
  return {
    ok: isClean(result) && (drafting?.failed.length ?? 0) === 0,
    value: { ...result, ...(drafting && { drafts: drafting.drafts }) },
    lines: [
      ...tallyLines(result, asked),
      ...result.batches.flatMap(({ batch, file, read }) =>
        read > 0 ? [`  batch ${batch}${asked.files.length > 1 ? `, of ${file}` : ''}`] : [],
      ),
      ...result.rejects.map((reject) => `  rejected: ${rejectLine(reject)}`),
      ...result.contests.map(({ id, message }) => `  contested: ${id}  ${message}`),
      ...draftLines(drafting),
    ],
  }
}

/** What the house's rule wants a flash note about now: on a stage its own schedule looks. */
const draftsAfter = async ({ read }: Result, { services, stage, stopping }: Context) => {
  if (stage !== undefined || !services.flashDrafts || read === 0 || stopping.aborted) return undefined
  const { draftFlashes } = await import('../../../lambdas/usecases/reports/flash/draft-flashes.ts')
  return draftFlashes(services)
}

/** The same ingest, on a table that is gone when it ends. */
const checked = async (asked: Asked, context: Context) => {
  const { ingestFiles } = await import('../ingest-files.ts')
  const { checkList } = await import('../../../lambdas/usecases/ingest/check-detections.ts')
  const { records: listed, onOutcome } = checkList(context.services.clock())
  const { batches: _, rejects: __, contests: ___, ...result } = await ingestFiles({ ...asked, onOutcome }, context)
  const { changeLines } = await import('../../../lambdas/web/reading-room/frame/field-text.ts')
  const { roomWordingOf } = await import('../../../lambdas/web/shared/wording.ts')
  const told = await listed(context.services.detections)
  const records = told.map(({ change: _change, ...record }) => record)
  const changesOf = ({ change }: (typeof told)[number]) => (change ? changeLines(change, roomWordingOf('en')) : [])
  return {
    ok: isClean(result),
    value: { ...result, records },
    lines: [
      ...told.flatMap((one) => checkedLines(one, changesOf(one))),
      ...(result.read > records.length ? [`… and ${result.read - records.length} more`] : []),
      ...tallyLines(result, asked),
      ...(isNothing(result, asked) ? [] : ['nothing is stored: the same without --check stores it']),
    ],
  }
}

const isClean = ({ rejected, contested, failed }: Pick<Result, 'rejected' | 'contested' | 'failed'>): boolean =>
  rejected + contested + failed.length === 0

/** Where no file could be opened there is nothing to tell of. */
const isNothing = ({ read, failed }: Pick<Result, 'read' | 'failed'>, { files }: Asked): boolean =>
  read === 0 && failed.length === files.length

/** What became of all of them together; what could not be read is said on standard error. */
const tallyLines = (result: Omit<Result, 'batches' | 'rejects' | 'contests'>, asked: Asked): readonly string[] => {
  for (const { file, message } of result.failed) say(message.startsWith(file) ? message : `${file}: ${message}`)
  return [
    ...(isNothing(result, asked) ? [] : [ingestLine(result)]),
    ...result.spread.map(
      ({ group, territories, records }) =>
        `  ${JSON.stringify(group)}: ${plural(territories, 'territory', 'territories')}, by ${plural(records, 'record')}`,
    ),
    ...Object.entries(result.unused).map(([type, count]) => `  not used by any detection: ${count} × ${type}`),
    ...Object.entries(result.noted).map(([what, count]) => `  noted: ${count} × ${what}`),
  ]
}

type Checked = import('../../../lambdas/usecases/ingest/check-detections.ts').CheckedRecord

/** A record in a few lines: what becomes of it, what it says, what to look at. */
const checkedLines = (
  { line, id, outcome, path, message, detection, doubts }: Checked,
  changes: readonly string[],
): readonly string[] => [
  [line === null ? undefined : `line ${line}`, outcome, id, detection?.title]
    .filter((one) => one !== undefined && one !== null && one !== '')
    .map((one) => harmless(String(one)))
    .join('  '),
  ...(detection ? [`  ${saidOf(detection).join(' · ')}`] : []),
  ...(changes.length > 0 ? ['  changes:', ...changes.map((change) => `    ${harmless(change)}`)] : []),
  ...(message === null ? [] : [`  ${harmless(told(path ?? '', message))}`]),
  ...doubts.map((doubt) => `  look at: ${harmless(doubt)}`),
]

const saidOf = ({
  observed,
  territories,
  counts,
  observedEffect,
  marking,
}: NonNullable<Checked['detection']>): readonly string[] => [
  observed.to === observed.from ? observed.from : `${observed.from} to ${observed.to}`,
  territories.length === 0
    ? 'no territory'
    : [...new Set(territories.map(({ code, method, via }) => `${method === 'group' ? via : code} (${method})`))].join(
        ', ',
      ),
  ...Object.entries(counts).flatMap(([figure, count]) =>
    count && 'value' in count ? [`${figure} ${figureSaid(count)}`] : [],
  ),
  ...(observedEffect ? [`effect ${harmless(effectSaid(observedEffect))}`] : []),
  marking,
]

const listCommand = (ingest: Command): void => {
  ingest
    .command('list')
    .description('what came in, the newest first')
    .action(async (_options: object, command: Command) =>
      run('ingest list', command, async ({ services }) => {
        const { plainTable, utcMinute } = await import('../tables.ts')
        const { undoneAs } = await import('../../../lambdas/usecases/ingest/undo-batch.ts')
        const batches = await services.batches.list()
        const undone = (one: (typeof batches)[number]): string => {
          const as = undoneAs(one)
          if (as === undefined) return ''
          if (as === 'undone') return utcMinute(one.undoneAt ?? '')
          return `${as === 'nothing undone' ? 'nothing' : 'in part'}, ${one.left} left`
        }
        return {
          value: batches,
          lines: plainTable(
            ['Batch', 'At', 'Read', 'Stored', 'Undone', 'File'],
            batches.map((one) => {
              const { name, file, storedAt, counts } = one
              return [
                name,
                utcMinute(storedAt),
                counts ? String(counts.read) : 'cut off',
                counts ? String((counts.accepted ?? 0) + (counts.revised ?? 0) + (counts.unplaced ?? 0)) : '',
                undone(one),
                file,
              ]
            }),
            ['left', 'left', 'right', 'right', 'left', 'left'],
          ),
        }
      }),
    )
}

const undoCommand = (ingest: Command): void => {
  ingest
    .command('undo')
    .description('take back what one intake did, for seven days: reports that are published stay as they are')
    .argument('<batch>', 'as vigie ingest and vigie ingest list name it')
    .option('--by <name>', 'who takes it back: it is kept with the intake', notEmpty('--by'))
    .option('--reason <text>', 'why: kept with the intake', notEmpty('--reason'))
    .action(async (batch: string, _options: object, command: Command) =>
      run('ingest undo', command, async ({ services }) => {
        const { undoBatch } = await import('../../../lambdas/usecases/ingest/undo-batch.ts')
        const { operator } = await import('../ingest-files.ts')
        // vigie ingest has these options too, and is the first to read it.
        const { by = operator.name, reason } = command.optsWithGlobals<{ by?: string; reason?: string }>()
        const undone = await undoBatch(batch, by, services, reason)
        const { file, withdrawn, unplaced, restored, already, gone, parts, rejects, contested, reopened, isDone } =
          undone
        const { left, byHand, waits, laterBatches, accepted, sets, runs, did } = undone
        return {
          ok: isDone,
          value: undone,
          lines: [
            did === 'nothing undone'
              ? `${did} of ${batch} of ${file}`
              : `${batch} of ${file} is ${did}: ${plural(withdrawn, 'detection')} withdrawn${unplaced > 0 ? ` (${unplaced} without a territory)` : ''}, ${restored} as before`,
            ...(already > 0 ? [`  undone before, and still so: ${plural(already, 'detection')}`] : []),
            ...(gone > 0 ? [`  withdrawn by a person before, and still so: ${plural(gone, 'detection')}`] : []),
            ...(parts.length > 0 ? [`  parts of it count for themselves now: ${parts.join(', ')}`] : []),
            ...(rejects + contested > 0 ? [`  dropped: ${plural(rejects, 'reject')}, ${contested} contested`] : []),
            ...(runs > 0 ? [`  taken back: ${plural(runs, 'word of a run', 'words of runs')}`] : []),
            ...(reopened > 0 ? [`  open again: ${plural(reopened, 'reject')} that it had closed`] : []),
            ...left.map((id) => `  left, since it was changed or its lower marking was refused: ${id}`),
            ...waits.map((id) => `  waits for another person, since its marking would be lower: ${id}`),
            ...(waits.length > 0 ? [`  vigie contested accept --batch ${batch} --by …, then undo it again`] : []),
            ...accepted.map(({ id, by: who }) => `  left, since ${who} accepted it: ${id}`),
            ...byHand.map((id) => `  a person decided of ${id}: vigie withdraw ${id} takes it out, if it is wrong`),
            ...laterBatches.map((later) => `  vigie ingest undo ${later} first, then ${batch} again`),
            ...sets.map((id) => `  left, as sets of accounts are: ${id}`),
          ],
        }
      }),
    )
}

const mapCommand = (vigie: Command): void => {
  vigie
    .command('map')
    .description('propose what the columns of a table mean, and write it for vigie ingest --map')
    .argument('<file>', 'a CSV file or a workbook (.xlsx)')
    .option('--sheet <name>', 'of a workbook')
    .option('--out <json>', 'where to write it; beside the table where it is left out')
    .action(
      async (
        file: string,
        { sheet, out = `${file}.mapping.json` }: { sheet?: string; out?: string },
        command: Command,
      ) => {
        const { writeFile } = await import('node:fs/promises')
        const { chunksOf } = await import('../files.ts')
        const { tableIn } = await import('../../../lambdas/intake/formats.ts')
        const { proposeMapping } = await import('../../../lambdas/intake/csv/propose.ts')
        const { plainTable } = await import('../tables.ts')
        const proposed = await proposeMapping(await tableIn(await chunksOf(file), { file, sheet }), file)
        const { mapping, columns, missing } = proposed
        await writeFile(out, `${JSON.stringify(mapping, null, 2)}\n`, { flag: 'wx' }).catch((cause: unknown) => {
          const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST'
          throw new Error(isThere ? `${out} is there already: name another by --out` : `${out} cannot be written`, {
            cause,
          })
        })
        const absent = {
          title: 'no column gives a title: name one, or give "constants": {"title": …}',
          observed: 'no column gives a date: name one, or state it with --observed',
        }
        printOutcome('map', command, {
          ok: missing.length === 0,
          value: { out, ...proposed },
          lines: [
            ...plainTable(
              ['Column', 'Field', 'By', 'Example'],
              columns.map(({ heading, fields, by, example }) => [
                heading,
                fields.join(', ') || 'left out',
                by ?? '',
                example?.slice(0, 40) ?? '',
              ]),
            ),
            ...missing.map((one) => absent[one]),
            `written to ${out}: look at it, then vigie ingest --check ${file} --map ${out}`,
          ],
        })
      },
    )
}

/** What the analyst states for records that do not say it themselves. */
export const statedIn = async ({ territory, observed, keepAccountNames }: Pick<IngestWords, Analysts>) => {
  const { parseObserved } = await import('../../../lambdas/domain/core/time/observed.ts')
  return {
    observed: observed === undefined ? undefined : usage('--observed', () => parseObserved(observed)),
    territories: territory && (await codesOf('--territory', territory)),
    keepNames: keepAccountNames,
  }
}

/** What the analyst says of the set that a list of accounts is. */
const setIn = async ({ set, setName, setMarking }: Pick<IngestWords, 'set' | 'setName' | 'setMarking'>) => {
  if ((set ?? setName ?? setMarking) === undefined) return {}
  const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
  return {
    set: {
      ...(set !== undefined && { id: set }),
      ...(setName !== undefined && { name: setName }),
      ...(setMarking !== undefined && {
        marking: usage('--set-marking', () => parseMarking(setMarking)),
        mayLower: true,
      }),
    },
  }
}

export type IngestWords = {
  readonly format: IntakeFormat
  readonly territory?: string[]
  readonly observed?: string
  readonly map?: string
  readonly sheet?: string
  readonly posts?: string
  readonly set?: string
  readonly setName?: string
  readonly setMarking?: string
  readonly rules?: string
  readonly aliases?: string
  readonly keepAccountNames: boolean
  readonly by?: string
  readonly reason?: string
  readonly check: boolean
}

export type Analysts = 'territory' | 'observed' | 'rules' | 'aliases' | 'keepAccountNames'

export const rejectLine = (reject: Rejected): string => `${placeOf(reject)}  ${whyOf(reject)}`

/** In which files, where it came in several. */
export const placesOf = ({ also = [], ...first }: Place & { readonly also?: readonly Place[] | undefined }): string =>
  [...new Set([first, ...also].map(placeOf))].join(', ')

type Place = Pick<Rejected, 'file' | 'line' | 'id'>

export const placeOf = ({ file, line, id }: Place): string =>
  [file, line, id].filter((part) => part !== undefined && part !== null).join(':')

export const whyOf = ({ path, message }: Rejected): string => told(path, message)

/** A message of several faults names the place of each itself. */
const told = (path: string, message: string): string =>
  path === '' || message.startsWith(`${path}: `) ? message : `${path} ${message}`

type Rejected = {
  readonly file: string
  readonly line?: number | null | undefined
  readonly id?: string | null | undefined
  readonly path: string
  readonly message: string
}

export const ingestLine = (tally: {
  read: number
  accepted: number
  revised: number
  duplicates: number
  unplaced: number
  contested: number
  runs: number
  rejected: number
}): string => {
  const { read, accepted, revised, duplicates, unplaced: without, contested, runs, rejected } = tally
  const waiting = contested > 0 ? `, ${contested} contested` : ''
  const ran = runs > 0 ? `, ${plural(runs, 'word')} of a run` : ''
  return `${plural(read, 'record')} read: ${accepted} accepted, ${revised} revised, ${plural(duplicates, 'duplicate')}, ${without} unplaced${waiting}${ran}, ${rejected} rejected`
}
