/** Summaries of territories and groups go together: they may hold what was forgotten. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { summaryOf } from '../../../lambdas/domain/aggregate/period-summary.ts'
import { createCounter } from '../../../lambdas/domain/aggregate/tally.ts'
import { subjects } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { inMemory, openTableFile } from '../../../lambdas/store/embedded/table-file.ts'
import { dropSummaries, summariesIn } from '../../../lambdas/store/reports/summaries.ts'
import { summaryPartition } from '../../../lambdas/store/table/keys.ts'
import { detectionAsOf } from '../../support/detections.ts'

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

test('one of many manoeuvres is kept whole, over as many items as it takes', async () => {
  const period = parsePeriod('2024-W20')
  const edition = { territory: 'NC', period, cap: 'TLP:AMBER' } as const
  const summaries = summariesIn(table, 'test')
  const counter = createCounter({ period, zone: 'UTC', cap: 'TLP:AMBER' })
  for (let at = 0; at < 20_000; at += 1) counter.add(detectionAsOf({ id: randomUUID() }))
  const summary = summaryOf(counter.tally(), [], new Map())
  expect(summary.threads).toHaveLength(20_000)
  await summaries.keep(edition, summary, { state: 's', latest: '' })
  const holding = () => summaries.holding([edition], '2025', () => 's', edition)
  expect((await holding()).get(period.id)).toEqual(JSON.parse(JSON.stringify(summary)))
  // An item that is missing, or of another summary, makes none hold.
  const part = (await Array.fromAsync(table.query(summaryPartition('NC')))).findLast(({ sk }) => sk.includes('threads'))
  await table.put({ ...part, kept: 'another' } as never)
  expect(await holding()).toEqual(new Map())
  await summaries.drop(edition)
  expect(await Array.fromAsync(table.query(summaryPartition('NC')))).toEqual([])
})
