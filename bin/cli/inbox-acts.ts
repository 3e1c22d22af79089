/** What accepting, refusing and fixing do, by the kind of the item. */
import { faultText, lineOf } from '../../lambdas/domain/core/fault-text.ts'
import { several } from '../../lambdas/domain/core/fault.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { InboxKind } from '../../lambdas/usecases/todo/inbox.ts'
import type { InboxActed } from './answers.ts'
import { approveNote, refuseNote } from './commands/flash.ts'
import { withdrawOne } from './commands/intake.ts'
import { makeReport } from './commands/report.ts'
import type { CliContext } from './home/context.ts'
import { type Named, notWaiting, recordIn } from './inbox-items.ts'

export type Does = 'accept' | 'refuse' | 'fix'

export type Asked = {
  readonly by: string
  readonly reason?: string
  readonly asNew?: boolean
  /** The revision that the analyst saw. */
  readonly seen?: number
  readonly territories?: readonly TerritoryCode[]
  readonly text?: string
  /** The stored detection that a record is of, although it differs. */
  readonly same?: string
}

/** `ok` is false where its mails did not arrive. */
type Done = Omit<InboxActed['settled'][number], 'key'> & { readonly ok?: boolean | undefined }

type Act = (named: Named, asked: Asked, context: CliContext) => Promise<Done>

const withReason = ({ by, reason }: Asked) => {
  if (reason === undefined) throw new Error('give a reason: --reason')
  return { by, reason }
}

const contestedAs =
  (does: 'accept' | 'refuse'): Act =>
  async (named, { asNew, by, reason, seen }, context) => {
    const { decideContested } = await import('../../lambdas/usecases/ingest/edit/waiting-records.ts')
    const record = named.item && recordIn(named.item)
    if (!record) throw await notWaiting(named, context)
    const as = does === 'refuse' ? 'refused' : asNew ? 'new' : 'revision'
    const under = await decideContested(record, { as, by, reason, seen }, context.services)
    const words = { revision: 'is a revision', new: `is stored as ${under}`, refused: 'is refused' }
    return { under, lines: [`${named.id} ${words[as]}`] }
  }

const candidateAs =
  (state: 'signed' | 'refused'): Act =>
  async ({ id }, asked, { services }) => {
    const { decideCandidate } = await import('../../lambdas/usecases/detect/decide-candidates.ts')
    const { operator: sender } = await import('./ingest-files.ts')
    const { by, reason } = state === 'refused' ? withReason(asked) : asked
    const failed = await decideCandidate(await services.candidates.get(id), { state, by, reason, sender }, services)
    if (failed) throw new Error(faultText(failed.reason))
    return { lines: [`${id} is ${state}`] }
  }

const place: Act = async (named, { territories = [], by, reason = '' }, context) => {
  const { editDetection } = await import('../../lambdas/usecases/ingest/edit/edit-detection.ts')
  const { deskHere } = await import('./ingest-files.ts')
  const { id } = named
  const { revision = 0 } = (await context.services.detections.stored([id])).get(id) ?? {}
  const edit = { does: 'place', territories } as const
  const done = await editDetection({ id, revision, by, reason, edit }, context.caller, deskHere(context))
  const isSame = typeof done === 'object' && done.fault === 'same'
  if (typeof done === 'object' && !isSame) throw await notWaiting(named, context)
  return { lines: [`${id} is placed in ${territories.join(', ')}${isSame ? ' already' : ''}`] }
}

const drop: Act = async (named, asked, context) => {
  const { rejects, clock } = context.services
  if (!(await rejects.drop(named.id, withReason(asked), clock()))) throw await notWaiting(named, context)
  return { lines: [`${named.id} is dropped`] }
}

const repair: Act = async (named, { text, by, same }, context) => {
  const { repairReject } = await import('../../lambdas/usecases/ingest/repair-reject.ts')
  const { deskHere } = await import('./ingest-files.ts')
  if (named.item?.kind !== 'reject') throw await notWaiting(named, context)
  const correction = { text, cells: new Map<number, string>(), also: [], by, same }
  const faults = await repairReject(named.item.of, correction, deskHere(context))
  const doubt = faults?.find(({ code }) => code === 'doubt.otherDetection')
  if (faults)
    throw new Error(`${lineOf(several(faults))}${doubt ? `, then give --same ${String(doubt.values?.id)}` : ''}`)
  return { lines: [`${named.id} is stored`] }
}

const makeAgain: Act = async (named, _, context) => {
  if (named.item?.kind !== 'held') throw await notWaiting(named, context)
  const { territory, period, cap } = named.item.of
  return makeReport({ territory, period: parsePeriod(period), cap }, true, context)
}

type Acts = Partial<Record<Does, Act>> & {
  /** What to do where none of them fits; KEY is the item's. */
  readonly instead: string
}

const decide = 'vigie inbox accept KEY, or refuse it'
const contested: Acts = { accept: contestedAs('accept'), refuse: contestedAs('refuse'), instead: decide }

const acts: Readonly<Record<InboxKind, Acts>> = {
  candidate: { accept: candidateAs('signed'), refuse: candidateAs('refused'), instead: decide },
  reject: { refuse: drop, fix: repair, instead: 'vigie inbox fix KEY --text TEXT' },
  ...{ contested, lower: contested, withdrawn: contested },
  unplaced: {
    refuse: ({ id }, asked, context) => withdrawOne(id, withReason(asked), context),
    fix: place,
    instead: 'vigie inbox fix KEY --territory CODE',
  },
  flash: {
    accept: ({ id: key }, { by }, context) => approveNote({ key, by, mails: true }, context),
    refuse: ({ id: key }, asked, context) => refuseNote({ ...asked, key }, context),
    instead: decide,
  },
  effect: { instead: 'vigie correct ID --set observedEffect.confirmed=NAME, for the detection with the effect' },
  approval: { instead: 'vigie note add TERRITORY PERIOD --approve, or approve the note in vigie serve' },
  held: { accept: makeAgain, instead: 'vigie correct what it is held for, then vigie inbox accept KEY' },
}

export const kinds = Object.keys(acts) as readonly InboxKind[]

export const kindsWith = (does: Does): readonly InboxKind[] => kinds.filter((kind) => acts[kind][does])

/** @throws Error where it fails, or where this kind takes no such action */
export const act = async (does: Does, named: Named, asked: Asked, context: CliContext): Promise<Done> => {
  const { kind, id, item } = named
  const { [does]: doing, instead } = acts[kind]
  const misfits = does === 'fix' && (kind === 'reject' ? asked.text : asked.territories) === undefined
  if (!doing || misfits) throw new Error(instead.replace('KEY', item?.key ?? id))
  if ((asked.asNew || asked.seen !== undefined) && acts[kind] !== contested)
    throw new Error('--as-new and --revision are for contested records')
  // These distinguish a repeated decision from a conflicting one.
  if (!item && kind !== 'candidate' && doing !== place) throw await notWaiting(named, context)
  return doing(named, asked, context)
}
