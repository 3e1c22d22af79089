/**
 * Actions and their lines in the history: killed before or after any write, both are stored or none; repeated, the
 * action is complete and has one line.
 */
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
import type { VersionEntry } from '../../lambdas/store/reports/reports.ts'
import type { Action, ActionKind } from '../../lambdas/store/table/history.ts'
import { memoryTable } from '../../lambdas/store/table/memory-table.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { keepRecipient } from '../../lambdas/usecases/delivery/keep-recipient.ts'
import { recallVersion } from '../../lambdas/usecases/delivery/recall-version.ts'
import { decideCandidates } from '../../lambdas/usecases/detect/decide-candidates.ts'
import { type Desk, deskOn } from '../../lambdas/usecases/ingest/desk.ts'
import { dropReject } from '../../lambdas/usecases/ingest/drop-reject.ts'
import { decideContested } from '../../lambdas/usecases/ingest/edit/decide-contested.ts'
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
import { storesIn } from '../../lambdas/usecases/stores.ts'
import { historyFor } from '../../lambdas/usecases/todo/history.ts'
import { ndjson } from '../support/cli.ts'
import { detection, input } from '../support/detections.ts'
import { asItIs, pictureNumber, saidOf } from '../support/plates.ts'
import { recipient } from '../support/recipients.ts'

type World = ReturnType<typeof worldOn>

const start = Date.parse('2024-05-20T00:00:00.000Z')

const worldOn = (table: Table, pictures: Pictures, clock: () => Date) => {
  const stores = storesIn(table)
  const services = { ...stores, pictures, clock, run: 'test' }
  const desk: Desk = deskOn(table, {
    clock,
    run: () => 'test',
    intake: async () =>
      ({ pseudonyms: async () => (account: string) => account }) as Awaited<ReturnType<Desk['intake']>>,
  })
  return { services, desk }
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
const statusOf = async ({ services }: World, id = 'a') => (await services.detections.stored([id])).get(id)?.status

const version: VersionEntry = {
  ...{ territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, state: 'published' },
  ...{ snapshotSha256: '', asOf: '2024-05-20T00:00:00.000Z', owner: '', leaseUntil: '', reconstructed: false },
  published: { manifestSha256: '', marking: 'TLP:GREEN' } as VersionEntry['published'],
} as VersionEntry
const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
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
const notes = ({ services }: World) => services.notes.about('NC', '2024-W20')

const schedule = { subject: 'NC', cadence: 'week' } as const
const plate = (file = pictureNumber(1)) => ({ file, masks: [], details: saidOf(), by: 'Ana' })
const plateIn = async ({ services }: World) => (await services.plates.list())[0]

const contest = async (world: World) => {
  await send(world, { id: 'a', counts: { posts: 1 } })
  await send(world, { id: 'a', detector: 'Other', counts: { posts: 2 } })
}
const contested = async ({ services }: World) => (await Array.fromAsync(services.detections.undecided('a'))).length
const deciding =
  (as: 'revision' | 'new' | 'refused') =>
  async ({ services }: World) => {
    await decideContested({ ids: ['a'], as, by: 'Ana', reason: 'seen' }, services)
  }
const found = async ({ services }: World) => {
  const one = detection({ id: 'c', counts: { posts: { value: 5, qualifier: 'exact' } } })
  await services.candidates.save({ detection: one, members: ['c'] }, services.clock())
}
const judging =
  (state: 'signed' | 'refused') =>
  async ({ services }: World) => {
    const sender = { name: 'this machine', byOperator: true }
    await decideCandidates({ ids: ['c'], state, by: 'Ana', reason: 'seen', sender }, services)
  }

type Case = {
  readonly of: Action['of'] | 'batch'
  readonly did: ActionKind | 'undone'
  prepare(world: World): Promise<unknown>
  act(world: World): Promise<unknown>
  /** Whether any of it is stored. */
  hasBegun(world: World): Promise<boolean>
  isDone?(world: World): Promise<boolean>
}

const cases: Readonly<Record<string, Case>> = {
  'placing a detection': {
    ...{ of: 'detection', did: 'placed' },
    prepare: (world) => send(world, { id: 'a', territories: [] }),
    act: editing({ does: 'place', territories: ['PF'] }),
    hasBegun: async (world) => (await latest(world))?.territories.length === 1,
    isDone: async ({ services }) => {
      const [from, to] = [Date.parse('2024-05-14T00:00:00Z'), Date.parse('2024-05-18T00:00:00Z')]
      return (await Array.fromAsync(services.detections.inWindow('PF', from, to, '9'))).length === 1
    },
  },
  'correcting one': {
    ...{ of: 'detection', did: 'corrected' },
    prepare: (world) => send(world, { id: 'a' }),
    act: editing({ does: 'correct', cells: { 'counts.posts': '41' } }),
    hasBegun: async (world) => (await latest(world))?.counts.posts?.value === 41,
  },
  'asking for a lower marking': {
    ...{ of: 'detection', did: 'asked' },
    prepare: (world) => send(world, { id: 'a', marking: 'TLP:RED' }),
    act: editing({ does: 'correct', cells: { marking: 'TLP:GREEN' } }),
    hasBegun: async (world) => (await contested(world)) > 0,
  },
  'withdrawing one': {
    ...{ of: 'detection', did: 'withdrawn' },
    prepare: (world) => send(world, { id: 'a' }),
    act: editing({ does: 'withdraw' }),
    hasBegun: async (world) => (await statusOf(world)) === 'withdrawn',
  },
  'accepting a record': {
    ...{ of: 'detection', did: 'accepted' },
    prepare: contest,
    act: deciding('revision'),
    hasBegun: async (world) => (await latest(world))?.counts.posts?.value === 2,
    isDone: async (world) => (await contested(world)) === 0,
  },
  'accepting a record as another one': {
    ...{ of: 'detection', did: 'accepted' },
    prepare: contest,
    act: deciding('new'),
    hasBegun: async (world) => (await latest(world, 'Other:a')) !== undefined,
    isDone: async (world) => (await contested(world)) === 0,
  },
  'refusing a record': {
    ...{ of: 'detection', did: 'refused' },
    prepare: contest,
    act: deciding('refused'),
    hasBegun: async (world) => (await contested(world)) === 0,
  },
  'refusing what touches a correction, and taking the rest': {
    ...{ of: 'detection', did: 'refused' },
    prepare: async (world) => {
      await send(world, { id: 'a', counts: { posts: 1 } })
      await editing({ does: 'correct', cells: { 'counts.posts': '41' } })(world)
      await send(world, { id: 'a', counts: { posts: 2 }, hashtags: ['#new'] })
    },
    act: deciding('refused'),
    hasBegun: async (world) => (await latest(world))?.hashtags?.includes('#new') ?? false,
    isDone: async (world) => (await contested(world)) === 0,
  },
  'signing a candidate': {
    ...{ of: 'candidate', did: 'signed' },
    prepare: found,
    act: judging('signed'),
    // Its ingestion comes first.
    hasBegun: async ({ services }) => (await services.candidates.get('c'))?.state === 'signed',
    isDone: async (world) => (await latest(world, 'c')) !== undefined,
  },
  'refusing a candidate': {
    ...{ of: 'candidate', did: 'refused' },
    prepare: found,
    act: judging('refused'),
    hasBegun: async ({ services }) => (await services.candidates.get('c'))?.state === 'refused',
  },
  'dropping a reject': {
    ...{ of: 'reject', did: 'dropped' },
    prepare: (world) => send(world, { id: 'r', observed: { from: 'no day' } }),
    act: async ({ services }) => {
      const [all] = await Array.fromAsync(services.rejects.open())
      if (all) await dropReject(all.rejectId, { by: 'Ana', reason: 'seen' }, services)
    },
    hasBegun: async ({ services }) => (await Array.fromAsync(services.rejects.open())).length === 0,
  },
  'adding a reader': {
    ...{ of: 'recipient', did: 'added' },
    prepare: async () => undefined,
    act: keeping(() => ({ does: 'add', words: { address: reader.address, territories: ['NC'] } })),
    hasBegun: async (world) => (await readerIn(world)) !== undefined,
  },
  'raising a reader’s clearance': {
    ...{ of: 'recipient', did: 'changed' },
    prepare: listed,
    act: keeping((seen) => ({ does: 'change', found: seen, words: { clearance: 'TLP:RED' } })),
    hasBegun: async (world) => (await readerIn(world))?.clearance === 'TLP:RED',
  },
  'pausing a reader': {
    ...{ of: 'recipient', did: 'paused' },
    prepare: listed,
    act: keeping((seen) => ({ does: 'pause', found: seen })),
    hasBegun: async (world) => (await readerIn(world))?.state === 'unsubscribed',
  },
  'pausing a schedule': {
    ...{ of: 'schedule', did: 'paused' },
    prepare: async () => undefined,
    act: async ({ services }) => {
      await setSchedule(await services.schedules.get(schedule), { is: 'paused', by: 'Ana', reason: 'seen' }, services)
    },
    hasBegun: async ({ services }) => (await services.schedules.get(schedule)).turns.length > 0,
  },
  'setting the marking of a source': {
    ...{ of: 'source', did: 'changed' },
    prepare: (world) => send(world, { id: 'a' }),
    act: ({ services }) => setSource('D3lta', { marking: 'TLP:GREEN', by: 'Ana', reason: 'seen' }, services, ''),
    hasBegun: async ({ services }) =>
      (await services.sources.asOf('9')).some(({ statements }) => statements.some(({ set }) => set?.by === 'Ana')),
  },
  'adding an evidence image': {
    ...{ of: 'plate', did: 'added' },
    prepare: async () => undefined,
    act: ({ services }) => addPlate(plate(), asItIs, services),
    hasBegun: async (world) => (await plateIn(world)) !== undefined,
  },
  'forgetting one': {
    ...{ of: 'plate', did: 'forgotten' },
    prepare: ({ services }) => addPlate(plate(), asItIs, services),
    act: ({ services }) => forgetPlate({ sha256: sha256(pictureNumber(1)) }, { by: 'Ana', reason: 'seen' }, services),
    hasBegun: async (world) => (await plateIn(world))?.removed !== undefined,
    isDone: async ({ services }) => (await services.pictures.get(sha256(pictureNumber(1)))) === undefined,
  },
  'recalling a version': {
    ...{ of: 'report', did: 'recalled' },
    prepare: claimed,
    act: ({ services }) => recallVersion({ edition, version: 1, by: 'Ana', reason: 'seen' }, services),
    hasBegun: async (world) => (await versionIn(world)).recalled !== undefined,
  },
  'approving a flash note': {
    ...{ of: 'report', did: 'approved' },
    prepare: claimed,
    act: async (world) => {
      const entry = await versionIn(world)
      if (!entry.approved) await approveSeen(entry as never, { by: 'Ana' }, world.services)
    },
    hasBegun: async (world) => (await versionIn(world)).approved !== undefined,
  },
  'refusing a flash note': {
    ...{ of: 'report', did: 'refused' },
    prepare: claimed,
    act: async (world) => {
      const entry = await versionIn(world)
      if (!entry.recalled) await refuseSeen(entry as never, { by: 'Ana', reason: 'seen' }, world.services)
    },
    hasBegun: async (world) => (await versionIn(world)).recalled !== undefined,
  },
  'writing a note': {
    ...{ of: 'note', did: 'written' },
    prepare: async () => undefined,
    act: ({ services }) => writeNoteBy({ ...note, writtenAt: services.clock().toISOString() }, services),
    hasBegun: async (world) => (await notes(world)).length > 0,
  },
  'approving a note': {
    ...{ of: 'note', did: 'approved' },
    prepare: ({ services }) => writeNoteBy(note, services),
    act: async ({ services }) => {
      await approveNote({ kept: { key: 'k', note }, by: 'Ana', role: 'analyst', reason: 'seen' }, services)
    },
    hasBegun: async (world) => (await notes(world)).some(({ approves }) => approves),
  },
  'undoing an intake': {
    ...{ of: 'batch', did: 'undone' },
    prepare: (world) => send(world, { id: 'a' }, { id: 'b' }, { id: 'r', observed: { from: 'no day' } }),
    act: async ({ services }) => {
      const [one] = await services.batches.list()
      if (one && one.undoneAt === undefined) await undoBatch(one.name, 'Ana', services, 'seen')
    },
    hasBegun: async (world) =>
      (await Promise.all(['a', 'b'].map((id) => statusOf(world, id)))).includes('withdrawn') ||
      (await Array.fromAsync(world.services.rejects.open())).length === 0,
    isDone: async (world) =>
      (await Promise.all(['a', 'b'].map((id) => statusOf(world, id)))).every((is) => is === 'withdrawn'),
  },
}

describe('an action of an earlier version, without its line', () => {
  // Undoings and requests are stored with their batch or record.
  const unseen = ['withdrawing one', 'dropping a reject', 'asking for a lower marking', 'undoing an intake']
  const seen = Object.entries(cases).filter(([name]) => !unseen.includes(name))
  test.each(seen)('%s is found where it has no line', async (_, one) => {
    const table = memoryTable()
    let now = start
    const world = worldOn(table, picturesHere(), () => new Date(now))
    await one.prepare(world)
    now += 1_000
    await one.act(world)
    const found = async () => (await unrecordedIn(table))?.filter(({ of }) => one.of === of)
    expect(await found()).toEqual([])
    for await (const { pk, sk, of } of table.query('HISTORY')) if (of === one.of) await table.remove({ pk, sk })
    expect(await found()).toEqual([{ of: one.of, id: expect.any(String) }])
  })
})

/** Longer than any lease. */
const laterMs = 600_000

const linesOf = async ({ services }: World, { of, did }: Case) => {
  const all = await historyFor(everything, { most: 50, sender: '' }, services)
  return all.filter((one) => one.of === of && (one.did === did || (did === 'undone' && one.did === 'undone in part')))
}

/** Kills at one write, checks, repeats and checks. @returns whether there was such a write */
const killedAt = async (one: Case, nth: number, moment: 'before' | 'after'): Promise<boolean> => {
  const [table, pictures] = [memoryTable(), picturesHere()]
  let now = start
  const clock = () => new Date(now)
  const world = worldOn(table, pictures, clock)
  await one.prepare(world)
  now += 1_000
  const before = (await linesOf(world, one)).length
  const dying = dyingAt(table, nth, moment)
  await one.act(worldOn(dying.table, pictures, clock)).catch((error: Error) => {
    if (!dying.hasDied()) throw error
  })
  const where = `killed ${moment} write ${nth}`
  if (await one.hasBegun(world)) expect(await linesOf(world, one), where).toHaveLength(before + 1)
  now += laterMs
  await one.act(world)
  expect(await one.hasBegun(world), where).toBe(true)
  expect((await one.isDone?.(world)) ?? true, where).toBe(true)
  const lines = await linesOf(world, one)
  expect(lines, where).toHaveLength(before + 1)
  expect(lines[0]?.by).toBe(one.of === 'note' && one.did === 'written' ? 'Cléo' : 'Ana')
  return dying.hasDied()
}

test.each(['before', 'after'] as const)('forgetting an account leaves a trace, killed %s any write', async (moment) => {
  const redaction = redactionOf({ name: '@one', pseudonym: 'acct-one', replacement: 'acct-other' })
  const forget = async (world: World) => {
    await world.services.forgetting.redact(redaction, world.services.clock().toISOString())
  }
  const isNamed = async (world: World) => (await latest(world))?.accountRefs?.includes('@one') === true
  for (let nth = 1, isKilled = true; isKilled; nth += 1) {
    const table = memoryTable()
    const clock = () => new Date(start)
    const world = worldOn(table, picturesHere(), clock)
    await send(world, { id: 'a', accountRefs: ['@one'] })
    const dying = dyingAt(table, nth, moment)
    await forget(worldOn(dying.table, picturesHere(), clock)).catch(() => undefined)
    isKilled = dying.hasDied()
    if (!(await isNamed(world))) expect(await world.services.forgetting.noted()).toHaveLength(1)
    await forget(world)
    expect([await isNamed(world), (await world.services.forgetting.noted()).length]).toEqual([false, 1])
  }
})

describe.each(['before', 'after'] as const)('killed %s any write', (moment) => {
  test.each(Object.entries(cases))('%s has its line, or is not stored', async (_, one) => {
    let writes = 0
    while (await killedAt(one, writes + 1, moment)) writes += 1
    expect(writes).toBeGreaterThan(0)
  })
})
