import { everything, personName } from '../../../domain/access/caller.ts'
import { capitalised } from '../../../domain/core/language/language.ts'
import type { ObservedSomewhere } from '../../../domain/core/place/subject.ts'
import {
  isCampaignCode,
  isFlashCode,
  isSubjectCode,
  type Subject,
  subjectOf,
  territoryOf,
} from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import type { Period } from '../../../domain/core/time/period.ts'
import type { BatchOrigin } from '../../../domain/detection/batch-origin.ts'
import { clockOf, homeOf, periodLine } from '../../../domain/page/words/phrases.ts'
import type { ArchivedEntry } from '../../../usecases/archive/browse-archive.ts'
import { unknownSender } from '../../../usecases/ingest/ingest-detections.ts'
import type { Done } from '../../../usecases/todo/history.ts'
import type { RoomWording } from '../../shared/wording.ts'

const maxPlaces = 3

export const nameOf = (code: string, words: RoomWording): string => {
  if (!isSubjectCode(code)) return code
  const { name, members } = subjectOf(code)
  if (!isFlashCode(code)) return name[words.language]
  const list = words.list(members.map((member) => territoryOf(member).name[words.language]))
  return words.say('room.flash.name', { list, count: members.length, few: members.length <= maxPlaces ? 'yes' : 'no' })
}

/** Includes a dossier's campaign name if the version may show it. */
export const aboutOf = (
  { territory, campaign, period }: Pick<ArchivedEntry, 'territory' | 'campaign'> & { readonly period: Period },
  words: RoomWording,
) => ({
  name: campaign ?? nameOf(territory, words),
  period: isCampaignCode(territory) ? untilOf(period, words) : periodName(period, words),
})

export const periodName = (period: Period, words: RoomWording): string => capitalised(periodLine({ period }, words))

export const sizeOf = (bytes: number, words: RoomWording): string =>
  words.say('room.size', { kilobytes: Math.max(1, Math.round(bytes / 1_000)) })

export const untilOf = ({ last }: Period, words: RoomWording): string =>
  words.say('dossier.until', { day: words.days(last, last) })

/** Returns the subject in whose time zone a sighting is shown. */
export const homeAmong = (seen: ObservedSomewhere): Subject => {
  const [only, ...more] = seen.territories
  return only && more.length === 0 ? subjectOf(only.code) : homeOf(seen, subjectOf('ALL'))
}

export const whenOf = (seen: ObservedSomewhere, words: RoomWording) => {
  const { zone, town } = homeAmong(seen)
  return {
    text: words.observed(seen.observed, zone),
    zone: seen.observed.precision === 'instant' ? words.say('manoeuvre.time', { zone: clockOf({ town }, words) }) : '',
  }
}

export const whenLine = (seen: ObservedSomewhere, words: RoomWording): string => {
  const { text, zone } = whenOf(seen, words)
  return [text, zone].filter(Boolean).join(', ')
}

export const fileWords = (
  { file, from, isRetry }: Pick<Done, 'isRetry'> & { readonly file: string; readonly from?: BatchOrigin | undefined },
  words: RoomWording,
): string => {
  if (from === undefined) return isRetry ? words.say('room.detection.retried') : harmless(file)
  if (from.kind === 'correction') return words.say('room.detection.correctionOf', { id: from.id })
  if (from.kind === 'program') return words.say('room.detection.sentBy', { by: senderWords(from.name, words) })
  return words.say('room.detection.signedBy', { id: from.id, by: from.by })
}

export const senderWords = (sender: string, words: RoomWording): string =>
  sender === everything.who
    ? words.say('room.detection.operator')
    : sender === unknownSender.name
      ? words.say('room.detection.nobodyKnown')
      : personName(sender)

/** Enough to be unique on a page. */
const hashShown = 16

export const shortHash = (sha256: string): string => `${sha256.slice(0, hashShown)}…`
