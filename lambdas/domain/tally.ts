/** Counting one period's detections: each once, nothing added twice, in whatever order they come. */
import { distinct, largestKnown } from './accounts.ts'
import type { Detection, Kind, Localised } from './detection.ts'
import { mentionsIn, type TechniqueMentions } from './disarm.ts'
import {
  type AddedFigure,
  type Adder,
  add,
  addedFigures,
  addedTotal,
  adder,
  type DistinctFigure,
  distinctFigures,
  hasAccounts,
  notGiven,
  ownSum,
  pairs,
  type Sum,
  states,
  type Total,
  take,
  totalOf,
  unstated,
  wholeSum,
} from './figures.ts'
import { textIn } from './localised.ts'
import { fitsUnder, type Marking, strictest } from './marking.ts'
import { type Placed, placeInTime, type Standing, standing } from './observed.ts'
import { boundsIn, dayIn, daysOf, type Period } from './period.ts'

/** A detection in the revision that was current at the report's as-of instant. */
export type Sighting = { readonly detection: Detection; readonly revision: number; readonly storedAt: string }

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
  /** *At least* where something that was observed on that day gives it no number, *not given* where nothing does. */
  readonly posts: Total
  /** The manoeuvre with the most posts of that day, and how many of them are its own. */
  readonly heaviest?: { readonly id: string; readonly posts: number }
}

export type Undated = { readonly detections: number; readonly posts: Total }

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
  readonly undated: Undated
  readonly platforms: readonly Share[]
  readonly kinds: readonly Share[]
  readonly hashtags: readonly Share[]
  readonly narratives: readonly NarrativeShare[]
  readonly languages: readonly Share[]
  /** As reported, the most mentioned first; a technique in a detection is one mention. */
  readonly techniques: readonly TechniqueMentions[]
  /** The weightiest first, at most {@link manoeuvresKept}: posts, then videos, then accounts, then by first day and id. */
  readonly manoeuvres: readonly Manoeuvre[]
  /** Which revision of what the figures stand on, by first observation and id. */
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
  const sharing = sharedValues()
  return {
    add: (sighting, placed = placeInTime(sighting.detection.observed, context.zone)) => {
      const { detection } = sighting
      const stands = standing(placed, bounds)
      if (stands === 'outside') return
      if (!fitsUnder(detection.marking, context.cap)) withheld.add(detection.id)
      else shown.set(detection.id, note(sighting, placed, stands, context.zone, sharing))
    },
    tally: () => count([...shown.values()].sort(byTime), context.period, new Set(withheld)),
  }
}

/** What the count needs of a detection, and no more: a week may hold a hundred thousand. */
type Noted = {
  readonly id: string
  readonly revision: number
  readonly partOf: string | undefined
  readonly standing: Standing
  readonly from: string
  readonly day: string | undefined
  /** The local day on which it was last observed, where days are known. */
  readonly lastDay: string | undefined
  readonly kind: Kind
  readonly platforms: readonly string[]
  readonly hashtags: readonly string[]
  readonly narratives: readonly Localised[]
  readonly languages: readonly string[]
  readonly techniques: Detection['techniques']
  /** Without what {@link Noted.posts} holds already, where they are no more than posts and accounts. */
  readonly counts: Detection['counts']
  /** With those of its parts. */
  readonly posts: Sum
  readonly parts: readonly Noted[]
  readonly refs: { readonly [figure in DistinctFigure]: readonly string[] }
  readonly marking: Marking
}

const note = (
  { detection, revision }: Sighting,
  placed: Placed,
  stands: Standing,
  zone: string,
  sharing: Sharing,
): Noted => {
  const { id, partOf, kind, counts, marking, techniques, accountRefs, coordinatedAccountRefs } = detection
  const { day, withinDay } = placed
  const lastDay = withinDay || day === undefined ? day : lastDayOf(detection, placed, zone)
  const platforms = sharing.list(detection.platforms)
  return {
    id,
    revision,
    partOf,
    standing: stands,
    from: sharing.instant(placed.first.from),
    day,
    lastDay,
    kind,
    platforms,
    hashtags: sharing.list(detection.hashtags),
    narratives: detection.narratives.length === 0 ? noTexts : detection.narratives.map(sharing.texts),
    languages: sharing.list(detection.languages),
    techniques: techniques.length === 0 ? noTechniques : techniques,
    counts: besidePosts(counts),
    posts: ownSum({ kind, counts, platforms, day, lastDay }, 'posts'),
    parts: noParts,
    refs:
      accountRefs || coordinatedAccountRefs
        ? { accounts: accountRefs ?? none, coordinatedAccounts: coordinatedAccountRefs ?? none }
        : noRefs,
    marking,
  }
}

const lastDayOf = ({ observed }: Detection, { end }: Placed, zone: string): string =>
  observed.precision === 'day' ? observed.to : dayIn(end, zone)

const besidePosts = (counts: Noted['counts']): Noted['counts'] => {
  const { posts: _, accounts, ...more } = counts
  for (const _more in more) return counts
  return accounts ? { accounts } : noCounts
}

const noCounts: Noted['counts'] = {}
const none: readonly string[] = []
const noRefs: Noted['refs'] = { accounts: none, coordinatedAccounts: none }
const noParts: Noted['parts'] = []
const noTexts: Noted['narratives'] = []
const noTechniques: Noted['techniques'] = []

/** The same few platforms, hashtags, narratives and days come again and again: one object for each. */
const sharedValues = () => {
  const lists = new Map<string, readonly string[]>()
  const texts = new Map<string, Localised>()
  let last = { milliseconds: Number.NaN, instant: '' }
  return {
    list: (names: readonly string[]): readonly string[] => {
      const [name] = names
      if (name === undefined) return none
      if (names.length > 1) return names
      const known = lists.get(name)
      if (!known) lists.set(name, names)
      return known ?? names
    },
    texts: (given: Localised): Localised => {
      const key = Object.entries(given).flat().join('\0')
      const known = texts.get(key)
      if (!known) texts.set(key, given)
      return known ?? given
    },
    instant: (milliseconds: number): string => {
      if (last.milliseconds !== milliseconds) {
        last = { milliseconds, instant: new Date(milliseconds).toISOString() }
      }
      return last.instant
    },
  }
}

type Sharing = ReturnType<typeof sharedValues>

const count = (all: readonly Noted[], period: Period, hidden: ReadonlySet<string>): Tally => {
  const counted = all.filter((noted) => noted.standing === 'counted')
  const trees = treesOf(counted)
  const sums = Object.fromEntries(addedFigures.map((figure) => [figure, sumOfAll(trees, counted, figure)])) as Record<
    AddedFigure,
    Sum
  >
  const { posts } = sums
  const { days, undated } = daysWith(counted, trees, daysOf(period))
  return {
    totals: {
      detections: counted.length,
      manoeuvres: trees.length,
      ...mapFigures(addedFigures, (figure) => totalOf(sums[figure])),
      ...mapFigures(distinctFigures, (figure) => distinct(trees, figure)),
    },
    days,
    undated,
    platforms: platformShares(trees, posts),
    kinds: kindShares(trees),
    hashtags: shares(trees, ({ hashtags }) => hashtags),
    narratives: narrativeShares(trees, counted),
    languages: shares(trees, ({ languages }) => languages),
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

/** The period's days, and what stands on none of them. */
const daysWith = (
  counted: readonly Noted[],
  trees: readonly Noted[],
  dates: readonly string[],
): Pick<Tally, 'days' | 'undated'> => {
  const detectionsOn = new Map(dates.map((date) => [date, 0]))
  let undated = 0
  for (const { day } of counted) {
    const known = day === undefined ? undefined : detectionsOn.get(day)
    if (day === undefined || known === undefined) undated += 1
    else detectionsOn.set(day, known + 1)
  }
  const postsOn = new Map(dates.map((date) => [date, adder()]))
  const onNoDay = adder()
  // Trees come by time and id: of two that weigh the same, the first stays.
  const heaviest = new Map<string, { readonly id: string; readonly posts: number }>()
  for (const tree of trees) {
    const { known, qualifier } = tree.posts
    const split = pairs(tree.posts.byDay, known)
    const rest = split.reduce((left, [day, posts]) => (postsOn.has(day) ? left - posts : left), known ?? 0)
    for (const [day, posts] of split) {
      if (posts > (heaviest.get(day)?.posts ?? 0)) heaviest.set(day, { id: tree.id, posts })
      const on = postsOn.get(day)
      // What the split leaves over fell on some of its days.
      if (on) take(on, { known: posts, qualifier: rest > 0 ? 'at least' : qualifier, notDue: false })
    }
    if (rest > 0) take(onNoDay, { known: rest, qualifier, notDue: false })
    else if (known !== undefined && qualifier !== 'at least') continue
    for (const day of daysWithout(tree, split, dates)) {
      const on = day === undefined ? onNoDay : postsOn.get(day)
      if (on) take(on, { known: undefined, qualifier: 'exact', notDue: false })
    }
  }
  const days = dates.map((date): DayCount => {
    const on = postsOn.get(date)
    const most = heaviest.get(date)
    return {
      date,
      detections: detectionsOn.get(date) ?? 0,
      posts: on ? addedTotal(on) : { value: 0, qualifier: 'exact' },
      ...(most && { heaviest: most }),
    }
  })
  return { days, undated: { detections: undated, posts: addedTotal(onNoDay) } }
}

/** The days on which a manoeuvre was observed and for which it gives no number of posts; undefined is no day in particular. */
const daysWithout = (
  tree: Noted,
  split: ReturnType<typeof pairs>,
  dates: readonly string[],
): readonly (string | undefined)[] => {
  const numbered = new Set(split.map(([day]) => day))
  return [tree, ...everyPart(tree)].filter(hasAccounts).flatMap((noted) => {
    const { day, lastDay, posts } = noted
    if (day === undefined || lastDay === undefined) return posts.known === undefined ? [undefined] : []
    return dates.filter((date) => date >= day && date <= lastDay && !numbered.has(date))
  })
}

/** Wholes with their parts. A part whose whole does not count here stands alone; a circle is cut at its smallest id. */
const treesOf = (counted: readonly Noted[]): readonly Noted[] => {
  if (counted.every(({ partOf }) => partOf === undefined)) return counted
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
  const grow = (noted: Noted): Noted => {
    const below = parts.get(noted.id)?.map(grow)
    if (!below) return noted
    return { ...noted, parts: below, posts: wholeSum(noted.posts, add(below.map(({ posts }) => posts))) }
  }
  return roots.map(grow)
}

const sumOf = (tree: Noted, figure: AddedFigure): Sum => {
  if (figure === 'posts') return tree.posts
  const own = ownSum(tree, figure)
  return tree.parts.length === 0 ? own : wholeSum(own, add(tree.parts.map((part) => sumOf(part, figure))))
}

/** Most figures are stated by few: where none does, there is nothing to go through. */
const sumOfAll = (trees: readonly Noted[], counted: readonly Noted[], figure: AddedFigure): Sum =>
  figure === 'posts' || counted.some((noted) => states(noted, figure))
    ? add(trees.map((tree) => sumOf(tree, figure)))
    : unstated(counted)

const manoeuvreOf = (tree: Noted): Manoeuvre => {
  const below = everyPart(tree)
  return {
    id: tree.id,
    parts: below.map((noted) => noted.id),
    figures: {
      ...mapFigures(addedFigures, (figure) => totalOf(sumOf(tree, figure))),
      ...mapFigures(distinctFigures, (figure) => distinct([tree], figure)),
    },
  }
}

const everyPart = ({ parts }: Noted): readonly Noted[] =>
  parts.length === 0 ? parts : parts.flatMap((part) => [part, ...everyPart(part)])

/** For weighing only: a detection without parts, as most are, is read off without further ado. */
const accountsOf = (tree: Noted): number => {
  if (tree.parts.length > 0) return distinct([tree], 'accounts').value ?? 0
  const { counts, refs } = tree
  return Math.max(0, largestKnown(counts, 'accounts'), refs.accounts.length === 0 ? 0 : new Set(refs.accounts).size)
}

/** The weightiest: by posts, then videos, then accounts, then by first observation and id. */
const weightiest = (trees: readonly Noted[], videos: boolean): readonly Noted[] => {
  const posts = Float64Array.from(trees, postsIn).sort()
  const fewest = posts.at(-manoeuvresKept) ?? 0
  return trees
    .filter((tree) => postsIn(tree) >= fewest)
    .map((tree) => ({
      tree,
      posts: postsIn(tree),
      videos: videos ? (sumOf(tree, 'videos').known ?? 0) : 0,
      accounts: accountsOf(tree),
    }))
    .sort((a, b) => b.posts - a.posts || b.videos - a.videos || b.accounts - a.accounts || byTime(a.tree, b.tree))
    .slice(0, manoeuvresKept)
    .map(({ tree }) => tree)
}

const postsIn = ({ posts }: Noted): number => posts.known ?? 0

/** One name under its spellings. */
type Group = {
  readonly spelled: { readonly name: string; times: number }[]
  detections: number
  readonly posts: Adder
  /** The last ones that it took: a name that a detection or a manoeuvre gives twice counts once there. */
  noted: Noted | undefined
  tree: Noted | undefined
}

const shares = (trees: readonly Noted[], namesOf: (noted: Noted) => readonly string[]): readonly Share[] => {
  const groups = new Map<string, Group>()
  const spellings = new Map<string, { readonly spelling: Group['spelled'][number]; readonly group: Group }>()
  const found = (name: string) => {
    const known = spellings.get(name)
    if (known) return known
    const key = name.toLowerCase()
    const group = groups.get(key) ?? { spelled: [], detections: 0, posts: adder(), noted: undefined, tree: undefined }
    groups.set(key, group)
    const first = { spelling: { name, times: 0 }, group }
    group.spelled.push(first.spelling)
    spellings.set(name, first)
    return first
  }
  const mentioned = (noted: Noted, tree: Noted) => {
    for (const name of namesOf(noted)) {
      const { spelling, group } = found(name)
      spelling.times += 1
      if (group.noted !== noted) group.detections += 1
      if (group.tree !== tree) take(group.posts, tree.posts)
      group.noted = noted
      group.tree = tree
    }
  }
  for (const tree of trees) {
    mentioned(tree, tree)
    for (const part of everyPart(tree)) mentioned(part, tree)
  }
  return [...groups.values()]
    .map(({ spelled, detections, posts }) => ({ name: commonest(spelled), detections, posts: addedTotal(posts) }))
    .sort(byShare)
}

const nameOf = (texts: Localised): string => textIn(texts, 'en').text

const narrativeShares = (trees: readonly Noted[], counted: readonly Noted[]): readonly NarrativeShare[] => {
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
const kindShares = (trees: readonly Noted[]): readonly Share[] => {
  const kinds = new Map<Kind, { detections: number; readonly posts: Adder }>()
  for (const tree of trees) {
    const kind = kinds.get(tree.kind) ?? { detections: 0, posts: adder() }
    kinds.set(tree.kind, kind)
    kind.detections += 1 + everyPart(tree).length
    take(kind.posts, tree.posts)
  }
  return [...kinds]
    .map(([name, { detections, posts }]) => ({ name, detections, posts: addedTotal(posts) }))
    .sort(byShare)
}

const platformShares = (trees: readonly Noted[], posts: Sum): readonly Share[] => {
  const known = new Map<string, number>()
  for (const [platform, posted] of pairs(posts.byPlatform, posts.known)) {
    known.set(platform.toLowerCase(), (known.get(platform.toLowerCase()) ?? 0) + posted)
  }
  return shares(trees, platformsOf)
    .map((share): Share => {
      const value = known.get(share.name.toLowerCase())
      return { ...share, posts: value === undefined ? notGiven : { value, qualifier: posts.qualifier } }
    })
    .sort(byShare)
}

const platformsOf = ({ platforms, counts: { byPlatform } }: Noted): readonly string[] =>
  byPlatform ? [...new Set([...platforms, ...byPlatform.map(({ platform }) => platform)])] : platforms

const byShare = (a: Share, b: Share): number =>
  (b.posts.value ?? -1) - (a.posts.value ?? -1) || b.detections - a.detections || (a.name < b.name ? -1 : 1)

const commonest = (spelled: Group['spelled']): string =>
  spelled.toSorted((a, b) => b.times - a.times || (a.name < b.name ? -1 : 1))[0]?.name ?? ''

const mapFigures = <Name extends string, Value>(names: readonly Name[], figureOf: (name: Name) => Value) =>
  Object.fromEntries(names.map((name) => [name, figureOf(name)])) as { readonly [name in Name]: Value }

const contribution = ({ id, revision, from }: Noted): Contribution => ({ id, revision, from })

/** The store gives them nearly so, whatever order is theirs within an instant. */
const byTime = (a: Noted, b: Noted): number => (a.from === b.from ? (a.id < b.id ? -1 : 1) : a.from < b.from ? -1 : 1)
