/** Problems by the name in `urn:vigie:problem:…`. Pages use the messages under `words`, the API uses `title`. */
export const problems = {
  'not-signed-in': { status: 401, title: 'The caller is not signed in' },
  'not-allowed': { status: 403, title: 'This caller may not do that' },
  'not-found': { status: 404, title: 'There is nothing here, or nothing for this caller' },
  recalled: { status: 410, title: 'The version was recalled' },
  malformed: { status: 400, title: 'The request cannot be read', words: 'web.problem.form' },
  invalid: { status: 422, title: 'The request has an impossible value' },
  conflict: { status: 409, title: 'The record is not in a state for this' },
  changed: { status: 412, title: 'The record changed since it was read' },
  unconditional: { status: 428, title: 'The request needs If-Match' },
  'key-reused': { status: 422, title: 'The idempotency key belongs to another request' },
  'too-many': { status: 429, title: 'This caller has asked for too much within an hour' },
  'too-large': { status: 413, title: 'The body is too large', words: 'web.problem.size' },
  'unsupported-type': { status: 415, title: 'The body is of a type that is not read here', words: 'web.problem.form' },
  failed: { status: 500, title: 'Something went wrong here', words: 'web.problem.failed' },
  unavailable: { status: 503, title: 'This cannot be done here' },
  'no-such-page': { status: 404, words: 'web.problem.page' },
  'unknown-link': { status: 404, words: 'web.unknown' },
  'method-not-allowed': { status: 405, title: 'The path does not have this method', words: 'web.problem.method' },
  'cross-site': { status: 403, words: 'web.problem.elsewhere' },
} as const satisfies Readonly<Record<string, { status: number; title?: string; words?: `web.${string}` }>>

type Having<Field extends 'title' | 'words'> = {
  [name in keyof typeof problems]: (typeof problems)[name] extends Readonly<Record<Field, string>> ? name : never
}[keyof typeof problems]

export type PageProblem = Having<'words'>

export type ApiProblem = Having<'title'>

const isApiProblem = (name: string): name is ApiProblem => 'title' in problems[name as keyof typeof problems]

export const apiProblemNames: readonly ApiProblem[] = Object.keys(problems).filter(isApiProblem)

type FieldFault = {
  /** JSON pointer into the body, or the parameter's name. */
  readonly field: string
  readonly fix: string
}

type Headers = Readonly<Record<string, string>>

export class ApiProblemError extends Error {
  override name = 'ApiProblemError'
  readonly problem: ApiProblem
  readonly faults: readonly FieldFault[]
  readonly headers: Headers

  constructor(problem: ApiProblem, detail: string, faults: readonly FieldFault[] = [], headers: Headers = {}) {
    super(detail)
    this.problem = problem
    this.faults = faults
    this.headers = headers
  }
}

export const apiProblemAnswer = ({ problem, message, faults, headers }: ApiProblemError): Response => {
  const { status, title } = problems[problem]
  return problemAnswer(
    problem,
    { title, status, detail: message, ...(faults.length > 0 && { errors: faults }) },
    {
      'content-language': 'en',
      ...headers,
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
  )
}

/** `name` may be outside the catalogue: refused links have other names. */
export const problemAnswer = (
  name: string,
  body: { readonly title: string; readonly status: number; readonly detail: string; readonly errors?: unknown },
  headers: Headers,
): Response =>
  new Response(JSON.stringify({ type: `urn:vigie:problem:${name}`, ...body }), {
    status: body.status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  })
