/** An archive whose table is lost: no report is made over it, and the index is rebuilt from the manifests. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archiveFolder } from '../../lambdas/archive/archive.local.ts'
import { reasonText } from '../../lambdas/domain/core/fault-text.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Edition } from '../../lambdas/domain/report/manifest.ts'
import { publicKeyOf } from '../../lambdas/domain/report/signature.ts'
import { openSigner } from '../../lambdas/keys/signer.local.ts'
import type { VersionEntry } from '../../lambdas/store/reports/reports.ts'
import { type Reindexed, reindexArchive } from '../../lambdas/usecases/archive/reindex-archive.ts'
import { type VerifyOptions, verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { generateReport, HeldReportError, StuckReportError } from '../../lambdas/usecases/reports/generate-report.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { changedPrint } from '../support/changed-print.ts'
import { jsonOf, newFolder, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { overwrite } from '../support/files.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let folder: string
let home: string
/** The index before it was lost. */
let before: readonly VersionEntry[]
let cleanUp: () => Promise<void>
const opened: Opened[] = []

const edition: Edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' }
const folderOf = (version: number, territory = 'NC') => `reports/${territory}/2024-W20/amber/v000${version}`

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  home = join(folder, 'home')
  cleanUp = made.remove
  const first = await openServices(home, 'now')
  const { services } = first
  await ingestInto(first, [input({ id: 'a' })])
  await reportFrom(first, 'NC', '2024-W20')
  // Version 2 is abandoned before it has a file, version 3 after one, and version 4 is held.
  const [published] = await services.reports.versions(edition)
  for (const version of [2, 3]) {
    const { published: _, ...rest } = published as VersionEntry
    await services.reports.claim({ ...rest, version, state: 'abandoned', reason: 'stopped' })
  }
  await services.archive.put(`${folderOf(3)}/detections.csv`, new Uint8Array([1]), 'text/csv')
  await ingestInto(first, [input({ id: 'b' })])
  const { printer } = services
  const unmarked = first.asRun('failing', {
    printer: changedPrint(printer, (html) => html.replace(/@(top|bottom)-right\{[^}]*\}/g, '')),
  })
  await expect(generateReport(edition, unmarked)).rejects.toBeInstanceOf(HeldReportError)
  await reportFrom(first, 'NC', '2024-W20')
  await reportFrom(first, 'PF', '2024-W20')
  before = await Array.fromAsync(services.reports.all())
  await first.close()
})
afterAll(async () => {
  for (const one of opened) await one.close()
  await cleanUp()
})

/** A new table and a changed copy of the archive. */
const lost = async (change: (archive: string) => Promise<unknown> = async () => undefined): Promise<Services> => {
  const fresh = join(folder, `lost-${opened.length}`)
  const archive = join(fresh, 'archive')
  await cp(join(home, 'archive'), archive, { recursive: true })
  await change(archive)
  const one = await openServices(fresh, 'now')
  opened.push(one)
  return { ...one.services, archive: archiveFolder(archive), signer: openSigner(home) }
}

const reindex = (services: Services, options?: VerifyOptions): Promise<Reindexed[]> =>
  Array.fromAsync(reindexArchive(services, options))

const linesOf = (all: readonly Reindexed[]) =>
  all.map(({ id, did, state }) => `${id.slice(-5)} ${did} ${state ?? ''}`.trim())

/** An entry without its maker and time, which no manifest states. */
const proven = ({ owner: _o, leaseUntil: _l, publishedAt: _p, reason, asOf, snapshotSha256, ...entry }: VersionEntry) =>
  entry.state === 'abandoned' ? entry : { ...entry, reason, asOf, snapshotSha256 }

test('a report makes no version, while the archive has versions that the index lacks', async () => {
  const services = await lost()
  const refused = await generateReport(edition, services).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(StuckReportError)
  expect(String(refused)).toContain('NC/2024-W20/amber/v0001, which the index does not know')
  expect(String(refused)).toContain('vigie archive reindex')
  expect(await services.reports.versions(edition)).toEqual([])
  const other = await generateReport({ ...edition, territory: 'WF' }, services)
  expect(other).toMatchObject({ isNew: true, report: { version: 1 } })
  for (const entry of before.slice(0, 3)) await services.reports.claim(entry)
  await expect(generateReport(edition, services)).rejects.toThrow('NC/2024-W20/amber/v0004')
})

describe('a rebuilt index', () => {
  test('equals the lost one, verifies, and is not changed by a second run', async () => {
    const services = await lost()
    const done = await reindex(services)
    expect(linesOf(done)).toEqual([
      'v0001 indexed published',
      'v0002 indexed abandoned',
      'v0003 indexed abandoned',
      'v0004 indexed held',
      'v0005 indexed published',
      'v0001 indexed published',
    ])
    expect(reasonText(done[3]?.reason ?? '')).toContain('without TLP:AMBER')
    const after = await Array.fromAsync(services.reports.all())
    expect(after.map(proven)).toEqual(before.map(proven))
    expect((await reindex(services)).map(({ did }) => did)).toEqual(Array.from({ length: 6 }, () => 'stood'))
    expect(await Array.fromAsync(services.reports.all())).toEqual(after)
    const next = await generateReport(edition, services)
    expect(next).toMatchObject({ isNew: true, manifest: { version: 6, previous: { version: 5 } } })
    expect((await verifyArchive(services)).problems).toEqual([])
  })

  test('keeps existing entries, with their recalls', async () => {
    const services = await lost()
    const [first] = before as [VersionEntry]
    const recalled = { ...first, recalled: { at: '2024-06-01T00:00:00.000Z', reason: 'wrong' } }
    await services.reports.claim(recalled)
    expect(linesOf(await reindex(services))[0]).toBe('v0001 stood published')
    expect((await services.reports.versions(edition))[0]).toEqual(recalled)
  })

  test.each<[string, string, (text: Buffer) => Uint8Array | string, string]>([
    ['has another byte', 'report.en.html', (bytes) => Buffer.concat([bytes, Buffer.from(' ')]), 'has other bytes'],
    ['is forged', 'manifest.json', (bytes) => String(bytes).replace('"version":1', '"version":7'), 'is not signed by'],
  ])('refuses a version of which a file %s, and the versions that follow it', async (_, file, change, words) => {
    const services = await lost((archive) => overwrite(join(archive, folderOf(1), file), change))
    const done = await reindex(services)
    expect(done.filter(({ did }) => did === 'refused').map(({ id }) => id)).toEqual(
      [1, 4, 5].map((v) => `NC/2024-W20/amber/v000${v}`),
    )
    expect(done[0]?.reason).toContain(words)
    expect(done[4]?.reason).toContain('follows on version 1, which is not in the index as it was')
    expect((await services.reports.versions(edition)).map(({ state }) => state)).toEqual(['abandoned', 'abandoned'])
  })

  test('abandons a version that an earlier release made over a lost index', async () => {
    const services = await lost((archive) => rm(join(archive, 'reports/PF'), { recursive: true }))
    for (const entry of before.slice(0, 5)) {
      const { published: _, held: _held, ...rest } = entry
      await services.reports.claim({ ...rest, state: 'abandoned' })
    }
    expect((await generateReport(edition, services)).manifest).toMatchObject({ version: 6, previous: null })
    const again = await openServices(join(folder, 'again'), 'now')
    opened.push(again)
    const after = { ...again.services, archive: services.archive, signer: services.signer }
    expect(linesOf(await reindex(after)).slice(-2)).toEqual(['v0005 indexed published', 'v0006 indexed abandoned'])
    expect((await verifyArchive(after)).problems).toEqual([])
    expect((await generateReport(edition, after)).manifest).toMatchObject({ version: 7, previous: { version: 5 } })
  })

  test('refuses other keys, a moved version, and an unsigned one unless it is allowed', async () => {
    const services = await lost(async (archive) => {
      await cp(join(archive, folderOf(1, 'PF')), join(archive, folderOf(1, 'WF')), { recursive: true })
      await rm(join(archive, folderOf(1, 'PF'), 'manifest.sig'))
    })
    const stranger = openSigner(await mkdtemp(join(folder, 'stranger-')))
    await stranger.sign(new Uint8Array())
    const { pem } = await stranger.publicKey()
    const others = await reindex(services, { keys: [publicKeyOf(pem, 'key')] })
    expect(others.filter(({ did, state }) => did === 'indexed' && state !== 'abandoned')).toEqual([])
    expect((await reindex(services)).slice(-2)).toMatchObject([
      { did: 'refused', reason: expect.stringContaining('--allow-unsigned') },
      { did: 'refused', reason: expect.stringContaining('its manifest is of PF/2024-W20') },
    ])
    const allowed = await reindex(services, { allowUnsigned: true })
    expect(allowed.at(-2)).toMatchObject({ did: 'indexed', state: 'published' })
  })
})

test('the command indexes what is signed, and exits with 1 for a refused version', async () => {
  const copy = join(folder, 'command')
  await cp(home, copy, { recursive: true })
  await rm(join(copy, 'table.sqlite'))
  const done = await vigie(['archive', 'reindex', '--home', copy])
  expect(done.code).toBe(0)
  expect(done.stdout).toContain('NC/2024-W20/amber/v0005 indexed as published')
  expect(done.stdout).toMatch(/6 versions indexed, 0 \w+, 0 refused/)
  expect(done.stdout).toContain('not rebuilt: recalls')
  await overwrite(join(copy, 'archive', folderOf(1, 'PF'), 'report.json'), (bytes) => `${bytes} `)
  await rm(join(copy, 'table.sqlite'))
  const partly = await vigie(['archive', 'reindex', '--home', copy, '--json'])
  expect([partly.code, jsonOf(partly)]).toMatchObject([1, { indexed: 5, refused: 1 }])
})
