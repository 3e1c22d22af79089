import { describe, expect, it, test } from 'vitest'
import type { Source } from '../../../../lambdas/domain/aggregate/watch/watch.ts'
import { type FigureName, figureNames } from '../../../../lambdas/domain/core/figures.ts'
import type { Segment } from '../../../../lambdas/domain/core/language/language.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { subjectOf, type TerritoryCode } from '../../../../lambdas/domain/core/place/territory.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { pageOf } from '../../../../lambdas/domain/page/build-page.ts'
import { boundsOf } from '../../../../lambdas/domain/page/front/front.ts'
import type { Page } from '../../../../lambdas/domain/page/page.ts'
import type { Facts } from '../../../../lambdas/domain/report/facts.ts'
import type { Organisation } from '../../../../lambdas/domain/report/organisation.ts'
import { stixBundle } from '../../../../lambdas/render/exports/stix.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const facts = (...inputs: readonly Partial<DetectionInput>[]): Facts =>
  reportOn(inputs.map((one, at) => detectionAsOf({ id: `d${at}`, observed: { from: '2024-05-15' }, ...one })))

const spaced = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

const written = (segments: readonly Segment[] | undefined): string => segments?.map(({ text }) => text).join('') ?? ''

/** What page 1 states in its rows. */
const rowsIn = ({ first }: Page): readonly string[] =>
  first?.rows.map(({ text, small }) => spaced(`${written(text)} ${written(small)}`)) ?? []

describe('an event', () => {
  const role = { en: 'a former president', fr: 'un ancien président' }
  const event = { participants: [{ role, name: 'A. Name' }, { en: 'a minister' }] }
  const shown = (more: object, house: Organisation = {}) => {
    const found = detectionAsOf({ kind: 'offline-event', event: { ...event, ...more } })
    return reportOn([found], { house })
  }

  it('has its participants by role, and by name only where the organisation allows it', () => {
    const closed = shown({})
    expect(JSON.stringify([closed, stixBundle(closed)])).not.toContain('A. Name')
    expect(JSON.stringify(closed.pages.en)).toContain('Participants: a former president and a minister.')
    const open = shown({}, { nameOfficeHolders: true })
    expect(JSON.stringify(open.pages.en)).toContain('a former president (A. Name) and a minister.')
    expect(JSON.stringify(open.pages.fr)).toContain('un ancien président (A. Name)')
  })
})

describe('figures of several territories', () => {
  const posts = (value: number, territories: readonly TerritoryCode[] = ['NC']) =>
    detectionAsOf({ id: `p-${value}`, counts: { posts: value }, territories: [...territories] })
  const whole = (...found: Parameters<typeof reportOn>) =>
    rowsIn(reportOn(...found).pages.fr).find((one) => /vis/.test(one)) ?? ''
  const six = ['NC', 'COR', 'MQ', 'GF', 'PF', 'GP'] as const

  it('are shown with those of this territory alone', () => {
    const both = [posts(10), posts(7000, six)]
    expect(whole(both)).toMatch(
      /^10 messages visent ce territoire seul\. 7 000 messages visent 6 territoires à la fois, dont celui-ci\./,
    )
    const row = reportOn(both).pages.fr.figures.rows[0]
    expect(spaced(row?.note ?? '')).toContain('dont 7 000 communs à 6 territoires')
  })

  it('of this period or the one before are not compared', () => {
    const { totals } = reportOn([posts(7000, six)])
    const asked = { before: [{ period: '2024-W19', totals, joint: { posts: 6 } }] }
    expect(whole([posts(10)], asked)).toMatch(/^10 messages ont visé la Nouvelle-Calédonie\. /)
    expect(reportOn([posts(10)], asked).pages.fr.figures.rows[0]).toMatchObject({
      change: 'messages communs compris, non comparé',
      multiple: '',
    })
    const alone = { before: [{ period: '2024-W19', totals: reportOn([posts(10)]).totals }] }
    const both = reportOn([posts(20), posts(7000, six)], alone)
    expect(both.pages.fr.figures.rows[0]).toMatchObject({ change: '', median: '10', multiple: '' })
  })

  it('are of a number of territories only where all name the same', () => {
    const both = [posts(10), posts(7000, six), posts(300, ['NC', 'WF'])]
    expect(whole(both)).toMatch(/ 7 300 messages visent plusieurs territoires à la fois\./)
    expect(reportOn(both.slice(1)).pages.fr.figures.rows[0]?.note).toContain('communs à plusieurs territoires')
    expect(JSON.stringify([reportOn(both).pages, reportOn(both.slice(1)).pages])).not.toMatch(/7 territor/)
  })

  it('are at least so many where one gives no number', () => {
    const silent = detectionAsOf({ id: 'silent', kind: 'video', territories: ['NC', 'COR'] })
    expect(whole([posts(10), posts(7000, ['NC', 'COR']), silent])).toMatch(/ Au moins 7 000 messages visent 2 terr/)
  })
})

test.each([
  [10, 'exact', ', contre 10 la semaine précédente.'],
  [0, 'at least', '.'],
] as const)(
  'posts are compared with a count of the week before, not with a floor of 0: %i %s',
  (value, qualifier, end) => {
    const { totals } = reportOn([])
    const before = [{ period: '2024-W19', totals: { ...totals, posts: { value, qualifier } } }]
    const { fr } = reportOn([detectionAsOf({ id: 'p', counts: { posts: 7000 } })], { before }).pages
    expect(rowsIn(fr).find((one) => /visé/.test(one))).toContain(`7 000 messages ont visé la Nouvelle-Calédonie${end}`)
    if (value === 0) expect(fr.figures.rows[0]).toMatchObject({ change: '', multiple: '' })
  },
)

describe('a change', () => {
  type Posts = { readonly value: number; readonly qualifier: 'exact' | 'at least' | 'about' }
  const shown = (was: Posts, is: Posts) => {
    const { totals } = reportOn([])
    const before = [{ period: '2024-W19', totals: { ...totals, posts: was } }]
    const report = reportOn([detectionAsOf({ counts: { posts: is } })], { before })
    const [row] = report.pages.fr.figures.rows
    return [spaced(row?.change ?? ''), spaced(row?.multiple ?? '')]
  }
  const exact = (value: number): Posts => ({ value, qualifier: 'exact' })
  const floor = (value: number): Posts => ({ value, qualifier: 'at least' })

  it('of floors is shown as far as it is known, against the period before and the median', () => {
    expect(shown(floor(7000), floor(5332))).toEqual(['', ''])
    expect(shown(exact(3), floor(11))).toEqual(['au moins + 8', 'au moins × 3'])
    expect(shown(floor(7), exact(5))).toEqual(['au moins − 2', 'au moins − 2'])
    expect(shown(floor(3), exact(11))).toEqual(['', ''])
    expect(shown({ value: 3, qualifier: 'about' }, exact(5))).toEqual(['environ + 2', 'environ + 2'])
  })
})

describe('the bounds of a group', () => {
  it.each([
    ['week', 'semaine locale', 'week'],
    ['month', 'mois local', 'month'],
    ['quarter', 'trimestre local', 'quarter'],
    ['year', 'année locale', 'year'],
    ['range', 'période locale', 'period'],
  ] as const)('name the period that each territory has of its own: %s', (cadence, french, english) => {
    const group = { rows: [], campaigns: [], moreCampaigns: 0, isWhole: true, countedEarlier: 0 }
    const quiet = reportOn([])
    const period = { ...quiet.period, cadence }
    const report = { ...quiet, period, group: { ...group, marking: 'TLP:CLEAR' as const } }
    const first = (language: 'fr' | 'en') => boundsOf(report, subjectOf('ALL'), wordingOf(language))[0]?.text
    expect(first('fr')).toMatch(new RegExp(`^${french} de chaque territoire`))
    expect(first('en')).toMatch(new RegExp(`^each territory’s own ${english}\\b`))
  })
})

describe('a number', () => {
  it('of detections is shown once where each is a manoeuvre', () => {
    const note = (report: Facts) => pageOf(report, 'fr').figures.rows.find(({ name }) => name === 'Détections')?.note
    expect(note(facts({}, {}))).toBe('chacune une manœuvre')
    expect(note(facts({}))).toBe('une manœuvre')
    expect(note(facts({}, { partOf: 'd0' }))).toBe('dont une manœuvre')
    expect(note(facts())).toBe('')
  })
})

describe('the line of watch', () => {
  const source = (inputs: number, expected: number, name = 'D3lta'): Source => ({
    name,
    byHand: false,
    lastInput: '2024-05-19T00:00:00.000Z',
    marking: 'TLP:CLEAR',
    watch: { inputs, expected, days: [], gaps: [], afterwards: false },
  })
  const line = (report: Facts, sources: readonly Source[]) => written(pageOf({ ...report, sources }, 'en').watch?.text)

  it('shows how much of what was due was received', () => {
    expect(line(facts({}), [source(28, 28)])).toBe('The watch was kept: the 28 inputs due were received; no gap.')
  })

  it('a surplus of one source hides no gap of another', () => {
    const told = (...sources: readonly Source[]) => line(facts({}), sources)
    expect(told(source(7, 7, 'Balise'), source(6, 7, 'Phare'), source(16, 15, 'Sonar'))).toBe(
      '28 of the 29 inputs due were received, and one more; one is missing (Phare), without a gap.',
    )
    expect(told(source(7, 7), source(16, 15))).toBe(
      'The watch was kept: the 22 inputs due were received, and one more; no gap.',
    )
    const gap = { from: '2024-05-14T00:00:00.000Z', to: '2024-05-17T00:00:00.000Z', hours: 72 }
    const silent = source(4, 7, 'Phare')
    expect(told(source(20, 15), { ...silent, watch: { ...silent.watch, gaps: [gap] } })).toBe(
      '19 of the 22 inputs due were received, and 5 more; one source fell silent: Phare.',
    )
  })

  it.each([
    [7, 15, true],
    [8, 40, true],
    [6, 40, false],
    [20, 14, false],
    [0, 15, false],
  ])('reads “kept” only where each source sent what was due: %i of 7 and %i of 15', (given, other, isKept) => {
    const text = line(facts({}), [source(given, 7), source(other, 15)])
    expect(text?.startsWith('The watch was kept')).toBe(isKept)
  })

  it('distinguishes late inputs from none', () => {
    expect(line(facts({}), [source(0, 28)])).toBe(
      'No input that shows at this marking was received during this period: what is shown was delivered later, or by a source that does not show.',
    )
  })

  it('is left out without a source, and in a quiet report', () => {
    expect(pageOf(facts({}), 'en').watch).toBeNull()
    const quiet = { ...facts(), sources: [source(28, 28)] }
    expect(pageOf(quiet, 'en').watch).toBeNull()
  })
})

describe('kinds', () => {
  const kinds = (...inputs: readonly Partial<DetectionInput>[]) =>
    pageOf(facts(...inputs), 'en').time?.tables.find(({ title }) => title === 'Kinds')
  const whole = { kind: 'campaign', counts: { posts: 100 } } as const

  it('have a note where a whole and its parts do not add up', () => {
    expect(kinds(whole, { kind: 'video', counts: { posts: 60 }, partOf: 'd0' })?.note).toMatch(/do not add up/)
    expect(kinds(whole, { kind: 'video', counts: { posts: 60 } })?.note).toBeUndefined()
  })
})

describe('a stated 0', () => {
  const noFigure = /no figure|no count|gives a number|n\/a|aucun chiffre|sans décompte|ne donne de chiffre|n\. c\./i
  const stated = (figure: FigureName, kind: DetectionInput['kind']) =>
    reportOn([detectionAsOf({ id: 'none', kind, counts: { posts: 0, [figure]: 0 } })])

  it('is shown as 0, of any figure and kind, and never as a figure that no source gives', () => {
    for (const kind of ['copy-paste', 'video', 'campaign'] as const) {
      for (const figure of figureNames) {
        const { pages } = stated(figure, kind)
        for (const { first, manoeuvres } of [pages.fr, pages.en]) {
          const rows = manoeuvres?.cards.flatMap((card) => [...card.rows, ...card.rowsAfter]) ?? []
          const behaviour = rows.filter(({ label }) => /^Comportement|^Behaviour/.test(label))
          expect(behaviour).toHaveLength(1)
          const told = [
            ...(first?.rows ?? []).map(({ text }) => text),
            ...(first?.unknown.items ?? []),
            ...behaviour.flatMap((one) => one.paragraphs),
          ]
          expect(told.map(written).filter((text) => noFigure.test(text))).toEqual([])
        }
      }
    }
  })

  it('is the volume', () => {
    const rows = rowsIn(stated('posts', 'copy-paste').pages.fr)
    expect(rows.join()).toContain('Une détection a été enregistrée pour la Nouvelle-Calédonie : 0 message.')
  })
})
