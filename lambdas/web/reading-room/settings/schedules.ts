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
  scheduleIn,
  type Turn,
} from '../../../domain/report/schedule.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { actionForm, effectHead, fasterParts, emptyWhoAndWhy, type WhoAndWhy, whoAndWhy } from '../frame/action-form.ts'
import { periodName } from '../frame/names.ts'
import { field, isThisMachine, timeIn, type Visit } from '../frame/pages.ts'

export type ScheduleFormInput = WhoAndWhy & { readonly until: string }

export const emptyInput: ScheduleFormInput = { ...emptyWhoAndWhy, until: '' }

export type ScheduleState = {
  readonly setting: ScheduleSetting
  /** The pause in effect. */
  readonly pause: Turn | undefined
  readonly readers: number
  /** Milliseconds since 1970 UTC. */
  readonly now: number
  /** Days for which the organisation keeps evidence images, if set. */
  readonly days: number | undefined
}

const pathOf = (schedule: Schedule): string => `/room/schedules/${scheduleId(schedule)}`

const nameOf = (schedule: Schedule, words: RoomWording): string =>
  isReportSchedule(schedule) ? subjectOf(schedule.subject).name[words.language] : words.say('room.schedules.plates')

const maxTurnsShown = 30

export const schedulesValue = (
  visit: Visit,
  settings: readonly ScheduleSetting[],
  now: number,
  days: number | undefined,
) => {
  const { words, clock } = visit
  const reports = settings.filter(isReportSchedule)
  const paused = reports.filter((one) => pauseAt(one, now)).length
  const shownTurns = settings
    .flatMap((setting) => setting.turns.map((turn) => ({ setting, turn })))
    .sort((one, other) => (one.turn.at < other.turn.at ? 1 : -1))
    .slice(0, maxTurnsShown)
  return {
    lead: words.say(isThisMachine(visit) ? 'room.schedules.lead.here' : 'room.schedules.lead', {
      count: reports.length,
      paused,
    }),
    caption: words.say(isThisMachine(visit) ? 'room.schedules.title.here' : 'room.schedules.title'),
    // Paused schedules first.
    rows: settings
      .map((setting) => rowOf(visit, setting, now, days))
      .sort((one, other) => Number(other.paused) - Number(one.paused)),
    turns: {
      items: shownTurns.map(({ setting, turn }) => ({
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

export const scheduleName = (id: string, words: RoomWording): string => {
  const schedule = scheduleIn(id)
  return schedule ? reportName(schedule, words) : id
}

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
    ? words.say('room.week.nextPaused')
    : words.say('room.schedules.pausedUntil', { day: words.days(pause.until, pause.until) })
}

type More = {
  readonly effect?: Turn | undefined
  /** True after a concurrent change. */
  readonly faster?: boolean
}

export const scheduleFormValue = (
  visit: Visit,
  state: ScheduleState,
  input: ScheduleFormInput,
  { effect, faster }: More,
) => {
  const { words, href } = visit
  const { setting, pause } = state
  const does = pause ? 'resume' : 'pause'
  return {
    name: { text: reportName(setting, words), lang: '' },
    ...{ id: '', chip: null, fault: [] },
    state: stateText(setting, pause, words),
    lead: words.say(`room.schedule${isReportSchedule(setting) ? '' : '.plates'}.${does}.lead`),
    back: { href: href('/room/schedules'), label: words.say('room.schedule.back') },
    faster: faster ? fasterValue(visit, state, input) : null,
    effect: effect ? effectValue(visit, state, input, effect) : null,
    form: {
      title: words.say(effect && !pause ? 'room.mend.otherwise' : 'room.mend.form'),
      actionForm: pause ? resumeForm(visit, state, input) : previewForm(visit, state, input, effect !== undefined),
    },
    text: pause || input.reason !== '' ? '' : words.say('room.mend.first'),
  }
}

const stampHidden = ({ setting }: ScheduleState) => ({ revision: setting.turns.at(-1)?.at ?? '' })

const previewForm = (visit: Visit, state: ScheduleState, input: ScheduleFormInput, isSeen: boolean) =>
  actionForm(visit, {
    action: visit.href(pathOf(state.setting)),
    hidden: stampHidden(state),
    fields: [
      field('until', visit.words.say('room.schedule.until'), {
        ...{ type: 'date', value: input.until, wrong: input.wrong.until ?? '' },
        note: untilNote(state.setting, visit.words),
      }),
      ...whoAndWhy(visit, input),
    ],
    buttons: [{ label: visit.words.say('room.mend.look'), does: 'look', look: isSeen ? 'second' : 'first' }],
  })

const untilNote = (schedule: Schedule, words: RoomWording): string =>
  isReportSchedule(schedule)
    ? words.say('room.schedule.until.note', {
        town: clockOf(subjectOf(schedule.subject), words),
      })
    : words.say('room.schedule.plates.until.note')

const resumeForm = (visit: Visit, state: ScheduleState, input: ScheduleFormInput) =>
  actionForm(visit, {
    action: visit.href(pathOf(state.setting)),
    hidden: stampHidden(state),
    fields: whoAndWhy(visit, input),
    buttons: [{ label: visit.words.say('room.schedule.resume.button'), does: 'do' }],
  })

/** Previewed reports, or days. */
const lookedAhead = 4

const ahead = (
  { setting, now, days }: ScheduleState,
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

const effectValue = (visit: Visit, state: ScheduleState, input: ScheduleFormInput, turn: Turn) => {
  const { words, href } = visit
  const { setting, readers, pause } = state
  const isReport = isReportSchedule(setting)
  const after: ScheduleSetting = { ...setting, turns: [...setting.turns, turn] }
  const coming = (one: ScheduleSetting) => {
    const made = ahead(state, words).filter(({ at }) => !pauseAt(one, at))
    return made.length === 0 ? words.say('room.schedule.none') : made.map(({ name }) => name).join(' · ')
  }
  const mailed = (is: boolean) => words.say('room.schedule.readers', { count: is ? readers : 0 })
  return {
    ...effectHead(words),
    rows: [
      {
        label: words.say('room.setting.state'),
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
    actionForm: pause
      ? null
      : actionForm(visit, {
          action: href(pathOf(setting)),
          hidden: { ...stampHidden(state), by: input.by, reason: input.reason, until: input.until },
          buttons: [{ label: words.say('room.schedule.pause.button'), does: 'do', look: 'alert' }],
        }),
  }
}

const pauseOrNot = (turn: Turn): Turn | undefined => (turn.is === 'paused' ? turn : undefined)

const fasterValue = (
  { words, clock }: Visit,
  { setting, pause }: ScheduleState,
  { reason, until }: ScheduleFormInput,
) => {
  const line = (label: string, text: string) =>
    words.say('room.mend.line', { label, text: text === '' ? '–' : harmless(text) })
  const last = setting.turns.at(-1)
  return fasterParts(
    words,
    last ? words.say('room.schedule.faster.named', { by: harmless(last.by) }) : words.say('room.schedule.faster'),
    {
      theirs: [
        line(words.say('room.setting.state'), stateText(setting, pause, words)),
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
