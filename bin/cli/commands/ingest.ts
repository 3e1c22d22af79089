import { InvalidArgumentError } from 'commander'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import type { Fault } from '../../../lambdas/domain/core/fault.ts'
import { harmless } from '../../../lambdas/domain/core/text/harmless.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { intakeFormats } from '../../../lambdas/intake/file-formats.ts'
import type { Batch } from '../../../lambdas/store/intake/batches.ts'
import type { UndoneBatch } from '../../../lambdas/usecases/ingest/undo-batch.ts'
import type { IngestResult } from '../answers.ts'
import { codesOf, markingAsked, observedAsked, whoDoes } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import type { IngestCommand } from '../ingest-files.ts'
import { formatEffect, formatFigure } from '../output/figures.ts'
import { tableOf, utcMinute } from '../output/tables.ts'
import { say } from '../output/terminal.ts'
import { printOutcome, run } from '../run.ts'
import { bare, command } from '../table.ts'
import { argument, author, flag, option } from '../words.ts'

export const ingestCommands = [
  bare('ingest', {
    description: 'store detections from files of detectors and threat-intelligence platforms (docs/data.md)',
    takes: {
      files: argument('<file...>', 'files to read; - is standard input'),
      format: option('--format <format>', 'the format; recognised by content if omitted')
        .oneOf(intakeFormats)
        .or('auto'),
      territories: option(
        '--territory <code...>',
        'territories of detections that have none: codes, names or groups (overseas, antilles, pacific, indian-ocean)',
      ).read(codesOf),
      observed: option(
        '--observed <period|from..to>',
        'date of detections that have none: 2024-W20, 2024-02, 2023-07..2024-10, 2024-05-15..2024-05-16',
      ).read(observedAsked),
      publisher: option('--publisher <name>', 'source of the attributions of a STIX bundle that names none').filled(),
      map: option('--map <json>', 'meaning of a table’s columns: vigie map FILE proposes it'),
      mapSave: flag('--map-save', 'remember it for tables with the same headings, which are then read by it'),
      sheet: option('--sheet <name>', 'sheet of a workbook (.xlsx); by default the first that is not empty'),
      posts: option('--posts <csv>', 'posts that D3lta’s matches refer to: id, account, time, text, platform'),
      id: option('--set <id>', 'id of a list of accounts; detections refer to it'),
      name: option('--set-name <name>', 'name of the list for readers'),
      marking: option('--set-marking <tlp>', 'marking of its name, size and accounts; as before, else AMBER').read(
        markingAsked,
      ),
      rules: option(
        '--rules <json>',
        'rules from hashtags, texts or campaigns to territories; applied before those of vigie.json',
      ),
      aliases: option('--aliases <json>', 'spellings of the same name; applied before those of vigie.json'),
      keepNames: flag('--keep-account-names', 'store accounts’ names instead of pseudonyms'),
      by: option('--by <name>', 'author of corrections in manual records; else the name of their detector'),
      reason: option('--reason <text>', 'reason; both are kept with each corrected field'),
      isTrial: flag('--check', 'show the result for each record, and store nothing'),
    },
    after:
      '\nEvery record is accepted, revised, a duplicate, unplaced, contested, word\nof a run, or rejected; these add up to those read.\nRejects, contested and unplaced records are kept: see vigie inbox list.',
    act: async ({ id, name, marking, isTrial, ...plain }, self) => {
      if (plain.mapSave && plain.map === undefined)
        throw new InvalidArgumentError('--map-save remembers what --map gives: give both')
      const set = {
        ...(id !== undefined && { id }),
        ...(name !== undefined && { name }),
        ...(marking !== undefined && { marking, mayLower: true }),
      }
      const asked = { ...plain, ...(Object.keys(set).length > 0 && { set }) }
      await run('ingest', self, (context) => (isTrial ? checked(asked, context) : ingested(asked, context)), {
        isTrial,
      })
    },
  }),
  command('ingest list', {
    description: 'batches, newest first',
    run: async (_, { services }) => {
      const { undoneAs } = await import('../../../lambdas/usecases/ingest/undo-batch.ts')
      const value = await services.batches.list()
      return {
        value,
        lines: tableOf(value, {
          Batch: ({ name }) => name,
          At: ({ storedAt }) => utcMinute(storedAt),
          Read: { right: ({ counts }) => (counts ? String(counts.read) : 'cut off') },
          Stored: { right: ({ counts }) => counts && String(storedIn(counts)) },
          Undone: (one) => undoneText(undoneAs(one), one),
          File: ({ file }) => file,
        }),
      }
    },
  }),
  command('ingest undo', {
    description: 'undo a batch, within seven days; published reports do not change',
    takes: {
      batch: argument('<batch>', 'as vigie ingest and vigie ingest list name it'),
      by: author('author, kept with the batch'),
      reason: option('--reason <text>', 'reason, kept with the batch').filled(),
    },
    run: async ({ batch, by: name, reason }, { services }) => {
      const { undoBatch } = await import('../../../lambdas/usecases/ingest/undo-batch.ts')
      const { by } = await whoDoes({ by: name })
      const undone = await undoBatch(batch, by, services, reason)
      const { file, withdrawn, unplaced, restored, already, gone, parts, rejects, contested, reopened, isDone } = undone
      const { left, byHand, waits, laterBatches, accepted, sets, runs, did } = undone
      return {
        ok: isDone,
        value: undone,
        lines: [
          did === 'nothing undone'
            ? `${did} of ${batch} of ${file}`
            : `${batch} of ${file} is ${did}: ${plural(withdrawn, 'detection')} withdrawn${unplaced > 0 ? ` (${unplaced} without a territory)` : ''}, ${restored} as before`,
          ...(already > 0 ? [`  undone before, and still so: ${plural(already, 'detection')}`] : []),
          ...(gone > 0 ? [`  withdrawn by an analyst before, and still so: ${plural(gone, 'detection')}`] : []),
          ...(parts.length > 0 ? [`  parts of it count for themselves now: ${parts.join(', ')}`] : []),
          ...(rejects + contested > 0 ? [`  dropped: ${plural(rejects, 'reject')}, ${contested} contested`] : []),
          ...(runs > 0 ? [`  taken back: ${plural(runs, 'word of a run', 'words of runs')}`] : []),
          ...(reopened > 0 ? [`  open again: ${plural(reopened, 'reject')} that it had closed`] : []),
          ...left.map((id) => `  left, since it was changed or its lower marking was refused: ${id}`),
          ...waits.map((id) => `  waits for another analyst, since its marking would be lower: ${id}`),
          ...(waits.length > 0 ? [`  vigie inbox accept --batch ${batch} --by …, then undo it again`] : []),
          ...accepted.map(({ id, by: who }) => `  left, since ${who} accepted it: ${id}`),
          ...byHand.map((id) => `  an analyst decided on ${id}: withdraw it with vigie withdraw ${id}, if it is wrong`),
          ...laterBatches.map((later) => `  vigie ingest undo ${later} first, then ${batch} again`),
          ...sets.map((id) => `  left, as sets of accounts are: ${id}`),
          ...undone.repaired.map((other) => `  a row was repaired in ${other} and stays: undo that too if needed`),
        ],
      }
    },
  }),
  bare('map', {
    description: 'propose the meaning of a table’s columns, as a file for vigie ingest --map',
    takes: {
      file: argument('<file>', 'a CSV file or a workbook (.xlsx)'),
      sheet: option('--sheet <name>', 'of a workbook'),
      out: option('--out <json>', 'output file; next to the table if omitted'),
    },
    act: async ({ file, sheet, out = `${file}.mapping.json` }, self) => {
      const { chunksOf, writeNew } = await import('../files.ts')
      const { tableIn } = await import('../../../lambdas/intake/formats.ts')
      const { proposeMapping } = await import('../../../lambdas/intake/csv/propose.ts')
      const proposed = await proposeMapping(await tableIn(await chunksOf(file), { file, sheet }), file)
      const { mapping, columns, missing } = proposed
      await writeNew(out, `${JSON.stringify(mapping, null, 2)}\n`)
      const absent = {
        title: 'no column gives a title: name one, or give "constants": {"title": …}',
        observed: 'no column gives a date: name one, or state it with --observed',
      }
      printOutcome('map', self, {
        ok: missing.length === 0,
        value: { out, ...proposed },
        lines: [
          ...tableOf(columns, {
            Column: ({ heading }) => heading,
            Field: ({ fields }) => fields.join(', ') || 'left out',
            By: ({ by }) => by ?? '',
            Example: ({ example }) => example?.slice(0, 40) ?? '',
          }),
          ...missing.map((one) => absent[one]),
          `written to ${out}: look at it, then vigie ingest --check ${file} --map ${out}`,
        ],
      })
    },
  }),
]

const ingested = async (asked: IngestCommand, context: CliContext) => {
  const { ingestFiles } = await import('../ingest-files.ts')
  const left: { readonly place: string; readonly fault: Fault }[] = []
  const onOutcome: IngestCommand['onOutcome'] = (record, { kind }, file) => {
    if (!('doubts' in record) || kind === 'duplicate') return
    const { line, doubts = [] } = record
    for (const one of doubts) if (one.kind === 'cell') left.push({ place: placeOf({ file, line }), fault: one.fault })
  }
  const result = await ingestFiles({ ...asked, onOutcome }, context)
  return {
    ok: isClean(result),
    value: result,
    lines: [
      ...tallyLines(result, asked),
      ...result.batches.flatMap(({ batch, file, read }) =>
        read > 0 ? [`  batch ${batch}${asked.files.length > 1 ? `, of ${file}` : ''}`] : [],
      ),
      ...threeOfEach(
        result.rejects,
        ({ path }) => path,
        (reject) => [`  rejected: ${rejectLine(reject)}`],
      ),
      ...threeOfEach(
        left,
        ({ fault }) => JSON.stringify(fault.values?.column),
        ({ place, fault }) => [`  ${place}  ${harmless(faultText(fault))}`],
      ),
      ...threeOfEach(
        result.contests,
        ({ message }) => message,
        ({ id, message }) => [`  contested: ${id}  ${message}`],
      ),
    ],
  }
}

const threeOfEach = <One>(
  all: readonly One[],
  kindOf: (one: One) => string,
  linesOf: (one: One) => readonly string[],
): readonly string[] =>
  [...Map.groupBy(all, kindOf).values()].flatMap((same) => [
    ...same.slice(0, 3).flatMap(linesOf),
    ...(same.length > 3 ? [`… and ${same.length - 3} more like these`] : []),
  ])

const checked = async (asked: IngestCommand, context: CliContext) => {
  const { ingestFiles } = await import('../ingest-files.ts')
  const { checkList } = await import('../../../lambdas/usecases/ingest/check-detections.ts')
  const { records: listed, onOutcome } = checkList(context.services.clock())
  const { batches: _, rejects: __, contests: ___, ...result } = await ingestFiles({ ...asked, onOutcome }, context)
  const { changeLines } = await import('../../../lambdas/web/reading-room/frame/field-text.ts')
  const { roomWordingOf } = await import('../../../lambdas/web/shared/wording.ts')
  const shown = await listed(context.services.detections)
  const records = shown.map(({ change: _change, kind: _kind, ...record }) => record)
  const changesOf = ({ change }: (typeof shown)[number]) => (change ? changeLines(change, roomWordingOf('en')) : [])
  return {
    ok: isClean(result),
    value: { ...result, records },
    lines: [
      ...threeOfEach(
        shown,
        ({ kind }) => kind,
        (one) => checkedLines(one, changesOf(one)),
      ),
      ...(result.read > records.length ? [`… and ${result.read - records.length} more`] : []),
      ...tallyLines(result, asked),
      ...(isNothing(result, asked) ? [] : ['nothing is stored: the same without --check stores it']),
    ],
  }
}

const isClean = ({ rejected, contested, failed }: Pick<IngestResult, 'rejected' | 'contested' | 'failed'>): boolean =>
  rejected + contested + failed.length === 0

const isNothing = ({ read, failed }: Pick<IngestResult, 'read' | 'failed'>, { files }: IngestCommand): boolean =>
  read === 0 && failed.length === files.length

const tallyLines = (
  result: Omit<IngestResult, 'batches' | 'rejects' | 'contests'>,
  asked: IngestCommand,
): readonly string[] => {
  for (const { file, message } of result.failed) say(message.startsWith(file) ? message : `${file}: ${message}`)
  return [
    ...(isNothing(result, asked) ? [] : [ingestLine(result)]),
    ...result.spread.map(
      ({ group, territories, records }) =>
        `  ${JSON.stringify(group)}: ${plural(territories, 'territory', 'territories')}, by ${plural(records, 'record')}`,
    ),
    ...Object.entries(result.noted).map(([what, count]) => `  noted: ${count} × ${what}`),
  ]
}

type Checked = import('../../../lambdas/usecases/ingest/check-detections.ts').CheckedRecord

const checkedLines = (
  { line, id, outcome, path, message, detection, doubts }: Checked,
  changes: readonly string[],
): readonly string[] => [
  [line === null ? undefined : `line ${line}`, outcome, id, detection?.title]
    .filter((one) => one !== undefined && one !== null && one !== '')
    .map((one) => harmless(String(one)))
    .join('  '),
  ...(detection ? [`  ${summaryParts(detection).join(' · ')}`] : []),
  ...(changes.length > 0 ? ['  changes:', ...changes.map((change) => `    ${harmless(change)}`)] : []),
  ...(message === null ? [] : [`  ${harmless(whyOf({ path: path ?? '', message }))}`]),
  ...doubts.map((doubt) => `  look at: ${harmless(doubt)}`),
]

const summaryParts = ({
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
    count && 'value' in count ? [`${figure} ${formatFigure(count)}`] : [],
  ),
  ...(observedEffect ? [`effect ${harmless(formatEffect(observedEffect))}`] : []),
  marking,
]

const undoneText = (as: UndoneBatch['did'] | undefined, { undoneAt = '', left }: Batch): string => {
  if (as === undefined) return ''
  if (as === 'undone') return utcMinute(undoneAt)
  return `${as === 'nothing undone' ? 'nothing' : 'in part'}, ${left} left`
}

const storedIn = ({ accepted = 0, revised = 0, unplaced = 0 }: NonNullable<Batch['counts']>): number =>
  accepted + revised + unplaced

export const rejectLine = (reject: Rejected): string => `${placeOf(reject)}  ${whyOf(reject)}`

type Place = Pick<Rejected, 'file' | 'line' | 'id'>

const placeOf = ({ file, line, id }: Place): string =>
  [file, line, id].filter((part) => part !== undefined && part !== null).join(':')

/** A message of several faults has its paths already. */
const whyOf = ({ path, message }: Pick<Rejected, 'path' | 'message'>): string =>
  path === '' || message.startsWith(`${path}: `) ? message : `${path} ${message}`

type Rejected = {
  readonly file: string
  readonly line?: number | null | undefined
  readonly id?: string | null | undefined
  readonly path: string
  readonly message: string
}

const ingestLine = (tally: {
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
