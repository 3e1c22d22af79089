/** Restricts reads of stored detections to what a caller may know, so that check results reveal nothing else. */
import { type Ceiling, isUnder } from '../../domain/access/caller.ts'
import { closedMarking, fitsUnder, usualCap } from '../../domain/core/marking.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { accountSetPartition, accountsPartition, bodyPartition, headKey } from './keys.ts'
import type { Item, Table } from './table.ts'
import type { Readable } from './trial-table.ts'

const [headPartition, setPartition] = [headKey('').pk, accountSetPartition('')]

const isHead = (pk: string): boolean => pk.startsWith(headPartition)
const isSet = (pk: string): boolean => pk.startsWith(setPartition)
/** Partitions reachable only through items that are already permitted. */
const isBehind = (pk: string): boolean => [bodyPartition, accountsPartition].some((kind) => pk.startsWith(kind))

/** Limits reads to detections under a ceiling and their account sets. */
export const seenTable = (stored: Readable, ceiling: Ceiling): Readable => {
  const mayKnow = (item: Item): boolean => {
    const { marking, territories = [] } = item as {
      marking?: unknown
      territories?: readonly { code: TerritoryCode }[]
    }
    if (isSet(item.pk)) return fitsUnder(marking === undefined ? usualCap : closedMarking(marking), ceiling.clearance)
    return !isHead(item.pk) || isUnder(ceiling, { marking: closedMarking(marking), territories })
  }
  const isOpen = (pk: string): boolean => isHead(pk) || isSet(pk) || isBehind(pk)
  const getAll: Table['getAll'] = async (keys, only) => {
    const behind = keys.filter(({ pk }) => isBehind(pk))
    const judged = keys.filter(({ pk }) => isHead(pk) || isSet(pk))
    return [...(await stored.getAll(behind, only)), ...(await stored.getAll(judged)).filter(mayKnow)]
  }
  return {
    get: async (key) => {
      const item = isOpen(key.pk) ? await stored.get(key) : undefined
      return item && mayKnow(item) ? item : undefined
    },
    getAll,
    query: async function* (pk, { limit = Number.POSITIVE_INFINITY, ...range } = {}) {
      if (!isOpen(pk)) return
      let left = limit
      for await (const item of stored.query(pk, range)) {
        if (!mayKnow(item)) continue
        if (left <= 0) return
        left -= 1
        yield item
      }
    },
    scan: async function* () {},
  }
}
