/** What a person says otherwise than a detector, field by field: it holds over what the detector sends later. */
import { type Fault, fault, type Reason } from '../../core/fault.ts'
import { closedMarking, type Marking } from '../../core/marking.ts'
import { territoryOf } from '../../core/place/territory.ts'
import { canonicalHash, isSameJson } from '../../core/text/canonical.ts'
import { localInterval } from '../../core/time/observed.ts'
import type { Detection } from '../detection.ts'
import type { Parts } from './parts.ts'

/** The part of a detection that one field is; empty where the field is left out. */
type Part = Partial<Detection>

export type Correction = {
  /** `title`, `observed`, `counts.posts`, `actor.replies`. */
  readonly field: string
  readonly value: Part
  /** What the detector said, and what it said later that a person refused. */
  readonly over: readonly Part[]
  readonly by: string
  /** Empty of a place that a person gave to what came without one. */
  readonly reason: Reason
  /** ISO instant. */
  readonly at: string
}

/** What a person sends as a correction. */
export type Correcting = {
  /** The fields that the record says; the others stay as they are. */
  readonly fields: readonly string[]
  /** Of fields with several columns what the record says; left out where it says them whole. */
  readonly parts?: Parts | undefined
  /** Of a row: what a mapping or a command says of all rows, and so of those of its own detector's alone. */
  readonly stated?: readonly string[] | undefined
  /**
   * A *whole* record says all that there is of what is its own detector's, and a *row* of a sheet leaves fields open. A
   * *correction* is one of whatever is stored.
   */
  readonly kind: 'whole' | 'row' | 'correction'
  /** Fields that the row leaves open were filled from the stored detection, which must be active still. */
  readonly fromStored?: true | undefined
  readonly by: string
  readonly reason: Reason
}

/** Says whose the record is, and not what was detected. */
const notCorrected: ReadonlySet<string> = new Set(['id', 'revision', 'detector', 'markingSource', 'reported'])

/** Whether a person may say otherwise of a field, by its name. */
export const isCorrectable = (field: string): boolean => !notCorrected.has(field)

/**
 * What whom an attribution names says to it: a field beside the rest of the actor, so that each holds without the
 * other.
 */
export const repliesField = 'actor.replies'

/** The field that a part of one is corrected with: `actor.name` is the actor's, and a figure is one of its own. */
export const fieldAt = (path: string): string => {
  const [root = ''] = path.split('.')
  return root === 'counts' || path === repliesField ? path : root
}

/** The fields of a record as written: a figure is a field of its own, and so are an actor's replies. */
export const fieldsOf = (record: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(record)
    .flatMap(([name, value]) => {
      if (typeof value !== 'object' || value === null) return [name]
      if (name === 'counts') return Object.keys(value).map((figure) => `counts.${figure}`)
      return name === 'actor' && 'replies' in value ? [name, repliesField] : [name]
    })
    .filter(isCorrectable)

/** The fields in which a record says otherwise than what stands. */
export const changedFields = (stored: Detection, edited: Detection, fields: readonly string[]): readonly string[] =>
  fields.filter((field) => !isSameField(stored, edited, field))

/** A reply that is added may be marked higher than the detection. */
export const markingOfReply = ({ actor }: Detection, fields: readonly string[]): Marking | undefined => {
  const marking = fields.includes(repliesField) ? actor?.replies?.at(-1)?.marking : undefined
  return marking === undefined ? undefined : closedMarking(marking)
}

/** What stands, with fields as a record says them. */
export const withFields = (stored: Detection, edited: Detection, fields: readonly string[]): Detection =>
  fields.reduce((detection, field) => withPart(detection, field, partOf(edited, field)), stored)

/** Corrections with those that are made now. */
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

/** What a detector sends, with what a person corrected. */
export const corrected = (received: Detection, corrections: readonly Correction[]): Detection =>
  inOrder(corrections).reduce((detection, { field, value }) => withPart(detection, field, value), received)

/** What a detector had sent before a person corrected it. */
export const uncorrected = (stored: Detection, corrections: readonly Correction[]): Detection =>
  inOrder(corrections).reduce((detection, { field, over: [sent = {}] }) => withPart(detection, field, sent), stored)

/** An actor comes before its replies: without one there are none. */
const inOrder = (corrections: readonly Correction[]): readonly Correction[] =>
  corrections.toSorted((one, other) => (one.field < other.field ? -1 : 1))

/** With the spelling of names that a record says anew, and of no name that it replaces. */
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

/** Those whose field the detector says otherwise now than when a person corrected it, and not as the person does. */
export const touched = (received: Detection, corrections: readonly Correction[]): readonly Correction[] =>
  corrections.filter(({ field, value, over }) => ![value, ...over].some((one) => isSamePart(received, one, field)))

/** Of places it does not matter how they were found. */
const isSamePart = (received: Detection, part: Part, field: string): boolean =>
  field === 'territories'
    ? isSameJson(codesOf(received), codesOf({ territories: part.territories ?? [] }))
    : isSameJson(partOf(received, field), part)

/**
 * Corrections with the place that a person gave to what came without one: it holds over a detector's word as they do.
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

/** After a person has refused what a detector sent: the same does not touch them again. */
export const refusedOver = (received: Detection, corrections: readonly Correction[]): readonly Correction[] =>
  corrections.map((one) =>
    touched(received, [one]).length > 0 ? { ...one, over: [...one.over, partOf(received, one.field)] } : one,
  )

/** By which it is known about which corrections a person was asked: one that was made anew is another. */
export const askedKey = ({ over: _, ...correction }: Correction): string => canonicalHash(correction)

/** Why a record waits for a person. */
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

/** Its replies, or the rest of it. */
const actorPart = ({ actor }: Part, isRest: boolean): Part => {
  if (!actor) return {}
  const { replies, ...rest } = actor
  if (isRest) return { actor: rest }
  return (replies === undefined ? {} : { actor: { replies } }) as Part
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
  if (root === 'actor') return withActor(detection, part, figure === undefined)
  if (figure !== undefined) {
    const { [figure]: _, ...others } = detection.counts as Readonly<Record<string, unknown>>
    return { ...detection, counts: { ...others, ...part.counts } }
  }
  const { [root]: _, ...others } = detection as Readonly<Record<string, unknown>>
  const stated = root === 'marking' ? { markingSource: 'stated' } : {}
  return { ...others, ...part, ...stated } as Detection
}

/** Where nobody is named any more, nobody replies. */
const withActor = ({ actor, ...detection }: Detection, part: Part, isRest: boolean): Detection => {
  if (isRest) return part.actor ? { ...detection, actor: { ...repliesIn(actor?.replies), ...part.actor } } : detection
  if (!actor) return detection
  const { replies: _, ...rest } = actor
  return { ...detection, actor: { ...rest, ...repliesIn(part.actor?.replies) } }
}

const repliesIn = (replies: NonNullable<Detection['actor']>['replies']) => (replies === undefined ? {} : { replies })

/**
 * A row of a sheet says its title in one language, its time by the day and its territories by name, and need not mean
 * more.
 */
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

/** The days of an instant in every territory where it was seen; by universal time where nobody knows one. */
const isSameDays = ({ observed, territories }: Detection, { observed: editedObserved }: Detection): boolean => {
  if (observed.precision !== 'instant' || editedObserved.precision !== 'day') return false
  const zones = territories.length === 0 ? ['UTC'] : territories.map(({ code }) => territoryOf(code).zone)
  const isDay = (instant: string, day: string): boolean => {
    const moment = { from: instant, to: instant, precision: 'instant' } as const
    return zones.every((zone) => localInterval(moment, zone).day === day)
  }
  return isDay(observed.from, editedObserved.from) && isDay(observed.to, editedObserved.to)
}
