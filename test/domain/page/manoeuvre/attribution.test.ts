/** An attribution on a page: its bases, its links, the drawn chain, and the reply. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { chainOf } from '../../../../lambdas/domain/detection/attribution.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { criteriaOf } from '../../../../lambdas/domain/page/manoeuvre/assessment.ts'
import {
  attributionOf,
  chainDrawing,
  chainExtent,
  replyRow,
} from '../../../../lambdas/domain/page/manoeuvre/attribution.ts'
import { entryOf, type Facts } from '../../../../lambdas/domain/report/facts.ts'
import { actorChain } from '../../../../lambdas/render/drawings/chain.ts'
import { detectionAsOf } from '../../../support/detections.ts'

type Actor = NonNullable<DetectionInput['actor']>
type Link = NonNullable<Actor['links']>[number]

const french = wordingOf('fr')
const english = wordingOf('en')
const asOf = '2024-12-03T05:00:00.000Z'
const inForce = { house: {}, period: { last: '2024-05-19' } } as Facts

const party = (name: string, kind: Link['from']['kind'] = 'organisation') => ({ name, kind })
const link = (input: Partial<Link> = {}): Link => ({
  from: party('BIG'),
  to: party('Azerbaijan', 'state'),
  fact: { fr: 'Un fait', en: 'A fact' },
  attributedBy: 'VIGINUM',
  ...input,
})
const saying = (actor: Partial<Actor>, said: Partial<DetectionInput> = {}) => ({
  ...detectionAsOf({ actor: { name: 'BIG', attributedBy: 'VIGINUM', ...actor }, marking: 'TLP:GREEN', ...said }),
})
const entry = (...all: Parameters<typeof saying>) => entryOf(saying(...all), 'TLP:RED')
const chain = (links: readonly Link[]) => chainOf([saying({ links: [...links] }).detection])
const cellsOf = (actor: Partial<Actor>) =>
  attributionOf(entry(actor), asOf, 'm1', french)?.table.rows.map((row) =>
    row.map(({ text, under }) => [text, ...under].map((one) => one.text)),
  )

describe('a card', () => {
  it('has no table where an attribution states no link', () => {
    expect(attributionOf(entry({}), asOf, 'm1', french)).toBeNull()
    expect(criteriaOf(entry({}), inForce, french)).toBeNull()
  })

  it('shows all four bases, each with a circle and a word', () => {
    const links = [link({ basis: 'administrative' }), link({ basis: 'declarative', confidence: 'low' })]
    expect(attributionOf(entry({ links }), asOf, 'm1', french)?.bases.items).toEqual([
      { sign: 'empty', word: 'technique', state: 'non étayé' },
      { sign: 'full', word: 'administratif', state: 'étayé' },
      { sign: 'half', word: 'déclaratif', state: 'partiel' },
      { sign: 'empty', word: 'comportemental', state: 'non étayé' },
    ])
  })

  it('has a row for each link: defaults and missing dates are n/a, a stricter marking is shown', () => {
    const source = { title: { fr: 'Récit de presse', en: 'Press account' }, date: '2024-12-02' }
    const links = [
      link({ basis: 'declarative', date: '2024-01', source, likelihood: 'likely', confidence: 'moderate' }),
      link({
        confidence: { score: 100, platformDefault: true },
        marking: 'TLP:AMBER',
        source: { ...source, archiveUrl: 'https://web.archive.org/x' },
      }),
    ]
    expect(cellsOf({ links })).toEqual([
      [
        ['1'],
        ['BIG → Azerbaïdjan'],
        ['déclaratif'],
        ['Un fait', 'date du fait\u00a0: janvier\u00a02024'],
        ['Récit de presse', '2\u00a0décembre\u00a02024', 'copie non archivée'],
        ['VIGINUM'],
        ['modérée', 'vraisemblance\u00a0: probable'],
      ],
      [
        ['2'],
        ['BIG → Azerbaïdjan', 'TLP:AMBER'],
        ['n.\u202fc.'],
        ['Un fait', 'date du fait\u00a0: n.\u202fc.'],
        ['Récit de presse', '2\u00a0décembre\u00a02024', '[https]://web[.]archive[.]org/x'],
        ['VIGINUM'],
        ['n.\u202fc.', '«\u202f100\u202f» par défaut'],
      ],
    ])
  })

  it('distinguishes actors that amplify each other from an attribution', () => {
    const both = link({ from: party('423 comptes', 'account set'), to: party('BIG'), relation: 'amplify each other' })
    expect(cellsOf({ links: [both] })?.[0]?.[1]).toEqual(['423 comptes ↔ BIG', 's’amplifient l’un l’autre'])
  })

  it('adds the bases to the second criterion, and changes no state', () => {
    const links = [link({ basis: 'administrative' }), link({ basis: 'declarative' })]
    const said: Partial<DetectionInput> = { criteria: [{ criterion: 'foreign-actor', state: 'partial' }] }
    expect(criteriaOf(entry({ links }, said), inForce, french)?.rows.map(({ state, bases }) => [state, bases])).toEqual(
      [
        ['non évalué', ''],
        ['partiel', 'Attribution selon VIGINUM\u202f; fondements\u00a0: administratif et déclaratif.'],
        ['non évalué', ''],
        ['non évalué', ''],
      ],
    )
    const strict = entry({ links: [link({ basis: 'technical', marking: 'TLP:AMBER' })] })
    expect(criteriaOf(strict, inForce, english)?.rows[1]?.bases).toBe(
      'Attributed by VIGINUM; basis: technical. (TLP:AMBER)',
    )
  })
})

describe('the reply of the attributed party', () => {
  it.each<[string, Actor['replies'], string]>([
    ['none', [], 'No position known as of 3\u00a0December\u00a02024, in this edition.'],
    [
      'one with a source',
      [{ by: 'BIG', text: { en: 'No.' }, source: { title: 'An agency', date: '2024-12-03' } }],
      'BIG: No. (An agency, 3\u00a0December\u00a02024, TLP:GREEN)',
    ],
    ['one without', [{ by: 'BIG', text: { en: 'No.' } }], 'BIG: No. (source n/a, date n/a, TLP:GREEN)'],
  ])('is a row: %s', (_, replies, text) => {
    const { paragraphs } = replyRow(chainOf([saying({ links: [link()], replies }).detection]), asOf, english)
    expect(paragraphs.map((all) => all.map((one) => one.text).join(''))).toEqual([text])
  })
})

const many = (count: number, of: (at: number) => Partial<Link>) =>
  Array.from({ length: count }, (_, at) => link(of(at)))

describe('a chain', () => {
  it('is drawn up to eight actors and ten links, in columns from who acts to the state', () => {
    const drawn = (links: readonly Link[]) => chainDrawing(chain(links), 0, english)
    expect(drawn([link({ from: party('A', 'group'), basis: 'technical' })])).toMatchObject({
      boxes: [
        { column: 0, kind: 'group' },
        { column: 1, kind: 'state', isState: true },
      ],
      links: [{ number: 1, from: 0, to: 1, basis: 'technical', weight: 'unrated' }],
      text: 'Chain of 2 actors and one link: 1, from A to Azerbaijan (technical).',
    })
    expect(drawn([])).toBeNull()
    expect(drawn(many(10, (at) => ({ fact: { en: `Fact ${at}` } })))?.links).toHaveLength(10)
    expect(drawn(many(11, (at) => ({ fact: { en: `Fact ${at}` } })))).toBeNull()
    expect(drawn(many(7, (at) => ({ from: party(`Group ${at}`) })))?.boxes).toHaveLength(8)
    expect(drawn(many(8, (at) => ({ from: party(`Group ${at}`) })))).toBeNull()
  })

  it('has a line with its links, bases and confidences', () => {
    const links = [link({ basis: 'declarative', confidence: 'high' }), link({ basis: 'declarative' }), link()]
    expect(chainExtent(chain(links), 0, english)).toBe('3 links; one basis, declarative; confidence given for one.')
    expect(chainExtent(chain([]), 0, english)).toBe('')
  })

  it('is a valid drawing for any names and ties', () => {
    const anyParty = fc.record({
      name: fc
        .oneof(
          fc.constantFrom('A', 'B', '<script>alert(1)</script>', '非常に長い名前の組織の名前です'),
          fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
        )
        .filter((name) => !/\p{C}|^\s*$|[\u2028\u2029]/u.test(name)),
      kind: fc.constantFrom('account set' as const, 'group' as const, 'organisation' as const, 'state' as const),
    })
    fc.assert(
      fc.property(
        fc.array(fc.record({ from: anyParty, to: anyParty, mutual: fc.boolean() }), { minLength: 1, maxLength: 10 }),
        (ties) => {
          const links = ties.map(({ from, to, mutual }, at): Link =>
            link({ from, to, fact: { en: `Fact ${at}` }, relation: mutual ? 'amplify each other' : 'attributed to' }),
          )
          const drawing = chainDrawing(chain(links), 0, french)
          if (!drawing) return
          const svg = actorChain(drawing)
          expect(svg).not.toMatch(/NaN|undefined|Infinity|<script/)
          expect(svg.match(/class="number-of"/g)).toHaveLength(ties.length)
          const places = [...svg.matchAll(/ (?:x|x1|x2|cx)="(-?[\d.]+)%"/g)].map(([, number]) => Number(number))
          expect(Math.min(...places)).toBeGreaterThanOrEqual(0)
          expect(Math.max(...places)).toBeLessThanOrEqual(100)
        },
      ),
      { numRuns: 300 },
    )
  })
})
