/** Mails a version to its permitted readers, each independently of failures for others. */

import { asFault, fault, messageOfFault } from '../../domain/core/fault.ts'
import { fitsUnder } from '../../domain/core/marking.ts'
import { isFlashCode } from '../../domain/core/place/territory.ts'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import { plural } from '../../domain/core/text/plural.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import {
  type Delivery,
  type DeliveryKey,
  type DeliveryState,
  deliveryId,
  nextStep,
} from '../../domain/delivery/delivery.ts'
import { waitsForDigest } from '../../domain/delivery/digest.ts'
import { isConcerned, mayReceive, withheldFor } from '../../domain/delivery/may-receive.ts'
import { isSameForReaders } from '../../domain/delivery/news.ts'
import { editionFor, maxMarkingMailed, recipientSchema } from '../../domain/delivery/recipient.ts'
import { archiveKey, editionOf, reportId } from '../../domain/report/manifest.ts'
import { type DeliveryMessage, readersPerMessage } from '../../domain/report/messages.ts'
import { newToken, tokenHash } from '../../store/delivery/tokens.ts'
import { versionInForce, type VersionEntry } from '../../store/reports/reports.ts'
import { readVersion } from '../archive/read-version.ts'
import type { Services } from '../services.ts'
import { UnfinishedError } from '../unfinished.ts'
import { asInOutbox, attempt, lose } from './attempt.ts'
import { informOfRecall, isRecallDue } from './inform-of-recall.ts'
import {
  deliverableOf,
  type DeliveryServices,
  type Mailing,
  NoSuchVersionError,
  reached,
  type VersionFacts,
} from './mailing.ts'

export type DeliverySummary = { readonly [state in DeliveryState]: number }

const linkDays = 90

export const linkUntil = (now: Date): string => new Date(now.getTime() + linkDays * 86_400_000).toISOString()

type DeliveryRun = {
  readonly outOfTime?: AbortSignal
  /** Receives one message per hundred readers, if there are more; without it, all are mailed here. */
  handOver?(message: DeliveryMessage): Promise<void>
}

/**
 * Delivers a version. Safe to repeat: a mail that may have left is *UNKNOWN* and is not sent again.
 * @throws NoSuchVersionError; Error once all others are done; UnfinishedError
 */
export const deliverReport = async (
  message: DeliveryMessage,
  services: DeliveryServices,
  mailing: Mailing,
  { outOfTime, handOver }: DeliveryRun = {},
): Promise<DeliverySummary> => {
  if (message.to === 'recalled') {
    const due = (await entriesOf(message, services)).filter(isRecallDue)
    if (!(await isHandedOver(message, due, handOver))) await informOfRecall(message, due, services, mailing)
    return ledgerOf(message, services)
  }
  const entry = await versionOf(message, services)
  const { report } = await readVersion(entry, services)
  const facts = { entry, report, awaitsApproval: await awaitsApproval(entry, services) }
  for (const one of await entriesOf(message, services)) await asInOutbox(one, services, mailing.mailer)
  if (!message.recipients) await enqueue(message, facts, services, outOfTime)
  const mine = await letGo(await entriesOf(message, services), services)
  const due = mine.filter(isOpen)
  if (await isHandedOver(message, due, handOver)) return summaryOf(mine)
  const stayed = new Map<string, string>()
  for (const delivery of mine) {
    if (outOfTime?.aborted) break
    const step = waits(delivery) ? 'wait' : nextStep(delivery, services.clock().toISOString())
    if (step === 'lost') await lose(delivery, fault('delivery.senderStopped'), services)
    // Read again: the version may have been recalled while other mails were sent.
    else if (step === 'send') {
      const now = { ...facts, entry: await versionOf(message, services) }
      await send(delivery, now, services, mailing).catch((error: unknown) => {
        const reason = messageOf(error)
        services.log(`${deliveryId(delivery)} stays as it is: ${reason}`)
        stayed.set(delivery.recipient, reason.slice(0, 500))
      })
    }
  }
  const after = await entriesOf(message, services)
  const open = after.filter(isOpen)
  if (outOfTime?.aborted && open.length < due.length) throw new UnfinishedError(`${plural(open.length, 'mail')} left`)
  if (open.length > 0) {
    const at = services.clock().toISOString()
    for (const one of open) {
      const reason = stayed.get(one.recipient)
      // The ledger also records failures before the first attempt.
      if (one.state === 'PENDING' && reason !== undefined) await services.deliveries.change(one, { reason, at })
    }
    const reasons = [
      ...new Set(
        open.map(({ state, reason, recipient }) => messageOfFault(asFault(stayed.get(recipient) ?? reason ?? state))),
      ),
    ]
      .slice(0, 3)
      .join('; ')
    throw new Error(`not sent yet: ${open.length} of ${plural(after.length, 'mail')}: ${reasons}`)
  }
  return summaryOf(after)
}

const isHandedOver = async (
  message: DeliveryMessage,
  due: readonly Delivery[],
  handOver: DeliveryRun['handOver'],
): Promise<boolean> => {
  if (!handOver || due.length <= readersPerMessage) return false
  for (let at = 0; at < due.length; at += readersPerMessage) {
    const recipients = due.slice(at, at + readersPerMessage).map(({ recipient }) => recipient)
    await handOver({ ...message, recipients })
  }
  return true
}

/**
 * Mails deliveries separately if their reader no longer wants a digest.
 * @returns all deliveries in their new state
 */
const letGo = (mine: readonly Delivery[], services: DeliveryServices): Promise<readonly Delivery[]> =>
  Array.fromAsync(mine, async (one) => (waits(one) && (await letGoOne(one, services))) || one)

const letGoOne = async ({ by: _, ...single }: Delivery, services: DeliveryServices): Promise<Delivery | undefined> => {
  const recipient = await services.recipients.get(single.recipient)
  if (!recipient || waitsForDigest(recipient, single)) return undefined
  const changed = await services.deliveries.change(single, { at: services.clock().toISOString() })
  if (changed) await services.digests.settled(single)
  return changed
}

const isOpen = (one: Delivery): boolean => (one.state === 'PENDING' && !waits(one)) || one.state === 'SENDING'

const waits = ({ state, by }: Delivery): boolean => state === 'PENDING' && by === 'digest'

const versionOf = async (message: DeliveryMessage, { reports }: DeliveryServices): Promise<VersionEntry> => {
  const edition = editionOf(message)
  const versions = await reports.versions(edition)
  const found = versions.find(({ version }) => version === message.version)
  const current = versionInForce(versions)
  if (found?.reconstructed && current && current !== found) {
    throw new NoSuchVersionError(
      `${reportId(edition, message.version)} is of an earlier time than version ${current.version}, which is current: it is not mailed`,
    )
  }
  if (found?.state === 'published') return found
  throw new NoSuchVersionError(
    `${reportId(edition, message.version)} is ${found ? found.state : 'not there'}: nothing is delivered of it`,
  )
}

/**
 * A note, even one that the edition does not show, approves the content of the newest version at that time, or of the
 * first one. Content is what a CLEAR edition claims, which only a CLEAR note approves, else figures and level. A flash
 * note needs approval for each version.
 */
export const awaitsApproval = async (
  entry: Pick<VersionEntry, 'territory' | 'period' | 'cap' | 'approved' | 'published'>,
  services: Pick<Services, 'organisation' | 'notes' | 'reports'>,
): Promise<boolean> => {
  const { territory, period, cap, approved, published } = entry
  if (isFlashCode(territory)) return approved === undefined
  const { noteBeforeDelivery = false, approvalOfClear = true } = services.organisation
  const isClaiming = approvalOfClear && cap === 'TLP:CLEAR' && published?.claims !== undefined
  if ((!noteBeforeDelivery && !isClaiming) || !fitsUnder(cap, maxMarkingMailed)) return false
  const contentOf = (one = published) =>
    isClaiming ? one?.claims : canonicalJson({ totals: one?.totals ?? null, level: one?.level ?? null })
  const approving = (await services.notes.about(territory, period)).filter(
    ({ approves, marking }) => approves && (!isClaiming || marking === 'TLP:CLEAR'),
  )
  if (approving.length === 0) return true
  const all = published ? await services.reports.versions(editionOf(entry)) : []
  const versions = all.filter((one) => one.published && !one.reconstructed)
  const shownAt = (at: string) => (versions.findLast(({ asOf }) => asOf <= at) ?? versions[0])?.published
  return !approving.some(({ writtenAt }) => contentOf(shownAt(writtenAt)) === contentOf())
}

export const ledgerOf = async (message: DeliveryMessage, services: Pick<Services, 'deliveries'>) =>
  summaryOf(await entriesOf(message, services))

const entriesOf = async (
  { territory, period, cap, version, recipients }: DeliveryMessage,
  { deliveries }: Pick<Services, 'deliveries'>,
): Promise<readonly Delivery[]> => {
  if (!recipients) return (await deliveries.about(territory, period, cap)).filter((one) => one.version === version)
  const entry = (recipient: string) => deliveries.get({ territory, period, cap, version, recipient })
  return (await Array.fromAsync(recipients, entry)).filter((one) => one !== undefined)
}

/** Keeps existing entries, but releases a withheld one that is now permitted. */
const enqueue = async (
  message: DeliveryMessage,
  facts: VersionFacts,
  services: DeliveryServices,
  outOfTime?: AbortSignal,
): Promise<void> => {
  const { deliveries, recipients, clock } = services
  const { territory, period, cap, version } = message
  const known = Map.groupBy(await deliveries.about(territory, period, cap), ({ recipient }) => recipient)
  const deliverable = deliverableOf(facts, clock().toISOString())
  const isNews = newsAfter(message, facts, services)
  for await (const stored of recipients.all()) {
    const read = recipientSchema.safeParse(stored)
    if (!read.success) {
      services.log(`recipient ${stored.id} is passed over: what is stored of it cannot be read`)
      continue
    }
    const recipient = read.data
    if (editionFor(recipient) !== cap) continue
    const its = known.get(recipient.id) ?? []
    const before = its.findLast((one) => one.version < version && reached.has(one.state))
    if (message.to === 'corrected' && !before) continue
    if (!isConcerned(deliverable, recipient)) continue
    if (before && !(await isNews(before.version))) continue
    const decided = mayReceive(deliverable, recipient)
    const state = decided.may
      ? ({ state: 'PENDING' } as const)
      : ({ state: 'WITHHELD', reason: withheldFor(decided.why) } as const)
    const at = clock().toISOString()
    const kept = its.find((one) => one.version === version)
    if (kept?.state === 'WITHHELD' && decided.may) {
      const { reason: _, ...open } = kept
      await deliveries.change(open, { ...state, at })
    }
    const key: DeliveryKey = { territory, period, cap, version, recipient: recipient.id }
    const corrects = before && { corrects: before.version }
    const by = waitsForDigest(recipient, key) && ({ by: 'digest' } as const)
    // Queued first: an unqueued delivery would wait forever.
    if (decided.may && by && (!kept || mayWait(kept))) await services.digests.wait(key, clock())
    if (kept) continue
    await deliveries.create({ ...key, ...state, ...corrects, ...by, turn: 1, attempts: 0, at })
    if (outOfTime?.aborted) throw new UnfinishedError('some readers have no entry in the ledger yet')
  }
}

/**
 * Whether a version differs from an earlier one. Always true after a recalled version; for a flash note an analyst
 * decides.
 */
const newsAfter = (
  message: DeliveryMessage,
  { report }: VersionFacts,
  services: DeliveryServices,
): ((version: number) => Promise<boolean>) => {
  const known = new Map<number, Promise<boolean>>()
  const look = async (version: number): Promise<boolean> => {
    const versions = await services.reports.versions(editionOf(message))
    const before = versions.find((one) => one.version === version)
    if (before?.state !== 'published' || before.recalled || isFlashCode(message.territory)) return true
    return !isSameForReaders((await readVersion(before, services)).report, report)
  }
  return (version) => {
    const asked = known.get(version) ?? look(version)
    known.set(version, asked)
    return asked
  }
}

const mayWait = ({ state, by }: Delivery): boolean => by === 'digest' && (state === 'PENDING' || state === 'WITHHELD')

const send = async (
  pending: Delivery,
  facts: VersionFacts,
  services: DeliveryServices,
  mailing: Mailing,
): Promise<void> => {
  const { archive, clock, deliveries, recipients, tokens } = services
  const now = clock()
  const at = now.toISOString()
  const recipient = await recipients.get(pending.recipient)
  const decided = mayReceive(deliverableOf(facts, at), recipient, services.organisation.mail?.fullUpTo)
  if (!decided.may || !recipient) {
    const reason = withheldFor(decided.may ? 'unknown recipient' : decided.why)
    await deliveries.change(pending, { state: 'WITHHELD', reason, at })
    return
  }
  const [readToken, leaveToken] = [newToken(), newToken()]
  const edition = editionOf(pending)
  const written = await mailing.write({
    delivery: pending,
    recipient,
    report: facts.report,
    content: decided.content,
    form: decided.form,
    links: { read: `${mailing.site}/r/${readToken}`, unsubscribe: `${mailing.site}/unsubscribe/${leaveToken}` },
    file: (name) => archive.get(archiveKey(edition, pending.version, name)),
  })
  // Granted before the lease: a crash here certainly sent nothing.
  const until = linkUntil(now)
  await tokens.grant(readToken, { kind: 'read', delivery: keyOf(pending) }, until)
  await tokens.grant(leaveToken, { kind: 'unsubscribe', recipient: recipient.id }, until)
  await attempt(
    {
      mail: written.mail,
      name: deliveryId(pending),
      carried: [{ delivery: pending, recorded: { form: written.form, linkHash: tokenHash(readToken) } }],
    },
    services,
    mailing.mailer,
  )
}

export const keyOf = ({ territory, period, cap, version, recipient }: DeliveryKey): DeliveryKey => ({
  territory,
  period,
  cap,
  version,
  recipient,
})

const summaryOf = (deliveries: readonly Delivery[]): DeliverySummary => {
  const count = (state: DeliveryState) => deliveries.filter((one) => one.state === state).length
  return {
    PENDING: count('PENDING'),
    SENDING: count('SENDING'),
    SENT: count('SENT'),
    FAILED: count('FAILED'),
    WITHHELD: count('WITHHELD'),
    UNKNOWN: count('UNKNOWN'),
  }
}
