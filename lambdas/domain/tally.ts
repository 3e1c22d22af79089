/** Counting one period's detections: each once, nothing added twice, in whatever order they come. */
import {
  type Counts,
  type Detection,
  type Figure,
  type Kind,
  type Localised,
  type Qualifier,
  textIn,
} from './detection.ts'
import { mentionsIn, type TechniqueMentions } from './disarm.ts'
import { fitsUnder, type Marking, strictest } from './marking.ts'
import { type Placed, placeInTime, type Standing, standing } from './observed.ts'
import { boundsIn, daysOf, type Period } from './period.ts'

/** A detection in the revision that was current at the report's as-of instant. */
export type Sighting = { readonly detection: Detection; readonly revision: number; readonly storedAt: string }

/** A total: `value` is null and `qualifier` is *not given* where no detection states the figure; 0 is a count of nothing. */
export type Total =
  | { readonly value: number; readonly qualifier: Qualifier }
  | { readonly value: null; readonly qualifier: 'not given' }

const addedFigures = ['posts', 'reposts', 'videos', 'views'] as const
const distinctFigures = ['accounts', 'coordinatedAccounts'] as const

/** Every figure that a detection may state, in the order in which tables show them. */
export const figureNames = [...addedFigures, ...distinctFigures] as const

export type AddedFigure = (typeof addedFigures)[number]
export type DistinctFigure = (typeof distinctFigures)[number]

export type Totals = {
  /** Every detection that counts here, parts included. */
  readonly detections: number
  /** Those that are part of no other: a whole with its parts is one. */
  readonly manoeuvres: number
} & { readonly [figure in AddedFigure | DistinctFigure]: Total }

/** Something named, in how many detections it stands, and how many posts those hold, each manoeuvre counted once. */
export type Share = { readonly name: string; readonly detections: number; readonly posts: Total }

/** A narrative under its English name, else its French one, else the first there is; with every wording that was given. */
export type NarrativeShare = Share & { readonly texts: Localised }

/** How much of what is named now was seen in the period before: small enough to be kept with its totals. */
export type SharesBefore = { readonly hashtags: readonly Share[]; readonly narratives: readonly Share[] }

/** So many hashtags and narratives are named, and compared with the period before. */
export const namedAtMost = 15

export const sharesBefore = (now: Tally, before: Tally): SharesBefore => {
  const sameNames = (named: readonly Share[], past: readonly Share[]): readonly Share[] => {
    const names = new Set(named.slice(0, namedAtMost).map(({ name }) => name.toLowerCase()))
    return past
      .filter(({ name }) => names.has(name.toLowerCase()))
      .map(({ name, detections, posts }) => ({ name, detections, posts }))
  }
  return {
    hashtags: sameNames(now.hashtags, before.hashtags),
    narratives: sameNames(now.narratives, before.narratives),
  }
}

export type HeadlineFigure = 'detections' | AddedFigure | DistinctFigure

/** A figure of the totals; detections are always exact. */
export const totalIn = (totals: Totals, figure: HeadlineFigure): Total =>
  figure === 'detections' ? { value: totals.detections, qualifier: 'exact' } : totals[figure]

export type DayCount = {
  readonly date: string
  readonly detections: number
  readonly posts: number
  /** The manoeuvre with the most posts of that day, and how many of them are its own. */
  readonly heaviest?: { readonly id: string; readonly posts: number }
}

/** A manoeuvre: a detection that is part of no other here, with the parts below it. */
export type Manoeuvre = {
  readonly id: string
  readonly parts: readonly string[]
  /** Its figures with its parts: what it adds to the totals. */
  readonly figures: { readonly [figure in AddedFigure | DistinctFigure]: Total }
}

/** So many manoeuvres are kept apart, the weightiest; the figures hold all. */
export const manoeuvresKept = 300

export type Tally = {
  readonly totals: Totals
  readonly days: readonly DayCount[]
  /** What counts here and on none of the days: known to the month, or over several days without a split. */
  readonly undated: { readonly detections: number; readonly posts: number }
  readonly platforms: readonly Share[]
  readonly kinds: readonly Share[]
  readonly hashtags: readonly Share[]
  readonly narratives: readonly NarrativeShare[]
  readonly languages: readonly Share[]
  /** As reported, the most mentioned first; a technique in a detection is one mention. */
  readonly techniques: readonly TechniqueMentions[]
  /** The weightiest first, at most {@link manoeuvresKept}: posts, then videos, then accounts, then by first day and id. */
  readonly manoeuvres: readonly Manoeuvre[]
  /** Which revision of what the figures stand on, by id. */
  readonly counted: readonly Contribution[]
  readonly ongoing: readonly Contribution[]
  /** Listed here and counted elsewhere: the time is known to a month that is not wholly in this period. */
  readonly undatedHere: readonly Contribution[]
  /** How many detections of this period the marking cap keeps from showing. */
  readonly withheld: number
  /** Which ones: for comparing with an earlier version, and in no report. */
  readonly hidden: ReadonlySet<string>
  /** The strictest marking of what shows. */
  readonly marking: Marking
}

/** `from` is the ISO instant of the first observation: with territory, id and revision it finds the detection again. */
export type Contribution = { readonly id: string; readonly revision: number; readonly from: string }

export type Counter = {
  /**
   * Takes a detection; one that stands outside the period is passed over. Where several counters of one zone take it,
   * its place in time is found once and given to each.
   */
  add(sighting: Sighting, placed?: Placed): void
  /** What has been taken so far, counted. */
  tally(): Tally
}

/** A counter of the detections of one territory's zone in one period, up to a marking. */
export const counterFor = (context: { period: Period; zone: string; cap: Marking }): Counter => {
  const bounds = boundsIn(context.period, context.zone)
  const shown = new Map<string, Noted>()
  const withheld = new Set<string>()
  // The same few narratives come again and again: one object for each.
  const narratives = new Map<string, Localised>()
  const kept = (texts: Localised): Localised => {
    const key = Object.entries(texts).flat().join('\0')
    const known = narratives.get(key)
    if (!known) narratives.set(key, texts)
    return known ?? texts
  }
  return {
    add: (sighting, placed = placeInTime(sighting.detection.observed, context.zone)) => {
      const { detection } = sighting
      const stands = standing(placed, bounds)
      if (stands === 'outside') return
      if (!fitsUnder(detection.marking, context.cap)) withheld.add(detection.id)
      else shown.set(detection.id, note(sighting, placed, stands, detection.narratives.map(kept)))
    },
    tally: () => count([...shown.values()].sort(byId), context.period, new Set(withheld)),
  }
}

/** What the count needs of a detection, and no more: a week may hold a hundred thousand. */
type Noted = {
  readonly id: string
  readonly revision: number
  readonly partOf: string | undefined
  readonly standing: Standing
  readonly firstFrom: number
  readonly day: string | undefined
  readonly withinDay: boolean
  readonly kind: Kind
  readonly platforms: readonly string[]
  readonly hashtags: readonly string[]
  readonly narratives: readonly Localised[]
  readonly languages: readonly string[]
  readonly techniques: Detection['techniques']
  readonly counts: Counts
  readonly refs: { readonly [figure in DistinctFigure]: readonly string[] }
  readonly marking: Marking
}

const note = (
  { detection, revision }: Sighting,
  placed: Placed,
  stands: Standing,
  narratives: readonly Localised[],
): Noted => ({
  id: detection.id,
  revision,
  partOf: detection.partOf,
  standing: stands,
  firstFrom: placed.first.from,
  day: placed.day,
  withinDay: placed.withinDay,
  kind: detection.kind,
  platforms: detection.platforms,
  hashtags: detection.hashtags,
  narratives,
  languages: detection.languages,
  techniques: detection.techniques,
  counts: detection.counts,
  refs: { accounts: detection.accountRefs ?? none, coordinatedAccounts: detection.coordinatedAccountRefs ?? none },
  marking: detection.marking,
})

const none: readonly string[] = []

const count = (all: readonly Noted[], period: Period, hidden: ReadonlySet<string>): Tally => {
  const counted = all.filter((noted) => noted.standing === 'counted')
  const trees = treesOf(counted)
  const heaviest = heaviestByDay(trees)
  const sums = Object.fromEntries(
    addedFigures.map((figure) => [
      figure,
      figure === 'posts' ? add(trees.map((tree) => tree.posts)) : sumOfAll(trees, counted, figure),
    ]),
  ) as Record<AddedFigure, Sum>
  const { posts } = sums
  const postsOn = new Map(posts.byDay)
  const dates = daysOf(period)
  const inPeriod = new Set(dates)
  const days = dates.map((date) => ({
    date,
    detections: counted.filter((noted) => noted.day === date).length,
    posts: postsOn.get(date) ?? 0,
    ...heaviest.get(date),
  }))
  const shareBy = (namesOf: (noted: Noted) => readonly string[]) => shares(trees, namesOf)
  return {
    totals: {
      detections: counted.length,
      manoeuvres: trees.length,
      ...mapFigures(addedFigures, (figure) => totalOf(sums[figure])),
      ...mapFigures(distinctFigures, (figure) => distinct(trees, figure)),
    },
    days,
    undated: {
      detections: counted.filter((noted) => noted.day === undefined || !inPeriod.has(noted.day)).length,
      posts: (posts.known ?? 0) - days.reduce((sum, { posts: onDay }) => sum + onDay, 0),
    },
    platforms: platformShares(trees, posts),
    kinds: kindShares(trees),
    hashtags: shareBy((noted) => noted.hashtags),
    narratives: narrativeShares(trees, counted),
    languages: shareBy((noted) => noted.languages),
    techniques: mentionsIn(counted.map((noted) => noted.techniques)),
    manoeuvres: weightiest(trees, sums.videos.known !== undefined).map(manoeuvreOf),
    counted: counted.map(contribution),
    ongoing: all.filter((noted) => noted.standing === 'ongoing').map(contribution),
    undatedHere: all.filter((noted) => noted.standing === 'undated').map(contribution),
    withheld: hidden.size,
    hidden,
    marking: strictest(all.map((noted) => noted.marking)),
  }
}

/** Trees come in the order of their ids: of two that weigh the same, the first stays. */
const heaviestByDay = (trees: readonly Tree[]): ReadonlyMap<string, Pick<DayCount, 'heaviest'>> => {
  const heaviest = new Map<string, { readonly heaviest: { readonly id: string; readonly posts: number } }>()
  for (const { noted, posts: sum } of trees) {
    for (const [day, posts] of sum.byDay) {
      if (posts > (heaviest.get(day)?.heaviest.posts ?? 0)) heaviest.set(day, { heaviest: { id: noted.id, posts } })
    }
  }
  return heaviest
}

/** A detection with the parts below it, and what they come to in posts. */
type Tree = { readonly noted: Noted; readonly parts: readonly Tree[]; readonly posts: Sum }

/** A detection without parts. */
const leaf = (noted: Noted): Tree => ({ noted, parts: noParts, posts: ownSum(noted, 'posts') })

const noParts: readonly Tree[] = []

/** Wholes with their parts. A part whose whole does not count here stands alone; a circle is cut at its smallest id. */
const treesOf = (counted: readonly Noted[]): readonly Tree[] => {
  if (counted.every(({ partOf }) => partOf === undefined)) return counted.map(leaf)
  const byIds = new Map(counted.map((noted) => [noted.id, noted]))
  const wholeOf = (noted: Noted): Noted | undefined =>
    noted.partOf === undefined ? undefined : byIds.get(noted.partOf)
  const cutHere = (noted: Noted): boolean => {
    const seen = new Set([noted.id])
    let smallest = noted.id
    for (let at = wholeOf(noted); at; at = wholeOf(at)) {
      if (at.id === noted.id) return smallest === noted.id
      if (seen.has(at.id)) return false // leads into a circle that is cut elsewhere
      seen.add(at.id)
      if (at.id < smallest) smallest = at.id
    }
    return false
  }
  const parts = new Map<string, Noted[]>()
  const roots: Noted[] = []
  for (const noted of counted) {
    const whole = wholeOf(noted)
    if (!whole || cutHere(noted)) roots.push(noted)
    else {
      const beside = parts.get(whole.id)
      if (beside) beside.push(noted)
      else parts.set(whole.id, [noted])
    }
  }
  const grow = (noted: Noted): Tree => {
    const below = parts.get(noted.id)?.map(grow) ?? []
    return { noted, parts: below, posts: sumOf({ noted, parts: below }, 'posts') }
  }
  return roots.map(grow)
}

/** Counts by a name, each name once: pairs take a fraction of a map's room, and there is one for every detection. */
type Table = readonly (readonly [name: string, count: number])[]

/** A sum under way. `known` is undefined where no part of it states the figure. */
type Sum = {
  readonly known: number | undefined
  readonly qualifier: Qualifier
  readonly byDay: Table
  readonly byPlatform: Table
  /** No figure is due: an event in a hall has no posts, and says nothing of those elsewhere. */
  readonly notDue: boolean
}

const empty: Table = []
const nothing: Sum = { known: undefined, qualifier: 'exact', byDay: empty, byPlatform: empty, notDue: true }
const unknown: Sum = { ...nothing, notDue: false }

const sumOf = (tree: Pick<Tree, 'noted' | 'parts'>, figure: AddedFigure): Sum => {
  const own = ownSum(tree.noted, figure)
  if (tree.parts.length === 0) return own
  const parts = add(tree.parts.map((part) => sumOf(part, figure)))
  if (own.notDue && parts.notDue) return own
  const larger = (own.known ?? -1) > (parts.known ?? -1) ? own : parts
  // What the parts know of days and platforms still holds where the whole gives one bare figure.
  const detailed = (details: keyof Pick<Sum, 'byDay' | 'byPlatform'>) =>
    larger[details].length > 0 ? larger[details] : parts[details]
  return {
    known: larger.known,
    qualifier: 'at least',
    byDay: detailed('byDay'),
    byPlatform: detailed('byPlatform'),
    notDue: false,
  }
}

/** Most figures are stated by few: where none does, there is nothing to go through. */
const sumOfAll = (trees: readonly Tree[], counted: readonly Noted[], figure: AddedFigure): Sum => {
  if (counted.some((noted) => states(noted, figure))) return add(trees.map((tree) => sumOf(tree, figure)))
  return counted.some(hasAccounts) ? unknown : nothing
}

const states = ({ counts }: Noted, figure: AddedFigure): boolean =>
  counts[figure] !== undefined ||
  (counts.byDay?.some((row) => row[figure]) ?? false) ||
  (counts.byPlatform?.some((row) => row[figure]) ?? false)

const ownSum = (noted: Noted, figure: AddedFigure): Sum => {
  const given = noted.counts[figure]
  const byDay = tableOf(noted.counts.byDay, ({ day }) => day, figure)
  const byPlatform = tableOf(noted.counts.byPlatform, ({ platform }) => platform, figure)
  const split = Math.max(total(byDay), total(byPlatform))
  if (!given && byDay.length === 0 && byPlatform.length === 0) return hasAccounts(noted) ? unknown : nothing
  const known = Math.max(given?.value ?? 0, split)
  const [platform] = noted.platforms
  return {
    known,
    qualifier: given && given.value >= split ? given.qualifier : 'at least',
    byDay: byDay.length > 0 || !noted.day || !noted.withinDay ? byDay : [[noted.day, known]],
    byPlatform: byPlatform.length > 0 || noted.platforms.length !== 1 || !platform ? byPlatform : [[platform, known]],
    notDue: false,
  }
}

const tableOf = <Row extends { readonly [figure in AddedFigure]?: Figure | undefined }>(
  rows: readonly Row[] | undefined,
  keyOf: (row: Row) => string,
  figure: AddedFigure,
): Table => {
  if (!rows || rows.length === 0) return empty
  const table = new Map<string, number>()
  for (const row of rows) {
    const given = row[figure]
    if (given) table.set(keyOf(row), (table.get(keyOf(row)) ?? 0) + given.value)
  }
  return [...table]
}

/** What a sum comes to, apart from its days and platforms. */
type Amount = Pick<Sum, 'known' | 'qualifier' | 'notDue'>

const add = (sums: readonly Sum[]): Sum => ({
  ...amountOf(sums),
  byDay: merged(sums.map((sum) => sum.byDay)),
  byPlatform: merged(sums.map((sum) => sum.byPlatform)),
})

const amountOf = (amounts: readonly Amount[]): Amount => {
  let due = 0
  let given = 0
  let value = 0
  const qualifiers = new Set<Qualifier>()
  for (const { known, qualifier, notDue } of amounts) {
    if (notDue) continue
    due += 1
    if (known === undefined) continue
    given += 1
    value += known
    qualifiers.add(qualifier)
  }
  if (due === 0) return nothing
  return {
    known: given === 0 ? undefined : value,
    qualifier: due > given ? 'at least' : combined([...qualifiers]),
    notDue: false,
  }
}

/** The total of figures of which some may not be stated; *not given* where none is. */
export const totalOfFigures = (figures: readonly (Figure | undefined)[]): Total =>
  totalOf(
    amountOf(figures.map((given) => ({ known: given?.value, qualifier: given?.qualifier ?? 'exact', notDue: false }))),
  )

/** A floor anywhere makes the whole a floor; else an estimate anywhere makes it an estimate. */
const combined = (all: readonly Qualifier[]): Qualifier =>
  all.includes('at least') ? 'at least' : all.includes('about') ? 'about' : 'exact'

const totalOf = ({ known, qualifier, notDue }: Amount): Total => {
  if (notDue) return { value: 0, qualifier: 'exact' }
  return known === undefined ? notGiven : { value: known, qualifier }
}

/** No source states it. */
export const notGiven: Total = { value: null, qualifier: 'not given' }

/**
 * What is known of distinct accounts. They never add up: the union of references where all are given, else at least the
 * largest count that is known.
 */
type Known = {
  /** The largest count that is stated; -1 where none is. */
  readonly largest: number
  readonly qualifier: Qualifier
  readonly refs: ReadonlySet<string>
  /** The references name every account that is counted. */
  readonly complete: boolean
}

const noRefs: ReadonlySet<string> = new Set()

/** Undefined where no such figure is due. What a whole states of itself covers its parts. */
const knownOf = (tree: Tree, figure: DistinctFigure): Known | undefined => {
  const own = ownKnown(tree.noted, figure)
  const parts = together(tree.parts.map((part) => knownOf(part, figure)))
  if (!own || !parts) return own ?? parts
  const refs = union([own.refs, parts.refs])
  const covers = own.largest >= parts.largest && Math.max(own.largest, own.refs.size) >= refs.size
  return covers && isStated(own)
    ? { ...own, refs }
    : { largest: Math.max(own.largest, parts.largest), qualifier: 'at least', refs, complete: false }
}

const ownKnown = (noted: Noted, figure: DistinctFigure): Known | undefined => {
  const refs = noted.refs[figure].length === 0 ? noRefs : new Set(noted.refs[figure])
  const largest = largestKnown(noted.counts, figure)
  const given = noted.counts[figure]
  const known = {
    largest,
    qualifier: given && given.value === largest ? given.qualifier : 'at least',
    refs,
    complete: refs.size > 0 && refs.size >= largest,
  } as const
  return hasAccounts(noted) || isStated(known) ? known : undefined
}

const together = (all: readonly (Known | undefined)[]): Known | undefined => {
  const due = all.filter((known) => known !== undefined)
  if (due.length <= 1) return due[0]
  return {
    largest: due.reduce((sofar, { largest }) => Math.max(sofar, largest), -1),
    qualifier: 'at least',
    refs: union(due.map(({ refs }) => refs)),
    complete: due.every(({ complete }) => complete),
  }
}

const distinct = (trees: readonly Tree[], figure: DistinctFigure): Total => {
  const known = together(trees.map((tree) => knownOf(tree, figure)))
  if (!known) return { value: 0, qualifier: 'exact' }
  if (!isStated(known)) return notGiven
  if (known.complete) return { value: known.refs.size, qualifier: 'exact' }
  return known.refs.size > known.largest
    ? { value: known.refs.size, qualifier: 'at least' }
    : { value: known.largest, qualifier: known.qualifier }
}

const isStated = (known: Known): boolean => known.largest >= 0 || known.refs.size > 0

const union = (sets: readonly ReadonlySet<string>[]): ReadonlySet<string> => {
  const whole = new Set<string>()
  for (const set of sets) for (const ref of set) whole.add(ref)
  return whole
}

const largestKnown = (counts: Counts, figure: DistinctFigure): number => {
  let largest = counts[figure]?.value ?? -1
  for (const row of counts.byDay ?? []) largest = Math.max(largest, row[figure]?.value ?? -1)
  for (const row of counts.byPlatform ?? []) largest = Math.max(largest, row[figure]?.value ?? -1)
  return largest
}

/** An offline event and a set of domains have no accounts that post. */
const hasAccounts = (noted: Noted): boolean => noted.kind !== 'offline-event' && noted.kind !== 'infrastructure'

const manoeuvreOf = (tree: Tree): Manoeuvre => {
  const below = everyPart(tree)
  return {
    id: tree.noted.id,
    parts: below.map((noted) => noted.id),
    figures: {
      ...mapFigures(addedFigures, (figure) => totalOf(sumOf(tree, figure))),
      ...mapFigures(distinctFigures, (figure) => distinct([tree], figure)),
    },
  }
}

const everyPart = (tree: Tree): readonly Noted[] => tree.parts.flatMap((part) => [part.noted, ...everyPart(part)])

/** For weighing only: a detection without parts, as most are, is read off without further ado. */
const accountsOf = (tree: Tree): number => {
  if (tree.parts.length > 0) return distinct([tree], 'accounts').value ?? 0
  const { counts, refs } = tree.noted
  return Math.max(0, largestKnown(counts, 'accounts'), refs.accounts.length === 0 ? 0 : new Set(refs.accounts).size)
}

/** The weightiest: by posts, then videos, then accounts, then by first day; of equals the first by id. */
const weightiest = (trees: readonly Tree[], videos: boolean): readonly Tree[] =>
  trees
    .map((tree) => ({
      tree,
      posts: tree.posts.known ?? 0,
      videos: videos ? (sumOf(tree, 'videos').known ?? 0) : 0,
      accounts: accountsOf(tree),
    }))
    .sort(
      (a, b) =>
        b.posts - a.posts ||
        b.videos - a.videos ||
        b.accounts - a.accounts ||
        a.tree.noted.firstFrom - b.tree.noted.firstFrom,
    )
    .slice(0, manoeuvresKept)
    .map(({ tree }) => tree)

const shares = (trees: readonly Tree[], namesOf: (noted: Noted) => readonly string[]): readonly Share[] => {
  const groups = new Map<string, { spelled: Map<string, number>; detections: number; sums: Sum[] }>()
  for (const tree of trees) {
    const inTree: string[] = []
    for (const noted of tree.parts.length === 0 ? [tree.noted] : [tree.noted, ...everyPart(tree)]) {
      const inNoted: string[] = []
      for (const name of namesOf(noted)) {
        const key = name.toLowerCase()
        const group = groups.get(key) ?? { spelled: new Map<string, number>(), detections: 0, sums: [] }
        groups.set(key, group)
        group.spelled.set(name, (group.spelled.get(name) ?? 0) + 1)
        if (!inNoted.includes(key)) group.detections += 1
        if (!inTree.includes(key)) group.sums.push(tree.posts)
        inNoted.push(key)
        inTree.push(key)
      }
    }
  }
  return [...groups.values()]
    .map(({ spelled, detections, sums }) => ({ name: commonest(spelled), detections, posts: totalOf(amountOf(sums)) }))
    .sort(byShare)
}

const nameOf = (texts: Localised): string => textIn(texts, 'en').text

const narrativeShares = (trees: readonly Tree[], counted: readonly Noted[]): readonly NarrativeShare[] => {
  const wordings = new Map<string, Map<string, string>>()
  for (const texts of new Set(counted.flatMap(({ narratives }) => narratives))) {
    const name = nameOf(texts).toLowerCase()
    const known = wordings.get(name) ?? new Map<string, string>()
    wordings.set(name, known)
    for (const [language, text] of Object.entries(texts)) {
      const other = known.get(language)
      // Of two wordings, one that no order of input changes.
      if (other === undefined || text < other) known.set(language, text)
    }
  }
  return shares(trees, ({ narratives }) => narratives.map(nameOf)).map((share) => {
    const texts = [...(wordings.get(share.name.toLowerCase()) ?? [])].sort(([one], [other]) => (one < other ? -1 : 1))
    return { ...share, texts: Object.fromEntries(texts) }
  })
}

/** By the kind of the whole: its parts are in its row, so that the rows add up. */
const kindShares = (trees: readonly Tree[]): readonly Share[] =>
  [...Map.groupBy(trees, ({ noted }) => noted.kind)]
    .map(([name, ofKind]) => ({
      name,
      detections: ofKind.reduce((sum, tree) => sum + 1 + everyPart(tree).length, 0),
      posts: totalOf(amountOf(ofKind.map((tree) => tree.posts))),
    }))
    .sort(byShare)

const platformShares = (trees: readonly Tree[], posts: Sum): readonly Share[] => {
  const named = shares(trees, (noted) => [
    ...new Set([...noted.platforms, ...(noted.counts.byPlatform ?? []).map(({ platform }) => platform)]),
  ])
  return named
    .map((share): Share => {
      const known = posts.byPlatform.filter(([platform]) => platform.toLowerCase() === share.name.toLowerCase())
      const value = known.reduce((sum, [, posted]) => sum + posted, 0)
      return {
        ...share,
        posts: known.length > 0 ? { value, qualifier: posts.qualifier } : notGiven,
      }
    })
    .sort(byShare)
}

const byShare = (a: Share, b: Share): number =>
  (b.posts.value ?? -1) - (a.posts.value ?? -1) || b.detections - a.detections || (a.name < b.name ? -1 : 1)

const commonest = (spelled: ReadonlyMap<string, number>): string =>
  [...spelled].sort(([a, often], [b, oftener]) => oftener - often || (a < b ? -1 : 1))[0]?.[0] ?? ''

const merged = (tables: readonly Table[]): Table => {
  const whole = new Map<string, number>()
  for (const table of tables) for (const [key, value] of table) whole.set(key, (whole.get(key) ?? 0) + value)
  return [...whole]
}

const total = (table: Table): number => table.reduce((sum, [, value]) => sum + value, 0)

const mapFigures = <Name extends string, Value>(names: readonly Name[], figureOf: (name: Name) => Value) =>
  Object.fromEntries(names.map((name) => [name, figureOf(name)])) as { readonly [name in Name]: Value }

const contribution = ({ id, revision, firstFrom }: Noted): Contribution => ({
  id,
  revision,
  from: new Date(firstFrom).toISOString(),
})

const byId = (a: Noted, b: Noted): number => (a.id < b.id ? -1 : 1)
