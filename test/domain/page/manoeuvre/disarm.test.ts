import { describe, expect, test } from 'vitest'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { builtInDisarm } from '../../../../lambdas/domain/detection/frameworks/disarm-built-in.ts'
import { disarmOf, mentionsIn } from '../../../../lambdas/domain/detection/frameworks/disarm.ts'
import { killChain } from '../../../../lambdas/domain/detection/frameworks/kill-chain.ts'
import { disarmSection } from '../../../../lambdas/domain/page/manoeuvre/disarm.ts'

type Reported = Parameters<typeof mentionsIn>[0]

const section = (all: Reported, language: 'fr' | 'en' = 'fr') =>
  disarmSection({ disarm: disarmOf(builtInDisarm, mentionsIn(all)) }, wordingOf(language))

const ids = (...all: readonly string[]) => all.map((id) => ({ id }))

describe('the finding', () => {
  test.each<[string | undefined, Reported]>([
    [undefined, []],
    [undefined, [[]]],
    ['La seule mention relève de la tactique «\u202fFabriquer le contenu\u202f»', [ids('T0084.001')]],
    [
      'Les 2 mentions relèvent toutes de la tactique «\u202fFabriquer le contenu\u202f»',
      [ids('T0084.001', 'T0104.005')],
    ],
    [
      '2 des 4 mentions relèvent de la tactique «\u202fFabriquer le contenu\u202f»',
      [ids('T0084.001', 'T0104.005', 'T0019.002', 'T0099.001')],
    ],
    [
      '2 mentions se répartissent entre 2 tactiques, sans qu’une l’emporte',
      [ids('T0084.001', 'T0019.002', 'T0099.001')],
    ],
    ['Une des 2 mentions relève de la tactique «\u202fFabriquer le contenu\u202f»', [ids('T0084.001', 'T0099.001')]],
    ['Aucune des 2 mentions n’a de place dans la matrice', [ids('T0099.001', 'T9068')]],
    ['Aucune mention ne relève de DISARM', [[{ id: 'T1059', framework: 'mitre-attack' }]]],
    [
      'La seule mention de DISARM relève de la tactique «\u202fFabriquer le contenu\u202f»',
      [[{ id: 'T1059', framework: 'mitre-attack' }, { id: 'T0084.001' }]],
    ],
  ])('is: %s', (finding, all) => {
    expect(section(all)?.finding).toBe(finding)
  })
})

test('English names are marked where no French one is known, and nowhere on an English page', () => {
  const all = [
    [
      { id: 'T0084.001', name: 'Use Copypasta' },
      { id: 'T0104.005', name: 'Use Hashtags' },
    ],
  ]
  expect(section(all)?.ids?.rows.map(({ current }) => current[0]?.name)).toEqual([
    { text: 'Avoir recours au copypasta' },
    { text: 'Use Existing Hashtag', lang: 'en' },
  ])
  expect(section(all)?.ids?.rows[0]?.reported).toEqual({
    id: 'T0084.001',
    name: { text: 'Use Copypasta', lang: 'en' },
  })
  expect(JSON.stringify(section(all, 'en'))).not.toContain('"lang"')
})

test('an id without a place is flagged with its reason, and listed under the matrix', () => {
  const found = section([ids('T0099.001', 'T9068', 'bad')])
  expect(found?.ids?.rows.map(({ reported, sign, state, rank }) => [reported.id, sign, state, rank])).toEqual([
    ['T0099.001', 'flag', 'sans équivalent', '–'],
    ['T9068', 'flag', 'inconnu', '–'],
    ['bad', 'flag', 'inconnu', '–'],
  ])
  expect(found?.ids?.rows[0]?.current).toEqual([{ id: '', name: { text: 'successeur T0142, retiré à son tour' } }])
  expect(found?.outside).toBe(
    'Hors de la matrice\u00a0: une mention sans équivalent et 2 mentions d’identifiants inconnus. Total\u00a0: 3 mentions.',
  )
  expect(found?.phases.flatMap(({ tactics }) => tactics)).toHaveLength(16)
})

test('a long list keeps the ids without a place, and has the number of the others', () => {
  const many = Array.from({ length: 150 }, (_, at) => ({ id: `X${at}`, framework: 'Other' }))
  const unknown = Array.from({ length: 120 }, (_, at) => ({ id: `bad-${String(at).padStart(3, '0')}` }))
  const found = section([[...many, ...unknown, { id: 'T0084.001' }]])
  expect(found?.others.map(({ rows }) => rows.length)).toEqual([100])
  expect(found?.others[0]?.more).toBe('50 identifiants de plus ne sont pas listés.')
  expect(found?.ids?.rows).toHaveLength(100)
  expect(found?.ids?.rows.every(({ sign }) => sign === 'flag')).toBe(true)
  expect(found?.ids?.more).toBe('21 identifiants de plus ne sont pas listés.')
})

test('each other framework has its own heading, and the section is DISARM’s only where all mentions are', () => {
  const others = [
    { id: '7.3', framework: killChain },
    { id: 'T1059', framework: 'mitre-attack' },
    { id: '0.9', framework: killChain },
  ]
  expect(section([ids('T0084.001')])).toMatchObject({ title: 'Techniques DISARM', others: [] })
  const found = section([others, ids('T0084.001')])
  expect(found?.title).toBe('Techniques')
  expect(found?.others.map(({ title, rows }) => [title, rows.map(({ technique }) => technique.id)])).toEqual([
    [killChain, ['0.9', '7.3']],
    ['mitre-attack', ['T1059']],
  ])
  expect(section([others])).toMatchObject({ title: 'Techniques', phases: [], ids: null })
})
