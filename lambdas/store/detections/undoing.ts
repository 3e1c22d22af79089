import { fault } from '../../domain/core/fault.ts'
import { canonicalHash } from '../../domain/core/text/canonical.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { loweredFault, loweringsOf } from '../../domain/detection/revisions/lowering.ts'
import { undoEnds } from '../intake/batches.ts'
import { revisedHeadKey } from '../table/keys.ts'
import type { Table } from '../table/table.ts'
import { contest, type Undoing } from './contested.ts'
import { readFor } from './found.ts'
import { correctionsIn, correctionsOf, type Head, headOf, intakeOf, overOf, type RevisedHead } from './items.ts'
import { type Act, bodyFrom, bodyOf, claim, complete, withdrawn } from './revisions.ts'

/**
 * *already*: an earlier undoing did it. *gone*: an analyst has withdrawn it since. *left*: another change followed, or
 * an analyst refused. *nothing*: the batch has no part in it. *waits*: another analyst decides about the lower marking.
 */
export type Undone =
  | { readonly did: 'withdrawn'; readonly isUnplaced: boolean; readonly previous: Detection | undefined }
  | { readonly did: 'restored' | 'already' | 'gone' | 'nothing' | 'waits' }
  | { readonly did: 'left'; readonly since: string | undefined }

/** @param accepted written in the same transaction, by an analyst who accepted the lower marking */
export const undo = async (table: Table, id: string, undoing: Undoing, now: Date, accepted?: Act): Promise<Undone> => {
  const { batch } = undoing
  for (;;) {
    const { head, latest } = await readFor(table, id)
    if (!head) return { did: 'nothing' }
    if (head.undone === batch || head.restored === batch) {
      await complete(table, head, await bodyOf(table, head))
      return { did: 'already' }
    }
    if (head.batch !== batch) {
      if (!(await isBeneath(table, batch, head))) return { did: 'nothing' }
      return head.status === 'withdrawn' ? { did: 'gone' } : { did: 'left', since: head.batch }
    }
    const before = await revisedBy(table, batch, id)
    if (!before || before.status === 'withdrawn') {
      const undone = before?.undone ?? batch
      const previous = await bodyOf(table, head)
      const why = { reason: fault('detection.undone', { batch: undone }), undone }
      if (await withdrawn(table, head, why, now, accepted ?? {}))
        return { did: 'withdrawn', isUnplaced: head.territories.length === 0, previous }
      continue
    }
    const body = await bodyFrom(table, before, id, before.revision)
    const { owner } = before
    const lowered = accepted ? undefined : loweredFault(loweringsOf(latest, body))
    if (lowered !== undefined) {
      const asked = { undoing, markingBefore: latest.marking }
      const sha256 = canonicalHash({ undoing: batch, body })
      const { kind } = await contest(
        table,
        body,
        sha256,
        fault('contested.undoing', { batch, reason: lowered }),
        asked,
        now,
      )
      return kind === 'contested' ? { did: 'waits' } : { did: 'left', since: undefined }
    }
    const next = headOf(body, head.revision + 1, before.contentSha256, owner, head, now)
    const kept = correctionsOf(correctionsIn(before))
    // The revision still belongs to the earlier batch, which can be undone next.
    const brought = before.batch === undefined ? overOf(before) : { batch: before.batch }
    const claimed = await claim(table, { ...next, ...kept, ...brought, restored: batch }, body, head, accepted ?? {})
    if (!claimed) continue
    await table.putAll(claimed.items)
    return { did: 'restored' }
  }
}

/** Whether the current detection builds on a batch's change. */
const isBeneath = async (table: Table, batch: string, head: Head): Promise<boolean> => {
  const passed = new Set<string>()
  for (let at = intakeOf(head); at !== undefined && !passed.has(at);) {
    if (at === batch) return true
    passed.add(at)
    at = intakeOf((await revisedBy(table, at, head.id)) ?? {})
  }
  return false
}

const revisedBy = async (table: Table, batch: string, id: string): Promise<Head | undefined> =>
  ((await table.get(revisedHeadKey(batch, id))) as RevisedHead | undefined)?.head

export const keepRevised = (table: Table, batch: string, head: Head, now: Date): Promise<void> =>
  table.put({ ...revisedHeadKey(batch, head.id), head, expiresAt: undoEnds(now) })
