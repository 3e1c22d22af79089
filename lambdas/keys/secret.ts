import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { systemClock } from '../config/clock.ts'

/**
 * @param secret name or ARN
 * @param keptMs cache time; by default the lifetime of this instance
 */
export const secretText = (secret: string, keptMs = Number.POSITIVE_INFINITY): (() => Promise<string>) => {
  const client = new SecretsManagerClient({})
  let kept: { readonly until: number; readonly text: Promise<string> } | undefined
  return () => {
    if (kept && kept.until > systemClock().getTime()) return kept.text
    const text = client
      .send(new GetSecretValueCommand({ SecretId: secret }))
      .then(({ SecretString = '' }) => SecretString)
      .catch((error: unknown) => {
        kept = undefined
        throw error
      })
    kept = { until: systemClock().getTime() + keptMs, text }
    return text
  }
}
