/** Answers reads of what was ingested from another table than the stand-in, in DynamoDB's protocol and page size. */
import { attributesOf } from '../../bench/scale/export.ts'
import type { Item, Table } from '../../lambdas/store/table/table.ts'
import { itemBytes, type Attributes } from './item-size.ts'
import type { Answered, Interceptor } from './proxy.ts'
import { readBytesHeader } from './virtual-time.ts'

/** What the function under test writes itself is the stand-in's. */
const written = /^(REPORT|SUMMARY|JOB)#/

const pageBytes = 2 ** 20

type Key = { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } }

export const answeringFrom = (table: Table) => {
  const figures = { requests: 0, bytes: 0 }

  const answered = (body: object, read = 0): Answered => {
    const text = JSON.stringify(body)
    figures.requests += 1
    figures.bytes += text.length
    const headers = { 'content-type': 'application/x-amz-json-1.0', [readBytesHeader]: String(read) }
    return { status: 200, headers, body: text }
  }

  const query = async (asked: {
    readonly ExpressionAttributeValues: Readonly<Record<string, { readonly S: string }>>
    readonly ExclusiveStartKey?: Key
    readonly ScanIndexForward?: boolean
    readonly Limit?: number
    readonly Select?: string
  }): Promise<Answered> => {
    const values = asked.ExpressionAttributeValues
    const start = asked.ExclusiveStartKey?.sk.S
    const backwards = asked.ScanIndexForward === false
    const begins = values[':begins']?.S
    const first = begins ?? values[':from']?.S
    const last = begins === undefined ? values[':to']?.S : `${begins}\u{10ffff}`
    const from = (backwards ? undefined : start) ?? first
    const to = (backwards ? start : undefined) ?? last
    const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }), backwards }
    const items: Attributes[] = []
    let bytes = 0
    let more: Item | undefined
    for await (const item of table.query(values[':pk']?.S ?? '', range)) {
      if (item.sk === start) continue
      const attributes = attributesOf(item)
      items.push(attributes)
      bytes += itemBytes(attributes)
      if (bytes < pageBytes && items.length < (asked.Limit ?? Number.POSITIVE_INFINITY)) continue
      more = item
      break
    }
    const answer = {
      Count: items.length,
      ...(asked.Select !== 'COUNT' && { Items: items }),
      ...(more && { LastEvaluatedKey: { pk: { S: more.pk }, sk: { S: more.sk } } }),
    }
    return answered(answer, bytes)
  }

  const interceptor: Interceptor = async (asked, through) => {
    const operation = String(asked.headers['x-amz-target']).split('.')[1] ?? ''
    const input = JSON.parse(asked.body.toString())
    if (operation === 'Query') {
      return written.test(input.ExpressionAttributeValues[':pk'].S) ? through(asked) : query(input)
    }
    if (operation === 'GetItem' && !written.test(input.Key.pk.S)) {
      const item = await table.get({ pk: input.Key.pk.S, sk: input.Key.sk.S })
      return answered(item ? { Item: attributesOf(item) } : {})
    }
    if (operation === 'BatchGetItem') {
      const [[name, { Keys }] = ['', { Keys: [] as Key[] }]] = Object.entries<{ Keys: Key[] }>(input.RequestItems)
      if (Keys.some(({ pk }) => written.test(pk.S))) return through(asked)
      const found = await table.getAll(Keys.map(({ pk, sk }) => ({ pk: pk.S, sk: sk.S })))
      return answered({ Responses: { [name]: found.map(attributesOf) }, UnprocessedKeys: {} })
    }
    return through(asked)
  }
  return { interceptor, figures }
}
