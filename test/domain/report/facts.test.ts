import { expect, test } from 'vitest'
import { entryOf } from '../../../lambdas/domain/report/facts.ts'
import { detectionAsOf } from '../../support/detections.ts'

test('an entry names the confirmed fields, and not the analyst', () => {
  const confirmed = { by: 'Ana Martin', on: '2024-05-20' }
  const stated = {
    claim: { text: { en: 'Hundreds' } },
    established: { text: { en: 'Two' }, source: 'AFP' },
    observedEffect: { state: 'observed' as const, degree: 'act' as const },
    breakout: { category: 4, basis: 'decided' as const },
  }
  const entry = (more: Parameters<typeof detectionAsOf>[0]) => entryOf(detectionAsOf({ ...stated, ...more }), 'TLP:RED')
  const shown = entry({ observedEffect: { ...stated.observedEffect, confirmed } })
  expect(shown).toMatchObject({ ...stated, confirmed: ['observedEffect'] })
  expect(entry({ breakout: { ...stated.breakout, confirmed } })).toMatchObject({ ...stated, confirmed: ['breakout'] })
  expect(entry({}).confirmed).toBeUndefined()
  expect(JSON.stringify(shown)).not.toContain('Ana')
})
