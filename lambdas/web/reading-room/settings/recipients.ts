/** Shows who gets reports and why: by report, and by recipient. */
import { type Caller, subjectsFor } from '../../../domain/access/caller.ts'
import type { Marking } from '../../../domain/core/marking.ts'
import { following } from '../../../domain/core/place/due.ts'
import { isGroup, isTerritoryCode, type SubjectCode, subjectOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { type Period, previous } from '../../../domain/core/time/period.ts'
import type { Delivery } from '../../../domain/delivery/delivery.ts'
import { mayChangeRecipient } from '../../../domain/delivery/giving.ts'
import type { Permission, Refusal } from '../../../domain/delivery/may-receive.ts'
import { namesEdition, type Recipient } from '../../../domain/delivery/recipient.ts'
import { nameOf, type Would } from '../../../usecases/delivery/who-would-get.ts'
import type { RoomKey, RoomWording } from '../../shared/wording.ts'
import { reasonIn } from '../frame/fault-text.ts'
import { periodName } from '../frame/names.ts'
import { chipOf, choices, field, periodFault, timeIn, type Visit } from '../frame/pages.ts'
import { editionHref, recipientPath } from '../frame/paths.ts'
import { settingText, stateText } from './recipient-form.ts'

export type AskedWeek = {
  readonly territory: SubjectCode
  readonly week: Period
  readonly typed: string
  readonly wrong: readonly string[]
}

type RecipientsShown = {
  readonly known: readonly Recipient[]
  readonly unreadable: number
  readonly would: readonly Would[]
}

export const recipientsValue = (visit: Visit, asked: AskedWeek, { known, unreadable, would }: RecipientsShown) => {
  const { words, href } = visit
  const { territory, week } = asked
  const about = aboutWords(territory, week, words)
  const getting = would.filter(({ decided }) => decided.may).length
  return {
    lead: words.say('room.recipients.lead', { count: known.length, active: known.filter(isActive).length }),
    add: { href: href('/room/recipients/new'), label: words.say('room.recipient.add') },
    list: {
      title: words.say('room.recipients.people', { count: known.length }),
      unreadable: unreadable > 0 ? words.say('room.recipients.unreadable', { count: unreadable }) : '',
      rows: known.map((one) => recipientRow(visit, one)),
    },
    would: {
      filters: weekFilters(visit, asked, '/room/recipients', true),
      weeks: weekLinks(visit, asked, '/room/recipients', { territory }),
      statement: known.length === 0 ? '' : words.say('room.would.count', { getting, all: would.length, about }),
      rows: would.map((one) => ({
        ...wouldRow(one, words),
        label: harmless(nameOf(one.recipient)),
        href: href(recipientPath(one.recipient), { week: week.id }),
        under: one.recipient.name === undefined ? '' : harmless(one.recipient.address),
      })),
    },
  }
}

const isActive = ({ state }: Recipient): boolean => state === 'active'

/** A stored reason has its time as an ISO instant. */
const reasonText = ({ words, clock }: Pick<Visit, 'words' | 'clock'>, { reason = '' }: Recipient): string => {
  const at = typeof reason === 'string' ? undefined : reason.values?.at
  if (typeof reason === 'string' || typeof at !== 'string') return reasonIn(words, reason).text
  return reasonIn(words, { ...reason, values: { ...reason.values, at: timeIn(Date.parse(at), clock, words) } }).text
}

const recipientRow = ({ words, href, clock }: Visit, recipient: Recipient) => ({
  href: href(recipientPath(recipient)),
  name: harmless(nameOf(recipient)),
  under: underOf(recipient),
  territories: settingText(recipient, 'territories', words),
  editions: settingText(recipient, 'editions', words),
  cadences: settingText(recipient, 'cadences', words),
  chip: chipOf(recipient.clearance),
  form: settingText(recipient, 'form', words),
  how: [
    ...(recipient.digest ? [settingText(recipient, 'digest', words)] : []),
    settingText(recipient, 'quiet', words),
  ].join(' · '),
  state: stateText(recipient, words),
  alert: recipient.state === 'suppressed',
  reason: reasonText({ words, clock }, recipient),
})

const underOf = ({ name, address, organisation }: Recipient): string =>
  harmless([organisation, name === undefined ? undefined : address].filter(Boolean).join(' · '))

const aboutWords = (territory: SubjectCode, week: Period, words: RoomWording): string =>
  words.say('room.coverage.of', {
    territory: subjectOf(territory).name[words.language],
    period: periodName(week, words),
  })

const weekFilters = (
  { words, caller }: Visit,
  { territory, typed, wrong }: AskedWeek,
  action: string,
  withTerritory: boolean,
) => {
  const fault = (name: string) => (wrong.includes(name) ? words.say('room.field.wrong') : '')
  return {
    action,
    fields: [
      ...(withTerritory
        ? [
            field('territory', words.say('room.field.territory'), {
              choices: choices(subjectsFor(caller), (code) => subjectOf(code).name[words.language], territory),
              wrong: fault('territory'),
            }),
          ]
        : []),
      field('week', words.say('room.nav.week'), {
        type: 'text',
        value: typed,
        hint: words.say('room.field.week.hint'),
        wrong: fault('week') && periodFault(typed, words, 'room.field.wrong'),
      }),
    ],
  }
}

const weekLinks = ({ words, href }: Visit, { week }: AskedWeek, path: string, query: { territory?: string }) => {
  return [
    { href: href(path, { ...query, week: previous(week).id }), label: words.say('room.coverage.before') },
    { href: href(path, { ...query, week: following(week, 'week').id }), label: words.say('room.coverage.after') },
  ]
}

const wouldRow = ({ cap, decided, recipient, version }: Would, words: RoomWording) => ({
  gets: words.say(decided.may ? 'room.value.yes' : 'room.value.no'),
  yes: decided.may,
  chip: chipOf(cap),
  version: version ? words.say('room.version', { version: version.number }) : words.say('room.would.supposed'),
  because: becauseWords(decided, recipient, words),
})

const refusals: Readonly<Record<Refusal, RoomKey>> = {
  'unknown report': 'room.refused.report',
  'unknown recipient': 'room.refused.recipient',
  'not published': 'room.refused.held',
  recalled: 'room.refused.recalled',
  'awaits approval': 'room.refused.approval',
  'not active': 'room.refused.state',
  clearance: 'room.refused.clearance',
  'never mailed': 'room.refused.never',
  'another territory': 'room.refused.territory',
  'not every territory': 'room.refused.every',
  'another edition': 'room.refused.edition',
  'another cadence': 'room.refused.cadence',
  expired: 'room.refused.expired',
  quiet: 'room.refused.quiet',
}

const becauseWords = (decided: Permission, recipient: Recipient, words: RoomWording): string => {
  if (decided.may) {
    return words.say(
      decided.content === 'nothing'
        ? 'room.would.nothing'
        : decided.form === 'attachment'
          ? 'room.would.attachment'
          : 'room.would.link',
    )
  }
  return words.say(refusals[decided.why], {
    state: stateText(recipient, words),
    clearance: recipient.clearance,
    territories: settingText(recipient, 'territories', words),
    editions: settingText(recipient, 'editions', words),
    cadences: settingText(recipient, 'cadences', words),
  })
}

type OfOne = {
  readonly recipient: Recipient
  readonly would: readonly Would[]
  readonly mailed: readonly Delivery[]
}

const settingsShown = ['territories', 'editions', 'cadences', 'language', 'form', 'quiet', 'digest'] as const

export const recipientValue = (visit: Visit, asked: AskedWeek, { recipient, would, mailed }: OfOne) => {
  const { words, href, caller, clock } = visit
  const path = recipientPath(recipient)
  const way = (name: 'change' | 'pause' | 'resume', look: string) => ({
    href: href(`${path}/${name}`),
    label: words.say(`room.recipient.${name}`),
    look,
  })
  const isOn = recipient.state === 'active' || recipient.state === 'pending'
  const mayChange = mayChangeRecipient(caller, recipient)
  const getting = would.filter(({ decided }) => decided.may).length
  return {
    under: underOf(recipient),
    chip: chipOf(recipient.clearance),
    state: stateText(recipient, words),
    alert: recipient.state === 'suppressed',
    reason: reasonText(visit, recipient),
    added: words.say('room.recipient.added', { at: timeIn(Date.parse(recipient.addedAt), clock, words) }),
    back: { href: href('/room/recipients'), label: words.say('room.recipient.back') },
    ways: mayChange ? [way('change', ''), isOn ? way('pause', 'second') : way('resume', 'second')] : [],
    others: mayChange ? '' : words.say('room.recipient.others'),
    settings: settingsShown.map((name) => ({
      label: words.say(`room.setting.${name}`),
      text: settingText(recipient, name, words),
    })),
    would: {
      title: words.say('room.recipient.would', { period: periodName(asked.week, words) }),
      filters: weekFilters(visit, asked, path, false),
      weeks: weekLinks(visit, asked, path, {}),
      statement: words.say('room.recipient.count', { getting, all: would.length }),
      rows: would.map((one) => ({
        ...wouldRow(one, words),
        label: subjectOf(one.territory).name[words.language],
        href: one.version
          ? editionHref(visit, { territory: one.territory, period: asked.week, cap: one.cap }, one.version.number)
          : '',
        mails: mailed
          .filter(({ territory }) => territory === one.territory)
          .map((delivery) => ({
            text: words.say('room.recipient.mail', {
              version: words.say('room.version', { version: delivery.version }),
              state: words.say(`room.delivery.${delivery.state}`),
              at: timeIn(Date.parse(delivery.at), clock, words),
            }),
            alert: delivery.state === 'FAILED' || delivery.state === 'UNKNOWN',
          })),
      })),
    },
  }
}

/** Returns readable weekly reports: territories, nation, and groups that the recipient names. */
export const weeklyFor = (caller: Caller, recipient: Recipient): readonly SubjectCode[] =>
  subjectsFor(caller).filter(
    (code) => isTerritoryCode(code) || code === 'ALL' || (isGroup(code) && namesEdition(recipient, code)),
  )

/** Returns the versions' markings, which cover all stored data of a report. */
export const wouldMarkings = (would: readonly Would[], mailed: readonly Delivery[] = []): readonly Marking[] => [
  ...would.flatMap(({ version }) => (version ? [version.marking] : [])),
  ...mailed.map(({ cap }) => cap),
]
