/** What is looked for, in which order, and the words of an explanation. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { daysAsked } from '../../../lambdas/domain/looking/days.ts'
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
  ['example.org', 'example.org'],
  ['https://www.Example.org/a?b#c', 'www.example.org'],
  ['[https]://user@example[.]org:8080/', 'example.org'],
  ['hxxp://example[.]org.', 'example.org'],
  ['example', undefined],
  ['two words.org', undefined],
])('of %s the host is %s', (text, host) => {
  expect(hostOf(text)).toBe(host)
})

describe('the text of a detection', () => {
  const parts = [
    'Élections',
    'ÇA',
    'cœur',
    'ﬁn',
    'İstanbul',
    'e\u0301t\u0327',
    'ΟΔΟΣ',
    '"dit"',
    '\\n',
    '\n',
    'Å',
    '½',
    '선거',
    '𝐀b',
    ' ',
    '-',
    '’',
    '.',
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
  const toldApart = (one: ReturnType<typeof about>, words: string) =>
    saying(words)(one) && !maySay(words)(JSON.stringify(one))

  test('is not passed over where it says the words, whatever is written', () => {
    let said = 0
    fc.assert(
      fc.property(texts, pieceOf, (written, [from, length]) => {
        const title = written.join('').trim()
        fc.pre(title !== '')
        const words = [...title]
          .slice(from % [...title].length)
          .slice(0, length)
          .join('')
        const one = about(title)
        if (saying(words)(one)) said += 1
        expect(toldApart(one, words)).toBe(false)
      }),
      { numRuns: 1_000 },
    )
    expect(said).toBeGreaterThan(200)
  })
  test.each([
    'oeuvre',
    'OEUVRE titre',
    'rrn.world',
    'https://rrn.world/other',
    'http.example.org',
    'hxxp.example.org/x',
    'a"b\\c',
  ])('is not passed over where it is about %s', (words) => {
    expect(saying(words)(about('x'))).toBe(true)
    expect(maySay(words)(JSON.stringify(about('x')))).toBe(true)
  })
  test('is passed over where a word is not in it', () => {
    expect(maySay('titre photo')(JSON.stringify(about('x')))).toBe(false)
    expect(maySay('rrn.word')(JSON.stringify(about('x')))).toBe(false)
  })
})

describe('a name that is not known yet', () => {
  const names = fc.array(
    fc.string({ unit: fc.constantFrom(...'ab"\\],:[é ', '"hashtags":[', '\\"campaign\\":'), minLength: 1 }),
    { maxLength: 3 },
  )

  test('is never passed over, however it is written, and whether or not the quotes are escaped', () => {
    fc.assert(
      fc.property(names, names, fc.boolean(), (said, known, isNested) => {
        const [campaign, ...hashtags] = said
        const json = JSON.stringify({ campaign, hashtags, title: { fr: 'x' } })
        const text = isNested ? JSON.stringify({ body: { json } }) : json
        if (said.some((name) => !known.includes(name))) expect(mayName(new Set(known))(text)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  test('lets be passed over what has known ones only', () => {
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
  test('comes back from its cursor', () => {
    fc.assert(fc.property(places, (place) => void expect(placeOf(cursorTo(place))).toEqual(place)))
  })
  test('comes after every one that is newer, and not after itself', () => {
    fc.assert(
      fc.property(places, places, (one, other) => {
        expect(isAfter(one, other)).toBe(newestFirst(other, one) < 0)
        expect(isAfter(one, one)).toBe(false)
      }),
    )
  })
  test('is the latest of the territories that are looked at, on the days that are', () => {
    const both = detection({ territories: ['NC', 'PF'], observed: { from: '2024-05-15' } })
    expect(placeIn(both, ['NC', 'PF'], undefined)?.at).toBe('2024-05-15T10:00:00.000Z')
    expect(placeIn(both, ['NC'], undefined)?.at).toBe('2024-05-14T13:00:00.000Z')
    expect(placeIn(both, ['NC'], { first: '2024-05-16', last: '2024-05-16' })).toBeUndefined()
  })
})

test.each([
  [{}, { first: '2024-02-20', last: '2024-05-21' }],
  [{ first: '2024-01-01' }, { first: '2024-01-01', last: '2024-04-01' }],
  [{ last: '2024-04-01' }, { first: '2024-01-01', last: '2024-04-01' }],
])('of the days %j that are stated, 92 are looked at', (stated, days) => {
  expect(daysAsked(stated, new Date('2024-05-20T13:00:00Z'))).toEqual(days)
})

describe('an explanation', () => {
  const report = { territory: 'NC', period: parsePeriod('2024-W20') } as const
  const said = (observed: { from: string; to?: string }, territories = ['NC'], marking = 'TLP:GREEN') => {
    const standing = explainCountStatus(detectionAsOf({ observed, territories, marking }), [], report, 'TLP:GREEN')
    return describeCountStatus(standing, explainWordingOf('en'))
  }
  test.each([
    [{ from: '2024-05-15' }, 'its first observation lies wholly in the period'],
    [{ from: '2024-05' }, 'its date is wider than the period, which holds a part of it'],
    [{ from: '2024-05-12', to: '2024-05-13' }, 'it was first observed before the period and reaches into it'],
    [{ from: '2024-05-11', to: '2024-05-12' }, 'it ended before the period began'],
    [{ from: '2024-05-20' }, 'it was first observed after the period'],
  ])('of what was observed %j says that %s', (observed, reason) => {
    expect(said(observed)[1]).toBe(reason)
  })
  test('tells what is withheld and what is elsewhere from what is outside', () => {
    expect(said({ from: '2024-05-15' }, ['NC'], 'TLP:RED')).toEqual([
      'withheld: only its number is given',
      'its marking is above the cap',
    ])
    expect(said({ from: '2024-05-15' }, ['PF'])[1]).toBe('it is not placed in this territory')
  })
  test('has the same words in both languages, each filled in', () => {
    const values = { id: 'an id', via: 'a place', details: ' (somebody)' }
    for (const key of Object.keys(english) as ExplainKey[]) {
      const [en, fr] = (['en', 'fr'] as const).map((language) => explainWordingOf(language).say(key, values))
      expect([fr?.length ?? 0, fr === en]).toEqual([fr?.length, false])
      for (const value of Object.values(values)) expect(fr?.includes(value)).toBe(en?.includes(value))
    }
  })
  test('tells the local week, or the month alone', () => {
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
    ['russia', actor('Russie')],
    ['azerbaïdjan', actor('Azerbaijan / Baku Initiative Group (BIG)')],
    ['groupe d’initiative', actor('Azerbaijan / Baku Initiative Group (BIG)')],
    ['bakou azerb', actor('Azerbaijan / Baku Initiative Group (BIG)')],
    ['bakou', actor('BIG')],
    ['chine', actor({ en: 'China' })],
    ['chine', actor('"China" / China')],
    ['côte ivory', actor('Côte d’Ivoire')],
    ['le pays voisin', names({ reported: { actor: 'Le pays voisin' } })],
    ['doppelgänger', names({ campaign: 'RRN' })],
    ['martinique', names({ territories: ['MQ'] })],
    ['corse', names({ territories: ['COR'] })],
    ['Corsica', names({ territories: ['GP', 'COR'] })],
    ['reunion', names({ territories: ['RE'] })],
    ['martinqiue', names({ reported: { territories: ['Martinqiue'] } })],
    ['kanaky', names({ territories: [{ code: 'NC', method: 'hashtag', via: '#Kanaky' }] })],
  ])('%s is found where it is shown, also before it is read', (words, one) => {
    const json = JSON.stringify(one)
    expect(saying(words)(one)).toBe(true)
    expect([json, JSON.stringify({ body: { json } })].map(maySay(words))).toEqual([true, true])
    expect(saying(words)(detection({ title: { und: 'x' } }))).toBe(false)
  })
  test('lead to nothing else', () => {
    expect(saying('bakou')(names({ campaign: 'BIG' }))).toBe(false)
    expect(saying('russie')(actor('Prussia'))).toBe(false)
    expect(saying('martinique')(names({ territories: ['GP'] }))).toBe(false)
    expect(maySay('martinique')(JSON.stringify(names({ territories: ['GP'] })))).toBe(false)
    expect(maySay('russie')(JSON.stringify(actor('China')))).toBe(false)
  })
})

test('a sign without width begins no word', () => {
  const one = detection({ title: { und: 'zéro\u200bwidth' } })
  expect([saying('width')(one), saying('zerowidth')(one)]).toEqual([false, true])
})

test.each([
  ['strasse', 'Falsche Nachrichten in der Straße'],
  ['lodz', 'Plakate in Łódź'],
  ['محمد', 'مُحَمَّد'],
  ['مُحَمَّد', 'محـــمد'],
  ['cezaire', 'cé\u200bzaire'],
  ['re\u00adport', 'le report'],
  ['report', 're\u00adport'],
  ['اعلام', 'إعلام'],
  ['آخر', 'اخر'],
])('%s is found in a text that writes it otherwise, also before it is read', (words, title) => {
  const one = detection({ title: { und: title } })
  expect(saying(words)(one)).toBe(true)
  expect(maySay(words)(JSON.stringify(one))).toBe(true)
  expect(saying(words)(detection({ title: { und: 'x' } }))).toBe(false)
})
