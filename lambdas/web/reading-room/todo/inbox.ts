/** Lists pending items with default outcome, roles that may act, and deadline. */

import { type Caller, mayDo } from '../../../domain/access/caller.ts'
import { type Right, rolesFor } from '../../../domain/access/roles.ts'
import type { Marking } from '../../../domain/core/marking.ts'
import { isSubjectCode, isTerritoryCode, subjectOf, territoryOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import type { RecipientField } from '../../../domain/delivery/recipient.ts'
import { codesMeant } from '../../../domain/detection/gazetteer.ts'
import { shortPeriod, titleOf } from '../../../domain/page/words/phrases.ts'
import { editionOf } from '../../../domain/report/manifest.ts'
import type { Done } from '../../../usecases/todo/history.ts'
import { type Inbox, inboxCounts, type KeptReject, rejectEnds, type Unplaced } from '../../../usecases/todo/inbox.ts'
import type { RoomKey, RoomWording } from '../../shared/wording.ts'
import { waitingItem } from '../detections/waiting-record.ts'
import { faultIn, reasonIn } from '../frame/fault-text.ts'
import { changedName, faultPath } from '../frame/field-text.ts'
import { fileWords, senderWords, shortHash, whenLine } from '../frame/names.ts'
import { chipOf, timeIn, type Visit } from '../frame/pages.ts'
import { detectionHref, platePath, recipientPath, sourcePath, versionsPath } from '../frame/paths.ts'
import { scheduleName } from '../settings/schedules.ts'
import { setWords } from '../settings/sources.ts'
import { answerItem } from './answer.ts'
import { candidatePath } from './candidate.ts'

const whoMay = (right: Right, words: RoomWording): string =>
  words.say('room.inbox.who', {
    roles: words.list(rolesFor(right).map((role) => words.say(`room.role.${role}`))),
  })

export const inboxValue = (visit: Visit, inbox: Inbox) => {
  const { words, href } = visit
  const { unplaced, rejects, lowered, contested, contestedElsewhere, candidates, answers, flashes, toConfirm, more } =
    inbox
  const counts = inboxCounts(inbox)
  const count = Object.values(counts).reduce((sum, one) => sum + one, 0)
  const otherwiseLabel = words.say('room.inbox.otherwise')
  const elsewhere = (
    key: 'held' | 'flash' | 'candidates' | 'contestedElsewhere',
    right: Right,
    path: string,
    many = 0,
  ) => ({
    href: path && href(path),
    label: words.say(`room.inbox.${key}`, { count: many }),
    who: whoMay(right, words),
    otherwise: words.say(`room.inbox.${key}.otherwise`, { count: many }),
    otherwiseLabel,
  })
  const section = <Item>(
    id: 'answers' | 'lowered' | 'contested' | 'unplaced' | 'rejects',
    items: readonly Item[],
    others = 0,
  ) => ({
    id,
    title: words.say(`room.inbox.${id}`),
    who: whoMay('detections:write', words),
    otherwiseLabel,
    otherwise: words.say(`room.inbox.${id}.otherwise`),
    items,
    more: others > 0 ? words.say('room.inbox.more', { count: others }) : '',
    none: words.say(`room.inbox.${id}.none`),
  })
  return {
    lead: words.say('room.inbox.lead', { count }),
    elsewhere: {
      title: words.say('room.inbox.elsewhere'),
      items: [
        ...toConfirm.map((entry) => ({
          href: href(versionsPath(editionOf(entry), entry.version)),
          label: words.say('room.inbox.confirm', {
            territory: subjectOf(entry.territory).name[words.language],
            period: shortPeriod({ period: parsePeriod(entry.period) }, words),
          }),
          who: whoMay('detections:write', words),
          otherwise: words.say('room.inbox.confirm.otherwise'),
          otherwiseLabel,
        })),
        elsewhere('held', 'reports:renew', '/room#waits'),
        ...(flashes.length > 0 ? [elsewhere('flash', 'notes:approve', flashesPath(flashes), counts.flashes)] : []),
        ...(candidates.length > 0
          ? [elsewhere('candidates', 'candidates:sign', '/room/candidates', candidates.length)]
          : []),
        ...(contestedElsewhere > 0
          ? [elsewhere('contestedElsewhere', 'detections:write', '', contestedElsewhere)]
          : []),
      ],
    },
    sections: [
      section(
        'answers',
        answers.map((one) => answerItem(visit, one)),
      ),
      ...(lowered.length > 0
        ? [
            section(
              'lowered',
              lowered.map((one) => waitingItem(visit, one)),
            ),
          ]
        : []),
      ...(contested.length > 0
        ? [
            section(
              'contested',
              contested.map((one) => waitingItem(visit, one)),
              more.contested,
            ),
          ]
        : []),
      section(
        'unplaced',
        unplaced.map((one) => unplacedItem(visit, one)),
        more.unplaced,
      ),
      ...(rejects
        ? [
            section(
              'rejects',
              rejects.map((one) => rejectItem(visit, one)),
              more.rejects,
            ),
          ]
        : []),
    ],
  }
}

/** Links to a single note directly, and to the week's list for several. */
const flashesPath = ([one, ...others]: Inbox['flashes']): string =>
  one && others.length === 0 ? versionsPath(editionOf({ ...one, territory: one.key }), one.version) : '/room#waits'

const unplacedItem = ({ words, href }: Visit, { detection }: Unplaced) => {
  const written = detection.reported?.territories ?? []
  const meant = codesMeant(written).map((code) => territoryOf(code).name[words.language])
  return {
    href: href(`/room/detections/${encodeURIComponent(detection.id)}/place`),
    title: titleOf(detection.title, words.language),
    about: whenLine(detection, words),
    key: harmless(detection.id),
    chip: chipOf(detection.marking),
    why:
      written.length === 0
        ? words.say('room.inbox.unplaced.nothing')
        : meant.length > 0
          ? words.say('room.doubt.misspelt', { written: harmless(written.join(', ')), meant: words.list(meant) })
          : words.say('room.doubt.unknown', { written: harmless(written.join(', ')) }),
    whyLang: '',
  }
}

const placeWords = ({ also = [], ...first }: KeptReject, words: RoomWording): string => {
  const places = [first, ...also].map(({ line, ...place }) =>
    line === undefined
      ? fileWords(place, words)
      : words.say('room.inbox.line', { file: fileWords(place, words), line }),
  )
  return [...new Set(places)].join(' · ')
}

const rejectItem = (visit: Visit, reject: KeptReject) => {
  const { words, href, clock } = visit
  const why = faultIn(words, faultPath(reject, words), reject.fault)
  return {
    href: href(`/room/inbox/rejects/${reject.rejectId}`),
    title: { text: placeWords(reject, words), lang: '' },
    about: words.say('room.inbox.kept', { until: timeIn(Date.parse(rejectEnds(reject)), clock, words) }),
    key: reject.id === undefined ? reject.rejectId : harmless(reject.id),
    chip: null,
    why: why.text,
    whyPath: why.path,
    whyLang: why.lang,
  }
}

export const inboxMarkings = (
  { unplaced, rejects, candidates, lowered, contested, contestedElsewhere, answers, flashes, toConfirm }: Inbox,
  { clearance }: Caller,
): readonly Marking[] => [
  ...unplaced.map(({ detection }) => detection.marking),
  ...candidates.map(({ marking }) => marking),
  ...answers.map(({ marking }) => marking),
  ...flashes.map(({ marking }) => marking),
  ...toConfirm.flatMap(({ published }) => published?.marking ?? []),
  ...[...lowered, ...contested].map(({ marking }) => marking),
  // An unreadable record has an unknown marking: assumes the caller's clearance.
  ...((rejects?.length ?? 0) + contestedElsewhere > 0 ? [clearance] : []),
]

type Linked = {
  /** Of the recipients that the caller may know, by id. */
  readonly names: ReadonlyMap<string, string>
  /** Ids of the schedules whose pages the caller may see. */
  readonly schedules: ReadonlySet<string>
}

export const historyValue = (visit: Visit, done: readonly Done[], linked: Linked, more: boolean) => {
  const { words, href, clock } = visit
  return {
    lead: words.say('room.history.lead'),
    caption: words.say('room.history.title'),
    none: words.say('room.history.none'),
    columns: {
      at: words.say('room.history.at'),
      by: words.say('room.history.by'),
      did: words.say('room.history.did'),
      to: words.say('room.history.to'),
      why: words.say('room.history.why'),
    },
    rows: done.map((one) => ({
      at: timeIn(Date.parse(one.at), clock, words),
      by: senderWords(one.by, words),
      did: words.say(didKey(one)),
      what: whatWords(one, words),
      id: nameOf(one, linked, words),
      href: hrefOf(visit, one, linked),
      reason: reasonIn(words, one.reason ?? '').text,
    })),
    more: more ? { href: href('/room/history', { all: '1' }), label: words.say('room.history.more') } : null,
  }
}

const nameOf = ({ of, id }: Done, { names }: Linked, words: RoomWording): string => {
  if (of === 'plate') return shortHash(id)
  if (of === 'schedule') return harmless(scheduleName(id, words))
  return harmless((of === 'recipient' ? names.get(id) : undefined) ?? id)
}

const didKey = ({ of, did, what = [] }: Done): RoomKey => {
  if (of === 'detection' && did === 'refused' && what.length > 0) return 'room.did.refusedPartly'
  if (of === 'schedule') return did === 'paused' ? 'room.did.schedule.paused' : 'room.did.schedule.resumed'
  if (of === 'report' && did !== 'recalled') {
    return did === 'approved' ? 'room.did.flash.approved' : 'room.did.flash.refused'
  }
  return of === 'candidate' && did === 'refused' ? 'room.did.candidate.refused' : `room.did.${did}`
}

const hrefOf = (visit: Visit, { of, id }: Done, { names, schedules }: Linked): string => {
  if (of === 'detection') return detectionHref(visit, id)
  if (of === 'batch') return visit.href(`/room/batches/${id}`)
  if (of === 'note') {
    const [territory, period] = id.split('/')
    return visit.href('/room/notes', { territory, period })
  }
  if (of === 'report') {
    const [, edition = '', number = ''] = /^(.+)\/v0*(\d+)$/.exec(id) ?? []
    return visit.href(`/room/${edition}#v${number}`)
  }
  if (of === 'plate') return mayDo(visit.caller, 'detections:read') ? visit.href(platePath({ sha256: id })) : ''
  if (of === 'candidate') return mayDo(visit.caller, 'candidates:sign') ? visit.href(candidatePath({ id })) : ''
  if (of === 'schedule') return schedules.has(id) ? visit.href(`/room/schedules/${id}`) : ''
  if (of === 'source') return mayDo(visit.caller, 'house:write') ? visit.href(sourcePath({ name: id })) : ''
  if (of === 'answer') return mayDo(visit.caller, 'detections:write') ? visit.href(`/room/inbox/answers/${id}`) : ''
  return of === 'recipient' && names.has(id) ? visit.href(recipientPath({ id })) : ''
}

const whatWords = ({ of, did, what = [], from, isRetry }: Done, words: RoomWording): string => {
  if (of === 'batch') return what.map((file) => fileWords({ file, from, ...(isRetry && { isRetry }) }, words)).join(' ')
  if (did === 'placed' || of === 'candidate') {
    return words.list(what.map((code) => (isTerritoryCode(code) ? territoryOf(code).name[words.language] : code)))
  }
  if (of === 'answer') {
    const [subject = '', period = ''] = what
    return `${isSubjectCode(subject) ? subjectOf(subject).name[words.language] : subject} ${period}`
  }
  if (of === 'schedule') return words.list(what.map((day) => words.days(day, day)))
  if (of === 'source') return setWords(what, words)
  if (of === 'recipient') return words.list(what.map((name) => words.say(`room.setting.${name as RecipientField}`)))
  return words.list(what.map((name) => changedName(name, words)))
}

export const historyMarkings = (done: readonly Done[], { clearance }: Caller): readonly Marking[] =>
  done.map(({ marking }) => marking ?? clearance)
