import { describe, expect, it } from 'vitest'
import { fault } from '../../../lambdas/domain/core/fault.ts'
import { type Reject, rejectOf } from '../../../lambdas/intake/record/record.ts'
import { keptOfLongBytes } from '../../../lambdas/intake/text/lines.ts'
import { rejectIdOf, rejectsIn } from '../../../lambdas/store/intake/rejects.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import type { Table } from '../../../lambdas/store/table/table.ts'

const table = memoryTable()

const day = (number: number, time = '00:00:00') => new Date(`2024-05-${String(number).padStart(2, '0')}T${time}.000Z`)

const reject = (text: string, said: Partial<Parameters<typeof rejectOf>[1]> = {}): Reject =>
  rejectOf(text, { file: 'f.ndjson', line: 1, path: 'kind', fault: fault('schema.missing'), ...said })

const failing = (message: string) => ({ path: '', fault: fault('asWritten', { text: message }), message })

/** Open rejects of one test: their texts begin with its name. */
const openOf = async (test: string) =>
  (await Array.fromAsync(rejectsIn(table).open())).filter(({ raw }) => raw.startsWith(test))

/** A table whose `putAll` fails before anything is put. */
const dyingTable = (): Table => ({
  ...table,
  putAll: () => Promise.reject(new Error('died here')),
})

describe('a reject', () => {
  it('is kept once, whenever, from wherever and on whatever line its record comes', async () => {
    const rejects = rejectsIn(table)
    const one = reject('once', { origin: { format: 'ndjson' } })
    await rejects.keep([one, one], day(1))
    await rejects.keep([one], day(1))
    await rejects.keep([{ ...one, line: 7, file: '/elsewhere/f.ndjson' }], day(3))
    expect(await openOf('once')).toEqual([{ ...one, rejectId: rejectIdOf(one), rejectedAt: day(1).toISOString() }])
  })

  it('is another one where the record or the file’s name is', async () => {
    await rejectsIn(table).keep([reject('other 1'), reject('other 2'), reject('other 1', { file: 'g' })], day(1))
    expect(new Set((await openOf('other')).map(({ rejectId }) => rejectId)).size).toBe(3)
  })

  it('is one in files of several names where it can be read alone, and tells both', async () => {
    const rejects = rejectsIn(table)
    const read = { origin: { format: 'csv' }, context: 'title;date' }
    const one = reject('alone', { file: 'one.csv', ...read })
    const other = { ...one, file: 'other.csv', line: 3 }
    await rejects.keep([one], day(1), { batch: 'b1' })
    await rejects.keep([other], day(2), { batch: 'b2' })
    await rejects.keep([reject('alone', { file: 'third.csv', ...read, context: 'title;seen' })], day(2))
    const [first, second] = await openOf('alone')
    expect(first).toMatchObject({ file: 'one.csv', also: [{ file: 'other.csv', line: 3, batch: 'b2' }] })
    expect(second).toMatchObject({ file: 'third.csv' })
    expect(await rejects.count(day(1).toISOString(), day(3).toISOString(), day(4).toISOString())).toBeGreaterThan(0)
    expect(await rejects.undo(rejectIdOf(one), 'b1', day(3))).toBe(false)
    expect((await openOf('alone'))[0]).toMatchObject({ file: 'other.csv', line: 3, batch: 'b2' })
    expect(await rejects.undo(rejectIdOf(one), 'b2', day(3))).toBe(true)
    expect(await openOf('alone')).toHaveLength(1)
  })

  it('closes by its text in a file of another name', async () => {
    const rejects = rejectsIn(table)
    const read = { origin: { format: 'csv' }, context: 'title;date' }
    const one = reject('elsewhere', { file: 'one.csv', ...read })
    await rejects.keep([one], day(1))
    const record = { file: 'other.csv', id: 'x', raw: 'elsewhere', ...read }
    const closed = await rejects.stored([record], { batch: 'b', sender: { name: 'any' } }, day(2))
    expect(closed).toEqual([rejectIdOf(one)])
  })

  it('gets the reason and the reading that it has last, and stays of the day on which it came', async () => {
    const rejects = rejectsIn(table)
    await rejects.keep([reject('reason', { origin: { format: 'ndjson' } })], day(1))
    await rejects.keep(
      [reject('reason', { path: 'id', fault: fault('revision.withdrawn'), origin: { format: 'json' } })],
      day(2),
    )
    expect(await openOf('reason')).toMatchObject([
      {
        path: 'id',
        fault: { code: 'revision.withdrawn' },
        origin: { format: 'json' },
        rejectedAt: day(1).toISOString(),
      },
    ])
  })

  it('is kept once by two at a time', async () => {
    const many = Array.from({ length: 60 }, (_, at) => reject(`together ${at}`))
    await Promise.all([rejectsIn(table).keep(many, day(1)), rejectsIn(table).keep(many, day(1, '00:00:01'))])
    expect(await openOf('together')).toHaveLength(60)
  })

  it('comes into the list by the same file again, where an interruption left it out', async () => {
    await expect(rejectsIn(dyingTable()).keep([reject('cut off')], day(4))).rejects.toThrow('died here')
    expect(await openOf('cut off')).toEqual([])
    await rejectsIn(table).keep([reject('cut off')], day(5))
    expect(await openOf('cut off')).toMatchObject([{ rejectedAt: day(4).toISOString() }])
  })

  it('is open until it is mended, and is then kept with its history', async () => {
    const rejects = rejectsIn(table)
    const one = reject('mended')
    await rejects.keep([one], day(1))
    await rejects.failedAgain(rejectIdOf(one), failing('still wrong'), day(2))
    expect(await openOf('mended')).toMatchObject([{ message: 'still wrong', triedAt: day(2).toISOString() }])
    expect(await rejects.markFixed(rejectIdOf(one), 'a batch', day(3))).toBe(true)
    expect(await rejects.markFixed(rejectIdOf(one), 'a batch', day(4))).toBe(false)
    expect(await openOf('mended')).toEqual([])
    // The file that it came in, once more, opens it again as little as a late word of another run.
    await rejects.keep([one], day(5))
    await rejects.failedAgain(rejectIdOf(one), failing('late'), day(5))
    expect(await openOf('mended')).toEqual([])
    expect(await rejects.get(rejectIdOf(one))).toMatchObject({
      message: 'still wrong',
      resolvedAt: day(3).toISOString(),
    })
  })

  it('that nobody knows cannot be mended', async () => {
    expect(await rejectsIn(table).markFixed('0000000000000000', 'a batch', day(1))).toBe(false)
    expect(await rejectsIn(table).get('0000000000000000')).toBeUndefined()
  })

  it('keeps what it needs to be read alone, unless that is longer than a record may be', () => {
    expect(reject('x', { context: 'id;title' }).context).toBe('id;title')
    expect(reject('x', { context: 'x'.repeat(keptOfLongBytes + 1) })).not.toHaveProperty('context')
  })
})

describe('a count', () => {
  it('is of those that came in the time, and were open at the instant', async () => {
    const rejects = rejectsIn(table)
    const all = [10, 11, 12].map((number) => reject(`count ${number}`))
    for (const [at, one] of all.entries()) await rejects.keep([one], day(10 + at, '12:00:00'))
    const [, second] = all
    await rejects.markFixed(rejectIdOf(second as Reject), 'a batch', day(20))
    const count = (from: Date, to: Date, asOf: Date) =>
      rejects.count(from.toISOString(), to.toISOString(), asOf.toISOString())
    expect(await count(day(10), day(13), day(19))).toBe(3)
    expect(await count(day(10), day(13), day(20))).toBe(2)
    expect(await count(day(10, '12:00:00'), day(12, '12:00:00'), day(19))).toBe(2)
    expect(await count(day(11, '12:00:00'), day(12), day(21))).toBe(0)
  })
})
