/**
 * The functions as modules: none reads its environment before its first call, so that any can be worked in this
 * process.
 */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, type FunctionName, variables } from '../lambdas/config/env.ts'
import { workOn } from '../lambdas/mail-events.ts'
import { openLogger } from '../lambdas/runtime/logger.ts'
import { onFirstCall } from '../lambdas/runtime/on-first-call.ts'
import { deliveriesIn } from '../lambdas/store/delivery/deliveries.ts'
import { digestsIn } from '../lambdas/store/delivery/digests.ts'
import { recipientsIn } from '../lambdas/store/delivery/recipients.ts'
import { now } from './support/clock.ts'
import { openTestTable } from './support/table.ts'

describe('a function', () => {
  test.each(Object.keys(variables) as FunctionName[])(
    '%s is imported without its environment, and asks for it when called',
    async (name) => {
      const { handler } = await import(`../lambdas/${name}.ts`)
      const lacking = new RegExp(`^${name} lacks .*STAGE`)
      const error = await handler({ Records: [] }, {}).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(ConfigError)
      expect(error.message).toMatch(lacking)
    },
  )

  test('opens what it works with once, and tries again where that failed', () => {
    let calls = 0
    const opened = onFirstCall(() => {
      calls += 1
      if (calls === 1) throw new Error('not yet')
      return undefined
    })
    expect(opened).toThrow('not yet')
    expect([opened(), opened(), calls]).toEqual([undefined, undefined, 2])
  })
})

describe('the work of mail-events', () => {
  let opened: Awaited<ReturnType<typeof openTestTable>>
  beforeAll(async () => {
    opened = await openTestTable()
  })
  afterAll(() => opened.close())

  test('gives an event up whose delivery is not in the ledger', async () => {
    const { table } = opened
    const logger = openLogger('mail-events', 't')
    const services = {
      deliveries: deliveriesIn(table),
      digests: digestsIn(table),
      recipients: recipientsIn(table),
      clock: now,
    }
    const url = 'https://sqs.eu-west-3.amazonaws.com/0/q'
    const config = { STAGE: 't', TABLE_NAME: 'table', FEEDBACK_QUEUE_URL: url, DEAD_LETTERS_URL: `${url}-dead` }
    const { schema, work, isNonRetryable: isHopeless } = workOn({ config, logger, services })
    const sent = await readFile(new URL('fixtures/aws-events/ses-delivered.json', import.meta.url), 'utf8')
    const event = schema.parse(JSON.parse(sent))
    const error = await work(event, { run: 'r', outOfTime: new AbortController().signal }).catch((cause) => cause)
    expect(isHopeless?.(error)).toBe(true)
  })
})
