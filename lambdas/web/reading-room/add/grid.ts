/** The table of a preview: what each column contains, and its rows, whose faulty cells are fields. */
import { eachOf, type Fault, several } from '../../../domain/core/fault.ts'
import { capitalised } from '../../../domain/core/language/language.ts'
import { type TerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { codesMeant } from '../../../domain/detection/gazetteer.ts'
import type { Doubt } from '../../../domain/detection/names/doubts.ts'
import type { SeenRecord } from '../../../usecases/ingest/check-detections.ts'
import { columnNames, type Look, type ProposedColumn, type Seen } from '../../../usecases/ingest/look-at-file.ts'
import type { Recalled } from '../../../usecases/ingest/remembered-mappings.ts'
import { suggestedCell } from '../../../usecases/ingest/suggested-cell.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { faultIn, faultWords } from '../frame/fault-text.ts'
import { cellName, changedName, faultPath } from '../frame/field-text.ts'
import { choices, field, type Visit } from '../frame/pages.ts'

export const aimedPrefix = 'aimed.'
export const cellPrefix = 'cell.'
/** Prefix of column field names; the column's index follows. */
export const columnPrefix = 'column.'

/** Most sheets have some of these: they come first. */
const usualFields: readonly string[] = [
  ...['id', 'title', 'title.fr', 'title.en', 'summary', 'observed', 'observed.from', 'observed.to', 'territories'],
  ...['counts.posts', 'counts.reposts', 'counts.accounts', 'counts.videos', 'counts.views', 'kind', 'platforms'],
  ...['observedEffect', 'breakout', 'actor.name', 'hashtags', 'campaign', 'marking', 'detector'],
]

/** Includes every mapping name: a field not offered would be lost from a sheet that has it. */
export const columnFields: readonly string[] = [...new Set([...usualFields, ...columnNames])]

/** The field assigned by heading, without guessing. */
export const fieldRead = ({ by, fields: [first = ''] }: ProposedColumn): string => (by === 'heading' ? first : '')

export const maxColumnsAsked = 60

export const maxCellChars = 2_000
const shownChars = 200
const rowsUnread = 20

/** A cell as its field shows it; empty for one that is too long to be edited. */
export const cellShown = (cell: string): string => (cell.length > maxCellChars ? '' : harmless(cell))

/** Browsers change white space and invisible characters of fields that nobody touched. */
const squeezed = (text: string): string => text.replace(/[\p{C}\uFFFD\s]+/gu, ' ').trim()

export const isTyped = (typed: string, cell: string): boolean => squeezed(typed) !== squeezed(cellShown(cell))

/** Rows of a file that is not understood. */
export const unreadRows = ({ table }: Seen): readonly SeenRecord[] =>
  [...table.rows.keys()].slice(0, rowsUnread).map((line) => ({
    ...{ line, id: null, key: '', outcome: 'duplicate', path: null, reason: null, doubts: [], isAgain: false },
    ...{ context: undefined, detection: undefined, marking: undefined, change: undefined },
  }))

/** A card of a ready row shows these, on a phone. */
const mainFields: readonly string[] = ['observed', 'observed.from', 'territories', 'title', 'counts.posts']

export const columnsOf = (look: Look, { table: { headings, columns }, fault }: Seen) =>
  headings
    .flatMap((heading, at) => (heading === '' ? [] : [{ heading, at }]))
    .slice(0, maxColumnsAsked)
    .flatMap(({ heading, at }, number) => {
      const column = columns[number]
      if (!column) return []
      // A guess would change a file that is already understood.
      const offered = fault === undefined ? fieldRead(column) : (column.fields[0] ?? '')
      return [{ heading, at, name: (look.columns ? look.columns[heading] : offered) ?? '' }]
    })

export const gridValue = (visit: Visit, look: Look, seen: Seen, recalled: Recalled | undefined) => {
  const { words } = visit
  if (seen.table.columns.length === 0) return null
  return {
    line: words.say('room.look.line.head'),
    fold: words.say('room.look.fold', { count: seen.table.columns.length }),
    again: words.say('room.look.again'),
    recall:
      recalled === undefined
        ? ''
        : words.say('room.look.recall', {
            at: words.days(recalled.at.slice(0, 10), recalled.at.slice(0, 10)),
            by: harmless(recalled.by),
          }),
    columns: columnsOf(look, seen).map(({ heading, name }, number) => ({
      heading: harmless(heading.slice(0, shownChars)),
      ...field(`${columnPrefix}${number}`, words.say('room.look.column', { heading: harmless(heading) }), {
        value: name,
        choices: choices(columnFields, (one) => cellName(one, words), name, words.say('room.look.column.none')),
      }),
    })),
  }
}

type Row = {
  readonly record: SeenRecord
  readonly open: number | undefined
  readonly now: Date
  /** The row asks for its territory. */
  readonly asks: boolean
}

export const gridRow = (visit: Visit, look: Look, seen: Seen, row: Row) => {
  const { words } = visit
  const { line, reason, path, context, outcome } = row.record
  const columns = columnsOf(look, seen)
  const reasons = outcome === 'rejected' && reason ? eachOf(reason) : []
  const others = reasons.filter((one) => !columns.some(({ heading }) => heading === one.path))
  const isOpen = line !== null && line === row.open
  return {
    ...((outcome === 'accepted' || outcome === 'rejected') && {
      becomes: words.say(`room.outcome.look.${outcome}`, { count: 1 }),
    }),
    ...(seen.records.length === 0 && { becomes: '' }),
    ...(reasons.length > 0 && {
      why:
        others.length === 0 ? null : faultIn(words, faultPath({ path: path ?? '', context }, words), several(others)),
    }),
    number: line ?? 0,
    placed: columns.some(({ name }) => name === 'territories'),
    edit: line === null || isOpen || !seen.table.rows.has(line) ? '' : words.say('room.look.edit'),
    cells: columns.map((column) => ({
      label: column.heading,
      kind: column.name === '' ? 'off' : mainFields.includes(column.name) ? 'main' : '',
      ...gridCell(visit, seen, {
        ...row,
        ...column,
        isOpen,
        fault: reasons.find((one) => one.path === column.heading),
      }),
    })),
  }
}

type Cell = Row & {
  readonly at: number
  readonly heading: string
  readonly name: string
  readonly isOpen: boolean
  readonly fault: Fault | undefined
}

const gridCell = (
  { words, caller }: Visit,
  { table }: Seen,
  { record, at, heading, name, isOpen, fault, now, asks }: Cell,
) => {
  const { line, key, doubts, detection, outcome } = record
  const cell = table.rows.get(line ?? 0)?.[at] ?? ''
  const isPlace = name === 'territories' && outcome !== 'duplicate'
  const misspelt = isPlace ? doubts.filter((doubt) => doubt.kind === 'misspelt') : []
  const [first] = misspelt
  const place = `${cellPrefix}${line}.${at}`
  const [code, ...more] = isPlace && asks ? codesMeant(detection?.reported?.territories ?? []) : []
  const [meant, ...others] = first?.meant ?? []
  const taken = fault
    ? suggestedCell(name, cell, fault, now)
    : asks
      ? code && more.length === 0 && caller.territories.includes(code) && territoryOf(code).name[words.language]
      : first && meant && others.length === 0 && cell.includes(first.written)
        ? cell.replace(first.written, () => meant[words.language])
        : undefined
  return {
    text: harmless(cell.length > shownChars ? `${cell.slice(0, shownChars)}…` : cell),
    why: fault
      ? capitalised(faultWords(words, withLabels(fault, words)).text)
      : misspelt.map((one) => doubtWords(one, words)).join(' '),
    field:
      isOpen || fault || (misspelt.length > 0 && !asks)
        ? field(place, `${harmless(heading)}, ${words.say('room.look.line', { line: line ?? 0 })}`, {
            value: cellShown(cell),
            lines: cell.length > 60 || cell.includes('\n') ? 3 : 0,
          })
        : null,
    take: taken
      ? {
          value: asks && !fault ? `${aimedPrefix}${key}=${code}` : `${place}=${taken}`,
          label: words.say('room.look.take', { value: harmless(taken) }),
        }
      : null,
    asks: isPlace && asks,
    hasPlaces: name === 'territories' && (detection?.territories ?? []).some(({ method }) => method !== 'explicit'),
  }
}

export const withLabels = (reason: Fault, words: RoomWording): Fault =>
  several(
    eachOf(reason).map((one) => {
      const field = one.values?.field
      if (typeof field !== 'string') return one
      const name = changedName(field, words)
      return name === field ? one : { ...one, values: { ...one.values, field: words.quoted(name) } }
    }),
    Number.POSITIVE_INFINITY,
  )

export const doubtWords = (doubt: Doubt, words: RoomWording): string => {
  const name = (code: TerritoryCode) => territoryOf(code).name[words.language]
  switch (doubt.kind) {
    case 'misspelt': {
      const written = harmless(doubt.written)
      return doubt.meant.length > 0
        ? words.say('room.doubt.misspelt', {
            written,
            meant: words.list(doubt.meant.map((one) => one[words.language])),
          })
        : words.say('room.doubt.unknown', { written })
    }
    case 'group':
      return words.say('room.doubt.group', { via: doubt.via, count: doubt.codes.length })
    case 'hashtag':
    case 'gazetteer':
      return words.say(`room.doubt.${doubt.kind}`, { territory: name(doubt.code), via: harmless(doubt.via) })
    case 'platform':
      return words.say('room.doubt.platform', { written: harmless(doubt.written) })
    case 'effect':
      return words.say('room.doubt.effect', { written: harmless(doubt.written), degree: doubt.degree })
    case 'to come':
      return words.say('room.doubt.toCome')
    case 'month':
      return words.say('room.doubt.month')
    case 'no figures':
      return words.say('room.doubt.figures')
    default:
      return ''
  }
}
