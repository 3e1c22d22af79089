import { describe, expect, test } from 'vitest'
import { deadLetterOf } from '../../../lambdas/domain/checkup/dead-letter.ts'

const sentAt = new Date('2024-05-20T06:30:00.000Z')
const letter = (body: string, attributes: Readonly<Record<string, string>> = {}) =>
  deadLetterOf({ id: 'l-1', body, sentAt, attributes })

describe('a dead letter', () => {
  test('of a function has its cause', () => {
    expect(letter('{}', { cause: 'HeldReportError: no', tries: '1', messageId: 'm' })).toEqual({
      id: 'l-1',
      by: 'function',
      cause: 'HeldReportError: no',
      tries: 1,
      at: '2024-05-20T06:30:00.000Z',
      body: '{}',
    })
  })

  test('of a queue has no number of tries', () => {
    expect(letter('{"kind":"requested"}')).toMatchObject({
      by: 'queue',
      tries: null,
      cause: expect.stringContaining('see its log'),
    })
  })

  test('of a schedule has the answer of its target, and the instant that was due', () => {
    const attributes = { ERROR_CODE: 'AccessDenied', ERROR_MESSAGE: 'no', RETRY_ATTEMPTS: '185', SCHEDULE_ARN: 's' }
    const due = { ...attributes, SCHEDULED_TIME: '2024-05-19T19:30:00Z' }
    expect(letter('{"scheduledAt":"<aws.scheduler.scheduled-time>"}', due)).toMatchObject({
      by: 'schedule',
      cause: 'AccessDenied: no',
      tries: 186,
      body: '{"scheduledAt":"2024-05-19T19:30:00Z"}',
    })
  })

  test('of a rule is known by its ARN, with or without a number of tries', () => {
    expect(letter('{"source":"aws.ses"}', { ERROR_CODE: 'NO_PERMISSIONS', RULE_ARN: 'r' })).toMatchObject({
      by: 'rule',
      cause: 'NO_PERMISSIONS',
      tries: null,
    })
  })

  test('of Lambda is a record of the calls', () => {
    const record = {
      version: '1.0',
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: {},
      responsePayload: { errorMessage: 'Task timed out' },
    }
    expect(letter(JSON.stringify(record))).toMatchObject({
      by: 'lambda',
      cause: 'RetriesExhausted: Task timed out',
      tries: 3,
    })
  })

  test.each(['null', '{"requestContext":null}', '{"requestContext":{"condition":7}}', 'not json'])(
    'whose body is %j is read',
    (body) => {
      expect(letter(body)).toMatchObject({ by: 'queue', body })
    },
  )
})
