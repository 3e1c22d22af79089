import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Note } from '../../lambdas/domain/report/note.ts'
import { notesIn } from '../../lambdas/store/notes.ts'
import type { Table } from '../../lambdas/store/table.ts'
import { openTestTable } from '../support/table.ts'

let table: Table
let close: () => Promise<void>
beforeAll(async () => {
  const opened = await openTestTable()
  table = opened.table
  close = opened.close
})
afterAll(() => close())

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

test('the same note of one author is stored once, whenever its form comes again', async () => {
  const notes = notesIn(table)
  const said = { ...note('Cléo'), period: '2024-W21' }
  const seconds = [1, 2, 3]
  const kept = await Promise.all(
    seconds.map((second) => notes.addOnce({ ...said, writtenAt: `2024-05-27T08:00:0${second}.000Z` })),
  )
  const [found, ...more] = await notes.about('NC', '2024-W21')
  expect(more).toEqual([])
  expect(kept).toEqual(seconds.map(() => found))
  await notes.addOnce({ ...said, text: 'Par Cléo, plus tard.', writtenAt: '2024-05-27T08:00:09.000Z' })
  expect(await notes.about('NC', '2024-W21')).toHaveLength(2)
})

test('two notes of the same instant both stand, and one that is added twice stands once', async () => {
  const notes = notesIn(table)
  await Promise.all(['Ana', 'Ben', 'Ana'].map((author) => notes.add(note(author))))
  const found = await notes.about('NC', '2024-W20', '2024-05-20T08:00:00.000Z')
  expect(found.map(({ author }) => author).toSorted()).toEqual(['Ana', 'Ben'])
})
