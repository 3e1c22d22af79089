/** A folder for what all test files of a run share, and which is made once: gone when the run ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { recordVariable, withoutVariable } from './rights/enforce.ts'
import { changesIn, filesOnStack } from './rights/record.ts'

/** The variable by which workers find it. */
export const sharedFolderVariable = 'VIGIE_TEST_SHARED'

export default async ({ vitest }: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-shared-'))
  process.env[sharedFolderVariable] = folder
  const isMade = process.env[recordVariable] !== undefined || process.env[withoutVariable] !== undefined
  const recorded = join(folder, 'rights.ndjson')
  if (!isMade) process.env[recordVariable] = recorded
  return async () => {
    const ran = new Set(vitest.state.getFiles().map(({ filepath }) => filepath))
    const isWhole = (await filesOnStack()).every((file) => [...ran].some((path) => path.endsWith(file)))
    const isFiltered = vitest.config.testNamePattern !== undefined
    const changes =
      isMade || !isWhole || isFiltered || vitest.state.getCountOfFailedTests() > 0 ? [] : await changesIn(recorded)
    await rm(folder, { recursive: true, force: true })
    if (changes.length === 0) return
    throw new Error(
      `the tests used other rights than test/support/rights/record.ndjson says, by which grants are judged: npm run rights\n${changes.join('\n')}`,
    )
  }
}
