import { expect, test } from 'vitest'
import type { Note } from '../../../lambdas/domain/report/note.ts'
import { notesIn } from '../../../lambdas/store/reports/notes.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'

const note = (author: string): Note => ({
  territory: 'NC',
  period: '2024-W20',
  author,
  role: 'analyst',
  language: 'fr',
  marking: 'TLP:GREEN',
  text: `Par ${author}.`,
  approves: false,
  writtenAt: '2024-05-20T08:00:00.000Z',
})

test('keeps two notes of the same instant, and one that is added twice once', async () => {
  const notes = notesIn(memoryTable())
  await Promise.all(['Ana', 'Ben', 'Ana'].map((author) => notes.add(note(author))))
  const found = await notes.about('NC', '2024-W20', '2024-05-20T08:00:00.000Z')
  expect(found.map(({ author }) => author).toSorted()).toEqual(['Ana', 'Ben'])
})
