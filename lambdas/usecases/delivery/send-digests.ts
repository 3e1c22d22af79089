/** Mails waiting digests: at most one a day for each reader. */
import { type Fault, fault } from '../../domain/core/fault.ts'
import type { Scheduled } from '../../domain/core/place/due.ts'
import type { SubjectCode } from '../../domain/core/place/territory.ts'
import { plural } from '../../domain/core/text/plural.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { parsePeriod } from '../../domain/core/time/period.ts'
import { type Delivery, type DeliveryKey, deliveryId, nextStep } from '../../domain/delivery/delivery.ts'
import { digestDay, digestName, digestOrder, expectedBy, isDigestDue } from '../../domain/delivery/digest.ts'
import { mayReceive, withheldFor } from '../../domain/delivery/may-receive.ts'
import { editionFor, type Recipient } from '../../domain/delivery/recipient.ts'
import type { Report } from '../../domain/page/page.ts'
import { editionOf, reportId } from '../../domain/report/manifest.ts'
import { pauseFor } from '../../domain/report/schedule.ts'
import type { Mailer } from '../../mail/mailer.ts'
import type { OutgoingMail } from '../../mail/mime.ts'
import { newToken, tokenHash } from '../../store/delivery/tokens.ts'
import { versionInForce, type VersionEntry } from '../../store/reports/reports.ts'
import { readVersion } from '../archive/read-version.ts'
import { UnfinishedError } from '../unfinished.ts'
import { asInOutbox, attempt, lose } from './attempt.ts'
import { awaitsApproval, keyOf, linkUntil } from './deliver-report.ts'
import { type DeliveryServices, deliverableOf, reached } from './mailing.ts'

export type DigestPart = {
  readonly delivery: Delivery
  readonly report: Report
  readonly content: 'findings' | 'nothing'
  readonly read: string
}

export type DigestToWrite = {
  readonly name: string
  readonly recipient: Recipient
  readonly parts: readonly [DigestPart, ...DigestPart[]]
  readonly late: readonly { readonly subject: SubjectCode; readonly period: string }[]
  readonly paused: DigestToWrite['late']
  readonly unsubscribe: string
}

export type DigestMailing = {
  readonly mailer: Mailer
  writeDigest(digest: DigestToWrite): Promise<OutgoingMail>
  readonly site: string
}

export type DigestSummary = { readonly sent: number; readonly reports: number; readonly waiting: number }

type DigestRequest = {
  readonly scheduled: Scheduled
  /** Periods whose reports are all made, so that their digest may leave before the national edition's hour. */
  readonly complete?: ReadonlySet<string>
  readonly outOfTime?: AbortSignal | undefined
}

/**
 * Sends due digests. Safe to repeat: no reader is mailed twice.
 * @throws Error once all others are done; UnfinishedError
 */
export const sendDigests = async (
  { scheduled, complete = new Set(), outOfTime }: DigestRequest,
  services: DeliveryServices,
  mailing: DigestMailing,
): Promise<DigestSummary> => {
  const reports: Run['reports'] = new Map()
  const run = { scheduled, complete, reports }
  const counts = { sent: 0, reports: 0, waiting: 0 }
  const failed: string[] = []
  for (const [reader, keys] of await services.digests.waiting()) {
    if (outOfTime?.aborted) {
      if (counts.sent > 0) throw new UnfinishedError(`${plural(counts.sent, 'digest')} sent`)
      failed.push('the time is over')
      break
    }
    try {
      const sent = await sendOne(reader, keys, run, services, mailing)
      if (sent === 'later') counts.waiting += 1
      else if (sent > 0) {
        counts.sent += 1
        counts.reports += sent
      }
    } catch (error) {
      const reason = messageOf(error)
      services.log(`the digest of ${reader} waits: ${reason}`)
      failed.push(reason)
    }
  }
  if (failed.length > 0) {
    throw new Error(`not sent yet: ${plural(failed.length, 'digest')}: ${[...new Set(failed)].slice(0, 3).join('; ')}`)
  }
  return counts
}

type Run = Required<Pick<DigestRequest, 'scheduled' | 'complete'>> & {
  /** Cache of archived reports. Which versions are in force is read for each reader. */
  readonly reports: Map<string, Promise<Report>>
}

/** @returns the number of reports sent; *later* if a digest left that day or another run is at work */
const sendOne = async (
  reader: string,
  keys: readonly DeliveryKey[],
  run: Run,
  services: DeliveryServices,
  mailing: DigestMailing,
): Promise<number | 'later'> => {
  const { clock, digests, recipients, tokens } = services
  const now = clock()
  const id = { recipient: reader, day: digestDay(now) }
  const due = keys.filter((key) => run.complete.has(key.period) || isDigestDue(key, now))
  const open = await openOnes(due, services, mailing)
  if (open.length === 0) return 0
  if (await digests.of(id)) return 'later'
  const recipient = await recipients.get(reader)
  const versions = versionsNow(run.reports, services)
  const decided = await decide(open, recipient, versions, services)
  const [first, ...more] = decided.map((one) => ({ ...one, token: newToken() }))
  if (!first || !recipient) return 0
  const leave = newToken()
  const until = linkUntil(now)
  const all = [first, ...more]
  for (const { delivery, token } of all) await tokens.grant(token, { kind: 'read', delivery: keyOf(delivery) }, until)
  await tokens.grant(leave, { kind: 'unsubscribe', recipient: reader }, until)
  const partOf = ({ token, ...part }: typeof first): DigestPart => ({ ...part, read: `${mailing.site}/r/${token}` })
  const mail = await mailing.writeDigest({
    name: digestName(id),
    recipient,
    parts: [partOf(first), ...more.map(partOf)],
    ...(await notMadeFor(
      recipient,
      all.map(({ delivery }) => delivery),
      run.scheduled,
      versions,
      services,
    )),
    unsubscribe: `${mailing.site}/unsubscribe/${leave}`,
  })
  const carried = all.map(({ delivery, token }) => ({
    delivery,
    recorded: { form: 'link' as const, linkHash: tokenHash(token) },
  }))
  const what = { mail, name: digestName(id), carried }
  const came = await attempt(what, services, mailing.mailer, () =>
    digests.begin(
      id,
      all.map(({ delivery }) => delivery),
      now,
    ),
  )
  if (came === 'again') await digests.drop(id)
  if (came === 'busy' || came === 'again') return 'later'
  for (const { delivery } of all) await digests.settled(delivery)
  return came === 'sent' ? all.length : 0
}

const openOnes = async (
  keys: readonly DeliveryKey[],
  services: DeliveryServices,
  { mailer }: Pick<DigestMailing, 'mailer'>,
): Promise<readonly Delivery[]> => {
  const open: Delivery[] = []
  for (const key of keys) {
    const stored = await services.deliveries.get(key)
    if (!stored) continue
    const delivery = await asInOutbox(stored, services, mailer)
    const step = nextStep(delivery, services.clock().toISOString())
    if (step === 'lost') await lose(delivery, fault('delivery.senderStopped'), services)
    if (step === 'send' && delivery.by === 'digest') open.push(delivery)
    else if (step !== 'wait') await services.digests.settled(key)
  }
  return open
}

type Decided = Omit<DigestPart, 'read'>

const decide = async (
  open: readonly Delivery[],
  recipient: Recipient | undefined,
  versions: Versions,
  services: DeliveryServices,
): Promise<readonly Decided[]> => {
  const decided: Decided[] = []
  for (const delivery of await newestOf(open, versions, services)) {
    const version = await versions.read(delivery)
    if (version === 'unreadable') continue
    const permission = version
      ? mayReceive(
          deliverableOf({ ...version, awaitsApproval: await awaitsApproval(version.entry, services) }),
          recipient,
          services.organisation.mail?.fullUpTo,
        )
      : ({ may: false, why: 'not published' } as const)
    if (version && permission.may) decided.push({ delivery, report: version.report, content: permission.content })
    else if (!permission.may) await withhold(delivery, withheldFor(permission.why), services)
  }
  return decided.sort((one, other) => digestOrder(one.delivery, other.delivery))
}

/** Substitutes the version in force for one that was replaced before its digest left. */
const newestOf = async (
  open: readonly Delivery[],
  versions: Versions,
  services: DeliveryServices,
): Promise<readonly Delivery[]> => {
  const found = new Map<string, Delivery>()
  for (const delivery of open) {
    const newest = await versions.newest(delivery)
    let current: Delivery | undefined = delivery
    if (newest !== undefined && newest > delivery.version) {
      current = await takeOver(delivery, newest, services)
      await withhold(delivery, fault('delivery.replaced', { version: newest }), services)
    }
    if (current?.state === 'PENDING') found.set(deliveryId(current), current)
  }
  return [...found.values()]
}

const takeOver = async (
  { linkHash: _, leaseUntil: __, reason: ___, ...delivery }: Delivery,
  version: number,
  { deliveries, digests, clock }: DeliveryServices,
): Promise<Delivery | undefined> => {
  const now = clock()
  const next: Delivery = { ...delivery, version, turn: 1, attempts: 0, at: now.toISOString() }
  await digests.wait(next, now)
  return (await deliveries.create(next)) ? next : deliveries.get(next)
}

const withhold = async (delivery: Delivery, reason: Fault, services: DeliveryServices): Promise<void> => {
  await services.deliveries.change(delivery, { state: 'WITHHELD', reason, at: services.clock().toISOString() })
  await services.digests.settled(delivery)
}

/** Names missing reports once, in the period's first digest. */
const notMadeFor = async (
  recipient: Recipient,
  parts: readonly Delivery[],
  scheduled: Scheduled,
  versions: Versions,
  { deliveries, schedules }: DeliveryServices,
): Promise<Pick<DigestToWrite, 'late' | 'paused'>> => {
  const settings = await schedules.all()
  const periods = new Set(parts.flatMap(({ period, corrects }) => (corrects === undefined ? [period] : [])))
  const [late, paused]: [DigestToWrite['late'][number][], DigestToWrite['late'][number][]] = [[], []]
  for (const period of periods) {
    const expected = expectedBy(recipient, period, scheduled)
    const entriesBySubject = await Promise.all(
      expected.map(async (subject) => {
        const entries = await deliveries.about(subject, period, editionFor(recipient))
        return { subject, entries: entries.filter((one) => one.recipient === recipient.id) }
      }),
    )
    if (entriesBySubject.some(({ entries }) => entries.some(({ state }) => reached.has(state)))) continue
    for (const { subject, entries } of entriesBySubject) {
      if (entries.length > 0 || (await versions.isMade(subject, period, recipient))) continue
      const pause = pauseFor(settings, { subject, period: parsePeriod(period) })
      ;(pause ? paused : late).push({ subject, period })
    }
  }
  return { late, paused }
}

type Versions = {
  newest(key: DeliveryKey): Promise<number | undefined>
  read(key: DeliveryKey): Promise<{ readonly entry: VersionEntry; readonly report: Report } | 'unreadable' | undefined>
  isMade(territory: SubjectCode, period: string, recipient: Recipient): Promise<boolean>
}

const versionsNow = (
  reports: Run['reports'],
  services: Pick<DeliveryServices, 'archive' | 'log' | 'reports'>,
): Versions => {
  const lists = new Map<string, Promise<readonly VersionEntry[]>>()
  const readLiveVersions = async (key: Pick<DeliveryKey, 'territory' | 'period' | 'cap'>) => {
    const name = [key.territory, key.period, key.cap].join(' ')
    const list = lists.get(name) ?? services.reports.versions(editionOf(key))
    lists.set(name, list)
    return (await list).filter(({ state, recalled }) => state === 'published' && !recalled)
  }
  return {
    newest: async (key) => versionInForce(await readLiveVersions(key))?.version,
    read: async (key) => {
      const entry = (await readLiveVersions(key)).find(({ version }) => version === key.version)
      if (!entry) return undefined
      const name = reportId(editionOf(key), key.version)
      const report = reports.get(name) ?? readVersion(entry, services).then((read) => read.report)
      reports.set(name, report)
      try {
        return { entry, report: await report }
      } catch (error) {
        services.log(`${deliveryId(key)} waits: ${messageOf(error)}`)
        return 'unreadable'
      }
    },
    isMade: async (territory, period, recipient) =>
      (await readLiveVersions({ territory, period, cap: editionFor(recipient) })).length > 0,
  }
}
