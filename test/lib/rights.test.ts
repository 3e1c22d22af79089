/**
 * The rights that the stack gives, each taken away in turn: what the functions and people asked for in the tests on the
 * stack (test/support/rights/record.ndjson), or what AWS asks for in their name, must notice every one.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { askedByAws } from '../support/rights/by-aws.ts'
import { type Condition, decide } from '../support/rights/decide.ts'
import { callOf, decider } from '../support/rights/enforce.ts'
import { mutantsOf } from '../support/rights/mutants.ts'
import { account, type Resources, type Rights, rightsOf } from '../support/rights/policies.ts'
import { readRecord } from '../support/rights/record.ts'
import { bucketOr, type Call } from '../support/rights/requests.ts'
import { sharedSettings, sharedTemplate } from '../support/shared-assembly.ts'

const record = readRecord()

type Asked = { readonly who: string; readonly call: Call }

/** What is asked of a stack. */
const askedOf = (rights: Rights): readonly Asked[] => [
  // Some of what was recorded is of settings that this stack has not.
  ...record.flatMap((asking) => {
    const call = callOf(asking, rights)
    return call === undefined ? [] : [{ who: asking.who, call }]
  }),
  ...askedByAws(rights).map(({ who, call }) => ({ who, call })),
]

/** What is denied, a line each. */
const denials = (resources: Resources): readonly string[] => {
  const rights = rightsOf(resources)
  const decided = decider(rights)
  return askedOf(rights).flatMap(({ who, call }) => {
    const { call: needed, decision } = decided(who, call)
    if (decision.allowed) return []
    return `${who} ${needed.action} ${needed.resource} ${JSON.stringify(needed.context)}: ${decision.why}`
  })
}

/**
 * Those of the mutants in which nothing is denied. Mostly it is near to what was denied in the one before: it is asked
 * first.
 */
const unnoticedOf = (mutants: ReturnType<typeof mutantsOf>): readonly string[] => {
  let last = 0
  return mutants.flatMap(({ without, resources }) => {
    const rights = rightsOf(resources)
    const decided = decider(rights)
    const asked = askedOf(rights)
    const order = asked
      .keys()
      .toArray()
      .toSorted((one, other) => Math.abs(one - last) - Math.abs(other - last))
    const denied = order.find((at) => {
      const { who, call } = asked[at] as Asked
      return !decided(who, call).decision.allowed
    })
    last = denied ?? last
    return denied === undefined ? without : []
  })
}

describe.each([
  ['with AWS’s keys', {}],
  ['with a key of its own', { kmsKey: 'create' }],
  ['with a given key', { kmsKey: 'arn:aws:kms:eu-west-3:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' }],
  ['in a network', { vpc: true, kmsKey: 'create' }],
])('the stack %s', (_, settings) => {
  let resources: Resources
  beforeAll(async () => {
    const { template } = await sharedTemplate({ ...sharedSettings, ...settings })
    resources = template.Resources
  })

  test('allows what is asked for', () => {
    expect(denials(resources)).toEqual([])
  })

  test('allows nothing that nobody asks for', () => {
    const mutants = mutantsOf(resources)
    expect(mutants.length).toBeGreaterThan(200)
    expect(unnoticedOf(mutants)).toEqual([])
  })
})

test.each([
  ['each fits', ['NOTE#a', 'NOTE#b'], true, true],
  ['one does not fit', ['NOTE#a', 'TOKEN#b'], false, false],
  ['one is empty', ['NOTE#a', ''], true, true],
  ['all are empty', [''], true, false],
  ['there are none', [], true, false],
  ['the key is missing', undefined, true, false],
])('ForAllValues on values of which %s: %j', (_, values, alone, withNull) => {
  const key = 'dynamodb:LeadingKeys'
  const every = { operator: 'ForAllValues:StringLike', key, values: ['NOTE#*'] }
  const context = values ? { [key]: values } : {}
  const isAllowed = (...conditions: readonly Condition[]) =>
    decide(
      { principal: somebody, action: 'dynamodb:GetItem', resource: 'table', context },
      { identity: [{ ...everything, conditions }], resource: undefined },
      account,
    ).allowed
  expect([isAllowed(every), isAllowed(every, { operator: 'Null', key, values: ['false'] })]).toEqual([alone, withNull])
})

/** Who may do everything by his own policies. */
const somebody = `arn:aws:iam::${account}:role/somebody`
const everything = { id: 'everything', effect: 'Allow', actions: ['*'], resources: ['*'], conditions: [] } as const

describe('the stack refuses', () => {
  let resources: Resources
  beforeAll(async () => {
    resources = (await sharedTemplate(sharedSettings)).template.Resources
  })
  const idOf = (start: string) => {
    const [id] = Object.keys(resources).filter((one) => one.startsWith(start))
    if (!id) throw new Error(`the stack has no ${start}`)
    return id
  }
  const asked = (who: string, action: string, on: string, context: Call['context'] = {}) => {
    const rights = rightsOf(resources)
    const [start = '', ...key] = on.split('/')
    const resource = [rights.arnOf(idOf(start)), ...key].join('/')
    return decider(rights)(idOf(who), { action, resource, context }).decision.allowed
  }
  const keys = (...all: readonly string[]) => ({ 'dynamodb:LeadingKeys': all })

  test.each([
    ['GenerateFunction', 'dynamodb:Query', 'Table', keys('DELIVERY#NC#2024-W20')],
    ['GenerateFunction', 'dynamodb:GetItem', 'Table', keys('TOKEN#a')],
    ['GenerateFunction', 'dynamodb:Query', 'Table', keys('ACCOUNTSET#a')],
    ['GenerateFunction', 'dynamodb:GetItem', 'Table', keys('DETECTION#a', 'TOKEN#a')],
    ['GenerateFunction', 'dynamodb:PutItem', 'Table', keys('DETECTION#a')],
    ['GenerateFunction', 'dynamodb:Scan', 'Table', {}],
    ['GenerateFunction', 'dynamodb:DeleteItem', 'Table', keys('REPORT#NC')],
    ['IngestFunction', 'dynamodb:PutItem', 'Table', keys('REPORT#NC')],
    ['RoomWorkerFunction', 'dynamodb:PutItem', 'Table', keys('TOKEN#a')],
    ['RoomWorkerFunction', 'dynamodb:DeleteItem', 'Table', keys('REPORT#NC')],
    ['RoomWorkerFunction', 'dynamodb:PutItem', 'Table', keys('DELIVERY#NC#2024-W20')],
    ['RoomSignInFunction', 'dynamodb:GetItem', 'Table', keys('REPORT#NC')],
    ['PeopleReader', 'dynamodb:GetItem', 'Table', keys('RECIPIENTS')],
    ['PeopleReader', 'dynamodb:PutItem', 'Table', keys('REPORT#NC')],
    // Without the key that its condition is on.
    ['GenerateFunction', 'dynamodb:GetItem', 'Table', {}],
    ['PeopleOperator', 'dynamodb:PutItem', 'Table', {}],
  ] as const)('%s: %s on %s, %j', (who, action, on, context) => {
    expect(asked(who, action, on, context)).toBe(false)
  })

  const put = { 's3:ObjectCreationOperation': 'true' }
  test('a write that would replace something in the archive, whoever it is', () => {
    const key = 'BucketsArchive/reports/NC/2024-W20/amber/v0001/report.json'
    for (const who of ['GenerateFunction', 'PeopleOperator']) {
      expect(asked(who, 's3:PutObject', key, put)).toBe(false)
      expect(asked(who, 's3:PutObject', key, { ...put, 's3:if-none-match': '*' })).toBe(true)
    }
    const rights = rightsOf(resources)
    const bucket = rights.arnOf(idOf('BucketsArchive'))
    const resource = `${bucket}/reports/x`
    const decision = decide(
      { principal: somebody, action: 's3:PutObject', resource, context: put },
      { identity: [everything], resource: rights.policyOf(bucketOr(resource)) },
      account,
    )
    expect(decision.why).toMatch(/^denied by BucketsArchivePolicy\w+ OnlyWritesThatReplaceNothing$/)
  })

  test('whatever does not come over TLS', () => {
    const rights = rightsOf(resources)
    for (const [start, action] of [
      ['BucketsArchive', 's3:ListBucket'],
      ['BucketsDrop', 's3:ListBucket'],
      ['ReportsQueue', 'sqs:SendMessage'],
      ['MailEventsQueue', 'sqs:SendMessage'],
    ] as const) {
      const resource = rights.arnOf(idOf(start))
      const context = { 'aws:SecureTransport': 'false' }
      const { why } = decide(
        { principal: somebody, action, resource, context },
        { identity: [everything], resource: rights.policyOf(resource) },
        account,
      )
      expect([start, why]).toEqual([start, expect.stringMatching(/^denied by /)])
    }
  })
})
