import type { Context } from 'hono'
import type * as z from 'zod'
import type { PageProblem } from './problems.ts'

export const maxFormBytes = 8 * 1024

export type Form = ReadonlyMap<string, string>

/** Detects RFC 8058 one-click requests, which a mail program sends for the reader. */
export const isOneClick = (form: Form): boolean => form.get('List-Unsubscribe') === 'One-Click'

const formTypes = /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i

export const readForm = async (c: Context): Promise<Form | PageProblem> => {
  const lists = await readLists(c)
  if (typeof lists === 'string') return lists
  return new Map([...lists].flatMap(([name, values]) => values.slice(-1).map((value) => [name, value] as const)))
}

/** Reads a form with every value of each name, for checkboxes. */
export const readLists = async (c: Context): Promise<ReadonlyMap<string, readonly string[]> | PageProblem> => {
  if (!formTypes.test(c.req.header('content-type') ?? '')) return 'unsupported-type'
  try {
    const body = await c.req.parseBody({ all: true })
    return new Map(
      Object.entries(body).map(([name, value]) => [name, [value].flat().filter((one) => typeof one === 'string')]),
    )
  } catch {
    return 'malformed'
  }
}

/** Returns whether another site's page sent the request. Our pages send no referrer, so their origin may be `null`. */
export const isCrossSite = (c: Context): boolean => {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = c.req.header('origin')
  return origin !== undefined && origin !== 'null' && origin !== new URL(c.req.url).origin
}

export const jsonIn = <Value>(text: string, schema: z.ZodType<Value>): Value | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
