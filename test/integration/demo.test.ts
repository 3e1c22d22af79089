/** The demo: its output, its archive, its drawings, and the links of the national edition. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { storyArrivals } from '../../bin/cli/story.ts'
import { subjectOf, type TerritoryCode, territories } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { archiveKey } from '../../lambdas/domain/report/manifest.ts'
import { isBundledFor } from '../../lambdas/render/browser-choice.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import {
  type IngestJson,
  jsonOf,
  newFolder,
  type Ran,
  type ReportJson,
  vigie,
  type WeeklyJson,
} from '../support/cli.ts'
import { demoList, demoListFile } from '../support/demo-archive.ts'
import { pdfLinks, pdfText } from '../support/pdf-text.ts'
import { type Opened, openServices, reportFrom } from '../support/services.ts'

const isBundled = isBundledFor(process) && !process.env.CHROME_PATH

type DemoJson = WeeklyJson & { readonly ingested: IngestJson }

let home: string
let opened: Opened
let first: Ran

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  first = await vigie(['demo', '--home', home])
  opened = await openServices(home, 'now')
  return async () => {
    await opened.close()
    await remove()
  }
})

const pathOf = (report: ReportJson, name: string): string => {
  const file = report.files.find((one) => one.name === name)
  if (!file) throw new Error(`${report.id} has no ${name}`)
  return file.path
}

/** Text with every kind of space as one blank. */
const flat = (text: string): string => text.replace(/[\s\u00a0\u202f]+/g, ' ')

const htmlText = async (report: ReportJson, lang: 'fr' | 'en') =>
  flat(shownText(await readFile(pathOf(report, `report.${lang}.html`), 'utf8')).join(' '))

const pdfPages = async (report: ReportJson, lang: 'fr' | 'en') =>
  (await pdfText(await readFile(pathOf(report, `report.${lang}.pdf`)))).map(flat)

/** Every file below a folder with what a write changes: size, time, inode. */
const listing = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true })
  return Promise.all(
    entries.toSorted().map(async (name) => {
      const { size, mtimeMs, ino } = await stat(join(folder, name))
      return `${name} ${size} ${mtimeMs} ${ino}`
    }),
  )
}

const madeOf = (territory: TerritoryCode, period: string): Promise<ReportJson> => reportFrom(opened, territory, period)

describe('vigie demo', () => {
  // Another browser than the bundled one prints other bytes, which the manifest names.
  const isSame = (line: string): boolean => isBundled || !/\.pdf$|manifest\.json$/.test(line)

  it('archives the files of its list: npm run demo:list shows what changed, and accepts it', async () => {
    const accepted = (await readFile(demoListFile, 'utf8')).trim().split('\n')
    expect((await demoList(home)).filter(isSame)).toEqual(accepted.filter(isSame))
  })

  it('ends with a line for each of its 21 reports on stderr, and no escapes', () => {
    expect(first.code).toBe(0)
    expect(first.stderr.match(/^done .*$/gm)).toHaveLength(21)
    for (const { name } of [...territories, subjectOf('ALL')]) expect(first.stderr).toContain(name.en)
    // oxlint-disable-next-line no-control-regex -- the escapes of terminals are what must not be there
    expect(first.stderr + first.stdout).not.toMatch(/\u001b/)
  })

  it('prints a table of the reports in 80 columns, which PDF to open first, and the next commands', async () => {
    const [table = '', after = ''] = first.stdout.split('Open first')
    const [head, ...rows] = table.split('\n').slice(0, 22)
    expect(head).toMatch(/^Report +Period +Edition +Detections +Change$/)
    const named = (code: TerritoryCode | 'ALL', period: string) => `${subjectOf(code).name.en} ${period}`
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 2).join(' '))).toEqual([
      ...territories.map(({ code }) => named(code, '2024-W20')),
      named('NC', '2024-05'),
      named('COR', '2024-02'),
      named('NC', '2024-W20'),
      named('MQ', '2024-W41'),
      'Dossier of UN-notorious BIG 2024-W48',
      named('ALL', '2024-W20'),
      named('ALL', '2023-07'),
      named('ALL', '2024-W20'),
    ])
    const paths = [...after.matchAll(/\S+\.pdf/g)].map(([path]) => path)
    expect(paths.map((path) => path.split('/').slice(-5).join('/'))).toEqual(
      ['en', 'fr'].map((lang) => `ALL/2024-W20/amber/v0001/report.${lang}.pdf`),
    )
    for (const path of paths) expect((await readFile(path)).subarray(0, 5).toString()).toBe('%PDF-')
    for (const command of ['serve', 'report all 2024-Q2']) expect(after).toContain(`npx vigie ${command} `)
    const lines = first.stdout.replaceAll(home, '.vigie').split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  })

  it('finds nothing new the second time, and writes nothing', async () => {
    const before = await listing(join(home, 'archive'))
    expect(before.filter((line) => line.includes('manifest.json'))).toHaveLength(21)
    const again = await vigie(['demo', '--home', home, '--json'])
    expect(again.code).toBe(0)
    const { ingested, reports, failed } = jsonOf<DemoJson>(again)
    expect(ingested).toMatchObject({ duplicates: 756, runs: 0, accepted: 0, rejected: 0 })
    expect(failed).toEqual([])
    expect(reports.filter(({ isNew }) => isNew)).toEqual([])
    expect(await listing(join(home, 'archive'))).toEqual(before)
  })

  it('leaves an archive that verifies, with every file of the JSON on disk', async () => {
    expect((await verifyArchive(opened.services)).problems).toEqual([])
    const { files } = await madeOf('NC', '2024-W20')
    expect(files.length).toBeGreaterThan(5)
    for (const { path, bytes } of files) expect((await stat(path)).size).toBe(bytes)
  })
})

describe('the drawings of the diverted photo', () => {
  it.each([
    [
      'fr',
      'Dessin fait pour la démonstration d’après le récit publié, et non une capture',
      'l’original et l’image détournée',
    ],
    [
      'en',
      'Drawing made for the demo after the published account, not a capture',
      'the original and the diverted picture',
    ],
  ] as const)('are small, and a pair in the annexes of New Caledonia’s week (%s)', async (lang, caption, pair) => {
    for (const { bytes } of await opened.services.plates.list()) expect(bytes).toBeLessThan(60_000)
    const report = await madeOf('NC', '2024-W20')
    for (const text of [await htmlText(report, lang), (await pdfPages(report, lang)).join(' ')]) {
      expect(text).toContain(pair)
      expect(text.split(caption)).toHaveLength(3)
    }
    expect(await readFile(pathOf(report, `report.${lang}.html`), 'utf8')).not.toContain('class="crop"')
  })
})

it('the samples arrive in order, each after its end and in time for its report', async () => {
  const arrivals = await storyArrivals()
  expect(arrivals.map(({ at }) => at)).toEqual(arrivals.map(({ at }) => at).toSorted())
  type Sample = { readonly observed?: { readonly from: string; readonly to?: string }; readonly ran?: string }
  for (const { at, records } of arrivals) {
    for (const { observed, ran } of records as readonly Sample[]) {
      const end = ran ?? observed?.to ?? observed?.from ?? ''
      // A day or a month is over where the arrival is in a later one.
      expect(at.slice(0, end.length) > end).toBe(true)
    }
  }
})

describe('the national edition', () => {
  const linked = territories.map(({ code }) => code as string).sort()
  const request = { territory: 'ALL', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const

  it.each(['fr', 'en'] as const)('links each territory’s report and the dossier in the archive (%s)', async (lang) => {
    const folder = join(home, 'archive/reports/ALL/2024-W20/amber/v0001')
    const html = await readFile(join(folder, `report.${lang}.html`), 'utf8')
    const files = [...html.matchAll(/<a href="(\.\.[^"]*)"/g)].map(([, href = '']) => join(folder, href))
    // Page 1 and the figures by territory both link the reports.
    expect([...new Set(files.map((file) => file.split('/').at(-5)))].sort()).toEqual(linked)
    for (const file of files) {
      expect(file.endsWith(`report.${lang}.html`)).toBe(true)
      expect((await stat(file)).size).toBeGreaterThan(10_000)
    }
  })

  it('links no report that was made after it, or of another cap', async () => {
    const early = await generateReport({ ...request, asOf: '2024-05-20T20:00:00.000Z' }, opened.services)
    expect(early.report.group?.rows.filter(({ report }) => report !== undefined)).toEqual([])
    const other = await generateReport({ ...request, cap: 'TLP:GREEN' }, opened.services)
    expect(JSON.stringify(other.report.pages)).not.toContain('report.fr.html')
  })

  it('links the reading room where the organisation has one', async () => {
    const services = { ...opened.services, organisation: { room: 'https://vigie.example.org' } }
    const { report, edition } = await generateReport({ ...request, rebrand: true }, services)
    const rows = report.pages.fr.group?.rows ?? []
    expect(rows.find(({ name }) => name === 'Nouvelle-Calédonie')?.href).toBe(
      'https://vigie.example.org/room/NC/2024-W20/amber',
    )
    const pdf = await services.archive.get(archiveKey(edition, report.version, 'report.fr.pdf'))
    // A name on two lines is two areas.
    const links = new Set((await pdfLinks(pdf)).filter((link) => link.startsWith('https:')))
    // Made now, after the dossier.
    expect([...links].map((link) => link.split('/').at(-3)).sort()).toEqual([...linked, 'campaign-4379075e7f51'].sort())
  })
})
