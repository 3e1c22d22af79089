import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FaultError } from '../../../../lambdas/domain/core/fault.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import {
  type Analysts,
  assignTerritories,
  parseRules,
} from '../../../../lambdas/domain/detection/names/territory-rules.ts'
import { detection, detectionsAsOf } from '../../../support/detections.ts'

const nowhere = (input: Partial<DetectionInput>) => detection({ territories: [], ...input })

const placed = (input: Partial<DetectionInput>, analysts?: Analysts) =>
  assignTerritories(analysts)(nowhere(input)).territories

const rules = (...all: readonly { readonly match: object; readonly territories?: readonly string[] }[]) =>
  parseRules(
    { by: 'Ana, unit X', rules: all.map((one, at) => ({ name: `rule ${at + 1}`, territories: ['NC'], ...one })) },
    'rules.json',
  )

describe('the place of its event', () => {
  test.each([
    ['Nouvelle-Calédonie', [{ code: 'NC', method: 'explicit', via: 'Nouvelle-Calédonie' }]],
    ['Papeete', [{ code: 'PF', method: 'gazetteer', via: 'Papeete' }]],
    ['Saint-Denis, La Réunion', [{ code: 'RE', method: 'explicit', via: 'Saint-Denis, La Réunion' }]],
    ['Saint-Denis', []],
    ['Charlotte, NC', []],
    ['Guyana', []],
    [`Nouméa\n${'x'.repeat(400)}`, []],
  ])('%s', (place, territories) => {
    expect(placed({ event: { place } })).toEqual(territories)
  })

  test('is read in each language, a territory’s name before a town’s', () => {
    expect(placed({ event: { place: { fr: 'Nouméa', en: 'New Caledonia' } } })).toEqual([
      { code: 'NC', method: 'explicit', via: 'New Caledonia' },
    ])
  })
})

test('a misspelt territory of its own is replaced by none', () => {
  expect(placed({ territories: ['Martinqiue'], hashtags: ['#Kanaky'], event: { place: 'Papeete' } })).toEqual([])
})

describe('hashtags', () => {
  test.each([
    ['nouvellecaledonie', 'NC'],
    ['#Nouvelle_Calédonie', 'NC'],
    ['#CorsicaLibera', 'COR'],
  ])('%s is about %s', (tag, code) => {
    expect(placed({ hashtags: ['#Paris2024', tag] })).toEqual([{ code, method: 'hashtag', via: tag }])
  })

  test.each(['#Reunion', '#OutreMer', '#Guyana', '#NC', '#', '#constructor'])('%s places nothing', (tag) => {
    expect(placed({ hashtags: [tag] })).toEqual([])
  })

  test('are several territories, after the place of an event', () => {
    expect(placed({ hashtags: ['#Kanaky', '#Martinique'] }).map(({ code }) => code)).toEqual(['MQ', 'NC'])
    expect(placed({ hashtags: ['#Kanaky'], event: { place: 'Ajaccio' } })).toMatchObject([{ code: 'COR' }])
  })
})

test('titles, summaries, domains, narratives and languages place nothing', () => {
  expect(
    placed({
      title: { fr: 'Émeutes à Nouméa, Nouvelle-Calédonie' },
      summary: { fr: 'La Martinique et la Corse.' },
      indicators: [{ type: 'url', value: 'https://journal.nc/martinique' }],
      narratives: ['New Caledonia is not France'],
      languages: ['co'],
    }),
  ).toEqual([])
})

describe('an analyst’s rules', () => {
  const about: Partial<DetectionInput> = {
    title: { fr: 'Émeutes à Nouméa' },
    summary: { en: 'A burst.' },
    campaign: 'UN-notorious BIG',
    hashtags: ['#CRS8'],
    accountSet: { id: 'big-423', name: '423 X accounts', size: 423 },
    fingerprints: [{ algorithm: 'simhash', value: 'AB-12' }],
  }

  test.each([
    [{ hashtag: ['#other', '#CRS8'] }, true],
    [{ text: 'Emeutes a Noumea' }, true],
    [{ text: 'Noum' }, false],
    [{ campaign: 'un notorious big' }, true],
    [{ detector: 'D3LTA' }, true],
    [{ accountSet: 'big-423' }, true],
    [{ accountSet: '423 X accounts' }, true],
    [{ fingerprint: 'AB-12' }, true],
    [{ fingerprint: 'ab-12' }, false],
    [{ text: 'Nouméa', detector: 'another' }, false],
    [{ text: 'Nouméa', detector: 'D3lta' }, true],
  ] as const)('%j fits: %j', (match, fits) => {
    expect(placed(about, { rules: [rules({ match })] })).toEqual(
      fits ? [{ code: 'NC', method: 'analyst', via: 'rule 1', by: 'Ana, unit X' }] : [],
    )
  })

  test('all that fit count, the first for each territory, with groups and names resolved', () => {
    const own = rules(
      { match: { text: ['Nouméa'] }, territories: ['Kanaky', 'PF'] },
      { match: { hashtag: ['#CRS8'] }, territories: ['pacific'] },
      { match: { hashtag: ['#none'] }, territories: ['MQ'] },
    )
    expect(placed(about, { rules: [own] }).map(({ code, via }) => `${code} ${via}`)).toEqual([
      'NC rule 1',
      'PF rule 1',
      'WF rule 2',
    ])
  })

  test('come after hashtags, in order of their sets, with --territory last', () => {
    const [first, second] = [
      rules({ match: { hashtag: ['#CRS8'] }, territories: ['MQ'] }),
      rules({ match: { text: ['Nouméa'] }, territories: ['NC'] }),
    ]
    const analysts = { rules: [first, second], territories: ['RE'] } as const
    expect(placed({ ...about, hashtags: ['#CRS8', '#Kanaky'] }, analysts)).toMatchObject([{ method: 'hashtag' }])
    expect(placed(about, analysts)).toMatchObject([{ code: 'MQ', method: 'analyst', by: 'Ana, unit X' }])
    expect(placed({ title: 'Nouméa' }, analysts)).toMatchObject([{ code: 'NC' }])
    expect(placed({}, analysts)).toEqual([{ code: 'RE', method: 'analyst' }])
  })

  test.each([
    [{}, 'by: is missing; rules: is missing'],
    [{ by: 'Ana', rules: [{ name: 'a', match: {}, territories: ['NC'] }] }, 'rules[0].match must name what to match'],
    [{ by: 'Ana', rules: [{ name: 'a', match: { text: '…' }, territories: ['NC'] }] }, 'rules[0].match.text must hold'],
    [{ by: 'Ana', rules: [{ name: 'a', match: { tag: '#a' }, territories: ['NC'] }] }, 'does not know: tag'],
    [
      { by: 'Ana', rules: [{ name: 'a', match: { text: 'b' }, territories: ['NC', 'Atlantis'] }] },
      'rules[0].territories[1] "Atlantis" is no territory',
    ],
    ['text', 'must be an object'],
  ])('%j is refused', (value, message) => {
    const read = () => parseRules(value, 'rules.json')
    expect(read).toThrow(FaultError)
    expect(read).toThrow('rules.json: ')
    expect(read).toThrow(message)
  })
})

describe('every detection', () => {
  const analysts: Analysts = { rules: [rules({ match: { hashtag: ['#a'] } })], territories: ['WF'] }

  test('with a territory is unchanged, and is placed only once', () => {
    const place = assignTerritories(analysts)
    fc.assert(
      fc.property(detectionsAsOf, fc.boolean(), (all, keep) => {
        for (const { detection: one } of all) {
          const given = keep ? one : { ...one, territories: [] }
          const now = place(given)
          expect(place(now)).toBe(now)
          if (keep) expect(now).toBe(one)
          else expect(now).toEqual({ ...one, territories: now.territories })
          expect(now.territories).not.toEqual([])
        }
      }),
    )
  })
})
