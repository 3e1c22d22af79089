/** Lines of at most 80 columns. */
import { reasonText } from '../../../lambdas/domain/core/fault-text.ts'
import { shortMarking } from '../../../lambdas/domain/core/marking.ts'
import { type TerritoryCode, territoryOf } from '../../../lambdas/domain/core/place/territory.ts'
import { nameIn, textIn } from '../../../lambdas/domain/core/text/localised.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { firstDayIn, type Observed } from '../../../lambdas/domain/core/time/observed.ts'
import type { Counts } from '../../../lambdas/domain/looking/counts.ts'
import {
  explainWordingOf,
  type PlaceExplained,
  placeSentence,
  describeCountStatuses,
} from '../../../lambdas/domain/looking/explanation.ts'
import { cursorTo } from '../../../lambdas/domain/looking/place.ts'
import type {
  Explanation,
  RevisionExplained,
  VersionExplained,
} from '../../../lambdas/usecases/detections/explain-detection.ts'
import type { FoundPage } from '../../../lambdas/usecases/detections/find-detections.ts'
import type { Shown } from '../../../lambdas/usecases/detections/view.ts'
import type { DetectionPage } from '../answers.ts'
import { formatEffect, formatFigure } from './figures.ts'
import { wrapped as wrappedIn } from './terminal.ts'

const columns = 80

export const pageOutput = ({ next, ...page }: FoundPage): DetectionPage => ({
  ...page,
  next: next ? cursorTo(next) : null,
})

export const pageLines = ({ detections, next, days }: FoundPage, territory?: TerritoryCode): readonly string[] => [
  ...(detections.length === 0
    ? [days ? noneIn('none', days) : 'none']
    : [row('id', 'since', 'place', 'marking', 'kind'), ...detections.flatMap((one) => linesOf(one, territory))]),
  ...(next ? [`more: --after ${cursorTo(next)}`] : []),
]

/** A search by key covers all time; days, if any, limit only words. */
export const noneFound = (days: FoundPage['days']): readonly string[] => [
  'none so named at any time (id, title, campaign, hashtag, accounts, fingerprint)',
  days ? noneIn('no such words', days) : 'no such words at any time',
]

const noneIn = (none: string, { first, last }: NonNullable<FoundPage['days']>): string =>
  `${none} from ${first} to ${last}: --from and --to name other days`

const idWidth = 26

const row = (id: string, since: string, place: string, marking: string, kind: string): string =>
  [id.padEnd(idWidth), since.padEnd(10), place.padEnd(7), marking.padEnd(12), kind].join(' ').trimEnd()

/** Returns a local day, a month for monthly precision, or a UTC day without a territory. */
const sinceIn = (observed: Observed, code: TerritoryCode | undefined): string =>
  observed.precision === 'month'
    ? observed.from
    : firstDayIn(observed, code === undefined ? 'UTC' : territoryOf(code).zone)

/** @param asked territory of the list, whose local days are shown */
const linesOf = (one: FoundPage['detections'][number], asked?: TerritoryCode): readonly string[] => {
  const { id, observed, territories, marking, kind, title, campaign, figures, untranslated = [] } = one
  const codes = territories.map(({ code }) => code)
  const first = codes.find((code) => code === asked) ?? codes[0]
  const place = codes.length > 1 ? `${first} +${codes.length - 1}` : (first ?? '–')
  const about = [sinceIn(observed, first), place] as const
  const { value, qualifier } = figures.posts
  const posts = value === null ? [] : [formatFigure({ value, qualifier }, 'post')]
  const description = [textIn(title, 'en').text, ...(campaign === undefined ? [] : [campaign]), ...posts].join(' · ')
  return [
    ...(id.length > idWidth ? [id] : []),
    row(id.length > idWidth ? '' : id, ...about, shortMarking(marking), kind),
    cut(`  ${description}`),
    ...(untranslated.length > 0 ? [cut(`  awaiting: ${untranslated.join(', ')}`)] : []),
  ]
}

const cut = (line: string): string => (line.length <= columns ? line : `${line.slice(0, columns - 1)}…`)

export const countLines = ({ detections, ...by }: Counts): readonly string[] => [
  plural(detections, 'detection'),
  ...Object.entries(by).flatMap(([what, names]) => [
    `${what}:`,
    ...names.map((one) => cut(`  ${String(one.detections).padStart(7)}  ${one.name}`)),
  ]),
]

const byWords = (detector: string): string => (detector === 'by hand' ? detector : `by ${detector}`)

export const detectionStory = (one: Shown): readonly string[] => {
  const { summary, detector, revision, storedAt, observed, platforms, hashtags, partOf, actor, observedEffect } = one
  const lists = { platforms, hashtags, 'part of': partOf === undefined ? [] : [partOf] }
  return [
    row('id', 'since', 'place', 'marking', 'kind'),
    ...linesOf(one),
    `observed ${observed.from} to ${observed.to}; ${byWords(detector)}`,
    `revision ${revision}, stored ${storedAt}`,
    ...(summary ? wrapped(textIn(summary, 'en').text) : []),
    ...Object.entries(lists).flatMap(([name, values]) =>
      values.length > 0 ? wrapped(`${name}: ${values.join(', ')}`) : [],
    ),
    ...countedLines(one),
    ...(observedEffect ? wrapped(`effect: ${formatEffect(observedEffect)}`) : []),
    ...(actor ? actorLines(actor) : []),
    ...wrapped(`vigie explain ${one.id} shows where it came from and where it counts; --json shows more`),
  ]
}

const figureNouns = {
  reposts: 'repost',
  videos: 'video',
  views: 'view',
  accounts: 'account',
  coordinatedAccounts: 'coordinated account',
} as const

/** Omits posts, which another line has. */
const countedLines = ({ figures }: Shown): readonly string[] => {
  const figureTexts = Object.entries(figureNouns).flatMap(([name, noun]) => {
    const figure = figures[name as keyof typeof figureNouns]
    return figure?.value == null ? [] : [formatFigure({ value: figure.value, qualifier: figure.qualifier }, noun)]
  })
  return figureTexts.length === 0 ? [] : wrapped(`figures: ${figureTexts.join(', ')}`)
}

const actorLines = (actor: NonNullable<Shown['actor']>): readonly string[] => {
  const { name, attributedBy, likelihood, confidence, links = [], replies = [] } = actor
  const called = (one: typeof name) => nameIn(one, 'en').text
  const rated = [...(likelihood ? [likelihood] : []), ...(confidence ? [`confidence ${confidence}`] : [])]
  return [
    ...wrapped([`according to ${called(attributedBy)}: ${called(name)}`, ...rated].join(', ')),
    ...links.flatMap((link) => wrapped(linkText(link), '  ')),
    ...replies.flatMap(({ by, text, date, source, marking }) =>
      wrapped(
        [
          `reply of ${called(by)}: ${textIn(text, 'en').text}`,
          ...(source ? [textIn(source.title, 'en').text] : []),
          date ?? source?.date ?? 'date n/a',
          ...(marking ? [shortMarking(marking)] : []),
        ].join(', '),
        '  ',
      ),
    ),
    ...(links.length > 0 && replies.length === 0 ? ['  no reply known'] : []),
  ]
}

type ShownLink = NonNullable<NonNullable<Shown['actor']>['links']>[number]

const linkText = (link: ShownLink): string => {
  const { from, to, relation, basis, fact, date, source, attributedBy, likelihood, confidence, marking } = link
  const [a, b, by] = [from.name, to.name, attributedBy].map((one) => nameIn(one, 'en').text)
  const ends = relation === 'attributed to' ? `${a} to ${b}` : `${a} and ${b} amplify each other`
  const stated = confidence?.level ?? (confidence?.score === undefined ? 'not given' : `${confidence.score} of 100`)
  return [
    `${ends}: ${basis ?? 'basis n/a'}`,
    `${textIn(fact, 'en').text.replace(/\.$/, '')} (${date ?? 'date n/a'})`,
    ...(source ? [[textIn(source.title, 'en').text, source.date].filter(Boolean).join(', ')] : []),
    `according to ${by}`,
    ...(likelihood ? [likelihood] : []),
    `confidence ${confidence?.platformDefault ? `n/a ("${confidence.score}" by default)` : stated}`,
    ...(marking ? [shortMarking(marking)] : []),
  ].join('; ')
}

const wrapped = (text: string, indent = ''): readonly string[] => wrappedIn(text, columns, indent, `${indent}  `)

const english = explainWordingOf('en')

export const explanationLines = (explanation: Explanation): readonly string[] => {
  const {
    detection,
    status,
    reason,
    revisions,
    corrections = [],
    places,
    wholes,
    report,
    versions,
    unreadable,
  } = explanation
  const { id, title, detector, marking } = detection
  return [
    ...wrapped(`${id}: ${textIn(title, 'en').text}`),
    `  ${shortMarking(marking)}, ${byWords(detector)}`,
    ...(status === 'withdrawn'
      ? wrapped(`withdrawn${reason === undefined ? '' : `: ${reasonText(reason)}`}`, '  ')
      : []),
    'revisions',
    ...revisions.flatMap(revisionLines),
    ...(corrections.length > 0 ? ['corrected'] : []),
    ...corrections.flatMap(({ field, by, reason: why, at }) =>
      wrapped(`${field}, by ${by}, ${at}: ${reasonText(why)}`, '  '),
    ),
    'placed',
    ...(places.length === 0 ? ['  nowhere yet: no report has it; give it a territory with vigie inbox fix'] : []),
    ...places.flatMap((place) => placeLines(place, status)),
    ...(wholes.length > 0 ? wrapped(`part of ${wholes.join(', a part of ')}`) : []),
    ...(report ? reportLines(report) : []),
    'shown in',
    ...(versions.length === 0 ? ['  no published version'] : versions.flatMap(versionLines)),
    ...(unreadable > 0
      ? wrapped(`${plural(unreadable, 'version')} cannot be read: vigie archive verify shows why`, '  ')
      : []),
  ]
}

const revisionLines = ({ revision, status, storedAt, changed, batch, act }: RevisionExplained): readonly string[] =>
  wrapped(
    [
      `${revision}  ${storedAt}`,
      ...(status === 'withdrawn' && act === undefined ? ['withdrawn'] : []),
      ...(act
        ? [
            `${act.did}${act.batch === undefined ? '' : ` with the intake ${act.batch}`}, by ${act.by}${act.reason === undefined ? '' : ` (${reasonText(act.reason)})`}`,
          ]
        : []),
      ...(changed ? [`changed ${changed.join(', ') || 'nothing'}`] : []),
      ...(batch ? [`batch ${batch.name} (${batch.file}, by ${batch.by ?? batch.sender})`] : []),
    ].join('  '),
    '  ',
  )

const placeLines = (place: PlaceExplained, status: Explanation['status']): readonly string[] => {
  const { code, zone, from, to, day, week, month } = place
  const counts =
    status === 'withdrawn'
      ? 'counts in no report'
      : day === undefined
        ? `counts in ${month}; no day is known`
        : `counts in ${week} and ${month}`
  return [
    ...wrapped(`${code}  ${placeSentence(place, english)}`, '  '),
    ...wrapped(`${day ?? month} (${zone}), ${from}${to === from ? '' : ` to ${to}`}: ${counts}`, '    '),
  ]
}

const reportLines = ({
  territory,
  period,
  standings,
  parts,
}: NonNullable<Explanation['report']>): readonly string[] => [
  `in ${territory} ${period}`,
  ...describeCountStatuses(standings, english).flatMap(({ caps, sentences }) =>
    wrapped(`${caps.map(shortMarking).join(', ')}: ${sentences.join('; ')}`, '  '),
  ),
  ...(parts.length > 0 ? wrapped(`its parts there: ${parts.join(', ')}`, '  ') : []),
]

const versionLines = ({
  territory,
  period,
  cap,
  version,
  asOf,
  revision,
  countStatus: status,
  recalled,
}: VersionExplained) =>
  wrapped(
    [
      `${territory} ${period} ${shortMarking(cap)} version ${version}, as of ${asOf}`,
      `revision ${revision}${status ? ` ${status.state}` : ''}`,
      ...(recalled ? ['recalled'] : []),
    ].join(': '),
    '  ',
  )
