/** What another detector, a lower marking or a sender without clearance may not change, and how an analyst decides. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deskHere } from '../../bin/cli/ingest-files.ts'
import { type Caller, everything } from '../../lambdas/domain/access/caller.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { redactionOf } from '../../lambdas/domain/detection/revisions/redaction.ts'
import { decideContested } from '../../lambdas/usecases/ingest/edit/waiting-records.ts'
import { ingestBatch } from '../../lambdas/usecases/ingest/ingest-batch.ts'
import { jsonOf, ndjson, newFolder, vigie, writeNdjson } from '../support/cli.ts'
import { decideAll } from '../support/contested.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let opened: Opened
let folder: string
beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  opened = await openServices(folder)
  return async () => {
    await opened.close()
    await made.remove()
  }
})

const ingest = (...records: readonly DetectionInput[]) => ingestInto(opened, records)
const latest = (id: string) => opened.services.detections.latest(id)
const waiting = (id: string) => Array.fromAsync(opened.services.detections.contested(id))
const decide = (as: 'revision' | 'new' | 'refused', ...ids: string[]) =>
  decideAll({ ids, by: 'Ana Martin', as }, opened.services)

const withdraw = (id: string) =>
  opened.services.detections.withdraw(id, { by: 'a test', reason: 'a false alarm' }, new Date('2024-05-20T00:00:00Z'))

/** Sends records over the API. */
const send = async (who: Partial<Caller>, ...records: readonly DetectionInput[]) => {
  const options = { format: 'ndjson', caller: { ...everything, ...who } } as const
  return ingestBatch(Buffer.from(ndjson(...records)), options, deskHere(opened.context))
}

const bundle = (author: number | undefined, name: string) =>
  JSON.stringify({
    type: 'bundle',
    id: 'bundle--0b6b1d4e-5c1f-4d42-9e0b-2c9a6a1f0001',
    objects: [
      {
        ...{ type: 'campaign', spec_version: '2.1', id: 'campaign--0b6b1d4e-5c1f-4d42-9e0b-2c9a6a1f0009', name },
        ...(author !== undefined && { created_by_ref: `identity--11111111-1111-4111-8111-11111111111${author}` }),
        first_seen: '2024-05-15T01:00:00.000Z',
      },
    ],
  })

describe('an id', () => {
  test('is the first detector’s: what another detector sends under it waits, and changes nothing', async () => {
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

  test('of STIX is its author’s, else its sender’s; what Vigie exported of it is a revision', async () => {
    const take = (author: number | undefined, name: string) =>
      ingestInto(opened, bundle(author, name), { territories: ['NC'] })
    expect(await take(1, 'A')).toMatchObject({ accepted: 1 })
    expect(await take(2, 'B')).toMatchObject({ contested: 1 })
    expect(await take(undefined, 'C')).toMatchObject({ contested: 1 })
    expect(await take(1, 'D')).toMatchObject({ revised: 1 })
    const { revision: _, ...own } = (await latest('campaign--0b6b1d4e-5c1f-4d42-9e0b-2c9a6a1f0009')) as DetectionInput
    expect(await ingest({ ...own, campaign: 'corrected' })).toMatchObject({ revised: 1 })
  })
})

test('a marking is raised by the owner of the id, and lowered by a person alone', async () => {
  await ingest(input({ id: 'm' }))
  expect(await ingest(input({ id: 'm', marking: 'TLP:RED' }))).toMatchObject({ revised: 1 })
  expect(await ingest(input({ id: 'm', marking: 'TLP:AMBER+STRICT' }))).toMatchObject({ contested: 1 })
  expect(await latest('m')).toMatchObject({ marking: 'TLP:RED' })
  expect((await decide('revision', 'm')).settled).toEqual([{ id: 'm', under: 'm' }])
  expect(await latest('m')).toMatchObject({ marking: 'TLP:AMBER+STRICT', revision: 3 })
  expect(await ingest(input({ id: 'm', marking: 'TLP:AMBER+STRICT' }))).toMatchObject({ duplicates: 1 })
})

describe('a caller', () => {
  const red = (changes: Partial<DetectionInput> = {}) =>
    input({ id: 'mq-red', territories: ['MQ'], marking: 'TLP:RED', ...changes })

  const uncleared: Partial<Caller> = { clearance: 'TLP:CLEAR', territories: ['MQ'] }

  test('without clearance for a stored detection changes nothing of it', async () => {
    await ingest(red())
    expect(await send(uncleared, red({ observed: { from: '2001-01-01' } }))).toMatchObject({ contested: 1, revised: 0 })
    expect(await latest('mq-red')).toMatchObject({ revision: 1, observed: { from: '2024-05-15' } })
  })

  test('gets the same answer for an id that is new, stored, withdrawn or another’s', async () => {
    await ingest(red({ id: 'gone' }), red({ id: 'same' }))
    await withdraw('gone')
    const receipts = []
    for (const record of [
      red({ id: 'unheard-of' }),
      red({ id: 'same' }),
      red({ id: 'same', counts: { posts: 3 } }),
      red({ id: 'same', detector: 'Other' }),
      red({ id: 'same', revision: 1, counts: { posts: 4 } }),
      red({ id: 'gone', counts: { posts: 3 } }),
      red({ id: 'new-set', accountSet: { id: 'no such set' } }),
    ])
      receipts.push((await send(uncleared, record)).receipt)
    expect(receipts).toEqual(receipts.map(() => ({ read: 1, received: 1, rejected: 0, rejects: [] })))
  })

  test('sends nothing for territories beyond its rights', async () => {
    const records = [red({ id: 'far', territories: ['MQ', 'NC'] }), red({ id: 'no-place', territories: [] })]
    expect((await send(uncleared, ...records)).receipt).toMatchObject({
      ...{ read: 2, received: 1, rejected: 1 },
      rejects: [{ id: 'far', path: 'territories', message: expect.stringContaining('names NC, beyond the rights') }],
    })
  })

  test('gets the error in its own record', async () => {
    const stray = red({ id: 'stray', counts: { byDay: [{ day: '2024-06-01', posts: 1 }] } })
    const { receipt } = await send(uncleared, stray)
    expect(receipt).toMatchObject({ received: 0, rejected: 1, rejects: [{ path: 'counts.byDay[0].day' }] })
  })
})

describe('an analyst', () => {
  test('stores a contested record as new, with the whole of which it is a part', async () => {
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

  test('refuses a record, which is a duplicate from then on', async () => {
    await ingest(input({ id: 'no' }))
    const other = input({ id: 'no', detector: 'B' })
    await ingest(other)
    const [record] = await waiting('no')
    expect((await decide('refused', 'no')).settled).toEqual([{ id: 'no', under: 'no' }])
    expect(await ingest(other)).toMatchObject({ contested: 0, duplicates: 1 })
    const again = decideContested(record as NonNullable<typeof record>, { as: 'refused', by: 'Bea' }, opened.services)
    await expect(again).rejects.toThrow(/^no waits for no decision any more: Ana Martin has refused it$/)
    expect(await latest('no')).toMatchObject({ detector: { name: 'D3lta' } })
  })

  test('cannot revise what was withdrawn, and stores the record as new', async () => {
    await ingest(input({ id: 'w' }))
    await ingest(input({ id: 'w', detector: 'B' }))
    await withdraw('w')
    expect((await decide('revision', 'w')).failed).toEqual([
      { id: 'w', message: expect.stringContaining('was withdrawn (a false alarm)') },
    ])
    expect((await decide('new', 'w')).settled).toEqual([{ id: 'w', under: 'B:w' }])
  })
})

describe('the idPrefix of a detector', () => {
  test('is put before its ids and those of their wholes, once', async () => {
    const config = join(folder, 'vigie.json')
    await writeFile(config, JSON.stringify({ detectors: { B: { idPrefix: 'b/' } } }))
    await ingest(input({ id: 'p-1' }))
    const records = [{ id: 'p-1' }, { id: 'p-2', partOf: 'p-1' }, { id: 'b/p-3' }]
    expect(await ingest(...records.map((one) => input({ ...one, detector: 'B' })))).toMatchObject({ accepted: 3 })
    expect(await latest('b/p-2')).toMatchObject({ partOf: 'b/p-1' })
    expect(await latest('b/p-3')).toBeDefined()
    const long = await ingest(input({ id: 'x'.repeat(127), detector: 'B' }))
    expect(long).toMatchObject({ rejected: 1, rejects: [{ path: 'id', message: expect.stringContaining('prefix') }] })
    await writeFile(config, '{}')
  })
})

describe('contested records by vigie inbox', () => {
  let home: string
  beforeEach(async () => {
    const made = await newFolder()
    home = made.folder
    return made.remove
  })

  const run = (...words: readonly string[]) => vigie([...words, '--home', home])
  const file = (...records: readonly DetectionInput[]) => writeNdjson(join(home, 'records.ndjson'), ...records)

  test('accepts and refuses; records that wait end a command with 1', async () => {
    await run('ingest', await file(input({ id: 'c-1' }), input({ id: 'c-2' })))
    const others = [input({ id: 'c-1', detector: 'B' }), input({ id: 'c-2', detector: 'B' })]
    const ingested = await run('ingest', await file(...others))
    expect(ingested.code).toBe(1)
    expect(ingested.stdout).toContain('0 unplaced, 2 contested, 0 rejected')
    expect(ingested.stdout).toContain("  contested: c-1  the id is D3lta's, and this is B's")
    const [, batch = ''] = /batch (\S+)/.exec(ingested.stdout) ?? []
    const accepted = await run('inbox', 'accept', 'c-1', '--as-new', '--by', 'Ana')
    expect(accepted.stdout).toContain('c-1 is stored as B:c-1')
    const refused = await run('inbox', 'refuse', '--batch', batch, '--by', 'Ana')
    expect(refused).toMatchObject({ code: 0, stdout: 'c-2 is refused\n' })
  })

  test('show has both values by field, and accept overrides no later correction unseen', async () => {
    const sendCounts = async (posts: number, accounts: number) =>
      run('ingest', await file(input({ id: 'k-1', counts: { posts, accounts } })))
    const correct = (set: string, by: string) => run('correct', 'k-1', '--set', set, '--by', by, '--reason', 'counted')
    await sendCounts(100, 20)
    await correct('counts.posts=90', 'Ana')
    await sendCounts(150, 33)
    await correct('counts.accounts=5', 'Bob')
    const [{ key, why } = { key: '', why: '' }] = jsonOf<{ key: string; why: string }[]>(
      await run('inbox', 'list', '--json'),
    )
    expect(why).toMatch(/Ana.*Bob/)
    const { stdout } = await run('inbox', 'show', key)
    expect(stdout).toMatch(/change: number of accounts: 5 → 33\nchange: number of posts: 90 → 150\n.*"revision": 3/s)
    const accept = (...more: readonly string[]) =>
      run('inbox', 'accept', 'k-1', '--by', 'Carl', '--reason', 'right', ...more)
    expect(await accept()).toMatchObject({ code: 1, stderr: expect.stringMatching(/accounts \(Bob\).*--revision/) })
    expect((await accept('--revision', '3')).code).toBe(0)
  })
})

test('a contested record names no forgotten account', async () => {
  const accountRefs = ['acct-0123456789abcdef01234567']
  await ingest(input({ id: 'f' }))
  await ingest(input({ id: 'f', detector: 'B', accountRefs }))
  const replaced = { name: undefined, pseudonym: accountRefs[0] ?? '', replacement: 'acct-ffffffffffffffffffffffff' }
  await opened.services.forgetting.redact(redactionOf(replaced), '2024-05-20T00:00:00.000Z')
  expect(await waiting('f')).toMatchObject([{ detection: { accountRefs: [replaced.replacement] } }])
  await decide('new', 'f')
  expect(await latest('B:f')).toMatchObject({ accountRefs: [replaced.replacement] })
})
