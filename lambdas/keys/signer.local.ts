import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { join } from 'node:path'
import { publicKeyOf, type Signer } from '../domain/report/signature.ts'
import { openKeyFile } from './key-file.local.ts'

export const signingKeyFileName = 'signing.key'

/** Creates `signing.key` in the data folder only at the first signature. */
export const openSigner = (home: string): Signer => {
  const file = join(home, signingKeyFileName)
  let kept: KeyObject | undefined
  const key = async (mayMake: boolean) => {
    kept ??= await readKey(file, mayMake)
    return kept
  }
  return {
    sign: async (bytes) => sign('sha256', bytes, { key: await key(true), dsaEncoding: 'der' }),
    publicKey: async () =>
      publicKeyOf(
        createPublicKey(await key(false))
          .export({ format: 'pem', type: 'spki' })
          .toString(),
        file,
      ),
  }
}

const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

const readKey = async (file: string, mayMake: boolean): Promise<KeyObject> => {
  const { text } = await openKeyFile(file, {
    ...(mayMake && { make: newKey }),
    fault: (message, cause) => new Error(message, { cause }),
    instead: mayMake
      ? 'put a key there: openssl ecparam -name prime256v1 -genkey -noout'
      : 'give public keys by --key; it is made when the first report is signed',
  })
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  } catch (cause) {
    throw new Error(`${file} holds no private key in PEM: put yours back, or move the file away`, { cause })
  }
  throw new Error(`${file} holds a key of another kind: signatures are ECDSA on P-256`)
}
