import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import {
  anyOf,
  eachOf,
  type Fault,
  fault,
  faultAt,
  type FaultCode,
  quoted,
  several,
  withTexts,
} from '../../domain/core/fault.ts'
import { figureNames } from '../../domain/core/figures.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { type Refusal } from '../../domain/core/schema-fault.ts'
import {
  byHandName,
  type Detection,
  type DetectionInput,
  readDetection,
  type TextField,
} from '../../domain/detection/detection.ts'
import { codesMeant, namesManyTerritories } from '../../domain/detection/gazetteer.ts'
import { attributedByDetector } from '../../domain/detection/names/attributed-by.ts'
import { fieldsOf } from '../../domain/detection/revisions/correction.ts'
import type { Parts } from '../../domain/detection/revisions/parts.ts'
import { FileError } from '../record/file-error.ts'
import { type IntakeOptions, type IntakeRecord, type Missing, type Origin, rejectOf } from '../record/record.ts'
import { isMidnightColumn, orderAdvice, orderShown } from '../table/cell-dates.ts'
import { CellError, type FixOptions, hasNoValue, unguarded } from '../table/cells.ts'
import { notesFor } from '../table/pair-table.ts'
import { batchedSheetOf, firstOf, quotedRow, type Row, type RowOrReject } from '../table/rows.ts'
import { type ChosenColumn, chosenColumns, mappedTo, rivalOf, textsIn } from './columns.ts'
import {
  type Draft,
  type Field,
  type Fill,
  type Form,
  fitOf,
  headingsMeant,
  newDraft,
  titleFromSummary,
} from './fields.ts'
import { constantsOf, formOf, type Mapping, plainMapping } from './mapping.ts'

export type CsvOptions = IntakeOptions & { readonly mapping?: Mapping }

/** A sheet with more columns is broken or hostile. */
const maxColumns = 2_000
const maxColumnsNamed = 20

/** Checks for a title or summary, and a date. */
export const looksLikeDetections = (headings: readonly string[]): boolean => {
  const names = headings.map((heading) => fitOf(heading)?.field)
  return (
    names.some((field) => field?.path === 'title' || field?.path === 'summary') &&
    names.some((field) => isFirstDate(field))
  )
}

/** Checks for an id and any other field: corrections of stored detections. */
export const looksLikeCorrections = (headings: readonly string[]): boolean => {
  const names = headings.flatMap((heading) => fitOf(heading)?.field.name ?? [])
  return names.includes('id') && names.some((name) => name !== 'id')
}

const isFirstDate = (field: Field | undefined): boolean => field?.name === 'observed' || field?.name === 'observed.from'

/**
 * Yields a detection for each row, or a reject whose path is the column's heading. A generated id uses detector, title,
 * first day as written, territories and platforms, so that it survives other corrections; rows that agree in all these
 * need an id. A row with an id but no title or date refers to a stored detection.
 * @throws FileError where no column gives an id, a title or a date, or columns contradict each other
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  { mapping = plainMapping, ...options }: CsvOptions,
): AsyncGenerator<IntakeRecord> {
  const { headings, context, batches } = await batchedSheetOf(chunks, options)
  const ahead = await firstOf(batches)
  const [first] = ahead
  if (headings.length === 0) {
    throw new FileError(
      first && 'reject' in first
        ? fault('csv.headings', { file: options.file, line: first.reject.line ?? 1, reason: first.reject.fault })
        : fault('csv.empty', { file: options.file }),
    )
  }
  const seen = ahead.flatMap((row) => ('reject' in row ? [] : [row]))
  const columns = columnsOf(headings, seen, mapping, options)
  const alone = readAlone(columns, context, mapping)
  const read = rowReader(columns, alone, mapping, options)
  const recordOf = (row: RowOrReject): IntakeRecord =>
    'reject' in row ? { reject: { ...row.reject, ...alone } } : read.record(row)
  if (ahead.length === 0) options.note?.(fault('csv.noRows'), 1)
  for (const row of ahead) yield recordOf(row)
  for await (const batch of batches) for (const row of batch) yield recordOf(row)
  read.reportOdd()
}

/** Reports faults by field, not by column. */
export const readCells = (
  cells: Readonly<Record<string, string>>,
  { mapping = plainMapping, ...options }: CsvOptions,
): IntakeRecord => {
  const row: Row = { line: 1, offset: 0, text: quotedRow(Object.values(cells)), cells: Object.values(cells) }
  const columns = columnsOf(Object.keys(cells), [row], mapping, options)
  return rowReader(columns, { context: undefined }, mapping, { ...options, isAlone: true }).record(row)
}

/** The order of dates shows in many rows only. */
type Alone = { readonly context: string | undefined; readonly origin?: Origin }

const readAlone = (columns: readonly Column[], context: string | undefined, mapping: Mapping): Alone => {
  const orders = new Set(columns.flatMap(({ field, form }) => (field.isDate ? [form.dates.order] : [])))
  const [dates, other] = orders
  if (dates === undefined) return { context }
  // A mapping has one order for all columns.
  if (other !== undefined) return { context: undefined }
  return { context, origin: { format: 'csv', settings: { mapping: { ...mapping, dates } } } }
}

type Column = {
  readonly at: number
  readonly heading: string
  readonly field: Field
  readonly form: Form
}

const columnsOf = (
  headings: readonly string[],
  ahead: readonly Row[],
  mapping: Mapping,
  options: IntakeOptions,
): readonly Column[] => {
  const { file, note = () => {} } = options
  if (headings.length > maxColumns) {
    throw new FileError(fault('csv.tooManyColumns', { file, columns: headings.length, max: maxColumns }))
  }
  const mapped = mappedTo(mapping)
  for (const heading of mapped.missing(headings)) note(fault('csv.mappedColumnMissing', { column: named(heading) }), 1)
  const unused: { readonly heading?: string; readonly why: Fault }[] = []
  const chosen = chosenColumns(headings, ahead, mapping)
  for (const [at, heading] of headings.entries()) {
    const isEmpty = heading === '' && textsIn(at, ahead).length === 0
    if (isEmpty || mapped.fields(heading) || chosen.some((one) => one.at === at)) continue
    unused.push({
      heading,
      why: heading === '' ? fault('csv.unnamedColumnUnused', { number: at + 1 }) : unusedColumn(heading),
    })
  }
  const kept = chosen.filter((one) => {
    const better = rivalOf(one, chosen)
    if (!better) return true
    if (better.rank === one.rank) {
      throw new FileError(
        fault('csv.twoColumns', {
          file,
          column: named(better.heading),
          number: better.at + 1,
          other: named(one.heading),
          otherNumber: one.at + 1,
          field: one.field.name,
        }),
      )
    }
    const names = { column: named(one.heading), other: named(better.heading) }
    unused.push({ why: fault('csv.columnOutranked', { ...names, field: one.field.name }) })
    return false
  })
  for (const { why } of unused.slice(0, maxColumnsNamed)) note(why, 1)
  if (unused.length > maxColumnsNamed) note(fault('csv.moreColumnsUnused'), unused.length - maxColumnsNamed)
  const constants = constantsOf(mapping).map(({ field }) => field)
  const summary = kept.find(({ field }) => field.path === 'summary')
  if (summary && ![...kept.map(({ field }) => field), ...constants].some(({ path }) => path === 'title')) {
    kept.push({ ...summary, field: titleFromSummary })
    note(fault('csv.titlesFromSummary', { column: named(summary.heading) }), 1)
  }
  const filled = [...kept.map(({ field }) => field), ...constants]
  const listed = quoted(headings.slice(0, maxColumnsNamed).map(startOf))
  const refuseWithout = (is: (field: Field | undefined) => boolean, code: 'csv.noTitleColumn' | 'csv.noDateColumn') => {
    if (filled.some(is)) return
    const [meant] = unused.flatMap(({ heading = '' }) =>
      headingsMeant(heading)
        .filter((one) => is(fitOf(one)?.field))
        .map((one) => ({ meant: one, heading: named(heading) })),
    )
    throw new FileError(
      meant ? fault(`${code}Meant`, { file, headings: listed, ...meant }) : fault(code, { file, headings: listed }),
    )
  }
  if (!filled.some(({ name }) => name === 'id')) {
    refuseWithout((field) => field?.path === 'title', 'csv.noTitleColumn')
    if (!options.observed) refuseWithout(isFirstDate, 'csv.noDateColumn')
  }
  return withDates(kept, ahead, mapping, options)
}

/**
 * Reads dates as day/month/year unless the mapping states otherwise or a column's cells can only be month/day/year. An
 * ambiguous column follows the others.
 */
const withDates = (
  columns: readonly ChosenColumn[],
  ahead: readonly Row[],
  mapping: Mapping,
  options: IntakeOptions,
): readonly Column[] => {
  const { note = () => {}, canMap } = options
  const form = formOf(mapping, options)
  for (const { at, heading, field } of columns) {
    if (!field.isDate || mapping.midnight === 'instant' || !isMidnightColumn(textsIn(at, ahead))) continue
    note(fault(mapping.midnight === 'day' ? 'csv.midnightDays' : 'csv.midnightUtc', { column: named(heading) }), 1)
  }
  const readings = new Map(
    mapping.dates === undefined
      ? columns.flatMap(({ at, field }) => (field.isDate ? [[at, orderShown(textsIn(at, ahead))] as const] : []))
      : [],
  )
  const shown = [...readings.values()].filter((reading) => reading.shown !== undefined)
  const others = new Set(shown.map(({ order }) => order))
  const [common] = others.size === 1 ? others : []
  return columns.map(({ rank: _, ...column }) => {
    const reading = readings.get(column.at)
    if (!reading) return { ...column, form }
    const order = reading.shown === undefined ? (common ?? reading.order) : reading.order
    const values = { column: named(column.heading), order: fault(`dates.${order}`) }
    if (order === 'month/day/year') {
      note(fault('csv.columnDatesShown', { ...values, example: shown[0]?.shown ?? '' }), 1)
    } else if (reading.doubtful > 0 && common === undefined) {
      note(fault('csv.columnDatesUnshown', { ...values, advice: orderAdvice({ canMap }) }), reading.doubtful)
    }
    return { ...column, form: { ...form, dates: { ...form.dates, order } } }
  })
}

const startOf = (heading: string): string => (heading.length <= 60 ? heading : `${heading.slice(0, 60)}…`)

const named = (heading: string) => quoted(startOf(heading))

const unusedColumn = (heading: string): Fault => {
  const meant = headingsMeant(heading)
  const column = named(heading)
  return meant.length === 0
    ? fault('csv.columnUnused', { column })
    : fault('csv.columnUnusedMeant', { column, meant: anyOf(meant) })
}

const rowReader = (
  columns: readonly Column[],
  alone: Alone,
  mapping: Mapping,
  { isAlone = false, ...options }: IntakeOptions,
) => {
  const { file } = options
  const form = formOf(mapping, options)
  const readers = columns.map((column) => ({
    ...column,
    fillOf: cellReader(column, { isAlone, canMap: options.canMap }),
  }))
  const isTitled = !columns.some(({ field }) => field === titleFromSummary)
  const constants = constantsOf(mapping).map(({ field, cells }) => ({
    name: field.name,
    fills: cells.map((cell) => field.read(cell, form)),
    isMarking: field.name === 'marking',
    /** The columns that override the constant. */
    own: readers.filter((column) => column.field.name === field.name),
  }))
  const odd = notesFor(options)
  const madeIds = new Map<string, { readonly line: number; readonly content: number }>()

  /** Missing fields get a stand-in so that the rest is checked too. */
  const wholeInput = (draft: Draft, faults: readonly Refusal[], missing: Missing[]): unknown => {
    const given = inputOf(draft, options)
    if ('input' in given) return given.input
    const path = headingOf(columns, given.missing)
    const isFaulty = readers.some(
      ({ heading, field }) => field.path.startsWith(given.missing) && faults.some(({ path }) => path === heading),
    )
    if (!isFaulty) missing.push({ ...faultAt(path, given.fault), field: given.missing })
    if (given.missing === 'title') draft.texts.title.und = '–'
    // A last day alone edits the end of a stored time.
    else draft.from = draft.to ?? '2000-01-01'
    return wholeInput(draft, faults, missing)
  }

  /** @param left columns whose cell cannot be read, by heading: the record does without them */
  const record = (row: Row, left: ReadonlyMap<string, Fault> = new Map()): IntakeRecord => {
    const { line, offset, text, cells } = row
    const draft = newDraft()
    const { values, doubts } = draft
    for (const [heading, reason] of left) {
      doubts.push({ kind: 'cell', fault: fault('csv.cellLeft', { column: named(heading), reason }) })
    }
    const faults: Refusal[] = []
    const filled = new Set<string>()
    let id: string | undefined
    const about = (reason: Fault) => ({
      ...{ file, line, offset, path: reason.path ?? '', fault: reason },
      ...(id !== undefined && { id }),
    })
    for (const { at, heading, field, fillOf } of readers) {
      const cell = left.has(heading) ? '' : cells[at]
      const fill = cell && fillOf(cell)
      if (!fill) continue
      if (typeof fill !== 'function') {
        faults.push(faultAt(heading, fill.problem))
        continue
      }
      fill(draft)
      filled.add(field.name)
      id = values.id
      if (draft.odd) {
        if (left.size === 0) odd.add(fault(oddities[draft.odd], { column: named(heading) }))
        draft.odd = undefined
      }
    }
    // A row that ends before its marking would be stored under the default one.
    const unmarked = readers.find(({ at, field }) => field.name === 'marking' && at >= (row.given ?? cells.length))
    if (unmarked && values.marking === undefined) {
      faults.push(faultAt(unmarked.heading, fault('csv.shortRow', { cells: row.given ?? 0, headings: cells.length })))
    }
    tieYears(draft)
    if (values.marking !== undefined) values.markingSource = 'stated'
    pushAll(faults, conflictingParts(draft, readers))
    const fields = fieldsIn(draft, isTitled)
    for (const { name, fills, isMarking, own } of constants) {
      if (own.some(({ at, fillOf }) => fillOf(cells[at] ?? ''))) continue
      for (const fill of fills) fill(draft)
      filled.add(name)
      if (isMarking) values.markingSource = 'container'
    }
    const stated = statedIn(draft, isTitled, options).filter((field) => !fields.includes(field))
    const parts = partsIn(draft, filled)
    const isNamed = id !== undefined
    const isPlaced = values.territories !== undefined
    const asTyped = typedIn(draft, readers, cells)
    const missing: Missing[] = []
    const result = readDetection(wholeInput(draft, faults, missing))
    if (!isNamed) pushAll(faults, missing)
    const [firstMissing, ...others] = missing
    if ('refusal' in result) {
      pushAll(
        faults,
        eachOf(result.refusal).map((one) => faultAt(headingOf(columns, one.path ?? ''), asTyped(one))),
      )
    }
    if ('refusal' in result || faults.length > 0) {
      const without = isAlone ? undefined : leftOut(faults, readers, left)
      if (without) return record(row, without)
      return { reject: rejectOf(text, { ...about(several(faults)), ...alone }) }
    }
    for (const heading of left.keys()) odd.add(fault('csv.cellsLeft', { column: named(heading) }))
    const { detection } = result
    // A row whose only figure is unreadable would look like a detection without figures.
    if (Object.keys(detection.counts).length === 0 && losesFigure(left, readers)) {
      const lost = several([...left].map(([heading, reason]) => faultAt(heading, reason)))
      return { reject: rejectOf(text, { ...about(lost), ...alone }) }
    }
    const received = {
      line,
      raw: text,
      ...alone,
      ...(doubts.length > 0 && { doubts }),
      correction: { fields, parts, stated, kind: 'row' as const },
      ...(firstMissing && { missing: [firstMissing, ...others] as const }),
    }
    if (isNamed) return { detection, ...received }
    const own = ownId(detection, isPlaced, draft.days[draft.from === undefined ? 'period' : 'from'])
    const content = crc32(text)
    const before = madeIds.get(own)
    if (before && before.content !== content) {
      // Read alone, it would replace the other one.
      return { reject: rejectOf(text, about(fault('csv.sameDetection', { line: before.line }))) }
    }
    if (!before) madeIds.set(own, { line, content })
    return { detection: { ...detection, id: own }, ...received }
  }
  return {
    record,
    reportOdd: odd.report,
  }
}

/** Fields without which a record is another one, or would be shown to others. */
const essential: ReadonlySet<string> = new Set(['id', 'partOf', 'revision', 'detector', 'title', 'observed', 'marking'])

/** Undefined where the row cannot do without a faulty cell. */
const leftOut = (
  faults: readonly Refusal[],
  columns: readonly Column[],
  before: ReadonlyMap<string, Fault>,
): ReadonlyMap<string, Fault> | undefined => {
  const left = new Map(before)
  for (const reason of faults) {
    const [group = ''] = (reason.path ?? '').split('.')
    const own = columns.filter(({ heading }) => heading === reason.path)
    const faulty = own.length > 0 ? own : columns.filter(({ field }) => field.path.startsWith(`${group}.`))
    if (faulty.length === 0 || faulty.some(({ field }) => essential.has(field.path))) return undefined
    const { path: _, ...found } = reason
    for (const { heading } of faulty) left.set(heading, found)
  }
  return left.size > before.size ? left : undefined
}

const losesFigure = (left: ReadonlyMap<string, Fault>, columns: readonly Column[]): boolean =>
  columns.some(
    ({ heading, field }) =>
      field.path.startsWith('counts.') && left.has(heading) && left.get(heading)?.code !== 'cell.ceiling',
  )

const conflictingParts = (
  { counts, qualifiers, from, period, to }: Draft,
  columns: readonly Column[],
): readonly Refusal[] => {
  const headingOfField = (name: string): string => columns.find(({ field }) => field.name === name)?.heading ?? name
  const figures = figureNames.flatMap((figure): readonly Refusal[] => {
    const [whole, part] = [counts[figure]?.qualifier ?? 'exact', qualifiers[figure] ?? 'exact']
    if (whole === 'exact' || qualifiers[figure] === undefined || part === whole) return []
    const path = headingOfField(`counts.${figure}.qualifier`)
    return [faultAt(path, fault('csv.otherQualifier', { heading: quoted(headingOfField(`counts.${figure}`)) }))]
  })
  if (from !== undefined || period?.to === undefined || to === undefined || to === period.to) return figures
  const reason = fault('csv.otherEnd', { heading: quoted(headingOfField('observed')) })
  return [...figures, faultAt(headingOfField('observed.to'), reason)]
}

/** An end without a year lies within a year of the other end. */
const tieYears = (draft: Draft): void => {
  const { from, to, yearless } = draft
  if (from === undefined || to === undefined) return
  const inYear = (text: string, year: number) => `${year}${text.slice(4)}`
  if (yearless.has('to')) {
    const year = Number(from.slice(0, 4))
    draft.to = [year, year + 1].map((one) => inYear(to, one)).find((one) => one >= from) ?? to
  } else if (yearless.has('from')) {
    const year = Number(to.slice(0, 4))
    draft.from = [year, year - 1].map((one) => inYear(from, one)).find((one) => one <= to) ?? from
  }
}

type Read = Fill | { readonly problem: Fault } | undefined

/** Caches repeated cells. */
const cellReader = ({ field, form }: Column, fixOptions: FixOptions): ((cell: string) => Read) => {
  const read = (cell: string): Read => {
    const text = unguarded(cell.trim())
    if (hasNoValue(text)) return undefined
    try {
      return field.read(text, form)
    } catch (error) {
      if (error instanceof CellError) return { problem: error.faultFor(fixOptions) }
      throw error
    }
  }
  if (!field.repeats) return read
  const known = new Map<string, Read>()
  const learn = (cell: string): Read => {
    const fresh = read(cell)
    if (cell.length <= maxRememberedChars && known.size < maxCellsRemembered) known.set(cell, fresh)
    return fresh
  }
  return (cell) => known.get(cell) ?? learn(cell)
}

const maxCellsRemembered = 1_000
const maxRememberedChars = 200

const oddities: Readonly<Record<NonNullable<Draft['odd']>, FaultCode>> = {
  serial: 'csv.excelDays',
  'no offset': 'csv.noOffset',
  'no year': 'csv.noYear',
}

/** The column of the longest path: `claim.source` before `claim`. */
const headingOf = (columns: readonly Column[], path: string): string =>
  columns
    .filter(
      ({ field }) => path === field.path || path.startsWith(`${field.path}.`) || path.startsWith(`${field.path}[`),
    )
    .toSorted((one, other) => other.field.path.length - one.field.path.length)[0]?.heading ?? path

const fieldsIn = (draft: Draft, isTitled: boolean) => {
  const { values, texts, counts, qualifiers, actor, accountSet, event, archives, from, to, period } = draft
  const inParts = {
    ...{ title: isTitled ? texts.title : {}, summary: texts.summary, counts: { ...qualifiers, ...counts } },
    ...{ actor, accountSet, event, ...groupsIn(draft) },
  }
  return fieldsOf({
    ...values,
    ...Object.fromEntries(Object.entries(inParts).filter(([, part]) => !isEmpty(part))),
    ...((from ?? to ?? period) && { observed: {} }),
    ...(archives && { evidence: [] }),
  })
}

/** Includes parts that the record cannot hold: those of an actor without a name, or a qualifier alone. */
const partsIn = (draft: Draft, filled: ReadonlySet<string>): Parts => ({
  ...Object.fromEntries([...filled].map((name) => [name, true])),
  ...Object.fromEntries(
    Object.entries({ actor: draft.actor, ...groupsIn(draft) }).flatMap(([group, parts]) =>
      Object.entries(parts).map(([part, value]) => [`${group}.${part}`, value]),
    ),
  ),
  ...Object.fromEntries(
    Object.entries(draft.qualifiers).map(([figure, value]) => [`counts.${figure}.qualifier`, value]),
  ),
})

const typedIn = (
  { from, to }: Draft,
  columns: readonly Column[],
  cells: readonly (string | undefined)[],
): ((reason: Fault) => Fault) => {
  const ends = Object.entries({ 'observed.from': from, 'observed.to': to })
  const typed = ends.flatMap(([name, read]) => {
    const cell = cells[columns.find(({ field }) => field.name === name)?.at ?? -1]?.trim() ?? ''
    return read !== undefined && cell !== '' && cell !== read ? [[read, cell] as const] : []
  })
  if (typed.length === 0) return (reason) => reason
  const cellOf = new Map(typed)
  // Does not match a month inside the day that it begins.
  const anyRead = new RegExp(`(?<![\\w-])(?:${typed.map(([read]) => RegExp.escape(read)).join('|')})(?![\\w-])`, 'g')
  return (reason) => withTexts(reason, (text) => text.replaceAll(anyRead, (read) => cellOf.get(read) ?? read))
}

const statedIn = (draft: Draft, isTitled: boolean, { observed }: IntakeOptions): readonly string[] => [
  ...fieldsIn(draft, isTitled),
  ...(observed && draft.from === undefined && !draft.period ? ['observed'] : []),
]

/** Derives an id that survives corrections of other cells. */
const ownId = (
  { detector, title, observed, territories, reported, platforms }: Detection,
  isPlaced: boolean,
  firstDay = observed.from,
): string => {
  // A corrected spelling keeps the detection's id.
  const codes = [
    ...new Set([...territories.map(({ code }) => code), ...codesMeant(reported?.territories ?? [])]),
  ].sort()
  const key = JSON.stringify([
    detector.name,
    Object.entries(title).sort(),
    // A time stated on the command line may differ the next time.
    observed.statedByHand ? '' : firstDay,
    isPlaced ? codes : [],
    [...platforms].sort(),
  ])
  return `row-${hash('sha256', key).slice(0, 24)}`
}

/** Consumes the draft. */
const inputOf = (
  draft: Draft,
  { territories, observed }: IntakeOptions,
): { readonly input: unknown } | { readonly missing: Missing['field']; readonly fault: Fault } => {
  const { values, texts, counts, qualifiers, actor, accountSet, event, archives, from, to, period } = draft
  const titles = Object.values(texts.title)
  if (titles.length === 0) return { missing: 'title', fault: fault('csv.noTitle') }
  const times = from === undefined ? period : { from }
  const dates = times && { ...times, ...(to !== undefined && { to }) }
  if (!dates && to !== undefined) {
    return { missing: 'observed', fault: fault('csv.lastDateAlone') }
  }
  if (!dates && !observed) {
    return { missing: 'observed', fault: fault('csv.noDate') }
  }
  for (const figure of figureNames) {
    const count = counts[figure]
    const qualifier = qualifiers[figure]
    if (count?.qualifier === 'exact' && qualifier) counts[figure] = { value: count.value, qualifier }
  }
  const input: { -readonly [field in keyof DetectionInput]?: unknown } = { ...values, ...wholesIn(draft) }
  input.id ??= 'row' // until its own id is made
  input.detector ??= 'by hand'
  input.kind ??= 'other'
  // The same text under two languages leaves its language unknown.
  input.title = titles.length > 1 && new Set(titles).size === 1 ? titles[0] : texts.title
  if (!isEmpty(texts.summary)) input.summary = texts.summary
  const places = values.territories ?? []
  if (places.some(namesManyTerritories)) Object.assign(input, { territories: [], reported: { territories: places } })
  if (territories) input.territories ??= territories.map((code) => ({ code, method: 'analyst' }))
  input.observed = dates ?? observed
  input.counts = counts
  // Most sheets that name an actor do not state who attributes.
  if (actor.name ?? actor.likelihood ?? actor.confidence) {
    input.actor = { attributedBy: attributedByDetector(input.detector as DetectionInput['detector']), ...actor }
  }
  if (!isEmpty(accountSet)) input.accountSet = { id: accountSet.name, ...accountSet }
  if (!isEmpty(event)) input.event = event
  if (archives) input.evidence = withArchives(values.evidence ?? [], archives)
  if (values.marking === undefined) input.markingSource = 'default'
  return { input }
}

/** Fields whose parts have cells of their own. */
const groupsIn = ({ texts, claim, established, observedEffect, breakout }: Draft) => {
  const textIn = (field: TextField) => !isEmpty(texts[field]) && { text: texts[field] }
  return {
    claim: { ...textIn('claim'), ...claim },
    established: { ...textIn('established'), ...established },
    ...{ observedEffect, breakout },
  }
}

/** Leaves out a part alone where it may edit what is stored: in an analyst's row with an id. */
const wholesIn = (draft: Draft): Partial<DetectionInput> => {
  const { id, detector = byHandName } = draft.values
  const mayEdit = id !== undefined && detector === byHandName
  const isWhole = (one: object) => 'text' in one || 'state' in one || 'category' in one
  return Object.fromEntries(
    Object.entries(groupsIn(draft)).filter(([, one]) => isWhole(one) || !(isEmpty(one) || mayEdit)),
  )
}

const isEmpty = (object: object): boolean => Object.keys(object).length === 0

type Evidence = NonNullable<DetectionInput['evidence']>[number]

/** Pairs archive copies with their originals by position. */
const withArchives = (evidence: readonly Evidence[], archives: readonly string[]): readonly Evidence[] => [
  ...evidence.map((one, at) => (archives[at] === undefined ? one : { archiveUrl: archives[at], ...one })),
  ...archives.slice(evidence.length).map((archiveUrl) => ({ label: archiveUrl, archiveUrl })),
]
