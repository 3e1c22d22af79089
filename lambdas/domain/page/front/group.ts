import { effectWord } from '../../aggregate/counting/effects.ts'
import { rankOf } from '../../aggregate/level/level.ts'
import type { GroupFacts, MemberRow } from '../../aggregate/members.ts'
import type { Joint } from '../../aggregate/tally.ts'
import { isFloorOfNone, type Total } from '../../core/figures.ts'
import type { Segment } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { type TerritoryCode, territoryOf } from '../../core/place/territory.ts'
import { parsePeriod } from '../../core/time/period.ts'
import type { Facts } from '../../report/facts.ts'
import { campaignLanes } from '../first/lanes.ts'
import { sharedText } from '../words/in-part.ts'
import { levelMark } from '../words/level-words.ts'
import { hrefOf } from '../words/links.ts'
import { listOf, original, plain, sharedTerritoryCount } from '../words/phrases.ts'

type Sign = 'seen' | 'quiet' | 'blind' | 'out'

/** By ocean, west to east. */
const placed: readonly TerritoryCode[] = [
  ...(['PM', 'BL', 'MF', 'GP', 'MQ', 'GF'] as const),
  ...(['COR', 'YT', 'RE', 'TF', 'NC', 'WF', 'PF'] as const),
]

export const placedRows = ({ rows }: GroupFacts): readonly MemberRow[] =>
  placed.flatMap((code) => rows.find(({ territory }) => territory === code) ?? [])

export type GroupSection = NonNullable<ReturnType<typeof groupSection>>

/** The figures of each territory, the gravest level first. */
export const groupSection = (facts: Facts, words: ReportWording) => {
  const { group } = facts
  if (!group) return null
  const rank = ({ level }: MemberRow): number => rankOf(level?.value ?? 'not watched')
  return {
    rows: placedRows(group)
      .toSorted((one, other) => rank(other) - rank(one))
      .map((row) => rowOf(row, facts, words)),
    /** All campaigns; page 1 has those for which it has room. */
    lanes: campaignLanes(facts, words),
    remarks: remarksOf(group, words),
  }
}

export const nameOf = (code: TerritoryCode, words: ReportWording): string => territoryOf(code).name[words.language]

/** Counted, or continuing with an unknown number. */
export const isSeen = ({ totals }: MemberRow): boolean =>
  totals.detections > 0 || (totals.posts.value === null && totals.posts.qualifier === 'not given')

export const signOf = (row: MemberRow): Sign => {
  if (isSeen(row)) return 'seen'
  if (row.watch.state === 'by no source') return 'out'
  return row.watch.state === 'blind' || isHardlyWatched(row) ? 'blind' : 'quiet'
}

/** Nothing was seen on the few watched days. */
export const isHardlyWatched = (row: MemberRow): boolean => row.watch.state === 'hardly watched' && !isSeen(row)

/** Returns the posts of a row, only own ones if some are shared; undefined if nothing could be counted. */
const postsOf = (row: MemberRow): Total | undefined => {
  const sign = signOf(row)
  if (sign === 'out' || (sign === 'blind' && !isHardlyWatched(row))) return undefined
  return row.joint?.own ?? row.totals.posts
}

/** The row shows *0 (incomplete)*, and the section on the unknown names it. */
export const isIncomplete = (row: MemberRow): boolean => {
  const posts = postsOf(row)
  return posts !== undefined && isFloorOfNone(posts)
}

const rowOf = (row: MemberRow, facts: Facts, words: ReportWording) => {
  const { territory, totals, breakout, level, joint, report } = row
  const posts = postsOf(row)
  return {
    name: nameOf(territory, words),
    /** Empty without a published report. */
    href: report === undefined ? '' : hrefOf({ territory, period: facts.period.id, version: report }, facts, words),
    level: level ? levelMark(level, words).spoken : words.say('level.none'),
    posts: posts ? words.total(posts) : '–',
    /** Notes posts shared by several territories; else ''. */
    joint: joint ? jointOf(row, joint, facts, words) : '',
    detections: posts ? words.number(totals.detections) : '–',
    breakout: isSeen(row) && breakout > 0 ? words.say('national.breakout', { category: breakout }) : '',
    state: stateOf(row, facts, words),
  }
}

const stateOf = (row: MemberRow, { manoeuvres }: Facts, words: ReportWording): string => {
  const { totals, standing, watch } = row
  const sign = signOf(row)
  const seen = sign === 'seen'
  const { id } = row.level?.claim ?? {}
  const deciding = manoeuvres.flatMap((one) => [one, ...one.parts]).find((one) => one.id === id)
  const shared = deciding ? sharedText(deciding, { code: row.territory }, words) : ''
  const own =
    seen && totals.detections === 0
      ? standing === 'undated'
        ? 'undated'
        : 'going'
      : isHardlyWatched(row)
        ? 'hardly'
        : sign
  return [
    ...(own === 'seen' || own === 'quiet' ? [] : [words.say(`group.state.${own}`)]),
    ...(seen && totals.detections > 0 ? [`${words.say(`group.state.effect.${effectWord(row)}`)}${shared}`] : []),
    ...(watch.silentHours === undefined ? [] : [words.say('group.state.gap', { hours: watch.silentHours })]),
    ...(seen && watch.state === 'blind' ? [words.say('group.state.later')] : []),
  ].join(', ')
}

/**
 * Other rows may lack these posts: a part may not name the territory, or local days may put them in another period.
 */
const jointOf = ({ territory }: MemberRow, joint: Joint, { group }: Facts, words: ReportWording): string => {
  const others = joint.territories.filter((code) => code !== territory)
  const isCounted = (code: TerritoryCode): boolean => {
    const other = group?.rows.find((row) => row.territory === code)
    return !other || other.joint?.territories.includes(territory) === true
  }
  const posts = joint.own ? words.total(joint.posts) : 'none'
  if (!others.some(isCounted)) return words.say('group.jointHere', { posts, count: others.length })
  return joint.own
    ? words.say('group.joint', { posts })
    : words.say('group.jointAlone', { count: others.every(isCounted) ? sharedTerritoryCount(joint) : 0 })
}

const remarksOf = (group: GroupFacts, words: ReportWording): readonly (readonly Segment[])[] => [
  ...(group.countedEarlier > 0 ? [earlierRemark(group, words)] : []),
  ...[
    ...hoursRemark(group.rows, words),
    ...pausedRemark(group.rows, words),
    ...publishedRemarks(group.rows, words),
  ].map(plain),
]

/** One silence has several lengths where periods begin and end at other hours. */
const hoursRemark = (rows: GroupFacts['rows'], words: ReportWording): readonly string[] => {
  const lengths = new Set(rows.flatMap(({ watch }) => watch.silentHours ?? []))
  return lengths.size > 1 ? [words.say('group.hours')] : []
}

const earlierRemark = ({ countedEarlier, earlier = [] }: GroupFacts, words: ReportWording): readonly Segment[] => {
  const named = earlier.map(({ id, title }) => [...original(title, words, words.quoted), ...plain(` (${id})`)])
  const more = countedEarlier - earlier.length
  const items = more > 0 ? [...named, plain(words.say('manoeuvre.impersonates.more', { count: more }))] : named
  const [{ period } = { period: '' }] = earlier
  return words.formatRich('group.earlier', {
    count: countedEarlier,
    period: period === '' ? '' : editionName(period, words),
    list: listOf(items, words),
    named: named.length,
  })
}

/** `semaine 46 de 2026` */
const editionName = (period: string, words: ReportWording): string => {
  const { id, cadence } = parsePeriod(period)
  if (cadence === 'week') return words.say('mail.week', { number: Number(id.slice(-2)), year: id.slice(0, 4) })
  return cadence === 'month' ? words.month(id) : id
}

const publishedRemarks = (rows: GroupFacts['rows'], words: ReportWording): readonly string[] => [
  ...rows.flatMap(({ territory, published }) =>
    published
      ? [
          words.say('group.published', {
            territory: nameOf(territory, words),
            version: published.version,
            asOf: words.moment(Date.parse(published.asOf), 'UTC'),
          }),
        ]
      : [],
  ),
]

/** Figures stay valid without the territory's own report: they are counted from detections. */
const pausedRemark = (rows: GroupFacts['rows'], words: ReportWording): readonly string[] => {
  const paused = rows.filter((row) => row.paused)
  if (paused.length === 0) return []
  const list = words.list(paused.map(({ territory }) => nameOf(territory, words)))
  return [words.say('group.paused', { count: paused.length, list })]
}
