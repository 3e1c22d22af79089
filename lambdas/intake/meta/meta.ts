/** Meta's three schemas: a detection for each network, or each operation of a flat list. */

import { type Fault, fault, quoted } from '../../domain/core/fault.ts'
import type { Wording } from '../../domain/core/language/language.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { isRecord } from '../../domain/core/text/parse-json.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { unprintable } from '../../domain/core/text/unprintable.ts'
import { type DetectionInput, readDetection } from '../../domain/detection/detection.ts'
import { killChain, killChainPhases, numberedOf, phaseOf } from '../../domain/detection/frameworks/kill-chain.ts'
import { addressOf } from '../record/addresses.ts'
import { inBoth } from '../record/both-languages.ts'
import { FileError } from '../record/file-error.ts'
import { platformsIn } from '../record/platforms.ts'
import { type IntakeOptions, type IntakeRecord, notAlone, rejectOf } from '../record/record.ts'
import { parsed } from '../stix/bundle.ts'
import { baseName } from '../stix/objects.ts'
import { batchedSheetOf, quotedRow, type Row, type RowOrReject } from '../table/rows.ts'
import { oneLine } from '../text/one-line.ts'
import { type AccountCount, accountsIn, countsOf } from './assets.ts'

/** In characters. Rows are kept until the file ends; Meta's largest file has 120 KB. */
const maxMetaChars = 64 * 1024 * 1024

const maxTextChars = 20_000

type Network = {
  readonly id: string
  title: string
  readonly first: Row
  readonly rows: string[]
  readonly kind: DetectionInput['kind']
  readonly actor?: string
  /** Entry day, as written. */
  readonly day: string
  readonly indicators: Map<string, Indicator & { readonly descriptions: string[] }>
  readonly techniques: Map<string, Technique>
  readonly hashtags: Set<string>
  readonly platforms: Set<string>
  readonly counts: AccountCount[]
  /** Platforms of individually named accounts. */
  readonly listed: Set<string>
  readonly phases: Map<number, Map<string, ProcedureFacts>>
  readonly types: Map<string, number>
  readonly comments: Map<string, number>
}

type Indicator = Pick<NonNullable<DetectionInput['indicators']>[number], 'type' | 'value'>
type Technique = NonNullable<DetectionInput['techniques']>[number]
type ProcedureFacts = { readonly texts: Set<string>; indicators: number }

type Wrong = { readonly path: string; readonly fault: Fault }

type Reader = (row: Row) => Network | Wrong

export const looksLikeMeta = (headings: readonly string[]): boolean =>
  isFlat(headings.map(folded)) || isChain(headings.map(folded))

/** Meta's JSON has the same fields as its flat tables. @throws FileError where the text is no list of objects */
export const metaCsv = (text: string, file: string): Uint8Array => {
  const entries = [parsed(text, file)].flat()
  const fields = [...new Set(entries.flatMap((one) => (isRecord(one) ? Object.keys(one) : [])))]
  const cellsOf = (one: unknown) => fields.map((field) => (isRecord(one) ? String(one[field] ?? '') : ''))
  return Buffer.from([fields, ...entries.map(cellsOf)].map((cells) => quotedRow(cells, ',')).join('\n'))
}

const isFlat = (words: readonly string[]): boolean => ['indicator type', 'indicator value'].every(isIn(words))
const isChain = (words: readonly string[]): boolean =>
  ['tactic', 'technique', 'procedure', 'indicator'].every(isIn(words))
const isIn = (words: readonly string[]) => (word: string) => words.includes(word)

/**
 * Yields a reject for each unreadable row, then a record for each network or operation. Without a stated time of
 * activity, it is a reject that holds all its rows.
 * @throws FileError where the headings are none of Meta's, or there are no rows
 */
export async function* readMeta(
  chunks: AsyncIterable<Uint8Array>,
  options: IntakeOptions,
): AsyncGenerator<IntakeRecord> {
  const { file } = options
  const { headings, context, batches } = await batchedSheetOf(chunks, options)
  const networks = new Map<string, Network>()
  const read = readerFor(headings, networks, options)
  let taken = 0
  let isEmpty = true
  const take = (row: RowOrReject): IntakeRecord | undefined => {
    isEmpty = false
    if ('reject' in row) return { reject: notAlone(row.reject) }
    const { line, offset, text } = row
    taken += text.length
    const result = taken > maxMetaChars ? tooMuch : (controlled(text) ?? read(row))
    if ('fault' in result) return { reject: rejectOf(text, { file, line, offset, ...result }) }
    result.rows.push(text)
    return undefined
  }
  for await (const batch of batches) {
    for (const row of batch) {
      const rejected = take(row)
      if (rejected) yield rejected
    }
  }
  if (isEmpty) throw new FileError(fault('meta.noRows', { file }))
  for (const network of networks.values()) yield recordOf(network, context, options)
}

const tooMuch: Wrong = {
  path: '',
  fault: fault('meta.beyondLimit', { max: maxMetaChars / 1024 ** 2 }),
}

const controlled = (text: string): Wrong | undefined =>
  /[^\P{Cc}\t\n\r]|\p{Cs}/u.test(text) ? { path: '', fault: fault('text.controls') } : undefined

const readerFor = (headings: readonly string[], networks: Map<string, Network>, options: IntakeOptions): Reader => {
  const words = headings.map(folded)
  const at = (word: string) => words.indexOf(word)
  if (isFlat(words)) {
    const columns = {
      type: at('indicator type'),
      value: at('indicator value'),
      comment: at('comment'),
      day: at('ds'),
    }
    return flatReader(columns, networks, options)
  }
  if (isChain(words)) {
    const columns = {
      tactic: at('tactic'),
      technique: at('technique'),
      procedure: at('procedure'),
      indicator: at('indicator'),
    }
    return chainReader(columns, networks, options)
  }
  throw new FileError(
    fault('meta.headings', { file: options.file, headings: quoted(headings.map((heading) => oneLine(heading))) }),
  )
}

const networkFrom = (
  row: Row,
  about: Pick<Network, 'id' | 'title' | 'kind' | 'day'> & { readonly actor?: string },
): Network => ({
  ...about,
  first: row,
  rows: [],
  indicators: new Map(),
  techniques: new Map(),
  hashtags: new Set(),
  platforms: new Set(),
  counts: [],
  listed: new Set(),
  phases: new Map(),
  types: new Map(),
  comments: new Map(),
})

// ─── indicator_type, indicator_value, comment, ds ───

const flatReader = (
  columns: { readonly [column in 'type' | 'value' | 'comment' | 'day']: number },
  networks: Map<string, Network>,
  options: IntakeOptions,
): Reader => {
  const named = new Set(Object.values(columns))
  // Thousands of rows have the same type, comment and day.
  const known = new Map<string, Entry>()
  const entryOf = (cells: readonly string[]): Entry => {
    const [type = '', comment = '', day = ''] = [columns.type, columns.comment, columns.day].map((at) => cells[at])
    const written = JSON.stringify([type, comment, day])
    const entry = known.get(written) ?? entryFrom(oneLine(type), oneLine(comment), oneLine(day), options.file)
    known.set(written, entry)
    return entry
  }
  return (row) => {
    const { type, comment, day, operation } = entryOf(row.cells)
    const indicator = declared(type, (row.cells[columns.value] ?? '').trim(), options)
    if ('fault' in indicator) return indicator
    const key = JSON.stringify([operation, day])
    const network =
      networks.get(key) ??
      networkFrom(row, {
        id: `meta-${[day, operation].map(slug).filter(Boolean).join('-').slice(0, 100)}-${sha256(key).slice(0, 8)}`,
        title: comment || operation,
        kind: 'infrastructure',
        day,
        ...actorIn(operation),
      })
    networks.set(key, network)
    if (comment && comment !== network.title) network.title = operation
    addIndicator(network, indicator, [
      ...(indicator.type === 'hash' || indicator.type === 'other' ? [type.name].filter(Boolean) : []),
      ...(comment && comment !== operation ? [comment] : []),
      ...othersIn(row, named),
    ])
    for (const platform of type.platforms) network.platforms.add(platform)
    if (type.name) count(network.types, type.name)
    if (comment) count(network.comments, comment)
    return network
  }
}

type Entry = {
  readonly type: DeclaredType
  readonly comment: string
  readonly day: string
  readonly operation: string
}

type DeclaredType = {
  readonly name: string
  readonly platforms: readonly string[]
  readonly isAccount: boolean
  readonly isAddress: boolean
}

const entryFrom = (type: string, comment: string, day: string, file: string): Entry => {
  const words = folded(type)
  return {
    type: {
      name: type,
      platforms: platformsIn(type),
      isAccount: /\b(?:account|handle|username|user name|screen name)s?\b/.test(words),
      isAddress: /\b(?:domain|host|hostname|url|link|ip|e ?mail|md5|sha ?\d+|hash)\b/.test(words),
    },
    comment,
    day,
    operation: operationIn(comment) || calledAfter(file),
  }
}

/** Returns notes from columns outside Meta's schemas. */
const othersIn = ({ cells }: Row, named: ReadonlySet<number>): string[] =>
  cells.flatMap((text, column) => (named.has(column) ? [] : text.replace(/\s+/g, ' ').trim() || []))

/**
 * The part before the colon, or all where that part is a kind of operation: `APT36: C2 for malware` and `APT36` are
 * one, `CIB: Russia, Ukraine` and `CIB: Costa Rica` are two.
 */
const operationIn = (comment: string): string => {
  const [, before = '', after = ''] = /^([^:]+):\s+(.+)$/.exec(comment) ?? []
  return after && !/^(?:cib|ib|apt|ttp|malware|network|update)s?$/i.test(before.trim()) ? before.trim() : comment
}

/** Only threat trackers' names: `UNC788, Iran`, `BITTER APT`. */
const actorIn = (operation: string): { readonly actor?: string } => {
  const name = /^(?:(?:UNC|APT|FIN|TA|TAG|DEV|TEMP|STORM)[- ]?\d+|[\p{L}\d-]+ APT)(?=$|[\s,(])/u.exec(operation)?.[0]
  return name === undefined ? {} : { actor: name }
}

/** Unknown types are kept unchanged. */
const declared = (type: DeclaredType, value: string, { pseudonym }: IntakeOptions): Indicator | Wrong => {
  const path = 'indicator_value'
  if (value === '') return { path, fault: fault('meta.noIndicator') }
  if (value.length > 4096 || unprintable.test(value)) {
    return { path, fault: fault('meta.indicatorLength') }
  }
  const address = addressOf(value)
  if (type.isAccount) return address?.type === 'url' ? address : { type: 'account', value: pseudonym?.(value) ?? value }
  // `com.example.app` looks like a host, and is one only where the type agrees.
  if (address && (type.isAddress || address.type !== 'domain')) return address
  return type.isAddress
    ? { path, fault: fault('meta.indicatorType', { text: quoted(oneLine(value)), type: type.name }) }
    : { type: 'other', value }
}

// ─── Tactic, Technique, Procedure, Indicator ───

const chainReader = (
  columns: { readonly [column in 'tactic' | 'technique' | 'procedure' | 'indicator']: number },
  networks: Map<string, Network>,
  options: IntakeOptions,
): Reader => {
  const { file } = options
  const named = new Set(Object.values(columns))
  const title = calledAfter(file)
  const id = slug(title)
  if (id === '') throw new FileError(fault('meta.noName', { file }))
  const known = new Map<string, Step>()
  const stepOf = ({ cells }: Row): Step => {
    const written = [columns.tactic, columns.technique, columns.procedure].map((column) => cells[column] ?? '')
    const key = written.join('\n')
    const step = known.get(key) ?? stepFrom(written.map(spaced))
    known.set(key, step)
    return step
  }
  return (row) => {
    const step = stepOf(row)
    if ('fault' in step) return step
    const network =
      networks.get(id) ?? networkFrom(row, { id: `meta-${id}`.slice(0, 128), title, kind: 'campaign', day: '' })
    networks.set(id, network)
    const { reported } = step
    if (reported && !network.techniques.has(reported.id)) network.techniques.set(reported.id, reported)
    const text = spaced(row.cells[columns.indicator] ?? '')
    takeChain(network, { ...step, text, notes: othersIn(row, named) }, options)
    return network
  }
}

const spaced = (cell: string): string => cell.replace(/\s+/g, ' ').trim()

type Step =
  | {
      readonly phase: number
      readonly procedure: string
      readonly platforms: readonly string[]
      readonly reported:
        | { readonly id: string; readonly name?: { readonly en: string }; readonly framework: string }
        | undefined
    }
  | Wrong

const stepFrom = ([tactic = '', technique = '', procedure = '']: readonly string[]): Step => {
  const numbered = [technique, procedure].flatMap((one) => numberedOf(one) ?? [])
  const phase = phaseOf(
    tactic,
    numbered.map((one) => one.id),
  )
  if (phase === undefined) {
    const values = { killChain, phases: killChainPhases.map(({ en }) => en).join(', ') }
    const reason = tactic
      ? fault('meta.phase', { ...values, text: quoted(oneLine(tactic)) })
      : fault('meta.noPhase', values)
    return { path: 'Tactic', fault: reason }
  }
  // One file has its techniques a column too far to the right.
  const reported = numbered.find((one) => one.id.includes('.'))
  const label = procedure || technique
  return {
    phase,
    procedure: label,
    platforms: platformsIn(label),
    reported: reported && {
      id: reported.id,
      ...(reported.name && { name: { en: oneLine(reported.name) } }),
      framework: killChain,
    },
  }
}

type ChainStep = Exclude<Step, Wrong> & {
  readonly text: string
  readonly notes: readonly string[]
}

const takeChain = (
  network: Network,
  { phase, procedure, platforms, text, notes }: ChainStep,
  { pseudonym }: IntakeOptions,
): void => {
  for (const platform of platforms) network.platforms.add(platform)
  const procedures = network.phases.get(phase) ?? new Map<string, ProcedureFacts>()
  network.phases.set(phase, procedures)
  const facts = procedures.get(procedure) ?? { texts: new Set(), indicators: 0 }
  procedures.set(procedure, facts)

  const indicator = addressOf(text) ?? handleIn(text, pseudonym)
  if (indicator) {
    addIndicator(network, indicator, procedure ? [procedure, ...notes] : notes)
    facts.indicators += 1
    if (phase === 0) for (const platform of platforms) network.listed.add(platform)
    return
  }
  const accounts = phase === 0 ? accountsIn(text, procedure) : undefined
  if (accounts) {
    network.counts.push(accounts)
    for (const platform of accounts.platforms) network.platforms.add(platform)
  }
  if (/hashtag/i.test(procedure) || /^(?:#[\p{L}\p{N}\p{M}_]+\s*)+$/u.test(text)) {
    for (const [tag] of text.matchAll(/(?<![\p{L}\p{N}&/])#[\p{L}\p{N}\p{M}_]{1,199}(?![\p{L}\p{N}\p{M}_])/gu)) {
      network.hashtags.add(tag)
    }
  }
  const description = [text, ...notes.map((note) => (text ? `(${note})` : note))].filter(Boolean).join(' ')
  if (description) facts.texts.add(description)
}

const handleIn = (text: string, pseudonym: IntakeOptions['pseudonym']): Indicator | undefined =>
  /^@[\p{L}\p{N}_.-]{1,64}$/u.test(text) ? { type: 'account', value: pseudonym?.(text) ?? text } : undefined

const addIndicator = (network: Network, indicator: Indicator, descriptions: readonly string[]): void => {
  const key = `${indicator.type} ${indicator.value}`
  const known = network.indicators.get(key)
  if (!known)
    network.indicators.set(key, { type: indicator.type, value: indicator.value, descriptions: [...descriptions] })
  else
    pushAll(
      known.descriptions,
      descriptions.filter((words) => !known.descriptions.includes(words)),
    )
}

const cut = (text: string): string =>
  text.length <= maxTextChars ? text : `${text.slice(0, maxTextChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`

const recordOf = (network: Network, context: string | undefined, options: IntakeOptions): IntakeRecord => {
  const { id, title, kind, day, actor, first } = network
  const { file, territories, observed } = options
  const { line, offset } = first
  const raw = network.rows.join('\n')
  const reject = (path: string, reason: Fault): IntakeRecord => ({
    reject: rejectOf(raw, { file, line, offset, id, path, fault: reason, context }),
  })
  if (!observed) return reject('observed', timeless(day))
  const input: DetectionInput = {
    id,
    detector: { name: 'Meta' },
    kind,
    title: { en: title },
    summary: inBoth((words) => summaryOf(network, words, options.note)),
    ...(territories && { territories: territories.map((code) => ({ code, method: 'analyst' as const })) }),
    observed,
    platforms: [...network.platforms].sort(),
    counts: countsOf(network.counts, network.listed),
    ...(actor && { actor: { name: actor, attributedBy: 'Meta' } }),
    techniques: [...network.techniques.values()],
    hashtags: [...network.hashtags].sort(),
    indicators: [...network.indicators.values()].map(({ type, value, descriptions }) => ({
      type,
      value,
      ...(descriptions.length > 0 && { note: { en: cut(descriptions.join('; ')) } }),
    })),
    evidence: [
      { label: inBoth((words) => words.say('meta.evidence', { file: oneLine(baseName(file)), day: day || 'none' })) },
    ],
    markingSource: 'default',
  }
  const result = readDetection(input)
  return 'refusal' in result
    ? reject(result.refusal.path, result.refusal)
    : { detection: result.detection, line, raw, context }
}

const timeless = (day: string): Fault => (day ? fault('meta.dayOfEntry', { day }) : fault('meta.noTime'))

const summaryOf = (network: Network, words: Wording, note: IntakeOptions['note']): string => {
  const { title, day, phases, types, comments } = network
  const repeatsTitle = comments.size === 1 && comments.has(title)
  const lines =
    phases.size === 0
      ? [
          words.say('meta.operation', { day: day || 'none' }),
          ...counted(words.say('meta.types'), types, words),
          ...(repeatsTitle ? [] : counted(words.say('meta.comments'), comments, words)),
        ]
      : [words.say('meta.network'), ...[...phases].sort(byPhase).map((phase) => describePhase(phase, words))]
  const whole = lines.join('\n')
  if (whole.length > maxTextChars && words.language === 'en') note?.(fault('text.summaryCut', { max: maxTextChars }), 1)
  return cut(whole)
}

const counted = (name: string, counts: ReadonlyMap<string, number>, words: Wording): string[] => {
  const texts = [...counts].map(([what, often]) => `${what} (${words.number(often)})`)
  return texts.length === 0 ? [] : [words.say('meta.counted', { name, texts: texts.join('; ') })]
}

const describePhase = (
  [phase, procedures]: readonly [number, ReadonlyMap<string, ProcedureFacts>],
  words: Wording,
): string => {
  const parts = [...procedures].map(([procedure, { texts, indicators }]) => {
    const all = [
      ...[...texts].map((text) => text.replace(/\.$/, '')),
      ...(indicators > 0 ? [words.say('meta.indicators', { count: indicators })] : []),
    ]
    return [procedure, all.join('; ')].filter(Boolean).join(' – ')
  })
  const name = killChainPhases[phase]?.[words.language] ?? ''
  return words.say('meta.counted', { name, texts: parts.filter(Boolean).join(' | ') })
}

const byPhase = ([a]: readonly [number, unknown], [b]: readonly [number, unknown]): number => a - b

const count = (counts: Map<string, number>, what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

const calledAfter = (file: string): string =>
  oneLine(
    baseName(file)
      .replace(/\.[a-z]{1,4}$/i, '')
      .replaceAll('_', ' '),
  )

const slug = (text: string): string => folded(text).replaceAll(' ', '-')
