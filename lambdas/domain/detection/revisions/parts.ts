/** Parts of a field, such as the end of a time, edited while the others stay as stored. */
import * as z from 'zod'
import { fault, faultAt } from '../../core/fault.ts'
import { type Refusal, refusalOf } from '../../core/schema-fault.ts'
import { isSameJson } from '../../core/text/canonical.ts'
import { observedFrom } from '../../core/time/observed.ts'
import { type Detection, detectionSchema, type Localised } from '../detection.ts'

/**
 * The stated cells by mapping name (`title.en`, `actor.attributedBy`, `counts.posts.qualifier`); null empties a part.
 */
export type Parts = Readonly<Record<string, unknown>>

const { claim, established, observedEffect, breakout, actor } = detectionSchema.shape

/** A part may come without its whole: then intake could not check it. */
const checkedFields = z.object({ claim, established, observedEffect, breakout, actor })

/** Returns the edited record, completed with the stored parts that it does not state. */
export const withParts = (
  stored: Detection,
  edited: Detection,
  parts: Parts,
): { readonly detection: Detection } | { readonly refusal: Refusal } => {
  const of = (field: string) => partsOf(field, parts)
  const time = timeIn(stored.observed, edited.observed, of('observed'))
  if ('refusal' in time) return time
  const own = {
    title: textsIn(stored.title, edited.title, of('title')),
    summary: textsIn(stored.summary, edited.summary, of('summary')),
    claim: statementIn(stored.claim, edited.claim, of('claim')),
    established: statementIn(stored.established, edited.established, of('established')),
    event: eventIn(stored.event, edited.event, of('event')),
    actor: actorIn(stored.actor, edited.actor, of('actor')),
    counts: countsIn(stored, edited, parts),
    indicators: entriesIn(stored.indicators, edited.indicators, ({ type }) => type, of('indicators')),
    observedEffect: confirmedIn(stored.observedEffect, edited.observedEffect, of('observedEffect')),
    breakout: confirmedIn(stored.breakout, edited.breakout, of('breakout'), stored.breakout),
    criteria: entriesIn(stored.criteria, edited.criteria, ({ criterion }) => criterion, of('criteria')),
  }
  const { error } = checkedFields.safeParse(own)
  return error ? { refusal: refusalOf(error) } : { detection: given({ ...edited, ...time, ...own }) as Detection }
}

const given = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>

/** Selects one field's parts, by the rest of their name; '' is the whole field. */
const partsOf = (field: string, parts: Parts): Parts =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([name, value]) =>
      name === field || name.startsWith(`${field}.`) ? [[name.slice(field.length + 1), value]] : [],
    ),
  )

const isWhole = (parts: Parts): boolean => Object.keys(parts).length === 0

/** A new text without a language replaces all texts, unless it or such a text is already stored. */
const textsIn = (stored: Localised | undefined, edited: Localised | undefined, parts: Parts): Localised | undefined => {
  if (isWhole(parts) || !stored) return edited
  const { und, ...others } = edited ?? {}
  if (und !== undefined && isSameJson(others, {}) && Object.values(stored).includes(und)) return stored
  if (und !== undefined && stored['und'] === undefined) return edited
  const kept = Object.entries(stored).filter(([language]) => parts[language === 'und' ? '' : language] !== null)
  const all = { ...Object.fromEntries(kept), ...edited }
  return Object.keys(all).length > 0 ? all : undefined
}

type Statement = Detection['claim']

/** Removing the text removes its source. */
const statementIn = (stored: Statement, edited: Statement, parts: Parts): Statement => {
  if (isWhole(parts) || !stored) return edited
  const text = textsIn(stored.text, edited?.text, parts)
  return text && withPart({ ...stored, text }, 'source', parts)
}

/**
 * A changed effect or breakout is no longer confirmed, unless the same edit confirms it.
 * @param kept parts that stay where the whole is edited
 */
const confirmedIn = <Whole extends object>(
  stored: Whole | undefined,
  edited: Whole | undefined,
  parts: Parts,
  kept?: Whole,
): Whole | undefined => {
  if (isWhole(parts) || !stored) return edited
  const next = '' in parts ? edited && { ...kept, ...edited } : stored
  if (!next) return undefined
  const unconfirmed = (one: Whole) => withPart(one, 'confirmed', { confirmed: null })
  const [before, after] = [unconfirmed(stored), unconfirmed(withPart(next, 'basis', parts))]
  return withPart(isSameJson(before, after) ? stored : after, 'confirmed', parts)
}

/** Sets the part, or removes it where it was emptied. */
const withPart = <Whole extends object>(whole: Whole, part: string, parts: Parts): Whole => {
  if (!(part in parts)) return whole
  const { [part]: _, ...others } = whole as Readonly<Record<string, unknown>>
  return { ...others, ...(parts[part] !== null && { [part]: parts[part] }) } as Whole
}

type Event = Detection['event']

const eventIn = (stored: Event, edited: Event, parts: Parts): Event => {
  if (isWhole(parts) || !stored) return edited
  const { place, participants } = {
    place: 'place' in parts ? edited?.place : stored.place,
    participants: ('participants' in parts ? edited?.participants : stored.participants) ?? [],
  }
  return place === undefined && participants.length === 0 ? undefined : { ...(place && { place }), participants }
}

type Time = Detection['observed']

/** Moves one end of a time and keeps the other. A single day moves whole. */
const timeIn = (
  stored: Time,
  edited: Time,
  parts: Parts,
): { readonly observed: Time } | { readonly refusal: Refusal } => {
  const isPart = !('' in parts)
  const isFrom = isPart && 'from' in parts && !('to' in parts) && stored.from !== stored.to
  const isTo = isPart && 'to' in parts && !('from' in parts)
  if (!isFrom && !isTo) return { observed: edited }
  const [from, to] = isFrom ? [edited.from, stored.to] : [stored.from, parts['to'] === null ? stored.from : edited.to]
  try {
    return { observed: { ...edited, ...observedFrom(from, to) } }
  } catch {
    return { refusal: faultAt('observed', fault('observed.oneEndStored', { from, to })) }
  }
}

type Actor = Detection['actor']

/** A different name drops the stored attribution. */
const actorIn = (stored: Actor, edited: Actor, parts: Parts): Actor => {
  if (!stored || isWhole(parts) || parts['name'] === null) return edited
  if (edited && parts['name'] && !isSameName(stored.name, edited.name)) return edited
  const statedParts = Object.entries(parts).filter(
    ([part, value]) => part !== 'name' && (part !== 'attributedBy' || value),
  )
  const all = Object.entries({ ...stored, ...Object.fromEntries(statedParts) })
  return Object.fromEntries(all.filter(([, value]) => value !== null)) as Actor
}

const isSameName = (stored: NonNullable<Actor>['name'], edited: NonNullable<Actor>['name']): boolean =>
  isSameJson(stored, edited) || (typeof stored === 'object' && Object.values(stored).some((name) => name === edited))

/** A qualifier without a figure applies to the stored figure. */
const countsIn = (stored: Detection, edited: Detection, parts: Parts): Detection['counts'] =>
  Object.entries(partsOf('counts', parts)).reduce((counts, [part, value]) => {
    const [, figure] = /^(\w+)\.qualifier$/.exec(part) ?? []
    const figures = stored.counts as Readonly<Record<string, Detection['counts']['posts']>>
    const storedFigure = figure === undefined || `counts.${figure}` in parts ? undefined : figures[figure]
    return storedFigure ? { ...counts, [figure as string]: { ...storedFigure, qualifier: value ?? 'exact' } } : counts
  }, edited.counts)

const entriesIn = <Entry>(
  stored: readonly Entry[],
  edited: readonly Entry[],
  kindOf: (entry: Entry) => string,
  parts: Parts,
): Entry[] => {
  if ('' in parts || isWhole(parts)) return [...edited]
  const own = (entries: readonly Entry[]) => entries.filter((entry) => kindOf(entry) in parts)
  if (isSameJson(own(stored), own(edited))) return [...stored]
  return [...stored.filter((entry) => !(kindOf(entry) in parts)), ...own(edited)]
}
