/** Immutable; a correction is a later note. */
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
  /** Adds a note unless the author wrote the same before. @returns the stored one */
  addOnce(note: Note): Promise<Note>
  /**
   * Only one of two concurrent approvals succeeds.
   * @param of identifies the approved note
   */
  approve(of: string, note: Note, reason: string): Promise<{ readonly kept: Note; readonly isFirst: boolean }>
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
    await add(table, kept)
    return kept
  },
  approve: async (of, note, reason) => {
    const key = { pk: notePartition(note.territory as SubjectCode), sk: `ONCE#APPROVED#${note.period}#${of}` }
    const name = randomUUID()
    await table.putIf({ ...key, name, note, reason }, { expression: 'attribute_not_exists(pk)' })
    const [first] = await Array.fromAsync(table.query(key.pk, { from: key.sk, to: key.sk }))
    const kept = noteSchema.parse(first?.note)
    // The first call may have been interrupted before it wrote the note.
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
      // The hash distinguishes two notes of one instant.
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
