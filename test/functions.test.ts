/** The modules of the functions read no environment before their first call. */
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type FunctionName, variables } from '../lambdas/config/env.ts'
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
    '%s can be imported without its environment, and needs it when called',
    async (name) => {
      const { handler } = await import(`../lambdas/${name}.ts`)
      const lacking = new RegExp(`^${name} lacks .*STAGE`)
      const error = await handler({ Records: [] }, {}).catch((cause: unknown) => cause)
      expect(error.message).toMatch(lacking)
    },
  )

  test('opens its services once, and tries again after a failure', () => {
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

test('mail-events does not retry an event whose delivery is not in the ledger', async () => {
  const { table, close } = await openTestTable()
  try {
    const logger = openLogger('mail-events', 't')
    const stores = { deliveries: deliveriesIn(table), digests: digestsIn(table), recipients: recipientsIn(table) }
    const services = { ...stores, clock: now }
    const url = 'https://sqs.eu-west-3.amazonaws.com/0/q'
    const config = { STAGE: 't', TABLE_NAME: 'table', FEEDBACK_QUEUE_URL: url, DEAD_LETTERS_URL: `${url}-dead` }
    const { schema, work, isNonRetryable } = workOn({ config, logger, services })
    const sent = await readFile(new URL('fixtures/aws-events/ses-delivered.json', import.meta.url), 'utf8')
    const event = schema.parse(JSON.parse(sent))
    const error = await work(event, { run: 'r', outOfTime: new AbortController().signal }).catch((cause) => cause)
    expect(isNonRetryable?.(error)).toBe(true)
  } finally {
    await close()
  }
})
