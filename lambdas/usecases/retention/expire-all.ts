import { firstKept } from '../../domain/plate/retention.ts'
import type { OrganisationLimits } from '../../domain/report/organisation.ts'
import { retentionIn } from '../../store/detections/retention.ts'
import type { Table } from '../../store/table/table.ts'
import { expireByRetention } from '../plates/expire-plates.ts'
import type { Services } from '../services.ts'

export type Expired = Awaited<ReturnType<typeof expireAll>>

/** Removes all data past its retention; a repeated call continues one that was cut off. */
export const expireAll = async ({ retention = {} }: OrganisationLimits, services: Services, table: Table) => {
  const { images: days, ...kinds } = retention
  const at = services.clock()
  const pictures = days === undefined ? undefined : await expireByRetention({ days, at }, services)
  const limits = Object.entries(kinds).map(([kind, kept = 0]) => [kind, firstKept(at, kept)] as const)
  return {
    /** With an end of their own: links of mails, rejects, requests. */
    expired: await services.forgetting.expire(at),
    ...(limits.length > 0 && (await retentionIn(table).remove(Object.fromEntries(limits)))),
    images: pictures && 'removed' in pictures ? pictures.removed.length : 0,
  }
}
