import { pseudonymKey, pseudonymOf } from '../domain/detection/revisions/pseudonym.ts'
import { secretText } from './secret.ts'

export const secretPseudonyms = (secret: string): (() => Promise<(account: string) => string>) => {
  const text = secretText(secret)
  return async () => pseudonymOf(pseudonymKey(await text(), 'the stack’s secret'))
}
