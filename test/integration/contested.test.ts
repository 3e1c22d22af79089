/**
 * Whose an id is: what another detector, a lower marking or a sender without clearance may not change, and how a person
 * decides.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { intakeHere } from '../../bin/cli/ingest-files.ts'
import { type Caller, everything } from '../../lambdas/domain/access/caller.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { detectionsIn } from '../../lambdas/store/detections/detections.ts'
import { decideContested } from '../../lambdas/usecases/ingest/edit/decide-contested.ts'
import { ingestBatch } from '../../lambdas/usecases/ingest/ingest-batch.ts'
import { type IngestJson, jsonOf, ndjson, newFolder, vigie, writeNdjson } from '../support/cli.ts'
import { detection, input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let opened: Opened
let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  const made = await newFolder()
  ;({ folder, remove } = made)
  opened = await openServices(folder)
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const ingest = (...records: readonly DetectionInput[]) => ingestInto(opened, records)
const latest = (id: string) => opened.services.detections.latest(id)
const waiting = (id: string) => Array.fromAsync(opened.services.detections.contested(id))
const decide = (as: 'revision' | 'new' | 'refused', ...ids: string[]) =>
  decideContested({ ids, by: 'Ana Martin', as }, opened.services)

/** A record sent over the interface for programs. */
const send = async (who: Partial<Caller>, ...records: readonly DetectionInput[]) => {
  const options = { format: 'ndjson', file: 'api', caller: { ...everything, ...who } } as const
  const bytes = Buffer.from(ndjson(...records))
  return ingestBatch(bytes, { ...options, ...(await intakeHere(opened.context)) }, opened.services)
}

const bundle = (author: string | undefined, name: string) =>
  JSON.stringify({
    type: 'bundle',
    id: 'bundle--0b6b1d4e-5c1f-4d42-9e0b-2c9a6a1f0001',
    objects: [
      {
        type: 'campaign',
        spec_version: '2.1',
        id: 'campaign--0b6b1d4e-5c1f-4d42-9e0b-2c9a6a1f0009',
        name,
        first_seen: '2024-05-15T01:00:00.000Z',
        ...(author && { created_by_ref: author }),
      },
    ],
  })

describe('an id', () => {
  test('is the first detector’s: what another one sends under it waits, and changes nothing', async () => {
    await ingest(input({ id: '1', counts: { posts: 10 } }))
    const before = await reportFrom(opened, 'NC', '2024-W20')
    const other = input({ id: '1', detector: 'Other', counts: { posts: 99 } })
    expect(await ingest(other)).toMatchObject({ read: 1, contested: 1, revised: 0, rejected: 0 })
    expect(await ingest(other)).toMatchObject({ contested: 1 })
    expect(await waiting('1')).toMatchObject([
      { reason: { code: 'contested.otherDetector', values: { owner: 'D3lta', sender: 'Other' } } },
    ])
    expect(await latest('1')).toMatchObject({ revision: 1, counts: { posts: { value: 10 } } })
    expect(await reportFrom(opened, 'NC', '2024-W20')).toEqual({ ...before, isNew: false, timings: expect.anything() })
    expect(await ingest(input({ id: '1', counts: { posts: 11 } }))).toMatchObject({ revised: 1 })
  })

  test('of STIX is its author’s, and else its sender’s; what Vigie exported of it comes back as its own', async () => {
    const [one, two] = [
      'identity--11111111-1111-4111-8111-111111111111',
      'identity--22222222-2222-4222-8222-222222222222',
    ]
    expect(await ingestInto(opened, bundle(one, 'A'), { territories: ['NC'] })).toMatchObject({ accepted: 1 })
    expect(await ingestInto(opened, bundle(two, 'B'), { territories: ['NC'] })).toMatchObject({ contested: 1 })
    expect(await ingestInto(opened, bundle(undefined, 'C'), { territories: ['NC'] })).toMatchObject({ contested: 1 })
    expect(await ingestInto(opened, bundle(one, 'D'), { territories: ['NC'] })).toMatchObject({ revised: 1 })
    const stored = await latest('campaign--0b6b1d4e-5c1f-4d42-9e0b-2c9a6a1f0009')
    const { revision: _, ...own } = { ...stored, campaign: 'corrected' } as DetectionInput
    expect(await ingest(own)).toMatchObject({ revised: 1 })
  })
})

describe('a marking', () => {
  test('is raised by whoever owns the id, and lowered by a person alone', async () => {
    await ingest(input({ id: 'm' }))
    expect(await ingest(input({ id: 'm', marking: 'TLP:RED' }))).toMatchObject({ revised: 1 })
    expect(await ingest(input({ id: 'm', marking: 'TLP:AMBER+STRICT' }))).toMatchObject({ contested: 1 })
    expect(await latest('m')).toMatchObject({ marking: 'TLP:RED' })
    expect((await decide('revision', 'm')).settled).toEqual([{ id: 'm', under: 'm' }])
    expect(await latest('m')).toMatchObject({ marking: 'TLP:AMBER+STRICT', revision: 3 })
    expect(await ingest(input({ id: 'm', marking: 'TLP:AMBER+STRICT' }))).toMatchObject({ duplicates: 1 })
  })
})

describe('a correction by hand', () => {
  const byHand = { name: 'Watch unit', byHand: true }

  test('revises what a detector stored, where a person sends it on the command line; its marking stays', async () => {
    await ingest(input({ id: 'hand', marking: 'TLP:AMBER' }))
    const corrected = input({ id: 'hand', detector: byHand, marking: 'TLP:AMBER', counts: { posts: 5 } })
    expect(await ingest(corrected)).toMatchObject({ revised: 1 })
    expect(await ingest({ ...corrected, marking: 'TLP:CLEAR' })).toMatchObject({ contested: 1 })
    // The id is the detector's still, and the correction holds until a person decides.
    expect(await ingest(input({ id: 'hand', campaign: 'BIG' }))).toMatchObject({ revised: 1 })
    expect(await ingest(input({ id: 'hand', counts: { posts: 6 } }))).toMatchObject({ contested: 1 })
    expect(await latest('hand')).toMatchObject({ campaign: 'BIG', counts: { posts: { value: 5 } } })
  })

  test('that a program sends is contested', async () => {
    await ingest(input({ id: 'hand-2' }))
    expect(await send({}, input({ id: 'hand-2', detector: byHand }))).toMatchObject({ contested: 1 })
  })
})

describe('a caller', () => {
  const red = (said: Partial<DetectionInput> = {}) =>
    input({ id: 'mq-red', territories: ['MQ'], marking: 'TLP:RED', ...said })

  test('without clearance for what is stored changes nothing of it', async () => {
    await ingest(red())
    const taken = await send({ clearance: 'TLP:CLEAR', territories: [] }, red({ observed: { from: '2001-01-01' } }))
    expect(taken).toMatchObject({ contested: 1, revised: 0 })
    expect(await latest('mq-red')).toMatchObject({ revision: 1, observed: { from: '2024-05-15' } })
  })

  test('is told the same of an id that is new, stored, withdrawn or another’s', async () => {
    await ingest(red({ id: 'gone' }), red({ id: 'same' }))
    await opened.services.detections.withdraw(
      'gone',
      { by: 'a test', reason: 'a secret reason' },
      new Date('2024-05-20T00:00:00Z'),
    )
    const who: Partial<Caller> = { clearance: 'TLP:CLEAR', territories: [] }
    const receipts = []
    for (const record of [
      red({ id: 'unheard-of' }),
      red({ id: 'same' }),
      red({ id: 'same', counts: { posts: 3 } }),
      red({ id: 'same', detector: 'Other' }),
      red({ id: 'same', revision: 1, counts: { posts: 4 } }),
      red({ id: 'gone', counts: { posts: 3 } }),
      red({ id: 'new-set', accountSet: { id: 'no such set' } }),
    ]) {
      receipts.push((await send(who, record)).receipt)
    }
    expect(receipts).toEqual(receipts.map(() => ({ read: 1, received: 1, rejected: 0, rejects: [] })))
  })

  test('is told what its own record says wrongly', async () => {
    const stray = red({ id: 'stray', counts: { byDay: [{ day: '2024-06-01', posts: 1 }] } })
    const { receipt } = await send({ clearance: 'TLP:CLEAR', territories: [] }, stray)
    expect(receipt).toMatchObject({ received: 0, rejected: 1, rejects: [{ path: 'counts.byDay[0].day' }] })
  })
})

describe('a person', () => {
  test('stores a contested record beside what is stored, and with it the whole of which it is a part', async () => {
    await ingest(input({ id: '10' }), input({ id: '11', partOf: '10' }))
    await ingest(
      input({ id: '10', detector: 'B', counts: { posts: 50 } }),
      input({ id: '11', detector: 'B', partOf: '10', counts: { posts: 20 } }),
    )
    expect((await decide('new', '10', '11')).settled).toEqual([
      { id: '10', under: 'B:10' },
      { id: '11', under: 'B:11' },
    ])
    expect(await latest('B:11')).toMatchObject({ partOf: 'B:10', counts: { posts: { value: 20 } } })
    expect(await latest('10')).toMatchObject({ detector: { name: 'D3lta' }, revision: 1 })
    expect(await waiting('10')).toEqual([])
  })

  test('refuses one, and it is a duplicate from then on', async () => {
    await ingest(input({ id: 'no' }))
    const other = input({ id: 'no', detector: 'B' })
    await ingest(other)
    expect((await decide('refused', 'no')).settled).toEqual([{ id: 'no', under: 'no' }])
    expect(await ingest(other)).toMatchObject({ contested: 0, duplicates: 1 })
    expect((await decide('refused', 'no')).failed).toEqual([
      { id: 'no', message: expect.stringMatching(/^no waits for no decision any more: .+ has refused it$/) },
    ])
    expect(await latest('no')).toMatchObject({ detector: { name: 'D3lta' } })
  })

  test('decides of a batch at once, and of two detectors under one id by one of them', async () => {
    await ingest(input({ id: 'b-1' }), input({ id: 'b-2' }))
    await ingest(input({ id: 'b-1', detector: 'B' }), input({ id: 'b-2', detector: 'B' }))
    await send({}, input({ id: 'b-1', detector: 'C' }))
    const { failed } = await decide('revision', 'b-1')
    expect(failed.map(({ message }) => message)).toEqual(Array(2).fill(expect.stringMatching(/B and C both wait/)))
    const [{ batch } = { batch: '' }] = await waiting('b-2')
    const { settled } = await decideContested({ ids: [], batch, by: 'Ana Martin', as: 'revision' }, opened.services)
    expect(settled.length).toBeGreaterThanOrEqual(2)
    expect(await latest('b-2')).toMatchObject({ detector: { name: 'B' }, revision: 2 })
  })

  test('is told where a decision cannot be carried out', async () => {
    await ingest(input({ id: 'w' }))
    await ingest(input({ id: 'w', detector: 'B' }))
    await opened.services.detections.withdraw(
      'w',
      { by: 'a test', reason: 'a false alarm' },
      new Date('2024-05-20T00:00:00Z'),
    )
    expect((await decide('revision', 'w')).failed).toEqual([
      { id: 'w', message: expect.stringContaining('was withdrawn (a false alarm)') },
    ])
    expect((await decide('new', 'w')).settled).toEqual([{ id: 'w', under: 'B:w' }])
  })

  test('whose decision was interrupted takes it again', async () => {
    await ingest(input({ id: 'cut' }))
    await ingest(input({ id: 'cut', detector: 'B', counts: { posts: 7 } }))
    const dying = detectionsIn({
      ...opened.table,
      putAll: async (items) => {
        if (items.length > 0) throw new Error('the process died here')
      },
    })
    const [one] = await waiting('cut')
    if (!one) throw new Error('nothing waits')
    await expect(dying.decide(one, { by: 'Ana', as: 'revision' }, new Date('2024-05-20T01:00:00Z'))).rejects.toThrow(
      'died',
    )
    expect((await decide('revision', 'cut')).settled).toHaveLength(1)
    expect(await latest('cut')).toMatchObject({ revision: 2, counts: { posts: { value: 7 } } })
  })
})

describe('a detector’s idPrefix', () => {
  test('makes its ids its own, with those of its wholes, and leaves what has it', async () => {
    const config = join(folder, 'vigie.json')
    await writeFile(config, JSON.stringify({ detectors: { B: { idPrefix: 'b/' } } }))
    await ingest(input({ id: 'p-1' }))
    const records = [
      input({ id: 'p-1', detector: 'B' }),
      input({ id: 'p-2', detector: 'B', partOf: 'p-1' }),
      input({ id: 'b/p-3', detector: 'B' }),
    ]
    expect(await ingest(...records)).toMatchObject({ accepted: 3 })
    expect(await latest('b/p-2')).toMatchObject({ partOf: 'b/p-1' })
    expect(await latest('b/p-3')).toBeDefined()
    const long = await ingest(input({ id: 'x'.repeat(127), detector: 'B' }))
    expect(long).toMatchObject({ rejected: 1, rejects: [{ path: 'id', message: expect.stringContaining('prefix') }] })
    await writeFile(config, '{}')
  })
})

test('vigie contested lists, accepts and refuses; what waits is told, and ends a command with 1', async () => {
  const { folder: home, remove: clear } = await newFolder()
  try {
    const at = ['--home', home]
    const file = join(home, 'records.ndjson')
    await vigie(['ingest', await writeNdjson(file, input({ id: 'c-1' }), input({ id: 'c-2' })), ...at])
    const others = [input({ id: 'c-1', detector: 'B' }), input({ id: 'c-2', detector: 'B' })]
    const taken = await vigie(['ingest', await writeNdjson(file, ...others), ...at])
    expect(taken.code).toBe(1)
    expect(taken.stdout).toContain('0 unplaced, 2 contested, 0 rejected')
    expect(taken.stdout).toContain("  contested: c-1  the id is D3lta's, and this is B's")
    const listed = jsonOf<{ id: string; batch: string }[]>(await vigie(['contested', 'list', ...at, '--json']))
    expect(listed.map(({ id }) => id)).toEqual(['c-1', 'c-2'])
    const accepted = await vigie(['contested', 'accept', 'c-1', '--as-new', '--by', 'Ana', ...at])
    expect(accepted.stdout).toContain('c-1 is stored as B:c-1')
    const refused = await vigie(['contested', 'refuse', '--batch', listed[1]?.batch ?? '', '--by', 'Ana', ...at])
    expect(refused).toMatchObject({ code: 0, stdout: 'c-2 is refused\n' })
    expect((await vigie(['contested', 'list', ...at])).stdout).toBe('none\n')
    expect((await vigie(['contested', 'accept', '--by', 'Ana', ...at])).code).toBe(1)
    expect(jsonOf<IngestJson>(await vigie(['ingest', file, ...at, '--json']))).toMatchObject({ duplicates: 2 })
  } finally {
    await clear()
  }
})

test('vigie contested list shows both values by field, and accept gives up nothing unseen', async () => {
  const { folder: home, remove: clear } = await newFolder()
  try {
    const at = ['--home', home]
    const file = join(home, 'records.ndjson')
    const send = async (posts: number, accounts: number) =>
      vigie(['ingest', await writeNdjson(file, input({ id: 'k-1', counts: { posts, accounts } })), ...at])
    const correct = async (set: string, by: string) =>
      vigie(['correct', 'k-1', '--set', set, '--by', by, '--reason', 'counted', ...at])
    await send(100, 20)
    await correct('counts.posts=90', 'Ana')
    await send(150, 33)
    await correct('counts.accounts=5', 'Bob')
    const listed = jsonOf<{ revision: number }[]>(await vigie(['contested', 'list', ...at, '--json']))
    expect(listed).toMatchObject([
      {
        ...{ id: 'k-1', revision: 3, reason: expect.stringMatching(/posts than Ana.*accounts than Bob/) },
        fields: [
          { field: 'counts.accounts', stands: '5', accepted: '33' },
          { field: 'counts.posts', stands: '90', accepted: '150' },
        ],
      },
    ])
    expect((await vigie(['contested', 'list', ...at])).stdout).toContain('number of posts: 90 → 150')
    const accept = ['contested', 'accept', 'k-1', '--by', 'Carl', '--reason', 'right', ...at]
    const unseen = await vigie(accept)
    expect([unseen.code, unseen.stderr]).toEqual([1, expect.stringMatching(/accounts \(Bob\).*--revision/)])
    expect((await vigie([...accept, '--revision', '0'])).code).toBe(2)
    expect((await vigie([...accept, '--revision', '3', '--as-new'])).code).toBe(2)
    expect((await vigie([...accept, '--revision', '3'])).code).toBe(0)
    const history = jsonOf<object[]>(await vigie(['history', ...at, '--json']))
    expect(history).toContainEqual(
      expect.objectContaining({
        ...{ did: 'accepted', by: 'Carl', reason: 'right', what: ['counts.accounts', 'counts.posts'] },
      }),
    )
  } finally {
    await clear()
  }
})

test('a contested record names nobody who was forgotten', async () => {
  const accountRefs = ['acct-0123456789abcdef01234567']
  await ingest(input({ id: 'f' }))
  await ingest(input({ id: 'f', detector: 'B', accountRefs }))
  const { redactionOf } = await import('../../lambdas/domain/detection/revisions/redaction.ts')
  const whom = { name: undefined, pseudonym: accountRefs[0] ?? '', replacement: 'acct-ffffffffffffffffffffffff' }
  await opened.services.forgetting.redact(redactionOf(whom), '2024-05-20T00:00:00.000Z')
  expect(await waiting('f')).toMatchObject([{ detection: { accountRefs: [whom.replacement] } }])
  expect((await decide('new', 'f')).settled).toEqual([{ id: 'f', under: 'B:f' }])
  expect(await latest('B:f')).toMatchObject(detection({ id: 'B:f', detector: 'B', accountRefs: [whom.replacement] }))
})
