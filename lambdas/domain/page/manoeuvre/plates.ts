/** Evidence images and quoted posts on a page. */
import { type Language, languages } from '../../core/language/languages.ts'
import { pushAll } from '../../core/lists.ts'
import { fitsUnder, type Marking } from '../../core/marking.ts'
import type { Quote } from '../../detection/quote-schema.ts'
import type { Region } from '../../plate/mask.ts'
import type { PlateGroup, PlateRole, ShownPlate } from '../../plate/plate.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { datedText, languageWord, type Row, titleOf } from '../words/phrases.ts'
import { platesWordingOf } from '../words/plates-words.ts'
import { isMany, listedIn } from './listed.ts'

type PlatesWording = ReturnType<typeof platesWordingOf>

type ProvenanceRow = {
  readonly term: string
  readonly parts: readonly { readonly text: string; readonly code: boolean }[]
}

/** Printed quotes; `report.json` has all. */
const maxQuotes = 24
const maxQuotesOfMany = 3
/** The reports of the group's territories have the others. */
const maxQuotesOfGroup = 1

type PlatesSection = NonNullable<ReturnType<typeof platesSection>>

export const platesSection = (
  facts: Pick<Facts, 'plates' | 'group' | 'manoeuvres' | 'unlisted' | 'ongoing' | 'undatedHere'>,
  language: Language,
) => {
  const words = platesWordingOf(language)
  const { elements, more } = elementsOf(facts)
  if (elements.length === 0) return undefined
  const numbers = new Map(
    elements.flatMap(({ group }, at) =>
      [group?.original, group?.plate].flatMap((one) => (one ? [[one.sha256, at + 1] as const] : [])),
    ),
  )
  return {
    items: elements.map(({ entry, group, quotes }, at) => {
      const about = { anchor: `plate-${at + 1}`, of: titleOf(entry.title, words.language), id: entry.id }
      const titled = (what: string, partnerNumber?: number) =>
        words.say('plates.title', { number: at + 1, what, partnerNumber: partnerNumber ?? 0 })
      const shown = quotes.map((one) => quoteShown(one, entry.marking, words))
      if (!group) return { ...about, title: titled('quotes'), ...noPictures, quotes: shown }
      const { besides, original } = group
      const alone = besides?.role ?? 'single'
      const title = original ? titled('pair') : titled(alone, numbers.get(besides?.sha256 ?? ''))
      return { ...about, title, ...pictureItem(group, alone, words), quotes: shown }
    }),
    more: more === 0 ? '' : words.say('plates.quotesMore', { count: more }),
  }
}

type Element = { readonly entry: Entry; readonly group?: PlateGroup; readonly quotes: readonly Quote[] }

const elementsOf = (facts: Parameters<typeof platesSection>[0]) => {
  const seen = new Set<string>()
  const elements: Element[] = []
  let room = facts.group && isMany(facts) ? maxQuotesOfGroup : isMany(facts) ? maxQuotesOfMany : maxQuotes
  let more = 0
  for (const { entry } of listedIn(facts)) {
    if (seen.has(entry.id)) continue
    seen.add(entry.id)
    const groups = (facts.plates ?? []).filter(({ plate }) => plate.of[0] === entry.id)
    pushAll(
      elements,
      groups.map((group) => ({ entry, group, quotes: [] })),
    )
    const quotes = (entry.quotes ?? []).slice(0, room)
    room -= quotes.length
    more += (entry.quotes?.length ?? 0) - quotes.length
    if (quotes.length > 0) elements.push({ entry, quotes })
  }
  return { elements, more }
}

const pictureItem = ({ original, plate, crop }: PlateGroup, alone: 'single' | PlateRole, words: PlatesWording) => {
  const all = original ? [original, plate] : [plate]
  const roleOf = (one: ShownPlate) => (original === undefined ? alone : one === original ? 'original' : 'diverted')
  return {
    pictures: all.map((one) => {
      const label = words.say('plates.role', { role: roleOf(one) })
      return pictureOf(one, label, one === original ? crop : undefined, words)
    }),
    changes: plate.changes?.[words.language] ?? '',
    captions: all.flatMap((one) =>
      languages.map((lang) => ({
        code: [...(original ? [words.say('plates.role', { role: roleOf(one) })] : []), lang.toUpperCase()].join(', '),
        lang,
        text: one.caption[lang],
      })),
    ),
    provenance: all.flatMap((one) => provenanceOf(one, roleOf(one), words)),
  }
}

const noPictures: ReturnType<typeof pictureItem> = { pictures: [], changes: '', captions: [], provenance: [] }

const altOf = (alt: string, note: string): string =>
  note === '' ? alt : `${/[.!?…]$/.test(alt) ? alt : `${alt}.`} ${note}`

const pictureOf = (plate: ShownPlate, label: string, crop: Region | undefined, words: PlatesWording) => {
  const { width, height } = plate
  const note = crop ? words.say('plates.crop', { ...crop, of: words.number(width), by: words.number(height) }) : ''
  return {
    label,
    when: `${datedText(plate.date, words)}, ${plate.source}`,
    sha256: plate.sha256,
    alt: altOf(plate.alt[words.language], note),
    /** Region that the diverted picture shows, in stored pixels of this original. */
    crop: crop ? { ...crop, note } : null,
    width: plate.width,
    height: plate.height,
    instead: plate.picture === 'shown' ? '' : words.say(`plates.${plate.picture}`),
    reason:
      plate.picture === 'removed'
        ? words.say('plates.reason', { reason: reasonOf(plate, words) })
        : plate.picture === 'left out'
          ? words.say('plates.leftOutReason')
          : '',
  }
}

const reasonOf = ({ reason = '', keptDays }: ShownPlate, words: PlatesWording): string =>
  keptDays === undefined ? reason : words.say('plates.kept', { days: keptDays })

const provenanceOf = (plate: ShownPlate, role: string, words: PlatesWording): readonly ProvenanceRow[] => {
  const plain = (text: string) => ({ text, code: false })
  const row = (term: string, ...parts: ProvenanceRow['parts']): ProvenanceRow => ({ term, parts })
  return [
    row(words.say('plates.source', { role }), plain(`${plate.source}, ${datedText(plate.date, words)}`)),
    row(
      words.say('plates.archive'),
      plate.archive === undefined ? plain(words.say('plates.notArchived')) : { text: plate.archive, code: true },
    ),
    row(
      words.say('plates.hash'),
      { text: shortHash(plate.received), code: true },
      plain(` ${words.say('plates.received')} · `),
      { text: shortHash(plate.sha256), code: true },
      plain(` ${words.say('plates.stored')}`),
    ),
    row(words.say('plates.masking'), plain(words.say('plates.masks', { count: plate.masks }))),
    row(words.say('list.marking'), plain(plate.marking)),
  ]
}

/** Shortens a hash for recognition; `report.json` has all of it. */
const shortHash = (hash: string): string => `sha256:${hash.slice(0, 16)}…${hash.slice(-8)}`

const quoteShown = (quote: Quote, marking: Marking, words: PlatesWording) => {
  const { language: page } = words
  const isForeign = languageOf(quote.language) !== page
  const translation = isForeign
    ? (quote.translations.find((one) => languageOf(one.language) === page) ?? quote.translations[0])
    : undefined
  const published = [
    ...(quote.source === undefined ? [] : [quote.source]),
    ...(quote.date === undefined ? [] : [datedText(quote.date, words)]),
  ].join(', ')
  return {
    about: [
      words.say('plates.quote.original', { language: languageWord(quote.language, words) }),
      ...(quote.languageScore === undefined ? [] : [words.say('plates.quote.score', { score: quote.languageScore })]),
      ...(published === '' ? [] : [published]),
    ].join(' · '),
    lang: quote.language,
    text: words.say('quoted', { text: quote.text }),
    translation: translation
      ? {
          about: [
            words.say('plates.quote.translation', { language: languageWord(translation.language, words) }),
            words.say('plates.quote.by', {
              by: translation.by,
              how: !translation.byMachine ? 'person' : translation.readOverBy === undefined ? 'machine' : 'readOver',
              reader: translation.readOverBy ?? '',
            }),
          ].join(' · '),
          lang: translation.language,
          text: words.say('quoted', { text: translation.text }),
        }
      : null,
    none: isForeign && !translation ? words.say('plates.quote.none') : '',
    rows: [
      {
        term: words.say('plates.archive'),
        parts: [
          quote.archiveUrl === undefined
            ? { text: words.say('plates.notArchived'), code: false }
            : { text: quote.archiveUrl, code: true },
        ],
      },
      ...(quote.marking === undefined || fitsUnder(quote.marking, marking)
        ? []
        : [{ term: words.say('list.marking'), parts: [{ text: quote.marking, code: false }] }]),
    ],
  }
}

const languageOf = (tag: string): string => tag.split('-')[0] ?? tag

/** @param section of the manoeuvre's report, if that has annexes */
export const platesRow = (
  { id }: Pick<Entry, 'id'>,
  section: PlatesSection | undefined,
  language: Language,
): Row | undefined => {
  const numbers = (section?.items ?? []).flatMap((one, at) => (one.id === id ? [String(at + 1)] : []))
  if (numbers.length === 0) return undefined
  const words = platesWordingOf(language)
  const text = words.say('plates.row', { count: numbers.length, list: words.list(numbers) })
  return { label: words.say('plates'), paragraphs: [[{ text }]] }
}

/** Lists embedded pictures: each must be in the page's files, with its alternative text. */
export const picturesOn = ({
  order,
  annex,
}: {
  readonly order: readonly string[]
  readonly annex: { readonly plates?: PlatesSection } | null
}): readonly { readonly sha256: string; readonly alt: string }[] => {
  if (!annex?.plates || !order.includes('annex')) return []
  return annex.plates.items.flatMap(({ pictures }) =>
    pictures.flatMap(({ sha256, alt, instead }) => (instead === '' ? [{ sha256, alt }] : [])),
  )
}
