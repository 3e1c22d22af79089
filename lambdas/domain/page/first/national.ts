/** Page 1 of the national and group editions: the level of each territory, and the gravest manoeuvres. */
import { levelNumbers } from '../../aggregate/level/level.ts'
import type { MemberRow } from '../../aggregate/members.ts'
import { outcomeOf } from '../../aggregate/outcome.ts'
import type { Segment } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import type { TerritoryCode } from '../../core/place/territory.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { nameOf, placedRows } from '../front/group.ts'
import { sharedText } from '../words/in-part.ts'
import { levelMark, levelName, scaleOf } from '../words/level-words.ts'
import { hrefOf } from '../words/links.ts'
import { inSentences, original, placesText, shortened } from '../words/phrases.ts'
import { effectText } from './effect-text.ts'
import { campaignLanes } from './lanes.ts'
import { changeOf, statedIn } from './stated.ts'

export type National = ReturnType<typeof nationalOf>

/** Line budgets: page 1 is one sheet. */
const budget = { manoeuvres: 6, named: 4, claim: 80, effect: 70, campaign: 30 } as const

/** Where the name takes over two lines of a tile. */
const shortNames: { readonly [code in TerritoryCode]?: { readonly fr: string; readonly en: string } } = {
  TF: { fr: 'Terres australes', en: 'Southern Lands' },
}

export const nationalOf = (
  facts: Facts,
  group: NonNullable<Facts['group']>,
  before: readonly (readonly Segment[])[],
  /** Lines that stand around the table. */
  below: number,
  words: ReportWording,
) => {
  const rows = placedRows(group)
  const levels = levelsOf(rows, words)
  const gravest = facts.manoeuvres.slice(0, budget.manoeuvres).map((entry) => rowOf(entry, facts, words))
  const linesOfFirst = (count: number): number =>
    gravest.slice(0, count).reduce((sum, row) => sum + linesOf(row), below)
  // At least the gravest.
  const rowsShown = gravest.filter((_, at) => at === 0 || linesOfFirst(at + 1) <= room.table)
  return {
    summary: inSentences([...before, ...levels]),
    /** Of the gravest level. */
    headline: (levels[0] ?? []).map(({ text }) => text).join(''),
    tiles: rows.map((row) => tileOf(row, facts, words)),
    scale: scaleOf(words),
    signs: signsIn(rows, words),
    ...lanesFor(facts, group, room.lanes - linesOfFirst(rowsShown.length), words),
    manoeuvres: {
      title: words.say('national.manoeuvres', {
        listed: rowsShown.length,
        all: facts.totals.manoeuvres > rowsShown.length ? facts.totals.manoeuvres : 0,
      }),
      rows: rowsShown,
    },
  }
}

/** Levels from 1 on name their territories; the others are counted. */
const levelsOf = (rows: readonly MemberRow[], words: ReportWording): readonly (readonly Segment[])[] =>
  [...levelNumbers.toReversed(), 'interrupted' as const, 'not watched' as const].flatMap((value) => {
    const found = rows.filter(({ level }) => level?.value === value)
    if (found.length === 0) return []
    const isNamed = value !== 0 && found.length <= budget.named
    return [
      words.formatRich('national.level', {
        name: levelName(value, words),
        isNamed: isNamed ? 'yes' : 'no',
        list: isNamed ? words.list(found.map(({ territory }) => nameOf(territory, words))) : '',
        count: found.length,
      }),
    ]
  })

/** Explains the signs of tiles that the scale does not have. */
const signsIn = (rows: readonly MemberRow[], words: ReportWording): string => {
  const has = (is: (level: NonNullable<MemberRow['level']>) => boolean) =>
    rows.some(({ level }) => level && is(level)) ? 'yes' : 'no'
  return words
    .say('national.signs', {
      interrupted: has(({ value }) => value === 'interrupted'),
      unwatched: has(({ value }) => value === 'not watched'),
      atLeast: has(({ isAtLeast }) => isAtLeast === true),
    })
    .trim()
}

const tileOf = ({ territory, level, report }: MemberRow, facts: Facts, words: ReportWording) => ({
  code: territory,
  name: shortNames[territory]?.[words.language] ?? nameOf(territory, words),
  href: report === undefined ? '' : hrefOf({ territory, period: facts.period.id, version: report }, facts, words),
  /** Null in reports of earlier programs. */
  level: level ? levelMark(level, words) : null,
  was:
    typeof level?.last?.value === 'number' && level.last.value !== level.value
      ? words.say('national.was', { value: `${level.last.isAtLeast ? '≥' : ''}${levelMark(level.last, words).sign}` })
      : '',
})

const lanesFor = (facts: Facts, group: NonNullable<Facts['group']>, most: number, words: ReportWording) => {
  const lanes = campaignLanes(facts, words, Math.max(0, Math.min(maxLanes, most)))
  const count = lanes?.rows.length ?? 0
  const all = group.campaigns.length + group.moreCampaigns
  return { lanes, lanesTitle: words.say('lanes.title', { count, all, isCut: all > count ? 'yes' : 'no' }) }
}

/** Lines for the table, of these for it and the lanes. */
const room = { table: 24, lanes: 15 } as const

const linesOf = ({ level, claim, where, campaign, change, effect }: ReturnType<typeof rowOf>): number => {
  const lengthOf = (texts: readonly { readonly text: string }[]) =>
    texts.reduce((sum, { text }) => sum + text.length, 0)
  const above = Math.ceil((lengthOf(claim) + (level ? badgeChars : 0)) / claimChars)
  const under = Math.ceil([where, campaign, change].filter(Boolean).join(' · ').length / lineChars)
  return Math.max(above + under, Math.ceil(lengthOf(effect) / effectChars))
}

const badgeChars = 8

/** Of a line in its column. */
const [claimChars, lineChars, effectChars] = [38, 42, 36]
const maxLanes = 6

const rowOf = (entry: Entry, facts: Facts, words: ReportWording) => {
  const { established, claim } = statedIn(entry)
  const category = outcomeOf([entry, ...entry.parts]).breakout?.category
  return {
    /** Only of a confirmed effect. */
    level: entry.level ? levelMark({ value: entry.level }, words) : null,
    /** In quotes: not verified. */
    claim: established
      ? original(established.text, words, (text) => shortened(text, budget.claim))
      : original(claim?.text ?? entry.title, words, (text) => words.quoted(shortened(text, budget.claim))),
    where: placesText(entry, words, budget.named) + sharedText(entry, facts.territory, words),
    campaign: shortened(entry.campaign ?? '', budget.campaign),
    change: words.say('national.change', { change: changeOf(entry, facts) }),
    effect: effectText(entry, facts, words, budget.effect).effect,
    breakout: category === undefined ? '' : words.say('national.breakout', { category }),
    /** The same outside the table. */
    spread: category === undefined ? '' : words.say('national.spread', { category }),
    posts: words.total(entry.figures.posts),
    apart: entry.apart?.includes('posts') ? words.say('list.apart') : '',
    /** Only where counted. */
    size: entry.figures.posts.value === null ? '' : words.phrase('posts', entry.figures.posts),
  }
}
