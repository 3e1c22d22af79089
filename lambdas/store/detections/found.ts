/** The status of a stored detection decides which actions are allowed. */

import { NotActiveError, notActive, type NotActive } from '../../domain/detection/revisions/not-active.ts'
import type { Latest, Owner } from '../../domain/detection/revisions/revision.ts'
import { candidatesPartition } from '../table/keys.ts'
import type { Table } from '../table/table.ts'
import type { Head } from './items.ts'
import { latestOf, readHead } from './revisions.ts'

type Stored = { readonly head: Head; readonly latest: Latest & { readonly owner: Owner } }

/** The only status whose body may change. */
export type Active = Stored & { readonly status: 'active' }

/** An *undone* id is free: the next record counts as its first. */
export type Found =
  | Active
  | (Stored & { readonly status: 'withdrawn' | 'undone'; readonly fault: NotActive })
  | { readonly status: 'unknown'; readonly fault: NotActive; readonly head?: undefined; readonly latest?: undefined }

export const readFor = async (table: Table, id: string): Promise<Found> => {
  const head = await readHead(table, id)
  if (!head) return { status: 'unknown', fault: notActive('unknown', id) }
  const stored = { head, latest: latestOf(head) }
  if (head.status === 'active') return { status: 'active', ...stored }
  const status = head.undone === undefined ? 'withdrawn' : 'undone'
  return { status, ...stored, fault: notActive(status, id, head.reason) }
}

/** @throws NotActiveError if there is nothing to change */
export const readActive = async (table: Table, id: string): Promise<Active> => {
  const found = await readFor(table, id)
  if (found.status === 'active') return found
  const isCandidate = found.status === 'unknown' && (await table.get({ pk: candidatesPartition, sk: id }))
  throw new NotActiveError(isCandidate ? notActive('candidate', id) : found.fault)
}
