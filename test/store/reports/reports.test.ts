/** Which version of an edition tells of its own time. */
import { expect, test } from 'vitest'
import { newestValidOriginal, type VersionEntry } from '../../../lambdas/store/reports/reports.ts'
import { versionEntry } from '../../support/reports.ts'

const published = { manifestSha256: '', marking: 'TLP:AMBER', totals: {} as never } as const
const version = (number: number, changes: Partial<VersionEntry> = {}): VersionEntry =>
  versionEntry({ version: number, published, ...changes })

const versions = [
  version(1),
  version(2),
  version(3, { recalled: { at: '', reason: 'a wrong figure' } }),
  version(4, { reconstructed: true }),
  versionEntry({ version: 5, state: 'held' }),
]

test('the newest that is published, and neither recalled nor made of an earlier time', () => {
  expect(newestValidOriginal(versions)?.version).toBe(2)
  expect(newestValidOriginal(versions, 2)?.version).toBe(1)
  expect(newestValidOriginal(versions, 1)).toBeUndefined()
})
