import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { daysAsked, daysReached } from '../../../lambdas/domain/looking/days.ts'
import {
  changedBetween,
  type ExplainKey,
  explainWordingOf,
  placesExplained,
  explainCountStatus,
  describeCountStatus,
} from '../../../lambdas/domain/looking/explanation.ts'
import { hostOf, mayName, maySay, saying } from '../../../lambdas/domain/looking/filter.ts'
import { cursorTo, isAfter, newestFirst, placeIn, placeOf } from '../../../lambdas/domain/looking/place.ts'
import english from '../../../templates/messages/explain.en.json' with { type: 'json' }
import { detection, detectionAsOf } from '../../support/detections.ts'

test.each([
  ['https://www.Example.org/a?b#c', 'www.example.org'],
  ['[https]://user@example[.]org:8080/', 'example.org'],
  ['hxxp://example[.]org.', 'example.org'],
  ['example', undefined],
  ['two words.org', undefined],
])('the host of %s is %s', (text, host) => {
  expect(hostOf(text)).toBe(host)
})

describe('the text of a detection', () => {
  const parts = [
    ...'Élections ÇA cœur ﬁn İstanbul e\u0301t\u0327 ΟΔΟΣ "dit" \\n Å ½ 선거 𝐀b - ’ .'.split(' '),
    ...['\n', ' '],
  ]
  const texts = fc.array(fc.oneof(fc.constantFrom(...parts), fc.string({ unit: 'grapheme', maxLength: 4 })), {
    minLength: 1,
    maxLength: 8,
  })
  const pieceOf = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 }))
  const about = (title: string) =>
    detection({
      title: { fr: `Titre ${title}` },
      hashtags: ['#Œuvre'],
      indicators: [
        { type: 'url', value: 'hxxps://rrn[.]world/a' },
        { type: 'domain', value: 'Hxxp.Example.ORG' },
      ],
      accountRefs: ['a"b\\c'],
    })
  const isMissed = (one: ReturnType<typeof about>, words: string) =>
    saying(words)(one) && !maySay(words)(JSON.stringify(one))

  test('is not skipped where it has the words', () => {
    let found = 0
    fc.assert(
      fc.property(texts, pieceOf, (written, [from, length]) => {
        const title = written.join('').trim()
        fc.pre(title !== '')
        const words = [...title]
          .slice(from % [...title].length)
          .slice(0, length)
          .join('')
        const one = about(title)
        if (saying(words)(one)) found += 1
        expect(isMissed(one, words)).toBe(false)
      }),
      { numRuns: 1_000 },
    )
    expect(found).toBeGreaterThan(200)
  })
  test.each(['OEUVRE titre', 'rrn.world', 'https://rrn.world/other', 'hxxp.example.org/x', 'a"b\\c'])(
    'is not skipped where it is about %s',
    (words) => {
      expect(saying(words)(about('x'))).toBe(true)
      expect(maySay(words)(JSON.stringify(about('x')))).toBe(true)
    },
  )
  test('is skipped where a word is not in it', () => {
    expect(maySay('titre photo')(JSON.stringify(about('x')))).toBe(false)
    expect(maySay('rrn.word')(JSON.stringify(about('x')))).toBe(false)
  })
})

describe('a text with names', () => {
  const names = fc.array(
    fc.string({ unit: fc.constantFrom(...'ab"\\],:[é ', '"hashtags":[', '\\"campaign\\":'), minLength: 1 }),
    { maxLength: 3 },
  )

  test('is never skipped with an unknown name, escaped or not', () => {
    fc.assert(
      fc.property(names, names, fc.boolean(), (stated, known, isNested) => {
        const [campaign, ...hashtags] = stated
        const json = JSON.stringify({ campaign, hashtags, title: { fr: 'x' } })
        const text = isNested ? JSON.stringify({ body: { json } }) : json
        if (stated.some((name) => !known.includes(name))) expect(mayName(new Set(known))(text)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  test('is skipped with known names only', () => {
    const json = JSON.stringify({ campaign: 'Big', hashtags: ['#a', '#b'], title: { fr: 'x' } })
    for (const text of [json, JSON.stringify({ body: { json } })]) {
      expect(mayName(new Set(['Big', '#a', '#b']))(text)).toBe(false)
      expect(mayName(new Set(['Big', '#a']))(text)).toBe(true)
    }
    expect(mayName(new Set())(JSON.stringify({ hashtags: [] }))).toBe(false)
  })
})

describe('a place in a list', () => {
  const places = fc.record({
    at: fc
      .date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    id: fc.stringMatching(/^[a-zé#~ ]{1,20}$/),
  })
  test('is restored from its cursor', () => {
    fc.assert(fc.property(places, (place) => void expect(placeOf(cursorTo(place))).toEqual(place)))
  })
  test('comes after each newer one, and not after itself', () => {
    fc.assert(
      fc.property(places, places, (one, other) => {
        expect(isAfter(one, other)).toBe(newestFirst(other, one) < 0)
        expect(isAfter(one, one)).toBe(false)
      }),
    )
  })
  test('is the latest of the territories and days of the search', () => {
    const both = detection({ territories: ['NC', 'PF'], observed: { from: '2024-05-15' } })
    expect(placeIn(both, ['NC', 'PF'], undefined)?.at).toBe('2024-05-15T10:00:00.000Z')
    expect(placeIn(both, ['NC'], undefined)?.at).toBe('2024-05-14T13:00:00.000Z')
    expect(placeIn(both, ['NC'], { first: '2024-05-16', last: '2024-05-16' })).toBeUndefined()
  })
})

test.each([
  [{}, { first: '2024-02-20', last: '2024-05-21' }],
  [{ first: '2024-01-01' }, { first: '2024-01-01', last: '2024-04-01' }],
])('a search with the days %j covers 92 days', (stated, days) => {
  expect(daysAsked(stated, new Date('2024-05-20T13:00:00Z'))).toEqual(days)
})

test.each([
  [{}, { first: '1970-01-01', last: '2024-05-21' }],
  [{ first: '1980-01-01' }, { first: '1980-01-01', last: '2024-05-21' }],
  [
    { first: '1980-01-01', last: '2024-01-01' },
    { first: '1980-01-01', last: '2024-01-01' },
  ],
])('an unlimited search with the days %j covers all', (stated, days) => {
  expect(daysAsked(stated, new Date('2024-05-20T13:00:00Z'), true)).toEqual(days)
})

test('a search without dates reaches back until 92 days may have a detection, in steps of 92', () => {
  const reached = (mayHave: (day: string) => boolean) =>
    daysReached(mayHave, undefined, new Date('2024-05-20T13:00:00Z'))
  const last = '2024-05-21'
  expect(reached(() => true)).toEqual({ days: { first: '2024-02-20', last }, earlier: '2024-02-19' })
  for (const hidden of ['2024-02-01', '2024-01-01']) {
    const { days } = reached((day) => day > '2024-02-20' || day === hidden || day < '2023-11-19')
    expect(days).toEqual({ first: '2023-11-20', last })
  }
  expect(reached((day) => day === '2003-02-01')).toEqual({ days: { first: '1970-01-01', last } })
})

describe('an explanation', () => {
  const report = { territory: 'NC', period: parsePeriod('2024-W20') } as const
  const explained = (observed: { from: string; to?: string }, territories = ['NC'], marking = 'TLP:GREEN') => {
    const status = explainCountStatus(detectionAsOf({ observed, territories, marking }), [], report, 'TLP:GREEN')
    return describeCountStatus(status, explainWordingOf('en'))
  }
  test.each([
    [{ from: '2024-05' }, 'its date is wider than the period, which holds a part of it'],
    [{ from: '2024-05-12', to: '2024-05-13' }, 'it was first observed before the period and reaches into it'],
    [{ from: '2024-05-11', to: '2024-05-12' }, 'it ended before the period began'],
  ])('of an observation %j is: %s', (observed, reason) => {
    expect(explained(observed)[1]).toBe(reason)
  })
  test('distinguishes withheld and elsewhere from outside', () => {
    expect(explained({ from: '2024-05-15' }, ['NC'], 'TLP:RED')).toEqual([
      'withheld: only its number is given',
      'its marking is above the cap',
    ])
    expect(explained({ from: '2024-05-15' }, ['PF'])[1]).toBe('it is not placed in this territory')
  })
  test('has the same values in both languages', () => {
    const values = { id: 'an id', via: 'a place', details: ' (somebody)' }
    for (const key of Object.keys(english) as ExplainKey[]) {
      const [en, fr] = (['en', 'fr'] as const).map((language) => explainWordingOf(language).say(key, values))
      expect([fr?.length ?? 0, fr === en]).toEqual([fr?.length, false])
      for (const value of Object.values(values)) expect(fr?.includes(value)).toBe(en?.includes(value))
    }
  })
  test('has the local week, or the month alone', () => {
    expect(placesExplained(detection({ observed: { from: '2024-05-12T14:00:00Z' } }))).toMatchObject([
      { code: 'NC', day: '2024-05-13', week: '2024-W20', month: '2024-05' },
    ])
    expect(placesExplained(detection({ observed: { from: '2024-05' } }))[0]).not.toHaveProperty('week')
  })
  test('names each figure that a revision changes', () => {
    const before = detection({ counts: { posts: 1, accounts: 2 } })
    expect(changedBetween(before, { ...before, revision: 2 })).toEqual([])
    expect(changedBetween(before, detection({ counts: { posts: 3 }, campaign: 'A' }))).toEqual([
      'campaign',
      'counts.accounts',
      'counts.posts',
    ])
  })
})

describe('names', () => {
  const names = (more: Parameters<typeof detection>[0]) => detection({ title: { und: 'x' }, territories: [], ...more })
  const actor = (name: string | Record<string, string>) => names({ actor: { name, attributedBy: 'VIGINUM' } })
  test.each([
    ['russie', actor('Russia')],
    ['Fédération de Russie', actor('Russia')],
    ['bakou azerb', actor('Azerbaijan / Baku Initiative Group (BIG)')],
    ['chine', actor('"China" / China')],
    ['côte ivory', actor('Côte d’Ivoire')],
    ['le pays voisin', names({ reported: { actor: 'Le pays voisin' } })],
    ['doppelgänger', names({ campaign: 'RRN' })],
    ['martinique', names({ territories: ['MQ'] })],
    ['Corsica', names({ territories: ['GP', 'COR'] })],
    ['martinqiue', names({ reported: { territories: ['Martinqiue'] } })],
    ['kanaky', names({ territories: [{ code: 'NC', method: 'hashtag', via: '#Kanaky' }] })],
  ])('%s finds what is shown under another name, also in unread JSON', (words, one) => {
    const json = JSON.stringify(one)
    expect(saying(words)(one)).toBe(true)
    expect([json, JSON.stringify({ body: { json } })].map(maySay(words))).toEqual([true, true])
    expect(saying(words)(detection({ title: { und: 'x' } }))).toBe(false)
  })
  test('find nothing else', () => {
    expect(saying('bakou')(names({ campaign: 'BIG' }))).toBe(false)
    expect(saying('russie')(actor('Prussia'))).toBe(false)
    const other = names({ territories: ['GP'] })
    expect([saying('martinique')(other), maySay('martinique')(JSON.stringify(other))]).toEqual([false, false])
  })
})

test('a sign without width starts no word', () => {
  const one = detection({ title: { und: 'zéro\u200bwidth' } })
  expect([saying('width')(one), saying('zerowidth')(one)]).toEqual([false, true])
})

// test/domain/core/text/spelling.test.ts has all foldings.
test.each([
  ['strasse', 'Falsche Nachrichten in der Straße'],
  ['مُحَمَّد', 'محـــمد'],
  ['re\u00adport', 'le report'],
  ['آخر', 'اخر'],
])('%s is found in another spelling, also in unread JSON', (words, title) => {
  const one = detection({ title: { und: title } })
  expect(saying(words)(one)).toBe(true)
  expect(maySay(words)(JSON.stringify(one))).toBe(true)
})
