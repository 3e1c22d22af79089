/**
 * What DynamoDB lets one partition do in a second, which no stand-in knows: 1,000 write units and 3,000 read units,
 * whatever the table's mode ("Best practices for designing and using partition keys effectively in DynamoDB"). What
 * comes beyond is refused as the service does it. Burst capacity is left out: AWS keeps up to five minutes of what was
 * unused, and takes it for its own work without notice ("DynamoDB burst and adaptive capacity"). So is splitting for
 * heat: it comes after minutes, and not where the sort keys only grow.
 */
import { createHash } from 'node:crypto'
import { type Attributes, readUnits, writeUnits } from './item-size.ts'
import { answerWithJson, type Answered, type Interceptor, tableError, withJson } from './proxy.ts'

export type PartitionLimits = {
  /** Units of one partition in a second. */
  readonly writes: number
  readonly reads: number
  /**
   * So many partitions hold all keys, by hash, and none is split: four in a new on-demand table. Else each key has its
   * own.
   */
  readonly partitions?: number
}

/**
 * "New on-demand tables will be able to sustain up to 4,000 writes per second and 12,000 reads per second": four
 * partitions.
 */
export const newTable: PartitionLimits = { writes: 1_000, reads: 3_000, partitions: 4 }
export const keyEach: PartitionLimits = { writes: 1_000, reads: 3_000 }

type Throttling = {
  readonly interceptor: Interceptor
  readonly figures: {
    requests: number
    /** Requests of which nothing was done. */
    refused: number
    /** Batches of which a part was given back. */
    cut: number
    /** Requests that the SDK sent again by itself. */
    repeated: number
  }
  /** Units that a partition key has taken. */
  unitsOf(pk: string): { readonly writes: number; readonly reads: number }
}

/** By which a client says when it sends, in milliseconds of its own time; without it the real time counts. */
export const virtualTimeHeader = 'x-virtual-ms'

export const throttling = (limits: PartitionLimits): Throttling => {
  const figures = { requests: 0, refused: 0, cut: 0, repeated: 0 }
  const buckets = new Map<string, { left: number; at: number }>()
  const taken = new Map<string, { writes: number; reads: number }>()

  const partitionOf = (pk: string): string =>
    limits.partitions === undefined
      ? pk
      : String(createHash('sha256').update(pk).digest().readUInt32BE() % limits.partitions)

  const bucketOf = (kind: 'writes' | 'reads', pk: string, now: number) => {
    const name = `${kind} ${partitionOf(pk)}`
    const bucket = buckets.get(name) ?? { left: limits[kind], at: now }
    buckets.set(name, bucket)
    if (now > bucket.at) {
      bucket.left = Math.min(limits[kind], bucket.left + ((now - bucket.at) / 1_000) * limits[kind])
      bucket.at = now
    }
    return bucket
  }
  /**
   * Whether the second has something left. An answer may take more than that: what follows waits until it is made up.
   */
  const admits = (kind: 'writes' | 'reads', pk: string, now: number): boolean => bucketOf(kind, pk, now).left > 0
  const take = (kind: 'writes' | 'reads', pk: string, units: number, now: number): void => {
    bucketOf(kind, pk, now).left -= units
    const all = taken.get(pk) ?? { writes: 0, reads: 0 }
    all[kind] += units
    taken.set(pk, all)
  }
  const refuse = (type: string): Answered => {
    figures.refused += 1
    return tableError(type)
  }

  const batchWrite = async (said: BatchWrite, now: number, ask: Ask): Promise<Answered> => {
    const [[table, all] = ['', []]] = Object.entries(said.RequestItems)
    const left = all.filter((one) => {
      const item = one.PutRequest?.Item ?? one.DeleteRequest?.Key ?? {}
      const pk = item.pk?.S as string
      if (!admits('writes', pk, now)) return true
      take('writes', pk, writeUnits(item), now)
      return false
    })
    // "If BatchWriteItem cannot process any items due to throttling": partition-level limits are a ThrottlingException.
    if (left.length === all.length) return refuse('ThrottlingException')
    const passed = new Set(left)
    const answer = await ask({ ...said, RequestItems: { [table]: all.filter((one) => !passed.has(one)) } })
    if (left.length === 0 || answer.status !== 200) return answer
    figures.cut += 1
    return answerWithJson(answer, { ...JSON.parse(answer.body.toString()), UnprocessedItems: { [table]: left } })
  }

  const batchGet = async (said: BatchGet, now: number, ask: Ask): Promise<Answered> => {
    const [[table, wanted] = ['', { Keys: [] }]] = Object.entries(said.RequestItems)
    const keys = wanted.Keys.filter(({ pk }) => admits('reads', pk?.S as string, now))
    if (keys.length === 0) return refuse('ProvisionedThroughputExceededException')
    // Whole items are billed, also where a part of each is asked for.
    const { ProjectionExpression: projection, ExpressionAttributeNames: names, ...whole } = wanted
    const answer = await ask({ ...said, RequestItems: { [table]: { ...whole, Keys: keys } } })
    if (answer.status !== 200) return answer
    const told = JSON.parse(answer.body.toString()) as { Responses: Record<string, Attributes[]> }
    const found = new Map((told.Responses[table] ?? []).map((item) => [keyText(item), item]))
    const read: Attributes[] = []
    const left = wanted.Keys.filter((key) => {
      const pk = key.pk?.S as string
      if (!admits('reads', pk, now)) return true
      const item = found.get(keyText(key))
      take('reads', pk, readUnits(item), now)
      if (item) read.push(item)
      return false
    })
    const only = projection?.split(', ').map((name) => names?.[name] ?? name)
    const shown = only
      ? read.map((item) => Object.fromEntries(only.flatMap((name) => (item[name] ? [[name, item[name]]] : []))))
      : read
    if (left.length > 0) figures.cut += 1
    return answerWithJson(answer, {
      ...told,
      Responses: { [table]: shown },
      UnprocessedKeys: left.length > 0 ? { [table]: { ...wanted, Keys: left } } : {},
    })
  }

  /** One item, or a page of one key's: the stand-in says what it takes. */
  const single = async (kind: 'writes' | 'reads', pk: string, said: Said, now: number, ask: Ask): Promise<Answered> => {
    if (!admits(kind, pk, now)) {
      return refuse(kind === 'reads' ? 'ProvisionedThroughputExceededException' : 'ThrottlingException')
    }
    const answer = await ask({ ...said, ReturnConsumedCapacity: 'TOTAL' })
    const told = JSON.parse(answer.body.toString()) as { ConsumedCapacity?: { CapacityUnits: number } }
    // A condition that does not hold is billed by the size of the item.
    const units = told.ConsumedCapacity?.CapacityUnits ?? (said.Item ? writeUnits(said.Item) : 1)
    take(kind, pk, units, now)
    return answer
  }

  return {
    figures,
    unitsOf: (pk) => taken.get(pk) ?? { writes: 0, reads: 0 },
    interceptor: async (asked, through) => {
      const operation = String(asked.headers['x-amz-target']).split('.')[1] ?? ''
      const said = JSON.parse(asked.body.toString())
      const now = Number(asked.headers[virtualTimeHeader] ?? performance.now())
      figures.requests += 1
      if (!/attempt=1\b/.test(String(asked.headers['amz-sdk-request'] ?? 'attempt=1'))) figures.repeated += 1
      const ask: Ask = (changed) => through(withJson(asked, changed))
      switch (operation) {
        case 'BatchWriteItem':
          return batchWrite(said, now, ask)
        case 'BatchGetItem':
          return batchGet(said, now, ask)
        case 'PutItem':
          return single('writes', said.Item.pk.S, said, now, ask)
        case 'UpdateItem':
        case 'DeleteItem':
          return single('writes', said.Key.pk.S, said, now, ask)
        case 'GetItem':
          return single('reads', said.Key.pk.S, said, now, ask)
        case 'Query':
          return single('reads', said.ExpressionAttributeValues[':pk'].S, said, now, ask)
        default:
          return through(asked)
      }
    },
  }
}

type Said = { readonly Item?: Attributes }
type Ask = (said: object) => Promise<Answered>
type BatchWrite = {
  readonly RequestItems: Readonly<
    Record<string, { readonly PutRequest?: { Item: Attributes }; readonly DeleteRequest?: { Key: Attributes } }[]>
  >
}
type BatchGet = {
  readonly RequestItems: Readonly<
    Record<
      string,
      {
        readonly Keys: Attributes[]
        readonly ProjectionExpression?: string
        readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
      }
    >
  >
}

const keyText = ({ pk, sk }: Attributes): string => `${pk?.S}\n${sk?.S}`
