/** Pseudonyms under the key of a deployed stage: asked for when they are first needed, and kept as long as this instance lives. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { pseudonymKey, pseudonymOf } from './domain/pseudonym.ts'

export const secretPseudonyms = (secret: string): (() => Promise<(account: string) => string>) => {
  const client = new SecretsManagerClient({})
  const read = async () => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secret }))
    return pseudonymOf(pseudonymKey(SecretString, 'the stack’s secret'))
  }
  let opened: ReturnType<typeof read> | undefined
  return () => {
    opened ??= read().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }
}
