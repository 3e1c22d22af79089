/** What a form sends, as far as it is read: small, of a form's type, and from a page of ours. */
import type { Context } from 'hono'
import type * as z from 'zod'
import type { PageProblem } from './problems.ts'

/** No form here needs more. */
export const maxFormBytes = 8 * 1024

export type Form = ReadonlyMap<string, string>

/** RFC 8058: what a mail program sends in the reader's name. */
export const isOneClick = (form: Form): boolean => form.get('List-Unsubscribe') === 'One-Click'

const formTypes = /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i

export const readForm = async (c: Context): Promise<Form | PageProblem> => {
  const lists = await readLists(c)
  if (typeof lists === 'string') return lists
  return new Map([...lists].flatMap(([name, values]) => values.slice(-1).map((value) => [name, value] as const)))
}

/** The same with all that was sent under each name: what is ticked may be several. */
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

/**
 * Sent by a page of another site. Browsers say where a request comes from; our own pages, which tell no address of
 * theirs to anybody, come with the origin `null`.
 */
export const isCrossSite = (c: Context): boolean => {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = c.req.header('origin')
  return origin !== undefined && origin !== 'null' && origin !== new URL(c.req.url).origin
}

/** JSON that a form of ours sends back; undefined where it cannot be read as what we wrote. */
export const jsonIn = <Value>(text: string, schema: z.ZodType<Value>): Value | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
