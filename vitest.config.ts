/** Tests mirror lambdas/ and lib/; test/integration runs on the local stand-ins. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/shared-folder.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // No test mocks a module or leaves state in one, and loading all of them for each file took a fifth of the time.
    isolate: false,
  },
})
