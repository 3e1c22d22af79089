import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { fitsUnder, markings } from '../../../lambdas/domain/core/marking.ts'
import { bases, linkRelations, partyKinds } from '../../../lambdas/domain/detection/attribution-schema.ts'
import {
  attributionRank,
  basisState,
  chainOf,
  isAssessed,
  knownUnder,
  linkWeight,
} from '../../../lambdas/domain/detection/attribution.ts'
import { type DetectionInput, readDetection } from '../../../lambdas/domain/detection/detection.ts'
import { detection } from '../../support/detections.ts'

type ActorInput = NonNullable<DetectionInput['actor']>
type LinkInput = NonNullable<ActorInput['links']>[number]

const big = { name: { fr: 'Groupe d’initiative de Bakou', en: 'Baku Initiative Group' }, kind: 'organisation' } as const
const state = { name: { fr: 'Azerbaïdjan', en: 'Azerbaijan' }, kind: 'state' } as const
const link: LinkInput = {
  from: big,
  to: state,
  basis: 'administrative',
  fact: { en: 'Registered for tax there', fr: 'Immatriculé auprès du fisc' },
  source: { title: 'Press account', date: '2024-12-02', archiveUrl: 'https://web.archive.org/web/1/x' },
  attributedBy: 'VIGINUM',
}
const saying = (actor: Partial<ActorInput>) => detection({ actor: { name: 'BIG', attributedBy: 'VIGINUM', ...actor } })

const refusalOf = (input: unknown): string => {
  const { id, detector, kind, title, observed } = detection({})
  const read = readDetection({
    id,
    detector,
    kind,
    title,
    observed,
    actor: { name: 'BIG', attributedBy: 'V', links: [input] },
  })
  return 'refusal' in read ? `${read.refusal.path} ${faultText(read.refusal)}` : ''
}

describe('a record', () => {
  it('is refused for an incomplete link, with its path and what is valid', () => {
    expect(refusalOf({ ...link, basis: 'hearsay' })).toBe(
      'actor.links[0].basis must be one of technical, administrative, declarative, behavioural',
    )
    expect(refusalOf({ ...link, fact: undefined })).toMatch(/^actor\.links\[0\]\.fact /)
    expect(refusalOf({ ...link, date: 'January 2024' })).toBe(
      'actor.links[0].date must be a day, a month or a year, such as 2024-01',
    )
    expect(refusalOf({ ...link, date: '2024-13' })).toBe(
      'actor.links[0].date must be a day, a month or a year that there is',
    )
    expect(refusalOf({ ...link, marking: 'TLP:PINK' })).toMatch(/^actor\.links\[0\]\.marking /)
  })
})

const anyLink = fc.record(
  {
    from: fc.record({ name: fc.constantFrom('A', 'a', 'B', 'C'), kind: fc.constantFrom(...partyKinds) }),
    to: fc.record({ name: fc.constantFrom('A', 'B', 'D'), kind: fc.constantFrom(...partyKinds) }),
    relation: fc.constantFrom(...linkRelations),
    basis: fc.constantFrom(...bases),
    fact: fc.record({ en: fc.constantFrom('One', 'Two') }),
    attributedBy: fc.constantFrom('VIGINUM', 'Meta'),
    marking: fc.constantFrom(...markings),
  },
  { requiredKeys: ['from', 'to', 'fact', 'attributedBy'] },
)
const anyReply = fc.record(
  {
    by: fc.constant('BIG'),
    text: fc.record({ en: fc.constantFrom('No', 'Never') }),
    marking: fc.constantFrom(...markings),
  },
  { requiredKeys: ['by', 'text'] },
)
const anyDetection = fc
  .record({ links: fc.array(anyLink, { maxLength: 6 }), replies: fc.array(anyReply, { maxLength: 3 }) })
  .map(saying)

describe('what an edition knows', () => {
  it('has all that fits under its cap, and does not depend on the rest', () => {
    fc.assert(
      fc.property(anyDetection, fc.constantFrom(...markings), (one, cap) => {
        const { links = [], replies = [] } = one.actor ?? {}
        const fits = ({ marking = 'TLP:CLEAR' }: { marking?: (typeof markings)[number] | undefined }) =>
          fitsUnder(marking, cap)
        const known = knownUnder(one, cap)
        expect(known.actor?.links ?? []).toEqual(links.filter(fits))
        expect(known.actor?.replies ?? []).toEqual(replies.filter(fits))
        const never = saying({ links: links.filter(fits), replies: replies.filter(fits) })
        expect(knownUnder(never, cap)).toEqual(known)
        expect(attributionRank(known)).toBe(links.some((two) => fits(two) && two.basis !== undefined) ? 2 : 1)
      }),
    )
  })

  it('is the detection itself without a link', () => {
    const plain = detection({ actor: { name: 'BIG', attributedBy: 'VIGINUM' } })
    expect(knownUnder(plain, 'TLP:CLEAR')).toBe(plain)
    expect([attributionRank(detection({})), attributionRank(plain)]).toEqual([0, 1])
  })
})

describe('a chain', () => {
  it('has each link once, with the strictest marking of its detections, and each party once', () => {
    const { parties, links } = chainOf([
      { ...saying({ links: [link] }), marking: 'TLP:CLEAR' },
      { ...saying({ links: [link, { ...link, basis: 'declarative' }] }), marking: 'TLP:GREEN' },
    ])
    expect(parties).toEqual([big, state])
    expect(links).toMatchObject([
      { from: 0, to: 1, basis: 'administrative', detections: 2, marking: 'TLP:GREEN' },
      { from: 0, to: 1, basis: 'declarative', detections: 1, marking: 'TLP:GREEN' },
    ])
  })

  it('has only the parties of its links, each once', () => {
    fc.assert(
      fc.property(fc.array(anyDetection, { maxLength: 4 }), (all) => {
        const { parties, links } = chainOf(all)
        const used = new Set(links.flatMap(({ from, to }) => [from, to]))
        expect([...used].toSorted((a, b) => a - b)).toEqual(parties.map((_, at) => at))
        const keys = parties.map(({ name, kind }) => `${kind} ${String(name).toLowerCase()}`)
        expect(new Set(keys).size).toBe(keys.length)
        expect(links.reduce((sum, { detections }) => sum + detections, 0)).toBe(
          all.flatMap(({ actor }) => actor?.links ?? []).length,
        )
      }),
    )
  })
})

describe('confidence', () => {
  it('is none where a platform filled it in, else sets the weight of a line', () => {
    const read = (confidence: Parameters<typeof linkWeight>[0]['confidence']) => [
      linkWeight({ confidence }),
      isAssessed({ confidence }),
    ]
    expect(read(undefined)).toEqual(['unrated', false])
    expect(read({ score: 100, platformDefault: true })).toEqual(['plain', false])
    expect(read({ level: 'high' })).toEqual(['strong', true])
    expect(read({ score: 70 })).toEqual(['strong', true])
    expect(read({ score: 69 })).toEqual(['plain', true])
    expect(read({ level: 'moderate' })).toEqual(['plain', true])
    expect(read({ level: 'low' })).toEqual(['weak', true])
    expect(read({ score: 29 })).toEqual(['weak', true])
  })

  it('makes a basis half where all its links are low', () => {
    const on = (...levels: readonly (undefined | 'low' | 'high')[]) =>
      levels.map((level) => ({ basis: 'technical' as const, confidence: level && { level } }))
    expect(basisState(on('low', 'low'), 'technical')).toBe('half')
    expect(basisState(on('low', undefined), 'technical')).toBe('full')
    expect(basisState(on('high'), 'declarative')).toBe('empty')
  })
})
