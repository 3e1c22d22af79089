/** A record that could not be read: its cells as a form, to correct it, or to drop it with a reason. */
import type { Hono } from 'hono'
import { type Caller, isOperator } from '../../../domain/access/caller.ts'
import { type Fault, several } from '../../../domain/core/fault.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import type { Desk } from '../../../usecases/ingest/desk.ts'
import { faultsOf, isWhole, rejectRow, rejectsAlike, repairReject } from '../../../usecases/ingest/repair-reject.ts'
import type { Log } from '../../../usecases/log.ts'
import { type KeptReject, rejectEnds, rejectFor } from '../../../usecases/todo/inbox.ts'
import { whoClosed } from '../../../usecases/todo/who-was-faster.ts'
import { cellShown, isTyped } from '../add/grid.ts'
import {
  actionForm,
  closingIn,
  emptyWhoAndWhy,
  readSubmittedForm,
  see,
  type SubmittedForm,
  type WhoAndWhy,
  whoAndWhy,
} from '../frame/action-form.ts'
import { faultIn, faultWords } from '../frame/fault-text.ts'
import { faultPath } from '../frame/field-text.ts'
import { fileWords } from '../frame/names.ts'
import { field, timeIn, type Visit } from '../frame/pages.ts'
import { type Answer, type Showing, stop, stopFaster } from '../frame/showing.ts'

type Typed = WhoAndWhy & {
  readonly cells: ReadonlyMap<number, string>
  readonly text: string | undefined
  readonly also: readonly number[]
  readonly same: string | undefined
  /** Why what was typed cannot be read. */
  readonly faults?: readonly Fault[]
}

const nothingTyped: Typed = { ...emptyWhoAndWhy, cells: new Map(), text: undefined, also: [], same: undefined }

const maxRawShown = 4_000

/** Turns no text around; the rest is as it came, since it is stored again. */
const rawShown = (raw: string): string => raw.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')

const rejectValue = async (visit: Visit, reject: KeptReject, typed: Typed, desk: Desk) => {
  const { words, href, clock } = visit
  const until = timeIn(Date.parse(rejectEnds(reject)), clock, words)
  const { headings = [], cells = [] } = (await rejectRow(reject)) ?? {}
  const alike = headings.length > 0 ? await rejectsAlike(reject, { headings, cells }, desk) : []
  const faults = faultsOf(typed.faults ? { path: '', fault: several(typed.faults) } : reject)
  const others = faults.filter(({ path }) => !headings.includes(path))
  const why = several(others)
  const action = href(`/room/inbox/rejects/${reject.rejectId}`)
  const cellFields = headings.map((heading, at) =>
    field(`cell.${at}`, harmless(heading), {
      ...{ type: 'text', value: typed.cells.get(at) ?? cellShown(cells[at] ?? '') },
      lines: (cells[at] ?? '').includes('\n') ? 3 : 0,
      wrong: words.list(faults.filter(({ path }) => path === heading).map((one) => faultWords(words, one).text)),
    }),
  )
  const textField = field('text', words.say('room.inbox.reject.text'), {
    ...{ value: typed.text ?? rawShown(reject.raw), lines: 8 },
    wrong: typed.faults ? faultWords(words, why).text : '',
  })
  const first =
    headings.length > 0 ? cellFields.filter(({ label }) => label !== '') : isWhole(reject) ? [textField] : []
  const other = faults.find(({ code }) => code === 'doubt.otherDetection')
  const count = first.filter(({ wrong }) => wrong !== '').length
  return {
    key: reject.rejectId,
    about: words.say('room.inbox.came', { at: timeIn(Date.parse(reject.rejectedAt), clock, words) }),
    back: { href: href('/room/inbox'), label: words.say('room.inbox.back') },
    why: {
      ...faultIn(words, faultPath({ ...reject, path: why.path ?? '' }, words), why),
      isShown: others.length > 0,
      raw: isWhole(reject) ? '' : harmless(reject.raw.slice(0, maxRawShown)),
      note: words.say('room.inbox.reject.closes', { until }),
    },
    actionForm: actionForm(visit, {
      ...{ action, first, note: words.say('room.inbox.drop.text') },
      problem: Object.keys(typed.wrong).length === 0 && count > 0 ? words.say('room.refusal', { count }) : '',
      ...(other && { hidden: { same: String(other.values?.id) }, problem: words.say('room.inbox.reject.same') }),
      choices: [...alike].map(([at, { length }]) => {
        const shown = (text = '') => harmless(text.slice(0, 100))
        const values = { count: length, heading: shown(headings[at]), cell: shown(cells[at]) }
        const label = words.say('room.inbox.reject.alike', values)
        const item = { value: String(at), label, note: '', checked: typed.also.includes(at) }
        return { name: 'also', legend: words.say('room.inbox.reject.also'), wrong: '', items: [item] }
      }),
      fields: whoAndWhy(visit, typed, 'room.inbox.reject.reason.note'),
      buttons: [
        ...(isWhole(reject) ? [{ label: words.say('room.look.act'), does: 'store' }] : []),
        { label: words.say('room.inbox.drop.button'), does: 'drop', look: 'alert' },
      ],
    }),
  }
}

const typedIn = async (visit: Visit, form: SubmittedForm, reject: KeptReject): Promise<Typed> => {
  const { cells = [] } = (await rejectRow(reject)) ?? {}
  const typed = cells.map((cell, at) => [at, form.get(`cell.${at}`) ?? cellShown(cell)] as const)
  return {
    ...closingIn(visit, form, form.get('do') !== 'store'),
    cells: new Map(typed.filter(([at, text]) => isTyped(text, cells[at] ?? ''))),
    text: form.get('text')?.replace(/\r\n?/g, '\n'),
    also: form.all('also').map(Number),
    same: form.get('same'),
  }
}

export const rejectPages = (
  app: Hono,
  { showing, desk, log }: { readonly showing: Showing; readonly desk: Desk; readonly log: Log },
): void => {
  const page = async (visit: Visit, reject: KeptReject, typed = nothingTyped): Promise<Answer> => ({
    template: 'reject',
    frame: { title: fileWords(reject, visit.words), at: 'inbox', markings: [visit.caller.clearance] },
    value: await rejectValue(visit, reject, typed, desk),
    status: typed === nothingTyped ? 200 : 422,
  })
  const openReject = async (id: string, caller: Caller): Promise<KeptReject> => {
    const reject = await rejectFor(id, caller, desk.services)
    const closed = reject || !isOperator(caller) ? undefined : await whoClosed(id, desk.services)
    return reject ?? (closed ? stopFaster(closed.by) : stop('nothing'))
  }
  app.get(
    '/room/inbox/rejects/:id',
    showing('detections:write', async (c, visit) =>
      page(visit, await openReject(c.req.param('id') ?? '', visit.caller)),
    ),
  )
  app.post(
    '/room/inbox/rejects/:id',
    showing('detections:write', async (c, visit) => {
      const { caller } = visit
      const id = c.req.param('id') ?? ''
      const form = await readSubmittedForm(c, visit)
      const reject = await openReject(id, caller)
      const typed = await typedIn(visit, form, reject)
      if (Object.keys(typed.wrong).length > 0) return page(visit, reject, typed)
      if (form.get('do') === 'store') {
        const faults = await repairReject(reject, typed, desk)
        if (faults) return page(visit, reject, { ...typed, faults })
        log('reject corrected', { who: caller.who, by: typed.by, reject: id })
      } else {
        const { rejects, clock } = desk.services
        if (!(await rejects.drop(id, typed, clock()))) await openReject(id, caller)
        log('reject dropped', { who: caller.who, by: typed.by, reject: id })
      }
      return see(visit, '/room/inbox')
    }),
  )
}
