/** A correction that lowers a marking: as an item of the inbox, and with what would change, for another person to confirm. */
import { harmless } from '../../domain/core/harmless.ts'
import { titleOf } from '../../domain/page/phrases.ts'
import type { Explanation } from '../../usecases/detections/explain-detection.ts'
import { isOvertaken, type Lowering, mayConfirm } from '../../usecases/ingest/decide-lowering.ts'
import { deed, type WhoAndWhy, whoAndWhy } from './deeds.ts'
import { detectionHref } from './detections.ts'
import { effectTable, lockOf } from './mend.ts'
import { chipOf, timeIn, type Visit } from './pages.ts'
import { ownWords } from './told.ts'

export const lowerPath = ({ record }: Pick<Lowering, 'record'>): string =>
  `/room/detections/${encodeURIComponent(record.detection.id)}/lower/${record.sha256}`

const askedWords = ({ words, clock }: Visit, { record, effect }: Lowering): string =>
  words.say('room.lower.asked', {
    by: harmless(record.correcting.by),
    at: timeIn(Date.parse(record.storedAt), clock, words),
    from: record.stood ?? effect.before.marking,
    to: effect.after.marking,
  })

export const loweredItem = (visit: Visit, lowering: Lowering) => {
  const { record, effect } = lowering
  return {
    href: visit.href(lowerPath(lowering)),
    title: titleOf(effect.before.title, visit.words.language),
    about: askedWords(visit, lowering),
    key: harmless(record.detection.id),
    chip: chipOf(effect.before.marking),
    why: harmless(record.correcting.reason),
    whyLang: '',
  }
}

type More = { readonly told: Explanation; readonly fault?: string | undefined }

export const lowerValue = (visit: Visit, lowering: Lowering, said: WhoAndWhy, { told, fault = '' }: More) => {
  const { words, href, caller, session } = visit
  const { record, effect, revision } = lowering
  const overtaken = isOvertaken(lowering)
  const confirms = !overtaken && mayConfirm(caller, session?.name, lowering)
  return {
    name: titleOf(effect.before.title, words.language),
    id: harmless(record.detection.id),
    chip: chipOf(effect.before.marking),
    state: words.say('room.mend.revision', { revision }),
    lead: words.say('room.lower.lead', {
      asked: askedWords(visit, lowering),
      reason: harmless(record.correcting.reason),
    }),
    back: { href: detectionHref(visit, record.detection.id), label: words.say('room.mend.back') },
    fault: ownWords(fault),
    faster: null,
    effect: {
      ...effectTable(told, effect, words),
      wayBack: words.say('room.lower.wayBack'),
      deed: null,
    },
    form: {
      title: words.say('room.mend.form'),
      deed: deed(visit, {
        action: href(lowerPath(lowering)),
        hidden: { revision: lockOf(revision, effect.before) },
        fields: whoAndWhy(visit, said),
        buttons: [
          ...(confirms ? [{ label: words.say('room.lower.confirm'), does: 'confirm' }] : []),
          { label: words.say('room.lower.refuse'), does: 'refuse', look: 'second' },
        ],
      }),
    },
    text: overtaken
      ? words.say('room.lower.overtaken', { marking: effect.before.marking })
      : session
        ? confirms
          ? ''
          : words.say('room.lower.own')
        : words.say('room.lower.here'),
  }
}
