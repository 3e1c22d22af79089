import { expect, test } from 'vitest'
import { territoryOf } from '../../../lambdas/domain/core/place/territory.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { flashSection } from '../../../lambdas/domain/page/flash/flash.ts'
import { flashWordingOf } from '../../../lambdas/domain/page/words/edition-words.ts'
import type { Facts } from '../../../lambdas/domain/report/facts.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { reportOn } from '../../support/reports.ts'

const flash: Facts['flash'] = {
  ids: ['p'],
  until: '2024-05-21T00:00:00.000Z',
  reportDue: '2024-05-19T19:30:00.000Z',
  territories: ['NC'],
  home: 'NC',
  first: { from: '2024-05-15', to: '2024-05-15', precision: 'day' },
  isRunning: false,
  readers: { named: [], count: 0 },
}

const blocked: Partial<DetectionInput> = {
  ...{ id: 'pa', title: { fr: 'Salve pa', en: 'Burst pa' }, partOf: 'p', breakout: { category: 6 } },
  observedEffect: {
    ...{ state: 'observed', degree: 'act', source: 'Préfecture' },
    text: { fr: 'Le port a été bloqué', en: 'The port was blocked' },
  },
}

const effectOn = (part: Partial<DetectionInput>): string | undefined => {
  const whole = { id: 'p', title: { fr: 'Salve p' }, observedEffect: { state: 'none', source: 'VIGINUM' } } as const
  const found = [detectionAsOf({ ...whole, marking: 'TLP:GREEN' }), detectionAsOf({ marking: 'TLP:GREEN', ...part })]
  const report = { ...reportOn(found, { cap: 'TLP:AMBER' }), flash }
  const [block] = flashSection(report, territoryOf('NC'), flashWordingOf(report, 'fr'))?.blocks ?? []
  return block?.rows[0]?.paragraphs[0]
    ?.map(({ text }) => text)
    .join('')
    .replaceAll(/[\u00a0\u202f]/g, ' ')
}

test('the block of a whole has the effect of a part first, with its source', () => {
  expect(effectOn(blocked)).toBe(
    'Effet observé : un acte ou une décision, selon Préfecture (partie « Salve pa », source D3lta). ' +
      'Le port a été bloqué. Sans effet observé, selon VIGINUM. ' +
      'Propagation (partie « Salve pa », source D3lta) : catégorie 6 sur 6 (réponse publique ou appel à la violence).',
  )
})

test('the block of a whole has nothing of a part above the cap', () => {
  expect(effectOn({ ...blocked, marking: 'TLP:RED' })).toBe(
    'Sans effet observé dans cette édition, selon VIGINUM. Propagation non évaluée.',
  )
})
