import { expect, test } from 'vitest'
import { fileWords } from '../../../../lambdas/web/reading-room/frame/names.ts'
import { roomWordingOf } from '../../../../lambdas/web/shared/wording.ts'

test.each([
  ['en', 'rejects imported again'],
  ['fr', 'rejets importés à nouveau'],
] as const)('a retry of rejects has a name in %s', (language, name) => {
  expect(fileWords({ file: 'rejects', isRetry: true }, roomWordingOf(language))).toBe(name)
})
