/**
 * Takes away each right that the stack gives: a call recorded in the tests on the stack
 * (test/support/rights/record.ndjson), or one that AWS makes, must be denied without it.
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

/** Calls to a stack. */
const askedOf = (rights: Rights): readonly Asked[] => [
  // Some recorded calls belong to other settings.
  ...record.flatMap((asking) => {
    const call = callOf(asking, rights)
    return call === undefined ? [] : [{ who: asking.who, call }]
  }),
  ...askedByAws(rights).map(({ who, call }) => ({ who, call })),
]

const denials = (resources: Resources): readonly string[] => {
  const rights = rightsOf(resources)
  const decided = decider(rights)
  return askedOf(rights).flatMap(({ who, call }) => {
    const { call: needed, decision } = decided(who, call)
    if (decision.allowed) return []
    return `${who} ${needed.action} ${needed.resource} ${JSON.stringify(needed.context)}: ${decision.why}`
  })
}

/** Mutants in which no call is denied. Calls near the last denied one are tried first: they usually are denied too. */
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
  ['with AWS keys', {}],
  ['with its own key', { kmsKey: 'create' }],
  ['with a given key', { kmsKey: 'arn:aws:kms:eu-west-3:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' }],
  ['in a network', { vpc: true, kmsKey: 'create' }],
])('the stack %s', (_, settings) => {
  let resources: Resources
  beforeAll(async () => {
    const { template } = await sharedTemplate({ ...sharedSettings, ...settings })
    resources = template.Resources
  })

  test('allows every call', () => {
    expect(denials(resources)).toEqual([])
  })

  test('allows nothing without a call', () => {
    const mutants = mutantsOf(resources)
    expect(mutants.length).toBeGreaterThan(200)
    expect(unnoticedOf(mutants)).toEqual([])
  })
})

const key = 'dynamodb:LeadingKeys'
const principal = `arn:aws:iam::${account}:role/somebody`
const everything = { id: 'everything', effect: 'Allow', actions: ['*'], resources: ['*'], conditions: [] } as const

test.each([
  [['NOTE#a', 'NOTE#b'], true, true],
  [['NOTE#a', 'TOKEN#b'], false, false],
  [['NOTE#a', ''], true, true],
  [[''], true, false],
  [[], true, false],
  [undefined, true, false],
])('ForAllValues on %j decides as AWS does', (values, alone, withNull) => {
  const every = { operator: 'ForAllValues:StringLike', key, values: ['NOTE#*'] }
  const context = values ? { [key]: values } : {}
  const isAllowed = (...conditions: readonly Condition[]) =>
    decide(
      { principal, action: 'dynamodb:GetItem', resource: 'table', context },
      { identity: [{ ...everything, conditions }], resource: undefined },
      account,
    ).allowed
  expect([isAllowed(every), isAllowed(every, { operator: 'Null', key, values: ['false'] })]).toEqual([alone, withNull])
})

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
  const keys = (...all: readonly string[]) => ({ [key]: all })
  /** Why the policy of a resource denies a caller whose own policies allow everything. */
  const denial = (action: string, resource: string, context: Call['context']) => {
    const own = rightsOf(resources).policyOf(bucketOr(resource))
    return decide({ principal, action, resource, context }, { identity: [everything], resource: own }, account).why
  }

  test.each([
    ['GenerateFunction', 'dynamodb:Query', 'Table', keys('DELIVERY#NC#2024-W20')],
    ['GenerateFunction', 'dynamodb:GetItem', 'Table', keys('TOKEN#a')],
    ['GenerateFunction', 'dynamodb:Query', 'Table', keys('ACCOUNTSET#a')],
    ['GenerateFunction', 'dynamodb:GetItem', 'Table', keys('DETECTION#a', 'TOKEN#a')],
    ['GenerateFunction', 'dynamodb:PutItem', 'Table', keys('DETECTION#a')],
    ['GenerateFunction', 'dynamodb:Scan', 'Table', {}],
    ['GenerateFunction', 'dynamodb:DeleteItem', 'Table', keys('REPORT#NC')],
    ['GenerateFunction', 'dynamodb:PutItem', 'Table', keys('SCHEDULES')],
    ['IngestFunction', 'dynamodb:PutItem', 'Table', keys('REPORT#NC')],
    ['IngestFunction', 'dynamodb:PutItem', 'Table', keys('RECIPIENTS')],
    ['PostsDetectFunction', 'dynamodb:PutItem', 'Table', keys('DETECTION#a')],
    ['PlatesWorkerFunction', 'dynamodb:PutItem', 'Table', keys('DETECTION#a')],
    ['PlateExpiryWorkerFunction', 'dynamodb:PutItem', 'Table', keys('DETECTION#a')],
    ['PlateExpiryWorkerFunction', 's3:GetObject', 'BucketsPlates/plates/a', {}],
    ['GenerateFunction', 's3:GetObject', 'BucketsPlates/incoming/a', {}],
    ['RoomWorkerFunction', 's3:GetObject', 'BucketsPlates/incoming/a', {}],
    ['WatchdogFunction', 'dynamodb:PutItem', 'Table', keys('REPORT#NC')],
    ['WatchdogFunction', 'dynamodb:PutItem', 'Table', keys('RECIPIENTS')],
    ['MailDeliverFunction', 'dynamodb:PutItem', 'Table', keys('SCHEDULES')],
    ['ProgramsWorkerFunction', 'dynamodb:PutItem', 'Table', keys('SCHEDULES')],
    ['RoomWorkerFunction', 'dynamodb:PutItem', 'Table', keys('TOKEN#a')],
    ['RoomWorkerFunction', 'dynamodb:DeleteItem', 'Table', keys('REPORT#NC')],
    ['RoomWorkerFunction', 'dynamodb:PutItem', 'Table', keys('DELIVERY#NC#2024-W20')],
    ['RoomSignInFunction', 'dynamodb:GetItem', 'Table', keys('REPORT#NC')],
    ['PeopleReader', 'dynamodb:GetItem', 'Table', keys('RECIPIENTS')],
    ['PeopleReader', 'dynamodb:PutItem', 'Table', keys('REPORT#NC')],
    ['GenerateFunction', 'dynamodb:GetItem', 'Table', {}],
    ['PeopleOperator', 'dynamodb:PutItem', 'Table', {}],
  ] as const)('%s: %s on %s, %j', (who, action, on, context) => {
    expect(asked(who, action, on, context)).toBe(false)
  })

  const put = { 's3:ObjectCreationOperation': 'true' }
  test('a write that would replace an object of the archive, for all roles', () => {
    const report = 'BucketsArchive/reports/NC/2024-W20/amber/v0001/report.json'
    for (const who of ['GenerateFunction', 'PeopleOperator']) {
      expect(asked(who, 's3:PutObject', report, put)).toBe(false)
      expect(asked(who, 's3:PutObject', report, { ...put, 's3:if-none-match': '*' })).toBe(true)
    }
    const bucket = rightsOf(resources).arnOf(idOf('BucketsArchive'))
    expect(denial('s3:PutObject', `${bucket}/reports/x`, put)).toMatch(
      /^denied by BucketsArchivePolicy\w+ OnlyWritesThatReplaceNothing$/,
    )
  })

  test.each([
    ['BucketsArchive', 's3:ListBucket'],
    ['BucketsDrop', 's3:ListBucket'],
    ['ReportsQueue', 'sqs:SendMessage'],
    ['MailEventsQueue', 'sqs:SendMessage'],
  ])('a call to %s without TLS', (start, action) => {
    const resource = rightsOf(resources).arnOf(idOf(start))
    expect(denial(action, resource, { 'aws:SecureTransport': 'false' })).toMatch(/^denied by /)
  })
})
