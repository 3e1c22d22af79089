import { randomBytes } from 'node:crypto'
import { pseudonymForm } from '../../domain/detection/revisions/pseudonym.ts'
import { redactionOf } from '../../domain/detection/revisions/redaction.ts'
import type { Forgetting, Redacted } from '../../store/detections/redaction.ts'

type ForgetServices = {
  readonly forgetting: Forgetting
  pseudonym(account: string): string
  clock(): Date
}

/**
 * @param account a name, with or without its @, or a pseudonym as reports show it
 * @returns how many items named it
 */
export const forgetAccount = async (
  account: string,
  { forgetting, pseudonym, clock }: ForgetServices,
): Promise<Redacted> => {
  const redaction = redactionOf({
    name: pseudonymForm.test(account) ? undefined : account,
    pseudonym: pseudonym(account),
    replacement: pseudonym(randomBytes(32).toString('hex')),
  })
  return forgetting.redact(redaction, clock().toISOString())
}
