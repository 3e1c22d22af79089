/** The check before a deployment that the functions fit the concurrency limit of the account. */
import { describe, expect, test } from 'vitest'
import { concurrencyFindings } from '../../lib/concurrency.ts'
import { readSettings } from '../../lib/settings.ts'

const settings = (stage: object) => readSettings({ stage: 'test', stages: { test: stage } })
const mail = { from: 'vigie@example.org' }
const newAccount = { total: 10, unreserved: 10 }
const usual = { total: 1_000, unreserved: 1_000 }
const texts = (stage: object, limit: typeof usual, held = 0) =>
  concurrencyFindings(settings(stage), limit, held).map(({ isRefused, text }) => [isRefused, text] as const)

describe('the concurrency', () => {
  test('fits a new account by default, and with mail leaves none for pages', () => {
    expect(texts({}, newAccount)).toEqual([])
    expect(texts({ mail }, newAccount)).toEqual([
      [false, expect.stringContaining('none of the account’s 10'.replace('’', "'"))],
    ])
    expect(texts({ mail }, usual)).toEqual([])
  })

  test('is refused above the limit', () => {
    expect(texts({ concurrency: { generate: 10, ingest: 4 } }, newAccount)).toEqual([
      [true, expect.stringMatching(/up to 14 functions .* runs 10.*L-B99A9384/)],
    ])
  })

  test('is reserved if 100 stay unreserved, and a present reservation counts once', () => {
    const concurrency = { generate: 4, ingest: 2, reserve: true }
    expect(texts({ concurrency }, newAccount)).toEqual([[true, expect.stringContaining('reserve takes 6')]])
    expect(texts({ concurrency }, { total: 106, unreserved: 106 })).toEqual([])
    expect(texts({ concurrency }, { total: 105, unreserved: 105 })).toHaveLength(1)
    expect(texts({ concurrency }, { total: 106, unreserved: 100 }, 6)).toEqual([])
  })
})
