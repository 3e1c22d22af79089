import { wideBreakout } from '../../aggregate/counting/gravity.ts'
import { gravestEffect, outcomeOf } from '../../aggregate/outcome.ts'
import type { Share } from '../../aggregate/tally.ts'
import { changeBetween, type Total } from '../../core/figures.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { maximum } from '../../core/lists.ts'
import type { Marking } from '../../core/marking.ts'
import type { Subject } from '../../core/place/territory.ts'
import type { Compared, Entry } from '../../report/facts.ts'
import { detectionsText, difference, homeOf, titleOf, type Words, placesText } from '../words/phrases.ts'
import { observedDays } from './rhythm-frame.ts'

export type Line = {
  readonly title: Words
  readonly under: string
  readonly when: string
  readonly platforms: string
  readonly posts: string
  readonly accounts: string
  readonly reposts: string
  readonly marking: Marking
  /** Shorter texts for paper; empty where they are the same. */
  readonly onPaper: { readonly under: string; readonly when: string; readonly platforms: string }
  /** Empty: both. */
  readonly only: 'screen' | 'paper' | ''
}

export type Fold = Omit<Line, 'title' | 'onPaper'> & {
  readonly title: string
  readonly onPaper: Omit<Line['onPaper'], 'under'>
}

export type LineTable = {
  readonly anchor: string
  readonly title: string
  readonly note: string
  readonly rows: readonly Line[]
  readonly folds: readonly Fold[]
  readonly more: string
}

type ListOptions = {
  readonly key: 'list.more' | 'manoeuvre.partsMore'
  readonly count: number
  readonly isOneCampaign?: boolean
  /** On paper: days without hours and this year, and the reason for gravity instead of the kind. */
  readonly year?: string
}

export const lineTable = (
  anchor: string,
  title: string,
  note: string,
  entries: readonly Entry[],
  territory: Subject,
  words: ReportWording,
  more: ListOptions,
): LineTable => ({
  anchor,
  title,
  note,
  rows: entries.map((entry) => rowOf(entry, territory, words, more)),
  folds: [],
  more: more.count === 0 ? '' : words.say(more.key, { count: more.count }),
})

const rowOf = (entry: Entry, territory: Subject, words: ReportWording, more: ListOptions): Line => {
  const isList = more.key === 'list.more'
  const why = isList ? whyGrave(entry, words) : []
  const which = [
    territory.members.length > 1 ? placesText(entry, words, 2) : '',
    isList && !more.isOneCampaign ? (entry.campaign ?? '') : '',
    entry.id,
    entry.sameText ? words.say('list.sameText', { detector: entry.detector }) : '',
    entry.apart?.includes('posts') ? words.say('list.apart') : '',
  ]
  const joined = (...texts: readonly string[]) => texts.filter(Boolean).join(' · ')
  const { zone } = homeOf(entry, territory)
  return {
    title: titleOf(entry.title, words.language),
    under: joined(...why, words.say(`kind.${entry.kind}`), ...which),
    when: words.observed(entry.observed, zone),
    platforms: platformsText(entry.platforms, words),
    posts: words.total(entry.figures.posts),
    accounts: words.total(entry.figures.accounts),
    reposts: words.total(entry.figures.reposts),
    marking: entry.figuresMarking ?? entry.marking,
    onPaper: {
      under: more.year && why.length > 0 ? joined(...why, ...which) : '',
      when: more.year ? daysOnly(entry, zone, more.year, words) : '',
      platforms: '',
    },
    only: '',
  }
}

const whyGrave = (entry: Entry, words: ReportWording): readonly string[] => {
  const all = [entry, ...entry.parts]
  const effect = gravestEffect(all)
  const { category = 0 } = outcomeOf(all).breakout ?? {}
  return [
    ...(effect ? [words.say('list.effect', { degree: effect.degree ?? 'observed' })] : []),
    ...(category >= wideBreakout ? [words.say('list.breakout', { category })] : []),
  ]
}

const daysOnly = (entry: Entry, zone: string, year: string, words: ReportWording): string => {
  const { label } = entry.observed
  const days = observedDays(entry, zone)
  if (!days || (label?.[words.language] ?? label?.und) !== undefined) return ''
  return words.days(days.first, days.last, {
    short: true,
    year: !(days.first.startsWith(year) && days.last.startsWith(year)),
  })
}

/** "Not given", since a dash would mean that no source watched. */
export const platformsText = (platforms: readonly string[], words: ReportWording): string =>
  platforms.length > 0 ? words.list(platforms) : words.say('figure.unknown')

type ShareOptions = {
  readonly note: string
  /** Note of the column of changes; without it nothing is compared. */
  readonly changeNote: string
  readonly wide: boolean
  /** There may be more detections than are counted. */
  readonly isFloor: boolean
}

export type ShareTable = ReturnType<typeof shareTable>

export const shareTable = (
  title: string,
  shares: readonly Compared<Share>[],
  words: ReportWording,
  { note = '', changeNote = '', wide = false, isFloor = false }: Partial<ShareOptions> = {},
) => {
  // No source states the posts of one of several hashtags.
  const hasPosts = shares.some(({ posts }) => posts.value !== null)
  const compared = hasPosts && changeNote !== '' && shares.some(({ before }) => before !== undefined)
  const notes = [note, compared ? changeNote : ''].filter(Boolean)
  const sizeOf = ({ posts, detections }: Share): number => (hasPosts ? (posts.value ?? 0) : detections)
  const highest = maximum(shares.map(sizeOf))
  return {
    title,
    ...(notes.length > 0 && { note: notes.join(' ') }),
    wide,
    hasPosts,
    compared,
    rows: shares.map((share) => ({
      name: share.name,
      detections: detectionsText(share.detections, isFloor, words),
      posts: hasPosts ? words.total(share.posts) : '',
      change: compared ? changeOf(share.posts, share.before, words) : '',
      share: highest === 0 ? 0 : sizeOf(share) / highest,
    })),
  }
}

const changeOf = (now: Total, before: Total | null | undefined, words: ReportWording): string => {
  if (before === null) return words.say('since.added')
  if (before?.qualifier === 'not watched') return words.total(before)
  if (before === undefined || before.value === null || now.value === null) return words.say('figure.unknown')
  const change = changeBetween(before, now)
  return change ? difference(change, words) : words.say('share.changeUnknown')
}
