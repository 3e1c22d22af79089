/** Shows the watch in one week from stored reports; computes no figures. */
import { type Caller, mayDo, readsEveryCap } from '../../../domain/access/caller.ts'
import { effectWord } from '../../../domain/aggregate/counting/effects.ts'
import type { Segment } from '../../../domain/core/language/language.ts'
import type { Marking } from '../../../domain/core/marking.ts'
import { following, leavesAt } from '../../../domain/core/place/due.ts'
import { hasBegun } from '../../../domain/core/place/subject.ts'
import { isGroup, type SubjectCode, subjectOf } from '../../../domain/core/place/territory.ts'
import { type Period, previous } from '../../../domain/core/time/period.ts'
import { trendHeadline, trendOf } from '../../../domain/page/first/trend.ts'
import type { FigureRow } from '../../../domain/page/front/front.ts'
import { sharedText } from '../../../domain/page/words/in-part.ts'
import { levelMark } from '../../../domain/page/words/level-words.ts'
import { clockOf, figureParts, ownAndShared, shortPeriod } from '../../../domain/page/words/phrases.ts'
import { sourceName, type WatchSign } from '../../../domain/page/words/watch.ts'
import { editionOf } from '../../../domain/report/manifest.ts'
import { pauseFor } from '../../../domain/report/schedule.ts'
import type { VersionHere, WeekRow, WeekSummary } from '../../../usecases/archive/week-overview.ts'
import type { FlashListed } from '../../../usecases/reports/flash/list-flash.ts'
import { countOf, type Waiting } from '../../../usecases/todo/inbox.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { aboutOf, periodName } from '../frame/names.ts'
import { chipOf, choices, field, timeIn, type Visit } from '../frame/pages.ts'
import { editionHref } from '../frame/paths.ts'
import { clocks } from '../frame/showing.ts'
import { pickerValue } from '../reports/picker.ts'
import { inboxMarkings } from '../todo/inbox.ts'
import { type DueSeen, dueValue, nextText } from './week-due.ts'

type WeekSeen = DueSeen & {
  readonly week: Period
  readonly rows: readonly WeekRow[]
  /** The newest week with a current report, if this one has none; or a later one without a report. */
  readonly other: Period | undefined
  readonly waiting: Waiting
}

type Published = Extract<WeekRow, { readonly is: 'published' }>

export const weekValue = (visit: Visit, seen: WeekSeen, picked: Picked) => {
  const { words } = visit
  const { week, rows, other } = seen
  const own = rows.filter(({ subject }) => !isGroup(subject))
  const national = rows.find(({ subject }) => subject === 'ALL')
  return {
    week: shortPeriod({ period: week }, words),
    days: words.days(week.first, week.last),
    weeks: weekLinks(visit, seen),
    picker: pickerOf(visit, seen, picked),
    clock: clockValue(visit, week),
    glance: {
      title: words.say('room.week.glance'),
      note: words.say('room.week.glance.note'),
      items: glanceOf(visit, own, seen),
      other: other
        ? {
            href: visit.href('/room', { week: other.id }),
            label: words.say(rows.some(({ is }) => is === 'published') ? 'room.week.latest' : 'room.week.newest', {
              week: periodName(other, words),
            }),
          }
        : null,
    },
    waits: waitsValue(visit, seen),
    territories: {
      title: words.say('room.week.territories'),
      note: words.say('room.week.note'),
      head: headOf(visit, week),
      groups: [...groupsOf(visit, own, seen), ...(national ? [nationalGroup(visit, national, seen)] : [])],
      legend: daySignsShown.map((sign) => ({ sign, text: words.say(`room.week.sign.${sign}`) })),
      trends: words.say('room.week.trends'),
    },
    due: dueValue(visit, seen),
  }
}

/** State of the calendar; `wrong` marks unreadable input. */
type Picked = { readonly year: number; readonly isOpen: boolean; readonly wrong: boolean; readonly typed: string }

const pickerOf = (visit: Visit, { week, now }: WeekSeen, { year, isOpen, wrong, typed }: Picked) =>
  pickerValue(visit, {
    ...{ year, now, isOpen },
    chosen: week.id,
    toYear: (other) => visit.href('/room#choose', { week: week.id, year: String(other) }),
    toWeek: ({ id }) => visit.href('/room', { week: id }),
    toPeriod: ({ id }) => visit.href('/room/archive', { period: id }),
    day: { action: '/room', wrong, typed },
  })

export const markingsSeen = (
  { rows, waiting }: Pick<WeekSeen, 'rows' | 'waiting'>,
  caller: Caller,
): readonly Marking[] => [
  ...rows.flatMap((row) => (row.is === 'published' ? [row.marking, ...row.earlier.map(({ marking }) => marking)] : [])),
  ...waiting.markings,
  ...inboxMarkings(waiting.inbox, caller),
]

const weekLinks = ({ words, href }: Visit, { week, now }: WeekSeen) => {
  const [before, after] = [previous(week), following(week, 'week')]
  const link = (period: Period, key: 'room.week.before' | 'room.week.after') => ({
    href: href('/room', { week: period.id }),
    label: words.say(key, { week: shortPeriod({ period }, words) }),
  })
  return {
    label: words.say('room.coverage.weeks'),
    items: [link(before, 'room.week.before'), ...(hasBegun(after, 'ALL', now) ? [link(after, 'room.week.after')] : [])],
  }
}

const clockValue = ({ words, clock, chosen }: Visit, week: Period) => ({
  summary: words.say('room.week.clock', { town: clockOf(clock, words) }),
  title: words.say('room.week.clock.title'),
  field: field('zone', words.say('room.week.clock.field'), {
    choices: choices(
      clocks.map(({ zone }) => zone),
      (zone) => clocks.find((one) => one.zone === zone)?.town[words.language] ?? zone,
      clock.zone,
    ),
  }),
  // The form has a field for the zone.
  kept: [{ name: 'week', value: week.id }, ...(chosen ? [{ name: 'lang', value: chosen }] : [])],
  button: words.say('room.week.clock.button'),
})

const nameOf = (code: SubjectCode, words: RoomWording): string => subjectOf(code).name[words.language]

const names = (rows: readonly WeekRow[], words: RoomWording): string =>
  words.list(rows.map(({ subject }) => nameOf(subject, words)))

const fewNames = (rows: readonly WeekRow[], words: RoomWording): string =>
  rows.length > 3 ? '' : words.say('room.waits.list', { list: names(rows, words) })

type Group = 'unusual' | 'held' | 'seen' | 'quiet' | 'blind' | 'none'

/** Most urgent first. */
const groupOrder: readonly Group[] = ['unusual', 'held', 'seen', 'blind', 'quiet', 'none']

/** The national row has no level. */
const levelOf = (row: WeekRow): number => {
  const value = row.is === 'published' ? row.summary.level?.value : 0
  return typeof value === 'number' ? value : 0
}

const groupOf = (row: WeekRow): Group => {
  if (row.is === 'none') return 'none'
  if (row.is !== 'published') return 'held'
  const { isSeen, watch } = row.summary
  if (levelOf(row) >= 2) return 'unusual'
  if (isSeen) return 'seen'
  return watch === 'watched' ? 'quiet' : 'blind'
}

const groupsOf = (visit: Visit, own: readonly WeekRow[], seen: WeekSeen) => {
  const { words } = visit
  const groups = Map.groupBy(own, groupOf)
  return groupOrder.flatMap((group) => {
    const rows = groups.get(group) ?? []
    return rows.length === 0
      ? []
      : [
          {
            title: words.say(`room.week.group.${group}`),
            count: words.number(rows.length),
            rows: rows.map((row) => rowOf(visit, row, seen)),
          },
        ]
  })
}

const nationalGroup = (visit: Visit, row: WeekRow, seen: WeekSeen) => ({
  title: visit.words.say('room.week.national'),
  count: visit.words.say('room.week.national.note'),
  rows: [rowOf(visit, row, seen)],
})

const headOf = ({ words, clock }: Visit, week: Period) => ({
  territory: words.say('room.field.territory'),
  posts: words.say('measure.posts'),
  past: words.say('room.week.trend'),
  detections: words.say('measure.detections'),
  effect: words.say('room.week.effect'),
  watch: words.say('room.week.watch', { days: words.days(week.first, week.last, { year: false }) }),
  report: words.say('room.week.report'),
  next: words.say('room.week.next', { town: clockOf(clock, words) }),
})

const rowOf = (visit: Visit, row: WeekRow, { week, due, settings, now }: WeekSeen) => {
  const { words, href } = visit
  const { subject } = row
  const next = due.find((one) => one.subject === subject && one.cadence === 'week')
  const mayLook = mayDo(visit.caller, 'detections:read') && !isGroup(subject)
  return {
    code: isGroup(subject) ? '' : subject,
    territory: nameOf(subject, words),
    // On a phone, leaves out the zeros of quiet rows.
    calm: groupOf(row) === 'quiet',
    ...(row.is === 'published' ? publishedCells(visit, row, week) : emptyCells(visit, row, { week, settings, now })),
    notesHref: mayDo(visit.caller, 'notes:write') ? href('/room/notes', { territory: subject, period: week.id }) : '',
    detectionsHref: mayLook ? href('/room/detections', { territory: subject, period: week.id }) : '',
    next: next ? nextText(visit, next, settings) : '–',
  }
}

const publishedCells = (visit: Visit, row: Published, week: Period) => {
  const { words } = visit
  const { summary, cap, version, marking, later, subject } = row
  const { posts: own, shared } = ownAndShared(summary.trend, words)
  const posts = shared ? figureParts(own, words) : summary.posts[words.language]
  const detections = summary.detections[words.language]
  return {
    level: levelText(summary.level, words),
    posts: { qualifier: qualifierOf(posts, words), value: posts.value, shared },
    trend: trendCell(visit, row),
    detections: writtenFigure(detections, words),
    effect: effectText(summary, subject, words),
    watch: watchText(summary, words),
    report: {
      href: editionHref(visit, { territory: subject, period: week, cap }, version),
      label: words.say('room.version', { version }),
      chip: chipOf(marking),
      notes: [
        words.say('room.edition', { cap }),
        ...(summary.isCorrected ? [words.say('room.week.corrected')] : []),
        ...(later ? [words.say(later === 'held' ? 'room.week.laterHeld' : 'room.week.laterRecalled')] : []),
      ],
      ...{ alert: '', none: '' },
    },
  }
}

const trendCell = ({ words }: Visit, { summary, earlier }: Published) => {
  const trend = trendOf(
    summary.trend,
    words,
    earlier.map((one) => one.trend),
  )
  if (!trend) return null
  const known = words.say('room.week.trend.known', {
    measure: words.say(`measure.${trendHeadline(summary.trend)?.figure ?? 'detections'}`),
    weeks: trend.points.filter(({ value }) => typeof value === 'number').length,
  })
  return { ...trend, known, band: trend.band ?? null }
}

/** Reports of earlier programs have none. */
const levelText = (level: WeekSummary['level'], words: RoomWording): string =>
  level ? levelMark(level, words).spoken : words.say('level.none')

/** Leaves out the qualifier of exact figures and of figures without a number. */
const qualifierOf = ({ value, qualifier }: Pick<FigureRow, 'value' | 'qualifier'>, words: RoomWording): string =>
  /\d/.test(value) && qualifier !== words.say('qualifier', { qualifier: 'exact' }) ? qualifier : ''

const writtenFigure = (row: Pick<FigureRow, 'value' | 'qualifier'>, words: RoomWording): string =>
  [qualifierOf(row, words), row.value].filter(Boolean).join(' ')

const noLink = { href: '', label: '', chip: null, notes: [], alert: '' }

/** Held, recalled, damaged or missing reports show no figure, not even 0. */
const emptyCells = (
  visit: Visit,
  row: Exclude<WeekRow, { readonly is: 'published' }>,
  { week, settings, now }: Pick<WeekSeen, 'week' | 'settings' | 'now'>,
) => {
  const { words } = visit
  return {
    level: '',
    posts: null,
    trend: null,
    detections: '',
    effect: '',
    watch: null,
    report:
      row.is === 'none'
        ? { ...noLink, none: noReport(visit, row.subject, { week, settings, now }) }
        : {
            href: editionHref(visit, { territory: row.subject, period: week, cap: row.cap }, row.version),
            label: words.say('room.version', { version: row.version }),
            chip: null,
            notes: [words.say('room.edition', { cap: row.cap })],
            alert: words.say(`room.week.${row.is}`),
            none: '',
          },
  }
}

const noReport = (
  { words, clock, caller }: Visit,
  subject: SubjectCode,
  { week, settings, now }: Pick<WeekSeen, 'week' | 'settings' | 'now'>,
): string => {
  const at = leavesAt(week, subject)
  const moment = timeIn(at, clock, words, { year: false })
  if (pauseFor(settings, { subject, period: week }))
    return words.say(at > now ? 'room.week.nonePausedYet' : 'room.week.nonePaused', { moment })
  const late = readsEveryCap(caller) ? 'room.week.noneMade' : 'room.week.noneOpen'
  return words.say(at > now ? 'room.week.noneYet' : late, { moment })
}

const effectText = (
  { breakout, isSeen, targets, ...effect }: WeekSummary,
  code: SubjectCode,
  words: RoomWording,
): string => {
  if (!isSeen) return ''
  return [
    words.say(`room.week.effect.${effectWord(effect)}`) +
      (targets ? sharedText({ territories: targets }, { code }, words) : ''),
    ...(breakout > 0 ? [words.say('room.week.breakout', { category: breakout })] : []),
  ].join(', ')
}

const daySignsShown = ['found', 'nothing', 'silent', 'not due'] as const satisfies readonly WatchSign[]

const watchText = ({ signs, watch, gap, isSeen }: WeekSummary, words: RoomWording) => {
  const spoken = words.list(signs.map((sign) => words.say(`room.week.sign.${sign}`)))
  if (watch === 'by no source') return { signs, spoken, text: words.say('group.state.out'), alert: true }
  if (watch === 'blind') {
    const text = isSeen ? words.say('room.week.afterwards') : words.say('group.state.blind')
    return { signs, spoken, text, alert: true }
  }
  return gap ? { signs, spoken, text: gapText(gap, words), alert: true } : { signs, spoken, text: '', alert: false }
}

const gapText = ({ source, hours }: NonNullable<WeekSummary['gap']>, words: RoomWording): string =>
  words.say('room.week.gap', { hours, source: sourceName(source, words) })

const glanceOf = (
  { words, caller }: Visit,
  own: readonly WeekRow[],
  { week, settings, now }: WeekSeen,
): readonly (readonly Segment[])[] => {
  const of = (group: Group) =>
    own.filter((row) => groupOf(row) === group).toSorted((one, other) => levelOf(other) - levelOf(one))
  const [unusual, seen, quiet, held] = [of('unusual'), of('seen'), of('quiet'), of('held')]
  const [paused, none] = pausedAmong(of('none'), week, settings)
  const published = own.filter((row): row is Published => row.is === 'published')
  const sentencesFor = (key: Parameters<RoomWording['formatRich']>[0], rows: readonly WeekRow[]) =>
    rows.length === 0 ? [] : [words.formatRich(key, { count: rows.length, list: names(rows, words) })]
  if (published.length === 0 && paused.length > 0 && none.length + held.length === 0)
    return sentencesFor('room.week.glance.paused', paused)
  if (published.length + held.length === 0) {
    const isAhead = own.some(({ subject }) => leavesAt(week, subject) > now)
    if (readsEveryCap(caller)) return [words.formatRich('room.week.glance.nothingMade')]
    return [words.formatRich(isAhead ? 'room.week.glance.nothingYet' : 'room.week.glance.nothing')]
  }
  const isWhole = (row: WeekRow): boolean => row.is === 'published' && row.summary.isWhole
  const interrupted = published.filter(({ summary: { watch, gap } }) => watch === 'watched' && gap)
  return [
    ...unusual.flatMap((row) => (row.is === 'published' ? [unusualSentence(row, words)] : [])),
    ...sentencesFor('room.week.glance.seen', seen),
    ...sentencesFor('room.week.glance.quiet', quiet.filter(isWhole)),
    ...sentencesFor(
      'room.week.glance.quietPartly',
      quiet.filter((row) => !isWhole(row)),
    ),
    ...sentencesFor('room.week.glance.blind', of('blind')),
    ...(interrupted.length === 0
      ? []
      : [
          words.formatRich('room.week.glance.gaps', {
            list: words.list(
              interrupted.map(({ subject, summary: { gap } }) =>
                words.say('room.week.glance.gap', { territory: nameOf(subject, words), hours: gap?.hours ?? 0 }),
              ),
            ),
          }),
        ]),
    ...sentencesFor('room.week.glance.held', held),
    ...sentencesFor('room.week.glance.paused', paused),
    ...sentencesFor(readsEveryCap(caller) ? 'room.week.glance.unmade' : 'room.week.glance.none', none),
  ]
}

const pausedAmong = (rows: readonly WeekRow[], week: Period, settings: WeekSeen['settings']) => {
  const isPaused = ({ subject }: WeekRow) => pauseFor(settings, { subject, period: week }) !== undefined
  return [rows.filter(isPaused), rows.filter((row) => !isPaused(row))] as const
}

const unusualSentence = ({ subject, summary }: Published, words: RoomWording): readonly Segment[] =>
  words.formatRich('room.week.glance.unusual', {
    territory: nameOf(subject, words),
    level: levelText(summary.level, words),
  })

const waitsValue = (visit: Visit, { rows, waiting, week, settings, now }: WeekSeen) => {
  const { words, href, caller } = visit
  const { flashes, inbox } = waiting
  const held = rows.flatMap(({ subject, held }) => held.map((version) => ({ subject, ...version })))
  const unreadable = rows.flatMap((row) => (row.is === 'unreadable' ? [row] : []))
  const missing = rows.filter(({ is, subject }) => is === 'none' && leavesAt(week, subject) <= now)
  const [, late] = pausedAmong(missing, week, settings)
  const item = (key: WaitKey, count: number, path: string, list = '', links: readonly WaitLink[] = []) =>
    count === 0
      ? []
      : [
          {
            label: words.say(`room.waits.${key}`, { count, list }),
            href: path,
            links,
            otherwise: words.say(`room.waits.${key}.otherwise`, { count }),
          },
        ]
  return {
    title: words.say('room.waits'),
    items: [
      ...item(
        'held',
        held.length,
        '',
        '',
        held.map((one) => versionLink(visit, week, one)),
      ),
      ...item(
        'unreadable',
        unreadable.length,
        '',
        '',
        unreadable.map((one) => versionLink(visit, week, one)),
      ),
      ...item(readsEveryCap(caller) ? 'unmade' : 'late', late.length, '', fewNames(late, words)),
      ...item('mail', waiting.mails ?? 0, href('/room/mail')),
      ...item(
        'flash',
        new Set(flashes.map(({ key }) => key)).size,
        '',
        '',
        flashes.map((one) => flashLink(visit, one)),
      ),
      ...item(
        'candidates',
        inbox.filter((one) => one.kind === 'candidate' && !one.of.isLost).length,
        href('/room/inbox', { kind: 'candidate' }),
      ),
      ...item(
        'unplaced',
        waiting.unplaced ?? 0,
        mayDo(caller, 'detections:write') ? href('/room/inbox', { kind: 'unplaced' }) : '',
      ),
      ...waitKinds.flatMap(([key, ...kinds]) =>
        item(key, countOf(inbox, ...kinds), href('/room/inbox', { kind: kinds[0] })),
      ),
    ],
    none: words.say('room.waits.none'),
  }
}

const waitKinds = [
  ['lowered', 'lower'],
  ['contested', 'contested', 'withdrawn'],
  ['rejects', 'reject'],
] as const

type WaitLink = { readonly href: string; readonly label: string }

const versionLink = (
  visit: Visit,
  week: Period,
  { subject, cap, version }: VersionHere & { readonly subject: SubjectCode },
): WaitLink => ({
  href: editionHref(visit, { territory: subject, period: week, cap }, version),
  label: visit.words.say('room.waits.version', { territory: nameOf(subject, visit.words), cap, version }),
})

/** Each edition of a note waits separately. */
const flashLink = (visit: Visit, { key, period, cap, version }: FlashListed): WaitLink => {
  const edition = editionOf({ territory: key, period, cap })
  const territory = aboutOf({ territory: key, period: edition.period }, visit.words).name
  return {
    href: editionHref(visit, edition, version),
    label: visit.words.say('room.waits.version', { territory, cap, version }),
  }
}

type WaitKey =
  | ('held' | 'unreadable' | 'late' | 'unmade' | 'mail' | 'flash' | 'candidates' | 'unplaced')
  | ('lowered' | 'contested' | 'rejects')
