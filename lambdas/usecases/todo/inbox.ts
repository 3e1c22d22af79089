/** Collects pending work that a caller may know. */
import { type Caller, isOperator, isUnder, mayDo } from '../../domain/access/caller.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { Unplaced } from '../../store/detections/reading.ts'
import { type KeptReject, rejectDays } from '../../store/intake/rejects.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import { answersFor, type ShownAnswer } from '../answers.ts'
import { isLowering, type Lowering, waitingAmong, type WaitingRecord } from '../ingest/edit/waiting-records.ts'
import type { FlashListed } from '../reports/flash/list-flash.ts'
import {
  type About,
  candidatesFor,
  flashesFor,
  mailsAmiss,
  toConfirmFor,
  unplacedFor,
  type WaitingServices,
} from '../reports/schedules/what-waits.ts'
import type { Services } from '../services.ts'

export type { Unplaced } from '../../store/detections/reading.ts'
export type { KeptReject } from '../../store/intake/rejects.ts'

export type Inbox = {
  readonly unplaced: readonly Unplaced[]
  /** Operators only: the marking of an unreadable record is unknown. */
  readonly rejects: readonly KeptReject[] | undefined
  readonly lowered: readonly Lowering[]
  readonly contested: readonly WaitingRecord[]
  /** Contested records of withdrawn detections; operators only. */
  readonly contestedElsewhere: number
  readonly candidates: Awaited<ReturnType<typeof candidatesFor>>
  readonly flashes: readonly FlashListed[]
  readonly answers: readonly ShownAnswer[]
  /** Reports whose level rests on an effect that nobody confirmed. */
  readonly toConfirm: readonly VersionEntry[]
  readonly more: { readonly unplaced: number; readonly rejects: number; readonly contested: number }
}

type InboxServices = Pick<
  Services,
  'batches' | 'detections' | 'sources' | 'rejects' | 'answers' | 'recipients' | 'reports' | 'clock'
> & {
  readonly candidates: Pick<Services['candidates'], 'waiting'>
}

const listed = 50

type RecordServices = Pick<Services, 'batches' | 'detections' | 'sources' | 'rejects' | 'clock'>

const recordsFor = async (caller: Caller, services: RecordServices) => {
  const { detections, rejects } = services
  const unplaced: Unplaced[] = []
  // A detection without a territory may belong anywhere: shown only to callers with every territory.
  if (isUnder(caller, { marking: 'TLP:CLEAR', territories: [] })) {
    for await (const one of detections.unplaced()) if (isUnder(caller, one.detection)) unplaced.push(one)
  }
  const knowsAll = isOperator(caller)
  const records = await Array.fromAsync(detections.contested())
  const waiting = await waitingAmong(records, caller, services)
  const open = knowsAll ? await Array.fromAsync(rejects.open()) : undefined
  // Records of withdrawn detections are counted, but not listed.
  return { unplaced, rejects: open, waiting, contested: knowsAll ? records : waiting.map(({ record }) => record) }
}

export const waitingByBatch = async (
  caller: Caller,
  services: RecordServices,
): Promise<ReadonlyMap<string, number>> => {
  const { unplaced, rejects = [], contested } = await recordsFor(caller, services)
  const placing = await services.detections.stored(unplaced.map(({ detection }) => detection.id))
  const counts = new Map<string, number>()
  for (const { batch } of [...placing.values(), ...rejects, ...contested]) {
    if (batch !== undefined) counts.set(batch, (counts.get(batch) ?? 0) + 1)
  }
  return counts
}

export const inboxFor = async (caller: Caller, services: InboxServices): Promise<Inbox> => {
  const { unplaced, rejects: open, waiting, contested: records } = await recordsFor(caller, services)
  const contested = waiting.filter((one) => !isLowering(one))
  return {
    unplaced: unplaced.slice(0, listed),
    rejects: open?.slice(0, listed),
    lowered: waiting.filter(isLowering),
    contested: contested.slice(0, listed),
    contestedElsewhere: records.length - waiting.length,
    candidates: await candidatesFor(caller, services),
    flashes: mayDo(caller, 'reports:create') ? await flashesFor(caller, services) : [],
    answers: await answersFor(caller, { closed: false }, services),
    toConfirm: await toConfirmFor(caller, services),
    more: {
      unplaced: Math.max(0, unplaced.length - listed),
      rejects: Math.max(0, (open?.length ?? 0) - listed),
      contested: Math.max(0, contested.length - listed),
    },
  }
}

type InboxCounts = Readonly<
  Record<'unplaced' | 'rejects' | 'lowered' | 'contested' | 'candidates' | 'flashes' | 'answers' | 'toConfirm', number>
>

/** Counts several editions of one flash note as one. */
export const inboxCounts = (inbox: Inbox): InboxCounts => ({
  unplaced: inbox.unplaced.length + inbox.more.unplaced,
  rejects: (inbox.rejects?.length ?? 0) + inbox.more.rejects,
  lowered: inbox.lowered.length,
  contested: inbox.contested.length + inbox.more.contested + inbox.contestedElsewhere,
  candidates: inbox.candidates.length,
  flashes: new Set(inbox.flashes.map(({ key }) => key)).size,
  answers: inbox.answers.length,
  toConfirm: inbox.toConfirm.length,
})

export type Waiting = {
  readonly candidates: number
  /** Null for callers who may not see detections of every territory. */
  readonly unplaced: number | null
  /** Refused or of unknown fate; null for callers who may not see the mail. */
  readonly mails: number | null
  readonly flashes: readonly FlashListed[] | null
  readonly inbox: Inbox | null
  readonly markings: readonly Marking[]
}

export const whatWaits = async (
  about: readonly About[],
  caller: Caller,
  services: InboxServices & WaitingServices,
): Promise<Waiting> => {
  const mails = mayDo(caller, 'reports:create') ? await mailsAmiss(about, caller, services) : null
  if (mayDo(caller, 'detections:write')) {
    const inbox = await inboxFor(caller, services)
    const { candidates, unplaced } = inboxCounts(inbox)
    const flashes = mayDo(caller, 'reports:create') ? inbox.flashes : null
    return { candidates, unplaced, mails, flashes, inbox, markings: [] }
  }
  const candidates = await candidatesFor(caller, services)
  const unplaced = await unplacedFor(caller, services)
  const flashes = mayDo(caller, 'reports:create') ? await flashesFor(caller, services) : null
  return {
    ...{ candidates: candidates.length, unplaced: unplaced?.length ?? null, mails, flashes, inbox: null },
    markings: [
      ...candidates.map(({ marking }) => marking),
      ...(unplaced ?? []),
      ...(flashes ?? []).map((one) => one.marking),
    ],
  }
}

/** ISO instant at which a reject is deleted automatically. */
export const rejectEnds = ({ triedAt, rejectedAt }: KeptReject): string =>
  new Date(Date.parse(triedAt ?? rejectedAt) + rejectDays * 86_400_000).toISOString()

export const rejectFor = async (
  id: string,
  caller: Caller,
  { rejects }: Pick<Services, 'rejects'>,
): Promise<KeptReject | undefined> => {
  const kept = isOperator(caller) ? await rejects.get(id) : undefined
  return kept && kept.resolvedAt === undefined ? kept : undefined
}
