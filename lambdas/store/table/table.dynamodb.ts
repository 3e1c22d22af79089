import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  ResourceInUseException,
  ResourceNotFoundException,
  TransactionCanceledException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  ScanCommand,
  type ScanCommandInput,
  type ScanCommandOutput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { pushAll } from '../../domain/core/lists.ts'
import { plural } from '../../domain/core/text/plural.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { type Key, keyText } from './keys.ts'
import { type Fields, type Item, type Put, type Range, RefusedItemError, type Table } from './table.ts'

export type DynamoTable = Table & {
  create(): Promise<void>
}

const maxWritesPerBatch = 25
const maxReadsPerBatch = 100
const batchesAtOnce = 8
/** A national month has 400 mostly small day partitions; reading them one by one is mostly waiting. */
const readAhead = 8
const maxFruitless = 10

export const openTable = (config: DynamoDBClientConfig, tableName: string): DynamoTable => {
  const client = new DynamoDBClient(config)
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })

  const writeBatch = async (items: readonly Item[]): Promise<readonly Item[]> => {
    const { UnprocessedItems } = await documents
      .send(
        new BatchWriteCommand({
          RequestItems: { [tableName]: items.map((item) => ({ PutRequest: { Item: { ...item } } })) },
        }),
      )
      .catch(refusing)
    return (UnprocessedItems?.[tableName] ?? []).map(({ PutRequest }) => PutRequest?.Item as Item)
  }

  const readBatch = async (
    keys: readonly Key[],
    { only, isConsistent = true }: { readonly only?: readonly string[] | undefined; readonly isConsistent?: boolean },
    found: (items: readonly Item[]) => void,
  ): Promise<readonly Key[]> => {
    const names = only && Object.fromEntries(only.map((name) => [`#${name}`, name]))
    const wanted = {
      Keys: keys.map(({ pk, sk }) => ({ pk, sk })),
      ConsistentRead: isConsistent,
      ...(names && { ProjectionExpression: Object.keys(names).join(', '), ExpressionAttributeNames: names }),
    }
    const { Responses, UnprocessedKeys } = await documents.send(
      new BatchGetCommand({ RequestItems: { [tableName]: wanted } }),
    )
    found((Responses?.[tableName] ?? []) as Item[])
    return (UnprocessedKeys?.[tableName]?.Keys ?? []) as Key[]
  }

  const putOf = ({ item, condition: { expression, values, names } = { expression: '' } }: Put) => ({
    TableName: tableName,
    Item: { ...item },
    ...(expression && { ConditionExpression: expression }),
    ...(values && { ExpressionAttributeValues: { ...values } }),
    ...(names && { ExpressionAttributeNames: { ...names } }),
  })

  /** Retries on conflicts with other transactions on the same items. */
  const transact = async (actions: NonNullable<TransactWriteCommandInput['TransactItems']>): Promise<void> => {
    for (let tries = 0; ; tries += 1) {
      try {
        await documents.send(new TransactWriteCommand({ TransactItems: actions }))
        return
      } catch (error) {
        if (!isConflict(error)) throw error
        await backOff(tries, 'an action and its line in the history are not written')
      }
    }
  }

  const written = inPace<Item>(maxWritesPerBatch, 'written')
  const read = inPace<Key>(maxReadsPerBatch, 'read')

  const pages: Table['pages'] = async function* (pk, range = {}) {
    if (range.from !== undefined && range.to !== undefined && isBehind(range.from, range.to)) return
    const input = queryOf(tableName, pk, range)
    const ask = (start?: QueryCommandInput['ExclusiveStartKey']) =>
      documents.send(new QueryCommand({ ...input, ...(start && { ExclusiveStartKey: start, Limit: range.limit }) }))
    let left = range.limit ?? Number.POSITIVE_INFINITY
    let asked: ReturnType<typeof ask> | undefined = ask()
    try {
      while (asked) {
        const page: QueryCommandOutput = await asked
        const { Items: items = [], LastEvaluatedKey: more } = page
        const hasNext = more !== undefined && left > items.length
        // Requests the next page while the caller processes this one.
        asked = hasNext && range.atOnce === undefined ? ask(more) : undefined
        // Processing items blocks the event loop; without these turns the request would not be sent.
        if (asked) for (let turn = 0; turn < 3; turn += 1) await nextTurn()
        yield (items.length > left ? items.slice(0, left) : items) as Item[]
        left -= items.length
        if (hasNext) asked ??= ask(more)
      }
    } finally {
      // An unneeded page must not cause an unhandled rejection.
      asked?.catch(() => undefined)
    }
  }

  return {
    readAhead,
    get: async ({ pk, sk }) => {
      const { Item } = await documents.send(
        new GetCommand({ TableName: tableName, Key: { pk, sk }, ConsistentRead: true }),
      )
      return Item as Item | undefined
    },
    getAll: async (keys, only) => {
      const found: Item[] = []
      await read(keys, (batch) => readBatch(batch, { only }, (items) => pushAll(found, items)))
      return found
    },
    getWrittenOnce: async (keys) => {
      const found: Item[] = []
      const add = (items: readonly Item[]) => pushAll(found, items)
      await read(keys, (batch) => readBatch(batch, { isConsistent: false }, add))
      // A lagging replica may lack an item, but the items that it has are complete.
      const there = new Set(found.map(keyText))
      const missing = keys.filter((key) => !there.has(keyText(key)))
      await read(missing, (batch) => readBatch(batch, {}, add))
      return found
    },
    put: async (item) => {
      await documents.send(new PutCommand({ TableName: tableName, Item: { ...item } })).catch(refusing)
    },
    putIf: async (item, condition) => {
      try {
        await documents.send(new PutCommand(putOf({ item, condition })))
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        return refusing(error)
      }
    },
    putTogether: async (puts) => {
      try {
        await transact(puts.map((put) => ({ Put: putOf(put) })))
        return []
      } catch (error) {
        const failed = reasonsOf(error).flatMap((code, at) => (code === 'ConditionalCheckFailed' ? [at] : []))
        return failed.length > 0 ? failed : refusing(error)
      }
    },
    change: async ({ pk, sk }, seen, set) => {
      const pairs = (fields: Fields, by: string) => Object.keys(fields).map((name) => `#${name} = :${by}${name}`)
      const values = (fields: Fields, by: string) =>
        Object.entries(fields).map(([name, value]) => [`:${by}${name}`, value] as const)
      try {
        await documents.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { pk, sk },
            UpdateExpression: `SET ${pairs(set, 'to').join(', ')}`,
            ConditionExpression: pairs(seen, 'seen').join(' AND '),
            ExpressionAttributeNames: Object.fromEntries(
              Object.keys({ ...seen, ...set }).map((name) => [`#${name}`, name]),
            ),
            ExpressionAttributeValues: Object.fromEntries([...values(seen, 'seen'), ...values(set, 'to')]),
          }),
        )
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        return refusing(error)
      }
    },
    addIf: async ({ pk, sk }, { set, text }, fields, { expression, values, names }) => {
      const written = Object.keys(fields).map((name) => `#${name} = :${name}`)
      try {
        await documents.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { pk, sk },
            UpdateExpression: `ADD #set :text${written.length > 0 ? ` SET ${written.join(', ')}` : ''}`,
            ConditionExpression: expression,
            ExpressionAttributeNames: {
              '#set': set,
              ...Object.fromEntries(Object.keys(fields).map((name) => [`#${name}`, name])),
              ...names,
            },
            ExpressionAttributeValues: {
              ':text': new Set([text]),
              ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`:${name}`, value])),
              ...values,
            },
          }),
        )
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        return refusing(error)
      }
    },
    putAll: (items) => written(items, writeBatch),
    query: async function* (pk, range) {
      for await (const page of pages(pk, range)) yield* page
    },
    pages,
    count: async (pk, range = {}) => {
      if (range.from !== undefined && range.to !== undefined && isBehind(range.from, range.to)) return 0
      const input: QueryCommandInput = { ...queryOf(tableName, pk, range), ConsistentRead: false, Select: 'COUNT' }
      let count = 0
      let start: QueryCommandInput['ExclusiveStartKey']
      do {
        const page: QueryCommandOutput = await documents.send(
          new QueryCommand({ ...input, ...(start && { ExclusiveStartKey: start }) }),
        )
        count += page.Count ?? 0
        start = page.LastEvaluatedKey
      } while (start)
      return count
    },
    scan: async function* () {
      let start: ScanCommandInput['ExclusiveStartKey']
      do {
        const page: ScanCommandOutput = await documents.send(
          new ScanCommand({ TableName: tableName, ConsistentRead: true, ...(start && { ExclusiveStartKey: start }) }),
        )
        yield (page.Items ?? []) as Item[]
        start = page.LastEvaluatedKey
      } while (start)
    },
    remove: async ({ pk, sk }) => {
      await documents.send(new DeleteCommand({ TableName: tableName, Key: { pk, sk } }))
    },
    create: async () => {
      try {
        await client.send(new DescribeTableCommand({ TableName: tableName }))
        return
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error
      }
      try {
        await client.send(
          new CreateTableCommand({
            TableName: tableName,
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: [
              { AttributeName: 'pk', AttributeType: 'S' },
              { AttributeName: 'sk', AttributeType: 'S' },
            ],
            KeySchema: [
              { AttributeName: 'pk', KeyType: 'HASH' },
              { AttributeName: 'sk', KeyType: 'RANGE' },
            ],
          }),
        )
      } catch (error) {
        if (!(error instanceof ResourceInUseException)) throw error
      }
      await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 2 }, { TableName: tableName })
    },
    close: async () => client.destroy(),
  }
}

const reasonsOf = (error: unknown): readonly string[] =>
  error instanceof TransactionCanceledException
    ? (error.CancellationReasons ?? []).map(({ Code = 'None' }) => Code)
    : []

/** Nothing was written and a retry may succeed: "Amazon DynamoDB Transactions: How it works". */
const temporary: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])

const isConflict = (error: unknown): boolean => {
  const reasons = reasonsOf(error).filter((code) => code !== 'None')
  return reasons.length > 0 && reasons.every((code) => temporary.has(code))
}

/** DynamoDB's error for an oversized item, a key that is too long, and similar. */
const refusing = (error: unknown): never => {
  const isRefused = error instanceof Error && error.name === 'ValidationException'
  if (isRefused || reasonsOf(error).includes('ValidationError')) {
    throw new RefusedItemError(messageOf(error), { cause: error })
  }
  throw error
}

/** Compares in key order, which is byte order. */
const isBehind = (from: string, to: string): boolean => Buffer.compare(Buffer.from(from), Buffer.from(to)) > 0

const queryOf = (
  tableName: string,
  pk: string,
  { from, to, beginsWith, backwards, limit, atOnce }: Range,
): QueryCommandInput => {
  const conditions = ['pk = :pk']
  if (beginsWith !== undefined) conditions.push('begins_with(sk, :begins)')
  else if (from !== undefined && to !== undefined) conditions.push('sk BETWEEN :from AND :to')
  else if (from !== undefined) conditions.push('sk >= :from')
  else if (to !== undefined) conditions.push('sk <= :to')
  const values = { ':pk': pk, ':begins': beginsWith, ':from': from, ':to': to }
  return {
    TableName: tableName,
    ConsistentRead: true,
    KeyConditionExpression: conditions.join(' AND '),
    ExpressionAttributeValues: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
    ...(backwards && { ScanIndexForward: false }),
    ...((limit ?? atOnce) !== undefined && { Limit: limit ?? atOnce }),
  }
}

/**
 * Processes items in concurrent batches. Retries returned items after a pause with less concurrency: a partition
 * accepts a thousand units a second, and more requests only wait longer. Slow progress is not an error.
 */
const inPace = <One>(size: number, done: string) => {
  let atOnce = batchesAtOnce
  return async (all: readonly One[], work: (batch: readonly One[]) => Promise<readonly One[]>): Promise<void> => {
    let left = all
    for (let fruitless = 0; left.length > 0;) {
      const round = left.slice(0, size * atOnce)
      const batches = Array.from({ length: Math.ceil(round.length / size) }, (_, at) =>
        round.slice(at * size, (at + 1) * size),
      )
      const back = (
        await Promise.all(batches.map((batch) => work(batch).catch((error: unknown) => givenBack(batch, error))))
      ).flat()
      left = [...left.slice(round.length), ...back]
      if (back.length === 0) {
        atOnce = Math.min(batchesAtOnce, 2 * atOnce)
        continue
      }
      atOnce = Math.ceil(atOnce / 2)
      fruitless = back.length < round.length ? 0 : fruitless + 1
      await backOff(fruitless, `not ${done}: ${plural(left.length, 'item')},`)
    }
  }
}

/** Returns the whole batch if throttled after the SDK's own retries (AWS, "DynamoDB throttling resolution guide"). */
const givenBack = <One>(batch: readonly One[], error: unknown): readonly One[] => {
  const isThrottled =
    error instanceof Error &&
    ['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'ThrottlingException'].includes(error.name)
  if (isThrottled) return batch
  throw error
}

/** Waits before a retry: 25 ms after progress, increasingly longer without. */
const backOff = async (fruitless: number, what: string): Promise<void> => {
  if (fruitless >= maxFruitless) {
    throw new Error(`${what} after ${fruitless} tries in a row: the table answers too slowly, try again later`)
  }
  await new Promise((done) => setTimeout(done, 25 * 2 ** fruitless))
}
