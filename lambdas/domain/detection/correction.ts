/** What a person says otherwise than a detector, field by field: it holds over what the detector sends later. */
import { canonicalHash, isSameJson } from '../core/canonical.ts'
import { localInterval } from '../core/observed.ts'
import { territoryOf } from '../core/territory.ts'
import type { Detection } from './detection.ts'

/** The part of a detection that one field is; empty where the field is left out. */
type Part = Partial<Detection>

export type Correction = {
  /** `title`, `observed`, `counts.posts`. */
  readonly field: string
  readonly value: Part
  /** What the detector said, and what it said later that a person refused. */
  readonly over: readonly Part[]
  readonly by: string
  readonly reason: string
  /** ISO instant. */
  readonly at: string
}

/** What a person sends as a correction. */
export type Correcting = {
  /** The fields that the record says; the others stay as they are. */
  readonly fields: readonly string[]
  /**
   * A *whole* record says all that there is of what is its own detector's, and a *row* of a sheet leaves fields open. A
   * *correction* is one of whatever is stored.
   */
  readonly kind: 'whole' | 'row' | 'correction'
  readonly by: string
  readonly reason: string
}

/** Says whose the record is, and not what was detected. */
const notCorrected: ReadonlySet<string> = new Set(['id', 'revision', 'detector', 'markingSource', 'reported'])

/** Whether a person may say otherwise of a field, by its name. */
export const isCorrectable = (field: string): boolean => !notCorrected.has(field)

/** The fields of a record as written: a figure is a field of its own. */
export const fieldsOf = (record: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(record)
    .flatMap(([name, value]) =>
      name === 'counts' && typeof value === 'object' && value !== null
        ? Object.keys(value).map((figure) => `counts.${figure}`)
        : [name],
    )
    .filter(isCorrectable)

/** The fields in which a record says otherwise than what stands. */
export const changedFields = (stands: Detection, said: Detection, fields: readonly string[]): readonly string[] =>
  fields.filter((field) => !saysTheSame(stands, said, field))

/** What stands, with fields as a record says them. */
export const withFields = (stands: Detection, said: Detection, fields: readonly string[]): Detection =>
  fields.reduce((detection, field) => withPart(detection, field, partOf(said, field)), stands)

/** Corrections with those that are made now. */
export const correctionsAfter = (
  before: readonly Correction[],
  {
    stands,
    said,
    fields,
  }: { readonly stands: Detection; readonly said: Detection; readonly fields: readonly string[] },
  about: Pick<Correction, 'by' | 'reason' | 'at'>,
): readonly Correction[] => [
  ...before.filter(({ field }) => !fields.includes(field)),
  ...fields.map((field): Correction => {
    const earlier = before.find((one) => one.field === field)
    return { field, value: partOf(said, field), over: earlier?.over ?? [partOf(stands, field)], ...about }
  }),
]

/** What a detector sends, with what a person corrected. */
export const corrected = (received: Detection, corrections: readonly Correction[]): Detection =>
  corrections.reduce((detection, { field, value }) => withPart(detection, field, value), received)

/** What a detector had sent before a person corrected it. */
export const uncorrected = (stands: Detection, corrections: readonly Correction[]): Detection =>
  corrections.reduce((detection, { field, over: [sent = {}] }) => withPart(detection, field, sent), stands)

/** Without the spelling of territories that a record says anew, unless that is misspelt too. */
export const withSpelling = ({ reported, ...detection }: Detection, said: Detection): Detection => {
  const { territories: _, ...others } = reported ?? {}
  const names = { ...others, ...(said.reported?.territories && { territories: said.reported.territories }) }
  return { ...detection, ...(Object.keys(names).length > 0 && { reported: names }) }
}

/** Those whose field the detector says otherwise now than when a person corrected it, and not as the person does. */
export const touched = (received: Detection, corrections: readonly Correction[]): readonly Correction[] =>
  corrections.filter(
    ({ field, value, over }) => ![value, ...over].some((one) => isSameJson(partOf(received, field), one)),
  )

/** After a person has refused what a detector sent: the same does not touch them again. */
export const refusedOver = (received: Detection, corrections: readonly Correction[]): readonly Correction[] =>
  corrections.map((one) =>
    touched(received, [one]).length > 0 ? { ...one, over: [...one.over, partOf(received, one.field)] } : one,
  )

/** By which it is known about which corrections a person was asked: one that was made anew is another. */
export const askedKey = ({ over: _, ...correction }: Correction): string => canonicalHash(correction)

/** Why a record waits for a person. */
export const touches = (corrections: readonly Correction[]): string =>
  corrections
    .map(({ field, by, reason }) => `says otherwise of ${field} than ${by}, who corrected it (${reason})`)
    .join('; ')

export const partOf = (detection: Detection, field: string): Part => {
  const [root = '', figure] = field.split('.')
  const value = (detection as Readonly<Record<string, unknown>>)[root]
  if (figure === undefined) return (value === undefined ? {} : { [root]: value }) as Part
  const count = (detection.counts as Readonly<Record<string, unknown>>)[figure]
  return (count === undefined ? {} : { counts: { [figure]: count } }) as Part
}

const signs = { exact: '', 'at least': '≥ ', about: '~ ' } as const

/** A figure as a cell of a sheet says it; empty where it is not known. */
export const figureCell = (figure: Detection['counts']['posts']): string =>
  figure === undefined ? '' : `${signs[figure.qualifier]}${figure.value}`

const maxPartText = 200

/** What a field says, in one line. */
export const partText = (detection: Detection, field: string): string => {
  const [root = '', figure] = field.split('.')
  const value = (partOf(detection, field) as Readonly<Record<string, unknown>>)[root]
  const one = figure === undefined ? value : (value as Readonly<Record<string, unknown>> | undefined)?.[figure]
  if (one === undefined) return ''
  if (field === 'territories') return codesOf(detection).join(', ')
  if (field === 'detector') return detection.detector.name
  const isFigure = figure !== undefined && typeof one === 'object' && one !== null && 'qualifier' in one
  if (isFigure) return figureCell(one as Detection['counts']['posts'])
  return (typeof one === 'string' ? one : JSON.stringify(one)).slice(0, maxPartText)
}

const withPart = (detection: Detection, field: string, part: Part): Detection => {
  const [root = '', figure] = field.split('.')
  if (figure !== undefined) {
    const { [figure]: _, ...others } = detection.counts as Readonly<Record<string, unknown>>
    return { ...detection, counts: { ...others, ...part.counts } }
  }
  const { [root]: _, ...others } = detection as Readonly<Record<string, unknown>>
  const stated = root === 'marking' ? { markingSource: 'stated' } : {}
  return { ...others, ...part, ...stated } as Detection
}

/** A row of a sheet says its title in one language, its time by the day and its territories by name, and need not mean more. */
const saysTheSame = (stands: Detection, said: Detection, field: string): boolean => {
  if (isSameJson(partOf(stands, field), partOf(said, field))) return true
  if (field === 'title' || field === 'summary') {
    const { und, ...others } = said[field] ?? {}
    return und !== undefined && isSameJson(others, {}) && Object.values(stands[field] ?? {}).includes(und)
  }
  if (field === 'territories') return isSameJson(codesOf(stands), codesOf(said))
  return field === 'observed' && isSameDays(stands, said)
}

const codesOf = ({ territories }: Detection): readonly string[] => territories.map(({ code }) => code).sort()

/** The days of an instant in the territories where it was seen. */
const isSameDays = ({ observed, territories }: Detection, { observed: said }: Detection): boolean => {
  if (observed.precision !== 'instant' || said.precision !== 'day') return false
  const isDay = (instant: string, day: string): boolean =>
    instant.startsWith(day) ||
    territories.some(({ code }) => {
      const moment = { from: instant, to: instant, precision: 'instant' } as const
      return localInterval(moment, territoryOf(code).zone).day === day
    })
  return isDay(observed.from, said.from) && isDay(observed.to, said.to)
}
