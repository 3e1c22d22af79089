/** Collects pending work that a caller may know. */
import { type Caller, isOperator, isUnder, mayDo } from '../../domain/access/caller.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { editionOf, reportId } from '../../domain/report/manifest.ts'
import type { Contested } from '../../store/detections/contested.ts'
import type { Unplaced } from '../../store/detections/reading.ts'
import { type KeptReject, rejectDays } from '../../store/intake/rejects.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import { isLowering, waitingAmong, type WaitingRecord } from '../ingest/edit/waiting-records.ts'
import type { FlashListed } from '../reports/flash/list-flash.ts'
import {
  type About,
  candidatesFor,
  flashesFor,
  mailsAmiss,
  type ReadersCandidate,
  reportsWaiting,
  unplacedFor,
  type WaitingServices,
} from '../reports/schedules/what-waits.ts'
import type { Services } from '../services.ts'

export type { Unplaced } from '../../store/detections/reading.ts'
export type { KeptReject } from '../../store/intake/rejects.ts'

type Kinds = {
  readonly lower: WaitingRecord
  readonly contested: WaitingRecord
  /** A contested record of a withdrawn detection; operators only. */
  readonly withdrawn: Contested
  readonly unplaced: Unplaced
  /** Operators only: the marking of an unreadable record is unknown. */
  readonly reject: KeptReject
  readonly candidate: ReadersCandidate
  /** A flash note; the first of its editions that wait. */
  readonly flash: FlashListed
  /** A report whose level rests on an effect that nobody confirmed. */
  readonly effect: VersionEntry
  /** A report that is not mailed before a note approves it. */
  readonly approval: VersionEntry
  readonly held: VersionEntry
}

export type InboxKind = keyof Kinds

type Waits = { readonly [kind in InboxKind]: { readonly kind: kind; readonly of: Kinds[kind] } }[InboxKind]

export type InboxItem = Waits & {
  /** Identifies the item on the command line. */
  readonly key: string
  /** ISO instant. */
  readonly since: string
  /** Undefined where it is unknown, as of an unreadable record. */
  readonly marking?: Marking
  /** Deleted or expired then. */
  readonly until?: string
}

type RecordServices = Pick<Services, 'batches' | 'detections' | 'sources' | 'rejects' | 'clock'>

type InboxServices = RecordServices &
  Pick<Services, 'reports' | 'notes' | 'organisation'> & {
    readonly candidates: Pick<Services['candidates'], 'waiting'>
  }

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

const waits = <Kind extends InboxKind>(
  kind: Kind,
  of: Kinds[Kind],
  { id, since, marking, until }: Omit<InboxItem, 'kind' | 'of' | 'key'> & { readonly id: string },
) => ({ kind, of, key: `${kind}:${id}`, since, marking, until }) as unknown as InboxItem

const idOf = ({ detection, sha256 }: Contested): string => `${detection.id}@${sha256.slice(0, 8)}`

const versionWaits = (kind: 'effect' | 'approval' | 'held') => (of: VersionEntry) =>
  waits(kind, of, { id: reportId(editionOf(of), of.version), since: of.asOf, ...(of.published ?? of.held) })

/** Oldest first. Readers see the candidates alone. */
export const inboxFor = async (
  caller: Caller,
  services: InboxServices,
  flashes?: readonly FlashListed[],
): Promise<readonly InboxItem[]> => {
  const candidates = (await candidatesFor(caller, services)).map((of) =>
    waits('candidate', of, { ...of, since: of.foundAt }),
  )
  const others = mayDo(caller, 'detections:write')
    ? await analystsItems(caller, services, flashes ?? (await flashesOf(caller, services)))
    : []
  return inOrder([...candidates, ...others])
}

const inOrder = (items: readonly InboxItem[]): readonly InboxItem[] =>
  items.toSorted((one, other) => (one.since < other.since ? -1 : one.since > other.since ? 1 : 0))

/** Includes candidates without a territory, for operators. */
export const wholeInbox = async (
  caller: Caller,
  services: InboxServices & { readonly candidates: Pick<Services['candidates'], 'all'> },
): Promise<readonly InboxItem[]> => {
  const found = [...(await inboxFor(caller, services))]
  if (!isOperator(caller)) return found
  for await (const { id, lines, detection } of services.candidates.all()) {
    const line = lines.at(-1)
    if (detection.territories.length > 0 || !line || line.settledAt !== undefined) continue
    found.push(waits('candidate', { ...line, id }, { id, since: line.foundAt, marking: line.marking }))
  }
  return inOrder(found)
}

const flashesOf = async (caller: Caller, services: InboxServices): Promise<readonly FlashListed[]> =>
  mayDo(caller, 'reports:create') ? flashesFor(caller, services) : []

const analystsItems = async (
  caller: Caller,
  services: InboxServices,
  flashes: readonly FlashListed[],
): Promise<readonly InboxItem[]> => {
  const { unplaced, rejects = [], waiting, contested } = await recordsFor(caller, services)
  const { toConfirm, toApprove, held } = await reportsWaiting(caller, services)
  const known = new Set(waiting.map(({ record }) => record.sha256))
  return [
    ...waiting.map((of) => {
      const { record, marking } = of
      return waits(isLowering(of) ? 'lower' : 'contested', of, { id: idOf(record), since: record.storedAt, marking })
    }),
    ...contested.flatMap((of) =>
      known.has(of.sha256) ? [] : [waits('withdrawn', of, { id: idOf(of), since: of.storedAt })],
    ),
    ...unplaced.map((of) => waits('unplaced', of, { ...of.detection, since: of.storedAt })),
    ...rejects.map((of) => waits('reject', of, { id: of.rejectId, since: of.rejectedAt, until: rejectEnds(of) })),
    ...[...Map.groupBy(flashes, ({ key }) => key)].flatMap(([id, [of]]) =>
      of ? [waits('flash', of, { ...of, id, since: of.asOf })] : [],
    ),
    ...toConfirm.map(versionWaits('effect')),
    ...toApprove.map(versionWaits('approval')),
    ...held.map(versionWaits('held')),
  ]
}

export const countOf = (items: readonly InboxItem[], ...kinds: readonly InboxKind[]): number =>
  items.filter(({ kind }) => kinds.includes(kind)).length

export type Waiting = {
  /** Null for callers who may not see detections of every territory. */
  readonly unplaced: number | null
  /** Refused or of unknown fate; null for callers who may not see the mail. */
  readonly mails: number | null
  readonly flashes: readonly FlashListed[]
  readonly inbox: readonly InboxItem[]
  /** Of what is not in the inbox. */
  readonly markings: readonly Marking[]
}

export const whatWaits = async (
  about: readonly About[],
  caller: Caller,
  services: InboxServices & WaitingServices,
): Promise<Waiting> => {
  const mails = mayDo(caller, 'reports:create') ? await mailsAmiss(about, caller, services) : null
  const flashes = await flashesOf(caller, services)
  const inbox = await inboxFor(caller, services, flashes)
  const knowsAll = mayDo(caller, 'detections:write')
  const unplaced = knowsAll ? [] : await unplacedFor(caller, services)
  return {
    ...{ mails, flashes, inbox, unplaced: knowsAll ? countOf(inbox, 'unplaced') : (unplaced?.length ?? null) },
    markings: [...(unplaced ?? []), ...flashes.map(({ marking }) => marking)],
  }
}

/** ISO instant at which a reject is deleted automatically. */
export const rejectEnds = ({ triedAt, rejectedAt }: KeptReject): string => daysAfter(triedAt ?? rejectedAt, rejectDays)

const daysAfter = (at: string, days: number): string => new Date(Date.parse(at) + days * 86_400_000).toISOString()

export const rejectFor = async (
  id: string,
  caller: Caller,
  { rejects }: Pick<Services, 'rejects'>,
): Promise<KeptReject | undefined> => {
  const kept = isOperator(caller) ? await rejects.get(id) : undefined
  return kept && kept.resolvedAt === undefined ? kept : undefined
}
