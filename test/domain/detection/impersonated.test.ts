import { describe, expect, it } from 'vitest'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { readDetection } from '../../../lambdas/domain/detection/detection.ts'
import { detection, input } from '../../support/detections.ts'

describe('an impersonated identity', () => {
  it('is an organisation by its name, a person by a role at most', () => {
    const impersonates = [
      { class: 'organization' as const, name: { fr: 'Le Phare', en: 'The Beacon' } },
      { class: 'individual' as const, role: 'minister' },
      { class: 'individual' as const },
    ]
    expect(detection({ impersonates }).impersonates).toEqual([
      impersonates[0],
      { class: 'individual', role: { und: 'minister' } },
      { class: 'individual' },
    ])
  })

  it.each([
    [{ class: 'individual', name: 'Jane Doe' }, 'impersonates[0].name', 'must be left out: for a natural person'],
    [{ class: 'unknown', name: 'Jane Doe' }, 'impersonates[0].name', 'must be left out: this may be a natural person'],
    [{ class: 'group' }, 'impersonates[0].name', 'is missing'],
  ])('is refused with the name of a person, or without one: %j', (one, path, message) => {
    const read = readDetection({ ...input(), impersonates: [one] })
    if (!('refusal' in read)) throw new Error('it was read')
    expect(read.refusal.path).toBe(path)
    expect(faultText(read.refusal)).toContain(message)
  })
})
