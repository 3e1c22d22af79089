/** Other territories on a page: where the links of the weightiest manoeuvres were seen too. */
import type { Across, DetectionLink } from '../aggregate/across.ts'
import { type Lag, lagOf } from '../aggregate/lag.ts'
import type { Wording } from '../core/language.ts'
import type { Observed } from '../core/observed.ts'
import { dayIn } from '../core/period.ts'
import { type Subject, territoryOf } from '../core/territory.ts'
import type { Name } from '../detection/detection.ts'
import type { Entry, Facts } from '../report/facts.ts'
import { hashtag, named, titleOf, type Words } from './phrases.ts'

type Column = 'territory' | 'by' | 'first' | 'lag' | 'detections' | 'posts' | 'accounts'

export type AcrossSection = {
  readonly title: string
  readonly note: string
  readonly head: { readonly [column in Column]: string }
  readonly manoeuvres: readonly {
    readonly title: Words
    readonly first: string
    readonly rows: readonly { readonly [column in Column]: string }[]
    /** All of them, each once; why the rows may add up to more; whether there are more than were followed. */
    readonly total: string
  }[]
}

export const acrossSection = (facts: Facts, home: Subject, words: Wording): AcrossSection | null => {
  const manoeuvres = new Map(facts.manoeuvres.map((entry) => [entry.id, entry]))
  const setNames = new Map(
    facts.manoeuvres.flatMap(({ accountSet }) => (accountSet?.name ? [[accountSet.id, accountSet.name] as const] : [])),
  )
  if (facts.across.length === 0) return null
  return {
    title: words.say('across'),
    note: words.say('across.note'),
    head: {
      territory: words.say('across.territory'),
      by: words.say('across.by'),
      first: words.say('across.first'),
      lag: words.say('across.lag'),
      detections: words.say('share.detections'),
      posts: words.say('share.posts'),
      accounts: words.say('list.accounts'),
    },
    manoeuvres: facts.across.map((one) => acrossCard(one, manoeuvres.get(one.manoeuvre), setNames, home, words)),
  }
}

/** A day is the day of the territory that counted it; an instant is told in this territory's time. */
const firstSeen = (observed: Observed, home: Subject, words: Wording): string => {
  const { from, to, precision } = observed
  if (precision === 'instant') {
    const day = dayIn(Date.parse(from), home.zone)
    return words.days(day, day)
  }
  return words.observed(from === to ? observed : { from, to: from, precision }, home.zone)
}

const acrossCard = (
  { manoeuvre, first: seen, rows, total, more }: Across,
  entry: Entry | undefined,
  setNames: ReadonlyMap<string, Name>,
  home: Subject,
  words: Wording,
): AcrossSection['manoeuvres'][number] => {
  const { language } = words
  const summed = rows.reduce((sum, { detections }) => sum + detections, 0)
  const what = seen.by.map((link) => ofLink(link, setNames, words))
  return {
    title: entry ? titleOf(entry.title, language) : { text: manoeuvre },
    // What was seen first may be the campaign, long before the manoeuvre under whose title this is shown.
    first: [
      words.say('across.firstSeen', {
        what: what.length === 0 ? words.say('across.ofManoeuvre') : words.list(what),
        day: firstSeen(seen.observed, home, words),
        where: words.list(seen.territories.map((code) => territoryOf(code).name[language])),
      }),
      ...(what.length > 0 && entry
        ? [words.say('across.ownSeen', { when: words.observed(entry.observed, home.zone) })]
        : []),
    ].join(' '),
    rows: mergedRows(
      rows.map((row) => ({
        territory: territoryOf(row.territory).name[language],
        by: [
          ...row.by.map((link) => linkText(link, setNames, words)),
          ...(row.groupOnly ? [words.say('across.group')] : []),
        ].join(' · '),
        first: firstSeen(row.firstObserved, home, words),
        lag: lagText(lagOf(row.lagDays, row.firstObserved, seen.observed), words),
        detections: words.number(row.detections),
        posts: words.total(row.posts),
        accounts:
          row.commonAccounts === undefined
            ? words.total(row.accounts)
            : words.say('across.common', { accounts: words.total(row.accounts), common: row.commonAccounts }),
      })),
      words,
    ),
    total: [
      words.say('across.total', {
        detections: total.detections,
        posts: total.posts.value === null ? words.say('across.noPosts') : words.phrase('posts', total.posts),
      }),
      ...(summed > total.detections - 1 ? [words.say('across.joint')] : []),
      ...(more ? [words.say('across.more')] : []),
    ].join(' '),
  }
}

type AcrossRow = { readonly [column in Column]: string }

/** Territories of which the same is said share a row. */
const mergedRows = (rows: readonly AcrossRow[], words: Wording): readonly AcrossRow[] =>
  [...Map.groupBy(rows, ({ territory: _, ...said }) => JSON.stringify(said)).values()].flatMap((same) => {
    const [first] = same
    return first ? [{ ...first, territory: words.list(same.map(({ territory }) => territory)) }] : []
  })

/** A month is not its first day: what is counted from it, or up to it, is a bound. */
const lagText = ({ value, unit, bound }: Lag, words: Wording): string => {
  if (unit === 'months')
    return value === 0 ? words.say('across.sameMonth') : words.say('across.months', { months: value })
  return words.say(lagKeys[bound], { days: value })
}

const lagKeys = { exact: 'across.days', 'at most': 'across.daysAtMost', 'at least': 'across.daysAtLeast' } as const

const linkText = ({ kind, value }: DetectionLink, setNames: ReadonlyMap<string, Name>, words: Wording): string => {
  switch (kind) {
    case 'campaign':
      return words.say('across.campaign', { value: words.quoted(value) })
    case 'accountSet':
      return words.say('across.accountSet', { value: named(setNames.get(value) ?? value, words, words.quoted) })
    case 'hashtag':
      return hashtag(value)
    case 'fingerprint':
      return words.say('across.fingerprint')
  }
}

const ofLink = ({ kind, value }: DetectionLink, setNames: ReadonlyMap<string, Name>, words: Wording): string => {
  switch (kind) {
    case 'campaign':
      return words.say('across.of.campaign', { value: words.quoted(value) })
    case 'accountSet':
      return words.say('across.of.accountSet', { value: named(setNames.get(value) ?? value, words, words.quoted) })
    case 'hashtag':
      return words.say('across.of.hashtag', { value: hashtag(value) })
    case 'fingerprint':
      return words.say('across.of.fingerprint')
  }
}
