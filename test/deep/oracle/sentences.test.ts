/**
 * Compares the level of random reports and what its sentences print in both languages with the oracle. `VIGIE_ORACLE_RUNS`
 * sets the number of sets; a failure prints its seed.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Segment } from '../../../lambdas/domain/core/language/language.ts'
import { reportOf } from '../../../lambdas/domain/page/build-page.ts'
import type { Facts } from '../../../lambdas/domain/report/facts.ts'
import { type Compared, isPublic, type Question, type Told } from '../../oracle/counting.ts'
import {
  type ExpectedLevel,
  expectedLevel,
  type Known,
  readingOf,
  type RowOfWeek,
  type Test,
} from '../../oracle/level.ts'
import { factsOf, storesOfFile, takeSet } from '../../oracle/product.ts'
import { historySets, sets } from '../../oracle/sets.ts'
import { changeIn, figureIn, type Language, levelIn, reasonIn, type Sentence, shortIn } from '../../oracle/wording.ts'
import { letterOn } from '../../support/letters.ts'

const runs = Number(process.env.VIGIE_ORACLE_RUNS ?? 150)
const stores = storesOfFile()

const questions: fc.Arbitrary<readonly Question[]> = fc.uniqueArray(
  fc.record({
    territory: fc.constantFrom('NC', 'NC', 'NC', 'NC', 'NC', 'NC', 'PF'),
    period: fc.constantFrom('2024-W20', '2024-W20', '2024-W20', '2024-W19', '2024-W21', '2024-05', '2024-04'),
    cap: fc.constantFrom(...Array.from({ length: 6 }, () => 'TLP:AMBER'), 'TLP:RED', 'TLP:GREEN'),
  }),
  { minLength: 2, maxLength: 2, selector: (one) => Object.values(one).join() },
)

const cases = fc.record({ history: historySets, more: sets, isMore: fc.nat(3), asked: questions })

/** As printed: without what it is at most, and in a public edition what is not watched as what is not to be published. */
const printed = ({ value, qualifier }: Told, cap: string) => {
  if (value === null)
    return isPublic(cap) && qualifier === 'not watched' ? { value: 0, qualifier: 'at least' } : qualifier
  return { value, qualifier: value === 0 && qualifier.startsWith('at least') ? 'at least' : qualifier }
}

const reasonOf = (expected: ExpectedLevel, cap: string): Sentence => {
  const { value, claim, tests, isOfEdition, detections, manoeuvres } = expected
  const edition = isOfEdition && { edition: true as const }
  if (typeof value === 'string') return { is: value }
  if (claim) {
    const is = claim.among.some(({ degree }) => degree === 'act') ? 'act' : 'effect'
    return { is, confirmed: claim.is !== 'reported' }
  }
  const test = tests.find(({ above }) => above)
  if (!test) {
    if (detections === 0) return { is: 'none', ...edition }
    if (isPublic(cap)) return { is: 'public', ...(manoeuvres > 0 && { count: manoeuvres }) }
    const isCompared = tests.length === 0 || tests.some(({ ordinary }) => ordinary)
    const isOpen = tests.some(({ total }) => total.qualifier.startsWith('at least'))
    return { is: isOpen ? 'not known' : isCompared ? 'nothing unusual' : 'not compared', count: manoeuvres, ...edition }
  }
  const { ordinary, leftOut, earlier = 0, above } = test
  const start = { figure: test.figure, total: printed(test.total, cap) as Known, ...edition }
  const left = leftOut > 0 && { leftOut }
  if (above === 'earlier weeks') return { is: 'earlier', ...start, earlier }
  if (above === 'floor' || !ordinary) return { is: 'floor', ...start, ...left }
  const { least, most, weeks, isNone } = ordinary
  if (isNone) return { is: 'none before', ...start, ...left, weeks }
  return {
    ...{ is: 'ordinary', ...start, ...left, least, most, weeks },
    ...boundOf(ordinary, true),
  }
}

const boundOf = ({ minimums, isEstimate }: NonNullable<Test['ordinary']>, isCounted = false) =>
  minimums > 0 ? { atMost: true as const, ...(isCounted && { minimums }) } : isEstimate && { isEstimate: true as const }

const titleOf = ({ tests: [test], compared, isOfEdition }: ExpectedLevel, cap: string): Sentence | undefined => {
  const total = compared.find(({ figure }) => figure === test?.figure)?.total
  if (!test || !total || total.value === null || isPublic(cap)) return undefined
  const edition = isOfEdition && { edition: true as const }
  const start = { figure: test.figure, total: printed(total, cap) as Known }
  // The total may have joint posts, of which the level tests none.
  const reading = total.value === test.total.value ? readingOf(test, total) : 'unknown'
  if (reading === 'unknown') return { is: 'not compared', ...start }
  if (reading !== 'unusual') return { is: reading, ...edition }
  if (test.above === 'earlier weeks') return { is: 'unusual since earlier', ...edition }
  if (!test.ordinary) return { is: 'not compared', ...start }
  const { least, most, isNone } = test.ordinary
  if (isNone) return { is: 'unusual after none', ...start, ...edition }
  return { is: 'unusual', ...start, least, most, ...boundOf(test.ordinary), ...edition }
}

const conclusionOf = (
  { value, claim, reading, detections }: RowOfWeek,
  cap: string,
  isOfEdition: boolean,
): Sentence => {
  if (isPublic(cap)) return detections === 0 ? { is: 'nothing' } : { is: 'public', count: detections }
  if (typeof value === 'string') return { is: 'no data' }
  if (claim) return { is: claim.is }
  const edition = isOfEdition && { edition: true as const }
  if (reading !== 'unknown') return { is: reading, ...edition }
  return detections === 0 ? { is: 'nothing', ...edition } : { is: 'not compared' }
}

const rowOf = ({ total, before, change, median, difference }: Compared, cap: string) => {
  const times = (total.value ?? 0) / (median.value ?? 0)
  const isTimes = difference !== undefined && median.value !== 0 && times >= 2
  const value = difference?.qualifier === 'at least' ? Math.floor(times) : Math.round(times)
  const multiple = difference?.qualifier === 'at least' ? 'at least' : 'exact'
  return {
    ...{ total: printed(total, cap), before: printed(before, cap), median: printed(median, cap), change: change ?? '' },
    multiple: isTimes ? { value, qualifier: multiple, times: true } : (difference ?? ''),
  }
}

/** What the sets of the usual seed lead to, so that no comparison is empty: some are rare. */
const kinds = [
  ...['ordinary', 'none before', 'earlier', 'floor', 'not compared', 'nothing unusual'].map((is) => `reason ${is}`),
  ...['none', 'interrupted', 'act', 'effect', 'public'].map((is) => `reason ${is}`),
  ...['unusual', 'above', 'below', 'within', 'not compared'].map((is) => `short ${is}`),
]

const textOf = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')

it(`agrees with the oracle on levels and their sentences, in ${2 * runs} reports`, async () => {
  const seen = new Set<string>()
  const property = fc.asyncProperty(cases, async ({ history: { all: alone, watchers }, more, isMore, asked }) => {
    const all = isMore === 0 ? [...alone, ...more] : alone
    const store = await stores.open()
    await takeSet(store, all, watchers)
    for (const question of asked) {
      const { cap, period } = question
      const expected = expectedLevel({ all, watchers }, question)
      const facts = (await factsOf(store, question)) as Facts
      const report = reportOf(facts)
      const { level } = facts
      const { claim, weeks, isOfEdition } = expected
      const is = (what: string, actual: unknown, wanted: unknown) =>
        expect(actual, `${Object.values(question).join(' ')} ${what}`).toEqual(wanted)

      const shown = { value: expected.value, isAtLeast: expected.isAtLeast }
      is('value', { value: level?.value, isAtLeast: level?.isAtLeast ?? false }, shown)
      const among = claim?.among.find(({ id, field }) => id === level?.claim?.id && field === level.claim.field)
      const { id, field, degree } = level?.claim ?? {}
      is('claim', { is: level?.claim?.is, id, field, ...(degree && { degree }) }, { is: claim?.is, ...among })
      const tests = level?.tests.map(({ leftOut = 0, ordinary, ...test }) => ({
        ...{ ...test, leftOut },
        ...(ordinary && { ordinary: { minimums: 0, isNone: false, isEstimate: false, ...ordinary } }),
      }))
      is('tests', tests, expected.tests)
      is('gravest week', level?.weeks?.gravest, expected.gravest)
      is('in this edition', facts.ofEditionAlone ?? false, isOfEdition)
      for (const language of ['en', 'fr'] as const satisfies readonly Language[]) {
        const { first, subPeriods, figures } = report.pages[language]
        const { shownFindings } = letterOn(report, { recipient: { language }, fullUpTo: 'TLP:RED' })
        const reason = reasonOf(expected, cap)
        for (const [name, mark] of Object.entries({ page: first?.level, mail: shownFindings?.level })) {
          if (!mark) throw new Error(`no level on the ${name}`)
          is(`${name} level (${language})`, levelIn(mark.spoken), shown)
          is(`${name} reason (${language})`, reasonIn(textOf(mark.why), language), reason)
        }
        const title = titleOf(expected, cap)
        const trend = first?.trend && shortIn(first.trend.title, language)
        if (trend && title && period.includes('W')) is(`title (${language})`, trend, title)
        const rows = subPeriods?.rows.map((row) => ({
          level: levelIn(row.level),
          posts: figureIn(row.posts, language),
          conclusion: shortIn(row.conclusion, language),
        }))
        const wanted = weeks?.map((row) => ({
          level: { value: row.value, isAtLeast: row.isAtLeast },
          posts: printed(row.posts, cap),
          conclusion: conclusionOf(row, cap, isOfEdition),
        }))
        is(`weeks (${language})`, rows, wanted)
        const read = figures?.rows.map((row) => ({
          total: figureIn(`${row.qualifier} ${row.value}`, language),
          before: figureIn(row.before, language),
          change: changeIn(row.change, language),
          median: figureIn(row.median, language),
          multiple: changeIn(row.multiple, language),
        }))
        const compared = expected.compared.map((one) => rowOf(one, cap))
        is(`figures (${language})`, read, compared)
        const titled = trend && title ? [`short ${title.is}`] : []
        const concluded = (rows ?? []).map(({ conclusion }) => `short ${conclusion.is}`)
        for (const one of [`reason ${reason.is}`, ...titled, ...concluded]) seen.add(one)
      }
    }
  })
  // A set takes half a second: too long to shrink.
  await fc.assert(property, { numRuns: runs, endOnFailure: true })
  for (const one of process.env.VIGIE_TEST_SEED ? [] : kinds) expect(seen, 'compared').toContain(one)
})
