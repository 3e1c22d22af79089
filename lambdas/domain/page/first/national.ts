/** Page 1 of the national and group editions: the level of each territory, and the gravest manoeuvres. */
import { levelNumbers } from '../../aggregate/level/level.ts'
import type { MemberRow } from '../../aggregate/members.ts'
import { outcomeOf } from '../../aggregate/outcome.ts'
import type { Segment } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import type { TerritoryCode } from '../../core/place/territory.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { nameOf, placedRows } from '../front/group.ts'
import { levelMark, levelName, scaleOf } from '../words/level-words.ts'
import { hrefOf } from '../words/links.ts'
import { inSentences, original, shortened } from '../words/phrases.ts'
import { effectText } from './effect-text.ts'

export type National = ReturnType<typeof nationalOf>

/** Line budgets: page 1 is one sheet. */
const budget = { manoeuvres: 6, named: 4, claim: 80, effect: 70, campaign: 30 } as const

/** Where the name takes over two lines of a tile. */
const shortNames: { readonly [code in TerritoryCode]?: { readonly fr: string; readonly en: string } } = {
  TF: { fr: 'Terres australes', en: 'Southern Lands' },
}

export const nationalOf = (facts: Facts, group: NonNullable<Facts['group']>, words: ReportWording) => {
  const rows = placedRows(group).flatMap((region) => region.rows)
  const listed = facts.manoeuvres.slice(0, budget.manoeuvres)
  return {
    summary: summaryOf(rows, words),
    tiles: rows.map((row) => tileOf(row, facts, words)),
    scale: scaleOf(words),
    manoeuvres: {
      title: words.say('national.manoeuvres', { listed: listed.length, all: facts.totals.manoeuvres }),
      rows: listed.map((entry) => rowOf(entry, facts, words)),
    },
  }
}

/** Levels from 2 on name their territories; the others are counted. */
const summaryOf = (rows: readonly MemberRow[], words: ReportWording): readonly Segment[] =>
  inSentences(
    [...levelNumbers.toReversed(), 'interrupted' as const, 'not watched' as const].flatMap((value) => {
      const found = rows.filter(({ level }) => level?.value === value)
      if (found.length === 0) return []
      const isNamed = (value === 'interrupted' || value === 'not watched' || value >= 2) && found.length <= budget.named
      return [
        words.formatRich('national.level', {
          name: levelName(value, words),
          isNamed: isNamed ? 'yes' : 'no',
          list: isNamed ? words.list(found.map(({ territory }) => nameOf(territory, words))) : '',
          count: found.length,
        }),
      ]
    }),
  )

const tileOf = ({ territory, level, report }: MemberRow, facts: Facts, words: ReportWording) => ({
  code: territory,
  name: shortNames[territory]?.[words.language] ?? nameOf(territory, words),
  href: report === undefined ? '' : hrefOf({ territory, period: facts.period.id, version: report }, facts, words),
  /** Null in reports of earlier programs. */
  level: level ? levelMark(level, words) : null,
  was:
    typeof level?.last?.value === 'number' && level.last.value !== level.value
      ? words.say('national.was', { value: levelMark(level.last, words).sign })
      : '',
})

const rowOf = (entry: Entry, facts: Facts, words: ReportWording) => {
  const established = [entry, ...entry.parts].find((one) => one.established)?.established
  const claim = [entry, ...entry.parts].find((one) => one.claim)?.claim
  const { since } = facts
  const category = outcomeOf([entry, ...entry.parts]).breakout?.category
  const isIn = (list: NonNullable<Facts['since']>['added'] | undefined): boolean =>
    list?.listed.some(
      ({ id, campaign }) => id === entry.id || (campaign !== undefined && campaign === entry.campaign),
    ) ?? false
  const change = isIn(since?.added) ? 'new' : isIn(since?.goesOn) ? 'continuing' : 'other'
  return {
    /** In quotes: not verified. */
    claim: established
      ? original(established.text, words, (text) => shortened(text, budget.claim))
      : original(claim?.text ?? entry.title, words, (text) => words.quoted(shortened(text, budget.claim))),
    where: whereOf(entry, words),
    campaign: shortened(entry.campaign ?? '', budget.campaign),
    change: words.say('national.change', { change }),
    effect: effectText(entry, facts, words, budget.effect).effect,
    breakout: category === undefined ? '' : words.say('national.breakout', { category }),
    posts: words.total(entry.figures.posts),
  }
}

const whereOf = ({ territories }: Entry, words: ReportWording): string => {
  const names = territories.map(({ code }) => nameOf(code, words))
  const more = names.length - budget.named
  return more <= 1
    ? words.list(names)
    : words.list([...names.slice(0, budget.named), words.say('national.moreTerritories', { count: more })])
}
