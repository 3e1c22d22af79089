/** Finds the same content in other territories; counts each detection once. */

import { type Total, totalOf } from '../core/figures.ts'
import { maximum, minimum } from '../core/lists.ts'
import { type Marking, strictest } from '../core/marking.ts'
import { type TerritoryCode, territoryOf } from '../core/place/territory.ts'
import { sha256 } from '../core/text/canonical.ts'
import { folded } from '../core/text/spelling.ts'
import { localInterval, type Observed } from '../core/time/observed.ts'
import type { Detection, Figure, TerritoryAssignment } from '../detection/detection.ts'
import { distinct } from './counting/accounts.ts'
import { byTime, type CountedDetection, countedDetection, type DetectionAsOf } from './counting/counted-detection.ts'
import { byShownDay, daysFrom, type Sighting } from './counting/lag.ts'
import { addAll, overlapsOf, ownFigure, treeSums } from './counting/sums.ts'
import { treesOf, type Wholes } from './counting/trees.ts'

const linkKinds = ['campaign', 'accountSet', 'fingerprint', 'hashtag'] as const

/** Values compare in lower case. */
export type DetectionLink = { readonly kind: (typeof linkKinds)[number]; readonly value: string }

/** What a detection is found by at any time. Images and titles link no two detections. */
export type FoundBy = DetectionLink | { readonly kind: 'plate' | 'title'; readonly value: string }

/** Instants are ISO 8601, those of its earliest territory. */
export type Linked = {
  readonly id: string
  readonly revision: number
  readonly from: string
  readonly to: string
  /** As precise as the source: a month is not shown as its first day. */
  readonly observed: Observed
  readonly territories: readonly Pick<TerritoryAssignment, 'code' | 'method'>[]
  readonly marking: Marking
  readonly posts?: Figure | undefined
  readonly accounts?: Figure | undefined
}

type Elsewhere = {
  readonly territory: TerritoryCode
  readonly by: readonly DetectionLink[]
  /** The first sighting is chosen by the days that the page shows. */
  readonly first: string
  readonly firstObserved: Observed
  readonly last: string
  /** Days since the first sighting anywhere, by the days shown; a month counts from its start. */
  readonly lagDays: number
  readonly detections: number
  readonly posts: Total
  readonly accounts: Total
  /** Every detection there was placed through a group. */
  readonly groupOnly: boolean
  readonly commonAccounts?: number | undefined
  /** Other territories with exactly the same detections. */
  readonly joint?: readonly TerritoryCode[]
  readonly marking: Marking
}

export type Across = {
  readonly manoeuvre: string
  readonly first: {
    readonly territories: readonly TerritoryCode[]
    readonly at: string
    readonly observed: Observed
    /** Empty where the manoeuvre itself or a part of it was first. */
    readonly by: readonly DetectionLink[]
  }
  readonly rows: readonly Elsewhere[]
  /** Each once, the manoeuvre and its parts included. */
  readonly total: { readonly detections: number; readonly posts: Total }
  /** Some detections are in several rows, so rows do not add up. */
  readonly shared?: true
  /** A link leads to more detections than were followed. */
  readonly more: boolean
  readonly marking: Marking
}

export const maxManoeuvresLookedUp = 20

export const linksOf = (
  ...detections: readonly Pick<Detection, 'campaign' | 'accountSet' | 'fingerprints' | 'hashtags'>[]
): readonly DetectionLink[] => {
  const links = new Map<string, DetectionLink>()
  for (const kind of linkKinds) {
    for (const detection of detections) {
      for (const value of valuesOf(detection)[kind]) {
        const link: DetectionLink = { kind, value }
        if (!links.has(linkKey(link))) links.set(linkKey(link), link)
      }
    }
  }
  return [...links.values()]
}

const valuesOf = ({
  campaign,
  accountSet,
  fingerprints,
  hashtags,
}: Pick<Detection, 'campaign' | 'accountSet' | 'fingerprints' | 'hashtags'>): Readonly<
  Record<DetectionLink['kind'], readonly string[]>
> => ({
  campaign: campaign ? [campaign] : [],
  accountSet: accountSet ? [accountSet.id] : [],
  fingerprint: fingerprints.map(({ algorithm, value }) => `${algorithm}:${value}`),
  hashtag: hashtags,
})

export const foundByOf = (
  detection: Pick<Detection, 'campaign' | 'accountSet' | 'fingerprints' | 'hashtags' | 'plates' | 'title'>,
): readonly FoundBy[] => [
  ...linksOf(detection),
  ...(detection.plates ?? []).map((value) => ({ kind: 'plate' as const, value })),
  // Titles that differ only in spelling are one key.
  ...new Map(
    Object.values(detection.title).map((value) => [folded(value), { kind: 'title' as const, value }]),
  ).values(),
]

/** Normalises a link to one text, the same for every spelling of its value. */
export const linkKey = ({ kind, value }: FoundBy): string =>
  // Hashed, since a title may be too long for a key, and may name an account.
  kind === 'title'
    ? `title#${sha256(folded(value))}`
    : `${kind}#${(kind === 'hashtag' ? value.replace(/^#/, '') : value).trim().toLowerCase()}`

export type Followed = {
  readonly link: DetectionLink
  readonly detections: readonly DetectionAsOf[]
  /** Marking of the next detection, where not all were followed. */
  readonly more?: Marking
}

/**
 * Finds what a manoeuvre's links lead to in other territories; counts as a report does.
 * @param own the manoeuvre, then its parts
 * @param found under the cap and before the period's end; may include the manoeuvre's own
 */
export const acrossOf = (
  own: { readonly territory: TerritoryCode; readonly detections: readonly DetectionAsOf[] },
  found: readonly Followed[],
  wholes: Wholes,
): Across | undefined => {
  const [manoeuvre] = own.detections
  if (!manoeuvre) return undefined
  const all = new Map(own.detections.map((one) => [one.detection.id, one]))
  const by = new Map<string, Map<string, DetectionLink>>()
  for (const { link, detections } of found) {
    for (const one of detections) {
      const { id } = one.detection
      if (!all.has(id)) all.set(id, one)
      by.set(id, (by.get(id) ?? new Map()).set(linkKey(link), link))
    }
  }
  const everywhere = [...all.values()]
  const codes = new Set(everywhere.flatMap(({ detection }) => detection.territories.map(({ code }) => code)))
  codes.delete(own.territory)
  // Instants show on the clock of the report's territory, and the shown days decide the order.
  const clock = territoryOf(own.territory).zone
  const byDay = byShownDay(clock)
  const earliest = firstBy(byDay, everywhere.map(firstOf))
  if (codes.size === 0 || !earliest) return undefined
  const whole = countIn(own.territory, everywhere, all, wholes)
  const ids = new Set(own.detections.map(({ detection }) => detection.id))
  const accounts = new Set(own.detections.flatMap(({ detection }) => detection.accountRefs ?? []))
  const inEach = new Map(
    [...codes].map((code) => [code, everywhere.filter(({ detection }) => isIn(detection, code))] as const),
  )
  const sameOf = Map.groupBy(codes, (code) => namesOf(inEach.get(code) ?? []))
  const rows = [...inEach].map(([territory, there]) => {
    const joint = (sameOf.get(namesOf(there)) ?? []).filter((code) => code !== territory).sort()
    const others = there.filter(({ detection }) => !ids.has(detection.id))
    const first = firstThere(territory, there, byDay) ?? earliest
    const row: Elsewhere = {
      ...rowOf(territory, there, all, wholes),
      first: new Date(first.at).toISOString(),
      firstObserved: first.observed,
      lagDays: daysFrom(earliest.observed, first.observed, clock),
      by: linksTo(
        there.map(({ detection }) => detection),
        by,
      ),
      commonAccounts: accounts.size === 0 ? undefined : inCommon(accounts, others),
      ...(joint.length > 0 && { joint }),
    }
    return { row, first }
  })
  return {
    manoeuvre: manoeuvre.detection.id,
    first: {
      territories: earliest.territories,
      at: new Date(earliest.at).toISOString(),
      observed: earliest.observed,
      by: ids.has(earliest.id) ? [] : linksTo([earliest], by),
    },
    rows: rows
      .sort((a, b) => byDay(a.first, b.first) || (a.row.territory < b.row.territory ? -1 : 1))
      .map(({ row }) => row),
    total: { detections: whole.detections, posts: whole.posts },
    ...(everywhere.some(({ detection }) => detection.territories.length > 1) && { shared: true as const }),
    more: found.some(({ more }) => more !== undefined),
    marking: strictest([whole.marking, ...found.flatMap(({ more }) => more ?? [])]),
  }
}

const namesOf = (some: readonly DetectionAsOf[]): string =>
  JSON.stringify(some.map(({ detection: { id } }) => id).sort())

const isIn = ({ territories }: Detection, territory: TerritoryCode): boolean =>
  territories.some(({ code }) => code === territory)

const firstOf = ({ detection: { id, observed, territories } }: DetectionAsOf) => {
  const instants = territories.map(({ code }) => localInterval(observed, territoryOf(code).zone).first.from)
  return { id, observed, at: minimum(instants), territories: territories.map(({ code }) => code) }
}

const linksTo = (
  there: readonly { readonly id: string }[],
  by: ReadonlyMap<string, ReadonlyMap<string, DetectionLink>>,
): readonly DetectionLink[] => {
  const links = new Map(there.flatMap(({ id }) => [...(by.get(id) ?? [])]))
  return [...links].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, link]) => link)
}

const inCommon = (own: ReadonlySet<string>, others: readonly DetectionAsOf[]): number | undefined => {
  const named = new Set(others.flatMap(({ detection }) => detection.accountRefs ?? []))
  return named.size === 0 ? undefined : [...named].filter((ref) => own.has(ref)).length
}

type ByDay = ReturnType<typeof byShownDay>

const firstBy = <Seen extends Sighting & { readonly id: string }>(
  byDay: ByDay,
  seen: readonly Seen[],
): Seen | undefined => seen.toSorted((a, b) => byDay(a, b) || (a.id < b.id ? -1 : 1))[0]

const firstThere = (territory: TerritoryCode, there: readonly DetectionAsOf[], byDay: ByDay) => {
  const { zone } = territoryOf(territory)
  const seen = there.map(({ detection: { id, observed } }) => {
    return { id, observed, at: localInterval(observed, zone).first.from }
  })
  return firstBy(byDay, seen)
}

const rowOf = (
  territory: TerritoryCode,
  there: readonly DetectionAsOf[],
  all: ReadonlyMap<string, DetectionAsOf>,
  wholes: Wholes,
): Pick<Elsewhere, 'territory' | 'last' | 'detections' | 'posts' | 'accounts' | 'groupOnly' | 'marking'> => {
  const { zone } = territoryOf(territory)
  const ends = there.map(({ detection }) => localInterval(detection.observed, zone).end)
  const { detections, posts, accounts, marking } = countIn(territory, there, all, wholes)
  return {
    territory,
    last: new Date(maximum(ends)).toISOString(),
    detections,
    posts,
    accounts,
    groupOnly: there.every(({ detection }) =>
      detection.territories.some(({ code, method }) => code === territory && method === 'group'),
    ),
    marking,
  }
}

/** The other detections only connect parts to wholes. */
const countIn = (
  territory: TerritoryCode,
  some: readonly DetectionAsOf[],
  all: ReadonlyMap<string, DetectionAsOf>,
  wholes: Wholes,
): { readonly detections: number; readonly posts: Total; readonly accounts: Total; readonly marking: Marking } => {
  const { zone } = territoryOf(territory)
  const counted = some
    .map((one): CountedDetection => countedDetection(one, localInterval(one.detection.observed, zone), 'counted', zone))
    .sort(byTime)
  const here = new Set(counted.map(({ id }) => id))
  const otherWholes = new Map(wholes)
  for (const [id, { detection }] of all) if (!here.has(id)) otherWholes.set(id, detection)
  const { trees, through } = treesOf(counted, otherWholes)
  const overlaps = overlapsOf(counted)
  const { sum } = addAll(trees, treeSums(ownFigure('posts'), overlaps), overlaps)
  return {
    detections: counted.length,
    posts: totalOf(sum),
    accounts: totalOf(distinct(trees, 'accounts')),
    marking: strictest([...counted.map(({ marking }) => marking), ...through]),
  }
}
