import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  checkedReading,
  type Content,
  contentOf,
  measured,
  OtherContentError,
  wholeOf,
} from '../../../../lambdas/domain/core/text/content.ts'

const pieces = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 6 })

test('content has the size and hash of its bytes, and is read unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (all) => {
      const bytes = Buffer.concat(all)
      const content = contentOf(bytes)
      expect(content).toMatchObject({ size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
      const inPieces: Content = { ...content, pieces: () => all }
      expect(await measured(inPieces.pieces())).toEqual({ size: content.size, sha256: content.sha256 })
      expect(Buffer.from(await wholeOf(checkedReading(inPieces).pieces()))).toEqual(bytes)
    }),
  )
})

test('other content than stated never arrives whole: cut, longer or changed in a byte', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, pieces, async (stated, there) => {
      const content = { ...contentOf(Buffer.concat(stated)), pieces: () => there }
      fc.pre(!Buffer.concat(stated).equals(Buffer.concat(there)))
      const reading = checkedReading(content)
      const got: Uint8Array[] = []
      const read = async () => {
        for await (const piece of reading.pieces()) got.push(piece)
      }
      await expect(read()).rejects.toBeInstanceOf(OtherContentError)
      expect(reading.failure()?.error).toBeInstanceOf(OtherContentError)
      expect(Buffer.concat(got).length).toBeLessThan(Math.max(1, content.size))
    }),
  )
})

test('a reading has a failure where its source fails, and not where its consumer does', async () => {
  const source = contentOf(Buffer.from('abc'))
  const broken = checkedReading({
    ...source,
    pieces: function* () {
      yield Buffer.from('ab')
      throw new Error('the disk is gone')
    },
  })
  await expect(wholeOf(broken.pieces())).rejects.toThrow('the disk is gone')
  expect(broken.failure()?.error).toEqual(new Error('the disk is gone'))
  const given = checkedReading(source)
  const taking = given.pieces()
  await taking.next()
  await expect(taking.throw(new Error('the taker is gone'))).rejects.toThrow('the taker is gone')
  expect(given.failure()).toBeUndefined()
})
