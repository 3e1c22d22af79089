import { effectWord } from '../../aggregate/counting/effects.ts'
import type { CampaignCell, CampaignRow, GroupFacts, MemberRow } from '../../aggregate/members.ts'
import type { Joint } from '../../aggregate/tally.ts'
import { isFloorOfNone, type Total } from '../../core/figures.ts'
import type { Segment } from '../../core/language/language.ts'
import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import { isPublicCap } from '../../core/marking.ts'
import { type TerritoryCode, territoryOf } from '../../core/place/territory.ts'
import { firstDayIn, type Observed } from '../../core/time/observed.ts'
import { parsePeriod, previous } from '../../core/time/period.ts'
import { campaignCode } from '../../detection/campaigns.ts'
import type { Facts } from '../../report/facts.ts'
import { hrefOf } from '../words/links.ts'
import { figureParts, listOf, original, plain, sharedTerritoryCount, weekName } from '../words/phrases.ts'

export type TileSign = 'seen' | 'quiet' | 'blind' | 'out'

type MapCell = {
  readonly state: 'active' | 'before' | 'undated' | 'unseen' | 'unwatched'
  readonly groupOnly: boolean
  readonly first: string
  readonly lag: string
  readonly territory: string
  /** Alternative text of the cell. */
  readonly spoken: string
}

/** By ocean, west to east. */
const regions = [
  { name: 'group.atlantic', members: ['PM', 'BL', 'MF', 'GP', 'MQ', 'GF'] },
  { name: 'group.mediterranean', members: ['COR'] },
  { name: 'group.indian', members: ['YT', 'RE', 'TF'] },
  { name: 'group.pacific', members: ['NC', 'WF', 'PF'] },
] as const satisfies readonly { name: MessageKey; members: readonly TerritoryCode[] }[]

export const placedRows = ({ rows }: GroupFacts) => {
  const byCode = new Map(rows.map((row) => [row.territory, row]))
  return regions.map(({ name, members }) => ({ name, rows: members.flatMap((code) => byCode.get(code) ?? []) }))
}

export type GroupSection = NonNullable<ReturnType<typeof groupSection>>

export const groupSection = (facts: Facts, words: ReportWording) => {
  const { group } = facts
  if (!group) return null
  const placed = placedRows(group)
  const inOrder = placed.flatMap((region) => region.rows)
  const signs = new Set(inOrder.map(signOf))
  return {
    regions: placed
      .filter((region) => region.rows.length > 0)
      .map((region) => ({ name: words.say(region.name), tiles: region.rows.map((row) => tileOf(row, facts, words)) })),
    legend: (['seen', 'quiet', 'blind', 'out'] as const)
      .filter((sign) => signs.has(sign))
      .map((sign) => ({ sign, text: words.say(`group.legend.${sign}`) })),
    /** Legend of the breakout bars; null if no tile has one. */
    steps: stepsOf(inOrder, words),
    campaigns: campaignsOf(facts, group, inOrder, words),
    remarks: remarksOf(group, words),
  }
}

export const nameOf = (code: TerritoryCode, words: ReportWording): string => territoryOf(code).name[words.language]

const stepsOf = (rows: readonly MemberRow[], words: ReportWording) => {
  const seen = rows.filter(isSeen)
  if (seen.length === 0) return null
  const unrated = seen.filter(({ breakout }) => breakout === 0).length
  const which = unrated === 0 ? 'all' : unrated === seen.length ? 'none' : 'some'
  return { category: which === 'none' ? 0 : 3, text: words.say('group.legend.breakout', { which }) }
}

/** Counted, or continuing with an unknown number. */
export const isSeen = ({ totals }: MemberRow): boolean =>
  totals.detections > 0 || (totals.posts.value === null && totals.posts.qualifier === 'not given')

export const signOf = (row: MemberRow): TileSign => {
  if (isSeen(row)) return 'seen'
  if (row.watch.state === 'by no source') return 'out'
  return row.watch.state === 'blind' || isHardlyWatched(row) ? 'blind' : 'quiet'
}

/** Nothing was seen on the few watched days. */
export const isHardlyWatched = (row: MemberRow): boolean => row.watch.state === 'hardly watched' && !isSeen(row)

/** Returns the posts on a tile, only own ones if some are shared; undefined if nothing could be counted. */
const tilePosts = (row: MemberRow): Total | undefined => {
  const sign = signOf(row)
  if (sign === 'out' || (sign === 'blind' && !isHardlyWatched(row))) return undefined
  return row.joint?.own ?? row.totals.posts
}

/** The tile shows *0 (incomplete)*, and the section on the unknown names it. */
export const isIncomplete = (row: MemberRow): boolean => {
  const posts = tilePosts(row)
  return posts !== undefined && isFloorOfNone(posts)
}

const maxCharsNextToLand = 6

const tileOf = (row: MemberRow, facts: Facts, words: ReportWording) => {
  const { territory, totals, standing, breakout, watch, joint, report } = row
  const sign = signOf(row)
  const seen = sign === 'seen'
  const figure = figureOf(tilePosts(row), words)
  const rated = seen && breakout > 0
  return {
    code: territory,
    name: nameOf(territory, words),
    /** Empty without a published report. */
    href: report === undefined ? '' : hrefOf({ territory, period: facts.period.id, version: report }, facts, words),
    ...figure,
    /** Too wide to be next to the land. */
    long: figure.value.length > maxCharsNextToLand,
    /** Notes posts shared by several territories; else ''. */
    joint: joint ? jointOf(row, joint, facts, words) : '',
    /** 1 to 6; 0: seen but not rated; null: nothing seen. */
    breakout: seen ? breakout : null,
    breakoutText: seen ? words.say(rated ? 'group.breakout' : 'group.unrated', { category: breakout }) : '',
    sign,
    state: [
      words.say(
        seen && totals.detections === 0
          ? standing === 'undated'
            ? 'group.state.undated'
            : 'group.state.going'
          : isHardlyWatched(row)
            ? 'group.state.hardly'
            : `group.state.${sign}`,
      ),
      ...(seen && totals.detections > 0 ? [words.say(`group.state.effect.${effectWord(row)}`)] : []),
      ...(watch.silentHours === undefined ? [] : [words.say('group.state.gap', { hours: watch.silentHours })]),
      ...(seen && watch.state === 'blind' ? [words.say('group.state.later')] : []),
    ].join(', '),
  }
}

/**
 * Other tiles may lack these posts: a part may not name the territory, or local days may put them in another period.
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

/** Without a number, no qualifier is shown. */
const figureOf = (posts: Total | undefined, words: ReportWording) => {
  if (!posts) return { qualifier: '', value: '–' }
  const { qualifier, value } = figureParts(posts, words)
  return { qualifier: posts.value === null ? '' : qualifier, value }
}

const remarksOf = (group: GroupFacts, words: ReportWording): readonly (readonly Segment[])[] => [
  ...(group.countedEarlier > 0 ? [earlierRemark(group, words)] : []),
  ...[...pausedRemark(group.rows, words), ...publishedRemarks(group.rows, words)].map(plain),
]

const earlierRemark = ({ countedEarlier, earlier = [] }: GroupFacts, words: ReportWording): readonly Segment[] => {
  const named = earlier.map(({ id, title }) => [...original(title, words, words.quoted), ...plain(` (${id})`)])
  const more = countedEarlier - earlier.length
  const items = more > 0 ? [...named, plain(words.say('group.earlier.more', { count: more }))] : named
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

const campaignsOf = (
  facts: Facts,
  { campaigns, moreCampaigns }: GroupFacts,
  rows: readonly MemberRow[],
  words: ReportWording,
) => {
  if (campaigns.length === 0) return null
  const codes = rows.map(({ territory }) => territory)
  const neverSeen = isPublicCap(facts.cap) ? [] : (['unseen'] as const)
  const hasUndated = campaigns.some(({ cells }) => cells.some(({ state }) => state === 'undated'))
  return {
    note: [
      words.say('group.campaigns.note'),
      ...(campaigns.some((row) => row.cells.some((cell) => isBeforeByItsOwnDay(cell, row, facts.period)))
        ? [words.say('group.campaigns.own', { cadence: facts.period.cadence })]
        : []),
    ].join(' '),
    codes: codes.map((code) => ({ code, name: nameOf(code, words) })),
    rows: campaigns.map((row) => ({
      campaign: row.campaign,
      figures: figuresOf(facts, row, words),
      /** Empty if the page cannot link to the dossier. */
      dossier: row.dossier ? words.say('dossier.key', { code: campaignCode(row.campaign) }) : '',
      href: row.dossier ? hrefOf({ territory: campaignCode(row.campaign), ...row.dossier }, facts, words) : '',
      cells: rows.map((member) => cellOf(row, member, facts, words)),
    })),
    more: [
      ...(moreCampaigns > 0 ? [words.say('group.campaigns.more', { count: moreCampaigns })] : []),
      ...(campaigns.some(({ more }) => more) ? [words.say('group.campaigns.cut')] : []),
    ].join(' '),
    legend: (
      ['active', 'before', ...(hasUndated ? (['undated'] as const) : []), 'group', ...neverSeen, 'unwatched'] as const
    ).map((state) => ({
      state,
      text: words.say(`group.cell.${state}`),
    })),
  }
}

const figuresOf = ({ campaigns }: Facts, { campaign }: CampaignRow, words: ReportWording): string => {
  const share = campaigns.find(({ name }) => name === campaign)
  return share && share.posts.value !== null && !isFloorOfNone(share.posts) ? words.phrase('posts', share.posts) : ''
}

const cellOf = (row: CampaignRow, member: MemberRow, facts: Facts, words: ReportWording): MapCell => {
  const cell = row.cells.find(({ territory }) => territory === member.territory)
  const territory = nameOf(member.territory, words)
  if (!cell || cell.state === 'unseen') {
    const state = isPublicCap(facts.cap) || isUnseeable(member) ? 'unwatched' : 'unseen'
    const spoken = [territory, words.say(`group.cell.${state}`)].join(', ')
    return { state, groupOnly: false, first: state === 'unseen' ? '0' : '–', lag: '', territory, spoken }
  }
  const first = firstOf(cell, row, facts, words)
  const lag = lagText(cell, row, words)
  const spoken = [
    territory,
    words.say(`group.cell.${cell.state}`),
    first,
    lag,
    ...(cell.groupOnly ? [words.say('group.cell.group')] : []),
  ].join(', ')
  return { state: cell.state, groupOnly: cell.groupOnly, first, lag, territory, spoken }
}

const isUnseeable = (member: MemberRow): boolean => ['out', 'blind'].includes(signOf(member))

/** By local days it began before the period, by the row's clock within: that day would contradict the cell. */
const isBeforeByItsOwnDay = (
  { state, first, territory }: CampaignCell,
  { clock = territory }: CampaignRow,
  period: Facts['period'],
): boolean =>
  state === 'before' && first?.precision === 'instant' && firstDayIn(first, territoryOf(clock).zone) >= period.first

/** Returns the territory's own week; for other cadences the month. */
const ownPeriodName = (
  first: Observed,
  territory: TerritoryCode,
  { id, cadence }: Facts['period'],
  words: ReportWording,
): string => {
  if (cadence === 'week') return weekName(previous(parsePeriod(id)).id, words)
  const day = firstDayIn(first, territoryOf(territory).zone)
  return `${day.slice(5, 7)}.${day.slice(2, 4)}`
}

/** Returns the day within the period's year; else month and year. */
const firstOf = (cell: CampaignCell, row: CampaignRow, { period }: Facts, words: ReportWording): string => {
  const { first, territory } = cell
  const { clock = territory } = row
  if (!first) return ''
  if (isBeforeByItsOwnDay(cell, row, period)) return ownPeriodName(first, territory, period, words)
  const day = firstDayIn(first, territoryOf(clock).zone)
  if (first.precision !== 'month' && day.slice(0, 4) === period.first.slice(0, 4))
    // An ordinary space lets narrow cells wrap.
    return words.days(day, day, { year: false, short: true }).replace('\u00a0', ' ')
  return `${day.slice(5, 7)}.${day.slice(2, 4)}`
}

const daysAMonth = 365.25 / 12

const isOnFirstDay = ({ lag }: CampaignCell): boolean =>
  lag?.unit === 'days' && lag.value === 0 && lag.bound === 'exact'

/** On the same day the earliest instant is first; without hours the order is unknown. */
const isFirst = ({ first }: CampaignCell, { cells }: CampaignRow): boolean =>
  first?.precision !== 'instant' ||
  cells.every(
    (other) =>
      !isOnFirstDay(other) ||
      other.first?.precision !== 'instant' ||
      Date.parse(other.first.from) >= Date.parse(first.from),
  )

/** *First* requires that nothing known came before. */
const lagText = (cell: CampaignCell, row: CampaignRow, words: ReportWording): string => {
  const { lag } = cell
  if (!lag) return ''
  const { value, unit, bound } = lag
  if (unit === 'months') {
    if (value > 0) return words.say('group.lag.months', { months: value })
    // Another detection known by month may have come earlier.
    const isAlone = row.cells.every((other) => other.lag?.bound !== 'at most' || other.lag.value > 31)
    return words.say(isAlone ? 'group.lag.first' : 'group.lag.sameMonth')
  }
  if (bound === 'at least') return words.say('group.lag.atLeast', { days: value })
  if (isOnFirstDay(cell)) return words.say(isFirst(cell, row) ? 'group.lag.first' : 'group.lag.sameDay')
  if (value > 60) return words.say('group.lag.months', { months: Math.round(value / daysAMonth) })
  return words.say(bound === 'at most' ? 'group.lag.atMost' : 'group.lag.days', { days: value })
}
