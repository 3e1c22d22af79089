import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Note } from '../../../lambdas/domain/report/note.ts'
import { blocksOf, notesUnder } from '../../../lambdas/domain/report/shown-notes.ts'

const said = (markdown: string): string[] =>
  blocksOf(markdown).flatMap(({ kind, items }) =>
    items.map((item) => `${kind}: ${item.map(({ text, strong }) => (strong ? `[${text}]` : text)).join('')}`),
  )

const note = (over: Partial<Note>): Note => ({
  territory: 'NC',
  period: '2024-W20',
  author: 'C. Durand',
  role: 'analyste',
  language: 'fr',
  marking: 'TLP:AMBER',
  text: 'Rien.',
  approves: false,
  writtenAt: '2024-05-20T00:00:00.000Z',
  ...over,
})

describe('a note', () => {
  test('keeps paragraphs, lists and bold', () => {
    expect(said('Un **fait** net.\n\n- un\n- **deux**\n\n1. a\n2. b')).toEqual([
      'paragraph: Un [fait] net.',
      'bullets: un',
      'bullets: [deux]',
      'numbers: a',
      'numbers: b',
    ])
  })

  test.each([
    ['[ici](https://evil.example/x)', 'paragraph: ici ([https]://evil[.]example/x)'],
    ['https://evil.example', 'paragraph: [https]://evil[.]example'],
    ['![portrait](https://evil.example/p.png)', 'paragraph: portrait'],
    ['<img src=x onerror=alert(1)>', 'paragraph: <img src=x onerror=alert(1)>'],
    ['# Titre', 'paragraph: [Titre]'],
    ['*souligné* et `code`', 'paragraph: souligné et code'],
    ['> cité', 'paragraph: cité'],
  ])('%s comes out as text', (markdown, expected) => {
    expect(said(markdown)).toEqual([expected])
  })

  test('no text brings an address through that a program would follow', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.string(), (url, text) => {
        expect(said(`${text} ${url} [${text}](${url})`).join('\n')).not.toMatch(/https?:\/\//)
      }),
    )
  })

  test('shows under its marking only, the oldest first', () => {
    const notes = [note({ writtenAt: '2024-05-21T00:00:00.000Z' }), note({}), note({ marking: 'TLP:RED' })]
    expect(notesUnder(notes, 'TLP:AMBER').map(({ writtenAt }) => writtenAt.slice(0, 10))).toEqual([
      '2024-05-20',
      '2024-05-21',
    ])
    expect(notesUnder(notes, 'TLP:GREEN')).toEqual([])
  })
})
