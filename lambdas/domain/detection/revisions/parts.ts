/** What a row or a correction says of a field in part, such as the end of a time: the other parts stay as they are. */
import { fault, faultAt } from '../../core/fault.ts'
import type { Refusal } from '../../core/schema-fault.ts'
import { isSameJson } from '../../core/text/canonical.ts'
import { observedFrom } from '../../core/time/observed.ts'
import type { Detection, Localised } from '../detection.ts'

/**
 * By the names that a mapping uses (`title.en`, `actor.attributedBy`, `counts.posts.qualifier`): what its cell says,
 * and null where a person empties it. What the record itself holds of it is true.
 */
export type Parts = Readonly<Record<string, unknown>>

/** What a record says, with those parts of its fields of which it says nothing. */
export const withParts = (
  stands: Detection,
  said: Detection,
  parts: Parts,
): { readonly detection: Detection } | { readonly refusal: Refusal } => {
  const time = timeIn(stands.observed, said.observed, partsOf('observed', parts))
  if ('refusal' in time) return time
  const { actor: _, summary: __, event: ___, ...others } = said
  const own = {
    title: textsIn(stands.title, said.title, partsOf('title', parts)),
    summary: textsIn(stands.summary, said.summary, partsOf('summary', parts)),
    event: eventIn(stands.event, said.event, partsOf('event', parts)),
    actor: actorIn(stands.actor, said.actor, partsOf('actor', parts)),
    counts: countsIn(stands, said, parts),
    indicators: entriesIn(stands.indicators, said.indicators, ({ type }) => type, partsOf('indicators', parts)),
    criteria: entriesIn(stands.criteria, said.criteria, ({ criterion }) => criterion, partsOf('criteria', parts)),
  }
  return { detection: { ...others, ...time, ...given(own) } as Detection }
}

const given = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>

/** Of one field, by what follows its name; '' is the field as a whole. */
const partsOf = (field: string, parts: Parts): Parts =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([name, value]) =>
      name === field || name.startsWith(`${field}.`) ? [[name.slice(field.length + 1), value]] : [],
    ),
  )

const isWhole = (parts: Parts): boolean => Object.keys(parts).length === 0

/** A text without a language is of all of them, unless another such text stands. */
const textsIn = (stands: Localised | undefined, said: Localised | undefined, parts: Parts): Localised | undefined => {
  if (isWhole(parts) || !stands || (said?.['und'] !== undefined && stands['und'] === undefined)) return said
  const kept = Object.entries(stands).filter(([language]) => parts[language === 'und' ? '' : language] !== null)
  const all = { ...Object.fromEntries(kept), ...said }
  return Object.keys(all).length > 0 ? all : undefined
}

type Event = Detection['event']

const eventIn = (stands: Event, said: Event, parts: Parts): Event => {
  if (isWhole(parts) || !stands) return said
  const { place, participants } = {
    place: 'place' in parts ? said?.place : stands.place,
    participants: ('participants' in parts ? said?.participants : stands.participants) ?? [],
  }
  return place === undefined && participants.length === 0 ? undefined : { ...(place && { place }), participants }
}

type Time = Detection['observed']

/** The other end of a time stays. A single day is moved whole, and so is what had another precision to the day. */
const timeIn = (
  stands: Time,
  said: Time,
  parts: Parts,
): { readonly observed: Time } | { readonly refusal: Refusal } => {
  const isPart = !('' in parts)
  const isFrom = isPart && 'from' in parts && !('to' in parts) && stands.from !== stands.to
  const isTo = isPart && 'to' in parts && !('from' in parts)
  if (!isFrom && !isTo) return { observed: said }
  const [from, to] = isFrom ? [said.from, stands.to] : [stands.from, parts['to'] === null ? stands.from : said.to]
  try {
    return { observed: { ...said, ...observedFrom(from, to) } }
  } catch {
    return { refusal: faultAt('observed', fault('observed.oneEndStored', { from, to })) }
  }
}

type Actor = Detection['actor']

/** Somebody named anew is attributed as the record says, and not as the one before was. */
const actorIn = (stands: Actor, said: Actor, parts: Parts): Actor => {
  if (!stands || isWhole(parts) || parts['name'] === null) return said
  if (said && parts['name'] && !isSameName(stands.name, said.name)) return said
  const told = Object.entries(parts).filter(([part, value]) => part !== 'name' && (part !== 'attributedBy' || value))
  const all = Object.entries({ ...stands, ...Object.fromEntries(told) })
  return Object.fromEntries(all.filter(([, value]) => value !== null)) as Actor
}

const isSameName = (stands: NonNullable<Actor>['name'], said: NonNullable<Actor>['name']): boolean =>
  isSameJson(stands, said) || (typeof stands === 'object' && Object.values(stands).some((name) => name === said))

/** A qualifier without its figure is of the figure that stands. */
const countsIn = (stands: Detection, said: Detection, parts: Parts): Detection['counts'] =>
  Object.entries(partsOf('counts', parts)).reduce((counts, [part, value]) => {
    const [, figure] = /^(\w+)\.qualifier$/.exec(part) ?? []
    const figures = stands.counts as Readonly<Record<string, Detection['counts']['posts']>>
    const stood = figure === undefined || `counts.${figure}` in parts ? undefined : figures[figure]
    return stood ? { ...counts, [figure as string]: { ...stood, qualifier: value ?? 'exact' } } : counts
  }, said.counts)

/** Of entries by kind, each with a column: those of other kinds stay. */
const entriesIn = <Entry>(
  stands: readonly Entry[],
  said: readonly Entry[],
  kindOf: (entry: Entry) => string,
  parts: Parts,
): Entry[] => {
  if ('' in parts || isWhole(parts)) return [...said]
  const own = (entries: readonly Entry[]) => entries.filter((entry) => kindOf(entry) in parts)
  if (isSameJson(own(stands), own(said))) return [...stands]
  return [...stands.filter((entry) => !(kindOf(entry) in parts)), ...own(said)]
}
