/** The outcome of a manoeuvre includes its parts, each named with its source. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { effectOfAll, outcomeOf } from '../../../lambdas/domain/aggregate/outcome.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import type { ManoeuvreCard } from '../../../lambdas/domain/page/manoeuvre/manoeuvre.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { dossierOn } from '../../support/dossiers.ts'
import { reportOn } from '../../support/reports.ts'

const plainly = (text = ''): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

const textIn = (rows: readonly { readonly label: string; readonly paragraphs: ManoeuvreCard['campaignLine'][] }[]) =>
  rows.map(({ label, paragraphs }) => [
    label,
    ...paragraphs.map((one) => plainly(one.map(({ text }) => text).join(''))),
  ])

const made = (id: string, input: Partial<DetectionInput>) =>
  detectionAsOf({ ...{ id, title: { fr: `Salve ${id}`, en: `Burst ${id}` }, marking: 'TLP:GREEN' }, ...input })

const cardOn = (found: Parameters<typeof reportOn>[0], cap: 'TLP:AMBER' | 'TLP:AMBER+STRICT' = 'TLP:AMBER') => {
  const card = reportOn(found, { cap }).pages.fr.manoeuvres?.cards[0]
  if (!card) throw new Error('no manoeuvre has a card')
  const { rowsAfter, breakout } = card
  const [, ...effect] = textIn(rowsAfter as never).find(([label]) => label === 'Effet') ?? []
  return { effect, breakout: breakout && plainly(breakout.text.map(({ text }) => text).join('')) }
}

const effectOnPageOne = (found: Parameters<typeof reportOn>[0]) => {
  const row = reportOn(found).pages.fr.first?.rows.find(({ label }) => label === 'Effet')
  const [text = '', small = ''] = [row?.text, row?.small].map((one) => plainly(one?.map((part) => part.text).join('')))
  return { text, small }
}

const none = { observedEffect: { state: 'none', source: 'VIGINUM' } } as const
const blocked: Partial<DetectionInput> = {
  partOf: 'p',
  observedEffect: {
    ...{ state: 'observed', degree: 'act', source: 'Préfecture' },
    text: { fr: 'Le port a été bloqué', en: 'The port was blocked' },
  },
  breakout: { category: 6 },
}

describe('the card of a manoeuvre', () => {
  test('has the observed effect of a part first, with its source, then the effect of the whole', () => {
    expect(cardOn([made('p', none), made('pa', blocked)])).toEqual({
      effect: [
        'Effet observé : un acte ou une décision, selon Préfecture (partie « Salve pa », source D3lta). ' +
          'Le port a été bloqué',
        'Sans effet observé, selon VIGINUM.',
      ],
      breakout: 'Catégorie 6 sur 6 : réponse publique ou appel à la violence (partie « Salve pa », source D3lta).',
    })
  })

  test('states that an effect or a breakout is of more than its territory', () => {
    const { partOf: _, ...alone } = blocked
    expect(cardOn([made('p', { ...alone, territories: ['NC', 'PF', 'WF'] })])).toEqual({
      effect: [
        'Effet observé : un acte ou une décision, selon Préfecture (commun à 3 territoires). Le port a été bloqué',
      ],
      breakout: 'Catégorie 6 sur 6 : réponse publique ou appel à la violence (commun à 3 territoires).',
    })
    const byGroup = cardOn([made('p', { ...alone, territories: ['pacific'] })])
    expect(byGroup.effect[0]).toContain('selon Préfecture (énoncé pour un groupe de territoires).')
    expect(byGroup.breakout).toContain('(énoncé pour un groupe de territoires).')
  })

  test('has nothing of a part above the cap', () => {
    const found = [made('p', none), made('pa', { ...blocked, marking: 'TLP:RED' })]
    expect(cardOn(found)).toEqual({ effect: ['Sans effet observé dans cette édition, selon VIGINUM.'], breakout: null })
  })

  test('reads “not given” for the whole where only a part states that there was none', () => {
    const found = [made('p', {}), made('pa', { partOf: 'p', ...none })]
    expect(cardOn(found).effect).toEqual([
      'Effet de l’ensemble non communiqué.',
      'Sans effet observé, selon VIGINUM (partie « Salve pa », source D3lta).',
    ])
    expect(effectOnPageOne(found).text).toBe('Aucune source ne dit l’effet.')
  })

  test('names no part where the whole has the same or more', () => {
    const { partOf: _, ...own } = blocked
    expect(cardOn([made('p', own), made('pa', { ...blocked, breakout: { category: 3 } })])).toEqual({
      effect: ['Effet observé : un acte ou une décision, selon Préfecture. Le port a été bloqué'],
      breakout: 'Catégorie 6 sur 6 : réponse publique ou appel à la violence.',
    })
  })

  test('has the rating of the whole where a part’s is wider', () => {
    const found = [made('p', { breakout: { category: 2 } }), made('pa', { ...blocked, breakout: { category: 4 } })]
    expect(cardOn(found).breakout).toBe(
      'Catégorie 4 sur 6 : reprise par les médias généralistes (partie « Salve pa », source D3lta). ' +
        'Pour l’ensemble : catégorie 2.',
    )
  })

  test('has three observed effects, and the number of the others', () => {
    const parts = [1, 2, 3, 4, 5].map((at) =>
      made(`p${at}`, { partOf: 'p', observedEffect: { state: 'observed', degree: 'online', source: `S${at}` } }),
    )
    const { effect } = cardOn([made('p', none), ...parts])
    expect(effect).toHaveLength(5)
    expect(effect.slice(3)).toEqual([
      '2 autres effets observés dans ses parties.',
      'Sans effet observé, selon VIGINUM.',
    ])
  })

  test('lists the part with the gravest outcome of any number, and the number not listed', () => {
    const parts = Array.from({ length: 310 }, (_, at) => made(`q${String(at).padStart(3, '0')}`, { partOf: 'p' }))
    const late = made('z', { ...blocked, observed: { from: '2024-05-18' } })
    const found = [made('p', none), ...parts, late]
    expect(cardOn(found).effect[0]).toContain('Le port a été bloqué')
    const report = reportOn(found)
    expect(report.manoeuvres[0]).toMatchObject({ moreParts: 11 })
    expect(plainly(report.pages.fr.manoeuvres?.cards[0]?.parts?.more ?? '')).toContain('11')
  })
})

describe('the outcome of a manoeuvre in a dossier', () => {
  const pointOn = (found: Parameters<typeof reportOn>[0]) => {
    const [effect, breakout] = reportOn(found, { dossier: dossierOn(found) }).pages.fr.dossier?.key ?? []
    const points = textIn([effect, breakout] as never).map(([, first = '']) => first)
    return points.find((one) => one.startsWith('« Salve p »')) ?? ''
  }

  test('has the gravest effect and the widest breakout of all its detections, each with its source', () => {
    const media = { observedEffect: { state: 'observed', degree: 'media', source: 'AFP' } } as const
    expect(
      pointOn([made('p', { ...media, breakout: { category: 4 } }), made('pa', { ...blocked, breakout: undefined })]),
    ).toBe(
      '« Salve p » (15 mai 2024) : un effet est signalé : un acte ou une décision, selon Préfecture ' +
        '(partie « Salve pa », source D3lta), propagation de catégorie 4 sur 6, reprise par les médias généralistes.',
    )
    const parts = [
      made('pa', { ...blocked, breakout: undefined }),
      made('pb', { partOf: 'p', breakout: { category: 5 } }),
    ]
    expect(pointOn([made('p', {}), ...parts])).toContain('(partie « Salve pb », source D3lta).')
  })

  test('names a part once, also where it has both', () => {
    expect(pointOn([made('p', none), made('pa', blocked)]).match(/« Salve pa »/g)).toHaveLength(1)
  })

  test('names the manoeuvre of a part with a wide breakout', () => {
    expect(pointOn([made('p', none), made('pa', { partOf: 'p', breakout: { category: 4 } })])).toMatch(
      /^« Salve p » .* : propagation de catégorie 4 sur 6, .* \(partie « Salve pa », source D3lta\)\.$/,
    )
  })
})

test('page 1 states the outcome of a manoeuvre, whichever detection has it', () => {
  const said = fc.record({
    breakout: fc.option(fc.record({ category: fc.integer({ min: 1, max: 6 }) }), { nil: undefined }),
    observedEffect: fc.option(
      fc.record({ state: fc.constant('observed' as const), degree: fc.constantFrom('act' as const, 'media' as const) }),
      { nil: undefined },
    ),
  })
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 5 }), (all) => {
      const degrees = all.map(({ observedEffect }) => observedEffect?.degree)
      const widest = Math.max(...all.map(({ breakout }) => breakout?.category ?? 0))
      const { text, small } = effectOnPageOne(
        all.map((one, at) => made(`p${at}`, { ...one, ...(at > 0 && { partOf: 'p0' }) })),
      )
      expect(/^Propagation (\d)/.exec(small)?.[1] ?? '0').toBe(String(widest))
      expect(text.startsWith('Un acte')).toBe(degrees.includes('act'))
      expect(text === 'Aucune source ne dit l’effet.').toBe(degrees.every((one) => one === undefined))
    }),
    { numRuns: 100 },
  )
})

test('the first effect is the overall one', () => {
  const node = fc.record({
    title: fc.constant({ en: 'x' }),
    observedEffect: fc.option(
      fc.oneof(
        fc.record({ state: fc.constantFrom('none' as const, 'not assessed' as const) }),
        fc.record({
          state: fc.constant('observed' as const),
          degree: fc.option(fc.constantFrom('act' as const, 'media' as const, 'online' as const), { nil: undefined }),
        }),
      ),
      { nil: undefined },
    ),
    breakout: fc.option(fc.record({ category: fc.integer({ min: 1, max: 6 }) }), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(node, { minLength: 1, maxLength: 6 }), (nodes) => {
      const { overallEffect: said, effects, breakout } = outcomeOf(nodes)
      expect(said).toBe(effectOfAll(nodes))
      expect(effects[0]?.effect.state === 'observed').toBe(said === 'observed')
      const states = effects.map(({ effect }) => effect.state)
      if (said === 'not given') expect(states.every((state) => state === 'none')).toBe(true)
      else expect(states[0]).toBe(said)
      expect(breakout?.category ?? 0).toBe(Math.max(...nodes.map((one) => one.breakout?.category ?? 0)))
      expect(new Set(effects.map(({ effect }) => JSON.stringify(effect))).size).toBe(effects.length)
    }),
  )
})
