/** Lists pending items with default outcome, roles that may act, and deadline. */

import { type Caller, mayDo } from '../../../domain/access/caller.ts'
import type { Marking } from '../../../domain/core/marking.ts'
import { isTerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import type { RecipientField } from '../../../domain/delivery/recipient.ts'
import { namesNoTerritory } from '../../../domain/detection/gazetteer.ts'
import { wordDoubt } from '../../../domain/detection/names/doubts.ts'
import { candidateHead, candidateRow } from '../../../domain/page/words/candidates.ts'
import { titleOf } from '../../../domain/page/words/phrases.ts'
import { editionOf } from '../../../domain/report/manifest.ts'
import type { Done } from '../../../usecases/todo/history.ts'
import { type InboxItem, type KeptReject, type Unplaced } from '../../../usecases/todo/inbox.ts'
import type { RoomKey, RoomWording } from '../../shared/wording.ts'
import { waitingItem } from '../detections/waiting-record.ts'
import { doubtWords, faultIn, reasonIn } from '../frame/fault-text.ts'
import { changedName, faultPath } from '../frame/field-text.ts'
import { aboutOf, fileWords, senderWords, shortHash, whenLine } from '../frame/names.ts'
import { chipOf, timeIn, type Visit } from '../frame/pages.ts'
import { detectionHref, editionHref, platePath, recipientPath, sourcePath } from '../frame/paths.ts'
import { scheduleName } from '../settings/schedules.ts'
import { setWords } from '../settings/sources.ts'
import { candidatePath } from './candidate.ts'

type Shows = Pick<Visit, 'words' | 'href' | 'clock' | 'caller'>

/** One pending item in words, with its result if nobody acts. */
export const inboxLine = (visit: Shows, item: InboxItem) => {
  const { words, clock } = visit
  const { kind, key, since, marking, until } = item
  const time = (at: string) => timeIn(Date.parse(at), clock, words)
  return {
    otherwise: words.say(`room.inbox.otherwise.${kind === 'approval' ? 'held' : kind}`, {
      until: until ? time(until) : '',
    }),
    ...{ about: '', id: '', why: '', whyPath: '', whyLang: '', ...detailsOf(visit, item) },
    key,
    kind: words.say(`room.inbox.kind.${kind}`),
    chip: marking ? chipOf(marking) : null,
    since: words.say('room.inbox.since', { at: time(since) }),
  }
}

const detailsOf = (visit: Shows, item: InboxItem) => {
  const { words, href, caller } = visit
  const { kind, of } = item
  if (kind === 'lower' || kind === 'contested') return waitingItem(visit, of)
  if (kind === 'withdrawn') {
    const { id, title } = of.detection
    return { href: '', title: titleOf(title, words.language), id: harmless(id) }
  }
  if (kind === 'unplaced') return unplacedItem(visit, of)
  if (kind === 'reject') return rejectItem(visit, of)
  if (kind === 'candidate') {
    const [columns, territories] = [candidateHead(words), of.territories.map(territoryOf)]
    const { id, method, when, ...row } = candidateRow(of, territories[0] ?? { zone: 'UTC' }, words)
    const figures = (['posts', 'accounts', 'strength'] as const).map((name) => `${columns[name]} ${row[name]}`)
    return {
      href: mayDo(caller, 'candidates:sign') ? href(candidatePath(of)) : '',
      title: { text: method, lang: '' },
      ...(of.isLost && {
        why: words.say('room.candidate.state.lost'),
        otherwise: words.say('room.inbox.otherwise.lost'),
      }),
      about: [words.list(territories.map(({ name }) => name[words.language])), when, ...figures].join(' · '),
      id: harmless(id),
    }
  }
  const edition = editionOf(kind === 'flash' ? { ...of, territory: of.key } : of)
  const { name, period } = aboutOf(edition, words)
  return {
    href: editionHref(visit, edition, of.version),
    title: { text: words.say('room.waits.version', { territory: name, cap: of.cap, version: of.version }), lang: '' },
    about: period,
    why: kind === 'flash' ? '' : words.say(`room.inbox.how.${kind}`),
  }
}

const shownAtOnce = 100

/** @param sought a kind; the whole list where nothing of it waits */
export const inboxValue = (visit: Visit, items: readonly InboxItem[], sought: string | undefined) => {
  const { words, href } = visit
  const kinds = [...Map.groupBy(items, ({ kind }) => kind)]
  const chosen = kinds.find(([kind]) => kind === sought)?.[0]
  const shown = chosen ? items.filter(({ kind }) => kind === chosen) : items
  return {
    lead: words.say('room.inbox.lead', { count: shown.length }),
    kinds:
      kinds.length < 2
        ? []
        : [
            { href: href('/room/inbox'), label: words.say('room.inbox.all'), current: !chosen },
            ...kinds.map(([kind, { length }]) => ({
              href: href('/room/inbox', { kind }),
              label: words.say('room.inbox.count', { kind: words.say(`room.inbox.kind.${kind}`), count: length }),
              current: kind === chosen,
            })),
          ],
    note: shown.some(({ kind }) => kind === 'candidate') ? words.say('room.candidate.lead') : '',
    items: shown.slice(0, shownAtOnce).map((item) => inboxLine(visit, item)),
    more: shown.length > shownAtOnce ? words.say('room.inbox.more', { count: shown.length - shownAtOnce }) : '',
  }
}

const unplacedItem = ({ words, href }: Shows, { detection }: Unplaced) => {
  const written = detection.reported?.territories ?? []
  return {
    href: href(`/room/detections/${encodeURIComponent(detection.id)}/place`),
    title: titleOf(detection.title, words.language),
    about: whenLine(detection, words),
    id: harmless(detection.id),
    why:
      written.length === 0
        ? words.say('room.inbox.unplaced.nothing')
        : written
            .filter(namesNoTerritory)
            .map((word) => doubtWords(words, wordDoubt(word)))
            .join(' '),
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

const rejectItem = ({ words, href }: Shows, reject: KeptReject) => {
  const why = faultIn(words, faultPath(reject, words), reject.fault)
  return {
    href: href(`/room/inbox/rejects/${reject.rejectId}`),
    title: { text: placeWords(reject, words), lang: '' },
    id: reject.id === undefined ? '' : harmless(reject.id),
    ...{ why: why.text, whyPath: why.path, whyLang: why.lang },
  }
}

/** An unreadable record has an unknown marking: assumes the caller's clearance. */
export const inboxMarkings = (
  items: readonly Pick<InboxItem | Done, 'marking'>[],
  { clearance }: Caller,
): readonly Marking[] => items.map(({ marking }) => marking ?? clearance)

type Linked = {
  /** Of the recipients that the caller may know, by id. */
  readonly names: ReadonlyMap<string, string>
  /** Ids of the schedules whose pages the caller may see. */
  readonly schedules: ReadonlySet<string>
}

export const historyValue = (visit: Visit, done: readonly Done[], linked: Linked, more: boolean) => {
  const { words, href, clock } = visit
  return {
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
  if (of === 'token') return visit.href('/room/tokens')
  return of === 'recipient' && names.has(id) ? visit.href(recipientPath({ id })) : ''
}

const whatWords = ({ of, did, what = [], from, isRetry }: Done, words: RoomWording): string => {
  if (of === 'batch') return what.map((file) => fileWords({ file, from, ...(isRetry && { isRetry }) }, words)).join(' ')
  if (did === 'placed' || of === 'candidate') {
    return words.list(what.map((code) => (isTerritoryCode(code) ? territoryOf(code).name[words.language] : code)))
  }
  if (of === 'schedule') return words.list(what.map((day) => words.days(day, day)))
  if (of === 'source') return setWords(what, words)
  if (of === 'recipient') return words.list(what.map((name) => words.say(`room.setting.${name as RecipientField}`)))
  return words.list(what.map((name) => changedName(name, words)))
}
