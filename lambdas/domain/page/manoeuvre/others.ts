/** Tables of the manoeuvres not described in full, one per campaign; minor ones share a row. */

import { gravestEffect, outcomeOf } from '../../aggregate/outcome.ts'
import {
  type AddedFigure,
  addedTotal,
  adder,
  isAtLeast,
  leaveOut,
  notGiven,
  type Total,
  take,
} from '../../core/figures.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { strictest } from '../../core/marking.ts'
import type { Subject } from '../../core/place/territory.ts'
import { keyOfCampaign, sameCampaign } from '../../detection/campaigns.ts'
import { hasAccounts } from '../../detection/stated-figures.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { homeOf, rangeOf } from '../words/phrases.ts'
import { isGrave, isMany, maxDetailed } from './listed.ts'
import { type Fold, type Line, type LineTable, lineTable, platformsText } from './lists.ts'
import { campaignHere } from './manoeuvre.ts'
import { observedDays } from './rhythm-frame.ts'
import { datedBelowDay } from './rhythm.ts'

const maxDetailedOfMany = 3
const fewManoeuvres = 12
const maxRows = 5
/** The remaining campaigns share the last table. */
const maxTables = 5
const maxCampaigns = 20

const maxGraveOnPaper = 24

const fewPosts = 10

export const isCrowded = ({ manoeuvres, unlisted }: Pick<Facts, 'manoeuvres' | 'unlisted'>): boolean =>
  manoeuvres.length + unlisted.manoeuvres > fewManoeuvres

export const detailedIn = (facts: Facts): readonly Entry[] =>
  facts.manoeuvres.slice(0, isMany(facts) ? maxDetailedOfMany : maxDetailed)

/** With more manoeuvres none gets an activity chart: the space is for rows. */
const maxWithChart = 50

/** Returns ids of manoeuvres with an activity chart; on a crowded page only the gravest. */
export const chartedIn = (facts: Facts): ReadonlySet<string> => {
  const dated = detailedIn(facts).filter((entry) => datedBelowDay(entry) !== undefined)
  const total = facts.manoeuvres.length + facts.unlisted.manoeuvres
  const most = isCrowded(facts) ? (total > maxWithChart ? 0 : 1) : dated.length
  return new Set(dated.slice(0, most).map(({ id }) => id))
}

export type OtherManoeuvres = NonNullable<ReturnType<typeof otherManoeuvres>>

export const otherManoeuvres = (facts: Facts, territory: Subject, words: ReportWording) => {
  const others = facts.manoeuvres.slice(detailedIn(facts).length)
  if (others.length === 0) return null
  const groups = [...Map.groupBy(others, ({ campaign }) => campaign && keyOfCampaign(campaign)).values()]
  const [own, shared] =
    groups.length > maxTables ? [groups.slice(0, maxTables - 1), groups.slice(maxTables - 1)] : [groups, []]
  const more = facts.unlisted.manoeuvres
  const onPaper = new Set(others.filter(isGrave).slice(0, maxGraveOnPaper))
  return {
    note: words.say('manoeuvres.rest.note', { few: fewPosts }),
    tables: [
      ...own.map((entries, at) => tableOf(`rest-${at + 1}`, entries, onPaper, facts, territory, words)),
      ...(shared.length === 0 ? [] : [sharedTable(`rest-${maxTables}`, shared, onPaper, facts, territory, words)]),
    ],
    more: more === 0 ? '' : words.say('manoeuvres.more', { count: more }),
  }
}

const tableOf = (
  anchor: string,
  entries: readonly Entry[],
  onPaper: ReadonlySet<Entry>,
  facts: Facts,
  territory: Subject,
  words: ReportWording,
): LineTable => {
  const campaign = entries[0]?.campaign
  const gravest = new Set(entries.filter((entry) => !isMinor(entry)).slice(0, maxRows))
  const rows = entries.filter((entry) => gravest.has(entry) || isGrave(entry))
  const folded = entries.filter((entry) => !rows.includes(entry))
  // A fold of one would show less than its row.
  const shown = folded.length === 1 ? entries : rows
  const title =
    campaign === undefined
      ? words.say('campaign.none')
      : words.say('campaign.line', campaignHere(campaign, facts, words))
  const table = lineTable(anchor, title, '', shown, territory, words, { ...inLists(facts), isOneCampaign: true })
  const offPaper = shown.filter((entry) => isGrave(entry) && !onPaper.has(entry) && !gravest.has(entry))
  const paper = foldedOnPaper(table.rows, shown, offPaper, filterOf(campaign, words), territory, words)
  return {
    ...table,
    rows: paper.rows,
    folds: [
      ...paper.folds,
      ...(folded.length > 1
        ? [
            foldOf(folded, territory, words, {
              title: (range) => words.say('fold.title', { count: folded.length, range }),
              filter: filterOf(campaign, words),
            }),
          ]
        : []),
    ],
  }
}

/** Folds, on paper only, the grave rows beyond {@link maxGraveOnPaper}. */
const foldedOnPaper = (
  rows: readonly Line[],
  entries: readonly Entry[],
  off: readonly Entry[],
  filter: string,
  territory: Subject,
  words: ReportWording,
): Pick<LineTable, 'rows' | 'folds'> => {
  if (off.length < 2) return { rows, folds: [] }
  const gone = new Set(off)
  const reasons = Map.groupBy(off, (entry) => {
    const effect = gravestEffect([entry, ...entry.parts])
    return effect ? (effect.degree ?? 'observed') : 'spread'
  })
  const list = (['act', 'spread', 'observed', 'media', 'online'] as const).flatMap((reason) => {
    const count = reasons.get(reason)?.length ?? 0
    return count === 0 ? [] : [words.say('fold.reason', { reason, count })]
  })
  const fold = foldOf(off, territory, words, {
    title: (range) => words.say('fold.grave', { count: off.length, range, list: words.list(list) }),
    filter,
  })
  return {
    rows: rows.map((row, at) => ({ ...row, only: gone.has(entries[at] as Entry) ? 'screen' : row.only })),
    folds: [{ ...fold, only: 'paper' }],
  }
}

const inLists = ({ period }: Facts) => ({ key: 'list.more' as const, count: 0, year: period.last.slice(0, 4) })

const sharedTable = (
  anchor: string,
  groups: readonly (readonly Entry[])[],
  onPaper: ReadonlySet<Entry>,
  facts: Facts,
  territory: Subject,
  words: ReportWording,
): LineTable => {
  const grave = groups.flat().filter(isGrave)
  const folded = groups
    .map((entries) => ({ entries: entries.filter((entry) => !isGrave(entry)), campaign: entries[0]?.campaign }))
    .filter(({ entries }) => entries.length > 0)
  const [own, rest] =
    folded.length > maxCampaigns ? [folded.slice(0, maxCampaigns - 1), folded.slice(maxCampaigns - 1)] : [folded, []]
  const others = rest.flatMap(({ entries }) => entries)
  const title = words.say('campaign.others', { count: groups.length })
  const note = own.some(({ campaign }) => campaign !== undefined) ? words.say('fold.filterEach') : ''
  const table = lineTable(anchor, title, note, grave, territory, words, inLists(facts))
  const offPaper = grave.filter((entry) => !onPaper.has(entry))
  const filter = words.say('fold.filter', { named: 'several', campaign: '' })
  const paper = foldedOnPaper(table.rows, grave, offPaper, filter, territory, words)
  return {
    ...table,
    rows: paper.rows,
    folds: [
      ...paper.folds,
      ...own.map(({ entries, campaign }) =>
        foldOf(entries, territory, words, {
          title: (range) =>
            words.say('fold.campaign', {
              ...{ named: campaign === undefined ? 'no' : 'yes', campaign: campaign ?? '', range },
              ...{ count: entries.length, rest: isAllOfIt(campaign, entries, facts) ? 'no' : 'yes' },
            }),
          filter: campaign === undefined ? filterOf(campaign, words) : '',
        }),
      ),
      ...(others.length === 0
        ? []
        : [
            foldOf(others, territory, words, {
              title: (range) => words.say('fold.campaigns', { campaigns: rest.length, count: others.length, range }),
              filter,
            }),
          ]),
    ],
  }
}

const isAllOfIt = (
  campaign: string | undefined,
  entries: readonly Entry[],
  { manoeuvres, campaigns }: Facts,
): boolean =>
  campaign === undefined
    ? manoeuvres.every((entry) => entry.campaign !== undefined || entries.includes(entry))
    : campaigns.find(({ name }) => sameCampaign(name, campaign))?.manoeuvres === entries.length

const isMinor = (entry: Entry): boolean => {
  const nodes = [entry, ...entry.parts]
  const { posts } = entry.figures
  const { breakout, overallEffect } = outcomeOf(nodes)
  return (
    posts.value !== null &&
    !isAtLeast(posts) &&
    posts.value < fewPosts &&
    (breakout?.category ?? 1) === 1 &&
    overallEffect !== 'observed' &&
    nodes.every(({ actor, event }) => actor === undefined && event === undefined)
  )
}

const filterOf = (campaign: string | undefined, words: ReportWording): string =>
  words.say('fold.filter', { named: campaign === undefined ? 'no' : 'yes', campaign: campaign ?? '' })

type FoldWords = {
  readonly title: (range: string) => string
  readonly filter: string
}

const foldOf = (
  entries: readonly Entry[],
  territory: Subject,
  words: ReportWording,
  { title, filter }: FoldWords,
): Fold => ({
  title: title(postsRange(entries, words)),
  under: filter,
  when: spanOf(entries, territory, words, false),
  platforms: platformsText(platformsIn(entries), words),
  onPaper: {
    when: spanOf(entries, territory, words, true),
    platforms:
      platformsIn(entries).length > 2 ? words.say('fold.platforms', { count: platformsIn(entries).length }) : '',
  },
  posts: sumText('posts', entries, words),
  // Account counts of two detections cannot be added.
  accounts: words.total(notGiven),
  reposts: sumText('reposts', entries, words),
  marking: strictest(entries.map(({ marking }) => marking)),
  only: '',
})

const platformsIn = (entries: readonly Entry[]): readonly string[] =>
  [...new Set(entries.flatMap(({ platforms }) => platforms))].sort()

const postsRange = (entries: readonly Entry[], words: ReportWording): string => {
  const { form, least, most, without } = rangeOf(entries.map(({ figures }) => figures.posts))
  if (most.value === null) return words.say('fold.range', { form: 'none', least: '', most: '', without: 0 })
  return words.say('fold.range', { form, least: words.total(least), most: words.phrase('posts', most), without })
}

const spanOf = (entries: readonly Entry[], territory: Subject, words: ReportWording, short: boolean): string => {
  const all = entries.flatMap((entry) => [entry, ...entry.parts])
  const months = all.filter(({ observed }) => observed.precision === 'month').length
  const starts = all.flatMap((entry) => observedDays(entry, homeOf(entry, territory).zone)?.first ?? [])
  const days = [...new Set(starts)].sort()
  const [first, last] = [days[0], days.at(-1)]
  const range = first && last ? words.days(first, last, { year: false, short }) : ''
  return words.say('fold.when', {
    short: short ? 'yes' : 'no',
    days: days.length,
    range,
    months,
    both: first && months > 0 ? 'yes' : 'no',
  })
}

/** States where the total leaves out all given figures: a 0 would mean that nothing was found. */
const sumText = (figure: AddedFigure, entries: readonly Entry[], words: ReportWording): string => {
  const given = entries.filter(({ figures }) => figures[figure].value !== null)
  const isOut = ({ apart }: Entry): boolean => apart?.includes(figure) === true
  const isApart = given.some(isOut) && given.every((entry) => isOut(entry) || entry.figures[figure].value === 0)
  return isApart ? words.say('fold.apart') : words.total(sumOf(figure, entries))
}

/** Adds up what counts in the period's total; a figure left out makes a floor. */
const sumOf = (figure: AddedFigure, entries: readonly Entry[]): Total => {
  const sum = adder()
  for (const { figures, kind, apart } of entries) {
    const { value, qualifier } = figures[figure]
    if (apart?.includes(figure)) leaveOut(sum, { known: value ?? undefined, qualifier: 'at least', notDue: false })
    else if (value === null) take(sum, { known: undefined, qualifier: 'exact', notDue: !hasAccounts({ kind }) })
    else take(sum, { known: value, qualifier, notDue: false })
  }
  return addedTotal(sum)
}
