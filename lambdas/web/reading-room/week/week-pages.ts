import type { Context, Hono } from 'hono'
import * as z from 'zod'
import { mayDo, subjectsFor } from '../../../domain/access/caller.ts'
import { dueNext, type Scheduled } from '../../../domain/core/place/due.ts'
import { type Period, weekOf } from '../../../domain/core/time/period.ts'
import type { Organisation } from '../../../domain/report/organisation.ts'
import type { ArchiveServices } from '../../../usecases/archive/browse-archive.ts'
import { latestWeek, newestWeek, rememberedWeeks } from '../../../usecases/archive/week-overview.ts'
import type { Desk } from '../../../usecases/ingest/desk.ts'
import type { Log } from '../../../usecases/log.ts'
import type { Services } from '../../../usecases/services.ts'
import { whatWaits } from '../../../usecases/todo/inbox.ts'
import { type Showing, weekIn } from '../frame/showing.ts'
import { yearIn } from '../reports/picker.ts'
import { markingsSeen, weekValue } from './week.ts'

type Routes = {
  readonly showing: Showing
  readonly services: ArchiveServices &
    Omit<Parameters<typeof whatWaits>[2], 'rejects' | 'organisation'> &
    Pick<Services, 'schedules'>
  readonly organisation: Organisation
  readonly desk: Desk
  readonly due: Scheduled
  readonly log: Log
}

/** Query names from when the archive was the first page: such addresses redirect to it. */
const archiveNames = ['territory', 'cadence', 'period', 'cap', 'from', 'to', 'cursor'] as const

export const weekPage = (app: Hono, { showing, services, organisation, desk, due, log }: Routes): void => {
  const weeks = rememberedWeeks()
  app.get(
    '/room',
    showing('watch:read', async (c, visit) => {
      const { caller, words, href } = visit
      if (!mayDo(caller, 'reports:read')) return c.redirect(href('/room/coverage'), 302)
      const query = c.req.query()
      if (archiveNames.some((name) => query[name])) {
        const kept = Object.fromEntries(archiveNames.map((name) => [name, query[name]]))
        return c.redirect(href('/room/archive', kept), 302)
      }
      const now = services.clock().getTime()
      const { asked, wrong } = askedIn(c)
      const latest = latestWeek(caller, now)
      const chosen = await weeks.of(asked ?? latest, caller, services)
      const newest = chosen.some(({ is }) => is === 'published') ? undefined : await newestWeek(caller, services)
      const isElsewhere = asked === undefined && newest !== undefined && chosen.every(({ is }) => is === 'none')
      const week = isElsewhere ? newest : (asked ?? latest)
      const rows = isElsewhere ? await weeks.of(newest, caller, services) : chosen
      for (const row of rows) {
        if (row.is === 'unreadable')
          log('version cannot be read', { territory: row.subject, period: week.id, cap: row.cap })
      }
      const about = rows.map(({ subject }) => ({ territory: subject, period: week.id }))
      const own = subjectsFor(caller)
      const seen = {
        ...{ week, rows, now },
        other: isElsewhere ? latest : newest?.id === week.id ? undefined : newest,
        waiting: await whatWaits(about, caller, { ...services, organisation, rejects: desk.services.rejects }),
        settings: await services.schedules.all(),
        due: dueNext(due, now).filter(({ subject }) => own.includes(subject)),
      }
      const year = yearIn(query.year)
      const picked = {
        year: year ?? Number(week.id.slice(0, 4)),
        isOpen: year !== undefined || wrong,
        wrong,
        typed: query.week ?? '',
      }
      return {
        template: 'week',
        frame: { title: words.say('room.week'), at: 'week', markings: markingsSeen(seen, caller) },
        value: weekValue(visit, seen, picked),
        status: wrong ? 422 : 200,
      }
    }),
  )
}

const askedIn = (c: Context): { readonly asked: Period | undefined; readonly wrong: boolean } => {
  const { week, day } = c.req.query()
  if (day) {
    const isDay = z.iso.date().safeParse(day).success && yearIn(day.slice(0, 4)) !== undefined
    return { asked: isDay ? weekOf(day) : undefined, wrong: !isDay }
  }
  const asked = week ? weekIn(week) : undefined
  return { asked, wrong: Boolean(week) && asked === undefined }
}
