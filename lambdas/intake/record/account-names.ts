import type { Detection } from '../../domain/detection/detection.ts'

export const namesAccounts = ({ accountRefs, coordinatedAccountRefs, indicators }: Detection): boolean =>
  accountRefs !== undefined || coordinatedAccountRefs !== undefined || indicators.some(({ type }) => type === 'account')

/** Also replaces a detector's own references, so that an account has one in every format. */
export const underPseudonyms = (detection: Detection, pseudonym: (account: string) => string): Detection => {
  const { accountRefs, coordinatedAccountRefs, indicators } = detection
  return {
    ...detection,
    ...(accountRefs && { accountRefs: accountRefs.map(pseudonym) }),
    ...(coordinatedAccountRefs && { coordinatedAccountRefs: coordinatedAccountRefs.map(pseudonym) }),
    indicators: indicators.map((one) => (one.type === 'account' ? { ...one, value: pseudonym(one.value) } : one)),
  }
}
