/** Whose signatures of manifests count, in the words of the command line. */
import { usage } from './arguments.ts'

export type ProofWords = { readonly key?: string[] | undefined; readonly allowUnsigned?: boolean }

/** @throws InvalidArgumentError */
export const proofAsked = async ({ key, allowUnsigned = false }: ProofWords) => {
  const { publicKeyOf } = await import('../../lambdas/domain/report/signature.ts')
  const { readFile } = await import('node:fs/promises')
  const read = async (file: string) => {
    const pem = await readFile(file, 'utf8').catch((cause: Error) => cause)
    return usage('--key', () => {
      if (pem instanceof Error) throw pem
      return publicKeyOf(pem, file)
    })
  }
  return { keys: key && (await Promise.all(key.map(read))), allowUnsigned }
}
