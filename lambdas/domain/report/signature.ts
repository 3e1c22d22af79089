/**
 * ECDSA on P-256 with SHA-256, in DER, as openssl and KMS write it. One signed manifest covers every file of its
 * version, by hash, and the previous version.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'

export const signatureName = 'manifest.sig'

export type Signer = {
  /** Each call returns a different, equally valid signature. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
  publicKey(): Promise<PublicKey>
}

export type PublicKey = {
  readonly key: KeyObject
  readonly pem: string
  /** SHA-256 of the key's DER form. */
  readonly fingerprint: string
}

/**
 * @param from PEM text, or SPKI in DER
 * @param where its source, for messages
 * @throws Error where it is no key on P-256
 */
export const publicKeyOf = (from: string | Uint8Array, where: string): PublicKey => {
  let key: KeyObject
  if (typeof from === 'string' && from.includes('PRIVATE KEY')) {
    throw new Error(`${where} holds a private key, which must stay secret: take what vigie archive key prints`)
  }
  try {
    key =
      typeof from === 'string'
        ? createPublicKey(from)
        : createPublicKey({ key: Buffer.from(from), format: 'der', type: 'spki' })
  } catch (cause) {
    throw new Error(`${where} holds no public key in PEM: take what vigie archive key prints`, { cause })
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error(`${where} holds a key of another kind: signatures are ECDSA on P-256`)
  }
  const der = key.export({ format: 'der', type: 'spki' })
  return {
    key,
    pem: key.export({ format: 'pem', type: 'spki' }).toString(),
    fingerprint: createHash('sha256').update(der).digest('hex'),
  }
}

export const isSignedBy = ({ key }: PublicKey, bytes: Uint8Array, signature: Uint8Array): boolean =>
  verify('sha256', bytes, { key, dsaEncoding: 'der' }, signature)
