/** Immutable revisions, with the accounts in parts. */

import { closedMarking, strictest, usualCap } from '../../domain/core/marking.ts'
import { canonicalHash } from '../../domain/core/text/canonical.ts'
import type { AccountSet, GivenAccountSet } from '../../domain/detection/revisions/account-set.ts'
import { maxItemChars, readParts } from '../table/chunks.ts'
import { accountSetKey, accountSetPartition, accountsPartKey } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

type StoredAccountSet = AccountSet & {
  /** From 1. */
  readonly revision: number
  readonly storedAt: string
}

export type AccountSets = {
  /** A marking that is not given stays; only an authorised sender lowers it. */
  save(set: GivenAccountSet, now: Date): Promise<'accepted' | 'revised' | 'duplicate'>
  latest(id: string): Promise<StoredAccountSet | undefined>
}

type Revision = Item & {
  readonly name: string
  readonly revision: number
  readonly storedAt: string
  readonly size: number
  /** Hash of the content, used in the keys of the parts. */
  readonly sha256: string
  readonly parts: number
  /** Missing in older items. */
  readonly marking?: unknown
}

export const accountSetsIn = (table: Table): AccountSets => {
  const latestRevision = async (id: string): Promise<Revision | undefined> => {
    const newest = { backwards: true, limit: 1 }
    const [found] = await Array.fromAsync(table.query(accountSetPartition(id), newest))
    return found as Revision | undefined
  }
  return {
    save: async ({ id, name, accounts, marking: stated, mayLower = false }, now) => {
      const sha256 = canonicalHash({ name, accounts })
      const storedAt = now.toISOString()
      const parts = partsOf(accounts).map((text, number) => ({ ...accountsPartKey(sha256, number), text }))
      // The revision is put last, so that its readers find the parts. Lost parts of a duplicate are restored.
      const there = new Set((await table.getAll(parts, ['pk', 'sk'])).map(({ sk }) => sk))
      await table.putAll(parts.filter(({ sk }) => !there.has(sk)))
      for (;;) {
        const before = await latestRevision(id)
        const known = before && closedMarking(before.marking)
        const marking = stated && known && !mayLower ? strictest([known, stated]) : (stated ?? known ?? usualCap)
        if (before?.sha256 === sha256 && known === marking) return 'duplicate'
        const revision = (before?.revision ?? 0) + 1
        const about = { name, revision, storedAt, size: accounts.length, sha256, parts: parts.length, marking }
        const unclaimed = { expression: 'attribute_not_exists(pk)' }
        const claimed = await table.putIf({ ...accountSetKey(id, revision), ...about }, unclaimed)
        const latest = claimed ? undefined : await latestRevision(id)
        // The claim succeeded and only its answer was lost.
        const isOurs = latest?.revision === revision && latest.sha256 === sha256 && latest.storedAt === storedAt
        if (claimed || isOurs) return before ? 'revised' : 'accepted'
      }
    },
    latest: async (id) => {
      const found = await latestRevision(id)
      if (!found) return undefined
      const { name, revision, storedAt, sha256, parts } = found
      const what = `the set of accounts ${JSON.stringify(id)}, revision ${revision}`
      const texts = await readParts(table, parts, (number) => accountsPartKey(sha256, number), what)
      const marking = closedMarking(found.marking)
      return { id, name, marking, accounts: texts.flatMap((text) => JSON.parse(text) as string[]), revision, storedAt }
    },
  }
}

const partsOf = (accounts: readonly string[]): readonly string[] => {
  const parts: string[][] = []
  let chars = maxItemChars
  for (const account of accounts) {
    const json = JSON.stringify(account)
    chars += json.length + 1
    if (chars > maxItemChars) {
      parts.push([])
      chars = json.length + 1
    }
    parts.at(-1)?.push(json)
  }
  return parts.map((part) => `[${part.join(',')}]`)
}
