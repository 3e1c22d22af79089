import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Source } from '../../../../lambdas/domain/aggregate/watch/watch.ts'
import { languages } from '../../../../lambdas/domain/core/language/languages.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { unknownOf } from '../../../../lambdas/domain/page/front/unknown.ts'
import type { Page } from '../../../../lambdas/domain/page/page.ts'
import type { PrintedNote } from '../../../../lambdas/domain/report/note.ts'
import { detectionAsOf, detectionsAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const note = (over: Partial<PrintedNote> = {}): PrintedNote => ({
  author: 'C. Durand',
  role: 'analyste',
  language: 'fr',
  marking: 'TLP:GREEN',
  approves: false,
  writtenAt: '2024-05-20T00:00:00.000Z',
  blocks: [{ kind: 'paragraph', items: [[{ text: 'Grave.' }]] }],
  ...over,
})

const textsOf = (items: readonly (readonly { readonly text: string }[])[]): readonly string[] =>
  items.map((item) => item.map(({ text }) => text).join(''))

/** On page 1 and in the annex. */
const unknownIn = ({ first }: Page) => [...(first?.unknown.items ?? []), ...(first?.moreUnknown ?? [])]

describe('what is not known', () => {
  test('is never empty, in any language', () => {
    fc.assert(
      fc.property(detectionsAsOf, fc.boolean(), fc.constantFrom('TLP:CLEAR', 'TLP:RED'), (all, isWatched, cap) => {
        const { pages } = reportOn(all, { isWatched, cap })
        for (const language of languages) {
          const unknown = unknownIn(pages[language])
          expect(textsOf(unknown).filter((text) => text.trim() === '')).toEqual([])
          expect(unknown.length).toBeGreaterThan(0)
        }
      }),
    )
  })

  test('names missing figures, withheld detections and detections known to the month alone', () => {
    const { pages } = reportOn([
      detectionAsOf({ id: 'a' }),
      detectionAsOf({ id: 'm', observed: { from: '2024-05' } }),
      detectionAsOf({ id: 'r', marking: 'TLP:RED' }),
    ])
    expect(textsOf(unknownIn(pages.en))).toEqual([
      'What happened this week: no source that shows at this marking watches this territory.',
      'How many posts carried “A burst of copies”: no source says.',
      'Whether a detection known to the month happened this week.',
      expect.stringMatching(/^One detection of the period is not shown/),
    ])
  })
})

describe('a count of nothing that is not whole', () => {
  test('is not known in the report of its territory either', () => {
    const report = reportOn([detectionAsOf({ counts: { posts: { value: 0, qualifier: 'at least' } } })])
    const watching: Source = {
      ...{ name: 'D3lta', byHand: false, lastInput: '2024-05-15T00:00:00.000Z', marking: 'TLP:CLEAR' },
      watch: { inputs: 1, expected: undefined, days: [], gaps: [], afterwards: false },
    }
    const unknown = unknownOf({ ...report, sources: [watching] }, wordingOf('en'))
    expect(textsOf(unknown.items)).toEqual(['What an incomplete watch or count may have missed this week.'])
  })
})

describe('the judgement of an analyst', () => {
  test('is reported as missing where no note shows', () => {
    const { pages } = reportOn([detectionAsOf()])
    expect(pages.fr.watchFor).toEqual({
      note: 'Aucune note d’analyste dans cette édition.',
      items: [],
    })
  })

  test('is two fields, a likelihood under its hypothesis and a confidence, in both languages', () => {
    const rated = note({ likelihood: { of: 'Qu’une grappe coordonne', term: 'very likely' }, confidence: 'moderate' })
    const { fr, en } = reportOn([], { notes: [rated] }).pages
    expect(fr.notes[0]?.fields).toMatchObject([
      { label: 'Qu’une grappe coordonne', word: 'très probable' },
      { label: 'Confiance dans l’analyse', word: 'modérée' },
    ])
    expect(en.notes[0]?.fields.map(({ word }) => word)).toEqual(['very likely', 'moderate'])
  })

  test('is signed where it is only a point to watch, without a card', () => {
    const asks = note({ blocks: [], watch: [[{ text: 'Un média.' }]], language: 'fr' })
    const { en } = reportOn([], { notes: [asks] }).pages
    expect(en.notes).toEqual([])
    expect(en.watchFor).toMatchObject({
      note: 'by C. Durand, analyst (TLP:GREEN)',
      items: [{ text: [{ text: 'Un média.' }], lang: 'fr' }],
    })
    expect(reportOn([], { notes: [{ ...asks, approves: true }] }).pages.en.notes).toHaveLength(1)
  })

  test.each([
    ['approver', 'approbateur', 'approver'],
    ['analyst', 'analyste', 'analyst'],
    ['Prefect’s office', 'Prefect’s office', 'Prefect’s office'],
  ])('translates a role of the reading room, and keeps others as written: %s', (role, inFrench, inEnglish) => {
    const { fr, en } = reportOn([], { notes: [note({ role, watch: [[{ text: 'Un média.' }]] })] }).pages
    expect([fr.notes[0]?.role, en.notes[0]?.role]).toEqual([inFrench, inEnglish])
    expect(en.watchFor?.note).toBe(`by C. Durand, ${inEnglish} (TLP:GREEN)`)
  })

  test('makes the report as strict as the note', () => {
    expect(reportOn([], { notes: [note({ marking: 'TLP:AMBER', watch: [[{ text: 'x' }]] })] }).marking).toBe(
      'TLP:AMBER',
    )
  })
})
