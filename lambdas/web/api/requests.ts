/** Reads requests of programs. Functions throw ApiProblemError. */
import type { Context, MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import type { Caller, Scope } from '../../domain/access/caller.ts'
import { faultText } from '../../domain/core/fault-text.ts'
import { unfold } from '../../domain/core/schema-fault.ts'
import { ApiProblemError } from '../shared/problems.ts'

export type Answering = {
  /** Returns the authorised caller. */
  allowed(c: Context, scope: Scope): Caller
  /** Turns errors into problem documents, even when the app also serves pages. */
  answering(work: (c: Context) => Promise<Response>): (c: Context) => Promise<Response>
  readonly limited: MiddlewareHandler
}

export const keyOf = (c: Context): string | undefined => {
  const key = c.req.header('idempotency-key')
  if (key === undefined || /^[\x21-\x7e]{1,200}$/.test(key)) return key
  throw new ApiProblemError('malformed', 'Idempotency-Key takes 1 to 200 visible ASCII characters')
}

/** @param tags of If-Match or If-None-Match */
export const hasTag = (tags: string, tag: string): boolean =>
  tags.split(',').some((one) => ['*', tag].includes(one.trim()))

export const typeOf = (c: Context): string =>
  (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

export const bodyOf = async <Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  type = 'application/json',
): Promise<z.output<Schema>> => {
  if (typeOf(c) !== type) throw new ApiProblemError('unsupported-type', `Send ${type}`)
  let value: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await c.req.arrayBuffer())
    value = JSON.parse(text)
  } catch {
    throw new ApiProblemError('malformed', 'The body is not JSON in UTF-8')
  }
  return checked(schema, value, (path) => `/${path.join('/')}`)
}

export const queryOf = <Schema extends z.ZodType>(c: Context, schema: Schema): z.output<Schema> => {
  const twice = Object.entries(c.req.queries()).find(([, values]) => values.length > 1)
  if (twice)
    throw new ApiProblemError('malformed', `${twice[0]} is given twice`, [{ field: twice[0], fix: 'give it once' }])
  return checked(schema, c.req.query(), (path) => path.join('.'))
}

const checked = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  fieldOf: (path: readonly PropertyKey[]) => string,
): z.output<Schema> => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => ({ field: fieldOf(issue.path), fix: faultText(unfold(issue)) }))
  throw new ApiProblemError(
    'invalid',
    faults
      .map(({ field, fix }) => (field === '' ? fix : `${field}: ${fix}`))
      .join('; ')
      .slice(0, 1_000),
    faults,
  )
}
