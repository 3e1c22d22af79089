import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sourcesIn } from '../../lambdas/store/sources.ts'
import type { Table } from '../../lambdas/store/table.ts'
import { openTestTable } from '../support/table.ts'

let table: Table
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const opened = await openTestTable()
  table = opened.table
  cleanUp = opened.close
})

afterAll(() => cleanUp())

const at = (day: number) => `2024-05-${String(day).padStart(2, '0')}T06:00:00.000Z`

const sourceAsOf = async (name: string, asOf: string, from = at(1)) =>
  (await sourcesIn(table).asOf(asOf, from)).find((source) => source.name === name)

describe('word of a run', () => {
  it('stands at the instant of the run, and is known from when it came', async () => {
    const sources = sourcesIn(table)
    await sources.delivered([{ detector: { name: 'late' }, found: 3 }], 'b', new Date(at(10)))
    expect(await sources.ran({ detector: { name: 'late' }, at: at(5), found: 0 }, new Date(at(12)))).toEqual({
      isNew: true,
      found: 0,
    })
    const delivery = { at: at(10), found: 3 }
    expect(await sourceAsOf('late', at(11))).toMatchObject({ lastInput: at(10), inputs: [delivery] })
    expect((await sourceAsOf('late', at(12)))?.inputs).toEqual([{ at: at(5), found: 0 }, delivery])
    expect(await sourceAsOf('late', at(12), at(11))).toMatchObject({ lastInput: at(10), inputs: [] })
  })

  it('changes nothing when it comes again, and is not changed by another one for the same instant', async () => {
    const sources = sourcesIn(table)
    const run = { detector: { name: 'twice' }, at: at(5), found: 2 }
    expect(await sources.ran(run, new Date(at(6)))).toEqual({ isNew: true, found: 2 })
    expect(await sources.ran(run, new Date(at(7)))).toEqual({ isNew: false, found: 2 })
    expect(await sources.ran({ ...run, found: 3 }, new Date(at(8)))).toEqual({ isNew: false, found: 2 })
    expect((await sourceAsOf('twice', at(6)))?.inputs).toEqual([{ at: at(5), found: 2 }])
    expect((await sourceAsOf('twice', at(9)))?.inputs).toEqual([{ at: at(5), found: 2 }])
  })

  it('is nothing before it came, also where nothing else did', async () => {
    const sources = sourcesIn(table)
    for (let day = 1; day <= 15; day += 1) {
      await sources.ran({ detector: { name: 'only' }, at: at(day), found: 0 }, new Date(at(20)))
    }
    expect(await sourceAsOf('only', at(19))).toBeUndefined()
    expect(await sourceAsOf('only', at(20), at(18))).toMatchObject({ lastInput: at(15), inputs: [] })
    // Older than the last few: still found.
    await sources.delivered([{ detector: { name: 'only' }, found: 1 }], 'b', new Date('2024-04-01T00:00:00.000Z'))
    expect((await sourceAsOf('only', at(19), at(18)))?.lastInput).toBe('2024-04-01T00:00:00.000Z')
  })
})

describe('a source', () => {
  it('is what it said of itself last; a bare name takes nothing back', async () => {
    const sources = sourcesIn(table)
    const described = { name: 'told', version: '1', expectedRhythm: 'PT6H' }
    await sources.ran({ detector: { name: 'told' }, at: at(1), found: 0 }, new Date(at(1)))
    await sources.ran({ detector: described, at: at(2), found: 0 }, new Date(at(2)))
    await sources.ran({ detector: { name: 'told' }, at: at(3), found: 0 }, new Date(at(3)))
    expect(await sourceAsOf('told', at(4))).toMatchObject({ version: '1', expectedRhythm: 'PT6H', lastInput: at(3) })
    await sources.delivered([{ detector: { name: 'told', version: '2' }, found: 1 }], 'b', new Date(at(4)))
    const told = await sourceAsOf('told', at(4))
    expect(told).toMatchObject({ version: '2' })
    expect(told).not.toHaveProperty('expectedRhythm')
  })

  it('has inputs that were stored before this was noted with them', async () => {
    await table.put({ pk: 'SOURCES', sk: 'old', name: 'old', byHand: false, saidAt: at(1) })
    await table.put({ pk: 'SOURCE#old', sk: `${at(2)}#batch`, found: 4 })
    expect((await sourceAsOf('old', at(2)))?.inputs).toEqual([{ at: at(2), found: 4 }])
  })
})
