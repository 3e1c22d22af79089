/** A message that was given up, as a person needs to know it: why, by whom, after how many tries. */

/**
 * Whose dead letters a stage has, by the names that people know. From the watchdog's on they are of functions that are
 * called, and have no queue of their own.
 */
export const letterQueues = [
  'reports',
  'deliveries',
  'drops',
  'mail-events',
  'watchdog',
  'posts',
  'plates',
  'plate-expiry',
] as const

export type LetterQueue = (typeof letterQueues)[number]

/**
 * Its senders: the function itself, the queue after the last try, a schedule, a rule, or Lambda for an asynchronous
 * call.
 */
type DeadLetterSender = 'function' | 'queue' | 'schedule' | 'rule' | 'lambda'

export type DeadLetter = {
  /** SQS's, of the letter. */
  readonly id: string
  readonly by: DeadLetterSender
  readonly cause: string
  /** Null where the sender does not say. */
  readonly tries: number | null
  /** ISO instant: when it was given up; when the message was first sent, where the queue gave it up. */
  readonly at: string
  /** The message as its own queue would have it, or its function be called with it. */
  readonly body: string
}

/** A message of a queue of dead letters, as SQS gives it. */
type ArrivedLetter = {
  readonly id: string
  readonly body: string
  readonly sentAt: Date
  readonly attributes: Readonly<Record<string, string>>
}

/** What a schedule's input says in place of the instant, until the scheduler fills it in. */
const unfilled = '<aws.scheduler.scheduled-time>'

export const deadLetterOf = ({ id, body, sentAt, attributes }: ArrivedLetter): DeadLetter => {
  const letter = { id, at: sentAt.toISOString(), body }
  const { cause, tries, ERROR_CODE, ERROR_MESSAGE, RETRY_ATTEMPTS, RULE_ARN, SCHEDULED_TIME } = attributes
  if (cause !== undefined) return { ...letter, by: 'function', cause, tries: countOf(tries) }
  if (ERROR_CODE !== undefined) {
    const retries = countOf(RETRY_ATTEMPTS)
    return {
      ...letter,
      by: RULE_ARN === undefined ? 'schedule' : 'rule',
      cause: [ERROR_CODE, ERROR_MESSAGE].filter(Boolean).join(': '),
      tries: retries === null ? null : retries + 1,
      // AWS does not say whether the body has the instant by then; it is an attribute in any case.
      body: SCHEDULED_TIME === undefined ? body : body.replaceAll(unfilled, SCHEDULED_TIME),
    }
  }
  const record = invocationOf(body)
  if (record) return { ...letter, by: 'lambda', ...record }
  return {
    ...letter,
    by: 'queue',
    cause: 'its function was cut off at the last try, out of time or memory: see its log',
    tries: null,
  }
}

const countOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : null

/** Lambda's record of a call that failed for good; undefined where the body is none. */
const invocationOf = (body: string): Pick<DeadLetter, 'cause' | 'tries' | 'body'> | undefined => {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return undefined
  }
  const {
    requestContext: context,
    requestPayload: asked,
    responsePayload: answer,
  } = (value ?? {}) as {
    requestContext?: { condition?: unknown; approximateInvokeCount?: unknown }
    requestPayload?: unknown
    responsePayload?: { errorMessage?: unknown }
  }
  if (typeof context?.condition !== 'string') return undefined
  const why = typeof answer?.errorMessage === 'string' ? `: ${answer.errorMessage}` : ''
  const { approximateInvokeCount: count } = context
  return {
    cause: `${context.condition}${why}`,
    tries: typeof count === 'number' ? count : null,
    body: asked === undefined ? body : JSON.stringify(asked),
  }
}
