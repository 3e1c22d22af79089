/** The sample reports, compared with accepted texts and pictures. */
import { basename, join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDrawings, type Arrival, ingestArrival, storyArrivals } from '../../bin/cli/story.ts'
import { type Language, languages } from '../../lambdas/domain/core/language/languages.ts'
import type { SubjectCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../lambdas/domain/detection/campaigns.ts'
import { reportOf } from '../../lambdas/domain/page/build-page.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { isBundledFor } from '../../lambdas/render/browser-choice.ts'
import { fontFaceCss } from '../../lambdas/render/fonts.ts'
import { builtInTemplates, type Templates } from '../../lambdas/render/html.ts'
import { printPage } from '../../lambdas/render/table-of-contents.ts'
import { embeddedPictures } from '../../lambdas/usecases/archive/plates-of-report.ts'
import { draftFacts } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../support/cli.ts'
import { demoListFile } from '../support/demo-archive.ts'
import { comparePictures, goldenIn, pdfPictures } from '../support/golden.ts'
import { pageText } from '../support/page-text.ts'
import { pdfText } from '../support/pdf-text.ts'
import { type Opened, openServices } from '../support/services.ts'

const update = Boolean(process.env.UPDATE_GOLDEN)

/** Another browser than the bundled one breaks lines and pages elsewhere. */
const isHere = isBundledFor(process) && !process.env.CHROME_PATH

const golden = goldenIn({
  folder: join(import.meta.dirname, '../golden'),
  update,
  accept: 'run UPDATE_GOLDEN=1 npx vitest run test/render/golden.test.ts',
  // Less than a marking in another colour or a moved line.
  tolerance: 0.001,
})

const campaign = 'UN-notorious BIG'
const dossier = campaignCode(campaign)

type Sample = {
  readonly territory: SubjectCode
  readonly period: string
  readonly asOf: string
}

const samples: readonly Sample[] = [
  { territory: 'PF', period: '2024-W20', asOf: '2024-05-20T12:00:00.000Z' },
  { territory: 'ALL', period: '2024-W20', asOf: '2024-05-21T04:30:00.000Z' },
  { territory: 'NC', period: '2024-W20', asOf: '2024-12-03T12:00:00.000Z' },
  { territory: 'COR', period: '2024-02', asOf: '2024-12-03T12:00:00.000Z' },
  { territory: 'MQ', period: '2024-W41', asOf: '2024-12-03T12:00:00.000Z' },
  { territory: dossier, period: '2024-W48', asOf: '2024-12-03T12:00:00.000Z' },
]

/** The prints, with their numbers of sheets. */
const prints: readonly { readonly territory: SubjectCode; readonly lang: Language; readonly sheets: number }[] = [
  { territory: 'NC', lang: 'fr', sheets: 9 },
  { territory: 'NC', lang: 'en', sheets: 9 },
  { territory: 'ALL', lang: 'fr', sheets: 7 },
  { territory: 'ALL', lang: 'en', sheets: 7 },
  { territory: 'PF', lang: 'fr', sheets: 2 },
  { territory: 'PF', lang: 'en', sheets: 2 },
  { territory: 'COR', lang: 'fr', sheets: 4 },
  { territory: 'MQ', lang: 'fr', sheets: 4 },
  { territory: dossier, lang: 'fr', sheets: 8 },
  { territory: dossier, lang: 'en', sheets: 8 },
]

/** The first sheet of each kind of page. */
const pictured: ReadonlySet<SubjectCode> = new Set<SubjectCode>(['NC', 'ALL', 'PF', dossier])

let opened: Opened
let cleanUp: () => Promise<void>
const reports = new Map<SubjectCode, Report>()
/** As their pages embed them. */
let pictures: ReadonlyMap<string, string> = new Map()

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder)
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
  await addDrawings(opened.services)
  const arrivals = [...(await storyArrivals())]
  for (const { territory, period, asOf } of samples) {
    while (arrivals[0] && arrivals[0].at <= asOf) await ingestArrival(arrivals.shift() as Arrival, opened.services)
    opened.at(asOf)
    const request = { territory, period: parsePeriod(period), cap: 'TLP:AMBER', campaign } as const
    const report = reportOf(await draftFacts(request, opened.services))
    reports.set(territory, report)
    pictures = new Map([...pictures, ...(await embeddedPictures(report, opened.services))])
  }
})

afterAll(() => cleanUp())

const pageOf = (territory: SubjectCode, lang: Language) => {
  const report = reports.get(territory)
  if (!report) throw new Error(`there is no report on ${territory}`)
  return report.pages[lang]
}

const nameOf = (territory: SubjectCode, lang: Language): string => {
  const period = samples.find((one) => one.territory === territory)?.period
  return `${territory}-${period}.${lang}`
}

const textFile = (territory: SubjectCode, lang: Language): string => `${nameOf(territory, lang)}.txt`

const pictureFile = (territory: SubjectCode, lang: Language): string => `${nameOf(territory, lang)}.page-1.png`

const templates = (): Templates => {
  const builtIn = builtInTemplates()
  return { ...builtIn, render: (page, fonts, numbers) => builtIn.render(page, fonts, numbers, pictures) }
}

describe.each(samples)('the report on $territory, $period', ({ territory }) => {
  it.each(languages)('has the accepted text and order of blocks: HTML, %s', (lang) => {
    const html = templates().render(pageOf(territory, lang), '/* fonts */')
    expect(golden.text(textFile(territory, lang), pageText(html))).toBeUndefined()
  })
})

describe.each(prints)('the print on $territory, $lang', ({ territory, lang, sheets }) => {
  let pdf: Uint8Array

  beforeAll(async () => {
    const page = pageOf(territory, lang)
    const { printed } = await printPage(page, templates(), fontFaceCss('print'), async (html) => ({
      printed: await opened.services.printer.print(html, { lang, title: page.documentTitle }),
    }))
    pdf = printed
  })

  it.skipIf(!isHere)('has its number of sheets', async () => {
    expect(await pdfText(pdf)).toHaveLength(sheets)
  })

  it.skipIf(!isHere || !pictured.has(territory))('has the accepted first sheet', async () => {
    const [drawn = new Uint8Array()] = await pdfPictures(pdf, [1])
    expect(golden.picture(pictureFile(territory, lang), drawn)).toBeUndefined()
  })
})

describe('the golden files', () => {
  it('are those that are compared, and small enough to keep', () => {
    const sizes = new Map([...golden.sizes()].filter(([name]) => name !== basename(demoListFile)))
    expect([...sizes.keys()].sort()).toEqual(
      [
        ...samples.flatMap(({ territory }) => languages.map((lang) => textFile(territory, lang))),
        ...[...pictured].flatMap((territory) => languages.map((lang) => pictureFile(territory, lang))),
      ].sort(),
    )
    expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBeLessThan(1_000_000)
  })

  it('are compared with a tolerance below a marking in another colour', () => {
    const sheet = (red: number) => {
      const png = new PNG({ width: 496, height: 702 })
      png.data.fill(255)
      for (let y = 20; y < 34; y += 1) for (let x = 396; x < 454; x += 1) png.data.set([red, 192, 0], (y * 496 + x) * 4)
      return PNG.sync.write(png)
    }
    expect(comparePictures(sheet(255), sheet(255)).share).toBe(0)
    expect(comparePictures(sheet(255), sheet(245)).share).toBe(0)
    expect(comparePictures(sheet(255), sheet(51)).share).toBeGreaterThan(0.001)
  })
})
