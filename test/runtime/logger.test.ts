/** The functions' log: no field is lost because its name is one of the logger's own. */
import { afterEach, expect, test, vi } from 'vitest'
import { openLogger } from '../../lambdas/runtime/logger.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** What one call writes, line by line. */
const linesOf = (write: () => void): readonly Readonly<Record<string, unknown>>[] => {
  const written: string[] = []
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  write()
  vi.restoreAllMocks()
  return written.map((line) => JSON.parse(line))
}

test('writes every field next to the stage', () => {
  const lines = linesOf(() => openLogger('generate', 'test').info('made', { report: 'NC', request: { kind: 'trial' } }))
  expect(lines).toMatchObject([{ message: 'made', stage: 'test', report: 'NC', request: { kind: 'trial' } }])
})

test('takes no field of a name that Powertools drops', () => {
  const logger = openLogger('generate', 'test')
  const calls = [
    // @ts-expect-error -- reserved
    () => logger.info('x', { level: 1 }),
    // @ts-expect-error -- reserved
    () => logger.info('x', { message: 'the request' }),
    // @ts-expect-error -- reserved
    () => logger.warn('x', { sampling_rate: 1 }),
    // @ts-expect-error -- reserved
    () => logger.error('x', { service: 'other' }),
    // @ts-expect-error -- reserved
    () => logger.error('x', { timestamp: 'now' }),
  ]
  for (const call of calls) expect(JSON.stringify(linesOf(call))).toContain('is a reserved key and will be dropped')
})
