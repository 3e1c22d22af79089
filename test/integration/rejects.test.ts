/** Retries of rejects, as they are or fixed. The store of rejects has its own tests. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IngestCommand, ingestFiles, type RetryCommand, retryFile } from '../../bin/cli/ingest-files.ts'
import { fault } from '../../lambdas/domain/core/fault.ts'
import { parseObserved } from '../../lambdas/domain/core/time/observed.ts'
import { readJson } from '../../lambdas/intake/json/json.ts'
import { readNdjson } from '../../lambdas/intake/json/ndjson.ts'
import { type Origin, rejectOf, withOrigin } from '../../lambdas/intake/record/record.ts'
import type { KeptReject } from '../../lambdas/store/intake/rejects.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { type RetryOptions, retryRejects } from '../../lambdas/usecases/ingest/retry-rejects.ts'
import { ndjson, newFolder } from '../support/cli.ts'
import { detection, input } from '../support/detections.ts'
import { type Opened, openServices } from '../support/services.ts'

let folder: string
let opened: Opened
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  opened = await openServices(join(folder, 'home'))
  cleanUp = async () => {
    await opened.close()
    await made.remove()
  }
})
afterAll(() => cleanUp())

const bytesOf = (text: string): AsyncIterable<Uint8Array> => Readable.from([Buffer.from(text)])

const read: RetryOptions['read'] = async function* (text, { file, origin }) {
  const { territories, observed } = origin
  const options = { file, ...(territories && { territories }), ...(observed && { observed }) }
  const records = origin.format === 'json' ? readJson(bytesOf(text), options) : readNdjson(bytesOf(text), options)
  for await (const record of records) yield withOrigin(origin)(record)
}

const ingest = (file: string, text: string, origin: Omit<Origin, 'format'> = {}) =>
  ingestDetections(read(text, { file, origin: { format: 'ndjson', ...origin } }), file, opened.services)

const retry = (fixed?: string) =>
  retryRejects(opened.services, { read, fixedFile: fixed === undefined ? undefined : bytesOf(fixed) })

const openIn = async (file: string): Promise<readonly KeptReject[]> =>
  (await Array.fromAsync(opened.services.rejects.open())).filter((one) => one.file === file)

const latest = (id: string) => opened.services.detections.latest(id)

const wrong = (...ids: readonly string[]) => ndjson(...ids.map((id) => ({ ...input({ id }), kind: 'gossip' })))

const old = fault('asWritten', { text: 'old' })
const keep = (raw: string, about: Partial<Parameters<typeof rejectOf>[1]> & { readonly file: string }) =>
  opened.services.rejects.keep([rejectOf(raw, { path: '', fault: old, ...about })], new Date('2024-05-19T00:00:00Z'))

describe('a retry of unchanged rejects', () => {
  it('stores what can be read now, with what the analyst stated then', async () => {
    const { territories: _t, observed: _o, ...open } = input({ id: 'again-1' })
    const observed = { from: '2024-02', to: '2024-02', precision: 'month', statedByHand: true } as const
    const origin: Origin = { format: 'ndjson', territories: ['PF'], observed }
    await keep(JSON.stringify(open), { file: 'again', line: 4, id: 'again-1', path: 'kind', origin })
    await ingest('again', wrong('again-2'))
    const result = await retry()
    expect(result).toMatchObject({ tried: 2, resolved: 1, rejected: 1, rejects: [{ id: 'again-2', path: 'kind' }] })
    expect(await latest('again-1')).toMatchObject({
      territories: [{ code: 'PF', method: 'analyst' }],
      observed: { from: '2024-02' },
    })
    expect((await openIn('again')).map(({ id }) => id)).toEqual(['again-2'])
    expect(await retry()).toMatchObject({ resolved: 0, rejected: 1 })
  })

  it('replaces the reason', async () => {
    await ingest('reason', ndjson(input({ id: 'reason', revision: 3, counts: { posts: 1 } })))
    const conflicting = JSON.stringify(input({ id: 'reason', revision: 2, counts: { posts: 2 } }))
    await keep(conflicting, { file: 'reason', id: 'reason', path: 'kind', origin: { format: 'ndjson' } })
    const message = expect.stringContaining('give it a higher number')
    expect((await retry()).rejects.find(({ id }) => id === 'reason')).toMatchObject({ message })
    expect(await openIn('reason')).toMatchObject([{ path: 'id', message, triedAt: expect.any(String) }])
  })

  it('leaves a record that cannot be read alone, and describes what to do', async () => {
    const long = `{"id":"long","title":"${'x'.repeat(70_000)}"}`
    await keep(long, { file: 'left-long', offset: 12, origin: { format: 'ndjson' } })
    await keep('{"type":"campaign"}', { file: 'left-graph', origin: { format: 'stix' } })
    await keep('{}', { file: 'left-unknown' })
    const { rejects, left } = await retry()
    const messageOf = (name: string) => rejects.find(({ file }) => file === name)?.message
    expect(messageOf('left-long')).toMatch(
      /70024 bytes of left-long, from byte 12 on, SHA-256 [0-9a-f]{64}\): correct the file/,
    )
    expect(messageOf('left-graph')).toContain('is part of a stix file and cannot be read alone')
    expect(messageOf('left-unknown')).toContain('ingest it again')
    expect(left).toBe(3)
    expect(await openIn('left-graph')).toMatchObject([{ message: 'old' }])
  })

  it('reads a row of a sheet under its headings', async () => {
    const texts: string[] = []
    await keep('1;one', { file: 'rows', context: 'id;title', origin: { format: 'csv' } })
    const result = await retryRejects(opened.services, {
      read: async function* (text, about) {
        if (about.file !== 'rows') return
        texts.push(text)
        yield { detection: detection({ id: 'row' }), raw: text }
      },
    })
    expect([texts, result.resolved, await openIn('rows')]).toEqual([['id;title\n1;one\n'], 1, []])
  })

  it('closes no reject if the store fails', async () => {
    await keep(JSON.stringify(input({ id: 'stopped' })), { file: 'stopped', origin: { format: 'ndjson' } })
    const detections = { ...opened.services.detections, saveAll: () => Promise.reject(new Error('no table')) }
    await expect(retryRejects({ ...opened.services, detections }, { read })).rejects.toThrow('no table')
    expect(await openIn('stopped')).toHaveLength(1)
    await retry()
    expect(await openIn('stopped')).toEqual([])
  })
})

describe('a retry of fixed rejects', () => {
  it('stores what is fixed, keeps the rest open with their reason, and changes nothing the second time', async () => {
    await ingest('fix', wrong('fix-1', 'fix-2', 'fix-3'))
    const rejects = await openIn('fix')
    const [one, two] = rejects.map((reject) =>
      JSON.stringify({ ...reject, raw: reject.raw.replace('gossip', reject.id === 'fix-2' ? 'hearsay' : 'video') }),
    )
    const result = await retry(`${one}\n${two}\n`)
    expect(result).toMatchObject({ tried: 2, resolved: 1, rejected: 1, left: 0, already: 0, unread: [] })
    expect(result.rejects).toMatchObject([{ id: 'fix-2', path: 'kind', rejectId: rejects[1]?.rejectId }])
    expect(await latest('fix-1')).toMatchObject({ kind: 'video' })
    const raw = expect.stringContaining('gossip')
    expect(await openIn('fix')).toMatchObject([{ id: 'fix-2', raw }, { id: 'fix-3' }])
    const resolved = { resolvedAt: '2024-05-20T00:00:00.000Z', raw }
    expect(await opened.services.rejects.get(rejects[0]?.rejectId ?? '')).toMatchObject(resolved)
    expect(await retry(`${one}\n`)).toMatchObject({ tried: 0, already: 1, rejects: [] })
    expect(await openIn('fix')).toHaveLength(2)
  })

  it('accepts an array of records with the ids of their rejects', async () => {
    const { territories: _, ...open } = input({ id: 'flat' })
    await ingest('flat', `{"id":"flat", oops}\n`, { territories: ['WF'] })
    const [reject] = await openIn('flat')
    const result = await retry(JSON.stringify([{ rejectId: reject?.rejectId, ...open }], null, 2))
    expect(result).toMatchObject({ tried: 1, resolved: 1 })
    expect(await latest('flat')).toMatchObject({ territories: [{ code: 'WF', method: 'analyst' }] })
  })

  it('accepts a whole record in place of one that was too long to be kept', async () => {
    await ingest('whole', `{"id":"whole","title":"${'x'.repeat(70_000)}"}\n`)
    const [reject] = await openIn('whole')
    expect(await retry(JSON.stringify(reject))).toMatchObject({ tried: 0, left: 1 })
    const raw = JSON.stringify(input({ id: 'whole' }), null, 2)
    expect(await retry(JSON.stringify({ ...reject, raw }))).toMatchObject({ tried: 1, resolved: 1 })
  })

  it('lists entries without a reject, with the reason', async () => {
    await ingest('entries', wrong('entries'))
    const [reject] = await openIn('entries')
    const result = await retry(
      [
        '{"rejectId":"0123456789abcdef","raw":"{}"}',
        '{"raw":"{}"}',
        '{"rejectId": oops}',
        '"text"',
        `{"rejectId":"${reject?.rejectId}","raw":"","raw":"{}"}`,
        JSON.stringify({ ...reject, raw: '  ' }),
      ].join('\n'),
    )
    expect(result.unread.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      expect.stringContaining('1: no reject "0123456789abcdef" is kept'),
      expect.stringContaining('2: has no rejectId'),
      expect.stringContaining('3: is not JSON'),
      expect.stringContaining('4: is no object'),
      '5: raw is given twice: keep one',
    ])
    const rejects = [{ message: expect.stringContaining('holds no record') }]
    expect(result).toMatchObject({ tried: 1, rejected: 1, rejects })
  })
})

describe('a file of the command', () => {
  const ingestFile = async (name: string, text: string, options: Partial<IngestCommand> = {}) => {
    const file = join(folder, name)
    await writeFile(file, text)
    return ingestFiles({ files: [file], format: 'auto', ...options }, opened.context)
  }
  const retryBy = (command: RetryCommand) => retryFile(command, opened.context)

  it('has its origin, and who retried', async () => {
    const { batch } = await retryBy({ by: 'Ana' })
    const byDefault = await retryBy({})
    expect(await opened.services.batches.get(batch)).toMatchObject({ isRetry: true, by: 'Ana' })
    expect(await opened.services.batches.get(byDefault.batch)).toMatchObject({ by: 'this machine' })
  })
  const openOf = (name: string) => openIn(join(folder, name))
  /** Retries what `rejects export` gives, with an edit of the text. */
  const retryFixed = async (name: string, edit: (raw: string) => string) => {
    const file = join(folder, 'fixed.ndjson')
    const kept = await openOf(name)
    await writeFile(file, kept.map((reject) => JSON.stringify({ ...reject, raw: edit(reject.raw) })).join('\n'))
    expect(await readFile(file, 'utf8')).not.toBe('')
    return retryBy({ file })
  }

  it('has its rows read with their headings, mapping, territory and order of dates', async () => {
    const mapping = join(folder, 'mapping.json')
    await writeFile(mapping, JSON.stringify({ columns: { Quoi: 'title' }, constants: { campaign: 'BIG' } }))
    const rows = 'id;Quoi;Date;Messages\nfirst;Salve;05/13/2024;1\nsecond;Salve;05/06/2024;beaucoup\n'
    const tally = await ingestFile('us.csv', rows, { map: mapping, territories: ['NC'] })
    expect(tally).toMatchObject({ read: 2, accepted: 1, rejected: 1 })
    expect(await retryFixed('us.csv', (raw) => raw.replace('beaucoup', '≥ 20'))).toMatchObject({ resolved: 1 })
    // 5/6 alone could be June, but not in its column.
    expect(await latest('second')).toMatchObject({
      observed: { from: '2024-05-06' },
      territories: [{ code: 'NC', method: 'analyst' }],
      counts: { posts: { value: 20, qualifier: 'at least' } },
      campaign: 'BIG',
    })
  })

  it.each([
    ['short.csv', 'id;titre;date;messages\nshort;Salve;demain;\n', 'short;Salve;15/05/2024'],
    ['domains.csv', 'domain,created on\nnot one,15/05/2024\nb.example,16/05/2024\n', 'a.example,15/05/2024'],
  ])('has a row fixed in %s', async (name, text, row) => {
    await ingestFile(name, text, { territories: ['MQ'] })
    expect(await retryFixed(name, () => row)).toMatchObject({ resolved: 1 })
    expect(await openOf(name)).toEqual([])
  })

  it('without a time is stored by a retry that states it', async () => {
    const edges = 'source,target,weight,edge_type\na,b,4,co_retweet\n'
    const meta = 'Tactic,Technique,Procedure,Indicator\n0. Assets,0.9 x,0.9.1 Acquiring Facebook assets,12 accounts\n'
    await ingestFile('edges.csv', edges)
    await ingestFile('Q1_2024_Example.csv', meta)
    const stated: RetryCommand = { observed: parseObserved('2024-05-13..2024-05-19'), territories: ['GP'] }
    expect((await retryBy(stated)).resolved).toBe(2)
    expect([...(await openOf('edges.csv')), ...(await openOf('Q1_2024_Example.csv'))]).toEqual([])
    expect(await latest('meta-q1-2024-example')).toMatchObject({
      observed: { from: '2024-05-13', statedByHand: true },
      territories: [{ code: 'GP' }],
      counts: { accounts: { value: 12 } },
    })
  })
})
