/**
 * A version whose files are too large for the memory: made through temporary files, which are closed however it ends.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Archive } from '../../../lambdas/archive/archive.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { archiveKey } from '../../../lambdas/domain/report/manifest.ts'
import { openPrinter, type Printer } from '../../../lambdas/render/chromium.ts'
import { readVersion } from '../../../lambdas/usecases/archive/read-version.ts'
import { verifyArchive } from '../../../lambdas/usecases/archive/verify-archive.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { smallDisk } from '../../faults/small-disk.ts'
import { printedOnce } from '../../support/changed-print.ts'
import { newFolder } from '../../support/cli.ts'
import { detection } from '../../support/detections.ts'
import { openIn } from '../../support/own-tmpdir.ts'
import { type Opened, openServices } from '../../support/services.ts'

const many = 9_000
const week = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const

let printer: Printer
let opened: Opened
let folder: string
let remove: () => Promise<void>

beforeAll(async () => {
  printer = printedOnce(await openPrinter())
  // Its browser has its own place for what it needs, which no test changes.
  await printer.print('<html lang="en"><title>before</title><p>before</p></html>', { lang: 'en', title: 'before' })
  ;({ folder, remove } = await newFolder())
  opened = await openServices(join(folder, 'home'), '2024-05-20T08:00:00.000Z', printer)
  const all = Array.from({ length: many }, (_, at) => ({
    detection: detection({
      id: `many-${at}`,
      counts: { posts: at },
      summary: { en: 'What was seen there. '.repeat(10) },
    }),
  }))
  await ingestDetections(all, 'test', opened.services)
  opened.at('2024-05-20T09:00:00.000Z')
})
afterAll(async () => {
  await opened.close()
  await printer.close()
  await remove()
})
afterEach(() => vi.unstubAllEnvs())

/** A folder for temporary files, and how many of them this process has open there. */
const temporary = async (place?: string) => {
  const own = place ?? (await mkdtemp(join(folder, 'tmp-')))
  vi.stubEnv('TMPDIR', own)
  return { folder: own, open: () => openIn(own) }
}

const states = async () =>
  (await opened.services.reports.versions(week)).map(({ version, state, reason }) => ({ version, state, reason }))

const keys = (version: number) => Array.fromAsync(opened.services.archive.list(archiveKey(week, version, '')))

describe.runIf(process.platform === 'linux')('a version of many detections', () => {
  it('is given up where its temporary files have no room, with the cause, and nothing of it is archived', async () => {
    const disk = await smallDisk(join(folder, 'small'), '1m')
    const [place, why] = 'notHere' in disk ? [join(folder, 'absent'), /temporary file/] : [disk.folder, /disk is full/]
    try {
      const { open } = await temporary(place)
      await expect(generateReport(week, opened.services)).rejects.toThrow(why)
      expect(open()).toBe(0)
    } finally {
      if (!('notHere' in disk)) await disk.remove()
    }
    expect(await Array.fromAsync(opened.services.archive.list(''))).toEqual([])
    expect((await states()).filter(({ state }) => state === 'published')).toEqual([])
  })

  it('is given up where the archive fails between its files, and closes its temporary ones', async () => {
    const { open, folder: own } = await temporary()
    let most = 0
    const failing: Archive = {
      ...opened.services.archive,
      put: async (key, body, contentType) => {
        most = Math.max(most, open())
        if (key.endsWith('detections.csv')) throw new Error('the archive is gone')
        return opened.services.archive.put(key, body, contentType)
      },
    }
    await expect(generateReport(week, opened.asRun('failing', { archive: failing }))).rejects.toThrow(
      'the archive is gone',
    )
    expect(most).toBe(2) // the CSV and report.json; the bundle lists some of the manoeuvres alone, and is held
    expect(open()).toBe(0)
    expect(readdirSync(own)).toEqual([])
    expect((await states()).at(-1)).toMatchObject({ state: 'claimed', reason: 'the archive is gone' })
  })

  it('is made then, its files as its manifest states, and byte for byte what one JSON.stringify would write', async () => {
    const { open, folder: own } = await temporary()
    const { manifest, report, isNew } = await generateReport(week, opened.services)
    expect(isNew).toBe(true)
    expect(open()).toBe(0)
    expect(readdirSync(own)).toEqual([])
    expect(await verifyArchive(opened.services)).toMatchObject({ versions: 1, problems: [] })
    const file = (name: string) => {
      const bytes = readFileSync(opened.services.archive.locate(archiveKey(week, manifest.version, name)))
      expect(manifest.files.find((one) => one.name === name)?.bytes).toBe(bytes.length)
      return bytes
    }
    expect(file('report.json').equals(Buffer.from(`${JSON.stringify(report, null, 2)}\n`))).toBe(true)
    const stix = file('report.stix.json')
    expect(stix.equals(Buffer.from(`${JSON.stringify(JSON.parse(stix.toString()), null, 2)}\n`))).toBe(true)
    expect(file('detections.csv').toString().split('\r\n')).toHaveLength(many + 2)
    const [entry] = (await opened.services.reports.versions(week)).filter(({ state }) => state === 'published')
    if (!entry) throw new Error('nothing is published')
    const archived = await readVersion(entry, opened.services)
    expect(archived.report.contributing.length).toBe(many)
    expect(JSON.stringify(archived.report)).toBe(JSON.stringify(report))
  })

  it('is compared with the next one by detection', async () => {
    await ingestDetections(
      [
        { detection: detection({ id: 'late', counts: { posts: 1 } }) },
        { detection: detection({ id: 'many-7', counts: { posts: 7_000 } }) },
      ],
      'test',
      opened.services,
    )
    await opened.services.detections.withdraw(
      'many-9',
      { by: 'a test', reason: 'by mistake' },
      new Date('2024-05-20T09:30:00.000Z'),
    )
    opened.at('2024-05-20T10:00:00.000Z')
    const { report } = await generateReport(week, opened.services)
    expect(report.changes).toMatchObject({ added: ['late'], revised: ['many-7'], removed: ['many-9'] })
    expect(await keys(report.version)).toHaveLength(10)
  })
})
