import { describe, expect, test } from 'vitest'
import { candidateStory } from '../../../../bin/cli/output/candidate-lines.ts'
import { formatEffect, formatFigure } from '../../../../bin/cli/output/figures.ts'
import type { Counts } from '../../../../lambdas/domain/detection/detection.ts'
import type { Candidate } from '../../../../lambdas/store/intake/candidates.ts'
import { detection } from '../../../support/detections.ts'

const story = (counts: Counts): string =>
  candidateStory({
    ...{ id: 'c-1', detection: { ...detection(), counts }, members: [], foundSha256: '', revision: 1 },
    ...{ state: 'open', foundAt: '2024-05-20T00:00:00.000Z', lines: [] },
  } satisfies Candidate).join('\n')

describe('a figure', () => {
  test('has its qualifier before it unless it is exact, and separated thousands', () => {
    expect(formatFigure({ value: 1_686, qualifier: 'at least' })).toBe('at least 1,686')
    expect(formatFigure({ value: 1_686, qualifier: 'exact' })).toBe('1,686')
    expect(formatFigure({ value: 1, qualifier: 'about' }, 'post')).toBe('about 1 post')
    expect(formatFigure({ value: 0, qualifier: 'exact' }, 'post')).toBe('0 posts')
  })

  test('of a candidate has the same form, and no line if it is unknown', () => {
    expect(
      story({ posts: { value: 12_345, qualifier: 'at least' }, accounts: { value: 1_200, qualifier: 'about' } }),
    ).toContain('\nat least 12,345 posts, about 1,200 accounts\n')
    expect(story({ posts: { value: 2, qualifier: 'exact' } })).toContain('\n2 posts\n')
  })
})

test.each([
  [{ state: 'observed', degree: 'act', text: { und: 'salle fermée' } }, 'observed, act: "salle fermée"'],
  [{ state: 'observed' }, 'observed, degree not stated'],
  [{ state: 'none', text: { en: 'the hall stayed open' } }, 'none: "the hall stayed open"'],
  [{ state: 'not assessed', source: 'Watch unit' }, 'not assessed, according to Watch unit'],
] as const)('the effect %j has its text and source', (effect, text) => {
  expect(formatEffect(effect)).toBe(text)
})
