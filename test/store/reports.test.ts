/** Which version of an edition tells of its own time. */
import { expect, test } from 'vitest'
import { newestTold, type VersionEntry } from '../../lambdas/store/reports.ts'

const version = (number: number, changes: Partial<VersionEntry> = {}): VersionEntry => ({
  territory: 'NC',
  period: '2024-W20',
  cap: 'TLP:AMBER',
  version: number,
  state: 'published',
  published: { manifestSha256: '', marking: 'TLP:AMBER', totals: {} as never },
  snapshotSha256: '',
  asOf: '2024-05-20T00:00:00.000Z',
  reconstructed: false,
  owner: 'test',
  leaseUntil: '2024-05-20T00:02:00.000Z',
  ...changes,
})
const { published: _, ...unpublished } = version(5)

const versions = [
  version(1),
  version(2),
  version(3, { recalled: { at: '', reason: 'a wrong figure' } }),
  version(4, { reconstructed: true }),
  { ...unpublished, state: 'held' as const },
]

test('the newest that is published, and neither recalled nor made of an earlier time', () => {
  expect(newestTold(versions)?.version).toBe(2)
  expect(newestTold(versions, 2)?.version).toBe(1)
  expect(newestTold(versions, 1)).toBeUndefined()
})
