/** Local signed URLs: unguessable, for five minutes. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Hono } from 'hono'
import { type Archive, ArchiveMissingError } from './archive.ts'
import { dispositionOf, type FileDisposition, type SignedFiles, signedForSeconds } from './signed-urls.s3.ts'

type Signed = FileDisposition & { readonly key: string; readonly until: number }

type SignedFolder = SignedFiles & {
  routes(app: Hono): void
}

/** A restart invalidates all URLs. */
export const signedFolder = (archive: Archive, clock: () => Date): SignedFolder => {
  const secret = randomBytes(32)
  const sign = (words: string): Buffer => createHmac('sha256', secret).update(words).digest()
  const opened = (words: string, signature: string): Signed | undefined => {
    const [given, right] = [Buffer.from(signature, 'base64url'), sign(words)]
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
    const signed = JSON.parse(Buffer.from(words, 'base64url').toString()) as Signed
    return signed.until > clock().getTime() ? signed : undefined
  }
  return {
    urlFor: async (key, as) => {
      dispositionOf(as)
      const signed: Signed = { ...as, key, until: clock().getTime() + signedForSeconds * 1_000 }
      const words = Buffer.from(JSON.stringify(signed)).toString('base64url')
      return `/signed/${words}.${sign(words).toString('base64url')}`
    },
    origin: async () => undefined,
    routes: (app) => {
      app.get('/signed/:address', async (c) => {
        const [words = '', signature = '', ...more] = c.req.param('address').split('.')
        const signed = more.length === 0 ? opened(words, signature) : undefined
        if (!signed) return c.notFound()
        try {
          return new Response(await opening(archive.read(signed.key)), {
            headers: {
              'content-type': signed.contentType,
              'content-disposition': dispositionOf(signed),
              ...(signed.contentType.startsWith('text/html') && { 'content-security-policy': reportPolicy }),
            },
          })
        } catch (error) {
          if (error instanceof ArchiveMissingError) return c.notFound()
          throw error
        }
      })
    },
  }
}

/** Reads the first piece, so that a missing file is detected before the response. */
const opening = async (pieces: AsyncIterable<Uint8Array>): Promise<ReadableStream> => {
  const reading = pieces[Symbol.asyncIterator]()
  const first = await reading.next()
  const all = async function* () {
    try {
      for (let next = first; !next.done; next = await reading.next()) yield next.value
    } finally {
      await reading.return?.()
    }
  }
  return Readable.toWeb(Readable.from(all(), { objectMode: false })) as ReadableStream
}

/** Reports need no external resources. The sandbox gives an opaque origin. */
const reportPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  'sandbox',
].join('; ')
