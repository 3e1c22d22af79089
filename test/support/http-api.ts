/** An HTTP API on loopback, by the routes, authorisers and integrations of the synthesised template. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import aws from './aws-limits.json' with { type: 'json' }
import type { Instance } from './lambda.ts'
import type { Template } from './stack-here.ts'

export type HttpApiHere = {
  readonly url: string
  /** What functions wrote to their logs, by the beginning of their names. */
  log(id: string): Promise<string>
  close(): Promise<void>
}

type Answer = {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

/**
 * @param api the beginning of the API's logical id
 * @param open starts a function of the stack for an API at this address
 */
export const serveHttpApi = async (
  { Resources }: Template,
  api: string,
  open: (functionId: string, url: string) => Promise<Instance>,
): Promise<HttpApiHere> => {
  const functionIn = (value: unknown): string => {
    const [, id] = /"Fn::GetAtt":\["([^"]+)","Arn"\]/.exec(JSON.stringify(value)) ?? []
    if (!id) throw new Error(`no function in ${JSON.stringify(value)}`)
    return id
  }
  const routes = Object.values(Resources)
    .filter(({ Type, Properties }) => Type === 'AWS::ApiGatewayV2::Route' && Properties.ApiId.Ref.startsWith(api))
    .map(({ Properties }) => {
      const [method, path] = String(Properties.RouteKey).split(' ')
      const integration = Properties.Target['Fn::Join'][1][1].Ref
      const authorizer = Properties.AuthorizerId?.Ref
      const pattern = String(path)
        .replaceAll(/\{\w+\+\}/g, '.+')
        .replaceAll(/\{\w+\}/g, '[^/]+')
      return {
        key: String(Properties.RouteKey),
        method,
        pattern: new RegExp(`^${pattern}$`),
        // Full paths go before parts, and these before the rest; of one path, ANY is last.
        rank: (pattern.includes('.+') ? 4 : pattern.includes('[') ? 2 : 0) + (method === 'ANY' ? 1 : 0),
        worker: functionIn(Resources[integration]?.Properties.IntegrationUri),
        authorizer: authorizer && functionIn(Resources[authorizer]?.Properties.AuthorizerUri),
      }
    })
    .sort((one, other) => one.rank - other.rank)
  const instances = new Map<string, Promise<Instance>>()
  /** An instance takes one event at a time. */
  const turns = new Map<string, Promise<unknown>>()

  const ask = async (id: string, event: unknown): Promise<unknown> => {
    const opened = instances.get(id) ?? open(id, url)
    instances.set(id, opened)
    const asked = Promise.all([opened, turns.get(id)]).then(([instance]) => instance.invoke(event))
    turns.set(id, asked)
    const invoked = await asked
    if ('error' in invoked) throw new Error(`${id}: ${JSON.stringify(invoked.error)}`)
    return invoked.value
  }

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const [rawPath = '', rawQueryString = ''] = (request.url ?? '').split('?')
    const route = routes.find(
      ({ method = '', pattern }) => ['ANY', request.method].includes(method) && pattern.test(rawPath),
    )
    if (!route) return { statusCode: 404, body: '{"message":"Not Found"}' }
    if (Buffer.byteLength([request.method, request.url, ...request.rawHeaders].join('')) > aws.limits.apiHeaders.limit)
      return { statusCode: 431, body: '{"message":"Request Header Fields Too Large"}' }
    const body = await buffer(request)
    if (body.length > aws.limits.apiPayload.limit)
      return { statusCode: 413, body: '{"message":"Request Entity Too Large"}' }
    const { cookie, ...given } = request.headers
    const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]))
    const base = {
      version: '2.0',
      routeKey: route.key,
      rawPath,
      rawQueryString,
      ...(cookie && { cookies: cookie.split('; ') }),
      headers,
      requestContext: {
        accountId: '0',
        apiId: 'a',
        domainName: request.headers.host,
        http: { method: request.method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
        requestId: 'r',
        routeKey: route.key,
        stage: '$default',
      },
    }
    let context: { readonly authorizer?: unknown } = {}
    if (route.authorizer) {
      const said = (await ask(route.authorizer, { ...base, type: 'REQUEST', routeArn: 'r' })) as {
        readonly isAuthorized: boolean
        readonly context?: object
      }
      if (!said.isAuthorized) return { statusCode: 403, body: '{"message":"Forbidden"}' }
      context = { authorizer: { lambda: said.context ?? null } }
    }
    return (await ask(route.worker, {
      ...base,
      requestContext: { ...base.requestContext, ...context },
      ...(body.length > 0 && { body: body.toString('base64') }),
      isBase64Encoded: body.length > 0,
    })) as Answer
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    try {
      const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = await answer(request)
      response.writeHead(statusCode, { ...headers, ...(cookies.length > 0 && { 'set-cookie': [...cookies] }) })
      response.end(isBase64Encoded ? Buffer.from(body, 'base64') : body)
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    log: async (id) => {
      const asked = [...instances].filter(([name]) => name.startsWith(id)).map(([, instance]) => instance)
      return (await Promise.all(asked)).map((instance) => instance.log()).join('\n')
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      for (const instance of instances.values()) await (await instance).close()
    },
  }
}
