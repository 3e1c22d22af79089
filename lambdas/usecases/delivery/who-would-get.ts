/** Shows who would get a week's report and why not, within what the caller may know. */
import { type Caller, mayReadEdition, mayReadVersion } from '../../domain/access/caller.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { SubjectCode } from '../../domain/core/place/territory.ts'
import type { Period } from '../../domain/core/time/period.ts'
import type { Delivery } from '../../domain/delivery/delivery.ts'
import { mayKnowRecipient } from '../../domain/delivery/giving.ts'
import { type Deliverable, mayReceive, type Permission, supposedFor } from '../../domain/delivery/may-receive.ts'
import { editionFor, type Recipient, recipientSchema } from '../../domain/delivery/recipient.ts'
import { editionOf } from '../../domain/report/manifest.ts'
import { readableOf } from '../archive/browse-archive.ts'
import { readVersion } from '../archive/read-version.ts'
import type { Services } from '../services.ts'
import { awaitsApproval } from './deliver-report.ts'
import { deliverableOf } from './mailing.ts'

type ListServices = Pick<Services, 'recipients'>

export type WouldServices = Pick<Services, 'reports' | 'archive' | 'notes' | 'organisation'>

/** Returns the recipients that the caller may know, and the number of unreadable ones, who receive nothing. */
export const recipientsFor = async (
  caller: Caller,
  { recipients }: ListServices,
): Promise<{ readonly known: readonly Recipient[]; readonly unreadable: number }> => {
  const stored = await Array.fromAsync(recipients.all(), (one) => recipientSchema.safeParse(one).data)
  const known = stored.flatMap((one) => (one && mayKnowRecipient(caller, one) ? [one] : []))
  return {
    known: known.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other), 'fr')),
    unreadable: stored.filter((one) => one === undefined).length,
  }
}

export const recipientFor = async (
  id: string,
  caller: Caller,
  { recipients }: ListServices,
): Promise<Recipient | undefined> => {
  const stored = recipientSchema.safeParse(await recipients.get(id)).data
  return stored && mayKnowRecipient(caller, stored) ? stored : undefined
}

export const nameOf = ({ name, address }: Pick<Recipient, 'name' | 'address'>): string => name ?? address

export type Would = {
  readonly territory: SubjectCode
  readonly recipient: Recipient
  readonly cap: Marking
  readonly decided: Permission
  readonly version: { readonly number: number; readonly marking: Marking } | undefined
}

/** Decides by the newest version of each recipient's edition, or by a supposed version. */
export const whoWouldGet = async (
  { territory, week }: { readonly territory: SubjectCode; readonly week: Period },
  recipients: readonly Recipient[],
  caller: Caller,
  services: WouldServices,
): Promise<readonly Would[]> => {
  const editions = Map.groupBy(recipients, editionFor)
  const found = await Promise.all(
    [...editions].map(async ([cap, readers]) => {
      const isQuietAsked = readers.some(({ quiet }) => quiet === 'skip')
      const edition = { territory, period: week, cap }
      const awaits = await awaitsApproval({ territory, period: week.id, cap }, services)
      return [cap, { awaits, here: await newestOf(edition, isQuietAsked, caller, services) }] as const
    }),
  )
  const newestByCap = new Map(found)
  return recipients.map((recipient) => {
    const cap = editionFor(recipient)
    const { here, awaits = false } = newestByCap.get(cap) ?? {}
    const supposed = supposedFor(recipient, { territory, cadence: week.cadence, awaitsApproval: awaits })
    return {
      ...{ territory, recipient, cap },
      decided: mayReceive(here ? here.deliverable : supposed, recipient),
      version: here?.version,
    }
  })
}

type NewestOfEdition = {
  /** Undefined if its files are unreadable: then no reader may receive it. */
  readonly deliverable: Deliverable | undefined
  readonly version: NonNullable<Would['version']>
}

const newestOf = async (
  edition: Parameters<WouldServices['reports']['versions']>[0],
  isQuietAsked: boolean,
  caller: Caller,
  services: WouldServices,
): Promise<NewestOfEdition | undefined> => {
  // A version that the caller may not read must not influence the result.
  if (!mayReadEdition(caller, edition)) return undefined
  const entry = (await services.reports.versions(edition)).findLast(({ published, held }) => published ?? held)
  const kept = entry?.published ?? entry?.held
  if (!entry || !kept) return undefined
  const readable = { ...readableOf(entry), marking: kept.marking, state: 'published' as const }
  if (!mayReadVersion(caller, readable)) return undefined
  const version = { number: entry.version, marking: kept.marking }
  const awaits = await awaitsApproval(entry, services)
  // Only readers who skip quiet weeks require its content.
  if (!isQuietAsked || !entry.published || entry.recalled) {
    return { deliverable: deliverableOf({ entry, report: { quiet: false }, awaitsApproval: awaits }), version }
  }
  try {
    const { report } = await readVersion(entry, services)
    return { deliverable: deliverableOf({ entry, report, awaitsApproval: awaits }), version }
  } catch {
    // The others still show; `mayReceive` refuses an unreadable version.
    return { deliverable: undefined, version }
  }
}

export const mailedAbout = async (
  { territory, week }: { readonly territory: SubjectCode; readonly week: Period },
  { id }: Pick<Recipient, 'id'>,
  caller: Caller,
  { deliveries }: Pick<Services, 'deliveries'>,
): Promise<readonly Delivery[]> =>
  (await deliveries.about(territory, week.id)).filter(
    (one) => one.recipient === id && mayReadEdition(caller, editionOf(one)),
  )
