/** From `watchdog` on, these belong to functions without an input queue. */
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

/** `queue`: after the last try; `lambda`: for an asynchronous call. */
type DeadLetterSender = 'function' | 'queue' | 'schedule' | 'rule' | 'lambda'

export type DeadLetter = {
  /** SQS id. */
  readonly id: string
  readonly by: DeadLetterSender
  readonly cause: string
  /** Null where the sender does not state it. */
  readonly tries: number | null
  /** ISO instant of the failure, or of the first sending where the queue gave up. */
  readonly at: string
  /** The message as its queue or function originally received it. */
  readonly body: string
}

type ArrivedLetter = {
  readonly id: string
  readonly body: string
  readonly sentAt: Date
  readonly attributes: Readonly<Record<string, string>>
}

/** EventBridge Scheduler's placeholder for the scheduled instant. */
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
      // AWS does not document whether the body has the instant by then; the attribute always has it.
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

/** Reads Lambda's record of a failed asynchronous call. */
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
