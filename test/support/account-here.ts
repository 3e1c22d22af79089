/** What an account answers besides its data: CloudFormation's list of resources, and calls of functions. Each answer can be changed. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { StackHere, Template } from './stack-here.ts'

export type Call = { readonly service: string; readonly action: string; readonly body: string }

/** A value as JSON, a text as XML, or a refusal. */
export type Reply = {
  readonly status?: number
  readonly json?: unknown
  readonly xml?: string
  readonly headers?: Record<string, string>
}

export type AccountHere = {
  /** Points the SDK to this account; the stack's own stand-ins answer what it does not. */
  readonly env: Readonly<Record<string, string>>
  readonly calls: readonly Call[]
  /** Answers `service.Action` otherwise from now on; returns how to take it back. */
  reply(call: string, reply: (body: string) => Reply | Promise<Reply>): () => void
  close(): Promise<void>
}

type Replies = Map<string, (body: string) => Reply | Promise<Reply>>

/** As AWS refuses what a principal may not do, in the words of both of its protocols. */
export const denied = (action: string): Reply => {
  const message = `User: arn:aws:iam::000000000000:user/somebody is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`
  return {
    status: 403,
    headers: { 'x-amzn-errortype': 'AccessDeniedException' },
    json: { __type: 'AccessDeniedException', message },
    xml: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
  }
}

export const startAccount = async (stack: StackHere, template: Template): Promise<AccountHere> => {
  const calls: Call[] = []
  const replies: Replies = new Map()
  const physicalOf = (id: string, type: string): string =>
    type === 'AWS::SQS::Queue' ? stack.queue(id) : type === 'AWS::S3::Bucket' ? id.toLowerCase() : id
  const listed = Object.entries(template.Resources).map(
    ([id, { Type }]) =>
      `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${physicalOf(id, Type)}</PhysicalResourceId><ResourceType>${Type}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>`,
  )
  replies.set('cloudformation.ListStackResources', (body) => {
    // Pages of a hundred, as AWS gives them.
    const at = Number(new URLSearchParams(body).get('NextToken') ?? 0)
    const next = at + 100 < listed.length ? `<NextToken>${at + 100}</NextToken>` : ''
    return {
      xml: `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${listed.slice(at, at + 100).join('')}</StackResourceSummaries>${next}</ListStackResourcesResult></ListStackResourcesResponse>`,
    }
  })

  const server = createServer(async (request, response) => {
    const body = await text(request)
    const { service, action } = calledBy(request, body)
    calls.push({ service, action, body })
    const reply = replies.get(`${service}.${action}`)
    if (!reply) {
      const forwarded = await fetch(`${stack.env.AWS_ENDPOINT_URL_CLOUDFORMATION}${request.url}`, {
        method: request.method ?? 'POST',
        headers: request.headers as Record<string, string>,
        ...(body !== '' && { body }),
      })
      response.writeHead(forwarded.status, { 'content-type': forwarded.headers.get('content-type') ?? '' })
      response.end(await forwarded.text())
      return
    }
    const { status = 200, json, xml, headers } = await reply(body)
    const isXml = xml !== undefined && (json === undefined || !isJson(request))
    response.writeHead(status, { 'content-type': isXml ? 'text/xml' : 'application/json', ...headers })
    response.end(isXml ? xml : JSON.stringify(json ?? {}))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: {
      ...stack.env,
      AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
      AWS_ENDPOINT_URL_LAMBDA: endpoint,
    },
    calls,
    reply: (call, reply) => {
      const before = replies.get(call)
      replies.set(call, reply)
      return () => void (before ? replies.set(call, before) : replies.delete(call))
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

const isJson = ({ headers }: IncomingMessage): boolean =>
  headers['x-amz-target'] !== undefined || !String(headers['content-type']).includes('x-www-form-urlencoded')

/** Which action of which service is meant; the service is the one that the request is signed for. */
const calledBy = ({ headers, url = '/', method }: IncomingMessage, body: string) => {
  const [, service = ''] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization)) ?? []
  const target = String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1)
  const action = target || new URLSearchParams(body).get('Action') || restAction(`${method} ${url.split('?')[0]}`)
  return { service, action }
}

const restAction = (line: string): string => (/^POST .*\/invocations$/.test(line) ? 'Invoke' : line)
