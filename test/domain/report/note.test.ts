import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineOf } from '../../../lambdas/domain/core/fault-text.ts'
import { refusalOf } from '../../../lambdas/domain/core/schema-fault.ts'
import { type Note, newNoteSchema, noteSchema, noteSha256 } from '../../../lambdas/domain/report/note.ts'
import { blocksOf, notesUnder } from '../../../lambdas/domain/report/shown-notes.ts'

const read = (markdown: string): string[] =>
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
    expect(read('Un **fait** net.\n\n- un\n- **deux**\n\n1. a\n2. b')).toEqual([
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
    ['<img src=x onerror=alert(1)>', 'paragraph: <img src=x onerror=alert(1)>'],
    ['# Titre', 'paragraph: [Titre]'],
    ['*souligné* et `code`', 'paragraph: souligné et code'],
  ])('%s comes out as text', (markdown, expected) => {
    expect(read(markdown)).toEqual([expected])
  })

  test('no text has an address that a program would follow', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.string(), (url, text) => {
        expect(read(`${text} ${url} [${text}](${url})`).join('\n')).not.toMatch(/https?:\/\//)
      }),
    )
  })

  test('shows under its marking only, the oldest first', () => {
    const hidden = note({ marking: 'TLP:RED', watch: ['zqcanary'], ended: ['zqcanary'], unknown: ['zqcanary'] })
    const notes = [note({ writtenAt: '2024-05-21T00:00:00.000Z' }), note({}), hidden]
    expect(JSON.stringify(notesUnder(notes, 'TLP:AMBER'))).not.toContain('zqcanary')
    expect(notesUnder(notes, 'TLP:AMBER').map(({ writtenAt }) => writtenAt.slice(0, 10))).toEqual([
      '2024-05-20',
      '2024-05-21',
    ])
    expect(notesUnder(notes, 'TLP:GREEN')).toEqual([])
  })

  test('of an earlier version, a text alone, is read and printed as before', () => {
    const [printed] = notesUnder([noteSchema.parse(JSON.parse(JSON.stringify(note({}))))], 'TLP:AMBER')
    expect(Object.keys(printed ?? {})).toEqual([
      ...['author', 'role', 'language', 'marking', 'approves', 'writtenAt', 'blocks'],
    ])
    expect(printed && noteSha256(printed)).toBe('4408dcd2b065207c4b40e7a64b7ad2509eff4380e90fde2fd64cba490955dc09')
  })

  test('has parts, each optional, whose addresses are defanged too', () => {
    const parts = {
      text: undefined,
      likelihood: { of: 'Que https://evil.example revienne', term: 'very likely' },
      unknown: ['Qui est **derrière** https://evil.example/u'],
      watch: ['[Le site](https://evil.example/w)'],
      recommended: ['https://evil.example/r'],
      avoid: ['Ne pas ouvrir https://evil.example/a'],
      ended: ['https://evil.example/e'],
    } as const satisfies Partial<Record<keyof Note, unknown>>
    const [printed] = notesUnder([note(parts as unknown as Partial<Note>)], 'TLP:AMBER')
    expect(JSON.stringify(printed)).not.toMatch(/https?:\/\/|evil\.example/)
    expect(printed).toMatchObject({ blocks: [], likelihood: { term: 'very likely' }, watch: [[{}]] })
    expect(printed?.unknown?.[0]).toContainEqual({ text: 'derrière', strong: true })
    expect(printed).not.toHaveProperty('confidence')
  })

  test.each<[string, Partial<Note>, RegExp | undefined]>([
    ['empty lists', { text: undefined, watch: [], ended: [] }, /must not be empty: give the note/],
    ['an approval alone', { text: undefined, approves: true }, /must not be empty: give the note/],
    ['a confidence in nothing', { text: undefined, watch: ['x'], confidence: 'high' }, /confidence in a judgement/],
    ['a likelihood of nothing', { likelihood: { of: ' ', term: 'likely' } }, /must not be empty/],
    ['a likelihood in other words', { likelihood: { of: 'x', term: 'maybe' as never } }, /must be one of almost/],
    ['a point with a control character', { avoid: ['a\u0000b'] }, /no control characters/],
    ['a point to watch alone', { text: undefined, watch: ['x'] }, undefined],
    [
      'a likelihood with its confidence',
      { text: undefined, likelihood: { of: 'x', term: 'likely' }, confidence: 'low' },
      undefined,
    ],
  ])('is refused or accepted with %s', (_, over, wrong) => {
    const { text, ...rest } = note(over)
    const read = newNoteSchema.safeParse({ ...rest, ...(text !== undefined && { text }) })
    if (wrong) expect(read.error && lineOf(refusalOf(read.error))).toMatch(wrong)
    else expect(read.success).toBe(true)
  })
})
