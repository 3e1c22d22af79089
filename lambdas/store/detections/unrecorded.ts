/** Finds actions of old versions, which wrote the history after the action. Avoids a full scan. */
import type { SourceSet } from '../../domain/aggregate/watch/watch.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { type SubjectCode, subjects } from '../../domain/core/place/territory.ts'
import type { BatchOrigin } from '../../domain/detection/batch-origin.ts'
import { editionOf, reportId } from '../../domain/report/manifest.ts'
import { reportsIn } from '../reports/reports.ts'
import type { Action, ActionKind } from '../table/history.ts'
import {
  batchesPartition,
  candidatesPartition,
  contestedPartition,
  detectorIn,
  historyPartition,
  notePartition,
  platesPartition,
  recipientsPartition,
  schedulesPartition,
  sourcesPartition,
  unplacedPartition,
} from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'
import type { Head } from './items.ts'
import { headsOf } from './revisions.ts'

type Seen = Pick<Action, 'of' | 'id'> & { readonly dids: readonly ActionKind[]; readonly at?: string | undefined }

type Unrecorded = Pick<Action, 'of' | 'id'>

const mostLines = 200_000

/** Finding these would need a full scan. */
export const unseenActs =
  'not looked for: which of several changes of a reader has none, rejects that were dropped, and withdrawals of detections that came with a place'

/** Undefined where the history is too long. */
export const unrecordedIn = async (table: Table): Promise<readonly Unrecorded[] | undefined> => {
  const all: Action[] = []
  for await (const item of table.query(historyPartition)) {
    if (all.length === mostLines) return undefined
    all.push(item as unknown as Action)
  }
  const lines = Map.groupBy(all, keyOf)
  const hasLine = ({ dids, at, ...about }: Seen): boolean =>
    (lines.get(keyOf(about)) ?? []).some((line) => dids.includes(line.did) && (at === undefined || line.at === at))
  const missing = new Map<string, Unrecorded>()
  for await (const act of actsSeen(table)) {
    if (!hasLine(act)) missing.set(keyOf(act), { of: act.of, id: act.id })
  }
  return [...missing.values()]
}

const keyOf = ({ of, id }: Unrecorded): string => `${of}\n${id}`

const actsSeen = async function* (table: Table): AsyncGenerator<Seen> {
  const listed: readonly (readonly [string, (item: Item) => readonly Seen[]])[] = [
    [recipientsPartition, ofRecipient],
    [schedulesPartition, ofSchedule],
    [platesPartition, ofPlate],
    [candidatesPartition, ofCandidate],
    [sourcesPartition, ofSource],
    [contestedPartition, ofContested],
    ...subjects.map(({ code }) => [notePartition(code as SubjectCode), ofNote] as const),
  ]
  for (const [pk, actsOf] of listed) for await (const item of table.query(pk)) yield* actsOf(item)
  for await (const entry of reportsIn(table).all()) {
    const about = { of: 'report' as const, id: reportId(editionOf(entry), entry.version) }
    if (entry.recalled) yield { ...about, dids: ['recalled', 'refused'], at: entry.recalled.at }
    if (entry.approved) yield { ...about, dids: ['approved'], at: entry.approved.at }
  }
  yield* ofUnplaced(table)
}

const ofRecipient = ({ sk: id }: Item): readonly Seen[] => [
  { of: 'recipient', id, dids: ['added', 'changed', 'paused', 'resumed'] },
]

const ofSchedule = ({ sk: id, turns }: Item): readonly Seen[] =>
  (turns as readonly { readonly at: string }[]).map(({ at }) => ({
    ...{ of: 'schedule', id, at },
    dids: ['paused', 'resumed'],
  }))

const ofPlate = ({ sk: id, removed }: Item): readonly Seen[] => [
  { of: 'plate', id, dids: ['added'] },
  ...(removed ? [{ of: 'plate' as const, id, dids: ['forgotten' as const] }] : []),
]

const ofCandidate = ({ sk: id, state, decidedBy }: Item): readonly Seen[] =>
  decidedBy !== undefined && (state === 'signed' || state === 'refused')
    ? [{ of: 'candidate', id, dids: ['signed', 'refused'] }]
    : []

const ofSource = ({ sk, set }: Item): readonly Seen[] =>
  set ? [{ of: 'source', id: detectorIn(sk), dids: ['changed'], at: (set as SourceSet).at }] : []

const ofContested = ({ state, id, under }: Item): readonly Seen[] =>
  state === 'revision' || state === 'new' || state === 'refused'
    ? [{ of: 'detection', id: String(under ?? id), dids: ['accepted', 'refused'] }]
    : []

const ofNote = ({ territory, period, writtenAt, approves }: Item): readonly Seen[] =>
  territory === undefined
    ? []
    : [
        {
          ...{ of: 'note', id: `${territory}/${period}`, at: String(writtenAt) },
          dids: [approves === true ? 'approved' : 'written'],
        },
      ]

const ofUnplaced = async function* (table: Table): AsyncGenerator<Seen> {
  const ids = (await Array.fromAsync(table.query(unplacedPartition), ({ sk }) => sk)) as string[]
  pushAll(ids, await correctedIds(table))
  for (const head of await headsOf(table, ids)) yield* ofHead(head)
}

const correctedIds = async (table: Table): Promise<readonly string[]> => {
  const origins = await Array.fromAsync(table.query(batchesPartition), ({ from }) => from as BatchOrigin | undefined)
  return origins.flatMap((from) => (from?.kind === 'correction' ? [from.id] : []))
}

const ofHead = function* ({ id, status, undone, territories, corrections }: Head): Generator<Seen> {
  const about = { of: 'detection' as const, id }
  if (status === 'withdrawn' && undone === undefined) yield { ...about, dids: ['withdrawn'] }
  const isPlaced = territories.some(({ method, by, via }) => method === 'analyst' && by !== undefined && !via)
  if (status === 'active' && isPlaced) yield { ...about, dids: ['placed', 'corrected', 'accepted'] }
  if (corrections) yield { ...about, dids: ['corrected', 'accepted', 'refused', 'asked'] }
}
