/** The history lists ingested files, and no corrections. */
import { expect, test } from 'vitest'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'
import { historyFor } from '../../../lambdas/usecases/todo/history.ts'
import { detection } from '../../support/detections.ts'

test.each([
  ['a file named like a correction', 'correction of a', ['correction of a']],
  ['no correction', { kind: 'correction', id: 'a' }, []],
] as const)('lists %s', async (_, source, listed) => {
  const services = { ...storesIn(memoryTable()), clock: () => new Date('2024-05-20T00:00:00.000Z'), run: 'test' }
  await ingestDetections([{ detection: detection({ id: 'a' }) }], source, services)
  const done = await historyFor(everything, { most: 10, sender: 'unknown' }, services)
  expect(done.flatMap(({ of, what = [] }) => (of === 'batch' ? what : []))).toEqual(listed)
})
