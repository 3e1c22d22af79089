/** Page 1 of a territory (look3/NOTES3.md, sections 0 and 2). */
import { describe, expect, test } from 'vitest'
import type { PeriodLevel } from '../../../../lambdas/domain/aggregate/level/level.ts'
import type { Segment } from '../../../../lambdas/domain/core/language/language.ts'
import type { Marking } from '../../../../lambdas/domain/core/marking.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { type Organisation, organisationUnder } from '../../../../lambdas/domain/report/organisation.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn, unusualLevel } from '../../../support/reports.ts'

const textOf = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')

const unusual = unusualLevel()

type Options = NonNullable<Parameters<typeof reportOn>[1]>

const firstOf = (all: readonly Partial<DetectionInput>[], options: Options = {}) => {
  const found = all.map((one, at) => detectionAsOf({ id: `d${at}`, counts: { posts: 500 }, ...one }))
  const { first } = reportOn(found, { level: unusual, ...options }).pages.en
  if (!first) throw new Error('the report has no page 1')
  return first
}

const rowsOf = (...given: Parameters<typeof firstOf>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    firstOf(...given).rows.map(({ label, text, small }) => [label, `${textOf(text)} | ${textOf(small)}`]),
  )

const whyOf = (level: PeriodLevel, all: readonly Partial<DetectionInput>[] = [{}], options: Options = {}): string =>
  textOf(firstOf(all, { ...options, level }).level?.why ?? [])

const earlier: Partial<DetectionInput> = { observed: { from: '2024-05-10', to: '2024-05-15' } }
const undated: Partial<DetectionInput> = { observed: { from: '2024-05', to: '2024-05' } }

describe('what happened', () => {
  test('has the fact before the claim, and the time with the claim', () => {
    const rows = rowsOf([
      {
        established: { text: { en: 'The water is safe.' }, source: 'ARS' },
        claim: { text: { en: 'It is poisoned.' } },
      },
    ])
    expect(Object.keys(rows).slice(0, 2)).toEqual(['Established', 'Claim'])
    expect(rows.Established).toBe('The water is safe. | Source: ARS.')
    expect(rows.Claim).toMatch(/^It is poisoned\. \| False, misleading or unverified\. 15.May.2024, new\.$/)
  })

  test('without a fact quotes what was reported, as not verified', () => {
    expect(rowsOf([{}])['Reported, not verified']).toMatch(/^“A burst of copies” \| 15.May.2024, new\.$/)
  })

  test('has a call to violence as a row of its own', () => {
    const calling = { title: { en: 'Burn it' }, breakout: { category: 6, basis: 'violence' } } as const
    expect(rowsOf([calling])['Call to violence']).toContain('“Burn it” (500 posts).')
  })

  test('states the origin as attributed, suspected or not established', () => {
    const actor = { name: 'BIG', attributedBy: 'VIGINUM' }
    const originOf = (input: Partial<DetectionInput>) => rowsOf([input])['Foreign origin']?.split(' | ')[0]
    expect(originOf({ actor })).toBe('Attributed by VIGINUM: BIG.')
    expect(originOf({ actor: { ...actor, likelihood: 'likely' } })).toBe('Suspected by VIGINUM: BIG.')
    expect(originOf({ actor: { ...actor, name: 'Azerbaijan / BIG' } })).toBe(
      'Attributed by VIGINUM: Azerbaijan and BIG.',
    )
    expect(originOf({})).toBe('Not established.')
  })

  test('states no absence of an effect in a public version', () => {
    const none = { observedEffect: { state: 'none', source: 'VIGINUM' }, marking: 'TLP:CLEAR' } as const
    expect(rowsOf([none]).Effect).toMatch(/^No effect observed, according to VIGINUM\./)
    expect(rowsOf([none], { cap: 'TLP:CLEAR' }).Effect).toMatch(/^This version reports no effect\./)
  })
})

describe('a pick-up by others', () => {
  const evidence = { en: 'A radio station read the forged order on air.' }
  const level: PeriodLevel = {
    ...unusual,
    value: 3,
    claim: { is: 'effect', id: 'd0', field: 'breakout', category: 4 },
    tests: [],
  }

  test('is the effect and the reason, in the words of its evidence', () => {
    const picked = { breakout: { category: 4, basis: 'amplified', evidence } } as const
    expect(rowsOf([picked]).Effect).toMatch(/^A radio station read the forged order on air\. \| Breakout 4 of 6/)
    expect(whyOf(level, [picked])).toMatch(/^Pick-up reported, confirmed: A radio station read/)
    expect(rowsOf([{ breakout: { category: 4 } }]).Effect).toMatch(/^Picked up by others; no other effect/)
  })

  test('at 6 is the event that its basis names', () => {
    const six = (basis?: 'answered' | 'decided' | 'violence') =>
      rowsOf([{ breakout: { category: 6, evidence, ...(basis && { basis }) } }]).Effect?.split('Breakout ')[1]
    expect(six('decided')).toBe('6 of 6: policy response.')
    expect(six('answered')).toBe('6 of 6: policy response (to deny it).')
    expect(six('violence')).toBe('6 of 6: call to violence.')
    expect(six()).toBe('6 of 6: policy response or call to violence.')
  })

  test('is none of a denial', () => {
    const denied = { breakout: { category: 6, basis: 'answered', evidence } } as const
    expect(rowsOf([denied]).Effect).toMatch(/^No source states an effect\./)
  })
})

describe('the reason of the level', () => {
  test.each<[string, readonly Partial<DetectionInput>[], string]>([
    ['nothing', [], 'Nothing was detected for New Caledonia.'],
    ['one that continues', [earlier], 'Nothing new was detected for New Caledonia: one earlier detection continues.'],
    [
      'two that continue',
      [earlier, earlier],
      'Nothing new was detected for New Caledonia: 2 earlier detections continue.',
    ],
    ['one without a day', [undated], 'No detection counts for New Caledonia.'],
    ['both', [earlier, undated], 'No detection counts for New Caledonia.'],
  ])('states no more than that where there is %s', (_, all, reason) => {
    expect(whyOf({ ...unusual, value: 0, detections: 0, tests: [] }, all)).toMatch(reason)
  })

  test('compares with the ordinary week', () => {
    expect(whyOf(unusual)).toMatch(
      /^500 posts, compared with 40 to 90 in an ordinary week \(8 weeks compared\)\. No source states an effect\./,
    )
    const [tested] = unusual.tests
    const none = { least: 0, most: 3, weeks: 8, isNone: true } as const
    const silent = { ...unusual, tests: tested ? [{ ...tested, ordinary: none }] : [] }
    expect(whyOf(silent)).toMatch(/^500 posts, compared with none in the 8 ordinary weeks before\./)
    const loud = { ...silent, tests: silent.tests.map((one) => ({ ...one, leftOut: 2 })) }
    expect(whyOf(loud)).toMatch(
      /^500 posts, compared with none in the 8 ordinary weeks before \(2 weeks left out as unusual or uncounted\)/,
    )
  })

  test('is the effect in its source’s words, and names that several territories share it', () => {
    const observedEffect = { state: 'observed', degree: 'act', text: { en: 'A depot was blocked.' } } as const
    const level: PeriodLevel = {
      ...unusual,
      value: 4,
      claim: { is: 'act', id: 'd0', field: 'effect', degree: 'act' },
      tests: [],
    }
    expect(whyOf(level, [{ observedEffect, territories: ['NC', 'PF'] }])).toMatch(
      /^Act reported, confirmed \(common to 2 territories\): A depot was blocked\./,
    )
  })

  test('prints the claim that decided, and no graver one beside it', () => {
    const effect = (text: string, degree: 'act' | 'media', source: string) =>
      ({ observedEffect: { state: 'observed', degree, source, text: { en: text } } }) as const
    const all = [effect('A depot was blocked.', 'act', 'A blog'), effect('A road was blocked.', 'act', 'Prefecture')]
    const claim = { is: 'act', id: 'd1', field: 'effect', degree: 'act', source: 'Prefecture' } as const
    expect(whyOf({ ...unusual, value: 4, claim, tests: [] }, all)).toMatch(
      /^Act reported, confirmed \(source: Prefecture\): A road was blocked\./,
    )
    const reported = { ...claim, is: 'reported', id: 'd0', source: 'A blog' } as const
    expect(whyOf({ ...unusual, value: 2, claim: reported, tests: [] }, all)).toMatch(
      /^Act reported, to be confirmed \(source: A blog\): A depot was blocked\./,
    )
  })

  test('of level 1 denies no effect that a group of territories is said to have had', () => {
    const observedEffect = { state: 'observed', degree: 'media', text: { en: 'A radio repeated it.' } } as const
    const level: PeriodLevel = { ...unusual, value: 1, tests: [] }
    const territories = [{ code: 'NC', method: 'group' }] as NonNullable<DetectionInput['territories']>
    const all = [{ observedEffect, territories }]
    expect(whyOf(level, all)).toMatch(
      /^One manoeuvre, with no unusual figure; an effect is reported for a group of territories, not confirmed\./,
    )
    expect(rowsOf(all, { level }).Effect).toMatch(/^A radio repeated it\. \| Stated for a group of territories\./)
    const breakout = { category: 4, basis: 'amplified' } as const
    expect(whyOf(level, [{ breakout, territories }])).not.toContain('No source states an effect')
    expect(whyOf(unusual, [{ breakout, territories }])).not.toContain('No source states an effect')
    expect(rowsOf([{ observedEffect, territories: ['NC', 'PF'] }]).Effect).toMatch(
      /Stated for 2 territories together\./,
    )
  })

  test('of a public version is no comparison', () => {
    const level: PeriodLevel = { ...unusual, value: 1, tests: [] }
    expect(whyOf(level, [{ marking: 'TLP:CLEAR' }], { cap: 'TLP:CLEAR' })).toMatch(
      /^One manoeuvre in this version\. The level of this version is a minimum/,
    )
  })

  test('of a month whose level is that of a week names no manoeuvre where the month has none', () => {
    const weeks = { gravest: '2024-W18', counts: [{ value: 1, count: 1 } as const], each: [] }
    const level: PeriodLevel = { ...unusual, value: 1, tests: [], weeks }
    const whyIn = (cap: Marking, language: 'en' | 'fr') => {
      const { first } = reportOn([], { period: '2024-05', level, cap }).pages[language]
      return textOf(first?.level?.why ?? [])
    }
    expect(whyIn('TLP:AMBER', 'en')).toContain('No manoeuvre in the period itself, with no unusual figure')
    expect(whyIn('TLP:AMBER', 'fr')).toContain('Aucune manœuvre dans la période elle-même, sans chiffre inhabituel')
    expect(whyIn('TLP:CLEAR', 'en')).toContain('Nothing to publish in the period itself.')
    expect(whyIn('TLP:CLEAR', 'fr')).toContain('Rien de publiable dans la période elle-même.')
  })

  test('is missing in a report of an earlier program', () => {
    const { first } = reportOn([detectionAsOf()]).pages.fr
    expect(first?.level).toBeNull()
  })
})

describe('what is not known', () => {
  const textRun = (text: string) => [{ text }]
  const noteWith = (unknown: string, text: string) => [
    {
      ...({ author: 'C. Durand', role: 'analyst', language: 'en', marking: 'TLP:GREEN', approves: false } as const),
      ...{ writtenAt: '2024-05-20T08:00:00.000Z', unknown: [textRun(unknown)] },
      blocks: [{ kind: 'paragraph' as const, items: [textRun(text)] }],
    },
  ]
  const own = /^What happened this (?:week|month): no source that shows at this marking watches this territory\.$/

  test('has our sentences whole, and an analyst’s cut', () => {
    const { unknown } = firstOf([], { notes: noteWith('Who paid.', 'Read this.') })
    expect(unknown).toMatchObject({ items: [textRun('Who paid.'), [{ text: expect.stringMatching(own) }]], more: '' })
  })

  test('has them in the annex where there is no room', () => {
    const { unknown, moreUnknown } = firstOf([], { period: '2024-04', notes: noteWith('x'.repeat(200), 'Read this.') })
    expect(unknown.items.map(textOf)).toEqual([expect.stringMatching(/^x+…$/)])
    expect(unknown.more).toBe('One more point in the annex.')
    expect(moreUnknown.map(textOf)).toEqual([expect.stringMatching(own)])
  })
})

describe('what to do', () => {
  const words = (text: string) => ({ fr: text, en: text })
  const house: Organisation = {
    guidance: { marking: 'TLP:AMBER', levels: { 2: { do: [words('Call the duty desk')], avoid: [] } } },
    phone: { marking: 'TLP:AMBER', number: '01 99 00 12 34' },
  }

  test('is the guidance of the level', () => {
    expect(firstOf([{}], { house }).actions.map(textOf)).toEqual(['Call the duty desk'])
  })

  test('is kept from editions below its marking', () => {
    expect(organisationUnder(house, 'TLP:GREEN')).toEqual({})
    // What mails show is nobody’s guidance.
    expect(organisationUnder({ ...house, mail: { fullUpTo: 'TLP:AMBER' } }, 'TLP:AMBER')).toEqual(house)
  })
})

describe('the trend', () => {
  test('has a band only where the drawn figure is the tested one', () => {
    const before = [{ period: '2024-W19', totals: reportOn([]).totals }]
    expect(firstOf([{}], { before }).trend).toMatchObject({
      title: '500 posts, against 40 to 90 in an ordinary week',
      band: { least: 40, most: 90 },
    })
    expect(firstOf([{ counts: { posts: 800 } }], { before }).trend ?? { band: null }).not.toHaveProperty('band')
  })
})

test('only a CLEAR version is called public', () => {
  const bannerOf = (cap: Marking, marking: Marking) => reportOn([detectionAsOf({ marking })], { cap }).pages.en.banner
  expect(bannerOf('TLP:GREEN', 'TLP:CLEAR')).toMatch(/^Public version/)
  expect(bannerOf('TLP:GREEN', 'TLP:GREEN')).toMatch(/^A version for your community, not for the public/)
  expect(bannerOf('TLP:AMBER', 'TLP:CLEAR')).toBe('')
})

test('the annex calls a watch complete only where page 1 does', () => {
  const running: PeriodLevel = { ...unusual, isWhole: false, inputs: { arrived: 3, expected: 3 } }
  const { first, basis } = reportOn([detectionAsOf()], { level: running }).pages.en
  expect(first?.watch).toBe('Monitoring incomplete: part of the period has no data.')
  expect(basis?.rows.at(-1)).toMatchObject({ answer: 'no', on: 'In the inputs received: 3 of 3.' })
})
