import { languages } from '../../../domain/core/language/languages.ts'
import { fitsUnder, markings } from '../../../domain/core/marking.ts'
import { refusalOf } from '../../../domain/core/schema-fault.ts'
import { type AddedReply, addedReply } from '../../../domain/detection/attribution-schema.ts'
import { type Detection } from '../../../domain/detection/detection.ts'
import { nameText } from '../../../domain/page/words/phrases.ts'
import type { RoomKey, RoomWording } from '../../shared/wording.ts'
import { type SubmittedForm, linesSent, tooLong } from '../frame/action-form.ts'
import { faultWords } from '../frame/fault-text.ts'
import { choices, type Field, field, type Visit } from '../frame/pages.ts'

const texts = languages.map((language) => `reply.text.${language}`)
const lines = ['reply.by', ...texts, 'reply.date', 'reply.source', 'reply.url', 'reply.marking']

type Cells = Readonly<Record<string, string>>

const labels: Readonly<Record<string, RoomKey>> = {
  'reply.by': 'room.mend.reply.by',
  'reply.date': 'room.mend.reply.date',
  'reply.source': 'room.mend.reply.source',
  'reply.url': 'room.mend.reply.url',
  'reply.marking': 'room.mend.reply.marking',
}

export const replyLabel = (name: string, words: RoomWording): string | undefined => {
  const language = /^reply\.text\.(.+)$/.exec(name)?.[1]
  if (language !== undefined) return `${words.say('room.mend.reply.text')} (${language})`
  const key = labels[name]
  return key && words.say(key)
}

const usualName = ({ actor }: Detection, words: RoomWording): string => (actor ? nameText(actor.name, words) : '')

/** Excludes a name that the form prefilled. */
export const replyTyped = (cells: Cells, drawnFrom: Detection, words: RoomWording): Cells =>
  Object.fromEntries(
    Object.entries(cells).filter(
      ([name, text]) => text !== '' && !(name === 'reply.by' && text === usualName(drawnFrom, words)),
    ),
  )

/** Markings stricter than the detection's, up to the analyst's clearance. */
const stricter = ({ marking }: Detection, { caller }: Visit) =>
  markings.filter((one) => !fitsUnder(one, marking) && fitsUnder(one, caller.clearance))

export const replyFields = (visit: Visit, detection: Detection, cells: Cells, wrong: Cells): readonly Field[] => {
  const { words } = visit
  const one = (name: string, more: Partial<Field>) =>
    field(name, replyLabel(name, words) ?? name, { value: cells[name] ?? '', wrong: wrong[name] ?? '', ...more })
  const line = (name: string, note = '') => one(name, { type: 'text', note })
  return [
    one('reply.by', { type: 'text', value: cells['reply.by'] ?? usualName(detection, words) }),
    ...texts.map((name, at) =>
      one(name, {
        lines: 4,
        note: [
          ...(at === 0 ? [words.say('room.mend.reply.text.note')] : []),
          words.say('room.deed.most', { most: maxText }),
        ].join(' '),
      }),
    ),
    line('reply.date', words.say('room.mend.reply.date.note')),
    line('reply.source'),
    line('reply.url', words.say('room.mend.reply.url.note')),
    one('reply.marking', {
      choices: choices(
        stricter(detection, visit),
        (marking) => marking,
        cells['reply.marking'] ?? '',
        words.say('room.mend.reply.marking.own'),
      ),
    }),
  ]
}

const maxText = 4_000

export const readReply = (
  form: SubmittedForm,
  visit: Visit,
  detection: Detection,
): { readonly cells: Cells; readonly wrong: Cells; readonly reply: AddedReply | undefined } => {
  const { words } = visit
  const cells = linesSent(form, lines)
  const typed = (name: string): string => cells[name] ?? ''
  const empty = ['reply.by', 'reply.date', 'reply.source'].filter((name) => typed(name) === '')
  const filledTexts = texts.filter((name) => typed(name) !== '')
  const marking = stricter(detection, visit).find((one) => one === typed('reply.marking'))
  const wrong: Record<string, string> = {
    ...Object.fromEntries(empty.map((name) => [name, words.say('room.mend.reply.wrong')])),
    ...(filledTexts.length === 0 && { [texts[0] ?? '']: words.say('room.mend.reply.text.wrong') }),
    ...(marking === undefined &&
      typed('reply.marking') !== '' && { 'reply.marking': words.say('room.mend.fault.beyond') }),
    ...tooLong(form, ['reply.by', 'reply.date', 'reply.source'], words),
    ...tooLong(form, [...texts, 'reply.url'], words, maxText),
  }
  if (Object.keys(wrong).length > 0) return { cells, wrong, reply: undefined }
  const by = typed('reply.by')
  const reply: AddedReply = {
    // An unchanged name keeps the attribution's languages.
    by: detection.actor && by === usualName(detection, words) ? detection.actor.name : by,
    text: Object.fromEntries(filledTexts.map((name) => [name.slice('reply.text.'.length), typed(name)])),
    date: typed('reply.date'),
    source: { title: typed('reply.source'), ...(typed('reply.url') !== '' && { archiveUrl: typed('reply.url') }) },
    ...(marking !== undefined && { marking }),
  }
  const read = addedReply.safeParse(reply)
  if (read.success) return { cells, wrong, reply }
  const refusal = refusalOf(read.error)
  const { path } = refusal
  const name = path.startsWith('source.archiveUrl')
    ? 'reply.url'
    : (lines.find((one) => `reply.${path}`.startsWith(one)) ?? texts[0] ?? '')
  return { cells, wrong: { [name]: faultWords(words, refusal).text }, reply: undefined }
}
