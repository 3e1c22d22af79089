/** What a form sends, as far as it is read: small, of a form's type, and from a page of ours. */
import type { Context } from 'hono'
import type { PageProblem } from './problems.ts'

/** No form here needs more. */
export const maxFormBytes = 8 * 1024

export type Form = ReadonlyMap<string, string>

/** RFC 8058: what a mail program sends in the reader's name. */
export const isOneClick = (form: Form): boolean => form.get('List-Unsubscribe') === 'One-Click'

const formTypes = /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i

export const readForm = async (c: Context): Promise<Form | PageProblem> => {
  if (!formTypes.test(c.req.header('content-type') ?? '')) return 'unsupported-type'
  try {
    const body = await c.req.parseBody()
    return new Map(Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
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
