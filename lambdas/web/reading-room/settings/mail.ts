/** Mail in the reading room: what was mailed to whom and what became of it, and one mail as it lies in the outbox. */

import { type Caller, mayDo, mayReadEdition } from '../../../domain/access/caller.ts'
import { asFault } from '../../../domain/core/fault.ts'
import { subjectOf, territories, territoryOf } from '../../../domain/core/place/territory.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { deliveryKeyIn } from '../../../domain/delivery/delivery.ts'
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

/** Mails that lie on this machine. */
export type Mailbox = {
  /** The newest first. */
  list(): Promise<readonly MailName[]>
  /** Undefined where there is none of that name. */
  read(name: string): Promise<Letter | undefined>
}

/** Who reads whose mail: the watch team that may make reports, of what it may read itself. */
export const mayReadMail = (caller: Caller, name: string): boolean => {
  if (!mayDo(caller, 'reports:create')) return false
  const delivery = deliveryKeyIn(name)
  // A code or a question to confirm names no territory: who reads everything reads it too.
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
    lead: words.say('room.mail.lead'),
    filters: {
      title: words.say('room.filter'),
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
      button: words.say('room.filter.button'),
    },
    deliveries: {
      title: words.say('room.mail.deliveries'),
      head: {
        address: words.say('room.mail.address'),
        report: words.say('room.head.report'),
        state: words.say('room.mail.state'),
        at: words.say('room.mail.at'),
        mail: words.say('room.mail.mail'),
      },
      rows: deliveries.map((delivery) => deliveryRow(visit, delivery, mails)),
      none: words.say('room.mail.none'),
    },
    others: {
      title: words.say('room.mail.others'),
      rows: others.map(({ name, at }) => ({
        href: href(`/room/mail/${encodeURIComponent(name)}`),
        name,
        kind: words.say(name.startsWith('code.') ? 'room.mail.code' : 'room.mail.confirm'),
        at: timeIn(Date.parse(at), visit.clock, words),
      })),
    },
    pager: {
      label: words.say('room.pager'),
      first: pager.first ? null : { href: href('/room/mail', { territory }), label: words.say('room.pager.first') },
      next: pager.next
        ? { href: href('/room/mail', { territory, cursor: pager.next }), label: words.say('room.pager.next') }
        : null,
    },
  }
}

/** Mails of the outbox that answer to a delivery: one that is sent once more has a number behind its name. */
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
    state: words.say(`room.delivery.${state}`),
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

/** Headers that say something to a person; the others are for mail programs. */
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
  attached: words.say('room.mail.attached'),
  text: letter.text,
  textTitle: words.say('room.mail.text'),
  back: { href: href('/room/mail'), label: words.say('room.mail.back') },
})
