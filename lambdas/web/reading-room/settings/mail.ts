import { type Caller, mayDo, mayReadEdition } from '../../../domain/access/caller.ts'
import { asFault } from '../../../domain/core/fault.ts'
import { subjectOf, territories, territoryOf } from '../../../domain/core/place/territory.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { deliveryKeyIn, isInOutbox } from '../../../domain/delivery/delivery.ts'
import type { ListedDelivery } from '../../../usecases/delivery/manage-deliveries.ts'
import { reasonIn } from '../frame/fault-text.ts'
import { periodName, sizeOf } from '../frame/names.ts'
import { chipOf, choices, field, timeIn, type Visit } from '../frame/pages.ts'
import { editionHref } from '../frame/paths.ts'

type MailName = { readonly name: string; readonly at: string }

type Letter = {
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly text: string
  readonly attachments: readonly { readonly name: string; readonly bytes: number }[]
}

export type Mailbox = {
  /** Newest first. */
  list(): Promise<readonly MailName[]>
  read(name: string): Promise<Letter | undefined>
}

/** Mails whose names do not have an edition. */
const kinds = ['code', 'confirm', 'digest'] as const

/** Allows callers that may create reports to read mails on readable editions. */
export const mayReadMail = (caller: Caller, name: string): boolean => {
  if (!mayDo(caller, 'reports:create')) return false
  const delivery = deliveryKeyIn(name)
  // Codes, confirmations and digests name no territory: they need full access.
  if (!delivery) return caller.clearance === 'TLP:RED' && caller.territories.length === territories.length
  return mayReadEdition(caller, delivery)
}

export const mailValue = (
  visit: Visit,
  territory: string,
  wrong: boolean,
  deliveries: readonly ListedDelivery[],
  mails: readonly MailName[],
  pager: { readonly first: boolean; readonly next: string | undefined },
) => {
  const { words, caller, href } = visit
  const own = caller.territories
  const others = mails.filter(({ name }) => deliveryKeyIn(name) === undefined && mayReadMail(caller, name))
  return {
    filters: {
      action: '/room/mail',
      fields: [
        field('territory', words.say('room.field.territory'), {
          choices: choices(
            own,
            (code) => territoryOf(code).name[words.language],
            territory,
            words.say('room.field.all'),
          ),
          wrong: wrong ? words.say('room.field.wrong') : '',
        }),
      ],
    },
    deliveries: deliveries.map((delivery) => deliveryRow(visit, delivery, mails)),
    others: others.map(({ name, at }) => ({
      href: href(`/room/mail/${encodeURIComponent(name)}`),
      name,
      kind: words.say(`room.mail.${kinds.find((kind) => name.startsWith(`${kind}.`)) ?? 'mail'}`),
      at: timeIn(Date.parse(at), visit.clock, words),
    })),
    pager: {
      first: pager.first ? '' : href('/room/mail', { territory }),
      next: pager.next ? href('/room/mail', { territory, cursor: pager.next }) : '',
    },
  }
}

/** Returns a delivery's mails; repeated mails have a number after the name. */
const mailsOf = (id: string, mails: readonly MailName[]): readonly MailName[] =>
  mails.filter(({ name }) => name === id || (name.startsWith(`${id}-`) && /^\d+$/.test(name.slice(id.length + 1))))

const deliveryRow = (visit: Visit, delivery: ListedDelivery, mails: readonly MailName[]) => {
  const { words, href } = visit
  const { territory, cap, version, state, reason, at, address } = delivery
  const period = parsePeriod(delivery.period)
  return {
    address: address ?? words.say('room.mail.gone'),
    territory: subjectOf(territory).name[words.language],
    period: periodName(period, words),
    href: editionHref(visit, { territory, period, cap }, version),
    chip: chipOf(cap),
    version: words.say('room.version', { version }),
    state: words.say(isInOutbox(delivery) ? 'room.delivery.written' : `room.delivery.${state}`),
    alert: state === 'FAILED' || state === 'UNKNOWN',
    reason: reason ? reasonIn(words, asFault(reason)) : null,
    at: timeIn(Date.parse(at), visit.clock, words),
    mails: mailsOf(delivery.id, mails).map(({ name }) => ({
      href: href(`/room/mail/${encodeURIComponent(name)}`),
      label: words.say('room.mail.open'),
      about: address ?? name,
    })),
  }
}

const shownHeaders: readonly string[] = ['from', 'to', 'subject', 'date', 'message-id']

export const letterValue = ({ words, href }: Visit, name: string, letter: Letter) => ({
  name,
  bounds: letter.headers
    .filter((header) => shownHeaders.includes(header.name.toLowerCase()))
    .map((header) => ({ label: header.name, text: header.value })),
  attachments: letter.attachments.map((attachment) => ({
    name: attachment.name || words.say('room.mail.nameless'),
    size: sizeOf(attachment.bytes, words),
  })),
  text: letter.text,
  back: { href: href('/room/mail'), label: words.say('room.mail.back') },
})
