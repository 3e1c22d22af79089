/** Asks a function as an HTTP API does, once its authoriser has let the request through. */
import type { Instance } from './lambda.ts'

type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type HttpAsked = {
  /** What the authoriser says of the caller: `{ jwt }`, `{ iam }` or `{ lambda }`. */
  readonly authorizer?: object
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** @throws where the function fails; an answer of the server that tells of a failure is one */
export const askFunction = async (
  instance: Instance,
  method: string,
  path: string,
  { authorizer, body, headers = {} }: HttpAsked = {},
): Promise<HttpAnswer> => {
  const [rawPath = '', rawQueryString = ''] = path.split('?')
  const invoked = await instance.invoke({
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: { host: 'api.example.org', 'content-type': 'application/json', ...headers },
    requestContext: {
      accountId: '0',
      apiId: 'a',
      domainName: 'api.example.org',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'r',
      stage: '$default',
      ...(authorizer && { authorizer }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
  })
  if ('error' in invoked) throw new Error(JSON.stringify(invoked.error))
  const answer = invoked.value as { statusCode: number; headers: Record<string, string>; body: string }
  return { status: answer.statusCode, headers: answer.headers, body: answer.body }
}
