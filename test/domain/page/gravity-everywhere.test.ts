/** One order of manoeuvres everywhere: docs/reports.md, Order by gravity. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { reportOn } from '../../support/reports.ts'

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 3 })

const said: fc.Arbitrary<Partial<DetectionInput>> = fc
  .record({
    posts: maybe(fc.integer({ min: 0, max: 99 })),
    campaign: maybe(fc.constantFrom('Alpha', 'alpha', 'Beta', 'Gamma')),
    breakout: maybe(fc.integer({ min: 1, max: 6 })),
    effect: maybe(fc.constantFrom('none', 'not assessed', 'observed', 'act', 'media', 'online')),
    actor: fc.boolean(),
    taking: maybe(fc.integer({ min: 1, max: 423 })),
    partOf: maybe(fc.nat(19)),
  })
  .map(({ posts, campaign, breakout, effect, actor, taking, partOf }) => ({
    counts: { ...(posts !== undefined && { posts }), ...(taking !== undefined && { coordinatedAccounts: taking }) },
    ...(campaign !== undefined && { campaign }),
    ...(breakout !== undefined && { breakout: { category: breakout } }),
    ...(effect !== undefined && { observedEffect: effectSaid(effect) }),
    ...(actor && { actor: { name: 'A group', attributedBy: 'VIGINUM' } }),
    ...(taking !== undefined && { accountSet: { id: 's', name: 'A set', size: 423 } }),
    ...(partOf !== undefined && { partOf: `d-${String(partOf).padStart(2, '0')}` }),
  }))

const effectSaid = (word: string): DetectionInput['observedEffect'] =>
  word === 'act' || word === 'media' || word === 'online'
    ? { state: 'observed', degree: word }
    : { state: word as 'none' | 'not assessed' | 'observed' }

const reports: fc.Arbitrary<Report> = fc.array(said, { minLength: 1, maxLength: 20 }).map((all) => {
  const found = all.map((one, at) => {
    const id = `d-${String(at).padStart(2, '0')}`
    const { partOf, ...rest } = one
    return detectionAsOf({
      ...{ id, title: { fr: `«${id}»`, en: `«${id}»` }, observed: { from: '2024-05-15' }, marking: 'TLP:CLEAR' },
      ...rest,
      ...(partOf !== undefined && partOf !== id && { partOf }),
    })
  })
  return reportOn(found, { cap: 'TLP:AMBER' })
})

const textOf = (segments: readonly { readonly text: string }[]): string => segments.map(({ text }) => text).join('')

/** Places in report.json of the manoeuvres that the texts name; of a part, its whole's. */
const placesIn = (texts: readonly string[], { manoeuvres }: Report): readonly number[] =>
  texts.flatMap((text) =>
    [...text.matchAll(/«?(d-\d\d)»?/g)].map(([, id]) =>
      manoeuvres.findIndex((one) => one.id === id || one.parts.some((part) => part.id === id)),
    ),
  )

const isRising = (places: readonly number[]): boolean =>
  places.every((one, at) => at === 0 || one >= (places[at - 1] ?? 0))

test('page 1, chapter, tables and campaigns follow the order of report.json', () => {
  fc.assert(
    fc.property(reports, fc.constantFrom('fr' as const, 'en' as const), (report, language) => {
      const page = report.pages[language]
      const named = placesIn(page.first?.rows.map(({ text }) => textOf(text)) ?? [], report)
      expect(named).toEqual(named.map((_, at) => at))

      const { cards = [], rest } = page.manoeuvres ?? {}
      expect(cards.map(({ title }) => title.text)).toEqual(
        report.manoeuvres.slice(0, cards.length).map(({ title }) => title[language]),
      )
      expect(cards.map(({ label }) => Number(/\d+/.exec(label)?.[0]))).toEqual(cards.map((_, at) => at + 1))
      for (const { rows } of rest?.tables ?? []) {
        const places = placesIn(
          rows.map((row) => JSON.stringify(row)),
          report,
        )
        expect(isRising(places)).toBe(true)
      }
      const campaigns = report.manoeuvres.flatMap(({ campaign }) => campaign?.toLowerCase() ?? [])
      expect(report.campaigns.map(({ name }) => name.toLowerCase())).toEqual([...new Set(campaigns)])
      const reached = placesIn(
        report.effects.reached.map(({ id }) => id),
        report,
      )
      expect(reached).toEqual(reached.map((_, at) => at))
    }),
    { numRuns: 150 },
  )
})

test('the order uses the share of a set as it is printed', () => {
  const taking = (id: string, coordinatedAccounts: number, posts: number) =>
    detectionAsOf({
      ...{ id, title: { fr: id, en: id }, observed: { from: '2024-05-15' }, marking: 'TLP:CLEAR' },
      accountSet: { id: 's', name: 'A set', size: 1000 },
      counts: { posts, accounts: 2000, coordinatedAccounts },
    })
  const percentIn = ({ pages }: Report): number =>
    Number(/(\d+)%/.exec(JSON.stringify(pages.en.manoeuvres?.cards[0]))?.[1])
  const one = fc.record({ taking: fc.integer({ min: 488, max: 512 }), posts: fc.integer({ min: 1, max: 9 }) })
  fc.assert(
    fc.property(one, one, (a, b) => {
      const found = [a, b].map((of, at) => taking(`d-0${at}`, of.taking, of.posts))
      const alone = new Map(found.map((of) => [of.detection.id, percentIn(reportOn([of]))]))
      const [first, second] = reportOn(found).manoeuvres.map(({ id }) => alone.get(id) ?? -1)
      expect(first).toBeGreaterThanOrEqual(second ?? 0)
    }),
  )
})
