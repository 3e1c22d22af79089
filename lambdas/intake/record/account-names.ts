/** Where a detection of Vigie's own formats names accounts, and the same detection with their pseudonyms. */
import type { Detection } from '../../domain/detection/detection.ts'

export const namesAccounts = ({ accountRefs, coordinatedAccountRefs, indicators }: Detection): boolean =>
  accountRefs !== undefined || coordinatedAccountRefs !== undefined || indicators.some(({ type }) => type === 'account')

/** A reference that a detector made up itself gets one of ours too: the same account is one in every format. */
export const underPseudonyms = (detection: Detection, pseudonym: (account: string) => string): Detection => {
  const { accountRefs, coordinatedAccountRefs, indicators } = detection
  return {
    ...detection,
    ...(accountRefs && { accountRefs: accountRefs.map(pseudonym) }),
    ...(coordinatedAccountRefs && { coordinatedAccountRefs: coordinatedAccountRefs.map(pseudonym) }),
    indicators: indicators.map((one) => (one.type === 'account' ? { ...one, value: pseudonym(one.value) } : one)),
  }
}
