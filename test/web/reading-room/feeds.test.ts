/** The feed by RFC 4287, read back by a parser that was written from the RFC and not from the code. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AtomFeed, atomText } from '../../../lambdas/web/reading-room/week/atom.ts'
import { corpus } from '../../hostile/corpus.ts'
import { feedIn } from '../../support/feeds.ts'

const text = fc.oneof(
  fc.constantFrom(...corpus.map(({ value }) => value.slice(0, 2_000))),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ maxLength: 200 }),
)
const at = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) })

describe('a feed', () => {
  const entry = fc.record({
    id: fc.uuid().map((id) => `urn:uuid:${id}`),
    title: text,
    updated: at.map((instant) => new Date(instant).toISOString()),
    href: fc.webUrl(),
    category: text,
    summary: text,
  })

  test('keeps to RFC 4287 and has every given text', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.uniqueArray(entry, { selector: ({ id }) => id, maxLength: 4 }),
        (title, author, entries) => {
          const feed: AtomFeed = {
            ...{ id: 'urn:vigie:x', title, author, language: 'fr', entries },
            ...{ self: 'http://127.0.0.1/a', page: 'http://127.0.0.1/b', empty: '2024-05-20T00:00:00.000Z' },
          }
          const read = feedIn(atomText(feed))
          expect([read.title, read.author]).toEqual([printed(title), printed(author)])
          expect(read.updated).toBe(
            entries
              .map(({ updated }) => updated)
              .toSorted()
              .at(-1) ?? feed.empty,
          )
          expect(read.entries).toEqual(
            entries.map((one) => ({
              ...one,
              title: printed(one.title),
              category: printed(one.category),
              summary: printed(one.summary),
            })),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  /** XML 1.0 excludes most control characters, surrogates and two noncharacters. */
  const printed = (given: string): string =>
    [...given]
      .map((one) => {
        const code = one.codePointAt(0) ?? 0
        const isChar =
          code === 9 ||
          code === 10 ||
          code === 13 ||
          (code >= 32 && code < 0xd800) ||
          (code > 0xdfff && code < 0xfffe) ||
          code > 0xffff
        return isChar ? one : '\ufffd'
      })
      .join('')
})
