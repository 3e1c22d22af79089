/** Rejects of every kind of file, as the command line keeps and retries them. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IngestCommand, ingestFiles, type RetryCommand, retryFile } from '../../bin/cli/ingest-files.ts'
import { parseObserved } from '../../lambdas/domain/core/time/observed.ts'
import type { KeptReject } from '../../lambdas/store/intake/rejects.ts'
import { newFolder } from '../support/cli.ts'
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

const ingest = async (name: string, text: string, options: Partial<IngestCommand> = {}) => {
  const file = join(folder, name)
  await writeFile(file, text)
  return ingestFiles({ files: [file], format: 'auto', ...options }, opened.context)
}

const openRejects = (): Promise<KeptReject[]> => Array.fromAsync(opened.services.rejects.open())

/** What `rejects export` gives, with a change in each text. */
const mended = async (change: (raw: string) => string): Promise<string> => {
  const file = join(folder, 'mended.ndjson')
  const kept = await openRejects()
  await writeFile(file, kept.map((reject) => JSON.stringify({ ...reject, raw: change(reject.raw) })).join('\n'))
  expect(await readFile(file, 'utf8')).not.toBe('')
  return file
}

const retry = (command: RetryCommand = {}) => retryFile(command, opened.context)

const latest = (id: string) => opened.services.detections.latest(id)

describe('a reject', () => {
  it('of a sheet is mended as a row, and read with its headings, mapping, place and order of dates', async () => {
    const mapping = join(folder, 'mapping.json')
    await writeFile(mapping, JSON.stringify({ columns: { Quoi: 'title' }, constants: { campaign: 'BIG' } }))
    const rows = 'id;Quoi;Date;Messages\nfirst;Salve;05/13/2024;1\nsecond;Salve;05/06/2024;beaucoup\n'
    const tally = await ingest('us.csv', rows, { map: mapping, territories: ['NC'] })
    expect(tally).toMatchObject({ read: 2, accepted: 1, rejected: 1 })
    expect(await retry()).toMatchObject({ tried: 1, resolved: 0, rejected: 1 })
    expect(await retry({ file: await mended((raw) => raw.replace('beaucoup', '≥ 20')) })).toMatchObject({ resolved: 1 })
    // 5/6 alone could be June, and was not in its column.
    expect(await latest('second')).toMatchObject({
      observed: { from: '2024-05-06' },
      territories: [{ code: 'NC', method: 'analyst' }],
      counts: { posts: { value: 20, qualifier: 'at least' } },
      campaign: 'BIG',
    })
    expect(await openRejects()).toEqual([])
  })

  it('of a sheet may be mended to a row that is shorter than its headings', async () => {
    await ingest('short.csv', 'id;titre;date;messages\nshort;Salve;demain;\n')
    expect(await retry({ file: await mended(() => 'short;Salve;15/05/2024') })).toMatchObject({ resolved: 1 })
    expect(await openRejects()).toEqual([])
  })

  it('of a list of domains is mended as a row', async () => {
    await ingest('list.csv', 'domain,created on\nnot one,15/05/2024\nb.example,16/05/2024\n', { territories: ['MQ'] })
    expect(await retry({ file: await mended((raw) => raw.replace('not one', 'a.example')) })).toMatchObject({
      resolved: 1,
    })
    expect(await openRejects()).toEqual([])
  })

  it('that lacks a time only gets one: a cluster as a network of Meta’s', async () => {
    await ingest('edges.csv', 'source,target,weight,edge_type\na,b,4,co_retweet\n')
    await ingest(
      'Q1_2024_Example.csv',
      'Tactic,Technique,Procedure,Indicator\n0. Acquiring assets,0.9 x,0.9.1 Acquiring Facebook assets,12 accounts\n',
    )
    expect(await retry()).toMatchObject({ tried: 2, resolved: 0, rejected: 2 })
    const stated = { observed: parseObserved('2024-05-13..2024-05-19'), territories: ['GP' as const] }
    expect(await retry(stated)).toMatchObject({ tried: 2, resolved: 2, rejected: 0 })
    expect(await openRejects()).toEqual([])
    expect(await latest('meta-q1-2024-example')).toMatchObject({
      observed: { from: '2024-05-13', statedByHand: true },
      territories: [{ code: 'GP' }],
      counts: { accounts: { value: 12 } },
    })
  })

  it('whose file was ingested again with a time is closed by the same retry', async () => {
    const edges = 'source,target,weight,edge_type\nx,y,4,co_retweet\n'
    const observed = parseObserved('2024-05-13..2024-05-19')
    await ingest('again.csv', edges)
    expect(await ingest('again.csv', edges, { observed })).toMatchObject({ unplaced: 1 })
    await retry({ observed })
    expect(await openRejects()).toEqual([])
  })

  it('that is a part of something larger is left, with a word on what to do', async () => {
    await ingest('pairs.csv', 'source,target,weight,edge_type\na,,4,co_retweet\n')
    const { left, rejects } = await retry()
    expect(left).toBe(1)
    expect(rejects[0]?.message).toContain('correct the file, and ingest it again')
  })
})
