/** Tables on a page: detections in lines, and shares by name. */

import type { Share } from '../aggregate/tally.ts'
import { changeBetween, type Total } from '../core/figures.ts'
import type { Wording } from '../core/language.ts'
import type { Marking } from '../core/marking.ts'
import type { Subject } from '../core/territory.ts'
import type { Compared, Entry } from '../report/facts.ts'
import { detectionsText, difference, homeOf, titleOf, type Words } from './phrases.ts'

/** One line of a list of detections. */
export type Line = {
  readonly title: Words
  readonly under: string
  readonly when: string
  readonly platforms: string
  readonly posts: string
  readonly accounts: string
  readonly reposts: string
  readonly marking: Marking
}

/** Several detections in one line. */
export type Fold = Omit<Line, 'title'> & { readonly title: string }

export type LineTable = {
  readonly anchor: string
  readonly title: string
  readonly note: string
  readonly head: {
    readonly [column in 'title' | 'when' | 'platforms' | 'posts' | 'accounts' | 'reposts' | 'marking']: string
  }
  readonly rows: readonly Line[]
  /** The last lines, of those that have none of their own. */
  readonly folds: readonly Fold[]
  readonly more: string
}

export type ShareTable = {
  readonly title: string
  readonly note?: string
  /** Names are sentences: the table takes the whole width. */
  readonly wide: boolean
  readonly head: {
    readonly name: string
    readonly detections: string
    readonly posts: string
    /** Empty where nothing is compared with the period before. */
    readonly change: string
  }
  readonly rows: readonly {
    readonly name: string
    readonly detections: string
    readonly posts: string
    readonly change: string
    readonly share: number
  }[]
}

export const lineTable = (
  anchor: string,
  title: string,
  note: string,
  entries: readonly Entry[],
  territory: Subject,
  words: Wording,
  more: { key: 'list.more' | 'manoeuvre.partsMore'; count: number; isOneCampaign?: boolean },
): LineTable => ({
  anchor,
  title,
  note,
  head: {
    title: words.say('list.title'),
    when: words.say('list.when'),
    platforms: words.say('list.platforms'),
    posts: words.say('list.posts'),
    accounts: words.say('list.accounts'),
    reposts: words.say('list.reposts'),
    marking: words.say('list.marking'),
  },
  rows: entries.map((entry) => ({
    title: titleOf(entry.title, words.language),
    under: [
      words.say(`kind.${entry.kind}`),
      more.key === 'manoeuvre.partsMore' || more.isOneCampaign ? '' : (entry.campaign ?? ''),
      entry.id,
      entry.apart?.includes('posts') ? words.say('list.apart') : '',
    ]
      .filter(Boolean)
      .join(' · '),
    when: words.observed(entry.observed, homeOf(entry, territory).zone),
    platforms: platformsText(entry.platforms, words),
    posts: words.total(entry.figures.posts),
    accounts: words.total(entry.figures.accounts),
    reposts: words.total(entry.figures.reposts),
    marking: entry.marking,
  })),
  folds: [],
  more: more.count === 0 ? '' : words.say(more.key, { count: more.count }),
})

/** Where no source names one it is not given: a dash is what nobody watched. */
export const platformsText = (platforms: readonly string[], words: Wording): string =>
  platforms.length > 0 ? words.list(platforms) : words.say('figure.unknown')

type ShareOptions = {
  readonly note: string
  /** The head of the column of changes, and what it says. */
  readonly change: string
  readonly changeNote: string
  readonly wide: boolean
  /** There may be more detections of each than are counted. */
  readonly isFloor: boolean
}

export const shareTable = (
  title: string,
  shares: readonly Compared<Share>[],
  words: Wording,
  { note = '', change = '', changeNote = '', wide = false, isFloor = false }: Partial<ShareOptions> = {},
): ShareTable => {
  const isCompared = change !== '' && shares.some(({ before }) => before !== undefined)
  const notes = [note, isCompared ? changeNote : ''].filter(Boolean)
  const highest = shares.reduce((most, { posts }) => Math.max(most, posts.value ?? 0), 0)
  return {
    title,
    ...(notes.length > 0 && { note: notes.join(' ') }),
    wide,
    head: {
      name: title,
      detections: words.say('share.detections'),
      posts: words.say('share.posts'),
      change: isCompared ? change : '',
    },
    rows: shares.map(({ name, detections, posts, before }) => ({
      name,
      detections: detectionsText(detections, isFloor, words),
      posts: words.total(posts),
      change: isCompared ? changeOf(posts, before, words) : '',
      share: highest === 0 ? 0 : (posts.value ?? 0) / highest,
    })),
  }
}

/** Against the period before: new there, more or fewer posts, or not to be said. */
const changeOf = (now: Total, before: Total | null | undefined, words: Wording): string => {
  if (before === null) return words.say('share.new')
  if (before?.qualifier === 'not watched') return words.total(before)
  if (before === undefined || before.value === null || now.value === null) return words.say('figure.unknown')
  const change = changeBetween(before, now)
  return change ? difference(change, words) : words.say('share.changeUnknown')
}
