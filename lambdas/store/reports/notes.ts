/** Analysts' notes, by territory and period; a note is never edited, a later one is beside it. */
import { randomUUID } from 'node:crypto'
import { closedMarking } from '../../domain/core/marking.ts'
import type { SubjectCode } from '../../domain/core/place/territory.ts'
import { canonicalJson, sha256 } from '../../domain/core/text/canonical.ts'
import { type Note, noteSchema } from '../../domain/report/note.ts'
import { lineOf, writeAct } from '../table/history.ts'
import { notePartition, noteSort } from '../table/keys.ts'
import type { Table } from '../table/table.ts'

export type Notes = {
  add(note: Note): Promise<void>
  /** Adds it unless the same of its author is there, whenever that was written. @returns the one that is kept */
  addOnce(note: Note): Promise<Note>
  /**
   * Adds an approval unless there is one that was added so of the note that is approved: of two at once one approves.
   *
   * @param of what tells the approved note from others
   * @returns the one that is kept
   */
  approve(of: string, note: Note, reason: string): Promise<{ readonly kept: Note; readonly isFirst: boolean }>
  /** Those written at or before an instant, the oldest first. */
  about(territory: SubjectCode, period: string, asOf?: string): Promise<readonly Note[]>
}

export const notesIn = (table: Table): Notes => ({
  add: (note) => add(table, note),
  addOnce: async (note) => {
    const pk = notePartition(note.territory as SubjectCode)
    const { writtenAt, ...content } = note
    const sk = `ONCE#${sha256(canonicalJson(content))}`
    const isFirst = await table.putIf({ pk, sk, writtenAt }, { expression: 'attribute_not_exists(pk)' })
    const [first] = isFirst ? [] : await Array.fromAsync(table.query(pk, { from: sk, to: sk }))
    const kept = first ? { ...note, writtenAt: String(first.writtenAt) } : note
    // Also where another call is first: it may have been cut off before it wrote the note.
    await add(table, kept)
    return kept
  },
  approve: async (of, note, reason) => {
    const key = { pk: notePartition(note.territory as SubjectCode), sk: `ONCE#APPROVED#${note.period}#${of}` }
    const name = randomUUID()
    await table.putIf({ ...key, name, note, reason }, { expression: 'attribute_not_exists(pk)' })
    // Its answer may be lost.
    const [first] = await Array.fromAsync(table.query(key.pk, { from: key.sk, to: key.sk }))
    const kept = noteSchema.parse(first?.note)
    // Also where another call is first: it may have been cut off before it wrote the note.
    await add(table, kept, String(first?.reason ?? ''))
    return { kept, isFirst: first?.name === name }
  },
  about: async (territory, period, asOf = '~') => {
    const range = { from: noteSort(period, ''), to: `${noteSort(period, asOf)}~` }
    return Array.fromAsync(table.query(notePartition(territory), range), ({ pk: _pk, sk: _sk, ...note }) =>
      noteSchema.parse({ ...note, marking: closedMarking(note.marking) }),
    )
  },
})

const add = async (table: Table, note: Note, reason = ''): Promise<void> => {
  const { territory, period, writtenAt: at, author: by, marking, approves } = note
  const name = sha256(canonicalJson(note)).slice(0, 16)
  await writeAct(
    table,
    {
      pk: notePartition(territory as SubjectCode),
      // Two may be written at one instant: what each says tells them apart.
      sk: `${noteSort(period, at)}#${name.slice(0, 8)}`,
      ...note,
    },
    { expression: 'attribute_not_exists(pk)' },
    lineOf(
      {
        ...{ at, did: approves ? 'approved' : 'written', by, of: 'note', id: `${territory}/${period}`, marking },
        ...(reason !== '' && { reason }),
      },
      name,
    ),
  )
}
