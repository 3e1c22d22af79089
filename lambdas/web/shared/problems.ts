/** Problems as programs read them (RFC 9457): a stable type, the field, and what mends it. */

/** Every type there is, by its name in `urn:vigie:problem:…`. */
export const apiProblems = {
  'not-signed-in': { status: 401, title: 'Nobody is signed in' },
  'not-allowed': { status: 403, title: 'This caller may not do that' },
  'not-found': { status: 404, title: 'There is nothing here, or nothing for this caller' },
  recalled: { status: 410, title: 'The version was recalled' },
  malformed: { status: 400, title: 'The request cannot be read' },
  invalid: { status: 422, title: 'The request says something that cannot be' },
  'key-reused': { status: 422, title: 'The idempotency key stands for another request' },
  'too-many': { status: 429, title: 'This caller has asked for too much within an hour' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-type': { status: 415, title: 'The body is of a type that is not read here' },
  failed: { status: 500, title: 'Something went wrong here' },
  unavailable: { status: 503, title: 'This cannot be done here' },
} as const

export type ApiProblem = keyof typeof apiProblems

export type FieldFault = {
  /** JSON pointer into the body, or the parameter's name. */
  readonly field: string
  readonly fix: string
}

export class ApiProblemError extends Error {
  override name = 'ApiProblemError'
  readonly problem: ApiProblem
  readonly faults: readonly FieldFault[]
  /** Seconds after which it may be asked again. */
  readonly retryAfter: number | undefined

  constructor(problem: ApiProblem, detail: string, faults: readonly FieldFault[] = [], retryAfter?: number) {
    super(detail)
    this.problem = problem
    this.faults = faults
    this.retryAfter = retryAfter
  }
}

export const apiProblemAnswer = ({ problem, message, faults, retryAfter }: ApiProblemError): Response => {
  const { status, title } = apiProblems[problem]
  const body = {
    type: `urn:vigie:problem:${problem}`,
    title,
    status,
    detail: message,
    ...(faults.length > 0 && { errors: faults }),
  }
  const headers = {
    'content-type': 'application/problem+json',
    'content-language': 'en',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  }
  return new Response(JSON.stringify(body), { status, headers })
}
