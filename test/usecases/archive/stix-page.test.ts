/** Pages of STIX files, in the order of publication: whose, in what order, how large, and how objects are joined. */
import { expect, test } from 'vitest'
import type { Archive } from '../../../lambdas/archive/archive.ts'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import { notGiven } from '../../../lambdas/domain/core/figures.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { tlpDefinitions } from '../../../lambdas/domain/report/exchange.ts'
import { archiveKey, editionOf, type Manifest, manifestName } from '../../../lambdas/domain/report/manifest.ts'
import type { VersionEntry } from '../../../lambdas/store/reports/reports.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import { maxStixPageBytes, stixPage } from '../../../lambdas/usecases/archive/stix-page.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'

const now = new Date('2024-09-01T00:00:00.000Z')
const total = { value: null, qualifier: 'not given' } as const
const totals = {
  ...{ detections: 0, manoeuvres: 0, watched: true, marking: 'TLP:GREEN' },
  ...{ posts: notGiven, reposts: notGiven, videos: notGiven, views: notGiven },
  ...{ accounts: total, coordinatedAccounts: total },
} as unknown as NonNullable<VersionEntry['published']>['totals']

type Given = Partial<VersionEntry> & {
  readonly marking?: Marking
  readonly objects?: readonly object[]
  readonly bytes?: number
  readonly damaged?: string
}

/** A version of each, published in the minute of its place. */
const archiveOf = async (given: readonly Given[]) => {
  const { reports } = storesIn(memoryTable())
  const kept = new Map<string, string>()
  const logged: unknown[] = []
  for (const [
    at,
    { marking = 'TLP:GREEN', objects = [{ id: `x--${at}` }], bytes, damaged = '', ...changes },
  ] of given.entries()) {
    const entry = {
      ...({ territory: 'NC', period: '2024-W20', cap: 'TLP:GREEN', version: at + 1, state: 'published' } as const),
      ...{ snapshotSha256: '', owner: '', leaseUntil: '', reconstructed: false },
      ...{ asOf: '2024-08-01T00:00:00.000Z', publishedAt: `2024-08-02T00:0${at}:00.000Z` },
      published: { manifestSha256: '', marking, totals },
      ...changes,
    }
    await reports.claim(entry)
    const stix = JSON.stringify({ type: 'bundle', id: 'bundle--1', objects })
    const sha256 = 'a'.repeat(64)
    const { territory, period, cap, version, asOf } = entry
    const manifest: Manifest = {
      ...{ schema: 'vigie-manifest/1', report: '', territory, period, cap, marking, version, asOf },
      ...{ snapshotSha256: sha256, program: '', templatesSha256: sha256, previous: null },
      files: [{ name: 'report.stix.json', contentType: '', bytes: bytes ?? stix.length, sha256 }],
    }
    const keyOf = (name: string) => archiveKey(editionOf(entry), version, name)
    kept.set(keyOf(manifestName), JSON.stringify(manifest))
    kept.set(keyOf('report.stix.json'), stix)
    if (damaged) kept.set(keyOf(damaged), '{')
  }
  const archive = {
    get: async (key: string) => Buffer.from(kept.get(key) ?? ''),
    locate: (key: string) => key,
  } as unknown as Archive
  const files = { urlFor: async (key: string) => `https://files/${key}` }
  const log = (what: string, facts: object) => void logged.push({ what, ...facts })
  return { services: { reports, archive, files, clock: () => now, log }, logged }
}

type Page = Awaited<ReturnType<typeof stixPage>>
const idsOf = ({ content }: Page) => ('objects' in content ? content.objects.map(({ id }) => id) : content.url)

const read = async (given: readonly Given[], who: Partial<Caller> = {}, filter: object = {}) => {
  const { services, logged } = await archiveOf(given)
  const page = await stixPage({ limit: 10, ...filter }, { ...everything, ...who }, services)
  return { ...page, ids: idsOf(page), logged }
}

test('each page follows the one before in the order of publication, until none is left', async () => {
  const at = (publishedAt: string) => ({ publishedAt: `2024-08-${publishedAt}:00.000Z` })
  const { services } = await archiveOf([
    { ...at('03T00:00'), asOf: '2024-01-01T00:00:00.000Z' },
    { ...at('01T00:00'), asOf: '2024-07-01T00:00:00.000Z' },
    { ...at('02T00:00'), territory: 'PF' },
    at('02T00:00'),
  ])
  const seen: unknown[] = []
  for (let after: string | undefined = ''; after !== undefined;) {
    const page: Page = await stixPage({ after, limit: 1 }, everything, services)
    seen.push([idsOf(page), page.last])
    after = page.next
  }
  expect(seen).toEqual([
    [['x--1'], '2024-08-01T00:00:00.000Z'],
    [['x--3'], '2024-08-02T00:00:00.000Z'],
    [['x--2'], '2024-08-02T00:00:00.000Z'],
    [['x--0'], '2024-08-03T00:00:00.000Z'],
  ])
  expect(await stixPage({ after: '2024-08-03T00:00:00.000Z ~', limit: 1 }, everything, services)).toEqual({
    content: { objects: [] },
  })
})

test('versions are those that the caller may open, and each is logged', async () => {
  const given: readonly Given[] = [
    {},
    { recalled: { at: '', reason: 'wrong' } },
    { marking: 'TLP:AMBER' },
    { cap: 'TLP:RED' },
    { territory: 'MQ' },
    { territory: 'ALL' },
    { state: 'claimed', published: undefined } as unknown as Given,
  ]
  const { ids, logged } = await read(given, { who: 'unit-7', clearance: 'TLP:GREEN', territories: ['NC'] })
  expect(ids).toEqual(['x--0'])
  const about = { report: 'NC/2024-W20/green/v0001', file: 'report.stix.json', marking: 'TLP:GREEN' }
  expect(logged).toEqual([{ what: 'file opened', who: 'unit-7', ...about }])
  expect((await read(given, {}, { territory: 'NC', cap: 'TLP:RED' })).ids).toEqual(['x--3'])
})

test('an entry of an earlier program is placed by its instant, and one of the last ten seconds is left for later', async () => {
  const { ids } = await read([
    {},
    { publishedAt: undefined, asOf: '2024-08-02T00:00:30.000Z' } as unknown as Given,
    { publishedAt: '2024-08-31T23:59:50.000Z' },
    { publishedAt: '2024-08-31T23:59:50.001Z' },
  ])
  expect(ids).toEqual(['x--0', 'x--1', 'x--2'])
})

test('a page ends before it is too large, and a larger version is at its address', async () => {
  const half = { bytes: maxStixPageBytes / 2 }
  const { ids, next } = await read([half, half, { bytes: 1 }])
  expect([ids, next]).toEqual([['x--0', 'x--1'], '2024-08-02T00:01:00.000Z NC/2024-W20/green/v0002'])
  const large = await read([{ bytes: maxStixPageBytes + 1 }, {}])
  expect(large).toMatchObject({
    ids: 'https://files/reports/NC/2024-W20/green/v0001/report.stix.json',
    last: '2024-08-02T00:00:00.000Z',
    next: '2024-08-02T00:00:00.000Z NC/2024-W20/green/v0001',
    logged: [{ what: 'file opened' }],
  })
})

test('an object of several versions is there once, under its strictest marking', async () => {
  const marked = (marking: Marking, more: object = {}) => ({
    ...{ id: 'url--1', object_marking_refs: [tlpDefinitions[marking]] },
    ...more,
  })
  const changed = marked('TLP:GREEN', { modified: '2024-08-01T00:00:00.000Z' })
  const { content } = await read([
    { objects: [marked('TLP:GREEN')] },
    { objects: [marked('TLP:AMBER'), changed] },
    { objects: [marked('TLP:CLEAR')] },
  ])
  expect(content).toEqual({ objects: [marked('TLP:AMBER'), changed] })
})

test('a damaged version is left out and logged, and the next ones follow', async () => {
  const { ids, logged } = await read([{ damaged: manifestName }, { damaged: 'report.stix.json' }, {}])
  expect(ids).toEqual(['x--2'])
  expect(logged).toMatchObject([{ what: 'version left out' }, { what: 'version left out' }, { what: 'file opened' }])
})
