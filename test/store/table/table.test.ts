/** The contract on each table, and DynamoDB's throttling. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inMemory, openTableFile, passing } from '../../../lambdas/store/embedded/table-file.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import { type DynamoTable, openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import { trialTable } from '../../../lambdas/store/table/trial-table.ts'
import { credentials, region, startDynamo } from '../../support/aws.ts'
import { openDynamoTable } from '../../support/dynamo-table.ts'
import { type Interceptor, tableError } from '../../support/proxy.ts'
import { openTestTable } from '../../support/table.ts'
import { cancelled } from '../../support/transactions.ts'
import { tableContract } from '../table-contract.ts'

tableContract('the laptop’s store', openTestTable)

tableContract('the table in memory', async () => {
  const table = await openTableFile(inMemory)
  return { table, close: table.close }
})

tableContract('the table of what is only tried', async () => {
  const table = memoryTable()
  return { table, close: table.close }
})

tableContract('a table on which work is tried', async () => {
  const stored = await openTableFile(inMemory)
  const table = trialTable(stored, await openTableFile(passing))
  const close = async () => {
    await table.close()
    await stored.close()
  }
  return { table, close }
})

tableContract('DynamoDB’s client, on dynalite', openDynamoTable)

test('creating DynamoDB’s table again changes nothing', async () => {
  const { table: server, close } = await startDynamo()
  const table = openTable({ endpoint: server.endpoint, region, credentials }, 'twice')
  await table.create()
  await table.put({ pk: 'p', sk: 'a', said: 'before' })
  await table.create()
  expect(await table.get({ pk: 'p', sk: 'a' })).toEqual({ pk: 'p', sk: 'a', said: 'before' })
  await table.close()
  await close()
})

describe('a throttled table', () => {
  let table: DynamoTable
  let server: Awaited<ReturnType<typeof startDynamo>>
  beforeAll(async () => {
    server = await startDynamo()
    // Without the slow retries of the SDK.
    const config = { endpoint: server.table.endpoint, region, credentials, maxAttempts: 1 }
    table = openTable(config, `table-${randomUUID()}`)
    await table.create()
  })
  afterAll(async () => {
    table.close()
    await server.close()
  })
  const under = async <Done>(interceptor: Interceptor, work: () => Promise<Done>): Promise<Done> => {
    const stop = server.table.intercept(interceptor)
    return work().finally(stop)
  }
  const itemsOf = (many: number) => {
    const pk = randomUUID()
    return Array.from({ length: many }, (_, at) => ({ pk, sk: String(at).padStart(3, '0') }))
  }
  const sorted = (items: readonly { sk: string }[]) => items.toSorted((a, b) => (a.sk < b.sk ? -1 : 1))

  test('is written completely after unprocessed items', async () => {
    const items = itemsOf(30)
    let times = 0
    await under(
      onlyTheFirst(() => (times += 1)),
      () => table.putAll(items),
    )
    expect(times).toBeGreaterThan(20)
    expect(await Array.fromAsync(table.query(items[0]?.pk ?? ''))).toEqual(items)
  })

  test('is read completely after unprocessed keys', async () => {
    const items = itemsOf(30)
    await table.putAll(items)
    let times = 0
    const found = await under(
      onlyTheFirst(() => (times += 1)),
      () => table.getAll(items),
    )
    expect(times).toBeGreaterThan(20)
    expect(sorted(found as typeof items)).toEqual(items)
  })

  test.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'])(
    'is asked again after %s of whole batches',
    async (type) => {
      const items = itemsOf(260)
      await under(everyOther(type), () => table.putAll(items))
      expect(sorted((await under(everyOther(type), () => table.getAll(items))) as typeof items)).toEqual(items)
    },
  )

  test('with lagging copies misses nothing that was written once', async () => {
    const items = itemsOf(150)
    await table.putAll(items)
    const asked: boolean[] = []
    const lagging: Interceptor = async (request, through) => {
      const [[name, wanted] = ['', undefined]] = Object.entries<{ ConsistentRead: boolean }>(
        JSON.parse(request.body.toString()).RequestItems,
      )
      asked.push(wanted?.ConsistentRead === true)
      const answer = await through(request)
      if (wanted?.ConsistentRead) return answer
      const { Responses, ...more } = JSON.parse(answer.body.toString())
      const { 'content-length': _, 'x-amz-crc32': __, ...headers } = answer.headers ?? {}
      return { ...answer, headers, body: JSON.stringify({ ...more, Responses: { [name]: Responses[name].slice(2) } }) }
    }
    expect(sorted((await under(lagging, () => table.getWrittenOnce(items))) as typeof items)).toEqual(items)
    // Two batches from a copy, and its four missing items from the table.
    expect(asked.toSorted()).toEqual([false, false, true])
  })

  test.each([
    ['another transaction at the same items', ['None', 'TransactionConflict'], true, 3],
    ['too much in this second', ['ThrottlingError', 'None'], true, 3],
    ['a condition that does not hold', ['ConditionalCheckFailed', 'None'], false, 1],
    ['a condition and a conflict', ['ConditionalCheckFailed', 'TransactionConflict'], false, 1],
  ])('puts two items in a transaction cancelled by %s', async (_, codes, isPut, times) => {
    const [item, along] = itemsOf(2) as [{ pk: string; sk: string }, { pk: string; sk: string }]
    let asked = 0
    const cancelling: Interceptor = async (request, through) => {
      asked += 1
      return asked < 3 ? cancelled(codes.map((Code) => ({ Code }))) : through(request)
    }
    const absent = { expression: 'attribute_not_exists(pk)' }
    const put = () => table.putTogether([{ item, condition: absent }, { item: along }])
    expect(await under(cancelling, put)).toEqual(isPut ? [] : [0])
    expect(asked).toBe(times)
    expect(await Array.fromAsync(table.query(item.pk))).toEqual(isPut ? [item, along] : [])
  })

  test('has transactions of up to 100 actions and 4 MB, as on AWS', async () => {
    const text = 'x'.repeat(400_000)
    const send = (items: readonly object[]) =>
      fetch(server.table.endpoint, {
        method: 'POST',
        headers: {
          'x-amz-target': 'DynamoDB_20120810.TransactWriteItems',
          'content-type': 'application/x-amz-json-1.0',
        },
        body: JSON.stringify({ TransactItems: items.map((Item) => ({ Put: { TableName: 'none', Item } })) }),
      }).then(async (answer) => [answer.status, ((await answer.json()) as { message: string }).message])
    const keys = (many: number) => itemsOf(many).map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }))
    expect(await send(keys(101))).toEqual([400, 'more actions than a transaction takes'])
    expect(await send(keys(11).map((key) => ({ ...key, text: { S: text } })))).toEqual([
      400,
      'more than a transaction takes',
    ])
  })

  test('is not asked again after other errors', async () => {
    let times = 0
    const failing: Interceptor = async () => {
      times += 1
      return tableError('InternalServerError', 500)
    }
    await expect(under(failing, () => table.putAll(itemsOf(2)))).rejects.toThrow('InternalServerError')
    expect(times).toBe(1)
  })
})

/** Carries out the first item of a batch, and returns the others as unprocessed. */
const onlyTheFirst =
  (onCut: () => void): Interceptor =>
  async (asked, through) => {
    const input = JSON.parse(asked.body.toString())
    const [[name, wanted] = ['', undefined]] = Object.entries<{ Keys: unknown[] } & unknown[]>(input.RequestItems ?? {})
    if (!wanted) return through(asked)
    const isRead = 'Keys' in wanted
    const all: unknown[] = isRead ? wanted.Keys : wanted
    const of = (some: unknown[]) => ({ [name]: isRead ? { ...wanted, Keys: some } : some })
    const body = Buffer.from(JSON.stringify({ ...input, RequestItems: of(all.slice(0, 1)) }))
    const answer = await through({
      ...asked,
      headers: { ...asked.headers, 'content-length': String(body.length) },
      body,
    })
    if (all.length === 1) return answer
    onCut()
    const left = { [isRead ? 'UnprocessedKeys' : 'UnprocessedItems']: of(all.slice(1)) }
    const { 'content-length': _, 'x-amz-crc32': __, ...headers } = answer.headers ?? {}
    return { ...answer, headers, body: JSON.stringify({ ...JSON.parse(answer.body.toString()), ...left }) }
  }

const everyOther = (type: string): Interceptor => {
  let times = 0
  return async (asked, through) => {
    times += 1
    return times % 2 === 1 ? tableError(type) : through(asked)
  }
}
