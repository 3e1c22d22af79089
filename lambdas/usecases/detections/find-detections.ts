/** Lists and searches the detections that a reader may know, newest first. */
import { type Ceiling, isOperator, isUnder } from '../../domain/access/caller.ts'
import { type DetectionLink, type FoundBy, foundByOf, type Linked, linkKey } from '../../domain/aggregate/across.ts'
import type { DetectionAsOf } from '../../domain/aggregate/tally.ts'
import { maximum, mergeSorted, minimum, pushAll } from '../../domain/core/lists.ts'
import { type TerritoryCode, territoryOf } from '../../domain/core/place/territory.ts'
import { nearestOf } from '../../domain/core/text/nearest.ts'
import { localInterval } from '../../domain/core/time/observed.ts'
import { boundsIn } from '../../domain/core/time/period.ts'
import { type Detection, detectionId } from '../../domain/detection/detection.ts'
import { campaignNames } from '../../domain/detection/names/aliases.ts'
import { type Counts, countsIn } from '../../domain/looking/counts.ts'
import { daysAsked, daysReached } from '../../domain/looking/days.ts'
import {
  detectorIn,
  type Filter,
  lookingFor,
  maySay,
  mayName,
  namesOf,
  soughtText,
  untranslatedFor,
  type View,
} from '../../domain/looking/filter.ts'
import { type Days, isAfter, type ListPlace, newestFirst, placeIn } from '../../domain/looking/place.ts'
import type { ChangedDays, MayHave } from '../../store/table/changed-days.ts'
import { utcDays } from '../../store/table/keys.ts'
import { currentOf, type LookServices, type Shown, shownTo, viewFor } from './view.ts'

export type Asked = Filter & {
  readonly territory?: TerritoryCode | undefined
  /** Days of first observation, local to each territory. With a key or campaign, the default is all days. */
  readonly days?: Partial<Days> | undefined
  /** Without a stated first day, skips days without detections and reaches further back. */
  readonly changedDays?: Pick<ChangedDays, 'mayHave'> | undefined
  /** Reads any number of days, all where none is stated; needs `changedDays`. For readers without a time limit. */
  readonly isUnlimited?: boolean
  /** An id, campaign, hashtag, account set, fingerprint or intake; searched over all time. */
  readonly key?: string | undefined
  readonly after?: ListPlace | undefined
  readonly limit: number
}

export type FoundPage = {
  /** With the paths of untranslated texts, if requested. */
  readonly detections: readonly (Shown & { readonly untranslated?: readonly string[] })[]
  readonly next?: ListPlace
  /** Searched days; all if missing. */
  readonly days?: Days
  /** The day before the searched ones, if earlier ones may have detections. */
  readonly earlier?: string
}

type Placed = { readonly place: ListPlace; readonly current: DetectionAsOf }

/** @throws DaysError */
export const findDetections = (asked: Asked, ceiling: Ceiling, services: LookServices): Promise<FoundPage> =>
  pageFrom(asked, ceiling, services)

/** @param names collects the campaigns and hashtags read, if days are limited */
const pageFrom = async (
  asked: Asked,
  ceiling: Ceiling,
  services: LookServices,
  names?: Set<string>,
): Promise<FoundPage> => {
  const view = await viewFor(ceiling, services)
  const { placed, ...range } = await lookingAt({ ...asked, names }, view, services)
  const found: Placed[] = []
  for await (const one of placed) {
    found.push(one)
    if (found.length > asked.limit) break
  }
  const page = found.slice(0, asked.limit)
  const last = page.at(-1)
  const shown = await shownTo(
    page.map(({ current }) => current),
    view,
    services,
  )
  const { untranslated: language } = asked
  const awaiting = language && page.map(({ current }) => untranslatedFor(current.detection, language, view))
  return {
    detections: awaiting ? shown.map((one, at) => ({ ...one, untranslated: awaiting[at] ?? [] })) : shown,
    ...(found.length > asked.limit && last && { next: last.place }),
    ...range,
  }
}

/** Counts the matching detections by several fields. @throws DaysError @throws SoughtError */
export const countDetections = async (
  asked: Omit<Asked, 'after' | 'limit'>,
  ceiling: Ceiling,
  services: LookServices,
): Promise<Counts> => {
  const view = await viewFor(ceiling, services)
  const { placed } = await lookingAt(asked, view, services)
  const counts = countsIn()
  for await (const { current } of placed) {
    const { detection } = current
    const { kind, campaign, marking } = detection
    const territories = detection.territories.map(({ code }) => code)
    counts.add({ kind, campaign, marking, territories, detector: detectorIn(detection, view) })
  }
  return counts.result()
}

/**
 * Searches by words. Without a match, suggests similar campaigns and hashtags from the same read.
 * @throws DaysError
 */
export const findWords = async (
  asked: Asked & { readonly words: string },
  ceiling: Ceiling,
  services: LookServices,
): Promise<FoundPage & { readonly meant: readonly string[] }> => {
  const names = new Set<string>()
  const page = await pageFrom(asked, ceiling, services, asked.after === undefined ? names : undefined)
  return { ...page, meant: page.detections.length === 0 ? nearestOf(asked.words, names) : [] }
}

type Looking = Omit<Asked, 'limit'> & { readonly names?: Set<string> | undefined }

const lookingAt = async (
  asked: Looking,
  view: View,
  services: LookServices,
): Promise<Pick<FoundPage, 'days' | 'earlier'> & { readonly placed: AsyncIterable<Placed> }> => {
  const { days: stated, key, changedDays, isUnlimited, ...filter } = asked
  const { territory, campaign } = filter
  for (const text of [key, campaign, filter.detector, filter.words]) if (text !== undefined) soughtText(text)
  const among = territory === undefined ? view.ceiling.territories : [territory]
  const hasNoDays = stated?.first === undefined && stated?.last === undefined
  const isAnyTime = (key ?? campaign) !== undefined && hasNoDays
  const isKnown = isAnyTime || (stated?.first !== undefined && !isUnlimited)
  const mayHave = isKnown ? undefined : await changedDays?.mayHave(among)
  const now = services.clock()
  // For others, hidden detections must not move the first day.
  const counts = isOperator(view.ceiling) ? mayHave?.isCounted : () => true
  const reached = isUnlimited ? undefined : mayHave && counts && daysReached(counts, stated?.last, now)
  const days = isAnyTime ? undefined : (reached?.days ?? daysAsked(stated ?? {}, now, isUnlimited))
  const isAll = isUnlimited ? hasNoDays : reached && (stated?.last ?? reached.earlier) === undefined
  const range = isAll || !days ? {} : { ...reached, days }
  const where: Where = { ...filter, among, days, mayHave, view, services }
  const isFree = territory === undefined && hasNoDays
  if (key !== undefined) {
    const links = keysOf(key)
    const linked = linkedTo(links, where, key)
    return { placed: isFree ? merged(linked, unplacedOf(where, hasOneOf(links))) : linked, ...range }
  }
  if (days && hasNoDays && filter.words !== undefined) {
    const titled = linkedTo([{ kind: 'title', value: filter.words }], { ...where, days: undefined })
    const nowhere = isFree ? [unplacedOf(where, lookingFor(where, view))] : []
    return { placed: merged(inTime({ ...where, days }), titled, ...nowhere), ...range }
  }
  if (days) return { placed: inTime({ ...where, days }), ...range }
  return { placed: linkedTo(campaignsOf(campaign ?? ''), where) }
}

type Where = Omit<Looking, 'days' | 'key' | 'changedDays' | 'isUnlimited'> & {
  readonly mayHave?: MayHave | undefined
  readonly among: readonly TerritoryCode[]
  readonly days: Days | undefined
  readonly view: View
  readonly services: LookServices
}

export const campaignsOf = (name: string): readonly DetectionLink[] =>
  campaignNames(name).map((value) => ({ kind: 'campaign', value }))

const keysOf = (text: string): readonly DetectionLink[] => [
  ...campaignsOf(text.trim()),
  ...(['hashtag', 'accountSet', 'fingerprint'] as const).map((kind) => ({ kind, value: text.trim() })),
]

const hasOneOf = (links: readonly FoundBy[]) => {
  const keys = new Set(links.map(linkKey))
  return (detection: Detection): boolean => foundByOf(detection).some((link) => keys.has(linkKey(link)))
}

const maxLinked = 100_000
const atOnce = 50

export const linkedUnder = async (
  links: readonly FoundBy[],
  { ceiling }: View,
  { detections, clock }: Pick<LookServices, 'detections' | 'clock'>,
): Promise<ReadonlyMap<string, Linked>> => {
  const linked = new Map<string, Linked>()
  for (const link of links) {
    const limits = { cap: ceiling.clearance, before: '9', most: maxLinked }
    for (const one of (await detections.linked(link, clock().toISOString(), limits)).linked) {
      if (isUnder(ceiling, one)) linked.set(one.id, one)
    }
  }
  return linked
}

const linkedTo = async function* (
  links: readonly FoundBy[],
  where: Where,
  key?: string,
): AsyncGenerator<Placed, undefined> {
  const { among, days, after, view, services } = where
  const { detections } = services
  const linked = await linkedUnder(links, view, services)
  const named = new Map(key === undefined ? [] : await namedBy(key.trim(), where))
  const places: { readonly place: ListPlace; readonly one?: Linked }[] = [...named.values()].map(({ place }) => ({
    place,
  }))
  for (const one of linked.values()) {
    const place = placeIn(one, among, days)
    if (place && !named.has(one.id)) places.push({ place, one })
  }
  const ahead = places.filter(({ place }) => !after || isAfter(place, after))
  ahead.sort((a, b) => newestFirst(a.place, b.place))
  const fits = lookingFor(where, view)
  // A link to a text that was redacted since remains.
  const isLinked = hasOneOf(links)
  for (let from = 0; from < ahead.length; from += atOnce) {
    const some = ahead.slice(from, from + atOnce)
    const bodies = await detections.bodies(some.flatMap(({ one }) => one ?? []))
    const byId = new Map(bodies.map((one) => [one.detection.id, one]))
    for (const { place } of some) {
      const byName = named.get(place.id)
      const current = byName?.current ?? byId.get(place.id)
      if (current && (byName ?? isLinked(current.detection)) && fits(current.detection)) yield { place, current }
    }
  }
}

/** Finds a detection by id, or those of an intake unchanged since. */
const namedBy = async (key: string, where: Where): Promise<readonly (readonly [string, Placed])[]> => {
  const { view, services } = where
  const spellings = [key, key.toUpperCase(), key.toLowerCase()]
  const ids = [...new Set(spellings)].filter((id) => detectionId.safeParse(id).success)
  const ofBatch = isOperator(view.ceiling) ? await idsOfBatch(key, services) : []
  const found: (readonly [string, Placed])[] = []
  for (const stored of (await services.detections.stored([...ids, ...ofBatch])).values()) {
    if (stored.status !== 'active' || !isUnder(view.ceiling, stored)) continue
    if (!ids.includes(stored.id) && stored.batch !== key) continue
    const placed = placedOf(await currentOf(stored), where)
    if (placed) found.push([stored.id, placed])
  }
  return found
}

/** Returns permitted detections without a territory, by UTC. They are few and in no index. */
const unplacedOf = async function* (
  where: Where,
  isWanted: (detection: Detection) => boolean,
): AsyncGenerator<Placed, undefined> {
  const { view, services, names, days, after } = where
  const { ceiling } = view
  if (!isUnder(ceiling, { marking: 'TLP:CLEAR', territories: [] })) return
  const bounds = days && boundsIn(days, 'UTC')
  const fits = lookingFor(where, view)
  const ids: string[] = []
  for await (const { detection } of services.detections.unplaced()) {
    if (!isUnder(ceiling, detection)) continue
    const { from } = localInterval(detection.observed, 'UTC').first
    if (bounds && (from < bounds.from || from >= bounds.to)) continue
    if (names) for (const name of namesOf(detection)) names.add(name)
    if (isWanted(detection)) ids.push(detection.id)
  }
  const found: Placed[] = []
  for (const stored of (await services.detections.stored(ids)).values()) {
    if (stored.status !== 'active' || !isUnder(ceiling, stored)) continue
    const current = await currentOf(stored)
    const placed = current.detection.territories.length === 0 && fits(current.detection) && placedByUtc(current)
    if (placed && (!after || isAfter(placed.place, after))) found.push(placed)
  }
  yield* found.sort((a, b) => newestFirst(a.place, b.place))
}

const merged = async function* (...streams: readonly AsyncGenerator<Placed, undefined>[]): AsyncGenerator<Placed> {
  const passed = new Set<string>()
  for await (const one of mergeSorted(streams, (a, b) => newestFirst(a.place, b.place))) {
    if (!passed.has(one.place.id)) yield one
    passed.add(one.place.id)
  }
}

const idsOfBatch = async (name: string, { batches }: LookServices): Promise<readonly string[]> => {
  if (!(await batches.get(name))) return []
  const ids: string[] = []
  for await (const step of batches.steps(name)) pushAll(ids, step.ids ?? [])
  return ids
}

/** A detection without a territory is placed by UTC. */
const placedOf = (current: DetectionAsOf, { among, days, territory }: Where): Placed | undefined => {
  const { detection } = current
  const isFree = territory === undefined && days === undefined && detection.territories.length === 0
  if (isFree) return placedByUtc(current)
  const place = placeIn(detection, among, days)
  return place && { place, current }
}

const placedByUtc = (current: DetectionAsOf): Placed => {
  const { id, observed } = current.detection
  return { place: { at: new Date(localInterval(observed, 'UTC').first.from).toISOString(), id }, current }
}

const dayMs = 86_400_000

/** Undefined if all must be read. */
const mayBeFor = ({ words, names }: Pick<Where, 'words' | 'names'>): ((json: string) => boolean) | undefined => {
  if (words === undefined) return undefined
  const mayMention = maySay(words)
  if (!names) return mayMention
  const mayBeNew = mayName(names)
  return (json) => mayMention(json) || mayBeNew(json)
}

const inTime = async function* (where: Where & { readonly days: Days }): AsyncGenerator<Placed, undefined> {
  const { among, days, after, view, services, names, mayHave } = where
  const asOf = services.clock().toISOString()
  const fits = lookingFor(where, view)
  const mayBe = mayBeFor(where)
  const windows = among.map((code) => ({ code, ...boundsIn(days, territoryOf(code).zone) }))
  const from = minimum(windows.map((one) => one.from))
  const to = maximum(windows.map((one) => one.to))
  const until = after ? Math.min(to, Date.parse(after.at) + 1) : to
  for (const day of from < until
    ? utcDays(from, until)
        .filter((day) => mayHave?.onDay(day) ?? true)
        .toReversed()
    : []) {
    const [start, end] = [Date.parse(day), Date.parse(day) + dayMs]
    const placed = new Map<string, Placed>()
    await Promise.all(
      windows.map(async ({ code, ...bounds }) => {
        const [first, last] = [Math.max(bounds.from, start), Math.min(bounds.to, end)]
        if (first >= last) return
        for await (const current of services.detections.inWindow(code, first, last, asOf, { mayBe })) {
          const { detection } = current
          if (names && isUnder(view.ceiling, detection)) for (const name of namesOf(detection)) names.add(name)
          if (placed.has(detection.id) || !fits(detection)) continue
          const place = placeIn(detection, among, days)
          // A detection in several territories is listed on the latest of its days.
          if (place?.at.startsWith(day) && (!after || isAfter(place, after))) {
            placed.set(detection.id, { place, current })
          }
        }
      }),
    )
    yield* [...placed.values()].sort((a, b) => newestFirst(a.place, b.place))
  }
}
