import { type Across, type DetectionLink, linkKey } from '../../aggregate/across.ts'
import { type Lag, lagOf } from '../../aggregate/counting/lag.ts'
import { notGiven, type Total } from '../../core/figures.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { type Subject, territoryOf } from '../../core/place/territory.ts'
import type { Observed } from '../../core/time/observed.ts'
import { dayIn } from '../../core/time/period.ts'
import type { Name } from '../../detection/detection.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { hashtag, named, rangeOf, titleOf } from '../words/phrases.ts'

type Column = 'territory' | 'by' | 'first' | 'lag' | 'detections' | 'posts' | 'accounts'

export type AcrossSection = NonNullable<ReturnType<typeof acrossSection>>

/** report.json has all manoeuvres and rows. */
const maxTables = 3
/** Territories are sorted by first sighting; the remaining ones share the last row. */
const maxRows = 5
const maxLinks = 3

export const acrossSection = (facts: Facts, home: Subject, words: ReportWording) => {
  const manoeuvres = new Map(facts.manoeuvres.map((entry) => [entry.id, entry]))
  const setNames = new Map(
    facts.manoeuvres.flatMap(({ accountSet }) => (accountSet?.name ? [[accountSet.id, accountSet.name] as const] : [])),
  )
  if (facts.across.length === 0) return null
  // A common campaign or hashtag gives several manoeuvres the same rows, even with different links.
  const groups = [...Map.groupBy(facts.across, contentKey).values()]
  const untold = groups.slice(maxTables).flat().length
  return {
    manoeuvres: groups
      .slice(0, maxTables)
      .flatMap(([one, ...others]) =>
        one ? [acrossCard(one, others, manoeuvres.get(one.manoeuvre), setNames, home, words)] : [],
      ),
    more: untold === 0 ? '' : words.say('across.untold', { count: untold }),
  }
}

/** Compares content, ignoring links. */
const contentKey = ({ first: { by: _, ...first }, rows, total, more }: Across): string =>
  JSON.stringify([first, rows.map(({ by: _by, ...row }) => row), total, more])

const ledTo = ({ first, rows }: Across): string =>
  JSON.stringify([first.by, ...rows.map(({ by }) => by)].map((links) => links.map(linkKey)))

/** A day is in the counting territory's time; an instant in this territory's. */
const firstSeen = (observed: Observed, home: Subject, words: ReportWording): string => {
  const { from, to, precision } = observed
  if (precision === 'instant') {
    const day = dayIn(Date.parse(from), home.zone)
    return words.days(day, day)
  }
  return words.observed(from === to ? observed : { from, to: from, precision }, home.zone)
}

const acrossCard = (
  one: Across,
  others: readonly Across[],
  entry: Entry | undefined,
  setNames: ReadonlyMap<string, Name>,
  home: Subject,
  words: ReportWording,
) => {
  const { language } = words
  const { manoeuvre, first: seen, rows: all, total, more, shared } = one
  const linesOf = (rows: Across['rows']) => mergedRows(rows, { earliest: seen.observed, setNames, home }, words)
  const { rows, folded } = roomFor(all, linesOf)
  const what = seen.by.map((link) => ofLink(link, setNames, words))
  return {
    title: entry ? titleOf(entry.title, language) : { text: manoeuvre },
    /** Other manoeuvres with the same rows, which are shown once. */
    also: alsoText(one, others, setNames, words),
    // The first sighting may be the campaign's, long before this manoeuvre.
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
    rows,
    /** The last line, for territories without a row. */
    fold: folded.length === 0 ? null : foldOf(folded, seen.observed, words),
    /** The total without duplicates, and why rows may add up to more. */
    total: [
      words.say('across.total', {
        detections: total.detections,
        posts: total.posts.value === null ? words.say('across.noPosts') : words.phrase('posts', total.posts),
      }),
      ...(shared ? [words.say('across.joint')] : []),
      ...(more ? [words.say('across.more')] : []),
    ].join(' '),
  }
}

const alsoText = (
  one: Across,
  others: readonly Across[],
  setNames: ReadonlyMap<string, Name>,
  words: ReportWording,
): string => {
  const same = others.filter((other) => ledTo(other) === ledTo(one))
  const apart = others.filter((other) => !same.includes(other))
  const listed = (
    key: 'across.also' | 'across.alsoApart',
    those: readonly Across[],
    textOf: (one: Across) => string,
  ) => {
    if (those.length === 0) return []
    const more = those.length - maxAlso
    const moreKey = key === 'across.also' ? 'across.alsoMore' : 'across.alsoApartMore'
    const list = [...those.slice(0, maxAlso).map(textOf), ...(more > 0 ? [words.say(moreKey, { count: more })] : [])]
    return [words.say(key, { count: those.length, list: words.list(list) })]
  }
  return [
    ...listed('across.also', same, ({ manoeuvre }) => manoeuvre),
    ...listed('across.alsoApart', apart, (other) => {
      const links = linksIn(other)
      const through = links.length > 0 ? linksText(links, setNames, words) : words.say('across.alsoItself')
      return `${other.manoeuvre} (${through})`
    }),
  ].join(' ')
}

const maxAlso = 6

const linksIn = ({ rows }: Across): readonly DetectionLink[] => [
  ...new Map(rows.flatMap(({ by }) => by.map((link) => [linkKey(link), link] as const))).values(),
]

const linksText = (
  links: readonly DetectionLink[],
  setNames: ReadonlyMap<string, Name>,
  words: ReportWording,
): string =>
  [
    ...links.slice(0, maxLinks).map((link) => linkText(link, setNames, words)),
    ...(links.length > maxLinks ? [words.say('across.linksMore', { count: links.length - maxLinks })] : []),
  ].join(' · ')

/** Fits rows by first day; never folds a single one, since its row shows more. */
const roomFor = (
  all: Across['rows'],
  linesOf: (rows: Across['rows']) => readonly AcrossRow[],
): { readonly rows: readonly AcrossRow[]; readonly folded: Across['rows'] } => {
  for (let count = all.length; count > maxRows; count -= 1) {
    const rows = linesOf(all.slice(0, count))
    if (rows.length <= maxRows || (count === all.length && rows.length === maxRows + 1))
      return { rows, folded: all.slice(count) }
  }
  return { rows: linesOf(all.slice(0, maxRows)), folded: all.slice(maxRows) }
}

type RowFrame = {
  readonly earliest: Observed
  readonly setNames: ReadonlyMap<string, Name>
  readonly home: Subject
}

/** Whether a row's figures are of one territory, of *each* of several, or shared. */
type Meant = 'alone' | 'each' | 'together'

const rowOf = (
  row: Across['rows'][number],
  meant: Meant,
  { earliest, setNames, home }: RowFrame,
  words: ReportWording,
): AcrossRow => {
  const figure = (total: Total): string =>
    total.value === null ? words.total(total) : words.say('across.figure', { meant, figure: words.total(total) })
  return {
    territory: territoryOf(row.territory).name[words.language],
    by: [
      row.by.length > 0 ? linksText(row.by, setNames, words) : words.say('across.itself'),
      ...(row.groupOnly ? [words.say('across.group')] : []),
    ].join(' · '),
    first: firstSeen(row.firstObserved, home, words),
    lag: lagText(lagOf(row.lagDays, row.firstObserved, earliest), words),
    detections: figure(counted(row.detections)),
    posts: figure(row.posts),
    accounts:
      row.commonAccounts === undefined
        ? figure(row.accounts)
        : words.say('across.common', { accounts: figure(row.accounts), common: row.commonAccounts }),
  }
}

const counted = (value: number): Total => ({ value, qualifier: 'exact' })

/** Territories overlap, so that a fold shows ranges, not sums. */
const foldOf = (folded: Across['rows'], earliest: Observed, words: ReportWording): AcrossRow => {
  const named = words.list(folded.map(({ territory }) => territoryOf(territory).name[words.language]))
  const lags = [folded[0], folded.at(-1)].flatMap((row) =>
    row ? [lagText(lagOf(row.lagDays, row.firstObserved, earliest), words)] : [],
  )
  // Figures of the same shared detections are not per territory.
  const isJoint = folded.every((row) =>
    folded.every((other) => other === row || row.joint?.includes(other.territory) === true),
  )
  return {
    territory: words.say('across.fold', { count: folded.length }),
    by: words.say('across.foldOf', { list: named }),
    first: '',
    lag: [...new Set(lags)].join(' – '),
    detections: rangeText(
      folded.map(({ detections }) => counted(detections)),
      isJoint,
      words,
    ),
    posts: rangeText(
      folded.map(({ posts }) => posts),
      isJoint,
      words,
    ),
    // The overlap of accounts is unknown.
    accounts: words.total(notGiven),
  }
}

const rangeText = (totals: readonly Total[], isJoint: boolean, words: ReportWording): string => {
  const { form, least, most, without } = rangeOf(totals)
  if (isJoint && form === 'each') return words.say('across.figure', { meant: 'together', figure: words.total(most) })
  return form === 'none'
    ? words.total(notGiven)
    : words.say('across.range', {
        form,
        least: words.total(least),
        most: words.total(most),
        without,
        unknown: words.total(notGiven),
      })
}

type AcrossRow = { readonly [column in Column]: string }

const mergedRows = (rows: Across['rows'], frame: RowFrame, words: ReportWording): readonly AcrossRow[] => {
  const alike = Map.groupBy(rows, (row) => {
    const { territory: _, ...otherColumns } = rowOf(row, 'alone', frame, words)
    return JSON.stringify([otherColumns, row.joint ? [row.territory, ...row.joint].sort() : []])
  })
  return [...alike.values()].flatMap((same) => {
    const [first] = same
    if (!first) return []
    const meant = same.length === 1 ? 'alone' : first.joint ? 'together' : 'each'
    const names = same.map(({ territory }) => territoryOf(territory).name[words.language])
    return [{ ...rowOf(first, meant, frame, words), territory: words.list(names) }]
  })
}

/** For a month, the lag is a bound. */
const lagText = ({ value, unit, bound }: Lag, words: ReportWording): string => {
  if (unit === 'months')
    return value === 0 ? words.say('across.sameMonth') : words.say('across.months', { months: value })
  return words.say(lagKeys[bound], { days: value })
}

const lagKeys = { exact: 'across.days', 'at most': 'across.daysAtMost', 'at least': 'across.daysAtLeast' } as const

const linkText = (
  { kind, value }: DetectionLink,
  setNames: ReadonlyMap<string, Name>,
  words: ReportWording,
): string => {
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

const ofLink = ({ kind, value }: DetectionLink, setNames: ReadonlyMap<string, Name>, words: ReportWording): string => {
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
