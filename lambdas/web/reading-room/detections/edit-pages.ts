/** Routes that edit a detection: a preview first, then one button. A concurrent revision stops both. */
import type { Context, Hono } from 'hono'
import { isUnder } from '../../../domain/access/caller.ts'
import { eachOf, type Fault } from '../../../domain/core/fault.ts'
import type { Segment } from '../../../domain/core/language/language.ts'
import type { Marking } from '../../../domain/core/marking.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { innerMarkings, knownUnder } from '../../../domain/detection/attribution.ts'
import type { Detection } from '../../../domain/detection/detection.ts'
import { revisionInEdition } from '../../../domain/detection/revisions/edition-overrides.ts'
import {
  type ExplainServices,
  type Explanation,
  explainDetection,
} from '../../../usecases/detections/explain-detection.ts'
import type { Desk } from '../../../usecases/ingest/desk.ts'
import {
  type DetectionEdit,
  type EditRequest,
  editDetection,
  type NotEdited,
  tryEdit,
} from '../../../usecases/ingest/edit/edit-detection.ts'
import type { EditEffect } from '../../../usecases/ingest/edit/edit-effect.ts'
import type { Log } from '../../../usecases/log.ts'
import { effectKnown, knownPlates, withKnownPlates } from '../../../usecases/plates/know-plates.ts'
import type { Services } from '../../../usecases/services.ts'
import { whoChanged } from '../../../usecases/todo/who-was-faster.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { closingIn, type SubmittedForm, readSubmittedForm, linesSent, see, tooLong } from '../frame/action-form.ts'
import { faultLine, faultWords, ownWords } from '../frame/fault-text.ts'
import type { Visit } from '../frame/pages.ts'
import { type Answer, type Showing, stop } from '../frame/showing.ts'
import {
  cellsChanged,
  cellsEmptied,
  cellsOf,
  cellsTyped,
  emptiedText,
  lockOf,
  maxCell,
  type EditName,
  editNames,
  editValue,
  emptyInput,
  type EditFormInput,
} from './edit.ts'
import { readReply, replyTyped } from './reply-form.ts'

type Routes = { readonly showing: Showing; readonly desk: Desk; readonly services: EditServices; readonly log: Log }

type EditServices = ExplainServices & Pick<Services, 'plates'>

type EditTarget = {
  readonly explanation: Explanation
  /** With the evidence images that the analyst may know. */
  readonly detection: Detection
  readonly hidden: readonly string[]
  /** As shown to the analyst. */
  readonly revision: number
  /** The revision that the edit replaces. */
  readonly storedRevision: number
  /** Why nothing can be done: withdrawn, or already placed. */
  readonly over: 'nothing' | 'placed' | undefined
  /** The revision to restore, and its content. */
  readonly to: string
  readonly earlier: Detection | undefined
}

const maxTries = 3

type More = Pick<Parameters<typeof editValue>[1], 'effect' | 'fault' | 'since'> & {
  readonly status?: number
  readonly wrong?: EditFormInput['wrong']
}

export const editPages = (app: Hono, { showing, desk, services, log }: Routes): void => {
  /** @param isSent a finished target does not stop the request, so that the typed input is not lost */
  const findTarget = async (c: Context, { caller }: Visit, name: EditName, isSent = false): Promise<EditTarget> => {
    const id = c.req.param('id') ?? ''
    const explanation = await explainDetection(id, undefined, caller, services)
    const stored = explanation && (await services.detections.stored([id])).get(id)
    if (!explanation || !stored || !isUnder(caller, stored)) return stop('nothing')
    // A placed detection is moved by a correction.
    const isPlaced = name === 'place' && stored.territories.length > 0
    const over = stored.status !== 'active' ? 'nothing' : isPlaced ? 'placed' : undefined
    if (over && !isSent) return stop(over)
    const body = knownUnder(await stored.body(), caller.clearance)
    if (name === 'reply' && !body.actor) return stop('nothing')
    const to = name === 'restore' ? (c.req.query('to') ?? '') : ''
    const revisions = to ? await services.detections.history(id) : []
    const earlier = revisions.findLast(
      (one) =>
        one.detection && isUnder(caller, one.detection) && String(revisionInEdition(one, caller.clearance)) === to,
    )?.detection
    if (name === 'restore' && !earlier) return stop('nothing')
    const known = await withKnownPlates(body, caller, services)
    return {
      ...{ to, earlier },
      explanation,
      ...known,
      revision: revisionInEdition(stored, caller.clearance),
      storedRevision: stored.revision,
      over,
    }
  }
  const page = (visit: Visit, name: EditName, target: EditTarget, typed: EditFormInput, more: More = {}): Answer => {
    const { status = 200, wrong = {}, ...shown } = more
    const input = { ...typed, wrong: { ...typed.wrong, ...wrong } }
    return {
      template: 'edit',
      frame: {
        title: visit.words.say(`room.mend.${name}`, { to: target.to }),
        at: 'detections',
        markings: [
          target.explanation.marking,
          ...(shown.effect?.after ? [shown.effect.after.marking, ...innerMarkings(shown.effect.after)] : []),
        ],
      },
      value: editValue(visit, { name, ...target, input, ...shown }),
      status: Object.keys(input.wrong).length > 0 ? 422 : status,
    }
  }
  const askedOf = (
    { explanation, storedRevision: revision }: EditTarget,
    input: EditFormInput,
    wanted: DetectionEdit,
  ): EditRequest => ({
    ...{ id: explanation.detection.id, revision, by: input.by, reason: input.reason, edit: wanted },
  })
  const effectOf = async (asked: EditRequest, { detection }: EditTarget, visit: Visit): Promise<More> => {
    const tried = await tryEdit(asked, visit.caller, desk)
    return 'fault' in tried
      ? { ...failedIn(tried, asked.edit.does, detection, visit.words), status: 422 }
      : { effect: await effectKnown(innerKnown(tried, visit.caller.clearance), visit.caller, services) }
  }

  for (const name of editNames) {
    app.get(
      `/room/detections/:id/${name}`,
      showing('detections:write', async (c, visit) => {
        const target = await findTarget(c, visit, name)
        const wanted = plainEdit(name, target)
        if (!wanted) return page(visit, name, target, emptyInput)
        const asked = askedOf(target, { ...emptyInput, by: 'x', reason: 'x' }, wanted)
        return page(visit, name, target, emptyInput, await effectOf(asked, target, visit))
      }),
    )
    app.post(
      `/room/detections/:id/${name}`,
      showing('detections:write', async (c, visit) => sent(c, visit, name, await readSubmittedForm(c, visit))),
    )
  }

  /** @param tries repeats when a change that the analyst may not know happens meanwhile */
  const sent = async (
    c: Context,
    visit: Visit,
    name: EditName,
    form: SubmittedForm,
    tries = maxTries,
  ): Promise<Answer | Response> => {
    const target = await findTarget(c, visit, name, true)
    const written = writtenIn(form, name, target)
    const { input, wanted, fault } = await platesKnown(readInput(form, visit, name, target), target, visit, services)
    const drawn = form.get('revision') ?? ''
    if (drawn !== lockOf(target.revision, target.detection))
      return faster(visit, name, target, { input, written, drawn })
    if (target.over) return stop(target.over)
    if (!wanted)
      return page(visit, name, target, input, {
        wrong: await alsoWrong(visit, name, target, input),
        ...(fault && { fault }),
        status: 422,
      })
    const asked = askedOf(target, input, wanted)
    if (form.get('do') !== 'do') return page(visit, name, target, input, await effectOf(asked, target, visit))
    const done = await editDetection(asked, visit.caller, desk)
    if (typeof done === 'object') {
      if (done.fault === 'changed' && tries > 1) return sent(c, visit, name, form, tries - 1)
      if (done.fault === 'changed')
        return faster(visit, name, await findTarget(c, visit, name, true), { input, written, drawn })
      return page(visit, name, target, input, {
        ...failedIn(done, name, target.detection, visit.words),
        status: 422,
      })
    }
    log(`detection: ${name}`, { who: visit.caller.who, by: input.by, detection: asked.id, done })
    if (done === 'waits') return see(visit, '/room/inbox#lowered')
    return see(visit, `/room/detections/${encodeURIComponent(asked.id)}#revisions`)
  }

  /** Also reports invalid cells of a form refused for another reason. */
  const alsoWrong = async (
    visit: Visit,
    name: EditName,
    target: EditTarget,
    input: EditFormInput,
  ): Promise<EditFormInput['wrong']> => {
    const cells = Object.fromEntries(Object.entries(input.cells).filter(([cell]) => input.wrong[cell] === undefined))
    if (name !== 'correct' || Object.keys(cells).length === 0) return {}
    const asked = askedOf(target, { ...input, by: '–', reason: '–' }, { does: 'correct', cells })
    const tried = await tryEdit(asked, visit.caller, desk)
    return 'fault' in tried && tried.fault === 'words' ? failedIn(tried, name, target.detection, visit.words).wrong : {}
  }

  const faster = async (
    visit: Visit,
    name: EditName,
    target: EditTarget,
    { input, written, drawn }: Late,
  ): Promise<Answer> => {
    const { caller, words } = visit
    const { id } = target.explanation.detection
    const by = await whoChanged(id, caller, services)
    const history = await services.detections.history(id)
    let before: Detection | undefined
    for (const one of history.toReversed()) {
      if (!one.detection || !isUnder(caller, one.detection) || before) continue
      const known = knownUnder(one.detection, caller.clearance)
      const { detection } = await withKnownPlates(known, caller, services)
      if (lockOf(revisionInEdition(one, caller.clearance), detection) === drawn) before = detection
    }
    // Fields left untouched show the current stored value.
    const typed =
      name === 'reply'
        ? replyTyped(input.cells, before ?? target.detection, words)
        : before
          ? cellsTyped(before, written)
          : input.cells
    const cells = name === 'reply' || before ? typed : {}
    return page(visit, name, target, { ...input, cells, wrong: {} }, { since: { by, before, typed }, status: 409 })
  }
}

/** Replies, links and quotes have their own markings. */
const innerKnown = (effect: EditEffect, clearance: Marking): EditEffect => ({
  ...effect,
  before: knownUnder(effect.before, clearance),
  ...(effect.after && { after: knownUnder(effect.after, clearance) }),
})

type Failed = { readonly fault: readonly Segment[]; readonly wrong: Readonly<Record<string, string>> }

const failedIn = (failed: NotEdited, name: DetectionEdit['does'], detection: Detection, words: RoomWording): Failed => {
  if (failed.fault !== 'words') return { fault: ownWords(words.say(`room.mend.fault.${failed.fault}`)), wrong: {} }
  const parts = name === 'correct' ? faultsByCell(failed.reason, Object.keys(cellsOf(detection))) : undefined
  if (!parts) return { fault: [faultLine(words, failed.reason)], wrong: {} }
  const wrong: Record<string, string> = {}
  for (const { cell, reason } of parts) {
    const text = faultWords(words, reason).text
    wrong[cell] = wrong[cell] === undefined ? text : `${wrong[cell]} · ${text}`
  }
  return { fault: [], wrong }
}

const faultsByCell = (
  reason: Fault,
  cells: readonly string[],
): readonly { readonly cell: string; readonly reason: Fault }[] | undefined => {
  const found = eachOf(reason).map((one) => {
    const path = one.path ?? ''
    const cell =
      cells.find((name) => path === name || path.startsWith(`${name}.`)) ??
      cells.find((name) => name.startsWith(`${path}.`))
    return cell === undefined ? undefined : { cell, reason: one }
  })
  return found.every((one) => one !== undefined) ? found : undefined
}

type Late = { readonly input: EditFormInput; readonly written: EditFormInput['cells']; readonly drawn: string }

type Meant = {
  readonly input: EditFormInput
  readonly wanted: DetectionEdit | undefined
  /** Why there is nothing to do, though no field is wrong. */
  readonly fault?: readonly Segment[]
}

/** Refuses evidence images that the analyst may not know, and keeps the hidden ones. */
const platesKnown = async (
  meant: Meant,
  { hidden }: EditTarget,
  { caller, words }: Visit,
  services: Pick<Services, 'plates'>,
): Promise<Meant> => {
  const { input, wanted } = meant
  const written = wanted?.does === 'correct' ? wanted.cells.plates : undefined
  if (wanted?.does !== 'correct' || written === undefined) return meant
  const hashes = written.split(/[;,\s]+/).filter(Boolean)
  const known = new Set((await knownPlates(hashes, caller, services)).map(({ sha256 }) => sha256))
  const unknown = hashes.find((hash) => !known.has(hash))
  if (unknown !== undefined) {
    const text = words.say('room.mend.plates.wrong', { hash: harmless(unknown.slice(0, 64)) })
    return { input: { ...input, wrong: { ...input.wrong, plates: text } }, wanted: undefined }
  }
  return {
    input,
    wanted: { does: 'correct', cells: { ...wanted.cells, plates: [...hashes, ...hidden].join('; ') } },
  }
}

const writtenIn = (form: SubmittedForm, name: EditName, { detection }: EditTarget): EditFormInput['cells'] =>
  name === 'correct' ? linesSent(form, Object.keys(cellsOf(detection))) : {}

const readInput = (form: SubmittedForm, visit: Visit, name: EditName, target: EditTarget): Meant => {
  const { words, caller } = visit
  const { detection } = target
  const { by, reason, wrong: whose } = closingIn(visit, form, name !== 'place')
  const territories = caller.territories.filter((code) => form.all('territories').includes(code))
  const written = writtenIn(form, name, target)
  const cells = cellsChanged(detection, written)
  const wrong: Record<string, string> = { ...whose, ...tooLong(form, Object.keys(written), words, maxCell) }
  if (name === 'place' && territories.length === 0) wrong.territories = words.say('room.mend.places.wrong')
  if (name === 'reply') {
    const { cells: typed, wrong: its, reply } = readReply(form, visit, detection)
    const input: EditFormInput = { by, reason, territories: [], cells: typed, wrong: { ...its, ...whose } }
    const isWrong = Object.keys(input.wrong).length > 0 || !reply
    return { input, wanted: isWrong ? undefined : { does: 'reply', reply } }
  }
  const isSame = name === 'correct' && Object.keys(cells).length === 0
  const emptied = name === 'correct' ? cellsEmptied(detection, written) : []
  if (isSame) for (const one of emptied) wrong[one] ??= emptiedText(one, words)
  const input: EditFormInput = { by, reason, territories: name === 'place' ? territories : [], cells, wrong, emptied }
  if (isSame) return { input, wanted: undefined, fault: ownWords(words.say('room.mend.same')) }
  if (Object.keys(wrong).length > 0) return { input, wanted: undefined }
  if (name === 'place') return { input, wanted: { does: 'place', territories } }
  return { input, wanted: plainEdit(name, target) ?? { does: 'correct', cells } }
}

const plainEdit = (name: EditName, { earlier }: EditTarget): DetectionEdit | undefined =>
  name === 'withdraw' ? { does: 'withdraw' } : earlier && { does: 'restore', to: earlier }
