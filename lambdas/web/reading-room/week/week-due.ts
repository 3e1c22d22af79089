import type { Due } from '../../../domain/core/place/due.ts'
import { subjectOf } from '../../../domain/core/place/territory.ts'
import { dayIn } from '../../../domain/core/time/period.ts'
import { clockOf } from '../../../domain/page/words/phrases.ts'
import { pauseOf, type ScheduleSetting, type Turn } from '../../../domain/report/schedule.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { periodName } from '../frame/names.ts'
import { isThisMachine, timeIn, type Visit } from '../frame/pages.ts'

export type DueSeen = {
  /** Next report of each readable subject, earliest first. */
  readonly due: readonly Due[]
  readonly settings: readonly ScheduleSetting[]
  /** Milliseconds since 1970 UTC. */
  readonly now: number
}

export const nextText = ({ words, clock }: Visit, next: Due, settings: DueSeen['settings']): string =>
  pauseOf(settings, next, next.at)
    ? words.say('room.week.nextPaused')
    : words.moment(next.at, clock.zone, { year: false })

/** Eight days include every weekly report. */
const soonMs = 8 * 86_400_000

export const dueValue = (visit: Visit, { due, settings, now }: DueSeen) => {
  const { words, clock } = visit
  const soon = due.filter(({ at }) => at <= now + soonMs)
  const together = [
    ...Map.groupBy(soon, (one) => {
      const pause = pauseOf(settings, one, one.at)
      return `${one.at} ${one.period.id} ${pause ? (pause.until ?? 'paused') : ''}`
    }).values(),
  ]
  return {
    title: words.say('room.due'),
    note: words.say(isThisMachine(visit) ? 'room.due.note.here' : 'room.due.note'),
    head: {
      at: words.say('room.due.at', { town: clockOf(clock, words) }),
      report: words.say('room.head.report'),
      there: words.say('room.due.there'),
    },
    rows: together.flatMap((same) => {
      const [first] = same
      if (!first) return []
      const { at, period, subject } = first
      const pause = pauseOf(settings, first, at)
      const day = dayIn(at, clock.zone)
      return [
        {
          at: words.moment(at, clock.zone, { year: false }),
          weekday: words.days(day, day, { weekday: true, year: false }).split(/[\s,]/u)[0] ?? '',
          subjects: words.list(same.map((one) => subjectOf(one.subject).name[words.language])),
          period: periodName(period, words),
          there: timeIn(at, subjectOf(subject), words, { year: false }),
          paused: pause ? pausedText(pause, words) : '',
        },
      ]
    }),
    none: words.say('room.due.none'),
  }
}

const pausedText = ({ until }: Pick<Turn, 'until'>, words: RoomWording): string =>
  until === undefined
    ? words.say('room.due.paused')
    : words.say('room.due.pausedUntil', { day: words.days(until, until) })
