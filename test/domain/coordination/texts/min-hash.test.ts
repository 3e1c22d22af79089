import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bands,
  candidatePairs,
  mayBeAlike,
  type Signatures,
  signaturesOf,
} from '../../../../lambdas/domain/coordination/texts/min-hash.ts'
import { sha256 } from '../../../../lambdas/domain/core/text/canonical.ts'

const signed = (texts: readonly string[]): Signatures => {
  const steps = signaturesOf(texts)
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

const bytesOf = ({ buckets, words }: Pick<Signatures, 'buckets' | 'words'>) =>
  Buffer.concat([Buffer.from(buckets.buffer), Buffer.from(words.buffer)])

test('the signatures of these texts never change', () => {
  const texts = [
    '',
    'abc',
    'lapoliceatirésurlafouledevantlesupermarchédenouméa',
    'полициястреляла',
    `${'x'.repeat(2_000)}y`,
    ...Array.from({ length: 50 }, (_, at) => 'texte'.repeat(at + 1) + at),
  ]
  expect(sha256(bytesOf(signed(texts)))).toBe('bbe796d7a6323efe3ac4631bafb2ab19df444550e673c05f1f28d89eecef8e2b')
})

test('a text has the same signature after any other texts', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 400 }), { maxLength: 5 }), fc.string(), (others, text) => {
      const [all, alone] = [signed([...others, text]), signed([text])]
      const at = others.length
      const words = alone.words.length
      expect([...all.words.slice(at * words)]).toEqual([...alone.words])
      const buckets = Array.from({ length: bands }, (_, band) => all.buckets[band * all.count + at])
      expect(buckets).toEqual([...alone.buckets])
    }),
  )
})

test('two may be alike where 24 of 120 bytes agree, and 5 of the first 40', () => {
  // A quarter of the bytes agree or so: both answers come often.
  const bytes = fc.uint8Array({ minLength: 120, maxLength: 120, max: 3 })
  const high = bytes.map((list) => list.map((byte) => [0x00, 0x7f, 0x80, 0xff][byte] as number))
  const answers = new Set<boolean>()
  fc.assert(
    fc.property(high, high, fc.nat({ max: 120 }), fc.nat({ max: 120 }), (one, drawn, from, until) => {
      const other = drawn.map((byte, at) => (at >= from && at < until ? byte ^ 1 : byte))
      const words = new Int32Array(Uint8Array.from([...one, ...other]).buffer)
      const agreeing = one.map((byte, at) => (byte === other[at] ? 1 : 0))
      const sum = (list: Uint8Array) => list.reduce((all, byte) => all + byte, 0)
      const expected = sum(agreeing) >= 24 && sum(agreeing.slice(0, 40)) >= 5
      answers.add(expected)
      const signatures = { count: 2, buckets: new Uint32Array(2 * bands), words }
      expect(mayBeAlike(signatures, 0, 1)).toBe(expected)
      expect(mayBeAlike(signatures, 1, 0)).toBe(expected)
      expect(mayBeAlike(signatures, 0, 0)).toBe(true)
    }),
    { numRuns: 1_000 },
  )
  expect(answers.size).toBe(2)
})

test('in each band a text is paired with the five before it in its bucket', () => {
  const bucket = fc.constantFrom(0, 1, 0xffff, 0x1_0000, 0x1_0001, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.infiniteStream(bucket), (count, stream) => {
      const buckets = Uint32Array.from({ length: count * bands }, () => stream.next().value as number)
      const found: string[][] = []
      let ofBand: string[] = []
      const steps = candidatePairs({ count, buckets, words: new Int32Array(count * 30) }, (one, other) =>
        ofBand.push(`${one} ${other}`),
      )
      for (const { band } of steps) {
        found[band] = ofBand.sort()
        ofBand = []
      }
      const expected = Array.from({ length: bands }, (_, band) => {
        const texts = Map.groupBy(Array(count).keys(), (text) => buckets[band * count + text] as number)
        const pairs = [...texts.values()].flatMap((members) =>
          members.flatMap((text, at) => members.slice(Math.max(0, at - 5), at).map((before) => `${before} ${text}`)),
        )
        return pairs.sort()
      })
      expect(found).toEqual(expected)
    }),
  )
})
