/**
 * The counting rules of docs/reports.md once more, slow and plain: written from the papers, sharing no code with
 * lambdas/.
 */
import { Temporal } from 'temporal-polyfill'

export type Figure = 'posts' | 'reposts' | 'videos' | 'views' | 'accounts' | 'coordinatedAccounts'
export type Qualifier = 'exact' | 'at least' | 'about'
/** *At least about* is a floor and an estimate. */
type Loose = Qualifier | 'at least about'
export type Stated = number | { readonly value: number; readonly qualifier?: Qualifier }
export type Counts = { readonly [figure in Figure]?: Stated }

/** A record as it is sent in (docs/reference/detection.schema.json), down to what counting asks. */
export type Sent = {
  readonly id: string
  readonly partOf?: string
  readonly detector: string | { readonly name: string; readonly byHand?: true }
  readonly kind: string
  readonly territories: readonly { readonly code: string; readonly method: string; readonly via?: string }[]
  readonly observed: { readonly from: string; readonly to?: string }
  readonly platforms?: readonly string[]
  readonly counts?: Counts & {
    readonly byDay?: readonly ({ readonly day: string } & Counts)[]
    readonly byPlatform?: readonly ({ readonly platform: string } & Counts)[]
  }
  readonly accountRefs?: readonly string[]
  readonly coordinatedAccountRefs?: readonly string[]
  readonly accountSet?: { readonly id: string; readonly size?: number }
  readonly observedEffect?: {
    readonly state: 'none' | 'observed' | 'not assessed'
    readonly degree?: 'act' | 'media' | 'online'
    readonly text?: string
    readonly source?: string
    readonly confirmed?: object
  }
  readonly breakout?: {
    readonly category: number
    readonly basis?: string
    readonly evidence?: string
    readonly confirmed?: object
  }
  readonly reliability?: string
  readonly credibility?: number
  readonly actor?: { readonly links?: readonly { readonly basis?: string }[] }
  readonly campaign?: string
  /** Where it is placed in truth, if `territories` has one for a group. */
  readonly statedIn?: readonly { readonly code: string }[]
  /** Of a group, the local days of each member that saw it. */
  readonly alsoOn?: readonly Days[]
  readonly hashtags?: readonly string[]
  readonly narratives?: readonly string[]
  readonly languages?: readonly string[]
  readonly fingerprints?: readonly { readonly algorithm: string; readonly value: string }[]
  readonly indicators?: readonly { readonly type: string; readonly value: string }[]
  readonly marking: string
}

/** What the store holds of an id: its revisions, the newest last, and whether it was withdrawn after them. */
export type Held = { readonly revisions: readonly Sent[]; readonly withdrawn: boolean }

/** A source with the instants at which it ran or delivered; its marking and territories as it declares them. */
export type Watcher = {
  readonly name: string
  readonly marking?: string
  readonly territories?: readonly string[]
  readonly rhythmHours?: number
  readonly inputs: readonly string[]
}

export type Question = {
  readonly territory: string
  readonly period: string
  readonly cap: string
  /**
   * As of when only so many of each detection's revisions were stored, and nothing withdrawn; undefined where all is.
   */
  readonly rounds?: number
}

export type Told =
  | { readonly value: number; readonly qualifier: Loose; readonly atMost?: number }
  | { readonly value: null; readonly qualifier: 'not given' | 'not watched' }

export type Row = { readonly detections: number; readonly posts: Told }
export type Rows = Readonly<Record<string, Row>>
export type Totals = { readonly detections: number; readonly manoeuvres: number } & {
  readonly [figure in Figure]: Told
}

export type Across = {
  readonly total: Row
  /** When it was first seen of all, an ISO instant: the beginning of a day or a month in its territory. */
  readonly first: string
  /** By territory, the report's own left out. */
  readonly rows: Readonly<
    Record<string, Row & { readonly accounts: Told; readonly first: string; readonly lagDays: number }>
  >
}

export type Expected = {
  readonly totals: Totals
  /** The number of detections as page 1 has it. */
  readonly detections: Told
  /** Posts of several territories together, and of this one alone; undefined where none is told. */
  readonly joint: Joint | undefined
  /** By day of the period. */
  readonly days: Readonly<Record<string, Row>>
  readonly undated: Row
  readonly platforms: Rows
  readonly kinds: Rows
  readonly hashtags: Rows
  readonly narratives: Rows
  readonly languages: Rows
  readonly manoeuvres: readonly string[]
  /** Of each manoeuvre, the figures of it that the period's total leaves out. */
  readonly apart: Readonly<Record<string, readonly Figure[]>>
  /** The same, the gravest first. */
  readonly order: readonly string[]
  /** Campaigns in lower case, that of the gravest manoeuvre first. */
  readonly campaigns: readonly string[]
  readonly effects: {
    /** Manoeuvres with an observed effect or a breakout of 4 to 6, in order. */
    readonly reached: readonly string[]
    readonly none: boolean
    readonly said: {
      readonly observed: number
      readonly none: number
      readonly notAssessed: number
      readonly notGiven: number
    }
  }
  readonly ongoing: readonly string[]
  readonly undatedHere: readonly string[]
  /** Not of a published edition. */
  readonly withheld: number | undefined
  /** Totals of the eight periods before, by period. */
  readonly before: Readonly<Record<string, Totals>>
  /** Of each detection that the report lists; of a manoeuvre with what is below it. */
  readonly listed: Readonly<Record<string, Readonly<Record<Figure, Told>>>>
  /** How a figure reads against the periods before; undefined where the papers do not say. */
  /** By the id of the manoeuvre. */
  readonly across: Readonly<Record<string, Across>>
  readonly since: Since
}

/** Without ceilings. */
export type Joint = {
  readonly posts: Told
  readonly own: Told | undefined
  readonly territories: readonly string[]
  readonly differ: boolean
}

/**
 * Each thread by its campaign in lower case, or as `a manoeuvre`; behind it the last period before in which it was
 * seen.
 */
export type Since = {
  readonly added: readonly string[]
  readonly goesOn: readonly string[]
  readonly ended: readonly string[]
  readonly silent: number
}

export const figures = ['posts', 'reposts', 'videos', 'views', 'accounts', 'coordinatedAccounts'] as const
export const markings = ['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'] as const

/** ../shared/docs/DOMAIN.md, §3. */
export const zones: Readonly<Record<string, string>> = {
  NC: 'Pacific/Noumea',
  PF: 'Pacific/Tahiti',
  WF: 'Pacific/Wallis',
  GP: 'America/Guadeloupe',
  MQ: 'America/Martinique',
  GF: 'America/Cayenne',
  BL: 'America/St_Barthelemy',
  MF: 'America/Marigot',
  PM: 'America/Miquelon',
  RE: 'Indian/Reunion',
  YT: 'Indian/Mayotte',
  TF: 'Indian/Kerguelen',
  COR: 'Europe/Paris',
}

export const zoneOf = (territory: string): string => {
  const zone = zones[territory]
  if (!zone) throw new Error(`the oracle knows no territory ${territory}`)
  return zone
}

const levelOf = (marking: string): number => (markings as readonly string[]).indexOf(marking)
export const fits = (marking: string, cap: string): boolean => levelOf(marking) <= levelOf(cap)

// ---- Time ----

export type Days = { readonly first: string; readonly last: string }

const plain = (day: string) => Temporal.PlainDate.from(day)
const monthOf = (month: string): Days => {
  const start = plain(`${month}-01`)
  return { first: start.toString(), last: start.add({ months: 1 }).subtract({ days: 1 }).toString() }
}

/** First and last day of a week, month, quarter or year. */
export const daysOfPeriod = (period: string): Days => {
  const [, weekYear, week] = /^(\d{4})-W(\d\d)$/.exec(period) ?? []
  if (weekYear && week) {
    const fourth = plain(`${weekYear}-01-04`) // it lies in week 1
    const first = fourth.subtract({ days: fourth.dayOfWeek - 1 }).add({ weeks: Number(week) - 1 })
    return { first: first.toString(), last: first.add({ days: 6 }).toString() }
  }
  if (/^\d{4}-\d\d$/.test(period)) return monthOf(period)
  const [, quarterYear, quarter] = /^(\d{4})-Q(\d)$/.exec(period) ?? []
  if (quarterYear && quarter) {
    const first = plain(`${quarterYear}-01-01`).add({ months: 3 * (Number(quarter) - 1) })
    return { first: first.toString(), last: first.add({ months: 3 }).subtract({ days: 1 }).toString() }
  }
  if (/^\d{4}$/.test(period)) return { first: `${period}-01-01`, last: `${period}-12-31` }
  throw new Error(`the oracle knows no period ${period}`)
}

/** The periods before, of the same kind, the nearest first. */
export const periodsBefore = (period: string, many: number): readonly string[] =>
  Array.from({ length: many }, (_, at) => {
    const first = plain(daysOfPeriod(period).first)
    if (/^\d{4}$/.test(period)) return String(first.year - at - 1)
    if (period.includes('Q')) {
      const start = first.subtract({ months: 3 * (at + 1) })
      return `${start.year}-Q${(start.month + 2) / 3}`
    }
    if (!period.includes('W'))
      return first
        .subtract({ months: at + 1 })
        .toString()
        .slice(0, 7)
    const monday = first.subtract({ weeks: at + 1 })
    return `${monday.yearOfWeek}-W${String(monday.weekOfYear).padStart(2, '0')}`
  })

/** Kept: the same days come back in every period. */
const midnights = new Map<string, number>()
export const midnight = (day: string, zone: string): number => {
  const key = `${day} ${zone}`
  const known = midnights.get(key) ?? plain(day).toZonedDateTime(zone).epochMilliseconds
  midnights.set(key, known)
  return known
}
export const dayAfter = (day: string): string => plain(day).add({ days: 1 }).toString()
export const eachDay = ({ first, last }: Days): readonly string[] =>
  Array.from({ length: plain(first).until(plain(last)).days + 1 }, (_, at) => plain(first).add({ days: at }).toString())
const dayIn = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString()

const precisionOf = (written: string): 'month' | 'day' | 'instant' =>
  written.length === 7 ? 'month' : written.length === 10 ? 'day' : 'instant'

/** The first and last day on which it was, or may have been, observed. */
const daysOf = ({ observed: { from, to = from } }: Sent, zone: string): Days => {
  if (precisionOf(from) === 'month') return { first: monthOf(from).first, last: monthOf(to).last }
  if (precisionOf(from) === 'day') return { first: from, last: to }
  return { first: dayIn(from, zone), last: dayIn(to, zone) }
}

/** The first and last local day of a detection in a territory. */
export const localDays = (sent: Sent, territory: string): Days => daysOf(sent, zoneOf(territory))

const startOf = (sent: Sent, zone: string): number =>
  precisionOf(sent.observed.from) === 'instant'
    ? Temporal.Instant.from(sent.observed.from).epochMilliseconds
    : midnight(daysOf(sent, zone).first, zone)

/** How a detection stands to a period of its territory. */
const standing = (sent: Sent, { first, last }: Days, zone: string): 'counts' | 'ongoing' | 'undated' | undefined => {
  const seen = daysOf(sent, zone)
  if (precisionOf(sent.observed.from) === 'month') {
    const month = monthOf(sent.observed.from)
    if (first <= month.first && month.last <= last) return 'counts'
    if (month.first <= last && first <= month.last) return 'undated'
  } else if (first <= seen.first && seen.first <= last) return 'counts'
  return seen.first < first && first <= seen.last ? 'ongoing' : undefined
}

// ---- Figures ----

/** A figure under way: not due, not given (null), or a number. */
type Sum =
  | { readonly due: false }
  | { readonly due: true; readonly value: null }
  | { readonly due: true; readonly value: number; readonly qualifier: Loose; readonly atMost?: number }

const notDue = { due: false } as const
const notGiven = { due: true, value: null } as const
const isAbout = (qualifier: string): boolean => qualifier.includes('about')
const isFloor = (qualifier: string): boolean => qualifier.startsWith('at least')
const floorOf = (qualifier: Loose): Loose => (isAbout(qualifier) ? 'at least about' : 'at least')
const most = Number.MAX_SAFE_INTEGER

const read = (stated: Stated): { readonly value: number; readonly qualifier: Qualifier } =>
  typeof stated === 'number'
    ? { value: stated, qualifier: 'exact' }
    : { value: stated.value, qualifier: stated.qualifier ?? 'exact' }

const mayLack = ({ kind }: Sent): boolean => kind === 'offline-event' || kind === 'infrastructure'

/** An event without figures says nothing of those of its period. */
const mayHave = (sent: Sent): boolean =>
  !mayLack(sent) ||
  Object.keys(sent.counts ?? {}).length > 0 ||
  (sent.accountRefs ?? []).length + (sent.coordinatedAccountRefs ?? []).length > 0

type Split = { readonly value: number; readonly qualifier: Loose }
const splitSum = (entries: readonly Counts[] = [], figure: Figure): Split | undefined => {
  const given = entries.flatMap(({ [figure]: stated }) => (stated === undefined ? [] : [read(stated)]))
  if (given.length === 0) return undefined
  const value = given.reduce((sum, one) => sum + one.value, 0)
  return { value, qualifier: given.some(({ qualifier }) => isAbout(qualifier)) ? 'at least about' : 'at least' }
}

/** A detection's own figure that adds up: stated, or the sum of a split where that is larger. */
export const ownSum =
  (figure: Figure) =>
  (sent: Sent): Sum => {
    const stated = sent.counts?.[figure]
    const { byDay, byPlatform } = sent.counts ?? {}
    const splits = [splitSum(byDay, figure), splitSum(byPlatform, figure)].filter((sum) => sum !== undefined)
    const [split] = splits.toSorted((one, other) => other.value - one.value)
    if (stated !== undefined && read(stated).value >= (split?.value ?? 0)) return { due: true, ...read(stated) }
    if (split) return { due: true, value: Math.min(split.value, most), qualifier: split.qualifier }
    return mayLack(sent) ? notDue : notGiven
  }

const onPlatform =
  (platform: string) =>
  (sent: Sent): Sum => {
    const stated = sent.counts?.byPlatform?.find((one) => one.platform === platform)?.posts
    if (stated !== undefined) return { due: true, ...read(stated) }
    const own = ownSum('posts')(sent)
    if (sent.platforms?.length === 1) return own
    return own.due ? notGiven : notDue
  }

/** The posts that a detection gives to days: its whole figure to its only day, else what it states of each. */
const ownDays =
  (zone: string) =>
  (sent: Sent): ReadonlyMap<string, Sum> => {
    const { first, last } = daysOf(sent, zone)
    const own = ownSum('posts')(sent)
    if (first === last) return new Map(own.due && own.value !== null ? [[first, own]] : [])
    const rows = sent.counts?.byDay ?? []
    return new Map(
      rows.flatMap(({ day, posts }) => (posts === undefined ? [] : [[day, { due: true, ...read(posts) }]])),
    )
  }

// ---- Parts and wholes ----

type Above = { readonly whole: string } | { readonly open: string } | 'top'

/** What stands above a detection, among those that count; `seen` is whatever is stored and fits under the cap. */
const aboveOf = (sent: Sent, counting: ReadonlySet<string>, seen: ReadonlyMap<string, Sent>): Above => {
  const passed = [sent.id]
  for (let at = sent; ;) {
    if (at.partOf === undefined) return 'top'
    const next = seen.get(at.partOf)
    if (!next) return { open: at.partOf }
    if (passed.includes(next.id)) return 'top' // a circle in which nothing else counts
    if (counting.has(next.id)) {
      const circle = circleOf(sent, seen)?.filter((id) => counting.has(id)) ?? []
      return circle.toSorted()[0] === sent.id ? 'top' : { whole: next.id }
    }
    passed.push(next.id)
    at = next
  }
}

/** The ids of the circle in which a detection stands. */
const circleOf = (sent: Sent, seen: ReadonlyMap<string, Sent>): readonly string[] | undefined => {
  const passed = [sent.id]
  for (let at = seen.get(sent.partOf ?? ''); at; at = seen.get(at.partOf ?? '')) {
    if (at.id === sent.id) return passed
    if (passed.includes(at.id)) return undefined
    passed.push(at.id)
  }
  return undefined
}

export type Branch = { readonly top: Sent; readonly open?: string; readonly parts: readonly Branch[] }

export const allOf = ({ top, parts }: Branch): readonly Sent[] => [top, ...parts.flatMap(allOf)]

/** The manoeuvres of the detections that count. */
export const branchesOf = (counting: readonly Sent[], seen: ReadonlyMap<string, Sent>): readonly Branch[] => {
  const ids = new Set(counting.map(({ id }) => id))
  const above = new Map(counting.map((one) => [one.id, aboveOf(one, ids, seen)]))
  const below = (id: string): readonly Branch[] =>
    counting
      .filter((one) => {
        const over = above.get(one.id)
        return typeof over === 'object' && 'whole' in over && over.whole === id
      })
      .map((top) => ({ top, parts: below(top.id) }))
  return counting.flatMap((top) => {
    const over = above.get(top.id)
    if (typeof over === 'object' && 'whole' in over) return []
    return [{ top, parts: below(top.id), ...(typeof over === 'object' && { open: over.open }) }]
  })
}

// ---- Overlaps and sums ----

const lower = (text: string): string => text.toLowerCase()
export const nameOf = ({ detector }: Sent): string => lower(typeof detector === 'string' ? detector : detector.name)
const shares = (one: readonly string[], other: readonly string[]): boolean => one.some((value) => other.includes(value))

const doOverlap = (one: Sent, other: Sent, zone: string): boolean => {
  if (nameOf(one) === nameOf(other)) return false
  const prints = ({ fingerprints = [] }: Sent) => fingerprints.map(({ algorithm, value }) => `${algorithm} ${value}`)
  const urls = ({ indicators = [] }: Sent) => indicators.filter(({ type }) => type === 'url').map(({ value }) => value)
  if (shares(prints(one), prints(other)) || shares(urls(one), urls(other))) return true
  const [seen, too] = [daysOf(one, zone), daysOf(other, zone)]
  return (
    one.campaign !== undefined &&
    lower(one.campaign) === lower(other.campaign ?? '') &&
    shares((one.platforms ?? []).map(lower), (other.platforms ?? []).map(lower)) &&
    seen.first <= too.last &&
    too.first <= seen.last
  )
}

/** What a manoeuvre comes to, and what of it is counted in that: overlapping parts are left out of `kept`. */
type Member = { readonly sum: Sum; readonly branch: Branch; readonly kept: Branch }
type Summed = { readonly sum: Sum; readonly kept: readonly Branch[] }

/** All of them, whatever overlaps: undefined where one is neither exact nor has a ceiling. */
const ceiling = (members: readonly Member[]): number | undefined => {
  let all = 0
  for (const { sum } of members) {
    if (!sum.due) continue
    if (sum.value === null) return undefined
    if (sum.atMost !== undefined) all += sum.atMost
    else if (sum.qualifier === 'exact') all += sum.value
    else return undefined
  }
  return all
}

const withCeiling = (value: number, qualifier: Loose, members: readonly Member[]): Sum => {
  if (value > most) return { due: true, value: most, qualifier: floorOf(qualifier) }
  const atMost = ceiling(members)
  return { due: true, value, qualifier, ...(atMost !== undefined && atMost > value && { atMost }) }
}

/** Adds what is due, whatever overlaps. */
const added = (sums: readonly Sum[]): Sum => {
  const due = sums.filter((sum) => sum.due)
  const given = due.flatMap((sum) => (sum.value === null ? [] : [sum]))
  if (due.length === 0) return notDue
  if (given.length === 0) return notGiven
  const qualifier = given.some((one) => isAbout(one.qualifier)) ? 'about' : 'exact'
  const mayBeMore = given.length < due.length || given.some((one) => isFloor(one.qualifier))
  return {
    due: true,
    value: given.reduce((sum, { value }) => sum + value, 0),
    qualifier: mayBeMore ? floorOf(qualifier) : qualifier,
  }
}

/** Members that overlap, one after the other. */
const clustersOf = (members: readonly Member[], zone: string): readonly (readonly Member[])[] => {
  const overlap = (one: Member, other: Member) =>
    allOf(one.branch).some((mine) => allOf(other.branch).some((theirs) => doOverlap(mine, theirs, zone)))
  const left = [...members]
  const clusters: Member[][] = []
  for (let first = left.shift(); first; first = left.shift()) {
    const cluster = [first]
    for (let at = 0; at < cluster.length; at += 1) {
      for (const other of left.filter((one) => overlap(one, cluster[at] as Member))) {
        left.splice(left.indexOf(other), 1)
        cluster.push(other)
      }
    }
    clusters.push(cluster)
  }
  return clusters
}

const sumOf = (members: readonly Member[], zone: string): Summed => {
  const due = members.filter(({ sum }) => sum.due)
  const known = ({ sum }: Member): number => (sum.due && sum.value !== null ? sum.value : -1)
  const taken: Member[] = []
  const takeIfApart = (one: Member) => {
    if (clustersOf([...taken, one], zone).length === taken.length + 1) taken.push(one)
  }
  const giving = due.filter((one) => known(one) >= 0)
  for (const cluster of clustersOf(giving, zone)) {
    const given = (detector: string) =>
      cluster
        .filter(({ branch }) => nameOf(branch.top) === detector)
        .reduce((sum, member) => sum + Math.max(known(member), 0), 0)
    const [nameLess, startLess] = [
      (one: Member, other: Member) => (nameOf(one.branch.top) < nameOf(other.branch.top) ? -1 : 1),
      (one: Member, other: Member) => startOf(one.branch.top, zone) - startOf(other.branch.top, zone),
    ]
    const ordered = cluster.toSorted((one, other) => {
      const [mine, theirs] = [nameOf(one.branch.top), nameOf(other.branch.top)]
      if (mine !== theirs) return given(theirs) - given(mine) || nameLess(one, other)
      return known(other) - known(one) || startLess(one, other) || (one.branch.top.id < other.branch.top.id ? -1 : 1)
    })
    ordered.forEach(takeIfApart)
  }
  due.filter((one) => known(one) < 0).forEach(takeIfApart)
  const sum = added(due.map((one) => (taken.includes(one) ? one.sum : notGiven)))
  const kept = taken.map((one) => one.kept)
  return { sum: sum.due && sum.value !== null ? withCeiling(sum.value, sum.qualifier, due) : sum, kept }
}

const largest = (sums: readonly Sum[]): number | undefined => {
  const values = sums.flatMap((sum) => (sum.due && sum.value !== null ? [sum.value] : []))
  return values.length > 0 ? Math.max(...values) : undefined
}

/** The largest, of equal ones the first, as a floor. */
const largestFloor = (sums: readonly Sum[]): Sum & { readonly qualifier?: Loose } => {
  const value = largest(sums)
  const found = sums.find((sum) => sum.due && sum.value !== null && sum.value === value)
  if (!found?.due || found.value === null) return notGiven
  return { due: true, value: found.value, qualifier: floorOf(found.qualifier) }
}

const comesTo = (branch: Branch, own: (sent: Sent) => Sum, zone: string): Member => {
  const mine = own(branch.top)
  const parts = sumOf(
    branch.parts.map((part) => comesTo(part, own, zone)),
    zone,
  )
  const hasBoth = branch.parts.length > 0 && (mine.due || parts.sum.due)
  return { branch, sum: hasBoth ? largestFloor([mine, parts.sum]) : mine, kept: { ...branch, parts: parts.kept } }
}

/** The posts that a manoeuvre gives to days: of itself and its parts, the larger speaks, else the other. */
const branchDays = (branch: Branch, zone: string): ReadonlyMap<string, Sum> => {
  const own = ownDays(zone)(branch.top)
  const floors = (days: Iterable<readonly [string, Sum]>) =>
    new Map([...days].map(([day, sum]) => [day, largestFloor([sum])]))
  if (branch.parts.length === 0) return branch.open === undefined ? own : floors(own)
  const summed = sumOf(
    branch.parts.map((part) => comesTo(part, ownSum('posts'), zone)),
    zone,
  )
  const kept = summed.kept.map((part) => branchDays(part, zone))
  const below = new Map(
    kept.flatMap((days) => [...days.keys()]).map((day) => [day, added(kept.flatMap((days) => days.get(day) ?? []))]),
  )
  const isOwn = (largest([ownSum('posts')(branch.top)]) ?? -1) >= (largest([summed.sum]) ?? -1)
  const [first, second] = isOwn ? [own, below] : [below, own]
  return floors(first.size > 0 ? first : second)
}

/** A total of manoeuvres, some of which may be open. */
export const totalOf = (branches: readonly Branch[], own: (sent: Sent) => Sum, zone: string): Summed => {
  const members = branches.map((branch) => comesTo(branch, own, zone))
  const ends = [...new Set(branches.flatMap(({ open }) => open ?? []))].toSorted()
  const [closed, ...groups] = [undefined, ...ends].map((end) =>
    sumOf(
      members.filter(({ branch }) => branch.open === end),
      zone,
    ),
  )
  if (!closed) throw new Error('there is always a sum of what is not open')
  if (!groups.some(({ sum }) => sum.due)) return closed
  const value = largest([closed, ...groups].map(({ sum }) => sum))
  if (value === undefined) return { sum: notGiven, kept: [] }
  const kept = [closed, ...groups].find(({ sum }) => largest([sum]) === value)?.kept ?? []
  const { qualifier = 'at least' } = largestFloor([closed, ...groups].map(({ sum }) => sum))
  return { sum: withCeiling(value, qualifier, members), kept }
}

/** One text in the same territories and campaign, of several detectors, is one manoeuvre; the largest is named. */
type Manoeuvre = { readonly branch: Branch; readonly members: readonly Branch[] }

export const manoeuvresOf = (branches: readonly Branch[], world: World, zone: string): readonly Manoeuvre[] => {
  const campaignOf = (top: Sent) => /^c .*/s.exec(followedOf(top, world))?.[0]
  const textsOf = ({ fingerprints = [] }: Sent) => fingerprints.map(({ algorithm, value }) => `${algorithm} ${value}`)
  const placesOf = ({ territories, statedIn = territories }: Sent) =>
    statedIn
      .map(({ code }) => code)
      .toSorted()
      .join()
  const isSame = (one: Branch, other: Branch) =>
    one.open === undefined &&
    other.open === undefined &&
    placesOf(one.top) === placesOf(other.top) &&
    campaignOf(one.top) === campaignOf(other.top) &&
    shares(textsOf(one.top), textsOf(other.top))
  const ofSeveral = (one: Branch, other: Branch) => isSame(one, other) && nameOf(one.top) !== nameOf(other.top)
  const left = [...branches]
  const groups: Branch[][] = []
  for (let first = left.shift(); first; first = left.shift()) {
    const group = [first]
    for (let at = 0; at < group.length; at += 1) {
      for (const other of left.filter((one) => ofSeveral(one, group[at] as Branch))) {
        left.splice(left.indexOf(other), 1)
        group.push(other)
      }
    }
    groups.push(group)
  }
  const size = (branch: Branch): number => {
    const { sum } = comesTo(branch, ownSum('posts'), zone)
    return sum.due && sum.value !== null ? sum.value : -1
  }
  return groups.map((group) => {
    const [first = group[0] as Branch, ...others] = group.toSorted(
      (one, other) =>
        size(other) - size(one) ||
        startOf(one.top, zone) - startOf(other.top, zone) ||
        (one.top.id < other.top.id ? -1 : 1),
    )
    return { branch: { ...first, parts: [...first.parts, ...others] }, members: [first, ...others] }
  })
}

// ---- Accounts ----

type Known = { readonly sum: Sum; readonly refs: ReadonlySet<string>; readonly isWhole: boolean }

/** What a detection knows of its accounts; `isWhole` where it names them all. */
const ownAccounts = (sent: Sent, figure: 'accounts' | 'coordinatedAccounts'): Known => {
  const { accountRefs, coordinatedAccountRefs, counts } = sent
  const isAll = figure === 'accounts'
  const refs = new Set(isAll ? [...(accountRefs ?? []), ...(coordinatedAccountRefs ?? [])] : coordinatedAccountRefs)
  const list = isAll ? accountRefs : coordinatedAccountRefs
  const stated = counts?.[figure] === undefined ? undefined : read(counts[figure])
  const coordinated = isAll ? ownAccounts(sent, 'coordinatedAccounts').sum : notDue
  const floor = Math.max(refs.size, coordinated.due ? (coordinated.value ?? 0) : 0)
  const isWhole =
    list !== undefined &&
    refs.size === floor &&
    (!stated || (stated.qualifier === 'exact' && stated.value === refs.size))
  if (stated && stated.value >= floor) return { sum: { due: true, ...stated }, refs, isWhole }
  if (isWhole) return { sum: { due: true, value: refs.size, qualifier: 'exact' }, refs, isWhole }
  const isNamed = refs.size === floor || !coordinated.due || coordinated.value === null
  if (stated || floor > 0) {
    return {
      sum: { due: true, value: floor, qualifier: isNamed ? 'at least' : floorOf(coordinated.qualifier) },
      refs,
      isWhole,
    }
  }
  return { sum: mayLack(sent) ? notDue : notGiven, refs, isWhole }
}

export const distinct = (branches: readonly Branch[], figure: 'accounts' | 'coordinatedAccounts'): Sum => {
  const isOpen = branches.some(
    (branch) => branch.open !== undefined && allOf(branch).some((one) => ownAccounts(one, figure).sum.due),
  )
  const known = branches
    .flatMap(allOf)
    .map((one) => ownAccounts(one, figure))
    .filter(({ sum }) => sum.due)
  const [only] = known
  if (!only) return notDue
  const union = new Set(known.flatMap(({ refs }) => [...refs]))
  const values = known.flatMap(({ sum }) => (sum.due && sum.value !== null ? [sum.value] : []))
  if (values.length === 0) return notGiven
  const value = Math.max(union.size, ...values)
  const soften = (sum: Sum): Sum =>
    isOpen && sum.due && sum.value !== null ? { ...sum, qualifier: floorOf(sum.qualifier) } : sum
  if (known.length === 1) return soften(only.sum)
  if (known.every(({ isWhole }) => isWhole)) return soften({ due: true, value: union.size, qualifier: 'exact' })
  const owing = (some: readonly Branch[]) =>
    some.filter((branch) => allOf(branch).some((one) => ownAccounts(one, figure).sum.due))
  // Above a whole that covers its parts there may be what owes no figure.
  for (
    let [whole, ...others] = owing(branches);
    whole && others.length === 0;
    [whole, ...others] = owing(whole.parts)
  ) {
    const { sum } = ownAccounts(whole.top, figure)
    if (!sum.due) continue
    if (sum.value !== null && sum.value >= value) return soften(sum)
    break
  }
  const asLarge = known.flatMap(({ sum }) => (sum.due && sum.value === value ? [sum.qualifier] : []))
  const isEstimated = union.size < value && asLarge.every(isAbout)
  return { due: true, value, qualifier: isEstimated ? 'at least about' : 'at least' }
}

// ---- A report ----

export const told = (sum: Sum): Told => {
  if (!sum.due || sum.value === null) return { value: null, qualifier: 'not given' }
  const { value, qualifier, atMost } = sum
  return { value, qualifier, ...(atMost !== undefined && { atMost }) }
}

const zero = { value: 0, qualifier: 'exact' } as const
const unwatched = { value: null, qualifier: 'not watched' } as const
const unknown = { value: null, qualifier: 'not given' } as const

export type World = {
  readonly territory: string
  readonly cap: string
  readonly seen: ReadonlyMap<string, Sent>
  readonly above: readonly Sent[]
  readonly watchers: readonly Watcher[]
}

/** What is stored by now, parted by the cap; of sources, those that show under it and cover the territory. */
export const worldOf = (held: readonly Held[], watchers: readonly Watcher[], question: Question): World => {
  const { territory, cap, rounds } = question
  const standing = held.flatMap(({ revisions, withdrawn }) => {
    const known = revisions.slice(0, rounds)
    return withdrawn && rounds === undefined ? [] : (known.at(-1) ?? [])
  })
  return {
    ...{ territory, cap },
    seen: new Map(standing.filter(({ marking }) => fits(marking, cap)).map((one) => [one.id, one])),
    above: standing.filter(({ marking }) => !fits(marking, cap)),
    // Their words came last.
    watchers: (rounds === undefined ? watchers : []).filter(
      ({ marking = 'TLP:AMBER', territories }) => fits(marking, cap) && (territories?.includes(territory) ?? true),
    ),
  }
}

const isPlaced = ({ territories }: Sent, territory: string): boolean =>
  territories.some(({ code }) => code === territory)

export const wasWatched = ({ watchers }: World, { first, last }: Days, zone: string): boolean => {
  const [start, end] = [midnight(first, zone), midnight(dayAfter(last), zone)]
  return watchers.some(({ inputs }) => inputs.some((at) => start <= Date.parse(at) && Date.parse(at) < end))
}

/** A day of a period that was watched: by an input on it, or no later than two rhythms after. */
export const wasDayWatched = (world: World, day: string, period: Days, zone: string): boolean => {
  const [start, end] = [midnight(day, zone), midnight(dayAfter(day), zone)]
  const isInTime = (instant: number, hours: number) =>
    start <= instant && (instant < end || instant <= end + 2 * hours * 3_600_000)
  return (
    wasWatched(world, period, zone) &&
    world.watchers.some(({ inputs, rhythmHours = 0 }) => inputs.some((at) => isInTime(Date.parse(at), rhythmHours)))
  )
}

/** Some input came in the period, and fewer than half of its days were watched. */
export const isHardlyWatched = (world: World, days: Days, zone: string): boolean => {
  const each = eachDay(days)
  return (
    wasWatched(world, days, zone) &&
    each.filter((day) => wasDayWatched(world, day, days, zone)).length * 2 < each.length
  )
}

/**
 * Of the sources with a rhythm, those that were silent for more than two of them in a period; none of which all inputs
 * came afterwards.
 */
export const silentIn = ({ watchers }: World, { first, last }: Days, zone: string): readonly Watcher[] => {
  const [start, end] = [midnight(first, zone), midnight(dayAfter(last), zone)]
  return watchers.filter(({ inputs, rhythmHours }) => {
    const all = inputs.map((at) => Date.parse(at)).toSorted((one, other) => one - other)
    if (rhythmHours === undefined || (all[0] ?? 0) >= end) return false
    const marks = [start, ...all.filter((at) => start <= at && at < end), end]
    return marks.some((at, place) => at - (marks[place - 1] ?? at) > 2 * rhythmHours * 3_600_000)
  })
}

export const isPublic = (cap: string): boolean => cap === 'TLP:CLEAR' || cap === 'TLP:GREEN'

export const withheldIn = ({ above, territory }: World, days: Days, zone: string): number =>
  above.filter((one) => isPlaced(one, territory) && standing(one, days, zone) !== undefined).length

/** The edition is published, or has something of the period above its cap: there may be more, on any day. */
const isOfPart = (world: World, days: Days, zone: string): boolean =>
  isPublic(world.cap) || withheldIn(world, days, zone) > 0

/** There may be more in a period than is counted. */
const isWidened = (world: World, days: Days, zone: string): boolean =>
  isOfPart(world, days, zone) || isHardlyWatched(world, days, zone) || silentIn(world, days, zone).length > 0

/**
 * No moment of a day is without a watcher: an input vouches for two rhythms before it, without a rhythm for its day.
 */
const isDayWhole = (watchers: readonly Watcher[], day: string, zone: string): boolean => {
  const [start, end] = [midnight(day, zone), midnight(dayAfter(day), zone)]
  const vouched = watchers.flatMap(({ inputs, rhythmHours }) =>
    inputs.map((written) => {
      const at = Date.parse(written)
      if (rhythmHours !== undefined) return { from: at - 2 * rhythmHours * 3_600_000, to: at }
      return start <= at && at < end ? { from: start, to: end } : { from: at, to: at }
    }),
  )
  let at = start
  for (let next = at; at < end; at = next) {
    next = Math.max(...vouched.filter(({ from }) => from <= at).map(({ to }) => to))
    if (next <= at) return false
  }
  return true
}

/** A figure of what was not wholly seen. */
export const asFloor = (figure: Told): Told =>
  figure.value === null ? figure : { value: figure.value, qualifier: floorOf(figure.qualifier) }

export const placed = (world: World, { territory, period }: Question) => {
  const [zone, days] = [zoneOf(territory), daysOfPeriod(period)]
  const here = [...world.seen.values()].filter((one) => isPlaced(one, territory))
  const as = (wanted: string) => here.filter((one) => standing(one, days, zone) === wanted)
  return { zone, days, counting: as('counts'), ongoing: as('ongoing'), undated: as('undated') }
}

export const totalsOf = (world: World, question: Question): Totals => {
  const { zone, days, counting, ongoing, undated } = placed(world, question)
  const branches = branchesOf(counting, world.seen)
  const empty = (): Told => ([...ongoing, ...undated].some(mayHave) ? unknown : noneIn(world, days, zone))
  const isOpen = isWidened(world, days, zone)
  const figure = (name: Figure): Told => (isOpen ? asFloor(counted(name)) : counted(name))
  const counted = (name: Figure): Told => {
    if (counting.length === 0) return empty()
    if (name === 'accounts' || name === 'coordinatedAccounts') return told(distinct(branches, name))
    return told(totalOf(branches, ownSum(name), zone).sum)
  }
  return {
    detections: counting.length,
    manoeuvres: manoeuvresOf(branches, world, zone).length,
    posts: figure('posts'),
    reposts: figure('reposts'),
    videos: figure('videos'),
    views: figure('views'),
    accounts: figure('accounts'),
    coordinatedAccounts: figure('coordinatedAccounts'),
  }
}

/** What nothing that counts comes to, by how the days were watched. */
const noneIn = (world: World, days: Days, zone: string): Told => {
  if (!wasWatched(world, days, zone)) return unwatched
  return eachDay(days).every((day) => wasDayWatched(world, day, days, zone))
    ? zero
    : { value: 0, qualifier: 'at least' }
}

/** The number of detections that count. */
const numberOf = (world: World, question: Question): Told => {
  const { zone, days, counting } = placed(world, question)
  const number: Told =
    counting.length === 0 ? noneIn(world, days, zone) : { value: counting.length, qualifier: 'exact' }
  return isWidened(world, days, zone) ? asFloor(number) : number
}

/** Rows by name, of what some of the detections bear. */
const rowsBy = (
  counting: readonly Sent[],
  names: (sent: Sent) => readonly string[],
  posts: (name: string, bearing: readonly Sent[]) => Sum,
  isOpen: boolean,
): Rows => {
  const all = new Set(counting.flatMap((one) => names(one).map(lower)))
  return Object.fromEntries(
    [...all].map((name) => {
      const bearing = counting.filter((one) => names(one).some((own) => lower(own) === name))
      const figure = told(posts(name, bearing))
      return [name, { detections: bearing.length, posts: isOpen ? asFloor(figure) : figure }]
    }),
  )
}

const linksOf = ({ campaign, accountSet, fingerprints = [], hashtags = [] }: Sent): readonly string[] => [
  ...(campaign === undefined ? [] : [`campaign ${lower(campaign)}`]),
  ...(accountSet === undefined ? [] : [`account set ${lower(accountSet.id)}`]),
  ...fingerprints.map(({ algorithm, value }) => `fingerprint ${lower(algorithm)}:${lower(value)}`),
  ...hashtags.map((tag) => `hashtag ${lower(tag)}`),
]

const acrossOf = (branch: Branch, world: World, { territory, period }: Question): Across => {
  const own = allOf(branch)
  const links = own.flatMap(linksOf)
  const zone = zoneOf(territory)
  const end = midnight(dayAfter(daysOfPeriod(period).last), zone)
  const isBefore = (sent: Sent) => sent.territories.some(({ code }) => startOf(sent, zoneOf(code)) < end)
  const linked = [...world.seen.values()].filter(
    (one) => own.includes(one) || (isBefore(one) && shares(linksOf(one), links)),
  )
  const row = (some: readonly Sent[], rowZone = zone) => {
    const branches = branchesOf(some, world.seen)
    return {
      detections: some.length,
      posts: told(totalOf(branches, ownSum('posts'), rowZone).sum),
      accounts: told(distinct(branches, 'accounts')),
    }
  }
  const others = new Set(linked.flatMap(({ territories }) => territories.map(({ code }) => code)))
  others.delete(territory)
  const { detections, posts } = row(linked)
  type Sighting = { readonly sent: Sent; readonly start: number; readonly day: string }
  // What is first is so by the days that this territory's report shows; of one day by instant.
  const sightings = (some: readonly Sent[], codes: (sent: Sent) => readonly string[]): readonly Sighting[] =>
    some
      .flatMap((sent) =>
        codes(sent).map((code) => ({ sent, start: startOf(sent, zoneOf(code)), day: daysOf(sent, zone).first })),
      )
      .toSorted((a, b) => {
        if (a.day !== b.day) return a.day < b.day ? -1 : 1
        return a.start - b.start || (a.sent.id < b.sent.id ? -1 : 1)
      })
  const [first] = sightings(linked, ({ territories }) => territories.map(({ code }) => code)) as [Sighting]
  const isoOf = ({ start }: Sighting) => new Date(start).toISOString()
  // Equal dates are equally far.
  const lagOf = (there: Sighting): number => plain(first.day).until(plain(there.day)).days
  const inOther = (code: string) => linked.filter((one) => isPlaced(one, code) && startOf(one, zoneOf(code)) < end)
  return {
    total: { detections, posts },
    first: isoOf(first),
    rows: Object.fromEntries(
      [...others].flatMap((code) => {
        const there = inOther(code)
        const [one] = sightings(there, () => [code])
        return one ? [[code, { ...row(there, zoneOf(code)), first: isoOf(one), lagDays: lagOf(one) }]] : []
      }),
    ),
  }
}

// ---- Since the last report ----

type Seen = { readonly state: 'active' | 'undated'; readonly detectors: ReadonlySet<string> }

/** What is followed of a detection: a campaign's name after `c `, or an id after `i `. */
const followedOf = (sent: Sent, world: World): string => {
  const passed: string[] = []
  for (let [id, at]: [string, Sent | undefined] = [sent.id, sent]; ;) {
    if (passed.includes(id)) return `i ${passed.slice(passed.indexOf(id)).toSorted()[0]}`
    passed.push(id)
    if (at?.campaign !== undefined) return `c ${lower(at.campaign)}`
    if (at?.partOf === undefined) return `i ${id}`
    id = at.partOf
    at = world.seen.get(id)
  }
}

/** Everything that is followed of a period, and how it was seen there. */
const followedIn = (world: World, question: Question): ReadonlyMap<string, Seen> => {
  const { counting, ongoing, undated, days, zone } = placed(world, question)
  const found = new Map<string, { state: Seen['state']; readonly detectors: Set<string> }>()
  const take = (top: Sent, all: readonly Sent[], state: Seen['state']) => {
    const key = followedOf(top, world)
    const one = found.get(key) ?? { state, detectors: new Set() }
    if (state === 'active') one.state = state
    for (const { detector } of all) one.detectors.add(typeof detector === 'string' ? detector : detector.name)
    found.set(key, one)
  }
  for (const { branch } of manoeuvresOf(branchesOf(counting, world.seen), world, zone)) {
    take(branch.top, allOf(branch), 'active')
  }
  for (const one of ongoing) take(one, [one], 'active')
  for (const one of undated) take(one, [one], 'undated')
  for (const one of world.seen.values()) {
    if (!isPlaced(one, question.territory) || standing(one, days, zone) !== undefined) continue
    if (one.alsoOn?.some(({ first, last }) => first <= days.last && days.first <= last)) take(one, [one], 'active')
  }
  return found
}

/** Whether a source watched each day of a period. */
const watchedEachDay = (world: World, name: string, { territory, period }: Question): boolean => {
  const [zone, days] = [zoneOf(territory), daysOfPeriod(period)]
  const own = world.watchers.filter((one) => one.name === name)
  const covers = (day: string) =>
    own.some(({ inputs, rhythmHours = 0 }) =>
      inputs.some((at) => {
        const [start, end, instant] = [midnight(day, zone), midnight(dayAfter(day), zone), Date.parse(at)]
        return start <= instant && (instant < end || instant - 2 * rhythmHours * 3_600_000 < end)
      }),
    )
  return eachDay(days).every(covers)
}

const sinceOf = (world: World, question: Question): Since => {
  const now = followedIn(world, question)
  // The nearest first.
  const earlier = periodsBefore(question.period, 8)
  const before = earlier.map((period) => followedIn(world, { ...question, period }))
  const lastOf = (key: string): number => before.findIndex((one) => one.has(key))
  const written = (key: string): string => {
    const name = key.startsWith('c ') ? key.slice(2) : 'a manoeuvre'
    return lastOf(key) < 0 ? name : `${name}, ${earlier[lastOf(key)]}`
  }
  const isActive = (key: string): boolean => now.get(key)?.state === 'active'
  const keys = [...now.keys()].filter(isActive)
  const gone = [...new Set(before.flatMap((one) => [...one.keys()]))].filter(
    (key) => !isActive(key) && before.some((one) => one.get(key)?.state === 'active'),
  )
  const hasEnded = (key: string): boolean =>
    !now.has(key) &&
    lastOf(key) > 0 &&
    [...new Set(before.flatMap((one) => [...(one.get(key)?.detectors ?? [])]))].every((name) =>
      [question.period, earlier[0] ?? ''].every((period) => watchedEachDay(world, name, { ...question, period })),
    )
  return {
    added: keys.filter((key) => lastOf(key) < 0).map(written),
    goesOn: keys.filter((key) => lastOf(key) >= 0).map(written),
    ended: gone.filter(hasEnded).map(written),
    silent: gone.filter((key) => !hasEnded(key)).length,
  }
}

// ---- Gravity ----

/**
 * The period's posts, parted: each is at least where something of it gives no number or is left out, or may be in a
 * whole that does not show.
 */
const jointOf = (world: World, question: Question): Joint | undefined => {
  const { zone, days, counting } = placed(world, question)
  const branches = branchesOf(counting, world.seen)
  const isOpen = isWidened(world, days, zone)
  const kept = totalOf(branches, ownSum('posts'), zone).kept.map(({ top }) => top)
  const members = branches.map((branch) => {
    const { sum } = comesTo(branch, ownSum('posts'), zone)
    const isKept = !sum.due || kept.includes(branch.top)
    const codes = [...new Set(branch.top.territories.map(({ code }) => code))].toSorted()
    const isGiven = isKept && sum.due && sum.value !== null
    const leftOut: Sum = sum.due && sum.value !== null ? { due: true, value: 0, qualifier: 'at least' } : notGiven
    const softened: Sum = isGiven && branch.open !== undefined ? { ...sum, qualifier: floorOf(sum.qualifier) } : sum
    return { sum: isKept ? softened : leftOut, codes, isGiven }
  })
  const part = (some: typeof members): Told | undefined => {
    const sum = added(some.map((one) => one.sum))
    if (!sum.due) return undefined
    if (sum.value === null) return unknown
    if (sum.value > most) return { value: most, qualifier: floorOf(sum.qualifier) }
    const figure = { value: sum.value, qualifier: sum.qualifier }
    return isOpen ? asFloor(figure) : figure
  }
  const shared = members.filter(({ codes }) => codes.length > 1)
  const given = shared.filter(({ isGiven, sum }) => isGiven && sum.due && sum.value !== 0)
  const posts = part(shared)
  if (!posts || given.length === 0) return undefined
  return {
    posts,
    own: part(members.filter(({ codes }) => codes.length < 2)),
    territories: [...new Set(given.flatMap(({ codes }) => codes))].toSorted(),
    differ: new Set(given.map(({ codes }) => codes.join(' '))).size > 1,
  }
}

// ---- Comparison with earlier periods ----

export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((one, other) => one - other)
  const [low = 0, high = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  return (low + high) / 2
}

const headlines = ['posts', 'accounts', 'coordinatedAccounts', 'videos', 'detections'] as const
type Headline = (typeof headlines)[number]
type Difference = { readonly value: number; readonly qualifier: string }

export type Compared = {
  readonly figure: Headline
  readonly total: Told
  readonly before: Told
  readonly median: Told
  readonly change: Difference | 'joint' | undefined
  /** From the median. */
  readonly difference: Difference | undefined
}

/** Of several territories: a manoeuvre that names them adds to the figure. */
const isShared = (world: World, question: Question, figure: Headline): boolean => {
  if (figure === 'detections') return false
  const { zone, counting } = placed(world, question)
  const branches = branchesOf(counting, world.seen)
  const adding = figure === 'posts' || figure === 'videos' ? totalOf(branches, ownSum(figure), zone).kept : branches
  return adding.some((branch) => {
    const codes = new Set(branch.top.territories.map(({ code }) => code))
    const isSum = figure === 'posts' || figure === 'videos'
    const sum = isSum ? comesTo(branch, ownSum(figure), zone).sum : distinct([branch], figure)
    return codes.size > 1 && sum.due && (sum.value ?? 0) > 0
  })
}

const isMinimum = ({ qualifier }: Told): boolean => isFloor(qualifier)
const isOpenZero = (one: Told): boolean => one.value === 0 && isMinimum(one)

/** Of minimums only what lies between their ranges; an estimate that is a minimum bounds nothing. */
const differenceOf = (before: Told, now: Told): Difference | undefined => {
  if (before.value === null || now.value === null) return undefined
  const isEstimated = [before, now].some(({ qualifier }) => isAbout(qualifier))
  if (!isMinimum(before) && !isMinimum(now))
    return { value: now.value - before.value, qualifier: isEstimated ? 'about' : 'exact' }
  const rangeOf = (one: Told & { readonly value: number }) => ({
    least: isAbout(one.qualifier) ? 0 : one.value,
    most: one.qualifier === 'exact' ? one.value : one.qualifier === 'at least' ? (one.atMost ?? Infinity) : Infinity,
  })
  const [past, present] = [rangeOf(before), rangeOf(now)]
  if (present.least > past.most) return { value: present.least - past.most, qualifier: 'at least' }
  return present.most < past.least ? { value: present.most - past.least, qualifier: 'at least' } : undefined
}

/** The figures of a report against the period before and the median of the eight before. */
export const comparedOf = (world: World, question: Question): readonly Compared[] => {
  const zone = zoneOf(question.territory)
  const periods = [question.period, ...periodsBefore(question.period, 8)].map((period) => ({ ...question, period }))
  const each = periods.map((one) => ({
    ...{ question: one, isWatched: wasWatched(world, daysOfPeriod(one.period), zone) },
    totals: { ...totalsOf(world, one), detections: numberOf(world, one) },
  }))
  return headlines.flatMap((figure) => {
    const [now, ...before] = each.map(({ totals, isWatched, question: one }) => {
      const [total, isJoint] = [totals[figure], isShared(world, one, figure)]
      return { total, isJoint, isCompared: isWatched && !isJoint }
    })
    const [last] = before
    if (!now || !last) return []
    if (!['posts', 'detections'].includes(figure) && ![now, ...before].some(({ total }) => total.value)) return []
    const compared = before.filter(({ isCompared }) => isCompared).map(({ total }) => total)
    const values = compared.flatMap(({ value }) => value ?? [])
    const isKnown = values.length > 0 && values.length === compared.length
    const floor = compared.some(isMinimum) ? 'at least ' : ''
    const qualifier = `${floor}${compared.some((one) => isAbout(one.qualifier)) ? 'about' : ''}`.trim() || 'exact'
    const middle: Told = isKnown
      ? { value: Math.floor(median(values)), qualifier: qualifier as 'exact' }
      : before.every(({ total }) => total.qualifier === 'not watched')
        ? unwatched
        : unknown
    const isApart = now.isJoint || isOpenZero(now.total)
    const change =
      last.isCompared && !isApart && !isOpenZero(last.total) ? differenceOf(last.total, now.total) : undefined
    const difference = isApart || isOpenZero(middle) ? undefined : differenceOf(middle, now.total)
    return {
      ...{ figure, total: now.total, before: last.total, median: middle, difference },
      change: last.isJoint ? ('joint' as const) : change,
    }
  })
}

// ---- Effects ----

const isObserved = ({ observedEffect }: Sent): boolean => observedEffect?.state === 'observed'
const reachesOthers = (sent: Sent): boolean => isObserved(sent) || (sent.breakout?.category ?? 0) >= 4
const saysNone = (sent: Sent): boolean => sent.observedEffect?.state === 'none' && !reachesOthers(sent)

/** Of what is not an act: observed without a degree, media, online, not assessed, none. */
const effectsInOrder = ['none', 'not assessed', 'online', 'media', 'observed', 'act']
const effectOf = ({ observedEffect = { state: 'not assessed' } }: Sent): number =>
  effectsInOrder.indexOf(observedEffect.degree ?? observedEffect.state)

/** Of a manoeuvre: any of it saw one, or what its whole says, or that a part was not assessed. */
const effectOfAll = (branch: Branch): 'observed' | 'none' | 'not assessed' | 'not given' => {
  if (allOf(branch).some(isObserved)) return 'observed'
  if (branch.top.observedEffect) return branch.top.observedEffect.state
  return allOf(branch).some(({ observedEffect }) => observedEffect?.state === 'not assessed')
    ? 'not assessed'
    : 'not given'
}

const sharePercent = (sent: Sent): number => {
  const size = sent.accountSet?.size
  const { sum } = ownAccounts(sent, 'coordinatedAccounts')
  if (!size || !sum.due || sum.value === null) return 0
  return Math.min(100, Math.floor((sum.value * 100) / size))
}

/** What is compared, the weightiest first; of each the larger number comes first. */
const gravityOf = (branch: Branch, isNew: boolean, zone: string): readonly number[] => {
  const all = allOf(branch)
  const most = (of: (sent: Sent) => number) => Math.max(...all.map(of))
  const breakout = most((sent) => sent.breakout?.category ?? 0)
  const said = effectOfAll(branch)
  const effect = said === 'observed' ? most(effectOf) : effectsInOrder.indexOf(said === 'none' ? said : 'not assessed')
  const numberOf = (sum: Sum) => (sum.due ? (sum.value ?? 0) : 0)
  const figure = (name: Figure) => numberOf(comesTo(branch, ownSum(name), zone).sum)
  return [
    effect === effectsInOrder.indexOf('act') ? 1 : 0,
    breakout >= 4 ? breakout : 0,
    effect,
    breakout,
    most(({ actor }) => (actor ? (actor.links?.some(({ basis }) => basis !== undefined) ? 2 : 1) : 0)),
    most(sharePercent),
    isNew ? 1 : 0,
    figure('posts'),
    figure('videos'),
    numberOf(distinct([branch], 'accounts')),
    -startOf(branch.top, zone),
  ]
}

export const byGravity = (branches: readonly Branch[], world: World, question: Question): readonly Branch[] => {
  const zone = zoneOf(question.territory)
  const before = periodsBefore(question.period, 8).map((period) => followedIn(world, { ...question, period }))
  const ranked = branches.map((branch) => ({
    branch,
    ranks: gravityOf(branch, !before.some((one) => one.has(followedOf(branch.top, world))), zone),
  }))
  return ranked
    .toSorted((one, other) => {
      const at = one.ranks.findIndex((rank, place) => rank !== other.ranks[place])
      if (at < 0) return one.branch.top.id < other.branch.top.id ? -1 : 1
      return (other.ranks[at] ?? 0) - (one.ranks[at] ?? 0)
    })
    .map(({ branch }) => branch)
}

const effectsOf = (ordered: readonly Branch[], beside: readonly Sent[]): Expected['effects'] => {
  const count = (is: (branch: Branch) => boolean) => ordered.filter(is).length
  const hasReached = (branch: Branch) => allOf(branch).some(reachesOthers)
  const isNone = (branch: Branch) => effectOfAll(branch) === 'none' && !hasReached(branch)
  return {
    reached: ordered.filter(hasReached).map(({ top }) => top.id),
    none: ordered.length > 0 && ordered.every(isNone) && beside.every(saysNone),
    said: {
      observed: count((branch) => effectOfAll(branch) === 'observed'),
      none: count((branch) => effectOfAll(branch) === 'none'),
      notAssessed: count((branch) => ['not assessed', 'not given'].includes(effectOfAll(branch))),
      notGiven: count((branch) => effectOfAll(branch) === 'not given'),
    },
  }
}

/** What a report must say. */
export const expectedOf = (held: readonly Held[], watchers: readonly Watcher[], question: Question): Expected => {
  const world = worldOf(held, watchers, question)
  const { zone, days, counting, ongoing, undated } = placed(world, question)
  const branches = branchesOf(counting, world.seen)
  const totals = totalsOf(world, question)
  const ownPosts = ownSum('posts')
  const manoeuvres = manoeuvresOf(branches, world, zone)
  const ordered = byGravity(
    manoeuvres.map(({ branch }) => branch),
    world,
    question,
  )

  const dated = (sent: Sent) => precisionOf(sent.observed.from) !== 'month'
  const kept = totalOf(branches, ownPosts, zone).kept
  const isOpen = isWidened(world, days, zone)
  const silent = silentIn(world, days, zone)
  const isWhole = (day: string) =>
    isDayWhole(world.watchers, day, zone) && silent.every((one) => isDayWhole([one], day, zone))
  const dayRows: Record<string, Row> = {}
  for (const day of eachDay(days)) {
    const covers = (sent: Sent) => {
      const { first, last } = daysOf(sent, zone)
      return first <= day && day <= last
    }
    const on = counting.filter((one) => dated(one) && covers(one))
    const owes = ({ top, parts }: Branch): boolean => (on.includes(top) && ownPosts(top).due) || parts.some(owes)
    // With all its parts, also those that owe no figure.
    const numberOf = (branch: Branch): Sum | undefined =>
      kept.some(({ top }) => top === branch.top) ? branchDays(branch, zone).get(day) : undefined
    const numbers = branches.flatMap((branch) => numberOf(branch) ?? [])
    // What was observed on the day, and is in no number of it.
    const left = branches.filter((branch) => owes(branch) && !numberOf(branch)).map(() => notGiven)
    const uncounted = [...ongoing, ...undated].filter((one) => !mayLack(one) || ownPosts(one).due)
    const mayBe = [...uncounted, ...counting].some(covers)
    const empty = () => (mayBe ? unknown : wasDayWatched(world, day, days, zone) ? zero : unwatched)
    const posts = on.length > 0 ? told(added([...numbers, ...left])) : empty()
    dayRows[day] = {
      detections: counting.filter((one) => dated(one) && daysOf(one, zone).first === day).length,
      posts: isOfPart(world, days, zone) || (on.length > 0 && isOpen && !isWhole(day)) ? asFloor(posts) : posts,
    }
  }
  const onDays = Object.values(dayRows).reduce((sum, { posts }) => sum + (posts.value ?? 0), 0)
  const remaining = totals.posts.value === null ? undefined : totals.posts.value - onDays

  const within = (own: (name: string) => (sent: Sent) => Sum) => (name: string, bearing: readonly Sent[]) =>
    totalOf(branchesOf(bearing, world.seen), own(name), zone).sum
  const platformOwn = (name: string) => (sent: Sent) =>
    onPlatform(sent.platforms?.find((own) => lower(own) === name) ?? name)(sent)
  /** Where a detection has several, no source gives the figure of one. */
  const rowsAlone = (names: (sent: Sent) => readonly string[]) => {
    const own = (sent: Sent): Sum => {
      if (new Set(names(sent).map(lower)).size === 1) return ownPosts(sent)
      return ownPosts(sent).due ? notGiven : notDue
    }
    return rowsBy(
      counting,
      names,
      within(() => own),
      isOpen,
    )
  }

  const eachFigure = <Value>(of: (figure: Figure) => Value) =>
    Object.fromEntries(figures.map((figure) => [figure, of(figure)])) as Record<Figure, Value>
  const figuresOf = ({ top, parts }: Branch) =>
    eachFigure((figure) =>
      told(
        figure === 'accounts' || figure === 'coordinatedAccounts'
          ? distinct([{ top, parts }], figure)
          : comesTo({ top, parts }, ownSum(figure), zone).sum,
      ),
    )
  const adding = (['posts', 'reposts', 'videos', 'views'] as const).map((figure) => ({
    figure,
    kept: totalOf(branches, ownSum(figure), zone).kept.map(({ top }) => top),
  }))
  const isStated = (sum: Sum): boolean => sum.due && sum.value !== null
  const apartOf = ({ members }: Manoeuvre) =>
    adding
      .filter(({ figure, kept }) => {
        const stating = members.filter((member) => isStated(comesTo(member, ownSum(figure), zone).sum))
        return stating.length > 0 && !stating.some(({ top }) => kept.includes(top))
      })
      .map(({ figure }) => figure)
  /** What of its members is in the totals; of a manoeuvre that is apart, the largest. */
  const joinedFigures = ({ members }: Manoeuvre) =>
    eachFigure((figure) => {
      if (figure === 'accounts' || figure === 'coordinatedAccounts') return told(distinct(members, figure))
      const isKept = ({ top }: Branch) => adding.find((one) => one.figure === figure)?.kept.includes(top)
      const all = members.map((member) => comesTo(member, ownSum(figure), zone))
      const stating = all.filter(({ sum }) => isStated(sum))
      const valueOf = ({ sum }: Member): number => (sum.due ? (sum.value ?? -1) : -1)
      if (stating.length > 0 && !stating.some(({ branch }) => isKept(branch))) {
        return told(stating.reduce((most, one) => (valueOf(one) > valueOf(most) ? one : most)).sum)
      }
      const sum = added(all.map((one) => (isKept(one.branch) ? one.sum : one.sum.due ? notGiven : one.sum)))
      return told(sum.due && sum.value !== null ? withCeiling(sum.value, sum.qualifier, all) : sum)
    })
  const below = manoeuvres.flatMap(({ branch }) => allOf(branch).slice(1))
  const alone = [...below, ...ongoing, ...undated].map((top) => ({ top, parts: [] }))
  const earlier = periodsBefore(question.period, 8)
  const before = earlier.map((period) => [period, totalsOf(world, { ...question, period })] as const)
  const idsOf = (some: readonly Sent[]) => some.map(({ id }) => id).toSorted()
  return {
    totals,
    detections: numberOf(world, question),
    joint: jointOf(world, question),
    days: dayRows,
    undated: {
      detections: counting.filter((one) => !dated(one)).length,
      posts:
        remaining === undefined
          ? unknown
          : { value: remaining, qualifier: totals.posts.value === null ? 'exact' : totals.posts.qualifier },
    },
    platforms: rowsBy(counting, ({ platforms = [] }) => platforms, within(platformOwn), isOpen),
    kinds: rowsBy(
      counting,
      ({ kind }) => [kind],
      within(() => ownPosts),
      isOpen,
    ),
    hashtags: rowsAlone(({ hashtags = [] }) => hashtags),
    narratives: rowsAlone(({ narratives = [] }) => narratives),
    languages: rowsAlone(({ languages = [] }) => languages),
    manoeuvres: idsOf(manoeuvres.map(({ branch }) => branch.top)),
    apart: Object.fromEntries(manoeuvres.map((one) => [one.branch.top.id, apartOf(one)])),
    order: ordered.map(({ top }) => top.id),
    campaigns: [
      ...new Set(
        ordered.flatMap(({ top }) => {
          const followed = followedOf(top, world)
          return followed.startsWith('c ') ? followed.slice(2) : []
        }),
      ),
    ],
    effects: effectsOf(ordered, [...ongoing, ...undated]),
    ongoing: idsOf(ongoing),
    undatedHere: idsOf(undated),
    withheld: isPublic(question.cap) ? undefined : withheldIn(world, days, zone),
    before: Object.fromEntries(before),
    listed: Object.fromEntries([
      ...alone.map((branch) => [branch.top.id, figuresOf(branch)] as const),
      ...manoeuvres.map(
        (one) => [one.branch.top.id, one.members.length === 1 ? figuresOf(one.branch) : joinedFigures(one)] as const,
      ),
    ]),
    across: Object.fromEntries(
      manoeuvres.map(({ branch }) => {
        const { total, rows, ...found } = acrossOf(branch, world, question)
        const stated = <One extends Row>(row: One): One =>
          isOfPart(world, days, zone)
            ? {
                ...row,
                posts: asFloor(row.posts),
                ...('accounts' in row && { accounts: asFloor(row.accounts as Told) }),
              }
            : row
        const each = Object.entries(rows).map(([name, row]) => [name, stated(row)] as const)
        return [branch.top.id, { ...found, total: stated(total), rows: Object.fromEntries(each) }]
      }),
    ),
    since: sinceOf(world, question),
  }
}
