/** Summaries of territories and groups go together: they may hold what was forgotten. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { summaryOf } from '../../lambdas/domain/aggregate/period-summary.ts'
import { createCounter } from '../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod } from '../../lambdas/domain/core/period.ts'
import { subjects } from '../../lambdas/domain/core/territory.ts'
import { inMemory, openTableFile } from '../../lambdas/store/embedded/table-file.ts'
import { dropSummaries, summariesIn } from '../../lambdas/store/summaries.ts'

let table: Awaited<ReturnType<typeof openTableFile>>
beforeAll(async () => {
  table = await openTableFile(inMemory)
})
afterAll(() => table.close())

test('none is left of any subject once they are dropped', async () => {
  const period = parsePeriod('2024-W20')
  const summaries = summariesIn(table, 'test')
  const tally = createCounter({ period, zone: 'UTC', cap: 'TLP:AMBER' }).tally()
  const left = async () => {
    const all = await Promise.all(subjects.map(({ code }) => Array.fromAsync(summaries.editions(code))))
    return all.flat().map(({ territory }) => territory)
  }
  for (const { code } of subjects)
    await summaries.keep({ territory: code, period, cap: 'TLP:AMBER' }, summaryOf(tally, [], new Map()), {
      state: '',
      latest: '',
    })
  expect(await left()).toEqual(subjects.map(({ code }) => code))
  await dropSummaries(table)
  expect(await left()).toEqual([])
})
