/**
 * Compares a group's reports with the oracle's. The oracle knows no groups: it is asked for one territory in which each
 * detection has the local days of the member that saw it first.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { territoryGroups } from '../../../lambdas/domain/core/place/territory.ts'
import { differencesOf } from '../../oracle/compare.ts'
import {
  asFloor,
  type Expected,
  expectedOf,
  type Held,
  localDays,
  type Question,
  type Sent,
  type Told,
} from '../../oracle/counting.ts'
import { factsOf, storesOfFile, takeSet } from '../../oracle/product.ts'
import { questions, sets } from '../../oracle/sets.ts'

const runs = Number(process.env.VIGIE_ORACLE_RUNS ?? 20)

const groups: Readonly<Record<string, readonly string[] | undefined>> = {
  ALL: undefined,
  ...Object.fromEntries(territoryGroups.map(({ id, members }) => [id.toUpperCase(), members])),
}

const others = fc.constantFrom(...territoryGroups.map(({ id }) => id.toUpperCase()))

/** As the one territory saw it; nothing of what no member saw. */
const asOne = (sent: Sent, members: readonly string[] | undefined): Sent => {
  const codes = sent.territories.map(({ code }) => code).filter((code) => !members || members.includes(code))
  if (codes.length === 0) return sent
  const territories = [{ code: 'NC', method: 'explicit' }]
  const statedIn = sent.territories
  if (sent.observed.from.length === 7) return { ...sent, territories, statedIn }
  const days = codes.map((code) => localDays(sent, code)).toSorted((a, b) => (a.first < b.first ? -1 : 1))
  const [earliest] = days
  if (!earliest) return sent
  return { ...sent, territories, statedIn, observed: { from: earliest.first, to: earliest.last }, alsoOn: days }
}

/**
 * Elsewhere than in the one territory: what is only of territories outside the group leads from parts to wholes alone.
 */
const worldOf = (all: readonly Held[], members: readonly string[] | undefined): readonly Held[] =>
  all.map(({ revisions, withdrawn }) => ({
    withdrawn,
    revisions: revisions.map((sent) => {
      const one = asOne(sent, members)
      return one === sent ? { ...sent, territories: [{ code: 'COR', method: 'explicit' }] } : one
    }),
  }))

const floored = <Totals extends Readonly<Record<string, number | Told>>>(totals: Totals): Totals =>
  Object.fromEntries(
    Object.entries(totals).map(([name, told]) => [name, typeof told === 'object' ? asFloor(told) : told]),
  ) as Totals

/** Rows by name or by day; of a day without anything nobody watched. */
const rowsFloored = <Rows extends Expected['days']>(rows: Rows): Rows =>
  Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [name, { ...row, ...floored({ posts: row.posts }) }]),
  ) as Rows

/** No source watched in these periods, so that there may be more. */
const unwatched = (expected: Expected): Expected => ({
  ...expected,
  totals: floored(expected.totals),
  ...floored({ detections: expected.detections }),
  before: Object.fromEntries(Object.entries(expected.before).map(([period, totals]) => [period, floored(totals)])),
  days: rowsFloored(expected.days),
  platforms: rowsFloored(expected.platforms),
  kinds: rowsFloored(expected.kinds),
  hashtags: rowsFloored(expected.hashtags),
  narratives: rowsFloored(expected.narratives),
  languages: rowsFloored(expected.languages),
  across: {},
})

describe('a group’s report and the oracle', () => {
  const stores = storesOfFile()

  it(`say the same of ${runs} random sets`, async () => {
    const property = fc.asyncProperty(sets, questions, others, async (all, asked, other) => {
      const store = await stores.open()
      await takeSet(store, all, [], [])
      for (const { rounds: _, ...one } of asked) {
        for (const code of ['ALL', other]) {
          const members = groups[code]
          const question: Question = { ...one, territory: code }
          const expected = unwatched(expectedOf(worldOf(all, members), [], { ...one, territory: 'NC' }))
          const facts = (await factsOf(store, question)) as {
            totals: { detections: number }
            group: {
              rows: readonly { territory: string; totals: Expected['totals'] }[]
              countedEarlier: number
            }
          }
          const lines = [...differencesOf(expected, { ...facts, across: [] }, question)]
          const shown = facts.group.rows.filter(({ totals }) => totals.posts.value).map(({ territory }) => territory)
          if (facts.totals.detections === 0 && shown.length > 0 && facts.group.countedEarlier === 0)
            lines.push(
              `${code} ${one.period} ${one.cap} counts nothing, and shows posts in ${shown.join()} unexplained`,
            )
          for (const { territory, totals } of facts.group.rows) {
            const own = expectedOf(all, [], { ...one, territory }).totals
            for (const [name, value] of Object.entries(own))
              if (JSON.stringify(totals[name as keyof typeof totals]) !== JSON.stringify(value))
                lines.push(
                  `${code} ${one.period} ${one.cap} ${territory} ${name}: ${JSON.stringify(totals[name as keyof typeof totals])}, the oracle says ${JSON.stringify(value)}`,
                )
          }
          if (lines.length > 0) throw new Error(lines.slice(0, 5).join('\n'))
        }
      }
    })
    const found = await fc.check(property, { numRuns: runs, endOnFailure: false })
    if (!found.failed) return
    const [all = [], asked = []] = found.counterexample ?? []
    expect.fail(
      [
        found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance),
        ...all.map(
          ({ revisions, withdrawn }) =>
            `  ${withdrawn ? '(withdrawn) ' : ''}${revisions.map((sent) => JSON.stringify(sent)).join('\n    then ')}`,
        ),
        `  asked: ${asked.map((one) => Object.values(one).join(' ')).join(', ')}`,
        `  after ${found.numRuns} sets; again by VIGIE_TEST_SEED=${found.seed} VIGIE_ORACLE_RUNS=${runs}`,
      ].join('\n'),
    )
  })
})
