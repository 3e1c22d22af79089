/** Sentences of a dossier's first page that hold for 0, 1 and more. */
import { expect, test } from 'vitest'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'

const [french, english] = [wordingOf('fr'), wordingOf('en')]
const textOf = (segments: readonly { readonly text: string }[]): string => segments.map(({ text }) => text).join('')

test('a size of nothing counts nothing once', () => {
  const size = (value: number) => ({ posts: `${value} posts`, value, operations: 2, without: 0 })
  expect(textOf(english.formatRich('dossier.size.posts', size(0)))).toBe('0 posts in 2 operations.')
  expect(textOf(english.formatRich('dossier.size.posts', size(9)))).toBe('9 posts, each counted once, in 2 operations.')
  expect(textOf(french.formatRich('dossier.size.posts', size(0)))).not.toContain('compté')
})

test('how many operations are rated is said of all of them', () => {
  const widest = (rated: number) => ({ category: 6, meaning: 'x', all: 5, rated, events: 0 })
  expect(textOf(english.formatRich('dossier.widest', widest(2)))).toMatch(/ 2 of 5 operations are rated\.$/)
  expect(textOf(english.formatRich('dossier.widest', widest(1)))).toMatch(/ One of 5 operations is rated\.$/)
})
