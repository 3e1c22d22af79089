/** The manoeuvres that are not told in full: a table for each campaign, in which the many small ones are one row. */

import { wideBreakout } from '../aggregate/gravity.ts'
import { type AddedFigure, addedTotal, adder, hasAccounts, notGiven, type Total, take } from '../core/figures.ts'
import type { Wording } from '../core/language.ts'
import { strictest } from '../core/marking.ts'
import type { Subject } from '../core/territory.ts'
import { keyOfCampaign } from '../detection/campaigns.ts'
import type { Entry, Facts } from '../report/facts.ts'
import { isMany, maxTold } from './listed.ts'
import { type Fold, type LineTable, lineTable } from './lists.ts'
import { campaignHere } from './manoeuvre.ts'
import { datedBelowDay } from './rhythm.ts'

/** Of more than are all told in full. */
const toldOfMany = 3
/** From more on, the CSV has what a page would repeat. */
const fewManoeuvres = 12
/** In the table of a campaign. */
const maxRows = 5
/** Of campaigns; the others share the last one. */
const maxTables = 5

/** Below so many posts a manoeuvre may be minor. */
const fewPosts = 10

export type OtherManoeuvres = {
  readonly anchor: string
  readonly title: string
  readonly note: string
  readonly tables: readonly LineTable[]
  /** How many more count, and are not listed at all. */
  readonly more: string
}

/** Whether there are so many that a page is no place for all of them: the CSV has each. */
export const isCrowded = ({ manoeuvres, unlisted }: Pick<Facts, 'manoeuvres' | 'unlisted'>): boolean =>
  manoeuvres.length + unlisted.manoeuvres > fewManoeuvres

/** The gravest first, as the facts have them. */
export const toldIn = (facts: Facts): readonly Entry[] =>
  facts.manoeuvres.slice(0, isMany(facts) ? toldOfMany : maxTold)

/** Of more than these no manoeuvre has a chart of its rhythm: their sheets are for rows. */
const maxBesideChart = 50

/** Those of the told that have room for a chart of their rhythm; where there are many, the gravest that has one. */
export const chartedIn = (facts: Facts): ReadonlySet<string> => {
  const dated = toldIn(facts).filter((entry) => datedBelowDay(entry) !== undefined)
  const total = facts.manoeuvres.length + facts.unlisted.manoeuvres
  const most = isCrowded(facts) ? (total > maxBesideChart ? 0 : 1) : dated.length
  return new Set(dated.slice(0, most).map(({ id }) => id))
}

/** Null where all are told in full. Rows and folds hold each of the others once. */
export const otherManoeuvres = (facts: Facts, territory: Subject, words: Wording): OtherManoeuvres | null => {
  const others = facts.manoeuvres.slice(toldIn(facts).length)
  if (others.length === 0) return null
  const groups = [...Map.groupBy(others, ({ campaign }) => campaign && keyOfCampaign(campaign)).values()]
  const [own, shared] =
    groups.length > maxTables ? [groups.slice(0, maxTables - 1), groups.slice(maxTables - 1)] : [groups, []]
  const more = facts.unlisted.manoeuvres
  return {
    anchor: 'rest',
    title: words.say('manoeuvres.rest'),
    note: words.say('manoeuvres.rest.note', { few: fewPosts }),
    tables: [
      ...own.map((entries, at) => tableOf(`rest-${at + 1}`, entries, facts, territory, words)),
      ...(shared.length === 0 ? [] : [sharedTable(`rest-${maxTables}`, shared, facts, territory, words)]),
    ],
    more: more === 0 ? '' : words.say('manoeuvres.more', { count: more }),
  }
}

const tableOf = (
  anchor: string,
  entries: readonly Entry[],
  facts: Facts,
  territory: Subject,
  words: Wording,
): LineTable => {
  const campaign = entries[0]?.campaign
  const grave = entries.filter((entry) => !isMinor(entry))
  const rows = grave.slice(0, maxRows)
  const folded = entries.filter((entry) => !rows.includes(entry))
  // A fold of one would say less than its row.
  const shown = folded.length === 1 ? entries : rows
  const fold = folded.length > 1 ? foldOf(folded, filterOf(campaign, words), facts, words) : null
  const title =
    campaign === undefined
      ? words.say('campaign.none')
      : words.say('campaign.line', campaignHere(campaign, facts, words))
  return { ...lineTable(anchor, title, '', shown, territory, words, { key: 'list.more', count: 0 }), fold }
}

/** Campaigns that have no table of their own: one row for each would be as long as the list that it stands for. */
const sharedTable = (
  anchor: string,
  groups: readonly (readonly Entry[])[],
  facts: Facts,
  territory: Subject,
  words: Wording,
): LineTable => ({
  ...lineTable(anchor, words.say('campaign.others', { count: groups.length }), '', [], territory, words, {
    key: 'list.more',
    count: 0,
  }),
  fold: foldOf(groups.flat(), '', facts, words),
})

/** Small, seen in one place, without an effect that was observed, and without a name behind it. */
const isMinor = ({ figures, breakout, observedEffect, actor, event }: Entry): boolean =>
  figures.posts.value !== null &&
  figures.posts.qualifier !== 'at least' &&
  figures.posts.value < fewPosts &&
  (breakout?.category ?? 1) === 1 &&
  observedEffect?.state !== 'observed' &&
  actor === undefined &&
  event === undefined

/** How a reader finds them in the CSV. */
const filterOf = (campaign: string | undefined, words: Wording): string =>
  words.say('fold.filter', { named: campaign === undefined ? 'no' : 'yes', campaign: campaign ?? '' })

const foldOf = (entries: readonly Entry[], filter: string, facts: Facts, words: Wording): Fold => {
  const known = entries.flatMap(({ figures }) => figures.posts.value ?? [])
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const platforms = [...new Set(entries.flatMap((entry) => entry.platforms))].sort()
  return {
    title: words.say('fold.title', {
      count: entries.length,
      range: known.length === 0 ? 'none' : least === most ? 'same' : 'more',
      least,
      most,
    }),
    under: [graveIn(entries, words), filter].filter(Boolean).join(' · '),
    when: spanOf(entries, words),
    platforms: platforms.length > 0 ? words.list(platforms) : '–',
    posts: sumOf('posts', entries, facts, words),
    // Accounts of two detections do not add up.
    accounts: words.total(notGiven),
    reposts: sumOf('reposts', entries, facts, words),
    marking: strictest(entries.map(({ marking }) => marking)),
  }
}

/** How many of them a reader would want to know of: a fold holds what is beyond the five gravest, whatever it is. */
const graveIn = (entries: readonly Entry[], words: Wording): string => {
  const count = entries.filter(
    ({ observedEffect, breakout }) => observedEffect?.state === 'observed' || (breakout?.category ?? 0) >= wideBreakout,
  ).length
  return count === 0 ? '' : words.say('fold.grave', { count })
}

/** Days from the first to the last; nothing where a source knows only the month. */
const spanOf = (entries: readonly Entry[], words: Wording): string => {
  const all = entries.map(({ observed }) => observed)
  if (all.some(({ precision }) => precision === 'month')) return '–'
  const days = all.flatMap(({ from, to }) => [from.slice(0, 10), to.slice(0, 10)]).sort()
  return words.days(days[0] ?? '', days.at(-1) ?? '', { year: false })
}

/** A dash where the period's manoeuvres do not add up to its total: what two detectors both saw would count twice. */
const sumOf = (figure: AddedFigure, entries: readonly Entry[], facts: Facts, words: Wording): string => {
  const { value, qualifier } = facts.totals[figure]
  const all = addedIn(figure, facts.manoeuvres)
  const addsUp = facts.unlisted.manoeuvres === 0 && all.value === value && all.qualifier === qualifier
  return addsUp ? words.total(addedIn(figure, entries)) : '–'
}

const addedIn = (figure: AddedFigure, entries: readonly Entry[]): Total => {
  const sum = adder()
  for (const { figures, kind } of entries) {
    const { value, qualifier } = figures[figure]
    if (value === null) take(sum, { known: undefined, qualifier: 'exact', notDue: !hasAccounts({ kind }) })
    else take(sum, { known: value, qualifier, notDue: false })
  }
  return addedTotal(sum)
}
