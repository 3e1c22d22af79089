/** The front page: its first sentence, and the line that says how the watch was kept. */
import { describe, expect, it } from 'vitest'
import type { DetectionInput } from '../../lambdas/domain/detection.ts'
import type { Segment } from '../../lambdas/domain/language.ts'
import { pageOf } from '../../lambdas/domain/page.ts'
import type { Facts } from '../../lambdas/domain/report.ts'
import type { Source } from '../../lambdas/domain/watch.ts'
import { sighting } from '../support/detections.ts'
import { reportOn } from '../support/reports.ts'

const facts = (...said: readonly Partial<DetectionInput>[]): Facts =>
  reportOn(said.map((one, at) => sighting({ id: `d${at}`, observed: { from: '2024-05-15' }, ...one })))

const written = (segments: readonly Segment[] | undefined): string => segments?.map(({ text }) => text).join('') ?? ''

describe('the first sentence', () => {
  it('counts detections in words where one has no posts', () => {
    const first = (report: Facts) => written(pageOf(report, 'fr').essentials.findings[0])
    expect(first(facts({ kind: 'video' }))).toMatch(/^Une détection a été enregistrée/)
    expect(first(facts({ kind: 'video' }, { kind: 'video' }))).toMatch(/^2 détections ont été enregistrées/)
  })
})

describe('a manoeuvre among the findings', () => {
  const second = (counts: object) => written(pageOf(facts({ kind: 'video', counts }), 'en').essentials.findings[1])

  it('is told by its views where nothing else of it is counted', () => {
    expect(second({ views: { value: 90_000, qualifier: 'at least' } })).toContain('at least 90,000 views')
    expect(second({ views: 90_000, accounts: 3 })).toMatch(/: 3 accounts \(/)
  })

  it('has no figure only where none is given', () => {
    expect(second({})).toContain('no figure is given')
  })
})

describe('the line of watch', () => {
  const source = (inputs: number, expected: number): Source => ({
    name: 'D3lta',
    byHand: false,
    lastInput: '2024-05-19T00:00:00.000Z',
    marking: 'TLP:CLEAR',
    watch: { inputs, expected, days: [], gaps: [] },
  })
  const line = (report: Facts, sources: readonly Source[]) => written(pageOf({ ...report, sources }, 'en').watch?.text)

  it('says what came of what was due', () => {
    expect(line(facts({}), [source(28, 28)])).toBe('The watch was kept: 28 inputs received of 28 expected, no gap.')
  })

  it('says that all came later, rather than that nothing came', () => {
    expect(line(facts({}), [source(0, 28)])).toBe(
      'No input that shows at this marking was received during this period: what is shown was delivered later, or by a source that does not show.',
    )
  })

  it('is left out without a source, and in a quiet report, whose findings say it', () => {
    expect(pageOf(facts({}), 'en').watch).toBeNull()
    const quiet = { ...facts(), sources: [source(28, 28)] }
    expect(pageOf(quiet, 'en').watch).toBeNull()
    expect(JSON.stringify(pageOf(quiet, 'en').essentials)).toContain('28 inputs received of 28 expected')
  })
})
