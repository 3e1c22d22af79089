/** What comes by itself and what is paused: the list, and what pausing one or letting it go on would change. */
import { dueOf, following, leavesAt } from '../../../domain/core/place/due.ts'
import { subjectOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import type { Period } from '../../../domain/core/time/period.ts'
import { clockOf, shortPeriod } from '../../../domain/page/words/phrases.ts'
import { firstKept, nextExpiry } from '../../../domain/plate/retention.ts'
import {
  isReportSchedule,
  pauseAt,
  type Schedule,
  type ScheduleSetting,
  scheduleId,
  type Turn,
} from '../../../domain/report/schedule.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { deed, effectHead, fasterParts, nothingSaid as nobodySaid, type WhoAndWhy, whoAndWhy } from '../frame/deeds.ts'
import { periodName } from '../frame/names.ts'
import { field, isThisMachine, timeIn, type Visit } from '../frame/pages.ts'

export type Said = WhoAndWhy & { readonly until: string }

export const nothingSaid: Said = { ...nobodySaid, until: '' }

/** A schedule as a form finds it. */
export type Standing = {
  readonly setting: ScheduleSetting
  /** That holds now. */
  readonly pause: Turn | undefined
  /** How many recipients get what it makes. */
  readonly readers: number
  /** Milliseconds since 1970 UTC. */
  readonly now: number
  /** For how long the house keeps pictures, where it says so. */
  readonly days: number | undefined
}

const pathOf = (schedule: Schedule): string => `/room/schedules/${scheduleId(schedule)}`

const nameOf = (schedule: Schedule, words: RoomWording): string =>
  isReportSchedule(schedule) ? subjectOf(schedule.subject).name[words.language] : words.say('room.schedules.plates')

/** Turns that the page tells, the newest first. */
const maxTurnsTold = 30

export const schedulesValue = (
  visit: Visit,
  settings: readonly ScheduleSetting[],
  now: number,
  days: number | undefined,
) => {
  const { words, clock } = visit
  const reports = settings.filter(isReportSchedule)
  const paused = reports.filter((one) => pauseAt(one, now)).length
  const told = settings
    .flatMap((setting) => setting.turns.map((turn) => ({ setting, turn })))
    .sort((one, other) => (one.turn.at < other.turn.at ? 1 : -1))
    .slice(0, maxTurnsTold)
  return {
    lead: words.say(isThisMachine(visit) ? 'room.schedules.lead.here' : 'room.schedules.lead', {
      count: reports.length,
      paused,
    }),
    caption: words.say(isThisMachine(visit) ? 'room.schedules.title.here' : 'room.schedules.title'),
    none: words.say('room.due.none'),
    columns: {
      report: words.say('room.head.report'),
      next: words.say('room.schedules.next'),
      state: words.say('room.schedules.state'),
      change: words.say('room.schedules.change'),
    },
    // The unusual first.
    rows: settings
      .map((setting) => rowOf(visit, setting, now, days))
      .sort((one, other) => Number(other.paused) - Number(one.paused)),
    told: {
      title: words.say('room.schedules.told'),
      none: words.say('room.schedules.told.none'),
      items: told.map(({ setting, turn }) => ({
        what: words.say(`room.schedules.turn.${turn.is}`, {
          report: reportName(setting, words),
          until: turn.until === undefined ? '' : words.days(turn.until, turn.until),
          ends: turn.until === undefined ? 'no' : 'yes',
        }),
        by: harmless(turn.by),
        at: timeIn(Date.parse(turn.at), clock, words),
        reason: harmless(turn.reason),
      })),
    },
  }
}

const reportName = (schedule: Schedule, words: RoomWording): string =>
  words.say('room.schedules.report', { subject: nameOf(schedule, words), cadence: schedule.cadence })

const rowOf = ({ words, clock, href }: Visit, setting: ScheduleSetting, now: number, days: number | undefined) => {
  const { at, what } = nextOf(setting, now, days, words)
  const pause = pauseAt(setting, now)
  return {
    name: nameOf(setting, words),
    cadence: words.say('room.schedules.cadence', { cadence: setting.cadence }),
    next: timeIn(at, clock, words, { year: false }),
    period: what,
    paused: pause !== undefined,
    state: stateText(setting, pause, words),
    reason: harmless(pause?.reason ?? ''),
    who: pause
      ? words.say('room.schedules.since', { by: harmless(pause.by), at: timeIn(Date.parse(pause.at), clock, words) })
      : '',
    href: href(pathOf(setting)),
    label: words.say(pause ? 'room.schedule.resume' : 'room.schedule.pause'),
    about: reportName(setting, words),
  }
}

/** When it is due next, and what it does then. */
const nextOf = (setting: ScheduleSetting, now: number, days: number | undefined, words: RoomWording) => {
  if (!isReportSchedule(setting)) {
    const at = nextExpiry(now)
    return { at, what: words.say('room.schedules.plates.before', { day: firstDay(at, days, words) }) }
  }
  const { period, at } = dueOf(setting, now)
  return { at, what: periodName(period, words) }
}

const firstDay = (at: number, days: number | undefined, words: RoomWording): string => {
  const day = firstKept(new Date(at), days ?? 0)
  return words.days(day, day)
}

const stateText = (schedule: Schedule, pause: Pick<Turn, 'until'> | undefined, words: RoomWording): string => {
  if (!pause) return words.say(isReportSchedule(schedule) ? 'room.schedules.made' : 'room.schedules.plates.made')
  return pause.until === undefined
    ? words.say('room.schedules.paused')
    : words.say('room.schedules.pausedUntil', { day: words.days(pause.until, pause.until) })
}

type More = {
  /** The turn that would be added. */
  readonly effect?: Turn | undefined
  /** Somebody has set it since the form was drawn. */
  readonly faster?: boolean
}

export const scheduleFormValue = (visit: Visit, standing: Standing, said: Said, { effect, faster }: More) => {
  const { words, href } = visit
  const { setting, pause } = standing
  const does = pause ? 'resume' : 'pause'
  return {
    name: { text: reportName(setting, words), lang: '' },
    ...{ id: '', chip: null, fault: [] },
    state: stateText(setting, pause, words),
    lead: words.say(`room.schedule${isReportSchedule(setting) ? '' : '.plates'}.${does}.lead`),
    back: { href: href('/room/schedules'), label: words.say('room.schedule.back') },
    faster: faster ? fasterValue(visit, standing, said) : null,
    effect: effect ? effectValue(visit, standing, said, effect) : null,
    form: {
      title: words.say(effect && !pause ? 'room.mend.otherwise' : 'room.mend.form'),
      deed: pause ? resumeDeed(visit, standing, said) : lookDeed(visit, standing, said, effect !== undefined),
    },
    text: pause || said.reason !== '' ? '' : words.say('room.mend.first'),
  }
}

/** The state that the form was drawn from. */
const stampHidden = ({ setting }: Standing) => ({ revision: setting.turns.at(-1)?.at ?? '' })

const lookDeed = (visit: Visit, standing: Standing, said: Said, isSeen: boolean) =>
  deed(visit, {
    action: visit.href(pathOf(standing.setting)),
    hidden: stampHidden(standing),
    fields: [
      field('until', visit.words.say('room.schedule.until'), {
        ...{ type: 'date', value: said.until, wrong: said.wrong.until ?? '' },
        note: untilNote(standing.setting, visit.words),
      }),
      ...whoAndWhy(visit, said),
    ],
    buttons: [{ label: visit.words.say('room.mend.look'), does: 'look', look: isSeen ? 'second' : 'first' }],
  })

const untilNote = (schedule: Schedule, words: RoomWording): string =>
  isReportSchedule(schedule)
    ? words.say('room.schedule.until.note', {
        town: clockOf(subjectOf(schedule.subject), words),
      })
    : words.say('room.schedule.plates.until.note')

const resumeDeed = (visit: Visit, standing: Standing, said: Said) =>
  deed(visit, {
    action: visit.href(pathOf(standing.setting)),
    hidden: stampHidden(standing),
    fields: whoAndWhy(visit, said),
    buttons: [{ label: visit.words.say('room.schedule.resume.button'), does: 'do' }],
  })

/** Reports that are looked ahead to, or days. */
const lookedAhead = 4

/** What comes next by itself: when, and as what it is called. */
const ahead = (
  { setting, now, days }: Standing,
  words: RoomWording,
): readonly { readonly at: number; readonly name: string }[] => {
  if (!isReportSchedule(setting)) {
    const instants = Array.from({ length: lookedAhead }, (_, index) => nextExpiry(now) + index * 86_400_000)
    return instants.map((at) => ({ at, name: firstDay(at, days, words) }))
  }
  const { subject, cadence } = setting
  const { period: first } = dueOf(setting, now)
  const found: Period[] = [first]
  while (found.length < lookedAhead) found.push(following(found.at(-1) ?? first, cadence))
  return found.map((period) => ({ at: leavesAt(period, subject), name: shortPeriod({ period }, words) }))
}

/** The next reports from and to, and how many people are mailed them. */
const effectValue = (visit: Visit, standing: Standing, said: Said, turn: Turn) => {
  const { words, href } = visit
  const { setting, readers, pause } = standing
  const isReport = isReportSchedule(setting)
  const after: ScheduleSetting = { ...setting, turns: [...setting.turns, turn] }
  const coming = (one: ScheduleSetting) => {
    const made = ahead(standing, words).filter(({ at }) => !pauseAt(one, at))
    return made.length === 0 ? words.say('room.schedule.none') : made.map(({ name }) => name).join(' · ')
  }
  const mailed = (is: boolean) => words.say('room.schedule.readers', { count: is ? readers : 0 })
  return {
    ...effectHead(words),
    rows: [
      {
        label: words.say('room.schedules.state'),
        before: stateText(setting, pause, words),
        after: stateText(setting, pauseOrNot(turn), words),
      },
      {
        label: words.say(
          isReport
            ? isThisMachine(visit)
              ? 'room.schedule.ahead.here'
              : 'room.schedule.ahead'
            : 'room.schedule.plates.ahead',
          { count: lookedAhead },
        ),
        before: coming(setting),
        after: coming(after),
      },
      ...(isReport
        ? [{ label: words.say('room.schedule.mailed'), before: mailed(!pause), after: mailed(turn.is === 'made') }]
        : []),
    ],
    stays: words.say(isReport ? 'room.schedule.stays' : 'room.schedule.plates.stays'),
    versions: [],
    wayBack: words.say(`room.schedule${isReport ? '' : '.plates'}.${pause ? 'resume' : 'pause'}.wayBack`),
    deed: pause
      ? null
      : deed(visit, {
          action: href(pathOf(setting)),
          hidden: { ...stampHidden(standing), by: said.by, reason: said.reason, until: said.until },
          buttons: [{ label: words.say('room.schedule.pause.button'), does: 'do', look: 'alert' }],
        }),
  }
}

const pauseOrNot = (turn: Turn): Turn | undefined => (turn.is === 'paused' ? turn : undefined)

/** What another set since, beside what was typed. */
const fasterValue = ({ words, clock }: Visit, { setting, pause }: Standing, { reason, until }: Said) => {
  const line = (label: string, text: string) =>
    words.say('room.mend.line', { label, text: text === '' ? '–' : harmless(text) })
  const last = setting.turns.at(-1)
  return fasterParts(
    words,
    last ? words.say('room.schedule.faster.named', { by: harmless(last.by) }) : words.say('room.schedule.faster'),
    {
      theirs: [
        line(words.say('room.schedules.state'), stateText(setting, pause, words)),
        ...(last
          ? [
              line(words.say('room.history.by'), last.by),
              line(words.say('room.history.at'), timeIn(Date.parse(last.at), clock, words)),
              line(words.say('room.deed.reason'), last.reason),
            ]
          : []),
      ],
      yours: [
        ...(until === '' ? [] : [line(words.say('room.schedule.until'), until)]),
        line(words.say('room.deed.reason'), reason),
      ],
    },
  )
}
