/** What the history tells of intakes: those that came as files, whatever their names, and no corrections. */
import { expect, test } from 'vitest'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'
import { historyFor } from '../../../lambdas/usecases/todo/history.ts'
import { detection } from '../../support/detections.ts'

test.each([
  ['a file that is named as a correction would be', 'correction of told', ['correction of told']],
  ['a correction, which is told of its detection', { kind: 'correction', id: 'told' }, []],
] as const)('%s', async (_, source, told) => {
  const services = { ...storesIn(memoryTable()), clock: () => new Date('2024-05-20T00:00:00.000Z'), run: 'test' }
  await ingestDetections([{ detection: detection({ id: 'told' }) }], source, services)
  const done = await historyFor(everything, { most: 10, sender: 'unknown' }, services)
  expect(done.flatMap(({ of, what = [] }) => (of === 'batch' ? what : []))).toEqual(told)
})
