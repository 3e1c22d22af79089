/**
 * Compares the product's reports with the oracle's on random sets, from sent records to the facts of reports.
 * `VIGIE_ORACLE_RUNS` sets the number of sets. A failure prints its seed.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differencesOf } from './compare.ts'
import { expectedOf } from './counting.ts'
import { factsOf, forgetful, storesOfFile, takeSet } from './product.ts'
import { questions, sets, watchedSets, watcherSets } from './sets.ts'

const runs = Number(process.env.VIGIE_ORACLE_RUNS ?? (process.env.VIGIE_DEEP === undefined ? 50 : 150))

describe('the product and the oracle', () => {
  const stores = storesOfFile()

  it(`agree on ended manoeuvres, in ${Math.ceil(runs / 3)} sets that one source watched`, async () => {
    let ended = 0
    const property = fc.asyncProperty(watchedSets, questions, async ({ all, watchers }, asked) => {
      const store = await stores.open()
      await takeSet(store, all, watchers, asked)
      for (const question of asked) {
        const expected = expectedOf(all, watchers, question)
        ended += expected.since.ended.length
        const lines = differencesOf(expected, await factsOf(store, question), question)
        if (lines.length > 0)
          throw new Error([...lines.slice(0, 5), JSON.stringify(all), JSON.stringify(watchers)].join('\n'))
      }
    })
    await fc.assert(property, { numRuns: Math.ceil(runs / 3) })
    expect(ended).toBeGreaterThan(0)
  })

  it(`agree in ${runs} random sets`, async () => {
    const property = fc.asyncProperty(sets, watcherSets, questions, async (all, watchers, asked) => {
      const store = await stores.open()
      await takeSet(store, all, watchers, asked)
      for (const question of asked) {
        // With stored summaries, and without.
        for (const known of [store, forgetful(store)]) {
          const lines = differencesOf(expectedOf(all, watchers, question), await factsOf(known, question), question)
          if (lines.length > 0) throw new Error(lines.slice(0, 5).join('\n'))
        }
      }
    })
    const found = await fc.check(property, { numRuns: runs, endOnFailure: false })
    if (!found.failed) return
    const [all = [], watchers = [], asked = []] = found.counterexample ?? []
    const lines = [
      found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance),
      ...all.map(
        ({ revisions, withdrawn }) =>
          `  ${withdrawn ? '(withdrawn) ' : ''}${revisions.map((one) => JSON.stringify(one)).join('\n    then ')}`,
      ),
      ...watchers.map((one) => `  ${JSON.stringify(one)}`),
      `  asked: ${asked.map((one) => Object.values(one).join(' ')).join(', ')}`,
      `  after ${found.numRuns} sets; again by VIGIE_TEST_SEED=${found.seed} VIGIE_ORACLE_RUNS=${runs}`,
    ]
    expect.fail(lines.join('\n'))
  })
})
