/** Summaries are dropped together, since they may contain forgotten accounts. */
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { summaryOf } from '../../../lambdas/domain/aggregate/period-summary.ts'
import { createCounter } from '../../../lambdas/domain/aggregate/tally.ts'
import { subjects } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { dropSummaries, summariesIn } from '../../../lambdas/store/reports/summaries.ts'
import { summaryPartition } from '../../../lambdas/store/table/keys.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import { detectionAsOf } from '../../support/detections.ts'

const table = memoryTable()

test('drops the summaries of all subjects', async () => {
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

test('keeps a summary of many manoeuvres whole, in several items', async () => {
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
  // An item of another summary invalidates all.
  const part = (await Array.fromAsync(table.query(summaryPartition('NC')))).findLast(({ sk }) => sk.includes('threads'))
  await table.put({ ...part, kept: 'another' } as never)
  expect(await holding()).toEqual(new Map())
  await summaries.drop(edition)
  expect(await Array.fromAsync(table.query(summaryPartition('NC')))).toEqual([])
})
