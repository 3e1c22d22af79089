/** An edition states only what it knows. */
import { describe, expect, it } from 'vitest'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import type { Page, Report } from '../../../lambdas/domain/page/page.ts'
import type { Organisation } from '../../../lambdas/domain/report/organisation.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { reportOn, unusualLevel } from '../../support/reports.ts'

const shown = (input: Partial<DetectionInput> = {}) =>
  detectionAsOf({ counts: { posts: 101 }, marking: 'TLP:CLEAR', ...input })
const act = { state: 'observed', degree: 'act', text: 'A shop burnt', source: 'Sentinelle' } as const
const hidden = detectionAsOf({ id: 'hidden', marking: 'TLP:RED', counts: { posts: 9_000 }, observedEffect: act })

const quietBefore = Array.from({ length: 8 }, (_, at) => {
  const period = `2024-W${12 + at}`
  return { period, totals: reportOn([], { cap: 'TLP:RED', period }).totals }
})

const written = (page: Page): string => JSON.stringify(page).replace(/[\u00a0\u202f]/g, ' ')

const both = (report: Report): string => languages.map((language) => written(report.pages[language])).join('\n')

const on = (cap: Marking, found: Parameters<typeof reportOn>[0], house: Organisation = {}) =>
  reportOn(found, { cap, house, before: quietBefore })

const claims = /exact|unusual|inhabituel|after eight|après huit|between 0 and 0|entre 0 et 0/i

describe.each(['TLP:CLEAR', 'TLP:GREEN'] as const)('a %s edition', (cap) => {
  it('is the same with and without hidden detections', () => {
    expect(on(cap, [shown(), hidden])).toEqual(on(cap, [shown()]))
    expect(on(cap, [hidden])).toEqual(on(cap, []))
  })

  it('is marked as public', () => {
    expect(written(on(cap, [shown()]).pages.fr)).toContain(
      'Version publique : seulement ce qui peut être publié ; d’autres faits peuvent exister. Les totaux sont des minimums.',
    )
  })

  it('has minimums alone, and no comparisons', () => {
    const report = on(cap, [shown()])
    const { posts } = report.totals
    expect(posts).toEqual({ value: 101, qualifier: 'at least' })
    expect(report.days.every((day) => day.posts.qualifier === 'at least')).toBe(true)
    for (const row of [...report.platforms, ...report.kinds, ...report.campaigns])
      expect(row.posts.qualifier).toBe('at least')
    for (const language of languages) {
      const { first, figures, since } = report.pages[language]
      expect(since).toBeNull()
      expect(JSON.stringify([first?.rows, figures])).not.toMatch(claims)
    }
  })

  it('reports no effect, and does not deny one', () => {
    const none = { state: 'none', source: 'Sentinelle' } as const
    const report = on(cap, [shown({ observedEffect: none }), hidden])
    expect(written(report.pages.fr)).toContain('Cette version ne rapporte aucun effet.')
    expect(written(report.pages.en)).toContain('This version reports no effect.')
    expect(both(report)).not.toMatch(/aucun effet n’a été observé|sans effet observé|no effect (was )?observed/i)
    expect(both(on(cap, [shown({ observedEffect: act })]))).not.toContain('Cette version ne rapporte aucun effet')
  })

  it('has nothing to publish without detections', () => {
    expect(JSON.stringify(on(cap, []).pages.en.first?.rows)).toContain('Nothing to publish')
  })

  it('has nothing to publish, not a dash, for a period that no source watched', () => {
    const unwatched = { cap, isWatched: false } as const
    const before = ['2024-W18', '2024-W19'].map((period) => {
      const found = period === '2024-W18' ? [shown({ observed: { from: '2024-04-30' } })] : []
      return { period, totals: reportOn(found, { ...unwatched, period }).totals }
    })
    const { pages } = reportOn([], { ...unwatched, before })
    const figures = { en: ['nothing to publish', '–'], fr: ['rien de publiable', '–'] } as const
    for (const language of languages) {
      const { figures: table, time, first } = pages[language]
      const [qualifier, value] = figures[language]
      expect(table?.rows[0]).toMatchObject({ qualifier, value, before: qualifier })
      expect(time?.rows.map(({ posts }) => posts)).toEqual(time?.rows.map(() => qualifier))
      expect(first?.trend?.note.replace(/\s:/, ':')).toBe(`–: ${qualifier}.`)
    }
  })

  it('has the number of hidden detections where the organisation allows it', () => {
    expect(on(cap, [shown(), hidden])).not.toHaveProperty('withheld')
    expect(on(cap, [shown(), hidden], { showWithheld: true })).toMatchObject({ withheld: 1 })
  })
})

describe('an edition from AMBER on', () => {
  const amber = (found: Parameters<typeof reportOn>[0], before: Parameters<typeof reportOn>[1] = {}) =>
    reportOn(found, { cap: 'TLP:AMBER', before: quietBefore, ...before })

  it('has minimums where its period hides something, and limits its words to the edition', () => {
    const none = { state: 'none', source: 'Sentinelle' } as const
    const plain = amber([shown({ observedEffect: none })])
    expect(plain.totals.posts).toEqual({ value: 101, qualifier: 'exact' })
    expect(written(plain.pages.en)).toContain('No effect observed')
    expect(both(plain)).not.toMatch(/(?:observé|nouveau|messages?|inhabituel) dans cette édition/)
    const partial = amber([shown({ observedEffect: none }), hidden])
    expect(partial.totals.posts).toEqual({ value: 101, qualifier: 'at least' })
    expect(written(partial.pages.en)).toContain('No effect observed in this edition')
    expect(written(partial.pages.fr)).toContain('Sans effet observé dans cette édition')
    expect(written(partial.pages.fr)).toContain('nouveau dans cette édition')
  })

  it('has minimums of a period before that hides something, and limits the comparison', () => {
    const before = quietBefore.map((one, at) => (at === 7 ? { ...one, isHiding: true as const } : one))
    const report = amber([shown()], { before })
    expect(report.totals.posts.qualifier).toBe('exact')
    expect(report.before.at(-1)?.totals.posts).toEqual({ value: 0, qualifier: 'at least' })
    expect(written(report.pages.en)).toContain('" targeted New Caledonia."')
  })

  it('limits its words where only a week that its level compares hides something', () => {
    const { pages } = amber([shown()], { level: { ...unusualLevel(), ofEditionAlone: true } })
    expect(written(pages.en)).toContain('in an ordinary week in this edition')
    expect(written(pages.fr)).toContain('nouveau dans cette édition')
  })

  it.each([
    ['a level by its figures', [shown({ counts: { posts: 500 } })], { level: unusualLevel() }],
    ['a denied effect', [shown({ observedEffect: { state: 'none', source: 'Sentinelle' } })], {}],
    ['a level without a figure', [shown()], { level: { ...unusualLevel(), value: 1, tests: [] } }],
    ['a quiet period', [], { level: { ...unusualLevel(), value: 0, tests: [], detections: 0 } }],
  ] as const)('names itself in each sentence that something hidden could make false: %s', (_, found, more) => {
    for (const language of languages) {
      const { level, rows = [], trend } = amber([...found, hidden], more).pages[language].first ?? {}
      const texts = [level?.why ?? [], ...rows.flatMap(({ text, small }) => [text, small])].map((runs) =>
        runs.map(({ text }) => text).join(''),
      )
      const sentences = [...texts, trend?.title ?? ''].flatMap((text) => text.split(/(?<=\.) /))
      const denials = sentences.filter((one) =>
        /\bnew\b|\bno\b|nothing|ordinary|nouvelle|aucun|rien|sans effet|ordinaire/i.test(one),
      )
      expect(denials).not.toEqual([])
      expect(denials.filter((one) => !/(?:in|of) this edition|(?:dans|de) cette édition/.test(one))).toEqual([])
    }
  })
})
