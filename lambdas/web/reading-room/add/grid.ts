/** The table of a preview: what each column contains, and its rows, whose faulty cells are fields. */
import { eachOf, type Fault, quotedIn, several } from '../../../domain/core/fault.ts'
import { capitalised } from '../../../domain/core/language/language.ts'
import { territoryOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { codesMeant } from '../../../domain/detection/gazetteer.ts'
import type { Doubt } from '../../../domain/detection/names/doubts.ts'
import type { SeenRecord } from '../../../usecases/ingest/check-detections.ts'
import { columnNames, type Look, type ProposedColumn, type Seen } from '../../../usecases/ingest/look-at-file.ts'
import type { Recalled } from '../../../usecases/ingest/remembered-mappings.ts'
import { suggestedCell } from '../../../usecases/ingest/suggested-cell.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { doubtWords, faultIn, faultWords } from '../frame/fault-text.ts'
import { cellName, changedName, faultPath } from '../frame/field-text.ts'
import { choices, field, type Visit } from '../frame/pages.ts'

export const aimedPrefix = 'aimed.'
const cellPrefix = 'cell.'
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
    ...{ line, id: null, key: '', outcome: 'duplicate', path: null, reason: null, doubts: [], again: undefined },
    ...{ context: undefined, detection: undefined, marking: undefined, change: undefined },
  }))

/** A card of a ready row shows these, on a phone. */
const mainFields: readonly string[] = ['observed', 'observed.from', 'territories', 'title', 'counts.posts']

type GridColumn = ReturnType<typeof columnsOf>[number]

export const columnsOf = (look: Look, { table: { headings, columns }, fault }: Seen) =>
  headings
    .flatMap((heading, at) => (heading === '' ? [] : [{ heading, at, label: harmless(heading.slice(0, shownChars)) }]))
    .slice(0, maxColumnsAsked)
    .flatMap((one, number) => {
      const column = columns[number]
      // A guess would change a file that is already understood.
      const offered = fault === undefined ? column && fieldRead(column) : column?.fields[0]
      return column ? [{ ...one, name: (look.columns ? look.columns[one.heading] : offered) ?? '' }] : []
    })

export const gridValue = (visit: Visit, look: Look, seen: Seen, recalled: Recalled | undefined) => {
  const { words } = visit
  const count = seen.table.columns.length
  const day = recalled?.at.slice(0, 10) ?? ''
  if (count === 0) return null
  return {
    fold: words.say('room.look.fold', { count }),
    recall: recalled && words.say('room.look.recall', { at: words.days(day, day), by: harmless(recalled.by) }),
    columns: columnsOf(look, seen).map(({ label: heading, name }, number) => ({
      heading,
      ...field(`${columnPrefix}${number}`, words.say('room.look.column', { heading }), {
        value: name,
        choices: choices(columnFields, (one) => cellName(one, words), name, words.say('room.look.column.none')),
      }),
    })),
  }
}

/** Why a cell is left unknown, by its heading. */
const cellLeft = (doubt: Doubt): readonly (readonly [string, Fault])[] => {
  const reason = doubt.kind === 'cell' ? doubt.fault.values?.reason : undefined
  const isFault = typeof reason === 'object' && 'code' in reason
  return doubt.kind === 'cell' && isFault ? [[quotedIn(doubt.fault, 'column'), reason as Fault]] : []
}

type Row = {
  readonly record: SeenRecord
  readonly columns: readonly GridColumn[]
  readonly open: number | undefined
  /** The row asks for its territory. */
  readonly asks: boolean
}

export const gridRow = ({ words, caller }: Visit, seen: Seen, { record, columns, open, asks }: Row) => {
  const { line, key, reason, path, context, outcome, doubts, detection } = record
  const cellsHere = seen.table.rows.get(line ?? 0)
  const reasons = outcome === 'rejected' && reason ? eachOf(reason) : []
  const others = reasons.filter((one) => !columns.some(({ heading }) => heading === one.path))
  const left = new Map(doubts.flatMap(cellLeft))
  const lineText = words.say('room.look.line', { line: line ?? 0 })
  const isRead = outcome === 'accepted' || outcome === 'rejected'
  const misspelt = outcome === 'duplicate' ? [] : doubts.filter((doubt) => doubt.kind === 'misspelt')
  /** Where all of a record's places mean one territory. */
  const placeTaken = (name: string) => {
    const [code, ...more] = codesMeant(detection?.reported?.territories ?? [])
    if (!code || more.length > 0 || outcome !== 'unplaced' || !caller.territories.includes(code)) return undefined
    return { value: `${name}=${code}`, text: territoryOf(code).name[words.language] }
  }
  const cellTaken = (name: string, text: string | undefined) => text && { value: `${name}=${text}`, text }
  const cellOf = ({ at, heading, label, name }: GridColumn) => {
    const cell = cellsHere?.[at] ?? ''
    const place = `${cellPrefix}${line}.${at}`
    const fault = reasons.find((one) => one.path === heading) ?? left.get(heading)
    const isPlace = name === 'territories'
    const [first, ...more] = isPlace ? misspelt : []
    const [meant, ...meanings] = first?.meant ?? []
    const isMeant = first && meant && more.length + meanings.length === 0 && cell.includes(first.written)
    const taken = fault
      ? cellTaken(place, suggestedCell(name, cell, fault))
      : isPlace && asks
        ? placeTaken(`${aimedPrefix}${key}`)
        : isMeant &&
          cellTaken(
            place,
            cell.replace(first.written, () => meant[words.language]),
          )
    return {
      ...{ label, kind: mainFields.includes(name) ? 'main' : '', asks: isPlace && asks },
      text: harmless(cell.length > shownChars ? `${cell.slice(0, shownChars)}…` : cell),
      why: fault
        ? capitalised(faultWords(words, withLabels(fault, words)).text)
        : isPlace
          ? misspelt.map((one) => doubtWords(words, one)).join(' ')
          : '',
      field:
        cellsHere && (line === open || fault || (first && !asks))
          ? field(place, `${label}, ${lineText}`, {
              value: cellShown(cell),
              lines: cell.length > 60 || cell.includes('\n') ? 3 : 0,
            })
          : null,
      take: taken ? { value: taken.value, label: words.say('room.look.take', { value: harmless(taken.text) }) } : null,
      hasPlaces: isPlace && (detection?.territories ?? []).some(({ method }) => method !== 'explicit'),
    }
  }
  const cells = columns.map(cellOf)
  const faulty = cells.filter(({ field, why }) => field && why !== '').map(({ label }) => label)
  return {
    // The faulty cell may be off the screen.
    faulty: words.list(faulty),
    ...(isRead && { becomes: words.say(`room.outcome.look.${outcome}`, { count: 1 }) }),
    ...(seen.records.length === 0 && { becomes: '' }),
    ...(reasons.length > 0 && {
      why: others.length > 0 && faultIn(words, faultPath({ path: path ?? '', context }, words), several(others)),
    }),
    number: line ?? 0,
    placed: columns.some(({ name }) => name === 'territories'),
    edit: cellsHere && line !== open ? words.say('room.look.edit') : '',
    cells,
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
