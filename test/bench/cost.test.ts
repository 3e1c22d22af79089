/** The cost model: sums that follow prices and use, and nothing that is priced twice or for nothing. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type Consumption,
  detectionCost,
  type Line,
  type Measured,
  mailCost,
  monthCost,
  type Prices,
  reportCost,
  reportsPerMonth,
  standingCost,
  sum,
} from '../../bench/cost-model.ts'

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../bench/${name}`, import.meta.url), 'utf8'))
const prices: Prices = read('prices.json').dollars
const measured: Measured = read('measured.json')
const use = { territories: 13, detections: 100_000, readersPerReport: 10, slower: 2 }
const names = Object.keys(prices) as (keyof Prices)[]

const nothing: Consumption = {
  ms: 0,
  readUnits: 0,
  writeUnits: 0,
  tableBytes: 0,
  archivePuts: 0,
  archiveGets: 0,
  archiveBytes: 0,
}

const changed = (change: (price: number, name: keyof Prices) => number): Prices =>
  Object.fromEntries(names.map((name) => [name, change(prices[name], name)])) as Prices

/** Every line that the model knows. */
const linesAt = (at: Prices): readonly Line[] => [
  ...reportCost(measured, at, use),
  ...detectionCost(measured, at, use),
  ...mailCost(measured, at, use),
  ...standingCost(measured, at),
]

describe('the cost model', () => {
  test('asks nothing where nothing costs', () => {
    const free = changed(() => 0)
    expect(linesAt(free).every(({ dollars }) => dollars === 0)).toBe(true)
    expect(sum(monthCost(measured, free, use))).toBe(0)
  })

  test('doubles every line where every price doubles', () => {
    const dear = linesAt(changed((price) => 2 * price))
    for (const [at, { what, dollars }] of linesAt(prices).entries()) {
      expect(dollars, what).toBeGreaterThanOrEqual(0)
      expect(dear[at]?.dollars, what).toBeCloseTo(2 * dollars, 12)
    }
  })

  test.each(names)('asks more for a month where %s is dearer', (name) => {
    const dearer = changed((price, one) => (one === name ? 2 * price : price))
    expect(sum(monthCost(measured, dearer, use))).toBeGreaterThan(sum(monthCost(measured, prices, use)))
  })

  test('counts a second at two gigabytes as two gigabyte-seconds, twice where Lambda is twice as slow', () => {
    const second = { ...measured, report: { ...nothing, ms: 1_000 } }
    const time = (slower: number) =>
      reportCost(second, prices, { slower }).find(({ what }) => what === 'generate, time')
    expect(time(1)?.dollars).toBeCloseTo(2 * prices.lambdaX86GbSecond, 12)
    expect(time(2)?.dollars).toBeCloseTo(4 * prices.lambdaX86GbSecond, 12)
  })

  test('counts a million units, a gigabyte, a thousand objects at their prices', () => {
    const lines = reportCost(
      {
        ...measured,
        report: {
          ms: 0,
          readUnits: 1e6,
          writeUnits: 1e6,
          tableBytes: 2 ** 30,
          archivePuts: 1e3,
          archiveGets: 1e3,
          archiveBytes: 2 ** 30,
        },
      },
      prices,
      use,
    )
    const dollars = (what: string) => lines.find((line) => line.what === what)?.dollars
    expect(dollars('table, reading')).toBeCloseTo(prices.tableMillionReadUnits, 9)
    expect(dollars('table, writing')).toBeCloseTo(prices.tableMillionWriteUnits, 9)
    expect(dollars('table, keeping for a month')).toBeCloseTo(prices.tableGbMonth + prices.tableRecoveryGbMonth, 9)
    expect(dollars('archive, requests')).toBeCloseTo(prices.archiveThousandPuts + prices.archiveThousandGets, 9)
    expect(dollars('archive, keeping for a month')).toBeCloseTo(prices.archiveGbMonth, 9)
  })

  test('is a week’s and a month’s report for every territory, and what stands there for none', () => {
    expect(reportsPerMonth({ territories: 12 })).toBeCloseTo(64, 9)
    const none = { territories: 0, detections: 0, readersPerReport: 10, slower: 2 }
    expect(sum(monthCost(measured, prices, none))).toBeCloseTo(sum(standingCost(measured, prices)), 9)
  })

  test('grows with the readers by their mails and no more', () => {
    const month = (readersPerReport: number) => sum(monthCost(measured, prices, { ...use, readersPerReport }))
    expect(month(11) - month(10)).toBeCloseTo(reportsPerMonth(use) * sum(mailCost(measured, prices, use)), 9)
  })
})
