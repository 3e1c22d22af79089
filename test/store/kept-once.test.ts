/** What has no revision, and whose form may be sent twice at once: on the laptop's table and on DynamoDB's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Note } from '../../lambdas/domain/report/note.ts'
import { answersIn } from '../../lambdas/store/answers.ts'
import { notesIn } from '../../lambdas/store/notes.ts'
import type { Table } from '../../lambdas/store/table.ts'
import { openDynamoTable } from '../support/dynamo-table.ts'
import { openTestTable } from '../support/table.ts'

const note: Note = {
  ...{ territory: 'NC', period: '2024-W20', author: 'Cléo', role: 'analyst', language: 'fr', marking: 'TLP:GREEN' },
  ...{ text: 'Par Cléo.', approves: false, writtenAt: '2024-05-20T08:00:00.000Z' },
}
const seconds = [1, 2, 3]
const at = (second: number) => `2024-05-20T08:00:0${second}.000Z`

describe.each([
  ['the laptop’s table', openTestTable],
  ['DynamoDB’s client, on dynalite', openDynamoTable],
] as const)('%s', (_, open) => {
  let table: Table
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    table = opened.table
    close = opened.close
  })
  afterAll(() => close())

  test('keeps the same note of one author once, whenever its form comes again', async () => {
    const notes = notesIn(table)
    const kept = await Promise.all(seconds.map((second) => notes.addOnce({ ...note, writtenAt: at(second) })))
    const [found, ...more] = await notes.about('NC', '2024-W20')
    expect(more).toEqual([])
    expect(kept).toEqual(seconds.map(() => found))
    await notes.addOnce({ ...note, text: 'Par Cléo, plus tard.', writtenAt: at(9) })
    await notes.addOnce({ ...note, period: '2024-W21', writtenAt: at(9) })
    expect(await notes.about('NC', '2024-W20')).toHaveLength(2)
    expect(await notes.about('NC', '2024-W21')).toHaveLength(1)
  })

  test('keeps the note of a call that was cut off after its claim', async () => {
    const notes = notesIn(table)
    const cut = { ...note, text: 'Par Cléo, coupée.' }
    const claims = notesIn({
      ...table,
      put: async () => {
        throw new Error('cut off')
      },
    })
    await expect(claims.addOnce({ ...cut, writtenAt: at(1) })).rejects.toThrow('cut off')
    expect(await notes.addOnce({ ...cut, writtenAt: at(2) })).toMatchObject({ writtenAt: at(1) })
    expect((await notes.about('NC', '2024-W20')).filter(({ text }) => text === cut.text)).toHaveLength(1)
  })

  test('keeps one answer of each form, and of so many forms', async () => {
    const answers = answersIn(table)
    const delivery = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, recipient: 'one' } as const
    const answer = (second: number) =>
      ({ kind: 'question', text: 'twice?', at: at(second), delivery, marking: 'TLP:AMBER' }) as const
    const sent = await Promise.all(
      ['a', 'a', 'b', 'a', 'b'].map((form, second) => answers.add(answer(second + 1), form, 2)),
    )
    expect(sent).toEqual([true, true, true, true, true])
    expect(await answers.list()).toHaveLength(2)
    expect(await answers.add(answer(7), 'c', 2)).toBe(false)
    // What is full for others is not for who has his place.
    expect(await answers.add(answer(8), 'b', 2)).toBe(true)
    expect(await answers.add({ ...answer(9), delivery: { ...delivery, version: 2 } }, 'a', 2)).toBe(true)
    const listed = await answers.list()
    expect(listed.map((one) => one.at)).toEqual(listed.map((one) => one.at).toSorted())
    expect(listed).toHaveLength(3)
  })
})
