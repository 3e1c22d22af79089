/** Reads facts for a check-up: what cannot be read is a fact too. */
import { HomeError } from '../../lambdas/config/home-error.ts'
import type { Fact } from '../../lambdas/domain/checkup/finding.ts'

/** How AWS's services name a refusal of rights. */
const refusals = /AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized|Forbidden/

/** @param right the action and resource that reading takes, as a policy writes them */
export const look = async <Value>(right: string | undefined, read: () => Promise<Value>): Promise<Fact<Value>> => {
  try {
    return { value: await read() }
  } catch (error) {
    if (error instanceof HomeError) return { unread: error.cannot, repair: error.repair }
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    const isDenied = refusals.test(`${name} ${message}`)
    return { unread: message || name, ...(isDenied && right !== undefined && { right }) }
  }
}
