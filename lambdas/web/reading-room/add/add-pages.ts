/** Routes for adding a file and undoing a batch. */
import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import type { Caller } from '../../../domain/access/caller.ts'
import { canonicalHash } from '../../../domain/core/text/canonical.ts'
import { parseObserved } from '../../../domain/core/time/observed.ts'
import { type Desk, limitOf } from '../../../usecases/ingest/desk.ts'
import {
  type Look,
  lookAt,
  maxLookBytes,
  maxLookRecords,
  type Stated,
  statedIn,
  type TableSeen,
  tableSeen,
  typedCell,
} from '../../../usecases/ingest/look-at-file.ts'
import { recalledFor } from '../../../usecases/ingest/remembered-mappings.ts'
import { isBeingStored, settledLook, storeLook } from '../../../usecases/ingest/store-look.ts'
import { type Batch, UndoError, undoBatch } from '../../../usecases/ingest/undo-batch.ts'
import type { Log } from '../../../usecases/log.ts'
import { waitingByBatch } from '../../../usecases/todo/inbox.ts'
import {
  closingIn,
  type SubmittedForm,
  readSubmittedForm,
  fileForm,
  emptyWhoAndWhy,
  see,
  type WhoAndWhy,
} from '../frame/action-form.ts'
import { fileWords } from '../frame/names.ts'
import type { Visit } from '../frame/pages.ts'
import { type Answer, type Showing, Stop, stop, stopFaster } from '../frame/showing.ts'
import {
  addValue,
  asksColumns,
  batchMarking,
  batchValue,
  lookMarkings,
  lookValue,
  nothingStated,
  type StatedWords,
  zones,
} from './add.ts'
import { aimedPrefix, columnFields, columnPrefix, fieldRead, isTyped, maxCellChars, maxColumnsAsked } from './grid.ts'

type Routes = { readonly showing: Showing; readonly desk: Desk; readonly log: Log }

/** Bytes of the other fields of the form. */
const aroundFile = 16 * 1024

export const addPages = (app: Hono, routes: Routes): void => {
  uploadRoutes(app, routes)
  lookRoutes(app, routes)
}

const addPage = async (
  c: Context,
  visit: Visit,
  { looks, services }: Desk,
  asked: { readonly stated?: StatedWords; readonly wrongFile?: 'none' | 'empty' | 'large' } = {},
  status = 200,
): Promise<Answer> => {
  const { caller, words } = visit
  const now = services.clock()
  const batches = (await services.batches.list()).filter((batch) => isOwn(batch, caller))
  const open = (await looks.list(caller.who, now)).filter(({ state }) => state === 'open')
  const { stated = nothingStated, wrongFile } = asked
  return {
    template: 'add',
    frame: {
      title: words.say('room.add'),
      at: 'add',
      markings: [...batches.map((batch) => batchMarking(batch, caller)), ...open.map(() => caller.clearance)],
    },
    value: addValue(visit, { stated, wrongFile }, open, batches, {
      now,
      all: c.req.query('all') === '1',
      waiting: await waitingByBatch(caller, services),
    }),
    status,
  }
}

/** Operators see every batch, others only their own. */
const isOwn = ({ sender }: Batch, caller: Caller): boolean => !limitOf(caller) || sender === caller.who

const uploadRoutes = (app: Hono, { showing, desk, log }: Routes): void => {
  app.get(
    '/room/add',
    showing('detections:write', async (c, visit) => addPage(c, visit, desk)),
  )
  const tooLarge = showing('detections:write', async (c, visit) => addPage(c, visit, desk, { wrongFile: 'large' }, 413))
  app.post(
    '/room/add',
    bodyLimit({ maxSize: maxLookBytes + aroundFile, onError: tooLarge }),
    showing('detections:write', async (c, visit) => {
      const { caller } = visit
      const { file, text } = await fileForm(c, visit)
      const written = { territory: text('territory'), observed: text('observed') }
      const { stated, words } = wholeStated(written, caller)
      const bytes = file && new Uint8Array(await file.arrayBuffer())
      const wrongFile = faultOf(file?.name, bytes?.byteLength ?? 0)
      if (wrongFile || words.wrong.length > 0 || !bytes || !file) {
        return addPage(c, visit, desk, { stated: words, ...(wrongFile && { wrongFile }) }, 422)
      }
      const look = await desk.looks.open(caller.who, fileName(file.name), bytes, stated, desk.services.clock())
      log('file looked at', { who: caller.who, look: look.id, bytes: look.bytes })
      return see(visit, `/room/add/${look.id}`)
    }),
  )
}

/** With no file chosen, a browser sends an empty name and no bytes. */
const faultOf = (name: string | undefined, bytes: number): 'none' | 'empty' | 'large' | undefined => {
  if (bytes === 0) return name ? 'empty' : 'none'
  return bytes > maxLookBytes ? 'large' : undefined
}

/** Removes folders and invisible characters. */
const fileName = (given: string): string => {
  const name = given
    .replace(/^.*[/\\]/, '')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 120)
  return name === '' ? 'file' : name
}

/** A suggestion that was pressed, in place of what its field has. */
const withTaken = (form: SubmittedForm): SubmittedForm => {
  const [, name, value = ''] = /^((?:cell|aimed)\.[^=]+)=(.*)$/s.exec(form.get('take') ?? '') ?? []
  if (name === undefined) return form
  const all: SubmittedForm['all'] = (one) => (one === name ? [value] : form.all(one))
  return { get: (one) => all(one).at(-1), all, names: () => [...form.names(), name] }
}

/** A question not asked keeps its earlier answer. */
const answersIn = (
  form: SubmittedForm,
  look: Look,
  caller: Caller,
  shown: Pick<TableSeen, 'columns' | 'rows'>,
): ReturnType<typeof wholeStated> => {
  const before = statedOf(look)
  const { stated, words } = wholeStated(
    {
      territory: form.get('territory') ?? before.territory,
      observed: (form.get('observed') ?? before.observed).trim().slice(0, 100),
    },
    caller,
  )
  const aimed = new Map(Object.entries(look.aimed ?? {}))
  for (const name of form.names()) {
    if (!name.startsWith(aimedPrefix)) continue
    const key = name.slice(aimedPrefix.length)
    const codes = caller.territories.filter((own) => form.all(name).includes(own)).sort()
    if (codes.length === 0) aimed.delete(key)
    else if (/^[0-9a-f]{10}$/.test(key)) aimed.set(key, codes)
  }
  if (aimed.size > maxLookRecords) throw new Stop('form')
  const [sheet, zone] = [form.get('sheet') ?? look.sheet ?? '', form.get('zone') ?? look.zone ?? '']
  // Days are what a preview shows unasked.
  const midnight = form.get('midnight') === 'day' ? look.midnight && 'day' : (form.get('midnight') ?? look.midnight)
  const columns = columnsIn(form, shown, look)
  const cells = cellsIn(form, shown, look)
  return {
    stated: {
      ...stated,
      ...(sheet !== '' && { sheet: sheet.slice(0, 200) }),
      ...(zones.includes(zone) && { zone }),
      ...((midnight === 'day' || midnight === 'instant') && { midnight }),
      // Another sheet has other columns and cells.
      ...(sheet === (look.sheet ?? '') && { ...(columns && { columns }), ...(cells && { cells }) }),
      ...(aimed.size > 0 && { aimed: Object.fromEntries(aimed) }),
    },
    words,
  }
}

/** Keeps the earlier columns where the form did not ask, or nothing changed. */
const columnsIn = (form: SubmittedForm, shown: Pick<TableSeen, 'columns'>, { columns }: Look): Stated['columns'] => {
  const named = shown.columns
    .slice(0, maxColumnsAsked)
    .map((column, at) => ({ column, name: form.get(`${columnPrefix}${at}`) }))
  if (named.every(({ name }) => name === undefined)) return columns
  if (columns === undefined && named.every(({ column, name = '' }) => name === fieldRead(column))) return undefined
  return Object.fromEntries(
    named.map(({ column: { heading }, name }) => [heading, columnFields.find((known) => known === name) ?? null]),
  )
}

const maxTyped = 100_000

const cellsIn = (form: SubmittedForm, { rows }: Pick<TableSeen, 'rows'>, look: Look): Stated['cells'] => {
  const cells = new Map(Object.entries(look.cells ?? {}))
  for (const name of form.names()) {
    const [, line, at] = /^cell\.(\d{1,7})\.(\d{1,4})$/.exec(name) ?? []
    const cell = rows.get(Number(line))?.[Number(at)]
    const typed = form.get(name) ?? ''
    if (cell === undefined || !isTyped(typed, cell)) continue
    if (typed.length > maxCellChars) throw new Stop('form')
    cells.set(`${line}.${at}`, typedCell(typed, cell))
  }
  const length = [...cells.values()].reduce((sum, cell) => sum + cell.length, 0)
  if (cells.size > maxLookRecords || length > maxTyped) throw new Stop('form')
  return cells.size > 0 ? Object.fromEntries(cells) : undefined
}

const wholeStated = (
  { territory, observed }: { readonly territory: string; readonly observed: string },
  caller: Caller,
): { readonly stated: Stated; readonly words: StatedWords } => {
  const code = caller.territories.find((own) => own === territory)
  const isDate = observed === '' || canRead(() => parseObserved(observed))
  const wrong = [...(territory !== '' && !code ? ['territory'] : []), ...(isDate ? [] : ['observed'])]
  return {
    stated: { ...(code && { territories: [code] }), ...(observed !== '' && { observed }) },
    words: { territory, observed, wrong },
  }
}

const canRead = (read: () => unknown): boolean => {
  try {
    read()
    return true
  } catch {
    return false
  }
}

const statedOf = ({ territories, observed }: Look): StatedWords => ({
  territory: territories?.[0] ?? '',
  observed: observed ?? '',
  wrong: [],
})

const lookRoutes = (app: Hono, { showing, desk, log }: Routes): void => {
  const { looks, services } = desk
  const lookOf = async (c: Context, { caller }: Visit): Promise<Look> => {
    const id = z.uuid().safeParse(c.req.param('id')).data
    const look = (id && (await settledLook(id, caller, desk))) || stop('look')
    return isBeingStored(look, services.clock()) ? stop('storing') : look
  }
  const lookPage = async (
    c: Context,
    visit: Visit,
    look: Look,
    {
      problem,
      who = { ...emptyWhoAndWhy, by: look.by ?? '' },
      stated = statedOf(look),
    }: {
      readonly problem?: 'room.look.changed' | 'room.look.answered'
      readonly who?: Pick<WhoAndWhy, 'by' | 'wrong'>
      readonly stated?: StatedWords
    } = {},
  ): Promise<Answer> => {
    const { caller, words } = visit
    const seen = await lookAt(look, caller, visit.session?.name ?? caller.who, desk)
    const open = Number(c.req.query('ligne')) || undefined
    const isWrong = (seen.fault && !asksColumns(seen)) || stated.wrong.length > 0 || who.wrong.by !== undefined
    return {
      template: 'look',
      frame: { title: fileWords(look, words), at: 'add', markings: lookMarkings(seen, caller) },
      value: lookValue(visit, look, seen, {
        ...{ all: c.req.query('all') === '1', open, who, stated },
        recalled: await recalledFor(look, seen, desk),
        problem: problem ? words.say(problem) : '',
      }),
      status: problem ? 409 : isWrong ? 422 : 200,
    }
  }

  app.get(
    '/room/add/:id',
    showing('detections:write', async (c, visit) => {
      const look = await lookOf(c, visit)
      if (look.state === 'stored' && look.batch) return see(visit, `/room/batches/${look.batch}`)
      return lookPage(c, visit, look)
    }),
  )

  app.post(
    '/room/add/:id',
    showing('detections:write', async (c, visit) => {
      const { caller } = visit
      const form = withTaken(await readSubmittedForm(c, visit))
      const look = await lookOf(c, visit)
      // A concurrent request stored it: answer with its result.
      if (look.state === 'stored' && look.batch) return see(visit, `/room/batches/${look.batch}`)
      const does = form.get('do') ?? 'again'
      if (does === 'drop') {
        await looks.drop(caller.who, look.id)
        log('file thrown away', { who: caller.who, look: look.id })
        return see(visit, '/room/add')
      }
      const table = await tableSeen(look, caller, desk)
      const { stated: answered, words } = answersIn(form, look, caller, table)
      const recalled = does === 'recall' ? await recalledFor(look, { table }, desk) : undefined
      const stated = { ...answered, ...recalled?.stated }
      const who = closingIn(visit, form, false)
      const typed = does === 'store' ? who : { ...who, wrong: {} }
      const { observed: _, territories: __, ...kept } = stated
      if (words.wrong.length > 0) return lookPage(c, visit, { ...look, ...kept }, { who: typed, stated: words })
      const before = statedIn(look)
      const isNew = canonicalHash(stated) !== canonicalHash(before)
      const named = visit.session || who.wrong.by !== undefined ? {} : { by: who.by }
      if (isNew || (named.by ?? look.by) !== look.by)
        await looks.change(caller.who, look, { ...stated, ...named, state: look.state })
      const [, line = ''] = /^(?:edit\.|cell\.)(\d+)/.exec(form.get('take') ?? does) ?? []
      if (does !== 'store') {
        const asked = {
          ...(c.req.query('all') === '1' && { all: '1' }),
          ...(does.startsWith('edit.') && { ligne: line }),
        }
        return see(visit, `/room/add/${look.id}?${new URLSearchParams(asked)}${line && `#l${line}`}`)
      }
      // The effect of answers changed since the page was drawn was not shown yet.
      if (isNew) return lookPage(c, visit, await lookOf(c, visit), { who: typed, problem: 'room.look.answered' })
      const { by } = who
      if (who.wrong.by !== undefined) return lookPage(c, visit, await lookOf(c, visit), { who })
      const did = await storeLook({ ...look, ...stated }, form.get('seal') ?? '', caller, by, desk)
      if (did.did === 'gone') throw new Stop('look')
      if (did.did === 'busy') throw new Stop('storing')
      if (did.did !== 'stored') return lookPage(c, visit, await lookOf(c, visit), { who, problem: 'room.look.changed' })
      log('detections added', { who: caller.who, by, batch: did.batch })
      return see(visit, `/room/batches/${did.batch}`)
    }),
  )
  batchRoutes(app, { showing, desk, log })
}

const batchRoutes = (app: Hono, { showing, desk, log }: Routes): void => {
  const { services } = desk
  const batchOf = async (c: Context, { caller }: Visit): Promise<Batch> => {
    const batch = await services.batches.get((c.req.param('name') ?? '').slice(0, 100))
    return batch && isOwn(batch, caller) ? batch : stop('nothing')
  }
  const batchPage = async (
    visit: Visit,
    batch: Batch,
    { problem = '', who = emptyWhoAndWhy, status = 200 } = {},
  ): Promise<Answer> => {
    const { caller, words } = visit
    return {
      template: 'batch',
      frame: { title: fileWords(batch, words), at: 'add', markings: [batchMarking(batch, caller)] },
      value: batchValue(visit, batch, await undoSeen(batch, caller, desk), {
        ...{ now: services.clock(), problem, who },
      }),
      status,
    }
  }

  app.get(
    '/room/batches/:name',
    showing('detections:write', async (c, visit) => batchPage(visit, await batchOf(c, visit))),
  )

  app.post(
    '/room/batches/:name',
    showing('detections:write', async (c, visit) => {
      const { caller, words } = visit
      const form = await readSubmittedForm(c, visit)
      const batch = await batchOf(c, visit)
      const who = closingIn(visit, form, false)
      const { by, reason, wrong } = who
      if (Object.keys(wrong).length > 0) return batchPage(visit, batch, { who, status: 422 })
      try {
        await undoBatch(batch.name, by, services, reason || undefined)
      } catch (error) {
        if (!(error instanceof UndoError)) throw error
        if (error.by !== undefined) return stopFaster(error.by)
        const problem = words.say('room.batch.faster')
        return batchPage(visit, await batchOf(c, visit), { problem, who, status: 409 })
      }
      log('intake undone', { who: caller.who, by, batch: batch.name })
      return see(visit, `/room/batches/${batch.name}`)
    }),
  )
}

/** Tries the undo on a temporary table; only for operators. */
const undoSeen = async (batch: Batch, caller: Caller, desk: Desk) => {
  if (limitOf(caller)) return undefined
  try {
    return await undoBatch(batch.name, caller.who, desk.trial())
  } catch (error) {
    if (error instanceof UndoError) return undefined
    throw error
  }
}
