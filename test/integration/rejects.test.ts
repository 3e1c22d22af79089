/** Rejects: kept once, tried again as they are or as they were mended, and counted in reports while they are open. */
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fault } from '../../lambdas/domain/core/fault.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { readJson } from '../../lambdas/intake/json/json.ts'
import { readNdjson } from '../../lambdas/intake/json/ndjson.ts'
import {
  type IntakeOptions,
  type IntakeRecord,
  type Origin,
  rejectOf,
  withOrigin,
} from '../../lambdas/intake/record/record.ts'
import type { KeptReject } from '../../lambdas/store/intake/rejects.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { type RetryOptions, retryRejects } from '../../lambdas/usecases/ingest/retry-rejects.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { ndjson, newFolder } from '../support/cli.ts'
import { detection, input } from '../support/detections.ts'
import { type Opened, openServices } from '../support/services.ts'

let opened: Opened
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder)
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})

afterAll(() => cleanUp())

const bytesOf = (text: string): AsyncIterable<Uint8Array> => Readable.from([Buffer.from(text)])

/** Records with how they were read, as a file's reader gives them. */
const readAs = async function* (
  text: string,
  { file, origin }: { readonly file: string; readonly origin: Origin },
): AsyncGenerator<IntakeRecord> {
  const { territories, observed } = origin
  const options: IntakeOptions = { file, ...(territories && { territories }), ...(observed && { observed }) }
  const records = origin.format === 'json' ? readJson(bytesOf(text), options) : readNdjson(bytesOf(text), options)
  for await (const record of records) yield withOrigin(origin)(record)
}

const read: RetryOptions['read'] = readAs

const ingest = (file: string, text: string, origin: Omit<Origin, 'format'> = {}, services = opened.services) =>
  ingestDetections(readAs(text, { file, origin: { format: 'ndjson', ...origin } }), file, services)

const retry = (mended?: string) =>
  retryRejects(opened.services, { read, fixedFile: mended === undefined ? undefined : bytesOf(mended) })

const openIn = async (file: string): Promise<readonly KeptReject[]> =>
  (await Array.fromAsync(opened.services.rejects.open())).filter((one) => one.file === file)

const latest = (id: string, services: Services = opened.services) => services.detections.latest(id)

const wrong = (id: string, more: Partial<DetectionInput> = {}) => ndjson({ ...input({ id, ...more }), kind: 'gossip' })

describe('the same file again', () => {
  it('keeps its rejects once, and changes nothing about them', async () => {
    const text = wrong('same-1') + wrong('same-2') + ndjson(input({ id: 'same-3' }))
    expect(await ingest('same', text)).toMatchObject({ read: 3, accepted: 1, rejected: 2 })
    const before = await openIn('same')
    opened.at('2024-05-23T00:00:00.000Z')
    expect(await ingest('/elsewhere/same', text)).toMatchObject({ read: 3, duplicates: 1, rejected: 2 })
    opened.at('2024-05-20T00:00:00.000Z')
    expect(await openIn('same')).toEqual(before)
    expect(before).toHaveLength(2)
  })

  it('ingested by two at once comes to the same as one after the other', async () => {
    const text = Array.from({ length: 150 }, (_, at) => wrong(`two-${at}`)).join('') + ndjson(input({ id: 'two' }))
    const tallies = await Promise.all(
      ['2024-05-20T00:00:00.000Z', '2024-05-20T00:00:00.001Z'].map((now) =>
        ingest('two', text, {}, opened.asRun(now, { clock: () => new Date(now) })),
      ),
    )
    expect(tallies.map(({ rejected }) => rejected)).toEqual([150, 150])
    expect(tallies.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1)
    expect(await openIn('two')).toHaveLength(150)
  })
})

const old = fault('asWritten', { text: 'old' })

describe('a retry of what is kept', () => {
  it('stores what can be read now, with what the analyst stated then', async () => {
    const { territories: _t, observed: _o, ...open } = input({ id: 'again-1' })
    const kept = rejectOf(JSON.stringify(open), {
      file: 'again',
      line: 4,
      id: 'again-1',
      path: 'kind',
      fault: old,
      origin: {
        format: 'ndjson',
        territories: ['PF'],
        observed: { from: '2024-02', to: '2024-02', precision: 'month', statedByHand: true },
      },
    })
    await opened.services.rejects.keep([kept], new Date('2024-05-19T00:00:00.000Z'))
    await ingest('again', wrong('again-2'))
    const result = await retry()
    expect(result.rejects.find(({ id }) => id === 'again-2')).toMatchObject({ path: 'kind' })
    expect(result.tried).toBe(result.resolved + result.rejected)
    expect(result.resolved).toBe(1)
    expect(await latest('again-1')).toMatchObject({
      territories: [{ code: 'PF', method: 'analyst' }],
      observed: { from: '2024-02' },
    })
    expect((await openIn('again')).map(({ id }) => id)).toEqual(['again-2'])
    // Nothing is left to be mended by a second one.
    expect(await retry()).toMatchObject({ resolved: 0, rejected: result.rejected })
  })

  it('gives the reason that stands in the way now', async () => {
    await ingest('reason', ndjson(input({ id: 'reason', revision: 3, counts: { posts: 1 } })))
    const conflicting = JSON.stringify(input({ id: 'reason', revision: 2, counts: { posts: 2 } }))
    const about = { file: 'reason', id: 'reason', path: 'kind', fault: old, origin: { format: 'ndjson' } }
    await opened.services.rejects.keep([rejectOf(conflicting, about)], new Date('2024-05-19T00:00:00.000Z'))
    const { rejects } = await retry()
    expect(rejects.find(({ id }) => id === 'reason')?.message).toContain('give it a higher number')
    expect(await openIn('reason')).toMatchObject([
      { path: 'id', message: expect.stringContaining('give it a higher number'), triedAt: expect.any(String) },
    ])
  })

  it('says of what cannot be tried alone why, and what to do', async () => {
    const long = `{"id":"long","title":"${'x'.repeat(70_000)}"}`
    await opened.services.rejects.keep(
      [
        rejectOf(long, { file: 'left-long', offset: 12, path: '', fault: old, origin: { format: 'ndjson' } }),
        rejectOf('{"type":"campaign"}', { file: 'left-graph', path: '', fault: old, origin: { format: 'stix' } }),
        rejectOf('{}', { file: 'left-unknown', path: '', fault: old }),
      ],
      new Date('2024-05-19T00:00:00.000Z'),
    )
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
    const row = { file: 'rows', path: '', fault: old, context: 'id;title', origin: { format: 'csv' } }
    await opened.services.rejects.keep([rejectOf('1;one', row)], new Date('2024-05-19T00:00:00.000Z'))
    const result = await retryRejects(opened.services, {
      read: async function* (text, about) {
        if (about.file !== 'rows') return
        texts.push(text)
        yield { detection: detection({ id: 'row' }), raw: text }
      },
    })
    expect(texts).toEqual(['id;title\n1;one\n'])
    expect(result.resolved).toBe(1)
    expect(await openIn('rows')).toEqual([])
  })

  it('that the store stops marks nothing as mended', async () => {
    const about = { file: 'stopped', path: '', fault: old, origin: { format: 'ndjson' } }
    await opened.services.rejects.keep(
      [rejectOf(JSON.stringify(input({ id: 'stopped' })), about)],
      new Date('2024-05-19T00:00:00.000Z'),
    )
    const detections = { ...opened.services.detections, saveAll: () => Promise.reject(new Error('no table')) }
    const failing = retryRejects({ ...opened.services, detections }, { read })
    await expect(failing).rejects.toThrow('no table')
    expect(await openIn('stopped')).toHaveLength(1)
    await retry()
    expect(await openIn('stopped')).toEqual([])
  })
})

describe('a retry of what was mended', () => {
  const exported = async (file: string) => (await openIn(file)).map((one) => ({ ...one }))

  it('stores the exported rejects whose text was mended, and keeps the others with their reason', async () => {
    await ingest('mend', wrong('mend-1') + wrong('mend-2') + wrong('mend-3'))
    const rejects = await exported('mend')
    const lines = rejects.map((one) =>
      JSON.stringify({ ...one, raw: one.raw.replace('gossip', one.id === 'mend-2' ? 'hearsay' : 'video') }),
    )
    const result = await retry(`${lines[0]}\n${lines[1]}\n`)
    expect(result).toMatchObject({ tried: 2, resolved: 1, rejected: 1, left: 0, already: 0, unread: [] })
    expect(result.rejects).toMatchObject([{ id: 'mend-2', path: 'kind', rejectId: rejects[1]?.rejectId }])
    expect(await latest('mend-1')).toMatchObject({ kind: 'video' })
    const left = await openIn('mend')
    expect(left.map(({ id }) => id)).toEqual(['mend-2', 'mend-3'])
    // What came in stays as it came, whatever was tried in its place.
    expect(left[0]?.raw).toContain('gossip')
    expect(await opened.services.rejects.get(rejects[0]?.rejectId ?? '')).toMatchObject({
      resolvedAt: '2024-05-20T00:00:00.000Z',
      raw: expect.stringContaining('gossip'),
    })
    // The same again: nothing changes.
    expect(await retry(`${lines[0]}\n`)).toMatchObject({ tried: 0, already: 1, rejects: [] })
    expect(await openIn('mend')).toHaveLength(2)
  })

  it('takes records with the id of their reject, in an array too, with what was stated for the file', async () => {
    const { territories: _, ...open } = input({ id: 'flat' })
    await ingest('flat', `{"id":"flat", oops}\n`, { territories: ['WF'] })
    const [reject] = await openIn('flat')
    const result = await retry(JSON.stringify([{ rejectId: reject?.rejectId, ...open }], null, 2))
    expect(result).toMatchObject({ tried: 1, resolved: 1 })
    expect(await latest('flat')).toMatchObject({ territories: [{ code: 'WF', method: 'analyst' }] })
  })

  it('takes a whole record in place of one that was too long to be kept', async () => {
    await ingest('whole', `{"id":"whole","title":"${'x'.repeat(70_000)}"}\n`)
    const [reject] = await exported('whole')
    expect(await retry(JSON.stringify(reject))).toMatchObject({ tried: 0, left: 1 })
    const raw = JSON.stringify(input({ id: 'whole' }), null, 2)
    expect(await retry(JSON.stringify({ ...reject, raw }))).toMatchObject({ tried: 1, resolved: 1 })
  })

  it('says which entries name no reject, and why', async () => {
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
    expect(result).toMatchObject({
      tried: 1,
      rejected: 1,
      rejects: [{ message: expect.stringContaining('holds no record') }],
    })
  })
})

describe('a report', () => {
  it('counts the rejects of its period that were open at its instant', async () => {
    const week = { territory: 'NC', period: parsePeriod('2024-W26'), cap: 'TLP:RED' } as const
    opened.at('2024-06-26T00:00:00.000Z')
    await ingest('week', wrong('week-1') + wrong('week-2'))
    const [first] = await openIn('week')
    opened.at('2024-06-27T00:00:00.000Z')
    expect((await generateReport(week, opened.services)).report.watch.rejects).toBe(2)
    const mended = await retry(JSON.stringify({ ...first, raw: first?.raw.replace('gossip', 'video') }))
    expect(mended.resolved).toBe(1)
    opened.at('2024-06-28T00:00:00.000Z')
    await ingest('week', ndjson(input({ id: 'week-3', observed: { from: '2024-06-25' } })))
    expect((await generateReport(week, opened.services)).report.watch.rejects).toBe(1)
  })
})
