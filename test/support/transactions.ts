/**
 * DynamoDB's TransactWriteItems with puts, which dynalite lacks: all of them or none, within AWS's limits. Other writes
 * wait until a transaction has ended.
 */
import { createRequire } from 'node:module'
import aws from './aws-limits.json' with { type: 'json' }
import type { Attributes } from './item-size.ts'
import { type Answered, type Asked, type Interceptor, tableError } from './proxy.ts'

type Put = { readonly TableName: string; readonly Item: Attributes; readonly ConditionExpression?: string }
type Reason = { readonly Code: string; readonly Message?: string }

const load = createRequire(import.meta.url)
/** dynalite's own reading of a condition. */
const { validateExpressions } = load('dynalite/validations') as { validateExpressions(put: object): unknown }
const { checkConditional } = load('dynalite/db') as {
  checkConditional(put: object, item: Attributes | undefined): Error | null | undefined
}

const targetOf = ({ headers }: Asked): string => String(headers['x-amz-target'])
const operationOf = (asked: Asked): string => targetOf(asked).split('.')[1] ?? ''
const plainWrites: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])

export const transactions = (): Interceptor => {
  let ended: Promise<unknown> = Promise.resolve()
  const underWay = new Set<Promise<unknown>>()
  const known = new Map<string, string>()

  const exclusively = (work: () => Promise<Answered>): Promise<Answered> => {
    const done = ended.then(async () => {
      await Promise.allSettled(underWay)
      return work()
    })
    ended = done.catch(() => undefined)
    return done
  }

  const carryOut = async (asked: Asked, through: (asked: Asked) => Promise<Answered>): Promise<Answered> => {
    const said = JSON.parse(asked.body.toString())
    const { ClientRequestToken: token, TransactItems: actions } = said as {
      readonly ClientRequestToken?: string
      readonly TransactItems: readonly { readonly Put?: Put }[]
    }
    const body = JSON.stringify(actions)
    if (token !== undefined && known.has(token))
      return known.get(token) === body
        ? { status: 200, body: '{}' }
        : tableError('IdempotentParameterMismatchException')
    const puts = actions.map(({ Put }) => {
      if (!Put) throw new Error(`only puts are known here: ${body.slice(0, 200)}`)
      return Put
    })
    if (puts.length > aws.limits.transactionActions.limit) return invalid('more actions than a transaction takes')
    if (Buffer.byteLength(body) > aws.limits.transactionBytes.limit) return invalid('more than a transaction takes')
    const keys = puts.map(({ TableName, Item }) => JSON.stringify([TableName, Item.pk, Item.sk]))
    if (new Set(keys).size < keys.length)
      return invalid('Transaction request cannot include multiple operations on one item')

    const ask = async (operation: string, what: object): Promise<Answered> => {
      const sent = JSON.stringify(what)
      const headers = {
        ...asked.headers,
        'x-amz-target': targetOf(asked).replace('TransactWriteItems', operation),
        'content-length': String(Buffer.byteLength(sent)),
      }
      return through({ ...asked, headers, body: Buffer.from(sent) })
    }
    const reasonAgainst = async ({ TableName, Item, ...condition }: Put): Promise<Reason> => {
      // Refused at the latest by this condition, which holds for nothing: before it everything else is looked at.
      const dry = await ask('PutItem', { TableName, Item, ConditionExpression: 'attribute_exists(neverThere)' })
      const { __type: type, message } = JSON.parse(dry.body.toString()) as { __type: string; message: string }
      if (!type.endsWith('ConditionalCheckFailedException')) return { Code: 'ValidationError', Message: message }
      if (condition.ConditionExpression === undefined) return { Code: 'None' }
      const { pk, sk } = Item
      const found = await ask('GetItem', { TableName, Key: { pk, sk }, ConsistentRead: true })
      const { Item: item } = JSON.parse(found.body.toString()) as { Item?: Attributes }
      const put = { ...condition }
      const fault = validateExpressions(put)
      if (fault) return { Code: 'ValidationError', Message: String(fault) }
      return { Code: checkConditional(put, item) ? 'ConditionalCheckFailed' : 'None' }
    }
    const reasons = await Promise.all(puts.map(reasonAgainst))
    if (reasons.some(({ Code }) => Code !== 'None')) return cancelled(reasons)
    for (const { TableName, Item } of puts) {
      const answer = await ask('PutItem', { TableName, Item })
      if (answer.status !== 200) throw new Error(`a put that was looked at fails: ${answer.body.toString()}`)
    }
    if (token !== undefined) known.set(token, body)
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' }
  }

  return async (asked, through) => {
    const operation = operationOf(asked)
    if (operation === 'TransactWriteItems') return exclusively(() => carryOut(asked, through))
    if (!plainWrites.has(operation)) return through(asked)
    await ended
    const writing = through(asked)
    underWay.add(writing)
    return writing.finally(() => underWay.delete(writing))
  }
}

const invalid = (message: string): Answered => ({
  status: 400,
  body: JSON.stringify({ __type: 'com.amazon.coral.validate#ValidationException', message }),
})

/** As the service says which action stands against it. */
export const cancelled = (reasons: readonly Reason[]): Answered => ({
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    CancellationReasons: reasons,
  }),
})
