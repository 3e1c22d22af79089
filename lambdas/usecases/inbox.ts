/** What waits for an analyst, as far as he may know of it: detections without a place, records that could not be stored, and how much else. */
import { type Caller, isOperator, isUnder, mayDo } from '../domain/access/caller.ts'
import type { Unplaced } from '../store/detections/reading.ts'
import { type KeptReject, rejectDays } from '../store/rejects.ts'
import { answersFor, type ShownAnswer } from './answers.ts'
import { type Lowering, loweringsFor } from './ingest/decide-lowering.ts'
import { isCorrection } from './ingest/mend-effect.ts'
import type { FlashListed } from './reports/list-flash.ts'
import { candidatesFor, flashesFor } from './reports/what-waits.ts'
import type { Services } from './services.ts'

export type { Unplaced } from '../store/detections/reading.ts'
export type { KeptReject } from '../store/rejects.ts'

export type Inbox = {
  readonly unplaced: readonly Unplaced[]
  /** For who may know all that is stored: what a record is marked that cannot be read, nobody knows. */
  readonly rejects: readonly KeptReject[] | undefined
  /** Corrections that lower a marking, and wait for another person. */
  readonly lowered: readonly Lowering[]
  /** Other contested records. */
  readonly contested: number | undefined
  readonly candidates: Awaited<ReturnType<typeof candidatesFor>>
  /** That a person has to approve; none for who may not have reports made. */
  readonly flashes: readonly FlashListed[]
  readonly answers: readonly ShownAnswer[]
  /** There are more than are listed. */
  readonly more: { readonly unplaced: number; readonly rejects: number }
}

type InboxServices = Pick<Services, 'detections' | 'rejects' | 'answers' | 'recipients' | 'reports' | 'clock'> & {
  readonly candidates: Pick<Services['candidates'], 'waiting'>
}

/** Of each kind, on one page. */
const listed = 50

export const inboxFor = async (caller: Caller, services: InboxServices): Promise<Inbox> => {
  const { detections, rejects } = services
  const unplaced: Unplaced[] = []
  // One without a place may belong anywhere: it is for who may know of every territory.
  if (isUnder(caller, { marking: 'TLP:CLEAR', territories: [] })) {
    for await (const one of detections.unplaced()) if (isUnder(caller, one.detection)) unplaced.push(one)
  }
  const knowsAll = isOperator(caller)
  const open = knowsAll ? await Array.fromAsync(rejects.open()) : undefined
  return {
    unplaced: unplaced.slice(0, listed),
    rejects: open?.slice(0, listed),
    lowered: await loweringsFor(caller, services),
    contested: knowsAll
      ? (await Array.fromAsync(detections.contested())).filter((one) => !isCorrection(one)).length
      : undefined,
    candidates: await candidatesFor(caller, services),
    flashes: mayDo(caller, 'reports:create') ? await flashesFor(caller, services) : [],
    answers: await answersFor(caller, { closed: false }, services),
    more: {
      unplaced: Math.max(0, unplaced.length - listed),
      rejects: Math.max(0, (open?.length ?? 0) - listed),
    },
  }
}

/** When a reject goes by itself: ISO instant. */
export const rejectEnds = ({ triedAt, rejectedAt }: KeptReject): string =>
  new Date(Date.parse(triedAt ?? rejectedAt) + rejectDays * 86_400_000).toISOString()

/** One that is open, for who may know of it. */
export const rejectFor = async (
  id: string,
  caller: Caller,
  { rejects }: Pick<Services, 'rejects'>,
): Promise<KeptReject | undefined> => {
  const kept = isOperator(caller) ? await rejects.get(id) : undefined
  return kept && kept.mendedAt === undefined ? kept : undefined
}
