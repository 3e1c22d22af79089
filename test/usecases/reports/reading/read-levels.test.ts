import { expect, test } from 'vitest'
import type { VersionEntry } from '../../../../lambdas/store/reports/reports.ts'
import type { Question } from '../../../oracle/counting.ts'
import { factsOf, type Store, storesOfFile } from '../../../oracle/product.ts'

const stores = storesOfFile()
const asked: Question = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER' }
const entry = {
  ...{ territory: 'NC', period: '2024-W19', cap: 'TLP:AMBER', version: 1, asOf: '2024-05-14T00:00:00.000Z' },
  published: { level: { value: 2, toConfirm: true } },
}

const levelWhere = async (store: Store, ...entries: readonly object[]) => {
  const { reports } = store.services
  const newest = async function* () {
    yield* entries as readonly VersionEntry[]
  }
  const services = { ...store.services, reports: { ...reports, newest } }
  const { level } = (await factsOf({ ...store, services }, asked)) as {
    readonly level: { readonly last: object; readonly tests: readonly { readonly leftOut?: number }[] }
  }
  return { last: level.last, leftOut: level.tests[0]?.leftOut }
}

test('a week keeps the level that its own report printed, unless that one was early, remade or recalled', async () => {
  const store = await stores.open()
  await store.take(
    ...['2024-05-08', '2024-05-15'].map((from) => ({
      ...{ id: from, detector: 'D3lta', kind: 'copy-paste', title: { en: 'Seen' }, counts: { posts: 60 } },
      ...{ territories: ['NC'], observed: { from } },
    })),
  )
  const counted = { last: { value: 1, isAtLeast: true }, leftOut: undefined }
  expect(await levelWhere(store)).toEqual(counted)
  expect(await levelWhere(store, entry)).toEqual({ last: { value: 2 }, leftOut: 1 })
  for (const more of [
    { asOf: '2024-05-10T00:00:00.000Z' },
    { reconstructed: true },
    { recalled: { at: '2024-05-20T00:00:00.000Z' } },
    { cap: 'TLP:RED' },
  ])
    expect(await levelWhere(store, { ...entry, ...more })).toEqual(counted)
})

test('a week without any detection has a minimum of 0 posts where a source was silent, as its own report has', async () => {
  const store = await stores.open()
  await store.take(
    ...['2024-05-12T14', '2024-05-16T12', '2024-05-18T00', '2024-05-19T00'].map((hour) => ({
      ...{ source: { name: 'Watch A', expectedRhythm: 'P1D' }, ran: `${hour}:00:00Z`, found: 0 },
    })),
  )
  const { level } = (await factsOf(store, { ...asked, period: '2024-05' })) as {
    readonly level: {
      readonly weeks: { readonly each: readonly { readonly period: string; readonly posts: object }[] }
    }
  }
  const { totals } = (await factsOf(store, asked)) as { readonly totals: { readonly posts: object } }
  expect(totals.posts).toEqual({ value: 0, qualifier: 'at least' })
  expect(level.weeks.each.find(({ period }) => period === asked.period)?.posts).toEqual(totals.posts)
})
