import { describe, expect, it } from 'vitest'
import { noTerritory, visibleSources } from '../../../lambdas/domain/aggregate/watch/watch.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { territories } from '../../../lambdas/domain/core/place/territory.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import { type Sources, sourcesIn } from '../../../lambdas/store/intake/sources.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'

const table = memoryTable()

const codesOf = territories.map(({ code }) => code)

const ana = { by: 'Ana' }

const at = (day: number) => `2024-05-${String(day).padStart(2, '0')}T06:00:00.000Z`

const seenAsOf = async (name: string, asOf: string, { from = at(1), cap = 'TLP:RED' as Marking } = {}) => {
  const known = await sourcesIn(table).asOf(asOf, from)
  return visibleSources(known, { cap, territories: ['NC'] }).find((source) => source.name === name)
}

const sourceAsOf = async (name: string, asOf: string, from = at(1)) => {
  const source = await seenAsOf(name, asOf, { from })
  if (!source) return undefined
  const { inputs, last, ...facts } = source
  return { ...facts, lastInput: last.at, inputs: inputs.map(({ at: came, found }) => ({ at: came, found })) }
}

const brought = (
  detector: Detection['detector'],
  found: number,
  marking: Marking = 'TLP:AMBER',
  codes = 'NC',
): Parameters<Sources['recordInputs']>[0] => [
  { name: detector.name, brought: new Map([[marking, { detector, found: { [codes]: found } }]]) },
]

describe('word of a run', () => {
  it('stands at the instant of the run, and is known from when it came', async () => {
    const sources = sourcesIn(table)
    await sources.recordInputs(brought({ name: 'late' }, 3), 'b', new Date(at(10)))
    expect(await sources.recordRun({ detector: { name: 'late' }, at: at(5), found: 0 }, new Date(at(12)))).toEqual({
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
    expect(await sources.recordRun(run, new Date(at(6)))).toEqual({ isNew: true, found: 2 })
    expect(await sources.recordRun(run, new Date(at(7)))).toEqual({ isNew: false, found: 2 })
    expect(await sources.recordRun({ ...run, found: 3 }, new Date(at(8)))).toEqual({ isNew: false, found: 2 })
    expect((await sourceAsOf('twice', at(6)))?.inputs).toEqual([{ at: at(5), found: 2 }])
    expect((await sourceAsOf('twice', at(9)))?.inputs).toEqual([{ at: at(5), found: 2 }])
  })

  it('is known again in another batch of the same instant', async () => {
    const sources = sourcesIn(table)
    const run = { detector: { name: 'at-once' }, at: at(5), found: 0 }
    expect(await sources.recordRun(run, new Date(at(6)), 'one')).toMatchObject({ isNew: true })
    expect(await sources.recordRun(run, new Date(at(6)), 'other')).toMatchObject({ isNew: false })
    expect(await sources.recordRun(run, new Date(at(6)), 'one')).toMatchObject({ isNew: true })
  })

  it('is known as earlier than the instants asked for, also where later ones follow', async () => {
    const sources = sourcesIn(table)
    for (const day of [2, 20])
      await sources.recordRun({ detector: { name: 'silent' }, at: at(day), found: 0 }, new Date(at(day)))
    expect(await seenAsOf('silent', at(21), { from: at(15) })).toMatchObject({ first: at(2), inputs: [{ at: at(20) }] })
  })

  it('is nothing before it came, also where nothing else did', async () => {
    const sources = sourcesIn(table)
    for (let day = 1; day <= 15; day += 1) {
      await sources.recordRun({ detector: { name: 'only' }, at: at(day), found: 0 }, new Date(at(20)))
    }
    expect(await sourceAsOf('only', at(19))).toBeUndefined()
    expect(await sourceAsOf('only', at(20), at(18))).toMatchObject({ lastInput: at(15), inputs: [] })
    // Older than the last few: still found.
    await sources.recordInputs(brought({ name: 'only' }, 1), 'b', new Date('2024-04-01T00:00:00.000Z'))
    expect((await sourceAsOf('only', at(19), at(18)))?.lastInput).toBe('2024-04-01T00:00:00.000Z')
  })
})

describe('a source', () => {
  it('is what it said of itself last; a bare name takes nothing back', async () => {
    const sources = sourcesIn(table)
    const described = { name: 'told', version: '1', expectedRhythm: 'PT6H' }
    await sources.recordRun({ detector: { name: 'told' }, at: at(1), found: 0 }, new Date(at(1)))
    await sources.recordRun({ detector: described, at: at(2), found: 0 }, new Date(at(2)))
    await sources.recordRun({ detector: { name: 'told' }, at: at(3), found: 0 }, new Date(at(3)))
    expect(await sourceAsOf('told', at(4))).toMatchObject({ version: '1', expectedRhythm: 'PT6H', lastInput: at(3) })
    await sources.recordInputs(brought({ name: 'told', version: '2' }, 1), 'b', new Date(at(4)))
    expect(await sourceAsOf('told', at(4))).toMatchObject({ version: '2', expectedRhythm: undefined })
  })

  it('has inputs that were stored before this was noted with them', async () => {
    await table.put({ pk: 'SOURCES', sk: 'old', name: 'old', byHand: false, saidAt: at(1) })
    await table.put({ pk: 'SOURCE#old', sk: `${at(2)}#batch`, found: 4 })
    expect((await sourceAsOf('old', at(2)))?.inputs).toEqual([{ at: at(2), found: 4 }])
  })
})

describe('the marking of a source', () => {
  it('keeps what records say apart by their marking, and counts deliveries by it', async () => {
    const sources = sourcesIn(table)
    const clear = { name: 'D#1', version: '1', marking: 'TLP:CLEAR' as const }
    const red = { ...clear, version: '2 with secret thresholds', expectedRhythm: 'PT6H' }
    await sources.recordInputs(
      [
        {
          name: 'D#1',
          brought: new Map([
            ['TLP:CLEAR', { detector: clear, found: { NC: 2 } }],
            ['TLP:RED', { detector: red, found: { NC: 5 } }],
          ]),
        },
      ],
      'b',
      new Date(at(2)),
    )
    await sources.recordInputs(brought(red, 4, 'TLP:RED'), 'b', new Date(at(3)))
    expect(await seenAsOf('D#1', at(4), { cap: 'TLP:CLEAR' })).toMatchObject({
      version: '1',
      marking: 'TLP:CLEAR',
      inputs: [{ at: at(2), found: 2, marking: 'TLP:CLEAR' }],
    })
    expect(await seenAsOf('D#1', at(4))).toMatchObject({
      version: '2 with secret thresholds',
      marking: 'TLP:RED',
      inputs: [{ found: 7 }, { found: 4 }],
    })
  })

  it('finds the last input under each cap, however many above it came since', async () => {
    const sources = sourcesIn(table)
    const detector = { name: 'buried', marking: 'TLP:CLEAR' as const }
    await sources.recordInputs(brought(detector, 1, 'TLP:CLEAR'), 'b', new Date(at(1)))
    for (let day = 2; day <= 20; day += 1) {
      await sources.recordInputs(brought(detector, 1, 'TLP:RED'), 'b', new Date(at(day)))
    }
    const last = async (cap: Marking) => (await seenAsOf('buried', at(25), { from: at(24), cap }))?.last.at
    expect([await last('TLP:CLEAR'), await last('TLP:AMBER'), await last('TLP:RED')]).toEqual([at(1), at(1), at(20)])
  })

  it('finds the last input in a reader’s territories, however many elsewhere came since', async () => {
    const sources = sourcesIn(table)
    const detector = { name: 'far', marking: 'TLP:CLEAR' as const }
    await sources.recordInputs(brought(detector, 1, 'TLP:AMBER'), 'b', new Date(at(1)))
    for (let day = 2; day <= 20; day += 1)
      await sources.recordInputs(brought(detector, 1, 'TLP:AMBER', 'WF'), 'b', new Date(at(day)))
    const known = await sources.asOf(at(25), at(24), ['NC'])
    const far = visibleSources(known, { cap: 'TLP:RED', territories: ['NC'], readable: ['NC'] })
    expect(far.find(({ name }) => name === 'far')).toMatchObject({ last: { at: at(1), found: 1 }, inputs: [] })
    expect((await seenAsOf('far', at(25), { from: at(24) }))?.last.at).toBe(at(20))
  })

  it('keeps an input small: the largest of too many sets of territories count for those who read all', async () => {
    const sources = sourcesIn(table)
    const found = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, at) => [codesOf.filter((_code, bit) => (at + 1) & (1 << bit)).join(' '), 1]),
    )
    const [item] = sources.inputPuts(
      [{ name: 'many', brought: new Map([['TLP:AMBER', { detector: { name: 'many' }, found }]]) }],
      'b',
      new Date(at(1)),
    )
    const { 'TLP:AMBER': by = {} } = (item?.item.by ?? {}) as Record<string, Record<string, number>>
    expect(Object.keys(by)).toHaveLength(201)
    expect(by).toMatchObject({ NC: 1, 'NC PF': 1, [noTerritory]: 800 })
    expect(item?.item.found).toBe(1_000)
  })

  it('is raised by a record and lowered by an operator alone', async () => {
    const sources = sourcesIn(table)
    const say = (marking: Marking, day: number) =>
      sources.recordRun({ detector: { name: 'rising', marking }, at: at(day), found: 0 }, new Date(at(day)))
    const seen = async (cap: Marking) => (await seenAsOf('rising', at(9), { cap }))?.marking
    await say('TLP:CLEAR', 1)
    expect(await seen('TLP:CLEAR')).toBe('TLP:CLEAR')
    await say('TLP:AMBER', 2)
    await say('TLP:CLEAR', 3)
    expect([await seen('TLP:CLEAR'), await seen('TLP:AMBER')]).toEqual([undefined, 'TLP:AMBER'])
    await sources.declare('rising', { marking: 'TLP:GREEN', territories: ['MQ'] }, ana, new Date(at(4)))
    expect(await seen('TLP:RED')).toBeUndefined()
    await sources.declare('rising', { marking: 'TLP:GREEN' }, ana, new Date(at(4)))
    expect([await seen('TLP:CLEAR'), await seen('TLP:GREEN')]).toEqual([undefined, 'TLP:GREEN'])
    await expect(sources.declare('nobody', { marking: 'TLP:GREEN' }, ana, new Date(at(4)))).rejects.toThrow(
      'no source "nobody" has delivered',
    )
  })

  it('has the rhythm that an operator set, whatever its records and their undoing say later', async () => {
    const sources = sourcesIn(table)
    const detector = { name: 'paced', expectedRhythm: 'PT6H', marking: 'TLP:GREEN' as const }
    const say = (day: number, batch?: string) =>
      sources.recordRun({ detector, at: at(day), found: 0 }, new Date(at(day)), batch)
    const rhythm = async () => (await seenAsOf('paced', at(20)))?.expectedRhythm
    await say(1)
    expect(await rhythm()).toBe('PT6H')
    expect(await sources.declare('paced', { rhythm: 'P1D' }, { ...ana, over: '' }, new Date(at(2)))).toBe(true)
    await say(3, 'later')
    await sources.undoStatements('later')
    // Nothing else changed with it.
    expect(await seenAsOf('paced', at(20), { cap: 'TLP:GREEN' })).toMatchObject({ expectedRhythm: 'P1D' })
    // Of two who saw the same, one is told.
    expect(await sources.declare('paced', { rhythm: 'P2D' }, { ...ana, over: '' }, new Date(at(4)))).toBe(false)
    expect(await sources.declare('paced', { rhythm: 'none' }, { ...ana, over: at(2) }, new Date(at(4)))).toBe(true)
    expect(await rhythm()).toBeUndefined()
    await sources.declare('paced', { marking: 'TLP:AMBER' }, ana, new Date(at(5)))
    expect(await rhythm()).toBeUndefined()
    await sources.declare('paced', { rhythm: 'own' }, ana, new Date(at(6)))
    expect([await rhythm(), (await seenAsOf('paced', at(20)))?.marking]).toEqual(['PT6H', 'TLP:AMBER'])
  })

  it('is closed where it was stored without one: a delivery is RED, a word that it ran AMBER', async () => {
    const facts = { name: 'aged', byHand: false, version: 'of a RED record', saidAt: at(1) }
    await table.put({ pk: 'SOURCES', sk: 'aged', ...facts })
    await table.put({ pk: 'SOURCE#aged', sk: `${at(2)}#ran`, found: 0, storedAt: at(2) })
    await table.put({ pk: 'SOURCE#aged', sk: `${at(3)}#batch`, found: 4, storedAt: at(3) })
    expect(await seenAsOf('aged', at(4), { cap: 'TLP:GREEN' })).toBeUndefined()
    const amber = await seenAsOf('aged', at(4), { cap: 'TLP:AMBER' })
    expect(amber).toMatchObject({ marking: 'TLP:AMBER', inputs: [{ at: at(2) }] })
    expect(amber).not.toHaveProperty('version')
    expect(await seenAsOf('aged', at(4))).toMatchObject({ marking: 'TLP:RED', version: 'of a RED record' })
    // Told again, it shows what the record that tells it may show.
    await sourcesIn(table).recordRun({ detector: { name: 'aged', version: '3' }, at: at(4), found: 0 }, new Date(at(4)))
    expect(await seenAsOf('aged', at(4), { cap: 'TLP:AMBER' })).toMatchObject({ version: '3' })
  })
})
