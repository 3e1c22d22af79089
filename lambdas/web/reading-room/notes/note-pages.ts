import type { Context, Hono } from 'hono'
import { mayDo, subjectsFor } from '../../../domain/access/caller.ts'
import type { Fault } from '../../../domain/core/fault.ts'
import { canonicalJson } from '../../../domain/core/text/canonical.ts'
import { type Period, parsePeriod } from '../../../domain/core/time/period.ts'
import type { Note } from '../../../domain/report/note.ts'
import type { Organisation } from '../../../domain/report/organisation.ts'
import { latestWeek } from '../../../usecases/archive/week-overview.ts'
import type { Log } from '../../../usecases/log.ts'
import {
  approveNote,
  editionsWaiting,
  mayApprove,
  notesFor,
  readNote,
  sendApproved,
  writeNoteBy,
} from '../../../usecases/reports/notes/write-note.ts'
import type { RequestServices } from '../../../usecases/reports/request-report.ts'
import type { Services } from '../../../usecases/services.ts'
import * as schemas from '../../api/schemas.ts'
import { actorIn, closingIn, readSubmittedForm, emptyWhoAndWhy, see, type WhoAndWhy } from '../frame/action-form.ts'
import { faultWords } from '../frame/fault-text.ts'
import type { Visit } from '../frame/pages.ts'
import { type Answer, type Showing, stop, stopFaster } from '../frame/showing.ts'
import {
  type About,
  approveValue,
  notesValue,
  initialInput,
  type NoteFormInput,
  readInput,
  noteWordsOf,
} from './notes.ts'

type Routes = {
  readonly showing: Showing
  readonly organisation: Organisation
  readonly services: Pick<Services, 'notes' | 'reports' | 'clock'> & RequestServices
  readonly log: Log
}

export const notePages = (app: Hono, { showing, organisation, services, log }: Routes): void => {
  const page = async (
    visit: Visit,
    { about, ...asked }: Asked,
    input: NoteFormInput,
    more: { readonly preview?: Note; readonly status?: number } = {},
  ): Promise<Answer> => {
    const notes = await notesFor(about, visit.caller, services)
    const of = { ...about, marking: 'TLP:CLEAR' as const }
    const caps = await editionsWaiting(of, visit.caller, { ...services, organisation })
    const isSettled = notes.isSettled && caps.every((cap) => cap === 'TLP:CLEAR')
    const waits = caps.length > 0 || (organisation.noteBeforeDelivery === true && !notes.isApproved)
    const { preview, status = 200 } = more
    return {
      template: 'notes',
      frame: {
        title: visit.words.say('room.notes'),
        at: 'archive',
        markings: [...notes.known.map(({ note }) => note.marking), ...(preview ? [preview.marking] : [])],
      },
      value: { approve: null, notes: notesValue(visit, about, { ...notes, isSettled, waits, asked, input, preview }) },
      status: asked.wrong.length > 0 || Object.keys(input.wrong).length > 0 ? 422 : status,
    }
  }
  app.get(
    '/room/notes',
    showing('reports:read', async (c, visit) => {
      if (!mayDo(visit.caller, 'notes:write') && !mayDo(visit.caller, 'notes:approve')) return stop('forbidden')
      return page(visit, askedIn(c, visit, services), initialInput(visit))
    }),
  )
  app.post(
    '/room/notes',
    showing('notes:write', async (c, visit) => {
      const form = await readSubmittedForm(c, visit)
      const asked = askedIn(c, visit, services)
      const { about } = asked
      const input = readInput(form, actorIn(visit, form))
      if (asked.wrong.length > 0) return page(visit, asked, input)
      const read = readNote(noteWordsOf(about, input, services.clock().toISOString()), visit.caller)
      if ('wrong' in read) return page(visit, asked, { ...input, wrong: faultsOf(read.wrong, visit) })
      if (form.get('do') !== 'do') return page(visit, asked, input, { preview: read.note })
      const { known } = await notesFor(about, visit.caller, services)
      // A form sent twice gives one note.
      if (!known.some(({ note }) => isSame(note, read.note))) {
        await writeNoteBy(read.note, services)
        log('note written', { who: visit.caller.who, by: input.by, about: `${about.territory} ${about.period.id}` })
      }
      return see(visit, addressOf(about))
    }),
  )
  approvePages(app, { showing, services, organisation, log })
}

const addressOf = ({ territory, period }: About): string => `/room/notes?territory=${territory}&period=${period.id}`

const isSame = (one: Note, other: Note): boolean =>
  canonicalJson({ ...one, writtenAt: '' }) === canonicalJson({ ...other, writtenAt: '' })

const faultsOf = (wrong: Readonly<Record<string, Fault>>, { words }: Visit): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(wrong).map(([name, reason]) => [name, faultWords(words, reason).text])),
  ...(wrong.author && { by: words.say('room.deed.by.wrong') }),
  ...(wrong.text && { text: words.say('room.notes.text.wrong') }),
  ...(wrong.likelihood && { likelihood: words.say('room.notes.likelihood.wrong') }),
  ...(wrong.confidence && { confidence: words.say('room.notes.confidence.wrong') }),
})

type Asked = {
  readonly about: About
  readonly territory: string
  readonly period: string
  readonly wrong: readonly string[]
}

const askedIn = (c: Context, { caller }: Visit, { clock }: Pick<Services, 'clock'>): Asked => {
  const { territory: named = '', period: written = '' } = c.req.query()
  const [first] = caller.territories
  if (first === undefined) return stop('forbidden')
  const latest = latestWeek(caller, clock().getTime())
  const period: Period | undefined =
    written === '' ? latest : schemas.period.safeParse(written).success ? parsePeriod(written) : undefined
  // Notes about a dossier need its key, which only the command line looks up.
  const own = subjectsFor(caller).find((code) => code === named)
  return {
    about: { territory: own ?? first, period: period ?? latest },
    territory: named,
    period: (written || latest.id).slice(0, 100),
    wrong: [...(named === '' || own ? [] : ['territory']), ...(period ? [] : ['period'])],
  }
}

const approvePages = (app: Hono, { showing, organisation, services, log }: Routes): void => {
  const waits = organisation.noteBeforeDelivery ?? false
  const findNoteToApprove = async (c: Context, visit: Visit) => {
    const { about, wrong } = askedIn(c, visit, services)
    if (wrong.length > 0) return stop('nothing')
    const { known, isApproved, isSettled } = await notesFor(about, visit.caller, services)
    const kept = known.find(({ key }) => key === c.req.query('note'))
    // Authors cannot approve their own notes, and a later change needs another approval.
    const approval = kept && known.findLast(({ note }) => note.approves && note.writtenAt >= kept.note.writtenAt)
    const of = { ...about, marking: kept?.note.marking ?? 'TLP:RED' }
    const caps = await editionsWaiting(of, visit.caller, { ...services, organisation })
    if (approval && caps.length === 0 && c.req.method === 'POST') return stopFaster(approval.note.author)
    const isDone = isSettled && caps.length === 0
    if (!kept || isDone || !mayApprove(visit.caller, visit.session?.name, kept.note)) return stop('nothing')
    return { about, kept, approvedAt: approval?.note.writtenAt, caps, isExpected: waits && !isApproved }
  }
  const page = (
    visit: Visit,
    { about, kept, caps, isExpected }: Awaited<ReturnType<typeof findNoteToApprove>>,
    input: WhoAndWhy,
  ): Answer => ({
    template: 'notes',
    frame: { title: visit.words.say('room.notes.approve'), at: 'archive', markings: [kept.note.marking, ...caps] },
    value: { notes: null, approve: approveValue(visit, about, { kept, isExpected, caps, ...input }) },
    status: Object.keys(input.wrong).length > 0 ? 422 : 200,
  })
  app.get(
    '/room/notes/approve',
    showing('notes:approve', async (c, visit) => page(visit, await findNoteToApprove(c, visit), emptyWhoAndWhy)),
  )
  app.post(
    '/room/notes/approve',
    showing('notes:approve', async (c, visit) => {
      const { caller } = visit
      const form = await readSubmittedForm(c, visit)
      const seen = await findNoteToApprove(c, visit)
      const input = closingIn(visit, form)
      if (Object.keys(input.wrong).length > 0) return page(visit, seen, input)
      const { about, kept, approvedAt, caps } = seen
      const faster = await approveNote({ kept, approvedAt, ...input, role: 'approver' }, services)
      if (faster !== undefined) return stopFaster(faster)
      const sent = await sendApproved(about, caps, caller, services)
      log('note approved', {
        ...{ who: caller.who, by: input.by, about: `${about.territory} ${about.period.id}` },
        ...{ editions: caps.length, asked: sent },
      })
      return see(visit, addressOf(about))
    }),
  )
}
