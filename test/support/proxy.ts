/**
 * A proxy on loopback before a stand-in for an AWS service: adds what the stand-in lacks, and breaks what a test
 * breaks.
 */
import { request as ask, createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type Asked = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type Answered = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer | string
}

/** Answers itself, or lets the request through, changed or not. */
export type Interceptor = (asked: Asked, through: (asked: Asked) => Promise<Answered>) => Promise<Answered>

export type StandInProxy = {
  readonly endpoint: string
  /** The last one added is asked first; returns how to take it away again. */
  intercept(interceptor: Interceptor): () => void
  close(): Promise<void>
}

export const startProxy = async (port: number): Promise<StandInProxy> => {
  const interceptors: Interceptor[] = []

  const upstream = ({ method, url, headers, body }: Asked): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const asking = ask({ host: '127.0.0.1', port, method, path: url, headers }, (response) => {
        buffer(response).then((answer) => {
          const { connection: _, 'transfer-encoding': __, ...kept } = response.headers
          resolve({ status: response.statusCode ?? 500, headers: kept, body: answer })
        }, reject)
      })
      asking.on('error', reject)
      asking.end(body)
    })

  // Longer than a client under test may be busy with something else.
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const { method = 'GET', url = '/', headers } = request
    try {
      const body = await buffer(request)
      const chain = [...interceptors].reduce<(asked: Asked) => Promise<Answered>>(
        (next, interceptor) => (asked) => interceptor(asked, next),
        upstream,
      )
      const answer = await chain({ method, url, headers, body })
      response.writeHead(answer.status, { ...answer.headers })
      // A HEAD tells the length of what it does not send.
      if (method === 'HEAD') response.end()
      // A body shorter than it says is a connection cut half way.
      else if (Number(answer.headers?.['content-length'] ?? 0) > answer.body.length)
        response.write(answer.body, () => response.destroy())
      else response.end(answer.body)
    } catch {
      response.destroy() // the stand-in is gone, or a test cuts the connection
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    intercept: (interceptor) => {
      interceptors.push(interceptor)
      return () => void interceptors.splice(interceptors.indexOf(interceptor), 1)
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** The request with another JSON body. */
export const withJson = (asked: Asked, value: object): Asked => {
  const body = Buffer.from(JSON.stringify(value))
  return { ...asked, headers: { ...asked.headers, 'content-length': String(body.length) }, body }
}

/** The answer with another JSON body. */
export const answerWithJson = (answer: Answered, value: object): Answered => {
  const { 'content-length': _, 'x-amz-crc32': __, ...headers } = answer.headers ?? {}
  return { ...answer, headers, body: JSON.stringify(value) }
}

/** Answers once with an error of the service, then lets everything through. */
export const failing = (times: number, matches: (asked: Asked) => boolean, error: Answered): Interceptor => {
  let left = times
  return async (asked, through) => {
    if (left <= 0 || !matches(asked)) return through(asked)
    left -= 1
    return error
  }
}

const xml = { 'content-type': 'application/xml' }

/** An error as S3 writes it. */
export const s3Error = (status: number, code: string): Answered => ({
  status,
  headers: xml,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
})

/** A refusal as DynamoDB writes it. */
export const tableError = (type: string, status = 400): Answered => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type }),
})

/** The first half of a body, under the length of the whole: the connection ends half way. */
export const truncated = (answer: Answered): Answered => {
  const body = Buffer.from(answer.body)
  return {
    ...answer,
    headers: { ...answer.headers, 'content-length': String(body.length) },
    body: body.subarray(0, Math.floor(body.length / 2)),
  }
}

/** DynamoDB under load: of each batch one half is carried out, and the other is given back; a batch of one is whole. */
export const halfUnprocessed =
  (onHalved: () => void): Interceptor =>
  async (asked, through) => {
    const operation = String(asked.headers['x-amz-target']).split('.')[1] ?? ''
    if (!/^Batch(Get|Write)Item$/.test(operation)) return through(asked)
    const said = JSON.parse(asked.body.toString())
    const isRead = operation === 'BatchGetItem'
    const [table = ''] = Object.keys(said.RequestItems)
    const wanted = said.RequestItems[table]
    const all: unknown[] = isRead ? wanted.Keys : wanted
    if (all.length < 2) return through(asked)
    onHalved()
    const middle = all.length >> 1
    const of = (some: unknown[]) => ({ [table]: isRead ? { ...wanted, Keys: some } : some })
    const answer = await through(withJson(asked, { ...said, RequestItems: of(all.slice(0, middle)) }))
    const left = { [isRead ? 'UnprocessedKeys' : 'UnprocessedItems']: of(all.slice(middle)) }
    return answerWithJson(answer, { ...JSON.parse(answer.body.toString()), ...left })
  }

/**
 * What S3 does with `If-None-Match: *`, which the stand-in passes over: a taken key is refused, and of two writers one
 * waits.
 */
export const conditionalWrites = (): Interceptor => {
  const writing = new Map<string, Promise<unknown>>()
  return async (asked, through) => {
    const condition = asked.headers['if-none-match']
    if (asked.method !== 'PUT' || condition === undefined) return through(asked)
    // S3 knows one condition of a put.
    if (condition !== '*') return s3Error(501, 'NotImplemented')
    const key = asked.url.split('?')[0] ?? ''
    const turn = (writing.get(key) ?? Promise.resolve()).then(async () => {
      const { 'if-none-match': _, 'content-length': __, ...headers } = asked.headers
      const found = await through({ method: 'HEAD', url: key, headers, body: Buffer.alloc(0) })
      if (found.status === 200) return s3Error(412, 'PreconditionFailed')
      return through({ ...asked, headers: { ...headers, 'content-length': String(asked.body.length) } })
    })
    writing.set(
      key,
      turn.catch(() => undefined),
    )
    return turn
  }
}

/** Keys in the order of their bytes, as S3 lists them; the stand-in sorts a page by the rules of a language. */
export const listedInByteOrder = (): Interceptor => async (asked, through) => {
  const answer = await through(asked)
  if (asked.method !== 'GET' || !asked.url.includes('list-type=2') || answer.status !== 200) return answer
  const text = answer.body.toString()
  const entries = text.match(/<Contents>.*?<\/Contents>/gs) ?? []
  const keyOf = (entry: string) => /<Key>(.*?)<\/Key>/s.exec(entry)?.[1] ?? ''
  const sorted = entries.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const body = Buffer.from(text.replace(/<Contents>.*<\/Contents>/s, () => sorted.join('')))
  return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body }
}
