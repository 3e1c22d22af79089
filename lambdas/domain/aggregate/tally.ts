import { type IdTable, idTable, wholeColumn } from '../core/columns.ts'
import {
  type AddedFigure,
  type Amount,
  amountIn as sumIn,
  addedFigures,
  addedTotal,
  adder,
  type DistinctFigure,
  isFloorOfNone,
  leaveOut,
  dayNumbers,
  distinctFigures,
  notGiven,
  notWatched,
  type Sum,
  type Total,
  take,
  totalOf,
  widened,
  zero,
  figureNames,
} from '../core/figures.ts'
import { fitsUnder, type Marking, strictest } from '../core/marking.ts'
import { placing, seenByMember } from '../core/place/subject.ts'
import type { TerritoryCode } from '../core/place/territory.ts'
import type { LocalInterval } from '../core/time/observed.ts'
import { daysOf, type Period } from '../core/time/period.ts'
import { knownUnder } from '../detection/attribution.ts'
import { mentionsIn, type TechniqueMentions } from '../detection/frameworks/disarm.ts'
import { revisionInEdition } from '../detection/revisions/edition-overrides.ts'
import { hasAccounts, states, unstated } from '../detection/stated-figures.ts'
import { distinct, largestKnown } from './counting/accounts.ts'
import { countStatusOf } from './counting/count-status.ts'
import {
  byTime,
  type Contribution,
  type Contributed,
  contributedOf,
  type CountedDetection,
  countedDetection,
  type DetectionAsOf,
  sharedValues,
} from './counting/counted-detection.ts'
import { type CountedRows, countedRows } from './counting/counted-rows.ts'
import { type Effects, effectsOf } from './counting/effects.ts'
import { gravityOf, setShareOf } from './counting/gravity.ts'
import { eachOf, firstOf, isAny, joined, type Many, many, only } from './counting/many.ts'
import { joinedByText, leadsIn, sameTextOf } from './counting/same-text.ts'
import {
  type CampaignShare,
  campaignShares,
  type NarrativeShare,
  narrativeShares,
  platformShares,
  type Share,
  namedShares,
  sharesBy,
} from './counting/shares.ts'
import { type Added, addAll, overlapsOf, ownFigure, type SumOf, treeSums } from './counting/sums.ts'
import { novelty, placeOf, type Thread, threadsOf } from './counting/threads.ts'
import { everyPart, nodesOf, rooted, type Tree, treesOf, type Wholes, wholesWanted } from './counting/trees.ts'
import { claimIn, levelBasisOf } from './level/level-basis.ts'
import type { LevelBasis } from './level/level.ts'
import type { WatchedPeriod } from './watch/watched.ts'

export type { CampaignShare, Contribution, DetectionAsOf, NarrativeShare, Share }

export type Totals = {
  /** Parts included. */
  readonly detections: number
  /** A whole with its parts is one. */
  readonly manoeuvres: number
  /** Without a visible source, zero detections prove nothing. */
  readonly watched: boolean
  readonly isFloor?: true
  readonly marking: Marking
} & { readonly [figure in AddedFigure | DistinctFigure]: Total }

/** Earlier figures of the names shown now, small enough to store with the totals. */
export type SharesBefore = { readonly hashtags: readonly Share[]; readonly narratives: readonly Share[] }

export const maxNamed = 15

export const shareAlone = ({ name, detections, posts, marking }: Share): Share => ({ name, detections, posts, marking })

export const sharesBefore = (now: Pick<Tally, 'hashtags' | 'narratives'>, before: SharesBefore): SharesBefore => {
  const sameNames = (named: readonly Share[], past: readonly Share[]): readonly Share[] => {
    const names = new Set(named.slice(0, maxNamed).map(({ name }) => name.toLowerCase()))
    return past.filter(({ name }) => names.has(name.toLowerCase())).map(shareAlone)
  }
  return {
    hashtags: sameNames(now.hashtags, before.hashtags),
    narratives: sameNames(now.narratives, before.narratives),
  }
}

const zeroKnown = widened(zero, ['not wholly watched'])

/** Applies the watch: nothing found is 0 with the watch's marking, or *not watched*. */
export const totalsWhere = (
  // Dropped, since the watch of a period may have changed.
  { isFloor: _, ...totals }: Totals,
  isEmpty: boolean,
  watched: WatchedPeriod | undefined,
): Totals => {
  const known: Totals = {
    ...totals,
    watched: watched !== undefined,
    // With undated detections only, the figures are *not given* and do not show the watch.
    ...(totals.detections === 0 && watched && !watched.isWhole && { isFloor: true }),
  }
  if (!isEmpty) return known
  const none = () => (watched ? (watched.isWhole ? zero : zeroKnown) : notWatched)
  return {
    ...known,
    marking: watched?.marking ?? 'TLP:CLEAR',
    ...mapFigures(addedFigures, none),
    ...mapFigures(distinctFigures, none),
  }
}

/** In the order of change lists. */
export const headlineFigures = ['detections', ...figureNames] as const
export type HeadlineFigure = (typeof headlineFigures)[number]

export const totalIn = (totals: Totals, figure: HeadlineFigure): Total => {
  if (figure !== 'detections') return totals[figure]
  if (totals.detections > 0)
    return widened({ value: totals.detections, qualifier: 'exact' }, totals.isFloor ? ['not wholly watched'] : [])
  if (totals.watched === false) return notWatched
  return totals.isFloor || isFloorOfNone(totals.posts) ? zeroKnown : zero
}

export type DayCount = {
  readonly date: string
  readonly detections: number
  /** Is *at least* where a number is a floor or some detection gives none; *not given* where none gives one. */
  readonly posts: Total
  /** The day was not watched to its end, so there may be more detections. */
  readonly isFloor?: true
  readonly heaviest?: { readonly id: string; readonly posts: number }
  readonly marking: Marking
}

/** Posts given only for several days together, so on no single day. */
export type Span = {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly posts: Total
  readonly marking: Marking
}

const maxSpans = 3

/** Posts of detections in several territories, shown as shared. */
export type Joint = {
  /** All that are named by detections with a number above 0. */
  readonly territories: readonly TerritoryCode[]
  /** Detections name different sets; possibly no single one names them all. */
  readonly differ?: true
  /** Is *at least* where a part gives no number, or is left out as a duplicate. */
  readonly posts: Total
  /** Posts of this territory alone; absent where none are due. */
  readonly own?: Total
  readonly marking: Marking
}

/** Number of territories named by joint manoeuvres with a figure above 0. */
export type JointIn = { readonly [figure in AddedFigure | DistinctFigure]?: number }

export type Undated = { readonly detections: number; readonly posts: Total; readonly marking: Marking }

type Manoeuvre = {
  readonly id: string
  readonly parts: readonly string[]
  /** Number of counted parts not listed. */
  readonly moreParts?: number
  /** Those of the parts that are the same text, which another detector saw. */
  readonly sameText?: readonly string[]
  /** Includes its parts: what it adds to the totals. */
  readonly figures: { readonly [figure in AddedFigure | DistinctFigure]: Total }
  /** Figures that the totals leave out as possible duplicates. */
  readonly apart?: readonly AddedFigure[]
  /** Of a confirmed effect. */
  readonly level?: 3 | 4
}

/** Limit on listed manoeuvres, gravest first; the figures include all. */
export const manoeuvresKept = 300

export type Tally = {
  readonly totals: Totals
  /** Nothing here has figures, so that they are 0 where it was watched. */
  readonly isEmpty: boolean
  readonly days: readonly DayCount[]
  /** Days with a counted observation, even without posts. */
  readonly observedOn: ReadonlySet<string>
  /** Counted, but on no day: known to the month, or over several days without a split. */
  readonly undated: Undated
  readonly spans: readonly Span[]
  readonly joint?: Joint
  readonly jointIn?: JointIn
  readonly platforms: readonly Share[]
  readonly kinds: readonly Share[]
  readonly campaigns: readonly CampaignShare[]
  readonly hashtags: readonly Share[]
  readonly narratives: readonly NarrativeShare[]
  readonly languages: readonly Share[]
  /** As reported, most mentioned first; one mention for each detection. */
  readonly techniques: readonly TechniqueMentions[]
  /**
   * Gravest first ({@link gravityOf}), then by share of a followed set, novelty, posts, videos, accounts, first
   * observation and id.
   */
  readonly manoeuvres: readonly Manoeuvre[]
  readonly effects: Effects
  /** Of a single territory. */
  readonly level?: LevelBasis
  /** Compared with in later periods. */
  readonly threads: readonly Thread[]
  /** Revisions behind the figures, by first observation and id. */
  readonly counted: Many<Contributed>
  readonly ongoing: Many<Contributed>
  /** Listed here, counted elsewhere: known only to a month that is not wholly in this period. */
  readonly undatedHere: Many<Contributed>
  readonly withheld: number
}

export type CountInputs = {
  /** Wholes elsewhere: see {@link Counter.wholesWanted}. */
  readonly wholes?: Wholes
  /** Undefined where no visible source ran in the period. */
  readonly watched?: WatchedPeriod | undefined
  /** Thread keys of earlier periods, to rank new manoeuvres first. */
  readonly known?: ReadonlySet<string> | undefined
}

export type Counter = {
  /**
   * Adds or replaces a detection; ignores one outside the period.
   * @param interval lets several counters of one zone share the computation
   */
  add(current: DetectionAsOf, interval?: LocalInterval): void
  /** Ids of wholes that do not count here. */
  wholesWanted(): ReadonlySet<string>
  tally(inputs?: CountInputs): Tally
}

/** With several members, counts each detection of the group once: see {@link placing}. */
export const createCounter = (context: {
  period: Period
  zone: string
  cap: Marking
  members?: readonly TerritoryCode[] | undefined
  /** Shared with other counters of the same detections. */
  ids?: IdTable | undefined
}): Counter => {
  const { period, zone, cap, members, ids = idTable() } = context
  const placeOf = placing({ period, zone, members })
  const shown = countedRows(ids)
  // By id number; there may be a million.
  const isWithheld = wholeColumn()
  let withheld = 0
  const knownOf = (current: DetectionAsOf) => ({
    ...current,
    detection: knownUnder(current.detection, cap),
    editionRevision: revisionInEdition(current, cap),
  })
  const withhold = (id: string, is: 0 | 1): void => {
    const number = ids.number(id)
    withheld += is - isWithheld.get(number)
    isWithheld.set(number, is)
  }
  const sharing = sharedValues()
  const isGroup = (members?.length ?? 1) > 1
  const home = members?.length === 1 ? members[0] : undefined
  // For groups: counted in another group period, but here by a member's days. Not in any figure.
  const elsewhere = countedRows(ids)
  const seenBy = isGroup ? seenByMember(period, members ?? []) : () => undefined
  return {
    add: (current, interval) => {
      const { detection } = current
      const place = placeOf(detection, interval)
      const countStatus = place ? countStatusOf(place.fit, detection.marking, cap) : 'outside'
      // A detection revised during reading may have been added before, with another place or marking.
      if (countStatus === 'withheld' || withheld > 0) withhold(detection.id, countStatus === 'withheld' ? 1 : 0)
      const seen = countStatus === 'outside' && fitsUnder(detection.marking, cap) ? seenBy(detection) : undefined
      if (!place || countStatus === 'outside' || countStatus === 'withheld') shown.delete(detection.id)
      else shown.set(countedDetection(knownOf(current), place.interval, countStatus, place.zone, sharing, home))
      if (seen) elsewhere.set(countedDetection(knownOf(current), seen.interval, 'ongoing', seen.zone, sharing))
      else if (elsewhere.size > 0) elsewhere.delete(detection.id)
    },
    wholesWanted: () => wholesWanted([...elsewhere.all(), ...shown.all()]),
    tally: (inputs = {}) => count({ shown, elsewhere }, period, withheld, inputs, isGroup),
  }
}

const noWholes: Wholes = new Map()

const count = (
  { shown: rows, elsewhere }: { readonly shown: CountedRows; readonly elsewhere: CountedRows },
  period: Period,
  withheld: number,
  other: CountInputs,
  isGroup: boolean,
): Tally => {
  const { wholes = noWholes, watched, known } = other
  const all = rows.sorted()
  const counted = those(all, ({ fit }) => fit === 'counted')
  const { trees, through } = treesOf(counted, wholes)
  const overlaps = overlapsOf(counted)
  const sumsOf = Object.fromEntries(
    addedFigures.map((figure) => [figure, treeSums(ownFigure(figure), overlaps)]),
  ) as Record<AddedFigure, SumOf>
  const posts = addAll(trees, sumsOf.posts, overlaps)
  const around = { here: rows, wholes }
  const sameText = sameTextOf(trees, overlaps, sumsOf.posts, (tree) => placeOf(tree, around).campaign)
  const leads = leadsIn(sameText)
  const manoeuvres = joinedByText(trees, sameText, leads)
  const addedIn = mapFigures(addedFigures, (figure): Added | undefined => {
    if (figure === 'posts') return posts
    // Fast path: few detections state most figures.
    return isAny(counted, (one) => states(one, figure)) ? addAll(trees, sumsOf[figure], overlaps) : undefined
  })
  const amountOf = (figure: AddedFigure): Amount => addedIn[figure]?.sum ?? unstated(counted)
  // Ongoing or undated detections may have had a part in this period.
  const total = (amount: Amount): Total => (counted.length === 0 ? notGiven : totalOf(amount))
  const markings = new Set(eachOf(counted.length === 0 ? all : counted, ({ marking }) => marking))
  const isEmpty = counted.length === 0 && !isAny(all, mayHaveFigures)
  // If nothing counts, *not given* has the marking of ongoing or undated detections, 0 that of the watch.
  const totals = totalsWhere(
    {
      detections: counted.length,
      manoeuvres: manoeuvres.length,
      watched: false,
      marking: strictest([...markings, ...through]),
      ...mapFigures(addedFigures, (figure) => total(amountOf(figure))),
      ...mapFigures(distinctFigures, (figure) => total(distinct(trees, figure))),
    },
    isEmpty,
    watched,
  )
  const counting = { trees, overlaps }
  const uncounted = those(all, ({ fit }) => fit !== 'counted')
  const videos = isAny(counted, (one) => states(one, 'videos'))
  // Later periods compare with this, so it must not depend on earlier ones.
  const alone = gravest(manoeuvres, sumsOf, videos)
  const foremost = known ? gravest(manoeuvres, sumsOf, videos, novelty(around, known)) : alone
  return {
    totals,
    isEmpty,
    ...daysWith(counted, trees, posts, sumsOf.posts, daysOf(period), {
      watched,
      marking: totals.marking,
      going: only(all, (one) => goesOn(one) && (one.fit === 'counted' || mayHavePosts(one))),
    }),
    spans: spansOf(counted),
    ...jointOf(trees, posts, sumsOf.posts),
    ...jointInOf(trees, addedIn, sumsOf),
    platforms: platformShares(counting),
    kinds: sharesBy(counting, ({ kind }) => [kind]),
    campaigns: campaignShares(
      { trees, posts: sumsOf.posts },
      (tree) => placeOf(tree, around),
      posts.isLeftOut,
      foremost,
      leads,
    ),
    hashtags: namedShares(counting, ({ hashtags }) => hashtags),
    narratives: narrativeShares(counting, counted),
    languages: namedShares(counting, ({ languages }) => languages),
    techniques: mentionsIn(eachOf(counted, ({ techniques }) => techniques)),
    manoeuvres: foremost.map((tree) => manoeuvreOf(tree, sameText.get(tree.id) ?? [tree], sumsOf, addedIn)),
    effects: effectsOf(manoeuvres, foremost, uncounted),
    // The watch is compared apart, so that a week has one basis whoever counts it.
    ...(!isGroup && {
      level: levelBasisOf({
        trees,
        manoeuvres: joined([alone, manoeuvres]),
        overlaps,
        sumsOf,
        totals: totalsWhere(totals, isEmpty, undefined),
      }),
    }),
    threads: threadsOf(manoeuvres, joined([uncounted, elsewhere.sorted()]), alone, around),
    counted: contributions(counted),
    ongoing: contributions(those(all, ({ fit }) => fit === 'ongoing')),
    undatedHere: contributions(those(all, ({ fit }) => fit === 'undated')),
    withheld,
  }
}

const those = (all: Many<CountedDetection>, are: (one: CountedDetection) => boolean): Many<CountedDetection> => {
  let length = 0
  for (const one of all) if (are(one)) length += 1
  return length === all.length ? all : many(length, () => only(all, are))
}

const contributions = (some: Many<CountedDetection>): Many<Contributed> =>
  many(some.length, () => eachOf(some, contributedOf))

const spansOf = (counted: Iterable<CountedDetection>): readonly Span[] =>
  firstOf(spansIn(counted), maxSpans, (a, b) => (b.posts.value ?? 0) - (a.posts.value ?? 0) || (a.id < b.id ? -1 : 1))

const spansIn = function* (counted: Iterable<CountedDetection>): Generator<Span> {
  for (const { id, day, lastDay, posts, counts, marking } of counted) {
    if (day === undefined || lastDay === undefined || day === lastDay) continue
    if (posts.known !== undefined && !counts.byDay) yield { id, from: day, to: lastDay, posts: totalOf(posts), marking }
  }
}

const jointOf = (trees: Iterable<Tree>, { isLeftOut }: Added, postsOf: SumOf): { readonly joint?: Joint } => {
  const territories = new Set<TerritoryCode>()
  const named = new Set<string>()
  const markings = new Set<Marking>()
  const [own, joint] = [adder(), adder()]
  for (const tree of trees) {
    const isJoint = tree.territories.length > 1
    const sum = postsOf(tree)
    const on = isJoint ? joint : own
    // A manoeuvre left out may exceed the one counted in its place.
    if (isLeftOut(tree)) leaveOut(on, sum)
    else take(on, sum)
    // A hidden whole may have more.
    if (tree.open !== undefined && !sum.notDue) on.floor = true
    if (!isJoint || sum.notDue) continue
    for (const { marking } of nodesOf(tree)) markings.add(marking)
    // A 0 is not shared: it is 0 in each territory.
    if (!sum.known || isLeftOut(tree)) continue
    for (const code of tree.territories) territories.add(code)
    named.add(tree.territories.toSorted().join())
  }
  if (territories.size === 0) return {}
  return {
    joint: {
      territories: [...territories],
      ...(named.size > 1 && { differ: true as const }),
      posts: addedTotal(joint),
      ...(own.due > 0 && { own: addedTotal(own) }),
      marking: strictest(markings),
    },
  }
}

const jointInOf = (
  trees: Iterable<Tree>,
  addedIn: { readonly [figure in AddedFigure]: Added | undefined },
  sumsOf: Record<AddedFigure, SumOf>,
): { readonly jointIn?: JointIn } => {
  const found = new Map<AddedFigure | DistinctFigure, Set<TerritoryCode>>()
  for (const tree of trees) {
    if (tree.territories.length < 2) continue
    const given = [
      ...addedFigures.filter((figure) => {
        const added = addedIn[figure]
        return added && sumsOf[figure](tree).known && !added.isLeftOut(tree)
      }),
      ...distinctFigures.filter((figure) => distinct([rooted(tree)], figure).known),
    ]
    for (const figure of given) {
      const territories = found.get(figure) ?? new Set()
      for (const code of tree.territories) territories.add(code)
      found.set(figure, territories)
    }
  }
  if (found.size === 0) return {}
  return { jointIn: Object.fromEntries([...found].map(([figure, territories]) => [figure, territories.size])) }
}

const daysWith = (
  counted: Iterable<CountedDetection>,
  trees: Iterable<Tree>,
  { isLeftOut }: Added,
  postsOf: SumOf,
  dates: readonly string[],
  {
    watched,
    marking,
    going,
  }: {
    readonly watched: WatchedPeriod | undefined
    readonly marking: Marking
    readonly going: Iterable<CountedDetection>
  },
): Pick<Tally, 'days' | 'observedOn' | 'undated'> => {
  const detectionsOn = new Map(dates.map((date) => [date, 0]))
  let undated = 0
  for (const { day } of counted) {
    const known = day === undefined ? undefined : detectionsOn.get(day)
    if (day === undefined || known === undefined) undated += 1
    else detectionsOn.set(day, known + 1)
  }
  const postsOn = new Map(dates.map((date) => [date, adder()]))
  const onNoDay = adder()
  const withoutNumber = (day: string | undefined) => {
    const on = day === undefined ? onNoDay : postsOn.get(day)
    if (on) take(on, { known: undefined, qualifier: 'exact', notDue: false })
  }
  const heaviest = new Map<string, { readonly id: string; readonly posts: number }>()
  // Of equal ones, the first by time and id stays.
  for (const tree of trees) {
    const sum = postsOf(tree)
    if (isLeftOut(tree)) {
      // A manoeuvre left out may exceed the counted one on any of its days.
      for (const day of daysObserved(tree, sum, dates)) withoutNumber(day)
      continue
    }
    const { known } = sum
    const split = dayNumbers(sum)
    const rest = split.reduce((left, [day, posts]) => (postsOn.has(day) ? left - posts : left), known ?? 0)
    for (const [day, posts, qualifier] of split) {
      if (posts > (heaviest.get(day)?.posts ?? 0)) heaviest.set(day, { id: tree.id, posts })
      const on = postsOn.get(day)
      // A hidden whole may have more on that day.
      if (on) take(on, { known: posts, qualifier, notDue: false })
      if (on && tree.open !== undefined) on.floor = true
    }
    if (known !== undefined && (rest > 0 || split.length === 0)) take(onNoDay, { ...sum, known: rest })
    for (const day of daysWithout(tree, split, dates)) withoutNumber(day)
  }
  const mayHold = daysSpanned(going, dates)
  const days = dates.map((date): DayCount => {
    const on = postsOn.get(date)
    const most = heaviest.get(date)
    const none = mayHold.has(date) ? notGiven : watched?.days.has(date) ? zero : notWatched
    const detections = detectionsOn.get(date) ?? 0
    return {
      date,
      detections,
      posts: on && on.due > 0 ? addedTotal(on) : detections > 0 ? notGiven : none,
      ...(most && { heaviest: most }),
      marking,
    }
  })
  const undatedPosts = onNoDay.due > 0 ? addedTotal(onNoDay) : undated > 0 ? notGiven : zero
  const observedOn = days.filter(({ date, detections }) => detections > 0 || (postsOn.get(date)?.due ?? 0) > 0)
  return {
    days,
    observedOn: new Set(observedOn.map(({ date }) => date)),
    undated: { detections: undated, posts: undatedPosts, marking },
  }
}

const daysSpanned = (going: Iterable<CountedDetection>, dates: readonly string[]): ReadonlySet<string> => {
  const spanned = new Set<string>()
  const seen = new Set<string>()
  for (const { span } of going) {
    if (!span || seen.has(String(span))) continue
    seen.add(String(span))
    for (const date of dates) if (span[0] <= date && date <= span[1]) spanned.add(date)
  }
  return spanned
}

const noDates: readonly string[] = []

/** Undefined is no particular day. */
const daysWithout = (
  tree: Tree,
  split: ReturnType<typeof dayNumbers>,
  dates: readonly string[],
): readonly (string | undefined)[] => {
  // Fast path for nearly all: one day, with its number.
  if (tree.parts.length === 0 && tree.day === tree.lastDay && tree.day === split[0]?.[0] && tree.day) return noDates
  const numbered = new Set(split.map(([day]) => day))
  return [tree, ...everyPart(tree)].filter(mayHavePosts).flatMap((node) => {
    const { day, lastDay, posts } = node
    if (day === undefined || lastDay === undefined) return posts.known === undefined ? [undefined] : []
    return dates.filter((date) => date >= day && date <= lastDay && !numbered.has(date))
  })
}

const daysObserved = (tree: Tree, sum: Sum, dates: readonly string[]): readonly string[] => {
  const numbered = dayNumbers(sum).map(([day]) => day)
  const observed = daysWithout(tree, [], dates).flatMap((day) => day ?? [])
  return [...new Set([...numbered, ...observed])]
}

/** Whether it was, or may have been, observed after its first day. */
const goesOn = (one: CountedDetection): boolean =>
  one.fit !== 'counted' || one.day === undefined || one.day !== one.lastDay

const mayHavePosts = (one: CountedDetection): boolean => hasAccounts(one) || !one.posts.notDue

/** An event without figures leaves those of its period as they are. */
const mayHaveFigures = (one: CountedDetection): boolean =>
  mayHavePosts(one) ||
  Object.keys(one.counts).length > 0 ||
  one.refs.accounts.length + one.refs.coordinatedAccounts.length > 0

type AddedIn = { readonly [figure in AddedFigure]: Added | undefined }

/** @param members the tree, or those that it joins */
const manoeuvreOf = (
  tree: Tree,
  members: readonly Tree[],
  sumsOf: Record<AddedFigure, SumOf>,
  addedIn: AddedIn,
): Manoeuvre => {
  const apart = addedFigures.filter((figure) => isApart(members, sumsOf[figure], addedIn[figure]))
  const confirmed = claimIn(tree)?.is
  const level = confirmed === 'act' ? 4 : confirmed === 'effect' ? 3 : undefined
  const sameText = members.slice(1).map(({ id }) => id)
  return {
    ...figuresIn(tree, members, sumsOf, addedIn),
    ...(sameText.length > 0 && { sameText }),
    ...(apart.length > 0 && { apart }),
    ...(level && { level }),
  }
}

const figuresIn = (
  tree: Tree,
  members: readonly Tree[],
  sumsOf: Record<AddedFigure, SumOf>,
  addedIn: AddedIn,
): Omit<Manoeuvre, 'apart'> => ({
  id: tree.id,
  ...partsIn(tree),
  figures: {
    ...mapFigures(addedFigures, (figure) => totalOf(amountIn(members, sumsOf[figure], addedIn[figure]))),
    ...mapFigures(distinctFigures, (figure) => totalOf(distinct(members.map(rooted), figure))),
  },
})

/** Of equal ones the first. */
const largestOf = (members: readonly Tree[], sumOf: SumOf): Tree =>
  members.reduce((most, one) => ((sumOf(one).known ?? -1) > (sumOf(most).known ?? -1) ? one : most))

/** The total leaves out all members that state the figure. */
const isApart = (members: readonly Tree[], sumOf: SumOf, added: Added | undefined): boolean => {
  const stating = members.filter((one) => sumOf(one).known !== undefined)
  return stating.length > 0 && stating.every((one) => added?.isLeftOut(one))
}

/** Leaves out the members that the total leaves out, unless that is all of them. */
const amountIn = (members: readonly Tree[], sumOf: SumOf, added: Added | undefined): Amount => {
  if (members.length === 1 || isApart(members, sumOf, added)) return sumOf(largestOf(members, sumOf))
  const whole = adder()
  for (const one of members) (added?.isLeftOut(one) ? leaveOut : take)(whole, sumOf(one))
  return sumIn(whole)
}

/** Drops the least grave parts, since the outcome depends on the gravest. */
const partsIn = (tree: Tree): Pick<Manoeuvre, 'parts' | 'moreParts'> => {
  const all = everyPart(tree)
  const more = all.length - manoeuvresKept
  if (more <= 0) return { parts: all.map(({ id }) => id) }
  const kept = new Set(all.toSorted((a, b) => gravityOf([b]) - gravityOf([a])).slice(0, manoeuvresKept))
  return { parts: all.filter((part) => kept.has(part)).map(({ id }) => id), moreParts: more }
}

/** For weighing only. Fast path for detections without parts. */
const accountsOf = (tree: Tree): number => {
  if (tree.parts.length > 0) return distinct([tree], 'accounts').known ?? 0
  const { counts, refs } = tree
  const named = refs.accounts.length + refs.coordinatedAccounts.length
  return Math.max(
    0,
    largestKnown(counts, 'accounts'),
    largestKnown(counts, 'coordinatedAccounts'),
    named === 0 ? 0 : new Set([...refs.accounts, ...refs.coordinatedAccounts]).size,
  )
}

/** Rank and posts share one number, so posts are capped. */
const maxPostsWeighed = 2 ** 36 - 1

/** Orders by rank ({@link rankOf}), posts, videos, accounts, first observation and id. */
const gravest = (
  trees: Iterable<Tree>,
  sumsOf: Record<AddedFigure, SumOf>,
  videos: boolean,
  isNew: (tree: Tree) => boolean = () => false,
): readonly Tree[] => {
  let held: Weighed[] = []
  // Weight of the last manoeuvre that may stay.
  let least = Number.NEGATIVE_INFINITY
  for (const tree of trees) {
    const rank = rankOf(tree, isNew(tree))
    const posts = sumsOf.posts(tree).known ?? 0
    const weight = rank * (maxPostsWeighed + 1) + Math.min(maxPostsWeighed, posts)
    if (weight < least) continue
    const seen = videos ? (sumsOf.videos(tree).known ?? 0) : 0
    held.push({ tree, rank, posts, weight, videos: seen, accounts: accountsOf(tree) })
    if (held.length < 4 * manoeuvresKept) continue
    held = held.sort(byWeight).slice(0, manoeuvresKept)
    least = held.at(-1)?.weight ?? least
  }
  return held
    .sort(byWeight)
    .slice(0, manoeuvresKept)
    .map(({ tree }) => tree)
}

type Weighed = {
  readonly tree: Tree
  readonly rank: number
  readonly posts: number
  readonly weight: number
  readonly videos: number
  readonly accounts: number
}

const byWeight = (a: Weighed, b: Weighed): number =>
  b.rank - a.rank || b.posts - a.posts || b.videos - a.videos || b.accounts - a.accounts || byTime(a.tree, b.tree)

/** Returns a number below 2 ** 17: gravity, then the share of a followed set in percent, then novelty. */
const rankOf = (tree: Tree, isNew: boolean): number => {
  const isUsual = tree.parts.length === 0 && !tree.effect && !tree.attributed && tree.setSize === 0
  if (isUsual) return usualGravity * shareStep + (isNew ? 1 : 0)
  const nodes = [tree, ...everyPart(tree)]
  return gravityOf(nodes) * shareStep + 2 * setShareOf(nodes) + (isNew ? 1 : 0)
}

/** Shares from 0 to 100, each new or not. */
const shareStep = 2 * 101

/** Gravity without any statement, as most have. */
const usualGravity = gravityOf([{ effect: undefined, attributed: 0 }])

const mapFigures = <Name extends string, Value>(names: readonly Name[], figureOf: (name: Name) => Value) =>
  Object.fromEntries(names.map((name) => [name, figureOf(name)])) as { readonly [name in Name]: Value }
