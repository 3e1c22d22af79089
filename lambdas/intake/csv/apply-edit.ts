import { anyOf, eachOf, type Fault, fault, faultAt, quoted } from '../../domain/core/fault.ts'
import { distinctFigures, type FigureName, figureNames } from '../../domain/core/figures.ts'
import { languages } from '../../domain/core/language/languages.ts'
import { wordingOf } from '../../domain/core/language/report-wording.ts'
import { maximum } from '../../domain/core/lists.ts'
import { type Subject, subjectOf, territories } from '../../domain/core/place/territory.ts'
import { isSameJson } from '../../domain/core/text/canonical.ts'
import {
  type Detection,
  type DetectionInput,
  type Localised,
  type TextField,
  textFields,
} from '../../domain/detection/detection.ts'
import { noTerritory, placesAmong, readTerritory } from '../../domain/detection/gazetteer.ts'
import { fieldAt, isCorrectable, partOf } from '../../domain/detection/revisions/correction.ts'
import type { Parts } from '../../domain/detection/revisions/parts.ts'
import { clockOf, homeOf } from '../../domain/page/words/phrases.ts'
import type { IntakeRecord } from '../record/record.ts'
import { dateIn } from '../table/cell-dates.ts'
import { CellError, listIn, listSigns, hasNoValue, unguarded } from '../table/cells.ts'
import { readCells } from './csv.ts'
import { fieldNamed, fieldsMeant, fitOf } from './fields.ts'
import { plainMapping } from './mapping.ts'

export type Edit = {
  /** By mapping names: `counts.posts`, `title.fr`. */
  readonly cells: Cells
  readonly by: string
  readonly pseudonym: (account: string) => string
}

type Cells = Readonly<Record<string, string>>

type Faulty = { readonly faults: readonly Fault[] }

type Edited = Extract<IntakeRecord, { readonly detection: unknown }>

export const fieldsOfEdit = (cells: Cells): Faulty | { readonly fields: readonly string[] } => {
  const named = Object.keys(cells).map((name) => {
    // An unsupported language gives no field.
    const path = fitOf(name) && fieldNamed(name)?.path
    return path !== undefined && isCorrectable(path) ? fieldAt(path) : noField(name, path !== undefined)
  })
  const faults = [...named.filter((one) => typeof one !== 'string'), ...wholeAndPart(cells)]
  return faults.length > 0 ? { faults } : { fields: [...new Set(named.filter((one) => typeof one === 'string'))] }
}

export const applyEdit = (stored: Detection, { cells: asked, by, pseudonym }: Edit): Edited | Faulty => {
  const cells = inItsLanguage(stored, asked)
  const named = fieldsOfEdit(cells)
  if ('faults' in named) return named
  const { territories: places = '', ...others } = cells
  // In an edit, a misspelt place is a fault; in a row it only waits for review.
  const unknown = misspelt(places)
  // A time without an offset is in the zone of the place of observation, as shown.
  const home = homeOf(stored, subjectOf('ALL'))
  const record = readCells(completeRow(stored, withoutClock(unknown.length > 0 ? others : cells, home)), {
    ...{ file: 'correction', pseudonym, mapping: { ...plainMapping, zone: home.zone } },
  })
  const faults = [
    ...('detection' in record
      ? [...(record.missing ?? []), ...partsOfNothing(stored, cells), ...textsOfNoLanguage(stored, cells)]
      : []),
    ...('reject' in record ? eachOf(faultAt(record.reject.path, record.reject.fault)) : []),
    ...unknown.map((word) => faultAt('territories', noTerritory(word))),
  ]
  if (faults.length > 0 || !('detection' in record)) return { faults }
  // Left out of the edited record, and so dropped.
  const splits = largerSplits(stored, record.detection, named.fields)
  return {
    ...record,
    detection: withEffectDetails(placedBy(by, record.detection, stored), stored),
    correction: {
      fields: [...named.fields, ...splits],
      parts: partsAsked(cells, record.correction?.parts),
      kind: 'correction',
    },
  }
}

const splitNames = ['byDay', 'byPlatform'] as const

/** Splits that have more than a corrected figure: counting would take them instead. */
export const largerSplits = (
  stored: Detection,
  { counts }: DetectionInput,
  fields: readonly string[],
): readonly string[] =>
  splitNames.flatMap((name) => {
    const isLarger = (figure: FigureName): boolean => {
      const values = (stored.counts[name] ?? []).map((row) => row[figure]?.value ?? 0)
      const total = isDistinct(figure) ? maximum(values, 0) : values.reduce((sum, value) => sum + value, 0)
      const given = counts?.[figure]
      const value = typeof given === 'object' ? given.value : given
      return fields.includes(`counts.${figure}`) && value !== undefined && total > value
    }
    return figureNames.some(isLarger) ? [`counts.${name}`] : []
  })

const isDistinct = (figure: FigureName): boolean => distinctFigures.some((one) => one === figure)

/** Clears the only text of an optional field, if the edit or the text has no language. */
const inItsLanguage = (stored: Detection, asked: Cells): Cells =>
  textFields.reduce((cells, field) => {
    const [language, ...others] = field === 'title' ? [] : Object.keys(textsOf(stored)[field])
    const [name, ...more] = Object.keys(cells).filter((one) => isOf(field, one) && isEmptied(cells[one] ?? ''))
    if (language === undefined || name === undefined || others.length + more.length > 0) return cells
    if (name !== field && language !== 'und') return cells
    const { [name]: cell = '', ...rest } = cells
    return { ...rest, [language === 'und' ? field : `${field}.${language}`]: cell }
  }, asked)

const textsOf = ({ title, summary = {}, claim, established }: Detection): Readonly<Record<TextField, Localised>> => ({
  ...{ title, summary },
  claim: claim?.text ?? {},
  established: established?.text ?? {},
})

/** The cell of a field, or of a part with the same path: `title` and `title.fr`, not `claim.source`. */
const isOf = (field: string, name: string): boolean => name === field || fieldNamed(name)?.path === field

const noField = (name: string, isKnown: boolean): Fault => {
  const meant = isKnown ? [] : fieldsMeant(name)
  return meant.length === 0
    ? fault('correction.noField', { name: quoted(name) })
    : fault('correction.noFieldMeant', { name: quoted(name), meant: anyOf(meant) })
}

const wholeAndPart = (cells: Cells): readonly Fault[] =>
  ['observed', ...textFields].flatMap((whole) => {
    const part = whole in cells ? Object.keys(cells).find((name) => name !== whole && isOf(whole, name)) : undefined
    return part === undefined ? [] : [fault('correction.wholeAndPart', { whole, part })]
  })

/** Finds texts without a language that would replace several languages. */
const textsOfNoLanguage = (stored: Detection, cells: Cells) =>
  textFields.flatMap((field) => {
    const texts = Object.entries(textsOf(stored)[field])
    const cell = cells[field]?.trim()
    if (cell === undefined || texts.length < 2 || texts.some(([, text]) => text === cell)) return []
    const named = texts.map(([language]) => `${field}.${language}`).sort()
    return [faultAt(field, fault('correction.severalLanguages', { fields: anyOf(named) }))]
  })

/** Applies the clock named after a printed time: the local one is removed, another makes the time an instant. */
const withoutClock = (cells: Cells, home: Pick<Subject, 'town' | 'zone'>): Cells =>
  Object.fromEntries(
    Object.entries(cells).map(([name, cell]) => [name, name.startsWith('observed') ? byItsClock(cell, home) : cell]),
  )

const byItsClock = (written: string, home: Pick<Subject, 'town' | 'zone'>): string => {
  const cell = written.trim().replaceAll(/[\u00a0\u202f]/g, ' ')
  for (const clock of [home, subjectOf('ALL'), ...territories]) {
    const end = clockEnds(clock).find((one) => cell.endsWith(one))
    if (end === undefined) continue
    const time = cell.slice(0, -end.length)
    if (clock.zone === home.zone) return time
    try {
      return dateIn(time, { order: 'day/month/year', zone: clock.zone }).text
    } catch (error) {
      if (!(error instanceof CellError)) throw error
      return written
    }
  }
  return written
}

const clockEnds = (clock: Pick<Subject, 'town'>): readonly string[] =>
  languages.flatMap((language) => {
    const words = wordingOf(language)
    const named = words.say('manoeuvre.time', { zone: clockOf(clock, words) }).replaceAll(/[\u00a0\u202f]/g, ' ')
    return [`, ${named}`, ` (${named})`]
  })

const isEmptied = (cell: string): boolean => hasNoValue(unguarded(cell.trim()))

/** The row's other cells are filler. */
const partsAsked = (cells: Cells, parts: Parts = {}): Parts =>
  Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, isEmptied(cell) ? null : parts[name]]))

const partsOfNothing = (stored: Detection, cells: Cells): readonly Fault[] => {
  const filled = Object.keys(cells).filter((name) => !isEmptied(cells[name] ?? ''))
  return filled.flatMap((name) => {
    const whole = wholeOf(name)
    if (whole === undefined || !isSameJson(partOf(stored, fieldAt(whole)), {})) return []
    if (filled.some((one) => isOf(whole, one) && wholeOf(one) === undefined)) return []
    return [faultAt(name, fault('correction.partOfNothing', { whole }))]
  })
}

/** The cell without which the part cannot be stored. */
const wholeOf = (name: string): string | undefined =>
  /^actor\.(?!name$)/.test(name) ? 'actor.name' : /^(.+)\.(?:qualifier|source|basis|confirmed)$/.exec(name)?.[1]

const misspelt = (cell: string): readonly string[] =>
  placesAmong<never>(listIn(unguarded(cell.trim()), listSigns().orComma), readTerritory)
    .unread.map(({ word }) => word)
    .filter((word) => !hasNoValue(word))

export const placedBy = (by: string, edited: Detection, stored: Detection): Detection => ({
  ...edited,
  territories: edited.territories.map(
    ({ code }) => stored.territories.find((one) => one.code === code) ?? { code, method: 'analyst', by },
  ),
})

/** Keeps details that the edit leaves out. A source that disagrees is not named for an analyst's statement. */
const withEffectDetails = (edited: Detection, { observedEffect: storedEffect }: Detection): Detection => {
  const { observedEffect } = edited
  if (!observedEffect || !storedEffect || observedEffect.state !== storedEffect.state) return edited
  if (observedEffect.text && observedEffect.state === 'observed') return edited
  const { degree: _, confirmed: __, ...details } = storedEffect
  return { ...edited, observedEffect: { ...details, ...observedEffect } }
}

/** Adds the cells that every row requires. */
const completeRow = ({ id, title, observed, actor }: Detection, cells: Cells): Cells => {
  const names = Object.keys(cells)
  const titles = Object.entries(title).map(([language, text]) => [
    language === 'und' ? 'title' : `title.${language}`,
    text,
  ])
  const isDated = names.some((name) => name === 'observed' || name === 'observed.from')
  const isAttributed = names.some((name) => name.startsWith('actor.')) && actor !== undefined
  const named = typeof actor?.name === 'object' ? Object.values(actor.name)[0] : actor?.name
  return {
    id,
    ...(isDated ? {} : { 'observed.from': observed.from, 'observed.to': observed.to }),
    ...(isAttributed && named !== undefined && { 'actor.name': named }),
    ...(names.includes('title') ? {} : Object.fromEntries(titles)),
    ...cells,
  }
}
