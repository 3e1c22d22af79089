/** Large contents in a temporary file: the same bytes, hash and size, and nothing left. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { contentOf, wholeOf } from '../../../lambdas/domain/core/text/content.ts'
import { spilledContent } from '../../../lambdas/render/exports/spilled-content.ts'
import { openIn, ownTmpdir } from '../../support/own-tmpdir.ts'

const folder = ownTmpdir()

describe('a content', () => {
  test('has the bytes of its pieces, in memory or spilled, at each reading', async () => {
    const piece = fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array())
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.nat(60), async (pieces, most) => {
        const bytes = Buffer.concat(pieces.map((one) => (typeof one === 'string' ? Buffer.from(one) : one)))
        const { size, sha256 } = contentOf(bytes)
        const spilled = spilledContent(pieces, most)
        expect(spilled).toMatchObject({ size, sha256 })
        expect(Buffer.from(await wholeOf(spilled.pieces()))).toEqual(bytes)
        const [first] = spilled.pieces()
        expect(Buffer.from(await wholeOf(spilled.pieces())).subarray(0, first?.length ?? 0)).toEqual(
          Buffer.from(first ?? []),
        )
        spilled.close()
      }),
    )
  })

  test.runIf(process.platform === 'linux')('is in a file without a name until it is closed, if it is large', () => {
    const small = spilledContent(['x'.repeat(1_000)])
    expect(openIn(folder())).toBe(0)
    const large = spilledContent(Array.from({ length: 30 }, () => 'x'.repeat(100_000)))
    expect(large.size).toBe(3_000_000)
    expect(readdirSync(folder())).toEqual([])
    expect(openIn(folder())).toBe(1)
    large.close()
    large.close()
    expect(openIn(folder())).toBe(0)
    expect(() => [...large.pieces()]).toThrow('given back')
    small.close()
    expect(() => [...small.pieces()]).toThrow('given back')
  })

  test.runIf(process.platform === 'linux')('leaves nothing after a failure', () => {
    const failing = function* () {
      yield 'x'.repeat(3_000_000)
      yield 'x'.repeat(3_000_000)
      throw new Error('no more')
    }
    expect(() => spilledContent(failing())).toThrow('no more')
    expect(openIn(folder())).toBe(0)
    expect(readdirSync(folder())).toEqual([])
  })

  test('reports a missing folder or space', () => {
    vi.stubEnv('TMPDIR', join(folder(), 'absent'))
    expect(() => spilledContent(['x'.repeat(3_000_000)])).toThrow(/a temporary file cannot be written in .*absent/)
  })
})
