/**
 * An attribution on a page: bases as circles with their words, links as rows, a chain of few, the reply of whom it
 * names.
 */
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
const link = (said: Partial<Link> = {}): Link => ({
  from: party('BIG'),
  to: party('Azerbaijan', 'state'),
  fact: { fr: 'Un fait', en: 'A fact' },
  attributedBy: 'VIGINUM',
  ...said,
})
const saying = (actor: Partial<Actor>, said: Partial<DetectionInput> = {}) => ({
  ...detectionAsOf({ actor: { name: 'BIG', attributedBy: 'VIGINUM', ...actor }, marking: 'TLP:GREEN', ...said }),
})
const entry = (...all: Parameters<typeof saying>) => entryOf(saying(...all), 'TLP:RED')
const chain = (links: readonly Link[]) => chainOf([saying({ links: [...links] }).detection])
const cellsOf = (actor: Partial<Actor>, words = french) =>
  attributionOf(entry(actor), asOf, 'm1', words)?.table.rows.map((row) =>
    row.map(({ text, under }) => [text, ...under].map((one) => one.text)),
  )

describe('a card', () => {
  it('is as before where an attribution states no link', () => {
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

  it('has a row a link: a value by default is n/a and quoted, a date that nobody gives is n/a, a stricter marking is told', () => {
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
    expect(cellsOf({ links: [link()] }, english)).toEqual([
      [
        ['1'],
        ['BIG → Azerbaijan'],
        ['n/a'],
        ['A fact', 'date of the fact: n/a'],
        ['n/a'],
        ['VIGINUM'],
        ['not assessed'],
      ],
    ])
  })

  it('tells two actors that amplify each other from an attribution', () => {
    const both = link({ from: party('423 comptes', 'account set'), to: party('BIG'), relation: 'amplify each other' })
    expect(cellsOf({ links: [both] })?.[0]?.[1]).toEqual(['423 comptes ↔ BIG', 's’amplifient l’un l’autre'])
  })

  it('gives the second criterion its bases, and changes no state', () => {
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

describe('the reply of whom it names', () => {
  it('is a row, also where none is known', () => {
    const text = (row: ReturnType<typeof replyRow>) => row.paragraphs.map((all) => all.map((one) => one.text).join(''))
    expect(text(replyRow(chain([link()]), asOf, french))).toEqual([
      'Aucune position connue au 3\u00a0décembre\u00a02024, dans cette édition.',
    ])
    expect(text(replyRow(chain([link()]), asOf, english))).toEqual([
      'No position known as of 3\u00a0December\u00a02024, in this edition.',
    ])
    const reply = { by: 'BIG', text: { en: 'It rejects this.' }, source: { title: 'An agency', date: '2024-12-03' } }
    expect(text(replyRow(chainOf([saying({ replies: [reply] }).detection]), asOf, english))).toEqual([
      'BIG: It rejects this. (An agency, 3\u00a0December\u00a02024, TLP:GREEN)',
    ])
    const bare = { by: 'BIG', text: { en: 'It rejects this.' } }
    expect(text(replyRow(chainOf([saying({ replies: [bare] }).detection]), asOf, english))).toEqual([
      'BIG: It rejects this. (source n/a, date n/a, TLP:GREEN)',
    ])
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

  it('says how much of it there is', () => {
    const links = [link({ basis: 'declarative', confidence: 'high' }), link({ basis: 'declarative' }), link()]
    expect(chainExtent(chain(links), 0, english)).toBe('3 links; one basis, declarative; confidence given for one.')
    expect(chainExtent(chain([]), 0, english)).toBe('')
  })

  it('is a picture whatever its parties are called and however they are tied', () => {
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
