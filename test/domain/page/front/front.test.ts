import { describe, expect, it } from 'vitest'
import { memberRow } from '../../../../lambdas/domain/aggregate/members.ts'
import { createCounter } from '../../../../lambdas/domain/aggregate/tally.ts'
import type { Source } from '../../../../lambdas/domain/aggregate/watch/watch.ts'
import { type FigureName, figureNames } from '../../../../lambdas/domain/core/figures.ts'
import type { Segment } from '../../../../lambdas/domain/core/language/language.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { subjectOf, type TerritoryCode } from '../../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { pageOf } from '../../../../lambdas/domain/page/build-page.ts'
import { boundsOf } from '../../../../lambdas/domain/page/front/front.ts'
import type { Facts } from '../../../../lambdas/domain/report/facts.ts'
import type { Organisation } from '../../../../lambdas/domain/report/organisation.ts'
import { stixBundle } from '../../../../lambdas/render/exports/stix.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const facts = (...inputs: readonly Partial<DetectionInput>[]): Facts =>
  reportOn(inputs.map((one, at) => detectionAsOf({ id: `d${at}`, observed: { from: '2024-05-15' }, ...one })))

const spaced = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

const written = (segments: readonly Segment[] | undefined): string => segments?.map(({ text }) => text).join('') ?? ''

describe('a manoeuvre among the findings', () => {
  const second = (counts: object) => written(pageOf(facts({ kind: 'video', counts }), 'en').essentials.findings[1])

  it('is shown by its views where nothing else of it is counted', () => {
    expect(second({ views: { value: 90_000, qualifier: 'at least' } })).toContain('at least 90,000 views')
    expect(second({ views: 90_000, accounts: 3 })).toMatch(/: 3 accounts \(/)
    expect(second({})).toContain('no figure is given')
  })
})

describe('effects among the findings', () => {
  const findings = (report: Facts) => pageOf(report, 'en').essentials.findings.map(written)
  const none = { observedEffect: { state: 'none' as const, source: 'VIGINUM' } }
  const noEffect = /No effect was observed[.,]/

  it('come before volume: an observed effect, and a breakout of 4 to 6', () => {
    const [first, second, open, third, ...rest] = findings(
      facts(
        { title: { en: 'Loud' }, counts: { posts: 900 }, breakout: { category: 3 } },
        { title: { en: 'Seen' }, observedEffect: { state: 'observed', source: 'EEAS' } },
        { title: { en: 'Denounced' }, kind: 'offline-event', breakout: { category: 6 } },
      ),
    )
    expect(first).toMatch(
      /^“Denounced” \(15\sMay\s2024\): breakout category 6 of 6, policy response or call to violence\.$/,
    )
    expect(second).toMatch(/^“Seen” \(15\sMay\s2024\): an effect was observed, degree not stated, according to EEAS\.$/)
    expect(open).toBe('Effect not given for 2 of the 3 manoeuvres.')
    expect(third).toMatch(/^“Loud”: 900 posts/)
    expect(rest[0]).toMatch(/^At least 900 posts/)
    expect(rest.join()).not.toContain('Denounced')
  })

  it('are shown of a part, once for a manoeuvre, and counted where they are many', () => {
    const many = [1, 2, 3, 4, 5].map((one) => ({ title: { en: `No. ${one}` }, breakout: { category: 4 } }))
    const told = findings(facts({}, { partOf: 'd0', breakout: { category: 5 } }, { breakout: { category: 4 } }))
    expect(told.filter((one) => one.includes('breakout category'))).toHaveLength(2)
    const all = findings(facts(...many))
    expect(all.slice(0, 3).every((one) => one.includes('breakout category 4 of 6'))).toBe(true)
    expect(all[3]).toBe('2 more manoeuvres had an observed effect or a breakout of 4 to 6.')
    expect(all[4]).toBe('Effect not given for what counts here.')
    expect(all[5]).toMatch(/^5 detections were recorded/)
  })

  it('are none only where each manoeuvre of each list has none', () => {
    expect(findings(facts(none)).join()).toContain('No effect was observed, according to VIGINUM.')
    for (const other of [
      {},
      { observed: { from: '2024-05-01', to: '2024-05-14' } },
      { observed: { from: '2024-05' } },
      { partOf: 'd0', observedEffect: { state: 'observed' as const } },
    ])
      expect(findings(facts(none, other)).join()).not.toMatch(noEffect)
    expect(findings(facts({ ...none, breakout: { category: 5 } })).join()).not.toMatch(noEffect)
  })

  it('are none only where the unlisted manoeuvres have none too', () => {
    const many = Array.from({ length: 301 }, (_, at) => ({ ...none, counts: { posts: 1000 - at } }))
    expect(findings(facts(...many)).join()).toMatch(/No effect was observed\./)
    const { observedEffect: _, ...silent } = many[300] ?? none
    expect(findings(facts(...many.slice(0, 300), silent)).join()).not.toMatch(noEffect)
  })

  it('have their degree, the gravest first', () => {
    const effects = [{ degree: 'online' }, { degree: 'media' }, { degree: 'act' }, {}] as const
    const shown = findings(
      facts(
        ...effects.map((effect, at) => ({
          title: { en: `No. ${at}` },
          observedEffect: { state: 'observed' as const, ...effect },
        })),
      ),
    )
    expect(shown.slice(0, 3)).toEqual([
      expect.stringMatching(/^“No. 2” .*: an effect was observed: an act or a decision followed\.$/),
      expect.stringMatching(/^“No. 3” .*: an effect was observed, degree not stated\.$/),
      expect.stringMatching(/^“No. 1” .*: an effect was observed: an echo offline or in the media\.$/),
    ])
  })

  const open = { observedEffect: { state: 'not assessed' as const } }
  const seen = { observedEffect: { state: 'observed' as const } }

  it.each<[string, ...Partial<DetectionInput>[]]>([
    [
      'No effect was observed for one of the 3 manoeuvres, according to VIGINUM; for 2 the effect was not assessed.',
      ...[none, open, open],
    ],
    [
      'No effect was observed for one of the 3 manoeuvres, according to VIGINUM; for one the effect was not assessed; for one the effect is not given.',
      ...[none, open, {}],
    ],
    ['Effect not assessed for what counts here.', open],
    ['Effect not given for what counts here.', { breakout: { category: 2 } }],
    ['Effect not assessed for one of the 3 manoeuvres; not given for 2.', {}, open, {}],
    ['No effect was observed for one of the 2 manoeuvres, according to VIGINUM.', none, seen],
    ['Effect not given for one of the 2 manoeuvres.', seen, {}],
    [
      'No effect was observed for any of the 2 manoeuvres, according to VIGINUM.',
      ...[none, { ...none, breakout: { category: 5 } }],
    ],
    // A whole without an effect whose part gives none; a part without an effect whose whole gives none.
    [
      'No effect was observed for one of the 2 manoeuvres, according to VIGINUM; for one the effect is not given.',
      ...[none, { partOf: 'd0' }, {}, { ...none, partOf: 'd2' }],
    ],
  ])('are counted by what the sources state: %s', (sentence, ...all) => {
    expect(findings(facts(...all)).slice(0, 2)).toContain(sentence)
  })

  it('leave room for the share of a set and for the volume', () => {
    const wide = [1, 2, 3, 4].map((one) => ({ title: { en: `No. ${one}` }, breakout: { category: 6 } }))
    const set = { accountSet: { id: 's', name: 'A set', size: 423 }, counts: { posts: 900, coordinatedAccounts: 348 } }
    const told = findings(facts(...wide, { ...none, ...set, title: { en: 'In vain' } }))
    expect(told.slice(3)).toEqual([
      expect.stringMatching(/^One more manoeuvre had/),
      expect.stringMatching(/^No effect was observed for one of the 5/),
      expect.stringMatching(/^348 of the 423 accounts/),
      expect.stringMatching(/^At least 900 posts/),
    ])
  })

  it('reach the front after 300 manoeuvres with more posts', () => {
    const many = Array.from({ length: 300 }, (_, at) => ({ counts: { posts: 1000 - at } }))
    const denounced = { id: 'z', title: { en: 'Denounced' }, breakout: { category: 6 } }
    expect(findings(facts(...many, denounced))[0]).toContain('“Denounced”')
  })
})

describe('an event', () => {
  const place = { en: 'Turkey' }
  const role = { en: 'a former president', fr: 'un ancien président' }
  const event = { participants: [{ role, name: 'A. Name' }, { en: 'a minister' }] }
  const shown = (more: object, house: Organisation = {}) => {
    const found = detectionAsOf({ kind: 'offline-event', event: { ...event, ...more } })
    return reportOn([found], { house })
  }

  it('has no place where none is given', () => {
    const finding = (more: object) => written(pageOf(shown(more), 'en').essentials.findings[1])
    expect(finding({ place })).toMatch(/: Turkey, 15\sMay\s2024\.$/)
    expect(finding({})).toMatch(/: 15\sMay\s2024\.$/)
    expect(JSON.stringify(pageOf(shown({}), 'en').manoeuvres)).not.toContain('Place: ')
  })

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
    reportOn(...found)
      .pages.fr.essentials.findings.map(written)
      .find((one) => /ont visé/.test(one)) ?? ''
  const six = ['NC', 'COR', 'MQ', 'GF', 'PF', 'GP'] as const

  it('are shown with those of this territory alone', () => {
    const both = [posts(10), posts(7000, six)]
    expect(spaced(whole(both))).toMatch(
      /^10 messages ont visé la Nouvelle-Calédonie en propre ; 7 000 autres ont visé ensemble 6 territoires, dont celui-ci/,
    )
    const row = reportOn(both).pages.fr.figures.rows[0]
    expect(spaced(row?.note ?? '')).toContain('dont 7 000 communs à 6 territoires')
  })

  it('of the period before are not compared', () => {
    const { totals } = reportOn([posts(7000, six)])
    const asked = { before: [{ period: '2024-W19', totals, joint: { posts: 6 } }] }
    expect(spaced(whole([posts(10)], asked))).toBe(
      '10 messages ont visé la Nouvelle-Calédonie ; la semaine précédente, 7 000 étaient en tout ou partie communs à plusieurs territoires : les deux chiffres ne se comparent pas.',
    )
    const [row] = reportOn([posts(10)], asked).pages.fr.figures.rows
    expect(row).toMatchObject({ change: 'en commun, non comparé', multiple: '' })
  })

  it('of this period are compared neither with the period before nor with the median', () => {
    const { totals } = reportOn([posts(10)])
    const both = reportOn([posts(20), posts(7000, six)], { before: [{ period: '2024-W19', totals }] })
    expect(both.pages.fr.figures.rows[0]).toMatchObject({ change: '', median: '10', multiple: '' })
    expect(spaced(both.pages.fr.essentials.findings.map(written).join())).toMatch(
      / ; 7 000 autres ont visé ensemble .*sans comparaison possible avec la semaine précédente ni avec la médiane, le chiffre étant/,
    )
  })

  it('are of a number of territories only where all name the same', () => {
    const both = [posts(10), posts(7000, six), posts(300, ['NC', 'WF'])]
    expect(spaced(whole(both))).toMatch(
      /^10 messages ont visé la Nouvelle-Calédonie en propre ; 7 300 autres ont été comptés en commun avec d’autres territoires/,
    )
    expect(spaced(whole(both.slice(1)))).toMatch(
      /^7 300 messages ont visé la Nouvelle-Calédonie en commun avec d’autres territoires/,
    )
    expect(reportOn(both.slice(1)).pages.fr.figures.rows[0]?.joint).toBe('communs à plusieurs territoires')
    expect(JSON.stringify([reportOn(both).pages, reportOn(both.slice(1)).pages])).not.toMatch(/7 territor/)
  })

  it('are at least so many where one gives no number', () => {
    const silent = detectionAsOf({ id: 'silent', kind: 'video', territories: ['NC', 'COR'] })
    expect(spaced(whole([posts(10), posts(7000, ['NC', 'COR']), silent]))).toMatch(
      /^10 messages .* en propre ; au moins 7 000 autres ont visé ensemble 2 terr/,
    )
  })
})

describe('a floor of 0 before', () => {
  const none = { value: 0, qualifier: 'at least' } as const
  const said = detectionAsOf({ id: 'p', counts: { posts: 7000 } })
  const { totals } = reportOn([detectionAsOf({ id: 'b', counts: { posts: 10 } })])
  const week = (number: number, more: object) => ({ period: `2024-W${number}`, totals: { ...totals, ...more } })
  const unknown = week(17, { watched: false, posts: { value: null, qualifier: 'not watched' } })
  const told = (...before: ReturnType<typeof week>[]) => {
    const { essentials, figures } = reportOn([said], { before }).pages.fr
    const text = essentials.findings.map(written).find((one) => /ont visé/.test(one)) ?? ''
    return { text: spaced(text), row: figures.rows[0] }
  }

  it('is compared with nothing, nor is a median that is one', () => {
    const { text, row } = told(unknown, week(18, { posts: none }), week(19, { posts: none }))
    expect(text).toBe(
      '7 000 messages ont visé la Nouvelle-Calédonie, sans comparaison possible avec la semaine précédente ni avec la médiane, dont les décomptes sont incomplets.',
    )
    expect(row).toMatchObject({ change: '', multiple: '' })
  })

  it('leaves a median that is none', () => {
    const { text, row } = told(week(17, {}), week(18, {}), week(19, { posts: none }))
    expect(text).toMatch(
      /, contre au moins 10 en médiane sur les 3 semaines comparées ; sans comparaison possible avec la semaine précédente, dont le décompte est incomplet\.$/,
    )
    expect(row?.change).toBe('')
    expect(row?.multiple).toBe('')
  })

  it('leaves the period before where the median alone is one', () => {
    const { text, row } = told(week(17, { posts: none }), week(18, { posts: none }), week(19, {}))
    expect(text).toMatch(/ la Nouvelle-Calédonie, contre 10 la semaine précédente\.$/)
    expect(spaced(row?.change ?? '')).toContain('6 990')
    expect(row?.multiple).toBe('')
  })
})

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

describe('the sentence on a group', () => {
  const rowOf = (territory: TerritoryCode, found: ReturnType<typeof detectionAsOf>[]) => {
    const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
    for (const one of found) counter.add(one)
    return memberRow(territory, counter.tally(), { state: 'watched', marking: 'TLP:CLEAR' }, {}, [territory])
  }
  const loud = [detectionAsOf({ id: 'loud', counts: { posts: 5332 } })]
  const silent = [detectionAsOf({ id: 'silent', kind: 'video' })]
  const sentence = (rows: ReturnType<typeof rowOf>[]) => {
    const group = { rows, campaigns: [], moreCampaigns: 0, isWhole: true, countedEarlier: 0 }
    const report = { ...reportOn(loud), group: { ...group, marking: 'TLP:CLEAR' as const } }
    const findings = pageOf(report, 'fr').essentials.findings.map(written)
    return spaced(findings.find((one) => /ont visé/.test(one)) ?? '')
  }

  it('counts territories of which a number is known', () => {
    const others = (['PF', 'WF', 'COR'] as const).map((code) => rowOf(code, silent))
    expect(sentence([rowOf('NC', loud), ...others])).toMatch(/^5 332 messages ont visé la Nouvelle-Calédonie/)
    const four = (['NC', 'RE', 'YT', 'MQ'] as const).map((code) => rowOf(code, loud))
    expect(sentence([...four, ...others])).toMatch(/^5 332 messages ont visé 4 territoires sur 7/)
  })
})

describe('a number', () => {
  const finding = (counts: object, more: object = {}) =>
    pageOf(facts({ kind: 'campaign', counts, ...more }), 'fr').essentials.findings.map(written)
  const set = { accountSet: { id: 'big-423', name: 'comptes X', size: 423 } }

  it('of accounts is shown once where all of them are coordinated', () => {
    expect(finding({ accounts: 423, coordinatedAccounts: 423 })[1]).toContain(': 423 comptes, tous coordonnés (')
    expect(finding({ accounts: 1, coordinatedAccounts: 1 })[1]).toContain(': 1 compte, coordonné (')
    // The coordinated ones are the floor of the participants, and all that is known of them.
    expect(finding({ coordinatedAccounts: 80 })[1]).toContain(': 80 comptes coordonnés (')
    expect(finding({ accounts: 500, coordinatedAccounts: 80 })[1]).toContain(': 500 comptes et 80 comptes coordonnés (')
  })

  it('of a set is shown once where all of it took part', () => {
    const all = finding({ coordinatedAccounts: 423 }, set).join('\n')
    expect(all).toContain('Les 423 comptes de l’ensemble suivi «\u202fcomptes X\u202f» ont tous pris part')
    expect(all).not.toMatch(/423 des 423|100/)
    const alone = finding({ accounts: 423, coordinatedAccounts: 423 }, set)
    expect(alone.filter((one) => one.includes('423'))).toHaveLength(1)
    expect(finding({ coordinatedAccounts: 348 }, set).join('\n')).toMatch(/348 des 423 comptes.*82.%/)
  })

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

  it('is left out without a source, and in a quiet report, whose findings have it', () => {
    expect(pageOf(facts({}), 'en').watch).toBeNull()
    const quiet = { ...facts(), sources: [source(28, 28)] }
    expect(pageOf(quiet, 'en').watch).toBeNull()
    expect(JSON.stringify(pageOf(quiet, 'en').essentials)).toContain('the 28 inputs due were received')
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
  const noFigure =
    /no figure|no count|gives a number|n\/a|aucun chiffre|sans décompte|ne donne de chiffre|aucune source ne|n\. c\./i
  const stated = (figure: FigureName, kind: DetectionInput['kind']) =>
    reportOn([detectionAsOf({ id: 'none', kind, counts: { posts: 0, [figure]: 0 } })])

  it('is shown as 0, of any figure and kind, and never as a figure that no source gives', () => {
    for (const kind of ['copy-paste', 'video', 'campaign'] as const) {
      for (const figure of figureNames) {
        const { pages } = stated(figure, kind)
        for (const { essentials, manoeuvres, unknown } of [pages.fr, pages.en]) {
          const rows = manoeuvres?.cards.flatMap((card) => [...card.rows, ...card.rowsAfter]) ?? []
          const behaviour = rows.filter(({ label }) => /^Comportement|^Behaviour/.test(label))
          expect(behaviour).toHaveLength(1)
          const told = [
            ...essentials.findings,
            ...(unknown?.items ?? []),
            ...behaviour.flatMap((one) => one.paragraphs),
          ]
          expect(told.map(written).filter((text) => noFigure.test(text))).toEqual([])
        }
      }
    }
  })

  it('is the volume, and the figure of a manoeuvre', () => {
    const findings = stated('posts', 'copy-paste').pages.fr.essentials.findings.map(written).map(spaced)
    expect(findings).toContain('Une détection a été enregistrée pour la Nouvelle-Calédonie : 0 message.')
    expect(findings.find((text) => text.startsWith('«'))).toContain(' : 0 message (')
  })

  it('is on the card of a manoeuvre with other figures, and not in its sentence', () => {
    const { en } = reportOn([detectionAsOf({ counts: { posts: 5, videos: 0 } })]).pages
    expect(en.essentials.findings.map(written).join()).not.toContain('0 videos')
    expect(JSON.stringify(en.manoeuvres)).toContain('5 posts and 0 videos')
  })

  it('is compared with the past, and a floor of it is not', () => {
    const { totals } = reportOn([detectionAsOf({ id: 'b', counts: { posts: 10 } })])
    const before = [{ period: '2024-W19', totals }]
    const last = (posts: NonNullable<DetectionInput['counts']>['posts']) =>
      reportOn([detectionAsOf({ counts: { posts } })], { before })
        .pages.en.essentials.findings.map(written)
        .at(-1)
    expect(last(0)).toMatch(/^One detection was recorded for New Caledonia: 0 posts, against 10 the week before /)
    expect(last({ value: 0, qualifier: 'at least' })).toBe(
      'One detection was recorded for New Caledonia: 0 posts (incomplete).',
    )
  })
})
