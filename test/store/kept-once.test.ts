/** Forms that are sent twice at once are stored once. */
import { describe, expect, test } from 'vitest'
import type { Note } from '../../lambdas/domain/report/note.ts'
import { detectionsIn } from '../../lambdas/store/detections/detections.ts'
import { notesIn } from '../../lambdas/store/reports/notes.ts'
import { memoryTable } from '../../lambdas/store/table/memory-table.ts'
import { detection } from '../support/detections.ts'

const note: Note = {
  ...{ territory: 'NC', period: '2024-W20', author: 'Cléo', role: 'analyst', language: 'fr', marking: 'TLP:GREEN' },
  ...{ text: 'Par Cléo.', approves: false, writtenAt: '2024-05-20T08:00:00.000Z' },
}
const seconds = [1, 2, 3]
const at = (second: number) => `2024-05-20T08:00:0${second}.000Z`

const table = memoryTable()

test('stores a note of one author once, when its form comes again', async () => {
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

test('stores the note of a call that was interrupted after its claim', async () => {
  const notes = notesIn(table)
  const cut = { ...note, text: 'Par Cléo, coupée.' }
  const claims = notesIn({
    ...table,
    putTogether: async () => {
      throw new Error('cut off')
    },
  })
  await expect(claims.addOnce({ ...cut, writtenAt: at(1) })).rejects.toThrow('cut off')
  expect(await notes.addOnce({ ...cut, writtenAt: at(2) })).toMatchObject({ writtenAt: at(1) })
  expect((await notes.about('NC', '2024-W20')).filter(({ text }) => text === cut.text)).toHaveLength(1)
})

test('stores one of several approvals of a note at once', async () => {
  const notes = notesIn(table)
  const approval = { ...note, period: '2024-W30', approves: true }
  const people = ['Ana', 'Paul', 'Vera']
  const done = await Promise.all(people.map((author) => notes.approve('of', { ...approval, author }, '')))
  expect(done.filter(({ isFirst }) => isFirst)).toHaveLength(1)
  const [kept, ...more] = await notes.about('NC', '2024-W30')
  expect([more, done.map((one) => one.kept)]).toEqual([[], people.map(() => kept)])
})

describe('carries out one decision of a contested record', () => {
  const contest = async (id: string) => {
    const detections = detectionsIn(table)
    const now = new Date('2024-05-20T08:00:00.000Z')
    const by = (posts: number, detector: string) =>
      detection({ id, detector, counts: { posts: { value: posts, qualifier: 'exact' } } })
    await detections.saveAll([by(1, 'One')], now)
    await detections.saveAll([by(2, 'Other')], now)
    const [record] = await Array.fromAsync(detections.contested(id))
    if (!record) throw new Error('nothing waits')
    return { detections, record, now }
  }
  const posts = async (id: string) => (await detectionsIn(table).latest(id))?.counts.posts?.value

  test.each([
    ['refused', 'revision'],
    ['revision', 'refused'],
    ['revision', 'revision'],
    ['new', 'refused'],
  ] as const)('of %s and %s at once', async (...both) => {
    for (const turn of [1, 2, 3]) {
      const id = `at-once-${both.join('-')}-${turn}`
      const { detections, record, now } = await contest(id)
      const tried = await Promise.allSettled(
        both.map((as, at) => detections.decide(record, { by: `Person ${at}`, as }, now)),
      )
      const [lost] = tried.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []))
      const first = tried.findIndex(({ status }) => status === 'fulfilled')
      expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(lost?.message).toContain(`Person ${first} has ${both[first] === 'refused' ? 'refused' : 'accepted'} it`)
      expect(await posts(id)).toBe(both[first] === 'revision' ? 2 : 1)
      expect(await detections.decided(id, record.sha256)).toEqual({ by: `Person ${first}`, as: both[first] })
      expect(await Array.fromAsync(detections.contested(id))).toEqual([])
    }
  })

  test('again by the same person, with the same answer', async () => {
    const { detections, record, now } = await contest('cut-off')
    const ana = { by: 'Ana', as: 'revision' } as const
    await detections.decide(record, ana, now)
    const [from, to] = [Date.parse('2024-05-14T00:00:00Z'), Date.parse('2024-05-15T00:00:00Z')]
    const counted = await Array.fromAsync(detections.inWindow('NC', from, to, '~'))
    expect(counted.find((one) => one.detection.id === 'cut-off')?.revision).toBe(2)
    expect(await detections.decide(record, ana, now)).toBe('cut-off')
    await expect(detections.decide(record, { by: 'Paul', as: 'revision' }, now)).rejects.toThrow('Ana has accepted it')
  })
})
