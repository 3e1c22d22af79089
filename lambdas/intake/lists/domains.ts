import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { type Fault, fault, quoted } from '../../domain/core/fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { type Detection, type DetectionInput, type Localised, readDetection } from '../../domain/detection/detection.ts'
import { attributedByDetector, attributedByList } from '../../domain/detection/names/attributed-by.ts'
import { type Field, type Form, fieldNamed, fitOf, newDraft } from '../csv/fields.ts'
import { constantsOf, formOf, type Mapping, plainMapping } from '../csv/mapping.ts'
import { addressOf } from '../record/addresses.ts'
import { inBoth } from '../record/both-languages.ts'
import { FileError } from '../record/file-error.ts'
import { type IntakeOptions, type IntakeRecord, type Origin, rejectOf } from '../record/record.ts'
import { dateIn, orderAdvice, orderShown } from '../table/cell-dates.ts'
import { CellError, type FixOptions, hasNoValue, unguarded } from '../table/cells.ts'
import { batchedSheetOf, firstOf, type Row, type RowOrReject } from '../table/rows.ts'
import { idProblem } from '../table/table-cells.ts'

export type DomainsOptions = IntakeOptions & {
  readonly mapping?: Mapping
}

const hostHeadings: ReadonlySet<string> = new Set(['fqdn', 'hostname', 'host', 'hote', 'nom d hote', 'typosquat'])

const registeredHeadings: ReadonlySet<string> = new Set(
  [
    ...[
      'created on',
      'created at',
      'created',
      'created date',
      'create date',
      'creation date',
      'date created',
      'creation',
    ],
    ...['registered on', 'registered at', 'registered', 'registration date', 'registration', 'domain created'],
    ...['date de creation', 'cree le', 'date d enregistrement', 'enregistre le', 'enregistrement', 'depose le'],
  ].map(folded),
)

const further: ReadonlySet<string> = new Set([
  ...['campaign', 'territories', 'actor.name', 'actor.attributedBy', 'techniques', 'evidence', 'marking'],
  ...['indicators.ip', 'indicators.url', 'summary', 'detector'],
])

const maxDaysRemembered = 10_000

type Column = { readonly at: number; readonly heading: string }

type Columns = {
  readonly domain: Column
  readonly first: (Column & { readonly isRegistered: boolean }) | undefined
  readonly last: Column | undefined
  readonly others: readonly (Column & { readonly field: Field })[]
  readonly unused: readonly string[]
}

/** Domains with days, or a bare list, whose first line is a domain. */
export const looksLikeDomains = (headings: readonly string[]): boolean => {
  if (isBare(headings)) return true
  const columns = columnsOf(headings)
  return columns?.first !== undefined && !headings.some(isOfAccounts)
}

/** Next to a column of accounts or figures, a domain is a shared item, not a list entry. */
const isOfAccounts = (heading: string): boolean =>
  fitOf(heading)?.field.name.startsWith('counts.') === true ||
  /^(?:account|compte|user|utilisateur|author|auteur|handle|screen ?name)s?\b/.test(folded(heading))

/** Detects a missing heading line. */
const isBare = ([first = '', second, ...more]: readonly string[]): boolean =>
  more.length === 0 && addressOf(unguarded(first))?.type === 'domain' && (second === undefined || /\d/.test(second))

const columnsOf = (headings: readonly string[], mapping = plainMapping): Columns | undefined => {
  const mapped = new Map(Object.entries(mapping.columns).map(([heading, names]) => [folded(heading), names]))
  const all = headings.map((heading, at) => {
    const word = folded(heading)
    const names = mapped.get(word)
    const field = names === undefined ? fitOf(heading)?.field : fieldNamed(names?.[0] ?? '')
    return { at, heading, word: names === undefined ? word : '', field }
  })
  const domain = all.find(({ word, field }) => field?.name === 'indicators.domain' || hostHeadings.has(word))
  if (!domain) return undefined
  const registered = all.find(({ word }) => registeredHeadings.has(word))
  const seen = all.find(({ field }) => field?.name === 'observed.from' || field?.name === 'observed')
  const first = registered ?? seen
  const last = all.find(({ field }) => field?.name === 'observed.to')
  const others = all.flatMap(({ field, ...column }) => (field && further.has(field.name) ? [{ ...column, field }] : []))
  const used: ReadonlySet<unknown> = new Set([domain, first, last, ...others].map((column) => column?.at))
  return {
    domain,
    first: first && { ...first, isRegistered: first === registered },
    last,
    others,
    unused: all.flatMap(({ at, heading }) => (used.has(at) || heading === '' ? [] : [heading])),
  }
}

const bareColumns: Columns = {
  domain: { at: 0, heading: 'domain' },
  first: { at: 1, heading: 'date', isRegistered: false },
  last: undefined,
  others: [],
  unused: [],
}

/**
 * The id derives from the domain, so it is the same in every list. A domain's suffix does not show its target.
 * @throws FileError where no column holds domains, or none gives dates and no time is stated
 */
export async function* readDomains(
  chunks: AsyncIterable<Uint8Array>,
  { mapping = plainMapping, ...options }: DomainsOptions,
): AsyncGenerator<IntakeRecord> {
  const { file, observed, note } = options
  const { headings, head, context, batches } = await batchedSheetOf(chunks, options)
  const ahead = await firstOf(batches)
  if (headings.length === 0 && ahead.length === 0) throw new FileError(fault('domains.none', { file }))
  const bare = head !== undefined && isBare(headings)
  const columns = bare ? bareColumns : columnsOf(headings, mapping)
  const listed = headings.slice(0, 20).map((heading) => heading.slice(0, 60))
  if (!columns) {
    throw new FileError(fault('domains.noColumn', { file, headings: quoted(listed) }))
  }
  if (!observed && (!columns.first || (bare && headings.length === 1))) {
    throw new FileError(fault('domains.noDate', { file }))
  }
  for (const heading of columns.unused) note?.(fault('csv.columnUnused', { column: quoted(heading.slice(0, 60)) }), 1)
  const rows = bare ? [head, ...ahead] : ahead
  const form = formFor(columns, rows, mapping, options)
  const read = reader(columns, constantsOf(mapping), form, options, {
    context: bare ? '' : context,
    origin: { format: 'domains', settings: { mapping: { ...mapping, dates: form.dates.order } } },
  })
  for (const row of rows) yield read(row)
  for await (const batch of batches) for (const row of batch) yield read(row)
}

/** Reads day/month/year, unless the mapping or the rows require month/day/year. */
const formFor = (
  { first, last }: Columns,
  rows: readonly RowOrReject[],
  mapping: Mapping,
  { note, pseudonym, canMap }: IntakeOptions,
): Form => {
  const form = formOf(mapping, pseudonym ? { pseudonym } : {})
  if (mapping.dates !== undefined) return form
  const cells = rows.flatMap((row) =>
    'reject' in row ? [] : [first, last].flatMap((column) => (column ? [cellOf(row, column)] : [])),
  )
  const { order, shown, doubtful } = orderShown(cells)
  const how = fault(`dates.${order}`)
  if (order === 'month/day/year') note?.(fault('csv.datesShown', { order: how, example: shown ?? '' }), 1)
  else if (doubtful > 0) note?.(fault('csv.datesUnshown', { order: how, advice: orderAdvice({ canMap }) }), doubtful)
  return { ...form, dates: { ...form.dates, order } }
}

const cellOf = ({ cells }: Row, { at }: Column): string => unguarded((cells[at] ?? '').trim())

type Constants = ReturnType<typeof constantsOf>

type Wrong = { readonly wrong: Column | undefined; readonly fault: Fault }

/** The checked part that all domains of one day share. */
type Known = { readonly base: Detection; readonly content: number } | Wrong

type Alone = { readonly context: string | undefined; readonly origin: Origin }

const reader = (columns: Columns, constants: Constants, form: Form, options: IntakeOptions, alone: Alone) => {
  const { file } = options
  const title = titleOf(columns.first?.isRegistered ?? false)
  const known = new Map<string, Known>()
  const lines = new Map<string, { readonly line: number; readonly content: number }>()
  const baseOf = (row: Row): Known => {
    const otherCells = columns.others.map((column) => cellOf(row, column))
    const key = [columns.first, columns.last].map((column) => (column ? cellOf(row, column) : '')).join('\n')
    // Rows with more cells seldom repeat, so they are not cached.
    if (otherCells.some((cell) => !hasNoValue(cell))) return baseFrom(row, columns, constants, form, options)
    const found = known.get(key) ?? baseFrom(row, columns, constants, form, options)
    if (known.size < maxDaysRemembered) known.set(key, found)
    return found
  }
  return (row: RowOrReject): IntakeRecord => {
    if ('reject' in row) return { reject: { ...row.reject, ...alone } }
    const { line, offset, text } = row
    const reject = (column: Column | undefined, reason: Fault): IntakeRecord => ({
      reject: rejectOf(text, { file, line, offset, path: column?.heading ?? '', fault: reason, ...alone }),
    })
    const domain = domainIn(cellOf(row, columns.domain))
    if (typeof domain !== 'string') return reject(columns.domain, domain)
    const found = baseOf(row)
    if ('wrong' in found) return reject(found.wrong, found.fault)
    const id = `domain-${hash('sha256', domain).slice(0, 20)}`
    const { base, content } = found
    const before = lines.get(id)
    if (before && before.content !== content) {
      // Read alone, it would replace the other one.
      const reason = fault('domains.twice', { line: before.line })
      return { reject: rejectOf(text, { file, line, offset, path: columns.domain.heading, fault: reason }) }
    }
    if (!before) lines.set(id, { line, content })
    const indicators = [{ type: 'domain' as const, value: domain }, ...base.indicators]
    // Skips the schema: the parts are checked, and parsing would dominate the time.
    const detection = { ...base, id, title: title(domain), indicators }
    return { detection, line, raw: text, ...alone }
  }
}

const domainIn = (cell: string): string | Fault => {
  const address = addressOf(cell)
  if (address?.type === 'domain') return address.value.replace(/\.$/, '')
  const problem = idProblem(cell)
  if (problem !== undefined) return problem
  const [, host] = /^https?:\/\/([^/?#@:]+)\/?$/i.exec(address?.type === 'url' ? address.value : '') ?? []
  const alone = host === undefined ? undefined : addressOf(host)
  if (alone?.type === 'domain') return alone.value
  const text = quoted(cell)
  return address ? fault('domains.otherType', { text, type: address.type }) : fault('domains.notADomain', { text })
}

/** Formats once: a line end marks the domain's position. */
const titleOf = (isRegistered: boolean): ((domain: string) => Localised) => {
  const words = inBoth(({ say }) => say('domains.title', { domain: '\n', event: isRegistered ? 'registered' : 'seen' }))
  const frames = Object.entries(words).map(([language, text]) => [language, text.split('\n')] as const)
  return (domain) => {
    const shown = domain.replaceAll('.', '[.]')
    return Object.fromEntries(frames.map(([language, parts]) => [language, parts.join(shown)]))
  }
}

const baseFrom = (
  row: Row,
  columns: Columns,
  constants: Constants,
  form: Form,
  { observed: stated, territories, canMap }: IntakeOptions,
): Known => {
  const { first, last, others } = columns
  const draft = newDraft()
  const day = (column: Column | undefined) =>
    column && textIn(row, column, (cell) => ({ text: dateIn(cell, form.dates).text }), { canMap })
  const from = day(first)
  if (from && 'fault' in from) return from
  const to = day(last)
  if (to && 'fault' in to) return to
  if (!from && !stated) {
    return { wrong: first, fault: fault('domains.noDay') }
  }
  for (const column of others) {
    const wrong = textIn(row, column, (cell) => column.field.read(cell, form)(draft), { canMap })
    if (wrong) return wrong
  }
  for (const { field, cells } of constants) {
    const isFilled = others.some((column) => column.field === field && !hasNoValue(cellOf(row, column)))
    if (further.has(field.name) && !isFilled) for (const cell of cells) field.read(cell, form)(draft)
  }
  const { values, actor, texts } = draft
  const input: { -readonly [field in keyof DetectionInput]?: unknown } = values
  input.id = 'domain' // until its own id and title are made
  input.title = 'domain'
  input.kind = 'infrastructure'
  input.detector ??= list
  if (actor.name !== undefined) {
    const detector = input.detector as DetectionInput['detector']
    input.actor = { attributedBy: detector === list ? attributedByList() : attributedByDetector(detector), ...actor }
  }
  if (Object.keys(texts.summary).length > 0) input.summary = texts.summary
  if (territories) input.territories ??= territories.map((code) => ({ code, method: 'analyst' }))
  input.observed = from ? { from: from.text, ...(to && { to: to.text }) } : stated
  input.markingSource = values.marking === undefined ? 'default' : 'stated'
  const result = readDetection(input)
  if ('detection' in result) {
    const { detection } = result
    return { base: detection, content: crc32(JSON.stringify(detection)) }
  }
  const { path } = result.refusal
  const isTime = path.startsWith('observed')
  return { wrong: isTime ? first : others.find(({ field }) => path.startsWith(field.path)), fault: result.refusal }
}

/** The default detector. */
const list = 'list of domains'

const textIn = <Value>(
  row: Row,
  column: Column,
  read: (cell: string) => Value,
  fixOptions: FixOptions,
): Value | Wrong | undefined => {
  const cell = cellOf(row, column)
  if (hasNoValue(cell)) return undefined
  try {
    return read(cell)
  } catch (error) {
    if (error instanceof CellError) return { wrong: column, fault: error.faultFor(fixOptions) }
    throw error
  }
}
