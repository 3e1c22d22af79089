/** Checks before a deployment whether the functions fit into the account's concurrency. */
import type { Settings } from './settings.ts'

/** From Lambda's GetAccountSettings. */
export type ConcurrencyLimit = { readonly total: number; readonly unreserved: number }

type Finding = { readonly isRefused: boolean; readonly text: string }

/** Kept by AWS for unreserved functions ("Configuring reserved concurrency for a function"). */
const keptUnreserved = 100
/** Fixed concurrency of the feedback function. */
const feedback = 2

/** Lambda's "Concurrent executions" in Service Quotas. */
const askForMore =
  'ask for more, which costs nothing: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000'

/** @param held concurrency that this stage already reserved; Lambda no longer counts it as unreserved */
export const concurrencyFindings = (
  { concurrency, mail, api, room }: Pick<Settings, 'concurrency' | 'mail' | 'api' | 'room'>,
  { total, unreserved }: ConcurrencyLimit,
  held: number,
): readonly Finding[] => {
  const { generate, ingest, deliver, reserve } = concurrency
  const working = generate + ingest + (mail ? deliver + feedback : 0)
  const findings: Finding[] = []
  const free = unreserved + held
  if (reserve && free - generate - ingest < keptUnreserved) {
    findings.push({
      isRefused: true,
      text: `concurrency.reserve takes ${generate + ingest} executions out of the account's ${free} free ones, of which AWS keeps ${keptUnreserved}: leave reserve out, or ${askForMore}`,
    })
  }
  if (working > total) {
    findings.push({
      isRefused: true,
      text: `up to ${working} functions would work at once, and the account runs ${total}: they would starve each other. Set concurrency.generate, ingest and deliver lower, or ${askForMore}`,
    })
  } else if (working === total && (mail || api || room)) {
    findings.push({
      isRefused: false,
      text: `while all ${working} functions of the queues work, none of the account's ${total} executions is left for pages and API, which answer with 503 then: set concurrency lower, or ${askForMore}`,
    })
  }
  return findings
}
