/**
 * Uploads by a browser's form, which the stand-in for S3 does not know, by S3's own documentation ("POST Policy",
 * "Calculating a Signature"): every field is in the policy, every condition is met, the policy is signed and not over;
 * then the object is put.
 */
import { createHmac } from 'node:crypto'
import { credentials, region } from './aws.ts'
import { now } from './clock.ts'
import { type Answered, type Interceptor, s3Error } from './proxy.ts'

type Condition = Readonly<Record<string, string>> | readonly [string, string | number, string | number]

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Why S3 would refuse the form; undefined where it takes it. */
const refusalOf = (form: FormData, bucket: string, now: Date): Answered | undefined => {
  const field = (name: string) => String(form.get(name) ?? '')
  const file = form.get('file')
  if (!(file instanceof File)) return s3Error(400, 'InvalidArgument')
  // What comes after the file is not read.
  if ([...form.keys()].at(-1) !== 'file') return s3Error(400, 'InvalidArgument')
  const policy = JSON.parse(Buffer.from(field('policy'), 'base64').toString()) as {
    readonly expiration: string
    readonly conditions: readonly Condition[]
  }
  const [, date = '', place, service, end] = field('x-amz-credential').split('/')
  if (place !== region || service !== 's3' || end !== 'aws4_request') return s3Error(403, 'AccessDenied')
  const keys = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`)
  if (hmac(keys, field('policy')).toString('hex') !== field('x-amz-signature'))
    return s3Error(403, 'SignatureDoesNotMatch')
  if (Date.parse(policy.expiration) <= now.getTime()) return s3Error(403, 'AccessDenied')
  const allowed = new Set(['policy', 'x-amz-signature', 'file'])
  for (const condition of policy.conditions) {
    if (Array.isArray(condition)) {
      const [what, least, most] = condition
      if (what !== 'content-length-range') return s3Error(403, 'AccessDenied')
      if (file.size < Number(least)) return s3Error(400, 'EntityTooSmall')
      if (file.size > Number(most)) return s3Error(400, 'EntityTooLarge')
    } else {
      for (const [name, value] of Object.entries(condition as Readonly<Record<string, string>>)) {
        allowed.add(name)
        if ((name === 'bucket' ? bucket : field(name)) !== value) return s3Error(403, 'AccessDenied')
      }
    }
  }
  return [...form.keys()].some((name) => !allowed.has(name)) ? s3Error(403, 'AccessDenied') : undefined
}

/** @param back where a browser is led to, as this machine has it */
export const postedForms =
  (back: (address: string) => string): Interceptor =>
  async (asked, through) => {
    const type = String(asked.headers['content-type'] ?? '')
    if (asked.method !== 'POST' || !type.startsWith('multipart/form-data')) return through(asked)
    const form = await new Response(new Uint8Array(asked.body), { headers: { 'content-type': type } }).formData()
    const bucket = asked.url.split('/')[1] ?? ''
    const refused = refusalOf(form, bucket, now())
    if (refused) return refused
    const file = form.get('file') as File
    // By the right of who has signed the policy.
    const signer = encodeURIComponent(String(form.get('x-amz-credential')))
    const put = await through({
      method: 'PUT',
      url: `/${bucket}/${form.get('key')}?X-Amz-Credential=${signer}`,
      headers: { host: asked.headers.host, 'content-length': String(file.size) },
      body: Buffer.from(await file.arrayBuffer()),
    })
    if (put.status !== 200) return put
    const to = new URL(String(form.get('success_action_redirect')))
    to.searchParams.set('bucket', bucket)
    to.searchParams.set('key', String(form.get('key')))
    return { status: 303, headers: { location: back(to.href) }, body: '' }
  }
