import { createHash } from 'node:crypto'
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { publicKeyOf, type Signer } from '../domain/report/signature.ts'

/** @param region of the key; by default the environment's */
export const kmsSigner = (key: string, region?: string): Signer & { close(): void } => {
  const client = new KMSClient(region === undefined ? {} : { region })
  return {
    sign: async (bytes) => {
      // KMS accepts messages of 4 KB, and hashes of longer ones.
      const digest = createHash('sha256').update(bytes).digest()
      const { Signature } = await client.send(
        new SignCommand({ KeyId: key, Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' }),
      )
      if (!Signature) throw new Error(`KMS gave no signature under ${key}`)
      return Signature
    },
    publicKey: async () => {
      const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: key }))
      if (!PublicKey) throw new Error(`KMS gave no public key of ${key}`)
      return publicKeyOf(PublicKey, key)
    },
    close: () => client.destroy(),
  }
}
