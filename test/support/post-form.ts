/** A form as a browser posts it. */
import type { Hono } from 'hono'

export const postForm = async (
  app: Hono,
  url: string,
  form: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  app.request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      origin: 'null',
      ...headers,
    },
    body: new URLSearchParams(form as Record<string, string>).toString(),
  })
