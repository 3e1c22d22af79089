/**
 * Actions, killed before or after any write: reports, history, what waits and readers are then as before the action, or
 * as after it. Repeated, all is as without the kill.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Pictures } from '../../lambdas/archive/pictures.ts'
import { everything } from '../../lambdas/domain/access/caller.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Detection, DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { redactionOf } from '../../lambdas/domain/detection/revisions/redaction.ts'
import type { Note } from '../../lambdas/domain/report/note.ts'
import { once, readRecords } from '../../lambdas/intake/formats.ts'
import { unrecordedIn } from '../../lambdas/store/detections/unrecorded.ts'
import type { Candidates } from '../../lambdas/store/intake/candidates.ts'
import type { VersionEntry } from '../../lambdas/store/reports/reports.ts'
import type { Action } from '../../lambdas/store/table/history.ts'
import { memoryTable } from '../../lambdas/store/table/memory-table.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { keepRecipient } from '../../lambdas/usecases/delivery/keep-recipient.ts'
import { recallVersion } from '../../lambdas/usecases/delivery/recall-version.ts'
import { decideCandidate } from '../../lambdas/usecases/detect/decide-candidates.ts'
import { type Desk, deskOn } from '../../lambdas/usecases/ingest/desk.ts'
import { type DetectionEdit, editDetection } from '../../lambdas/usecases/ingest/edit/edit-detection.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { undoBatch } from '../../lambdas/usecases/ingest/undo-batch.ts'
import { addPlate } from '../../lambdas/usecases/plates/add-plate.ts'
import { forgetPlate } from '../../lambdas/usecases/plates/forget-plate.ts'
import { approveSeen } from '../../lambdas/usecases/reports/flash/approve-flash.ts'
import { refuseSeen } from '../../lambdas/usecases/reports/flash/refuse-flash.ts'
import { approveNote, writeNoteBy } from '../../lambdas/usecases/reports/notes/write-note.ts'
import { setSchedule } from '../../lambdas/usecases/reports/schedules/set-schedule.ts'
import { setSource } from '../../lambdas/usecases/reports/schedules/set-source.ts'
import { expireAll } from '../../lambdas/usecases/retention/expire-all.ts'
import { servicesOn } from '../../lambdas/usecases/services.ts'
import { ndjson } from '../support/cli.ts'
import { contentsOf } from '../support/contents.ts'
import { decideAll } from '../support/contested.ts'
import { detection, input } from '../support/detections.ts'
import { asItIs, pictureNumber, saidOf } from '../support/plates.ts'
import { recipient } from '../support/recipients.ts'

type World = ReturnType<typeof worldOn>

const start = Date.parse('2024-05-20T00:00:00.000Z')

const worldOn = (table: Table, pictures: Pictures = picturesHere(), time = { ms: start }) => {
  const clock = () => new Date(time.ms)
  const none = {} as never
  const services = servicesOn({ table, archive: none, printer: none, signer: none, pictures, clock, run: 'test' })
  const desk: Desk = deskOn(table, {
    clock,
    run: () => 'test',
    intake: async () =>
      ({ pseudonyms: async () => (account: string) => account }) as Awaited<ReturnType<Desk['intake']>>,
  })
  return { services, desk, table, pass: (ms: number) => void (time.ms += ms) }
}

/** Pictures in memory. */
const picturesHere = (): Pictures => {
  const kept = new Map<string, Uint8Array>()
  return {
    put: async (hash: string, bytes: Uint8Array) => void kept.set(hash, bytes),
    get: async (hash: string) => kept.get(hash),
    remove: async (hash: string) => void kept.delete(hash),
  } as unknown as Pictures
}

/** A table whose process dies before or after its nth write. */
const dyingAt = (table: Table, nth: number, moment: 'before' | 'after') => {
  let writes = 0
  const guarded =
    <Given extends readonly unknown[], Done>(write: (...given: Given) => Promise<Done>) =>
    async (...given: Given): Promise<Done> => {
      writes += 1
      if (writes > nth || (writes === nth && moment === 'before')) throw new Error('killed')
      const done = await write(...given)
      if (writes === nth) throw new Error('killed')
      return done
    }
  return {
    table: {
      ...table,
      put: guarded(table.put),
      putIf: guarded(table.putIf),
      putTogether: guarded(table.putTogether),
      change: guarded(table.change),
      addIf: guarded(table.addIf),
      putAll: guarded(table.putAll),
      remove: guarded(table.remove),
    },
    hasDied: () => writes >= nth,
  }
}

const send = async ({ services }: World, ...records: readonly (Partial<DetectionInput> | object)[]) => {
  const file = readRecords(once(Buffer.from(ndjson(...records.map((one) => input(one as Partial<DetectionInput>))))), {
    ...{ file: 'x', format: 'ndjson' },
  })
  return ingestDetections(file, 'x', services, { sender: { name: 'an analyst', byOperator: true } })
}

const editing =
  (wanted: DetectionEdit, id = 'a') =>
  async ({ services, desk }: World) => {
    const revision = (await services.detections.stored([id])).get(id)?.revision ?? 0
    await editDetection({ id, revision, by: 'Ana', reason: 'seen', edit: wanted }, everything, desk)
  }

const latest = ({ services }: World, id = 'a'): Promise<Detection | undefined> => services.detections.latest(id)

const version: VersionEntry = {
  ...{ territory: 'NC', period: '2023-W20', cap: 'TLP:AMBER', version: 1, state: 'published' },
  ...{ snapshotSha256: '', asOf: '2024-05-20T00:00:00.000Z', owner: '', leaseUntil: '', reconstructed: false },
  published: { manifestSha256: '', marking: 'TLP:GREEN' } as VersionEntry['published'],
} as VersionEntry
const edition = { territory: 'NC', period: parsePeriod('2023-W20'), cap: 'TLP:AMBER' } as const
const versionIn = async ({ services }: World) => (await services.reports.versions(edition))[0] ?? version
const claimed = async ({ services }: World) => void (await services.reports.claim(version))

const reader = recipient('ana@example.org', { clearance: 'TLP:GREEN' })
const readerIn = async ({ services }: World) => services.recipients.get(reader.id)
const listed = ({ services }: World) => services.recipients.replace(reader)
const keeping = (asked: (found: typeof reader) => Parameters<typeof keepRecipient>[0]) => async (world: World) => {
  const found = (await readerIn(world)) ?? reader
  await keepRecipient(asked(found), { by: 'Ana', reason: 'seen' }, everything, world.services)
}

const note: Note = {
  ...{ territory: 'NC', period: '2024-W20', author: 'Cléo', role: 'analyst', language: 'fr', marking: 'TLP:GREEN' },
  ...{ text: 'Par Cléo.', approves: false, writtenAt: '2024-05-20T00:00:00.000Z' },
}
const schedule = { subject: 'NC', cadence: 'week' } as const
const plate = (file = pictureNumber(1)) => ({ file, masks: [], details: saidOf(), by: 'Ana' })

const contest = async (world: World) => {
  await send(world, { id: 'a', counts: { posts: 1 } })
  await send(world, { id: 'a', detector: 'Other', counts: { posts: 2 } })
}
const deciding =
  (as: 'revision' | 'new' | 'refused', by = 'Ana') =>
  async ({ services }: World) => {
    await decideAll({ ids: ['a'], as, by, reason: 'seen' }, services)
  }
const found =
  (id = 'c', posts = 5) =>
  async ({ services }: World) => {
    const one = detection({ id, counts: { posts: { value: posts, qualifier: 'exact' } }, territories: ['NC', 'PF'] })
    await services.candidates.save({ detection: one, members: [id] }, services.clock())
  }
const judging =
  (state: 'signed' | 'refused', id = 'c') =>
  async ({ services }: World) => {
    const sender = { name: 'this machine', byOperator: true }
    await decideCandidate(await services.candidates.get(id), { state, by: 'Ana', reason: 'seen', sender }, services)
  }
const settling = async ({ services }: World, id: string, settled: Parameters<Candidates['settle']>[1]) => {
  const one = await services.candidates.get(id)
  if (one) await services.candidates.settle(one, settled, services.clock())
}
const lost = async (world: World) => {
  await found()(world)
  await judging('signed')(world)
  await settling(world, 'c', { state: 'withdrawn', by: 'D3lta', reason: 'gone' })
}

type Case = {
  /** Of its line, if it has one. */
  readonly of?: Action['of'] | 'batch'
  /** It is many writes, and continued when it is repeated. */
  readonly isStepwise?: true
  prepare(world: World): Promise<unknown>
  act(world: World): Promise<unknown>
}

const cases: Readonly<Record<string, Case>> = {
  'placing a detection': {
    of: 'detection',
    prepare: (world) => send(world, { id: 'a', territories: [] }),
    act: editing({ does: 'place', territories: ['PF'] }),
  },
  'correcting one': {
    of: 'detection',
    prepare: (world) => send(world, { id: 'a' }),
    act: editing({ does: 'correct', cells: { 'counts.posts': '41' } }),
  },
  'asking for a lower marking': {
    of: 'detection',
    prepare: (world) => send(world, { id: 'a', marking: 'TLP:RED' }),
    act: editing({ does: 'correct', cells: { marking: 'TLP:GREEN' } }),
  },
  'withdrawing one': {
    of: 'detection',
    prepare: (world) => send(world, { id: 'a' }),
    act: editing({ does: 'withdraw' }),
  },
  'accepting a record': {
    of: 'detection',
    prepare: contest,
    act: deciding('revision'),
  },
  'accepting a record as another one': {
    of: 'detection',
    prepare: contest,
    act: deciding('new'),
  },
  'refusing a record': {
    of: 'detection',
    prepare: contest,
    act: deciding('refused'),
  },
  'refusing what touches a correction, and taking the rest': {
    of: 'detection',
    prepare: async (world) => {
      await send(world, { id: 'a', counts: { posts: 1 } })
      await editing({ does: 'correct', cells: { 'counts.posts': '41' } })(world)
      await send(world, { id: 'a', counts: { posts: 2 }, hashtags: ['#new'] })
    },
    act: deciding('refused'),
  },
  'signing a candidate': {
    of: 'candidate',
    prepare: found(),
    act: judging('signed'),
  },
  'refusing a candidate': {
    of: 'candidate',
    prepare: found(),
    act: judging('refused'),
  },
  'signing one that took over two signed ones': {
    of: 'candidate',
    prepare: async (world) => {
      for (const id of ['p', 'q', 'c']) {
        await found(id, id === 'c' ? 9 : 4)(world)
        if (id !== 'c') await judging('signed', id)(world)
      }
      for (const id of ['p', 'q']) await settling(world, id, { state: 'merged', by: 'D3lta', mergedInto: 'c' })
    },
    act: judging('signed'),
  },
  'signing what has grown': {
    of: 'candidate',
    prepare: async (world) => {
      await found()(world)
      await judging('signed')(world)
      await found('c', 8)(world)
    },
    act: judging('signed'),
  },
  'signing what is found no longer': {
    of: 'candidate',
    prepare: lost,
    act: judging('signed'),
  },
  'refusing what is found no longer': {
    of: 'candidate',
    prepare: lost,
    act: judging('refused'),
  },
  'accepting a lower marking': {
    of: 'detection',
    prepare: async (world) => {
      await send(world, { id: 'a', marking: 'TLP:RED' })
      await editing({ does: 'correct', cells: { marking: 'TLP:GREEN' } })(world)
    },
    act: deciding('revision', 'Paul'),
  },
  'accepting an undoing': {
    of: 'detection',
    prepare: async (world) => {
      await send(world, { id: 'a', marking: 'TLP:GREEN' })
      world.pass(1_000)
      await send(world, { id: 'a', marking: 'TLP:RED' })
      const [last] = await world.services.batches.list()
      await undoBatch(last?.name ?? '', 'Ana', world.services, 'seen')
    },
    act: deciding('revision', 'Paul'),
  },
  'dropping a reject': {
    of: 'reject',
    prepare: (world) => send(world, { id: 'r', observed: { from: 'no day' } }),
    act: async ({ services }) => {
      const [all] = await Array.fromAsync(services.rejects.open())
      if (all) await services.rejects.drop(all.rejectId, { by: 'Ana', reason: 'seen' }, services.clock())
    },
  },
  'adding a reader': {
    of: 'recipient',
    prepare: async () => undefined,
    act: keeping(() => ({ does: 'add', words: { address: reader.address, territories: ['NC'] } })),
  },
  'raising a reader’s clearance': {
    of: 'recipient',
    prepare: listed,
    act: keeping((seen) => ({ does: 'change', found: seen, words: { clearance: 'TLP:RED' } })),
  },
  'pausing a reader': {
    of: 'recipient',
    prepare: listed,
    act: keeping((seen) => ({ does: 'pause', found: seen })),
  },
  'pausing a schedule': {
    of: 'schedule',
    prepare: async () => undefined,
    act: async ({ services }) => {
      await setSchedule(await services.schedules.get(schedule), { is: 'paused', by: 'Ana', reason: 'seen' }, services)
    },
  },
  'setting the marking of a source': {
    of: 'source',
    prepare: (world) => send(world, { id: 'a' }),
    act: ({ services }) => setSource('D3lta', { marking: 'TLP:GREEN', by: 'Ana', reason: 'seen' }, services, ''),
  },
  'adding an evidence image': {
    of: 'plate',
    prepare: async () => undefined,
    act: ({ services }) => addPlate(plate(), asItIs, services),
  },
  'forgetting one': {
    ...{ of: 'plate', isStepwise: true },
    prepare: ({ services }) => addPlate(plate(), asItIs, services),
    act: ({ services }) => forgetPlate({ sha256: sha256(pictureNumber(1)) }, { by: 'Ana', reason: 'seen' }, services),
  },
  'recalling a version': {
    of: 'report',
    prepare: claimed,
    act: ({ services }) => recallVersion({ edition, version: 1, by: 'Ana', reason: 'seen' }, services),
  },
  'approving a flash note': {
    of: 'report',
    prepare: claimed,
    act: async (world) => {
      const entry = await versionIn(world)
      if (!entry.approved) await approveSeen(entry as never, { by: 'Ana' }, world.services)
    },
  },
  'refusing a flash note': {
    of: 'report',
    prepare: claimed,
    act: async (world) => {
      const entry = await versionIn(world)
      if (!entry.recalled) await refuseSeen(entry as never, { by: 'Ana', reason: 'seen' }, world.services)
    },
  },
  'writing a note': {
    of: 'note',
    prepare: async () => undefined,
    act: ({ services }) => writeNoteBy({ ...note, writtenAt: services.clock().toISOString() }, services),
  },
  'approving a note': {
    of: 'note',
    prepare: ({ services }) => writeNoteBy(note, services),
    act: async ({ services }) => {
      await approveNote({ kept: { key: 'k', note }, by: 'Ana', role: 'analyst', reason: 'seen' }, services)
    },
  },
  'removing what is past its retention': {
    isStepwise: true,
    prepare: (world) =>
      send(world, { id: 'a', accountRefs: ['@one'], summary: { en: 'By @one.' } }, { id: 'b', accountRefs: ['@two'] }),
    act: ({ services, table }) => {
      const clock = () => new Date(services.clock().getTime() + 400 * 86_400_000)
      return expireAll({ retention: { accounts: 365, texts: 365 } }, { ...services, clock }, table)
    },
  },
  'undoing an intake': {
    ...{ of: 'batch', isStepwise: true },
    prepare: (world) => send(world, { id: 'a' }, { id: 'b' }, { id: 'r', observed: { from: 'no day' } }),
    act: async ({ services }) => {
      const [one] = await services.batches.list()
      if (one && one.undoneAt === undefined) await undoBatch(one.name, 'Ana', services, 'seen')
    },
  },
}

describe('an action of an earlier version, without its line', () => {
  // Undoings and requests are stored with their batch or record.
  const unseen = ['withdrawing one', 'dropping a reject', 'asking for a lower marking', 'undoing an intake']
  const seen = Object.entries(cases).filter(([name, { of }]) => of !== undefined && !unseen.includes(name))
  test.each(seen)('%s is found where it has no line', async (_, one) => {
    const table = memoryTable()
    const world = worldOn(table)
    await one.prepare(world)
    world.pass(1_000)
    await one.act(world)
    const found = async () => (await unrecordedIn(table))?.filter(({ of }) => one.of === of)
    expect(await found()).toEqual([])
    for await (const { pk, sk, of } of table.query('HISTORY')) if (of === one.of) await table.remove({ pk, sk })
    expect(await found()).toEqual([{ of: one.of, id: expect.any(String) }])
  })
})

/** Longer than any lease. */
const laterMs = 600_000

const prepared = async (one: Case) => {
  const [table, pictures, time] = [memoryTable(), picturesHere(), { ms: start }]
  const world = worldOn(table, pictures, time)
  await one.prepare(world)
  world.pass(1_000)
  return { world, table, on: (other: Table) => worldOn(other, pictures, time) }
}

/** Without a kill. */
const wholeOf = async (one: Case) => {
  const { world } = await prepared(one)
  const before = await contentsOf(world.services)
  await one.act(world)
  world.pass(laterMs)
  return { before, after: await contentsOf(world.services) }
}

type Kill = { readonly nth: number; readonly moment: 'before' | 'after' }

/** Kills at each of the writes and looks, then repeats and looks again. @returns whether there was each of them */
const killedAt = async (
  one: Case,
  { before, after }: Awaited<ReturnType<typeof wholeOf>>,
  ...kills: readonly Kill[]
): Promise<boolean> => {
  const { world, on, table } = await prepared(one)
  const where = JSON.stringify(kills)
  let died = 0
  for (const { nth, moment } of kills) {
    const dying = dyingAt(table, nth, moment)
    await one.act(on(dying.table)).catch((error: Error) => {
      if (!dying.hasDied()) throw error
    })
    if (dying.hasDied()) died += 1
    world.pass(laterMs)
    const left = await contentsOf(world.services)
    const isBefore = isDeepStrictEqual(left, before)
    if (!one.isStepwise) expect(isBefore ? before : left, where).toEqual(isBefore ? before : after)
  }
  await one.act(world)
  world.pass(laterMs)
  expect(await contentsOf(world.services), where).toEqual(after)
  return died === kills.length
}

test.each(['before', 'after'] as const)('forgetting an account leaves a trace, killed %s any write', async (moment) => {
  const redaction = redactionOf({ name: '@one', pseudonym: 'acct-one', replacement: 'acct-other' })
  const forget = async (world: World) => {
    await world.services.forgetting.redact(redaction, world.services.clock().toISOString())
  }
  const isNamed = async (world: World) => (await latest(world))?.accountRefs?.includes('@one') === true
  for (let nth = 1, isKilled = true; isKilled; nth += 1) {
    const table = memoryTable()
    const world = worldOn(table)
    await send(world, { id: 'a', accountRefs: ['@one'] })
    const dying = dyingAt(table, nth, moment)
    await forget(worldOn(dying.table)).catch(() => undefined)
    isKilled = dying.hasDied()
    if (!(await isNamed(world))) expect(await world.services.forgetting.noted()).toHaveLength(1)
    await forget(world)
    expect([await isNamed(world), (await world.services.forgetting.noted()).length]).toEqual([false, 1])
  }
})

test.each(Object.entries(cases))('%s is done whole, or not at all', async (_, one) => {
  const whole = await wholeOf(one)
  expect(whole.after).not.toEqual(whole.before)
  for (const moment of ['before', 'after'] as const) {
    let writes = 0
    while (await killedAt(one, whole, { nth: writes + 1, moment })) writes += 1
    expect(writes).toBeGreaterThan(0)
  }
})

const runs = Number(process.env.VIGIE_ORACLE_RUNS ?? 40)

test(`an action that is killed again when it is repeated is done whole in the end (${runs} random kills)`, async () => {
  const kill = fc.record({ nth: fc.integer({ min: 1, max: 12 }), moment: fc.constantFrom('before', 'after') })
  const property = fc.asyncProperty(fc.constantFrom(...Object.keys(cases)), kill, kill, async (name, first, again) => {
    const one = cases[name] as Case
    await killedAt(one, await wholeOf(one), first, again)
  })
  await fc.assert(property, { numRuns: runs })
})
