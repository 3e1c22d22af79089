import { isOperator } from '../../../domain/access/caller.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { byHandName } from '../../../domain/detection/detection.ts'
import { titleOf } from '../../../domain/page/words/phrases.ts'
import type { Explanation } from '../../../usecases/detections/explain-detection.ts'
import {
  isLowering,
  isOvertaken,
  type Lowering,
  mayAccept,
  type WaitingRecord,
} from '../../../usecases/ingest/edit/waiting-records.ts'
import { actionForm, type WhoAndWhy, whoAndWhy } from '../frame/action-form.ts'
import { ownWords, reasonIn } from '../frame/fault-text.ts'
import { changedName, fieldText } from '../frame/field-text.ts'
import { chipOf, timeIn, type Visit } from '../frame/pages.ts'
import { detectionHref } from '../frame/paths.ts'
import { effectTable, lockOf } from './edit.ts'

const kindOf = (waiting: WaitingRecord): 'lower' | 'contested' => (isLowering(waiting) ? 'lower' : 'contested')

const waitingPath = (waiting: WaitingRecord): string =>
  `/room/detections/${encodeURIComponent(waiting.record.detection.id)}/${kindOf(waiting)}/${waiting.record.sha256}`

type Shows = Pick<Visit, 'words' | 'href' | 'clock' | 'caller'>

const askedWords = ({ words, clock }: Shows, { record, effect }: Lowering): string =>
  words.say('room.lower.asked', {
    by: harmless(record.correcting.by),
    at: timeIn(Date.parse(record.storedAt), clock, words),
    from: record.markingBefore ?? effect.before.marking,
    to: effect.after.marking,
  })

/** The detector's name may be marked higher than the finding: shown to operators only. */
const whyContested = ({ words, caller }: Shows, waiting: WaitingRecord): string => {
  const { record, effect, gives, lowers, keeps, isForeign, isUncleared } = waiting
  const { before, after } = effect
  const [owner, sender] = [before.detector.name, record.detection.detector.name]
  const names = {
    ...{ owner: harmless(owner), ownerIs: owner === byHandName ? 'byHand' : 'named' },
    ...{ sender: harmless(sender), senderIs: sender === byHandName ? 'byHand' : 'named' },
  }
  const why = [
    ...(isForeign
      ? [words.say(isOperator(caller) ? 'room.contested.foreign.named' : 'room.contested.foreign', names)]
      : []),
    ...(record.undoing ? [words.say('room.contested.undoing', { by: harmless(record.undoing.by) })] : []),
    ...(isUncleared ? [words.say('room.contested.sender')] : []),
    ...lowers.map(({ of, from, to }) => words.say('room.contested.lowers', { of, from, to })),
    ...(lowers.length === 0 ? [] : keeps).map(({ field, by }) =>
      words.say('room.contested.keeps', {
        ...{ field: changedName(field, words), by: harmless(by), text: fieldText(after, field, words) },
      }),
    ),
    ...gives.map(({ field, by, reason }) =>
      words.say(reason === '' ? 'room.contested.touchesPlace' : 'room.contested.touches', {
        ...{ field: changedName(field, words), by: harmless(by), reason: reasonIn(words, reason).text },
      }),
    ),
  ]
  return (why.length > 0 ? why : [words.say('room.contested.free')]).join(' ')
}

const cameWords = ({ words, clock }: Visit, { record }: WaitingRecord): string =>
  words.say('room.inbox.came', { at: timeIn(Date.parse(record.storedAt), clock, words) })

export const waitingItem = (visit: Shows, waiting: WaitingRecord) => {
  const { record, effect } = waiting
  return {
    href: visit.href(waitingPath(waiting)),
    title: titleOf(effect.before.title, visit.words.language),
    about: isLowering(waiting) ? askedWords(visit, waiting) : '',
    id: harmless(record.detection.id),
    why: isLowering(waiting)
      ? reasonIn(visit.words, waiting.record.correcting.reason).text
      : whyContested(visit, waiting),
  }
}

export const waitingLine = (visit: Visit, waiting: WaitingRecord) => {
  const { about, why } = waitingItem(visit, waiting)
  const kind = kindOf(waiting)
  return {
    href: visit.href(waitingPath(waiting)),
    label: visit.words.say(`room.${kind}.waits`),
    why: kind === 'lower' ? about : why,
  }
}

type More = { readonly explanation: Explanation; readonly fault?: string | undefined }

export const waitingValue = (
  visit: Visit,
  waiting: WaitingRecord,
  input: WhoAndWhy,
  { explanation, fault = '' }: More,
) => {
  const { words, href, caller, session } = visit
  const { record, effect, revision } = waiting
  const kind = kindOf(waiting)
  const overtaken = isOvertaken(waiting)
  const isAllowed = mayAccept(caller, session?.name, waiting)
  const accepts = !overtaken && isAllowed
  return {
    name: titleOf(effect.before.title, words.language),
    id: harmless(record.detection.id),
    chip: chipOf(waiting.marking),
    state: words.say('room.mend.revision', { revision }),
    lead: isLowering(waiting)
      ? words.say('room.lower.lead', {
          asked: askedWords(visit, waiting),
          reason: reasonIn(words, waiting.record.correcting.reason).text,
        })
      : words.say('room.contested.lead', { came: cameWords(visit, waiting), why: whyContested(visit, waiting) }),
    back: { href: detectionHref(visit, record.detection.id), label: words.say('room.mend.back') },
    fault: ownWords(fault),
    faster: null,
    effect: {
      ...effectTable(explanation, effect, words),
      wayBack: words.say(`room.${kind}.wayBack`, { isStored: record.base === undefined ? 'no' : 'yes' }),
      actionForm: null,
    },
    form: {
      title: words.say('room.mend.form'),
      actionForm: actionForm(visit, {
        action: href(waitingPath(waiting)),
        hidden: { revision: lockOf(revision, effect.before) },
        fields: whoAndWhy(visit, input),
        buttons: [
          ...(accepts ? [{ label: words.say(`room.${kind}.confirm`), does: 'confirm' }] : []),
          { label: words.say(`room.${kind}.refuse`), does: 'refuse', look: 'second' },
        ],
      }),
    },
    text: overtaken
      ? words.say('room.lower.overtaken', { marking: effect.before.marking })
      : !isAllowed
        ? words.say('room.lower.own')
        : isLowering(waiting) && !session
          ? words.say('room.lower.here')
          : '',
  }
}
