/** Analysts' corrections override what the detector sends later. */
import { type Fault, fault, type Reason } from '../../core/fault.ts'
import { closedMarking, type Marking } from '../../core/marking.ts'
import { territoryOf } from '../../core/place/territory.ts'
import { canonicalHash, isSameJson } from '../../core/text/canonical.ts'
import { localInterval } from '../../core/time/observed.ts'
import type { Detection } from '../detection.ts'
import type { Parts } from './parts.ts'

/** The part for one field; empty if the field is missing. */
type Part = Partial<Detection>

export type Correction = {
  /** `title`, `observed`, `counts.posts`, `actor.replies`. */
  readonly field: string
  readonly value: Part
  /** The detector's value, and later ones that an analyst refused. */
  readonly over: readonly Part[]
  readonly by: string
  /** Empty for the place given to a record that had none. */
  readonly reason: Reason
  /** ISO instant. */
  readonly at: string
}

export type Correcting = {
  readonly fields: readonly string[]
  /** Left out for whole fields. */
  readonly parts?: Parts | undefined
  /** Values that a mapping or command gives for all rows; they apply only to rows of the same detector. */
  readonly stated?: readonly string[] | undefined
  /**
   * *whole*: all fields, for a record of the same detector. *row*: a sheet row, which may leave fields open.
   * *correction*: changes any stored record.
   */
  readonly kind: 'whole' | 'row' | 'correction'
  /** Open fields come from the stored detection, which must still be active. */
  readonly fromStored?: true | undefined
  readonly by: string
  readonly reason: Reason
}

/** Fields about the record, not about the detected event. */
const notCorrected: ReadonlySet<string> = new Set(['id', 'revision', 'detector', 'markingSource', 'reported'])

export const isCorrectable = (field: string): boolean => !notCorrected.has(field)

/** Separate from the rest of the actor, so that each is corrected alone. */
export const repliesField = 'actor.replies'

/** `actor.name` belongs to the actor, each figure is a separate field. */
export const fieldAt = (path: string): string => {
  const [root = ''] = path.split('.')
  return root === 'counts' || path === repliesField ? path : root
}

export const fieldsOf = (record: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(record)
    .flatMap(([name, value]) => {
      if (typeof value !== 'object' || value === null) return [name]
      if (name === 'counts') return Object.keys(value).map((figure) => `counts.${figure}`)
      return name === 'actor' && 'replies' in value ? [name, repliesField] : [name]
    })
    .filter(isCorrectable)

/** Without the leniency towards sheet rows: for a revision that is restored. */
export const exactlyChangedFields = (
  stored: Detection,
  edited: Detection,
  fields: readonly string[],
): readonly string[] => fields.filter((field) => !isSameJson(partOf(stored, field), partOf(edited, field)))

export const changedFields = (stored: Detection, edited: Detection, fields: readonly string[]): readonly string[] =>
  fields.filter((field) => !isSameField(stored, edited, field))

/** An added reply may have a higher marking than the detection. */
export const markingOfReply = ({ actor }: Detection, fields: readonly string[]): Marking | undefined => {
  const marking = fields.includes(repliesField) ? actor?.replies?.at(-1)?.marking : undefined
  return marking === undefined ? undefined : closedMarking(marking)
}

export const withFields = (stored: Detection, edited: Detection, fields: readonly string[]): Detection =>
  fields.reduce((detection, field) => withPart(detection, field, partOf(edited, field)), stored)

export const correctionsAfter = (
  before: readonly Correction[],
  {
    stored,
    edited,
    fields,
  }: { readonly stored: Detection; readonly edited: Detection; readonly fields: readonly string[] },
  about: Pick<Correction, 'by' | 'reason' | 'at'>,
): readonly Correction[] => [
  ...before.filter(({ field }) => !fields.includes(field)),
  ...fields.map((field): Correction => {
    const earlier = before.find((one) => one.field === field)
    return { field, value: partOf(edited, field), over: earlier?.over ?? [partOf(stored, field)], ...about }
  }),
]

export const corrected = (received: Detection, corrections: readonly Correction[]): Detection =>
  inOrder(corrections).reduce((detection, { field, value }) => withPart(detection, field, value), received)

/** Restores the detector's values. */
export const uncorrected = (stored: Detection, corrections: readonly Correction[]): Detection =>
  inOrder(corrections).reduce((detection, { field, over: [sent = {}] }) => withPart(detection, field, sent), stored)

/** The actor must be set before its replies. */
const inOrder = (corrections: readonly Correction[]): readonly Correction[] =>
  corrections.toSorted((one, other) => (one.field < other.field ? -1 : 1))

/** Spellings of replaced names are dropped. */
export const withSpelling = (
  { reported = {}, ...detection }: Detection,
  edited: Detection,
  fields: readonly string[],
): Detection => {
  const others = Object.entries(reported).filter(([field]) => !fields.includes(field))
  const own = Object.entries(edited.reported ?? {}).filter(([field]) => fields.includes(field))
  const names = Object.fromEntries([...others, ...own])
  return { ...detection, ...(Object.keys(names).length > 0 && { reported: names }) }
}

/** Returns corrections whose field has a new value from the detector, other than the corrected one. */
export const touched = (received: Detection, corrections: readonly Correction[]): readonly Correction[] =>
  corrections.filter(({ field, value, over }) => ![value, ...over].some((one) => isSamePart(received, one, field)))

/** Compares territories by code, without the method. */
const isSamePart = (received: Detection, part: Part, field: string): boolean =>
  field === 'territories'
    ? isSameJson(codesOf(received), codesOf({ territories: part.territories ?? [] }))
    : isSameJson(partOf(received, field), part)

/**
 * Turns an analyst's place for an unplaced record into a correction.
 * @param at when it was stored, an ISO instant
 */
export const withPersonsPlace = (
  corrections: readonly Correction[],
  territories: Detection['territories'],
  at: string,
): readonly Correction[] => {
  const [first] = territories
  const isPersons = territories.every(({ method, by, via }) => method === 'analyst' && by !== undefined && !via)
  if (first?.by === undefined || !isPersons || corrections.some(({ field }) => field === 'territories')) {
    return corrections
  }
  const place = { field: 'territories', value: { territories }, over: [{ territories: [] }], reason: '' }
  return [...corrections, { ...place, by: first.by, at }]
}

/** Records a refused value of the detector, so that it raises no further conflict. */
export const refusedOver = (received: Detection, corrections: readonly Correction[]): readonly Correction[] =>
  corrections.map((one) =>
    touched(received, [one]).length > 0 ? { ...one, over: [...one.over, partOf(received, one.field)] } : one,
  )

export const askedKey = ({ over: _, ...correction }: Correction): string => canonicalHash(correction)

export const touches = (corrections: readonly Correction[]): readonly Fault[] =>
  corrections.map(({ field, by, reason }) =>
    reason === '' ? fault('contested.placedBy', { field, by }) : fault('contested.correctedBy', { field, by, reason }),
  )

export const partOf = (detection: Part, field: string): Part => {
  const [root = '', figure] = field.split('.')
  if (root === 'actor') return actorPart(detection, figure === undefined)
  const value = (detection as Readonly<Record<string, unknown>>)[root]
  if (figure === undefined) return (value === undefined ? {} : { [root]: value }) as Part
  const count = (detection.counts as Readonly<Record<string, unknown>> | undefined)?.[figure]
  return (count === undefined ? {} : { counts: { [figure]: count } }) as Part
}

const actorPart = ({ actor }: Part, isRest: boolean): Part => {
  if (!actor) return {}
  const { replies, ...rest } = actor
  if (isRest) return { actor: rest }
  return (replies === undefined ? {} : { actor: { replies } }) as Part
}

const signs = { exact: '', 'at least': '≥ ', about: '~ ' } as const

/** Formats a figure as a sheet cell; empty if unknown. */
export const figureCell = (figure: Detection['counts']['posts']): string =>
  figure === undefined ? '' : `${signs[figure.qualifier]}${figure.value}`

const maxPartText = 200

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
  if (root === 'actor') return withActor(detection, part, figure === undefined)
  if (figure !== undefined) {
    const { [figure]: _, ...others } = detection.counts as Readonly<Record<string, unknown>>
    return { ...detection, counts: { ...others, ...part.counts } }
  }
  const { [root]: _, ...others } = detection as Readonly<Record<string, unknown>>
  const stated = root === 'marking' ? { markingSource: 'stated' } : {}
  return { ...others, ...part, ...stated } as Detection
}

/** Removing the actor removes its replies. */
const withActor = ({ actor, ...detection }: Detection, part: Part, isRest: boolean): Detection => {
  if (isRest) return part.actor ? { ...detection, actor: { ...repliesIn(actor?.replies), ...part.actor } } : detection
  if (!actor) return detection
  const { replies: _, ...rest } = actor
  return { ...detection, actor: { ...rest, ...repliesIn(part.actor?.replies) } }
}

const repliesIn = (replies: NonNullable<Detection['actor']>['replies']) => (replies === undefined ? {} : { replies })

/** A sheet row has less detail (one language, days, names), which is no change. */
const isSameField = (stored: Detection, edited: Detection, field: string): boolean => {
  if (isSameJson(partOf(stored, field), partOf(edited, field))) return true
  if (field === 'title' || field === 'summary') {
    const { und, ...others } = edited[field] ?? {}
    return und !== undefined && isSameJson(others, {}) && Object.values(stored[field] ?? {}).includes(und)
  }
  if (field === 'territories') return isSameJson(codesOf(stored), codesOf(edited))
  return field === 'observed' && isSameDays(stored, edited)
}

const codesOf = ({ territories }: Pick<Detection, 'territories'>): readonly string[] =>
  territories.map(({ code }) => code).sort()

/** Compares in every zone of its territories; in UTC if it has none. */
const isSameDays = ({ observed, territories }: Detection, { observed: editedObserved }: Detection): boolean => {
  if (observed.precision !== 'instant' || editedObserved.precision !== 'day') return false
  const zones = territories.length === 0 ? ['UTC'] : territories.map(({ code }) => territoryOf(code).zone)
  const isDay = (instant: string, day: string): boolean => {
    const moment = { from: instant, to: instant, precision: 'instant' } as const
    return zones.every((zone) => localInterval(moment, zone).day === day)
  }
  return isDay(observed.from, editedObserved.from) && isDay(observed.to, editedObserved.to)
}
