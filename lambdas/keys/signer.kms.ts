/** Signs under the stage's key in KMS, which never gives it out. */
import { createHash } from 'node:crypto'
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { publicKeyOf, type Signer } from '../domain/report/signature.ts'

/** @param region of the key, where it is not that of the environment */
export const kmsSigner = (key: string, region?: string): Signer & { close(): void } => {
  const client = new KMSClient(region === undefined ? {} : { region })
  return {
    sign: async (bytes) => {
      // KMS takes messages of 4 KB, and the hash of longer ones.
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
