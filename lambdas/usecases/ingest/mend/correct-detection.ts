/** Corrects single fields of a stored detection, as the cells of a sheet would say them. */
import {
  anyOf,
  asFault,
  eachOf,
  type Fault,
  fault,
  faultAt,
  FaultError,
  quoted,
  several,
} from '../../../domain/core/fault.ts'
import { languages } from '../../../domain/core/language/languages.ts'
import { wordingOf } from '../../../domain/core/language/report-wording.ts'
import { type Subject, subjectOf, territories } from '../../../domain/core/place/territory.ts'
import type { Detection } from '../../../domain/detection/detection.ts'
import { noTerritory, placesAmong, readTerritory } from '../../../domain/detection/gazetteer.ts'
import {
  changedFields,
  type Correction,
  fieldAt,
  isCorrectable,
} from '../../../domain/detection/revisions/correction.ts'
import type { Parts } from '../../../domain/detection/revisions/parts.ts'
import { clockOf, homeOf } from '../../../domain/page/words/phrases.ts'
import { readCsv } from '../../../intake/csv/csv.ts'
import { fieldNamed, fieldsMeant } from '../../../intake/csv/fields.ts'
import { plainMapping } from '../../../intake/csv/mapping.ts'
import { once } from '../../../intake/formats.ts'
import type { IntakeRecord } from '../../../intake/record/record.ts'
import { dateIn } from '../../../intake/table/cell-dates.ts'
import { CellError, listIn, listSigns, saysNothing, unguarded } from '../../../intake/table/cells.ts'
import { quotedRow } from '../../../intake/table/rows.ts'
import { ChangedSinceError } from '../../../store/detections/by-hand.ts'
import type { IntakeServices } from '../../services.ts'
import { ingestDetections, type Sender } from '../ingest-detections.ts'

export class CorrectionError extends FaultError {
  override name = 'CorrectionError'
}

/** The field or its value is none: nothing was tried. */
export class CorrectionWordError extends CorrectionError {
  override name = 'CorrectionWordError'
}

/** Who says otherwise of which detection, and why. */
export type CorrectionAsked = {
  readonly id: string
  readonly by: string
  readonly reason: string
  readonly sender: Sender
}

export type CorrectionDone = {
  readonly outcome: 'revised' | 'duplicate' | 'contested'
  readonly batch: string
  /** What persons had said before of the same fields, over which this is. */
  readonly over?: readonly Pick<Correction, 'field' | 'by' | 'at'>[]
}

type Asked = CorrectionAsked & {
  /** By the names that a mapping uses: `counts.posts`, `title.fr`. */
  readonly cells: Readonly<Record<string, string>>
  /** What stands for an account's name. */
  readonly pseudonym: (account: string) => string
}

/** So often a correction is drawn anew, where others change other fields at the same time. */
const maxTries = 20

/**
 * What is written rests on the revision that was read. Where another one came between, it is drawn anew as long as that
 * leaves the same fields as they were; a sender who says what revision he saw is asked each time.
 * @returns what became of it: *duplicate* where all fields say that already
 * @throws CorrectionWordError where a field is none or a cell cannot be understood
 * @throws ChangedSinceError where another revision stands than the sender saw, or one that came between touches the
 * same fields
 * @throws NotActiveError where no such detection is active
 * @throws CorrectionError where what is stored speaks against it
 */
export const correctDetection = async (asked: Asked, services: IntakeServices): Promise<CorrectionDone> => {
  const { detections } = services
  const { detection: first } = await detections.readActive(asked.id)
  const fields = fieldsIn(asked.cells)
  refuseTwice(asked.cells)
  let stands = first
  for (let tries = 1; ; tries += 1) {
    const before = await detections.corrections(asked.id)
    try {
      const done = await correctOver(stands, fields, asked, services)
      const over = before.filter(({ field }) => done.outcome === 'revised' && fields.includes(field))
      return over.length === 0 ? done : { ...done, over: over.map(({ field, by, at }) => ({ field, by, at })) }
    } catch (error) {
      if (!(error instanceof ChangedSinceError) || asked.sender.seen !== undefined) throw error
      stands = (await detections.readActive(asked.id)).detection
      const changed = changedFields(first, stands, fields)
      if (changed.length > 0 || tries === maxTries) throw await changedBetween(asked.id, changed, detections)
    }
  }
}

const changedBetween = async (
  id: string,
  fields: readonly string[],
  { corrections }: Pick<IntakeServices['detections'], 'corrections'>,
): Promise<ChangedSinceError> => {
  const theirs = (await corrections(id)).filter(({ field }) => fields.includes(field))
  const told = theirs.map(({ field, by }) => `${field} by ${by}`).join(', ') || fields.join(', ') || 'other fields'
  return new ChangedSinceError(fault('detection.changedMeanwhile', { id, changes: told }))
}

/** @throws CorrectionWordError where a field and a part of it are said at once */
const refuseTwice = (cells: Asked['cells']): void => {
  for (const whole of ['observed', 'title', 'summary']) {
    const part = whole in cells ? Object.keys(cells).find((name) => name.startsWith(`${whole}.`)) : undefined
    if (part !== undefined) {
      throw new CorrectionWordError(fault('correction.wholeAndPart', { whole, part }))
    }
  }
}

/** What would take several languages away, and say none. */
const textsOfNoLanguage = (stands: Detection, cells: Asked['cells']) =>
  (['title', 'summary'] as const).flatMap((field) => {
    const texts = Object.entries(stands[field] ?? {})
    const cell = cells[field]?.trim()
    if (cell === undefined || texts.length < 2 || texts.some(([, text]) => text === cell)) return []
    const named = texts.map(([language]) => `${field}.${language}`).sort()
    return [faultAt(field, fault('correction.severalLanguages', { fields: anyOf(named) }))]
  })

/** Each once: both ends of a time are one field. */
const fieldsIn = (cells: Asked['cells']): readonly string[] => {
  const named = Object.keys(cells).map((name) => {
    const field = fieldNamed(name)
    if (field && isCorrectable(field.path)) return fieldAt(field.path)
    const meant = field ? [] : fieldsMeant(name)
    throw new CorrectionWordError(
      meant.length === 0
        ? fault('correction.noField', { name: quoted(name) })
        : fault('correction.noFieldMeant', { name: quoted(name), meant: anyOf(meant) }),
    )
  })
  return [...new Set(named)]
}

const correctOver = async (
  stands: Detection,
  fields: readonly string[],
  { id, cells, by, reason, sender, pseudonym }: Asked,
  services: IntakeServices,
): Promise<CorrectionDone> => {
  const records: IntakeRecord[] = []
  const { territories: places = '', ...others } = cells
  // A misspelt place is no fault of a row, which waits for a person then: it is looked at by itself, beside the other
  // cells.
  const unknown = misspelt(places)
  const said = unknown.length > 0 ? others : cells
  // A time without an offset is of the clock of where it was seen, as it is shown.
  const home = homeOf(stands, subjectOf('ALL'))
  const options = { file: 'correction', pseudonym, isAlone: true, mapping: { ...plainMapping, zone: home.zone } }
  for await (const record of readCsv(once(sheetOf(stands, withoutClock(said, home))), options)) {
    const faults = [
      ...('reject' in record
        ? eachOf(faultAt(record.reject.path, record.reject.fault))
        : [...missingIn(record), ...partsOfNothing(stands, cells), ...textsOfNoLanguage(stands, cells)]),
      ...unknown.map((word) => faultAt('territories', noTerritory(word))),
    ]
    if (faults.length > 0) throw new CorrectionWordError(several(faults))
    if (!('detection' in record)) continue
    records.push({
      ...record,
      detection: withEffectTold(placedBy(by, record.detection, stands), stands),
      said: { fields, parts: partsAsked(cells, record.said?.parts), kind: 'correction' },
    })
  }
  return keepCorrection(records, { id, by, reason, sender: { seen: stands.revision, ...sender } }, services)
}

/** A title or a time that is emptied is not what stands. */
const missingIn = (record: IntakeRecord) => ('detection' in record ? (record.missing ?? []) : [])

/**
 * A time as a page prints it names its clock, after a comma or in brackets: that of where it was seen, by which it is
 * read anyway, or another, by which it becomes an instant.
 */
const withoutClock = (cells: Asked['cells'], home: Pick<Subject, 'town' | 'zone'>): Asked['cells'] =>
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

const isEmptied = (cell: string): boolean => saysNothing(unguarded(cell.trim()))

/** Only what is asked for is said: the rest of the row is there because each row has it. */
const partsAsked = (cells: Asked['cells'], parts: Parts = {}): Parts =>
  Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, isEmptied(cell) ? null : parts[name]]))

/** What is said of an actor or a figure that neither the correction nor what is stored has. */
const partsOfNothing = ({ actor, counts }: Detection, cells: Asked['cells']): readonly Fault[] =>
  Object.entries(cells).flatMap(([name, cell]) => {
    const [, figure = ''] = /^(counts\.\w+)\.qualifier$/.exec(name) ?? []
    const isOfActor = name.startsWith('actor.') && name !== 'actor.name'
    const whole = isOfActor ? 'actor.name' : figure
    const stood: unknown = isOfActor ? actor : counts[figure.slice('counts.'.length) as keyof Detection['counts']]
    if (whole === '' || stood || isEmptied(cell) || !isEmptied(cells[whole] ?? '')) return []
    return [faultAt(name, fault('correction.partOfNothing', { whole }))]
  })

/** What a cell of territories names that is none. */
const misspelt = (cell: string): readonly string[] =>
  placesAmong<never>(listIn(unguarded(cell.trim()), listSigns().orComma), readTerritory)
    .unread.map(({ word }) => word)
    .filter((word) => !saysNothing(word))

export const changedSince = (id: string): ChangedSinceError =>
  new ChangedSinceError(fault('detection.changedSince', { id }))

/** Takes what was said in as any record. */
export const keepCorrection = async (
  records: readonly IntakeRecord[],
  { id, by, reason, sender }: CorrectionAsked,
  services: IntakeServices,
): Promise<CorrectionDone> => {
  const rejects: Fault[] = []
  const tally = await ingestDetections(records, { kind: 'correction', id }, services, {
    sender: { ...sender, by, reason },
    keepsRejects: true,
    onOutcome: (_, outcome) => {
      if (outcome.kind === 'rejected') rejects.push(faultAt(outcome.reject.path, outcome.reject.fault))
    },
  })
  const [reject] = rejects
  if (reject?.path === 'revision')
    throw new ChangedSinceError(fault('detection.revisionRefused', { id, reason: { ...reject, path: '' } }))
  if (reject && sender.seen !== undefined) {
    // Where it was withdrawn meanwhile, what speaks against it is that.
    const now = (await services.detections.stored([id])).get(id)
    if (now?.revision !== sender.seen) throw changedSince(id)
  }
  if (reject) throw new CorrectionError(reject)
  if (tally.failure !== undefined) throw new CorrectionError(asFault(tally.failure))
  const outcome = tally.contested > 0 ? 'contested' : tally.revised + tally.unplaced > 0 ? 'revised' : 'duplicate'
  return { outcome, batch: tally.batch }
}

/** A place that a person adds is that person's word; what was there before stays its source's. */
const placedBy = (by: string, said: Detection, stands: Detection): Detection => ({
  ...said,
  territories: said.territories.map(
    ({ code }) => stands.territories.find((one) => one.code === code) ?? { code, method: 'analyst', by },
  ),
})

/**
 * A bare word corrects how far an effect went, and leaves who said so and in what words; other words for the same
 * *none* leave who said so. A source that said otherwise is not named for a person's word.
 */
const withEffectTold = (said: Detection, { observedEffect: stands }: Detection): Detection => {
  const { observedEffect } = said
  if (!observedEffect || !stands || observedEffect.state !== stands.state) return said
  if (observedEffect.text && observedEffect.state === 'observed') return said
  const { degree: _, ...told } = stands
  return { ...said, observedEffect: { ...told, ...observedEffect } }
}

/** A sheet of one row: what is corrected, beside what each row has to say. */
const sheetOf = ({ id, title, observed, actor }: Detection, cells: Readonly<Record<string, string>>): Uint8Array => {
  const names = Object.keys(cells)
  const titles = Object.entries(title).map(([language, text]) => [
    language === 'und' ? 'title' : `title.${language}`,
    text,
  ])
  const isDated = names.some((name) => name === 'observed' || name === 'observed.from')
  const isAttributed = names.some((name) => name.startsWith('actor.')) && actor !== undefined
  const named = typeof actor?.name === 'object' ? Object.values(actor.name)[0] : actor?.name
  const row: Readonly<Record<string, string>> = {
    id,
    ...(isDated ? {} : { 'observed.from': observed.from, 'observed.to': observed.to }),
    ...(isAttributed && named !== undefined && { 'actor.name': named }),
    ...(names.includes('title') ? {} : Object.fromEntries(titles)),
    ...cells,
  }
  return Buffer.from(`${quotedRow(Object.keys(row))}\n${quotedRow(Object.values(row))}\n`)
}
