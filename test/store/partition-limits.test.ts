/** The partition limits that tests and benchmarks simulate: billed units, and a share of each second. */
import { randomUUID } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { BatchGetCommand, DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTable } from '../../lambdas/store/table/table.dynamodb.ts'
import { credentials, region, startDynamo } from '../support/aws.ts'
import { itemBytes, readUnits, writeUnits } from '../support/item-size.ts'
import { throttling, virtualTimeHeader } from '../support/partition-limits.ts'

const name = 'limited'
let server: Awaited<ReturnType<typeof startDynamo>>
let client: DynamoDBDocumentClient
let now = 0

beforeAll(async () => {
  server = await startDynamo()
  const config = { endpoint: server.table.endpoint, region, credentials, maxAttempts: 1 }
  const table = openTable(config, name)
  await table.create()
  table.close()
  client = DynamoDBDocumentClient.from(new DynamoDBClient(config))
  client.middlewareStack.add(
    (next) => (given) => {
      const { headers } = given.request as { headers: Record<string, string> }
      headers[virtualTimeHeader] = String(now)
      return next(given)
    },
    { step: 'build' },
  )
})
afterAll(async () => {
  client.destroy()
  await server.close()
})

const put = (pk: string, sk: string, text = '') =>
  client.send(new PutCommand({ TableName: name, Item: { pk, sk, text } }))

test('counts names and texts in bytes of UTF-8', () => {
  expect(itemBytes({ é: { S: 'éé' } })).toBe(6)
})

test('counts the units of an item as dynalite does', async () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.integer().map((whole) => whole / 1_000),
    fc.boolean(),
    fc.constant(null),
  )
  // The SDK takes an object with a member called constructor for one of a class, and __proto__ for no member.
  const member = fc.string({ minLength: 1 }).filter((name) => name !== 'constructor' && name !== '__proto__')
  const value = fc.oneof(leaf, fc.array(leaf), fc.dictionary(member, fc.oneof(leaf, fc.array(leaf))))
  let item = {}
  const close = server.table.intercept(async (asked, through) => {
    item = JSON.parse(asked.body.toString()).Item ?? item
    return through(asked)
  })
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), value), fc.nat(9_000), async (fields, pad) => {
      const key = { pk: randomUUID(), sk: 'e' }
      const Item = { ...fields, pad: 'x'.repeat(pad), ...key }
      const written = await client.send(new PutCommand({ TableName: name, Item, ReturnConsumedCapacity: 'TOTAL' }))
      const RequestItems = { [name]: { Keys: [key], ConsistentRead: true } }
      const read = await client.send(new BatchGetCommand({ RequestItems, ReturnConsumedCapacity: 'TOTAL' }))
      expect([writeUnits(item), readUnits(item)]).toEqual([
        written.ConsumedCapacity?.CapacityUnits,
        read.ConsumedCapacity?.[0]?.CapacityUnits,
      ])
    }),
    { numRuns: 60 },
  )
  close()
})

describe('a partition', () => {
  test('accepts its share of each second, of writes and of reads', async () => {
    const limits = throttling({ writes: 5, reads: 3 })
    const close = server.table.intercept(limits.interceptor)
    const [pk, other] = [randomUUID(), randomUUID()]
    now = 0
    const putMany = async (key: string, from: number, many: number) => {
      let done = 0
      for (let at = from; at < from + many; at += 1) {
        await put(key, String(at), 'x'.repeat(1_500)).then(
          () => (done += 1),
          ({ name: error }) => expect(error).toBe('ThrottlingException'),
        )
      }
      return done
    }
    // Two units each; the third one borrows.
    expect(await putMany(pk, 0, 9)).toBe(3)
    expect(await putMany(other, 0, 9)).toBe(3)
    now = 200
    expect(await putMany(pk, 10, 9)).toBe(0)
    now = 1_000
    expect(await putMany(pk, 20, 9)).toBe(2)
    now = 60_000
    expect(await putMany(pk, 30, 9)).toBe(3)
    expect(limits.unitsOf(pk)).toEqual({ writes: 16, reads: 0 })

    const query = () =>
      client.send(
        new QueryCommand({
          TableName: name,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
        }),
      )
    // Eight items of a KB and a half are three units.
    expect((await query()).Items).toHaveLength(8)
    await expect(query()).rejects.toThrow('ProvisionedThroughputExceededException')
    now = 60_500
    expect((await query()).Items).toHaveLength(8)
    close()
  })
})
