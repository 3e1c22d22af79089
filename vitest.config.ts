/**
 * Tests mirror lambdas/ and lib/. Unit tests are pure; the others start processes, servers or browsers. `deep` has long
 * properties, crawls of every page, soaks, and everything on the stack: `npm run test:deep`.
 */
import { defineConfig } from 'vitest/config'
import { startingAt } from './test/support/clock.ts'

const deep = 'test/deep/**/*.test.ts'
const unit = ['test/{config,domain,intake,keys}/**/*.test.ts']

/** Ends a test that hangs, and fails none that is slow: twenty times the longest one. Milliseconds. */
const hangsAfter = 30 * 60_000

export default defineConfig({
  test: {
    testTimeout: hangsAfter,
    hookTimeout: hangsAfter,
    teardownTimeout: hangsAfter,
    expect: { poll: { timeout: hangsAfter } },
    env: startingAt(process.env.VIGIE_TEST_NOW),
    // One more than the cores of a small machine: a worker waits for processes and browsers for a third of its time.
    maxWorkers: Number(process.env.VIGIE_TEST_WORKERS ?? 3),
    // No test mocks a module or leaves state in one, and loading all of them for each file took a fifth of the time.
    isolate: false,
    setupFiles: ['test/support/seed.ts', 'lambdas/domain/core/fault-text.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: unit } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: [...unit, deep],
          globalSetup: ['test/support/shared-folder.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'deep',
          include: [deep, 'test/oracle/oracle.test.ts'],
          env: { ...startingAt(process.env.VIGIE_TEST_NOW), VIGIE_DEEP: '1' },
          globalSetup: ['test/support/shared-folder.ts'],
        },
      },
    ],
  },
})
