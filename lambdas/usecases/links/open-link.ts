import { randomInt } from 'node:crypto'
import type { SignedFiles } from '../../archive/signed-urls.s3.ts'
import type { Language } from '../../domain/core/language/languages.ts'
import { fitsUnder, type Marking } from '../../domain/core/marking.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { type DeliveryKey, deliveryId } from '../../domain/delivery/delivery.ts'
import { mayReceive, type Refusal } from '../../domain/delivery/may-receive.ts'
import { type Code, codeIn, nextCode, triedCode } from '../../domain/delivery/one-time-code.ts'
import type { Recipient } from '../../domain/delivery/recipient.ts'
import { editionOf, type Manifest, reportId } from '../../domain/report/manifest.ts'
import { type Mailer, MailRefusedError } from '../../mail/mailer.ts'
import { codeMail } from '../../mail/short-mail.ts'
import { codeHash } from '../../store/delivery/tokens.ts'
import { versionInForce, type VersionEntry } from '../../store/reports/reports.ts'
import { openFile } from '../archive/open-file.ts'
import { readVersion } from '../archive/read-version.ts'
import { awaitsApproval } from '../delivery/deliver-report.ts'
import { deliverableOf } from '../delivery/mailing.ts'
import type { Log } from '../log.ts'
import type { Services } from '../services.ts'

export type LinkServices = Pick<
  Services,
  'reports' | 'notes' | 'archive' | 'recipients' | 'deliveries' | 'tokens' | 'organisation' | 'clock'
>

export type LinkParts = {
  readonly mailer: Mailer
  readonly from: string
  readonly files: SignedFiles
  readonly log: Log
}

/** What a page may show before the report is opened: no more than the mail's subject. */
export type LinkedReport = {
  readonly territory: string
  readonly kind: string
  readonly period: string
  readonly documentTitle: string
  readonly head: string
  readonly version: number
  /** The current version, if later. */
  readonly newer: number | undefined
  readonly marking: Marking
  readonly asksForCode: boolean
}

export type ShutLink = { readonly kind: 'shut'; readonly language: Language; readonly report: LinkedReport }

export type DeadLink =
  /** Never existed or expired; the answer does not reveal which. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'refused'
      readonly language: Language | undefined
      readonly why: Refusal | 'too many wrong codes'
    }

export type CodeState =
  | { readonly is: 'sent' | 'over' | 'used' | 'malformed' | 'unsent' }
  | { readonly is: 'wrong'; readonly left: number }
  /** `from`: ISO instant from which another code may be requested. */
  | { readonly is: 'too many'; readonly from: string; readonly now: string }

export type OpenedLink =
  | DeadLink
  | { readonly kind: 'opened'; readonly url: string }
  | (Omit<ShutLink, 'kind'> & { readonly kind: 'code'; readonly code: CodeState })
  /** No code is needed, and no file was named. */
  | (Omit<ShutLink, 'kind'> & { readonly kind: 'unnamed' })

export type LinkWish = {
  readonly file?: 'html' | 'pdf' | undefined
  /** As typed; undefined to request one. */
  readonly code?: string | undefined
}

const maxMarkingWithoutCode: Marking = 'TLP:GREEN'

/** Reads only: mail programs follow links automatically. */
export const inspectLink = async (token: string, services: LinkServices): Promise<DeadLink | ShutLink> => {
  const found = await findLink(token, services)
  return found.kind === 'shut' ? { kind: 'shut', language: found.language, report: found.report } : found
}

/** Checks the reader's permission again. */
export const openLink = async (
  token: string,
  wish: LinkWish,
  services: LinkServices,
  parts: LinkParts,
): Promise<OpenedLink> => {
  const found = await findLink(token, services)
  if (found.kind === 'refused') parts.log('link refused', { ...factsOf(found.delivery), why: found.why })
  if (found.kind !== 'shut') return found
  const { language, report } = found
  const answer = (code: CodeState): OpenedLink => ({ kind: 'code', language, report, code })
  const givenUp = (): OpenedLink => {
    parts.log('link refused', { ...factsOf(found.delivery), why: 'too many wrong codes' })
    return { kind: 'refused', language, why: 'too many wrong codes' }
  }
  if (report.asksForCode) {
    if (wish.code === undefined) {
      const sent = await sendCode(token, found, services, parts)
      return sent === 'given up' ? givenUp() : answer(sent)
    }
    const code = codeIn(wish.code)
    if (code === undefined) return answer({ is: 'malformed' })
    if (!wish.file) return { kind: 'unnamed', language, report } // before the code is used up
    const tried = await tryCode(token, code, services)
    if (tried.is !== 'right') {
      parts.log('code refused', { ...factsOf(found.delivery), code: tried.is })
      return answer(tried)
    }
  }
  const { file } = wish
  if (!file) return { kind: 'unnamed', language, report }
  const name = `report.${language}.${file}`
  const reader = { ...factsOf(found.delivery), at: services.clock().toISOString() }
  const url = await openFile(found, name, reader, { ...parts, archive: services.archive })
  if (url !== undefined) return { kind: 'opened', url }
  const id = reportId(editionOf(found.entry), found.entry.version)
  throw new Error(`${id} has no file ${name}: vigie archive verify shows what is missing`)
}

type Found = ShutLink & {
  readonly delivery: DeliveryKey
  readonly recipient: Recipient
  readonly entry: VersionEntry
  readonly manifest: Manifest
}

const findLink = async (
  token: string,
  services: LinkServices,
): Promise<Found | { kind: 'unknown' } | (DeadLink & { kind: 'refused'; delivery: DeliveryKey })> => {
  const { tokens, deliveries, recipients, reports, clock } = services
  const grant = isToken(token) ? await tokens.open(token, clock().toISOString()) : undefined
  if (grant?.kind !== 'read') return { kind: 'unknown' }
  const { delivery } = grant
  const [inLedger, recipient, versions] = await Promise.all([
    deliveries.get(delivery),
    recipients.get(delivery.recipient),
    reports.versions(editionOf(delivery)),
  ])
  const entry = versions.find(({ version }) => version === delivery.version)
  if (!inLedger || !entry) return { kind: 'unknown' }
  const refused = (why: Refusal) => ({ kind: 'refused', language: recipient?.language, why, delivery }) as const
  if (entry.state !== 'published') return refused('not published')
  const { report, manifest } = await readVersion(entry, services)
  const facts = { entry, report, awaitsApproval: await awaitsApproval(entry, services) }
  const decided = mayReceive(deliverableOf(facts), recipient)
  if (!decided.may || !recipient) return refused(decided.may ? 'unknown recipient' : decided.why)
  const { language } = recipient
  const { marking } = report
  const page = report.pages[language]
  return {
    kind: 'shut',
    language,
    report: {
      territory: page.territory,
      kind: page.kind,
      period: page.period,
      documentTitle: page.documentTitle,
      head: page.running.head,
      version: entry.version,
      newer: newerOf(versions, entry),
      marking,
      asksForCode:
        !fitsUnder(entry.published?.marking ?? 'TLP:RED', maxMarkingWithoutCode) ||
        !fitsUnder(marking, maxMarkingWithoutCode),
    },
    delivery,
    recipient,
    entry,
    manifest,
  }
}

const newerOf = (versions: readonly VersionEntry[], { version }: VersionEntry): number | undefined => {
  const current = versionInForce(versions)?.version
  return current !== undefined && current > version ? current : undefined
}

/** 256 bits in hexadecimal; avoids table reads for anything else. */
export const isToken = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

const factsOf = (delivery: DeliveryKey) => ({ delivery: deliveryId(delivery), recipient: delivery.recipient })

/** Stored before mailing, so that concurrent requests all count against the hourly limit. */
const sendCode = async (
  token: string,
  found: Found,
  services: LinkServices,
  { mailer, from, log }: LinkParts,
): Promise<CodeState | 'given up'> => {
  const { tokens, clock, organisation } = services
  const digits = String(randomInt(1_000_000)).padStart(6, '0')
  for (;;) {
    const seen = await tokens.code(token)
    const next = nextCode(seen, codeHash(token, digits), clock())
    if (!next.may) {
      if (next.why === 'on its way') return { is: 'sent' }
      log('code not sent', { ...factsOf(found.delivery), why: next.why })
      if (next.why === 'given up') return 'given up'
      return { is: 'too many', from: next.from, now: clock().toISOString() }
    }
    if (!(await tokens.setCode(token, seen, next.code))) continue
    const { mail, id } = await codeMail({
      to: found.recipient,
      from,
      digits,
      about: found.report,
      contact: organisation.contact,
      date: clock(),
    })
    try {
      await mailer.send(mail, id)
    } catch (error) {
      const reason = messageOf(error)
      log('code not sent', { ...factsOf(found.delivery), why: reason })
      // Certainly not sent, so it does not count against the hourly limit.
      const counts = !(error instanceof MailRefusedError)
      await tokens.setCode(token, next.code, unsent(next.code, counts))
      return { is: 'unsent' }
    }
    log('code sent', factsOf(found.delivery))
    return { is: 'sent' }
  }
}

const unsent = (code: Code, counts: boolean): Code => ({
  ...code,
  used: true,
  askedAt: counts ? code.askedAt : code.askedAt.slice(0, -1),
})

/** Records a try before comparing, so that concurrent requests get at most five answers. */
const tryCode = async (
  token: string,
  digits: string,
  { tokens, clock }: LinkServices,
): Promise<
  { readonly is: 'right' } | { readonly is: 'over' | 'used' } | { readonly is: 'wrong'; readonly left: number }
> => {
  for (;;) {
    const seen = await tokens.code(token)
    const tried = triedCode(seen, codeHash(token, digits), clock())
    if (tried.kind === 'over' || tried.kind === 'used') return { is: tried.kind }
    if (!(await tokens.setCode(token, seen, tried.code))) continue
    if (tried.kind === 'right') return { is: 'right' }
    return tried.left === 0 ? { is: 'over' } : { is: 'wrong', left: tried.left }
  }
}
