import fc from 'fast-check'
import IntlMessageFormat from 'intl-messageformat'
import { describe, expect, test } from 'vitest'
import { capitalised, sentence } from '../../../../lambdas/domain/core/language/language.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import coreEnglish from '../../../../templates/messages/core.en.json' with { type: 'json' }
import coreFrench from '../../../../templates/messages/core.fr.json' with { type: 'json' }
import english from '../../../../templates/messages/en.json' with { type: 'json' }
import flashEnglish from '../../../../templates/messages/flash.en.json' with { type: 'json' }
import flashFrench from '../../../../templates/messages/flash.fr.json' with { type: 'json' }
import french from '../../../../templates/messages/fr.json' with { type: 'json' }
import platesEnglish from '../../../../templates/messages/plates.en.json' with { type: 'json' }
import platesFrench from '../../../../templates/messages/plates.fr.json' with { type: 'json' }
import rhythmEnglish from '../../../../templates/messages/rhythm.en.json' with { type: 'json' }
import rhythmFrench from '../../../../templates/messages/rhythm.fr.json' with { type: 'json' }
import roomEnglish from '../../../../templates/messages/room.en.json' with { type: 'json' }
import roomFrench from '../../../../templates/messages/room.fr.json' with { type: 'json' }

/** Kinds of elements in a parsed message, as @formatjs/icu-messageformat-parser numbers them. */
const takesValue = [1, 2, 5, 6] // argument, number, select, plural

const thin = '\u202f'
const fr = wordingOf('fr')
const en = wordingOf('en')
/** A plain space for each kind of space, so that expectations can be read. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

type Element = { type: number; value?: string; options?: Record<string, { value: Element[] }>; children?: Element[] }

/** The names of the values that a message takes. */
const valuesOf = (message: string): string[] => {
  const walk = (elements: Element[]): string[] =>
    elements.flatMap(({ type, value, options = {}, children = [] }) => [
      ...(takesValue.includes(type) && value ? [value] : []),
      ...Object.values(options).flatMap((option) => walk(option.value)),
      ...walk(children),
    ])
  return [...new Set(walk(new IntlMessageFormat(message, 'en').getAst() as Element[]))].sort()
}

const catalogues: readonly [string, Record<string, string>, Record<string, string>][] = [
  ['of every program', coreFrench, coreEnglish],
  ['of reports', french, english],
  ['of the room', roomFrench, roomEnglish],
  ['of rhythms', rhythmFrench, rhythmEnglish],
  ['of flash notes', flashFrench, flashEnglish],
  ['of plates', platesFrench, platesEnglish],
]

test.each([
  [0, 'aucun texte n’était trop court pour être comparé.'],
  [2, '2 textes étaient trop courts pour être comparés.'],
])('the number of short texts agrees with its verb: %d', (short, end) => {
  expect(fr.say('detect.limitsCopies', { reposts: 0, short })).toContain(`, et ${end}`)
})

describe('the catalogues', () => {
  test.each(catalogues)('%s have the same keys and values in both languages', (_, french, english) => {
    // A language with one form needs no number for a plural.
    const named = (message: string) => valuesOf(message).filter((name) => name !== 'value' && name !== 'count')
    expect(Object.keys(french)).toEqual(Object.keys(english))
    for (const key of Object.keys(english)) {
      expect({ key, values: named(french[key] ?? '') }).toEqual({ key, values: named(english[key] ?? '') })
    }
  })

  test.each(catalogues)('%s keep French marks on the line of their word', (_, french) => {
    for (const [key, message] of Object.entries(french)) {
      expect({ key, loose: message.match(/ [;:!?»%]|« | h (?=\d)/) }).toEqual({ key, loose: null })
      expect({ key, straight: message.match(/['"]/) }).toEqual({ key, straight: null })
    }
  })

  test('a sentence of a report names a week only for weekly reports', () => {
    // A level is always one of weeks.
    const isOfLevel = (key: string): boolean => /^(level|basis|front\.trend|sub)\b/.test(key)
    const ofWeeks = ['period.week', 'period.short.week', 'next.text', 'next.orContact', 'mail.week']
    for (const messages of [english, french]) {
      const named = Object.entries(messages)
        .filter(([, text]) => /week|semaine/i.test(text) && !/\{(cadence|unit), select/.test(text))
        .map(([key]) => key)
      expect(named.filter((key) => !ofWeeks.includes(key) && !isOfLevel(key))).toEqual([])
    }
  })
})

describe('wording', () => {
  test('numbers are grouped as the language does', () => {
    expect(fr.number(5187)).toBe(`5${thin}187`)
    expect(en.number(5187)).toBe('5,187')
    expect(fr.number(-12)).toBe('−12')
    expect(fr.percent(348, 423)).toBe(`82${thin}%`)
    expect(en.percent(348, 1686)).toBe('21%')
  })

  test('plurals follow the language: zero is singular in French', () => {
    const phrases = (words: typeof fr) =>
      [0, 1, 2].map((value) => plain(words.phrase('posts', { value, qualifier: 'exact' })))
    expect(phrases(fr)).toEqual(['0 message', '1 message', '2 messages'])
    expect(phrases(en)).toEqual(['0 posts', '1 post', '2 posts'])
  })

  test('totals have their qualifiers', () => {
    expect(plain(fr.total({ value: 5332, qualifier: 'at least' }))).toBe('au moins 5 332')
    expect(plain(fr.total({ value: 12, qualifier: 'about' }))).toBe('environ 12')
    expect(plain(fr.total({ value: null, qualifier: 'not given' }))).toBe('n. c.')
    expect(en.total({ value: 0, qualifier: 'exact' })).toBe('0')
  })

  test.each([
    ['2024-05-13', '2024-05-19', '13 – 19 mai 2024', '13–19 May 2024'],
    ['2024-01-29', '2024-02-04', '29 janvier – 4 février 2024', '29 January – 4 February 2024'],
    ['2024-02-01', '2024-02-01', '1er février 2024', '1 February 2024'],
    ['2024-12-30', '2025-01-05', '30 décembre 2024 – 5 janvier 2025', '30 December 2024 – 5 January 2025'],
  ])('days from %s to %s', (first, last, inFrench, inEnglish) => {
    expect(plain(fr.days(first, last))).toBe(inFrench)
    expect(plain(en.days(first, last))).toBe(inEnglish)
  })

  test('a moment and its zone', () => {
    const instant = Date.parse('2024-05-19T19:30:00Z')
    expect(plain(fr.moment(instant, 'Pacific/Noumea'))).toBe('20 mai 2024, 06 h 30')
    expect(plain(en.moment(instant, 'Pacific/Noumea'))).toBe('20 May 2024, 06:30')
    expect(plain(fr.offset(instant, 'Pacific/Marquesas'))).toBe('UTC−9 h 30')
    expect(en.offset(instant, 'Pacific/Marquesas')).toBe('UTC−9:30')
    expect(fr.offset(instant, 'Pacific/Noumea')).toBe('UTC+11')
  })

  test('an observation is as precise as its source', () => {
    const observed = (from: string, to: string, precision: 'instant' | 'day' | 'month') =>
      plain(fr.observed({ from, to, precision }, 'Pacific/Noumea'))
    expect(observed('2024-02', '2024-02', 'month')).toBe('février 2024')
    expect(observed('2023-09', '2024-02', 'month')).toBe('septembre 2023 – février 2024')
    expect(observed('2024-05-15', '2024-05-16', 'day')).toBe('15 – 16 mai 2024')
    expect(observed('2024-05-15T01:21:00.000Z', '2024-05-15T01:21:00.000Z', 'instant')).toBe('15 mai 2024, 12 h 21')
    // One day of the territory is named once.
    expect(observed('2024-05-14T21:00:00.000Z', '2024-05-15T12:00:00.000Z', 'instant')).toBe(
      '15 mai 2024, 08 h 00 – 23 h 00',
    )
    expect(observed('2024-05-14T21:00:00.000Z', '2024-05-15T14:00:00.000Z', 'instant')).toBe(
      '15 mai 2024, 08 h 00 – 16 mai 2024, 01 h 00',
    )
    const late = { from: '2024-04', to: '2024-04', precision: 'month', label: { fr: 'fin avril 2024' } } as const
    expect(fr.observed(late, 'Pacific/Noumea')).toBe('fin avril 2024')
    expect(plain(wordingOf('en').observed(late, 'Pacific/Noumea'))).toBe('April 2024')
    expect(fr.observed({ ...late, label: { und: 'fin avril' } }, 'Pacific/Noumea')).toBe('fin avril')
  })

  test('quotation marks in quotation marks are of the second rank', () => {
    expect(plain(fr.quoted('la « décolonisation »'))).toBe('« la “décolonisation” »')
    expect(en.quoted('a “decolonization”')).toBe('“a ‘decolonization’”')
  })

  test('a text as a value is never parsed as a message', () => {
    fc.assert(
      fc.property(fc.string(), (title) => {
        const rich = fr.formatRich('national.level', { name: title, isNamed: 'yes', list: '', count: 1 })
        expect(rich[0]).toEqual(title === '' ? expect.anything() : { text: title, strong: true })
      }),
    )
  })

  test('a sentence starts with a capital, also in its first segment', () => {
    expect(sentence([{ text: 'au moins', strong: true }, { text: ' un' }])).toEqual([
      { text: 'Au moins', strong: true },
      { text: ' un' },
    ])
    expect(capitalised('était')).toBe('Était')
  })
})
