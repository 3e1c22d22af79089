/**
 * Reports in a real browser: by axe-core nothing against WCAG 2.2 AA, no scrolling sideways on the narrowest phone, no
 * word broken.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingestFiles } from '../../../bin/cli/ingest-files.ts'
import { story } from '../../../bin/cli/story.ts'
import { type Language, languages } from '../../../lambdas/domain/core/language/languages.ts'
import { type SubjectCode, territories } from '../../../lambdas/domain/core/place/territory.ts'
import { daysOf, type Period, parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import type { Page } from '../../../lambdas/domain/page/page.ts'
import { fontFaceCss } from '../../../lambdas/render/fonts.ts'
import { renderHtml } from '../../../lambdas/render/html.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { brokenOn, openAll } from '../../support/broken-words.ts'
import { openReader, type Reader, withChecker } from '../../support/browser.ts'
import { newFolder } from '../../support/cli.ts'
import { paleOn } from '../../support/contrast.ts'
import { detection } from '../../support/detections.ts'
import { dossierPage, flashPage, groupPage, pageOfDays, platesPage, quietPage } from '../../support/pages.ts'
import { platePictures } from '../../support/plates.ts'
import { draftFrom, type Opened, openServices } from '../../support/services.ts'
import { hostileReport } from '../../support/stress.ts'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const screens = [
  { width: 1440, scheme: 'light' },
  { width: 390, scheme: 'dark' },
] as const

type Violation = { readonly id: string; readonly help: string; readonly nodes: readonly { readonly html: string }[] }

const pages = new Map<string, Page>([
  ['everything that a page can have', groupPage()],
  ['everything that a dossier can have', dossierPage()],
  ['everything that a flash note can have', flashPage()],
  ['evidence plates', platesPage()],
  ['a quiet page with a note', quietPage()],
  ['a month', pageOfDays(31)],
  ...languages.map((lang): [string, Page] => [`hostile text, ${lang}`, hostileReport().pages[lang]]),
])

const demo: readonly (readonly [SubjectCode, string, readonly Language[]])[] = [
  ['NC', '2024-W20', languages],
  ['ALL', '2024-W20', ['fr']],
  ['MQ', '2024-W41', ['fr']],
  [campaignCode(story.campaign), '2024-W41', ['fr']],
]
const nameOf = (territory: string, period: string, lang: string) => `${territory} ${period}, ${lang}`
const names = [
  ...pages.keys(),
  ...demo.flatMap(([territory, period, langs]) => langs.map((lang) => nameOf(territory, period, lang))),
]

/** Works on a new home. */
const onHome = async (work: (opened: Opened) => Promise<void>): Promise<void> => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder)
  try {
    await work(opened)
  } finally {
    await opened.close()
    await remove()
  }
}

let reader: Reader

beforeAll(async () => {
  reader = await openReader()
  await onHome(async (opened) => {
    await ingestFiles({ files: [story.file], format: 'ndjson' }, opened.context)
    opened.at('2024-10-15T12:00:00.000Z')
    for (const [territory, period, langs] of demo) {
      const report = await draftFrom(opened, territory, period, { campaign: story.campaign })
      for (const lang of langs) pages.set(nameOf(territory, period, lang), report.pages[lang])
    }
  })
})

afterAll(() => reader.close())

/** The palest that vigie.json takes. */
const paleAccents = { accent: '#767676', accentDark: '#7f7f7f' }

const htmlOf = (name: string, accents: Partial<Page['house']> = {}): string => {
  const page = pages.get(name)
  if (!page) throw new Error(`there is no page ${name}`)
  return renderHtml({ ...page, house: { ...page.house, ...accents } }, fontFaceCss('screen'), undefined, platePictures)
}

describe.each(names)('%s', (name) => {
  it('has nothing against WCAG 2.2 AA on any screen', async () => {
    const found: Record<string, readonly string[]> = {}
    const page = await reader.show(htmlOf(name), screens[0])
    await page.evaluate(openAll)
    await withChecker(page)
    for (const screen of screens) {
      await reader.turn(screen)
      const options = JSON.stringify({ runOnly: tags, resultTypes: ['violations'] })
      const violations = (await page.evaluate(
        `axe.run(document, ${options}).then((run) => run.violations)`,
      )) as Violation[]
      for (const { id, help, nodes } of violations)
        found[`${screen.width} px, ${screen.scheme}: ${id}, ${help}`] = nodes.map(({ html }) => html.slice(0, 200))
    }
    expect(found).toEqual({})
  })

  it('has enough contrast in every text, on paper, on any screen and with pale accents', async () => {
    const accents = name.startsWith('hostile') ? [{}] : [{}, paleAccents, { ...paleAccents, accentDark: '' }]
    for (const one of accents) expect(await paleOn(htmlOf(name, one), reader)).toEqual({})
  })

  it('never scrolls sideways', async () => {
    const page = await reader.show(htmlOf(name), { width: 320, scheme: 'light' })
    await page.evaluate(openAll)
    const widths: Record<number, unknown> = {}
    for (const width of [320, 600, 834]) {
      await reader.turn({ width, scheme: 'light' })
      // Only what is right of the edge can be scrolled to.
      widths[width] =
        await page.evaluate(`[document.documentElement.scrollWidth, [...document.querySelectorAll('main *')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 120))
        .slice(0, 5)]`)
    }
    expect(widths).toEqual(Object.fromEntries(Object.keys(widths).map((width) => [width, [Number(width), []]])))
  })

  // The long words of the hostile text must be broken.
  it.skipIf(name.startsWith('hostile'))('breaks no word inside, on paper and on any screen', async () => {
    expect(await brokenOn(htmlOf(name), reader)).toEqual({})
  })
})

/**
 * Weeks whose days are written at their longest, in the year of the report, with ids that have hyphens: the samples are
 * of May 2024, and have neither.
 */
describe.each(['2026-W36', '2026-W53'])('a crowded week of a long month, %s', (period) => {
  const made = new Map<string, Page>()

  beforeAll(() =>
    onHome(async (opened) => {
      opened.at('2027-01-06T12:00:00.000Z')
      await ingestDetections(ofLongMonth(parsePeriod(period)), 'test', opened.services)
      for (const territory of ['ALL', 'NC'] as const) {
        const report = await draftFrom(opened, territory, period, { cap: 'TLP:AMBER+STRICT' })
        for (const lang of languages) made.set(`${territory}, ${lang}`, report.pages[lang])
      }
    }),
  )

  it.each(['ALL, fr', 'NC, fr', 'NC, en'])('breaks no word, day or id inside (%s)', async (name) => {
    const page = made.get(name)
    if (!page) throw new Error(`there is no page ${name}`)
    expect(await brokenOn(renderHtml(page, fontFaceCss('screen')), reader)).toEqual({})
  })
})

/** Twenty detections over all territories, some known elsewhere for weeks, by campaigns and by one hashtag. */
const ofLongMonth = (week: Period): readonly { readonly detection: Detection }[] =>
  Array.from({ length: 40 }, (_, number) => {
    const days = daysOf(week)
    const isBefore = number >= 20
    const day = isBefore ? dayBefore(days[number % 7] ?? '', 7 * (number % 5) + 7) : (days[number % 7] ?? '')
    return {
      detection: detection({
        id: `operation-${number}-17${number}`,
        territories: [territories[number % 13]?.code ?? 'NC', ...(number % 2 ? [] : ['NC'])],
        kind: number % 2 ? 'coordinated-sharing' : 'diverted-media',
        title: `Détournement d’une photographie de manifestation n° ${number}`,
        observed: { from: number % 3 ? day : `${day}T03:15:00Z` },
        ...(number % 4 > 0 && { campaign: `Opération ${number % 4}` }),
        hashtags: ['#VieChere'],
        platforms: ['Facebook', 'Telegram', 'TikTok'],
        counts: { posts: { value: 1_234 * (number + 1), qualifier: 'at least' }, accounts: 12 * number },
        marking: number % 5 ? 'TLP:GREEN' : 'TLP:AMBER+STRICT',
      }),
    }
  })

const dayBefore = (day: string, days: number): string =>
  new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10)
