/** The key that signs manifests: made once, for this user alone; what is none is refused. */
import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isSignedBy, publicKeyOf } from '../../lambdas/domain/report/signature.ts'
import { openSigner } from '../../lambdas/keys/signer.local.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'vigie-signing-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))
const file = () => join(home, 'signing.key')

test('is made when something is first signed, and stays', async () => {
  const bytes = Buffer.from('a manifest')
  expect(await readdir(home)).toEqual([])
  const signature = await openSigner(home).sign(bytes)
  expect((await stat(file())).mode & 0o777).toBe(0o600)
  const again = openSigner(home)
  expect(isSignedBy(await again.publicKey(), bytes, signature)).toBe(true)
  expect(isSignedBy(await again.publicKey(), bytes, await again.sign(bytes))).toBe(true)
  expect(await readFile(file(), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/)
})

test('that is gone is asked for, and not made anew: what it has signed would be a stranger’s', async () => {
  await expect(openSigner(home).publicKey()).rejects.toThrow(
    'is not there: put the key back, or give public keys by --key',
  )
  expect(await readdir(home)).toEqual([])
})

test('signs what it signs, and nothing else', async () => {
  const signer = openSigner(home)
  await signer.sign(Buffer.from('first'))
  const key = await signer.publicKey()
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), async (one, other) => {
      const signature = await signer.sign(one)
      expect(isSignedBy(key, one, signature)).toBe(true)
      expect(isSignedBy(key, other, signature)).toBe(Buffer.compare(one, other) === 0)
      // Whatever stands in its place is no signature, and breaks nothing.
      expect(isSignedBy(key, one, other)).toBe(false)
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['no key', 'hello', 'holds no private key'],
  ['a public key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, 'holds no private key'],
  ['a key on another curve', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, 'a key of another kind'],
  ['a key of another kind', generateKeyPairSync('ed25519').privateKey, 'a key of another kind'],
])('a file that holds %s is refused, and left as it is', async (_, held, said) => {
  const text =
    typeof held === 'string'
      ? held
      : String(held.export({ format: 'pem', type: held.type === 'public' ? 'spki' : 'pkcs8' } as never))
  await writeFile(file(), text, { mode: 0o600 })
  const error: unknown = await openSigner(home)
    .sign(Buffer.from('x'))
    .catch((reason: unknown) => reason)
  expect(String(error)).toContain(`${file()} holds`)
  expect(String(error)).toContain(said)
  expect(String(error)).not.toContain('PRIVATE KEY')
  expect(await readFile(file(), 'utf8')).toBe(text)
})

test('a file that others may read is refused', async () => {
  await openSigner(home).sign(Buffer.from('x'))
  await chmod(file(), 0o644)
  await expect(openSigner(home).sign(Buffer.from('x'))).rejects.toThrow('may be read by others (mode 644)')
})

test('a public key is one on P-256, in PEM', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  expect(publicKeyOf(pem, 'vigie.pem')).toEqual(publicKeyOf(publicKey.export({ format: 'der', type: 'spki' }), 'KMS'))
  expect(() => publicKeyOf('hello', 'vigie.pem')).toThrow('vigie.pem holds no public key')
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const secret = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  expect(() => publicKeyOf(secret, 'signing.key')).toThrow('signing.key holds a private key')
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'pem', type: 'spki' })
  expect(() => publicKeyOf(other.toString(), 'vigie.pem')).toThrow('vigie.pem holds a key of another kind')
})
