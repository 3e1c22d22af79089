/** Reports in a real browser: by axe-core nothing against WCAG 2.2 AA, no scrolling sideways on the narrowest phone, no word broken. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingestFiles } from '../../bin/cli/ingest-files.ts'
import { story } from '../../bin/cli/story.ts'
import { type Language, languages } from '../../lambdas/domain/core/languages.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/period.ts'
import type { SubjectCode } from '../../lambdas/domain/core/territory.ts'
import { campaignCode } from '../../lambdas/domain/detection/campaigns.ts'
import type { Page } from '../../lambdas/domain/page/page.ts'
import { fontFaceCss } from '../../lambdas/render/fonts.ts'
import { renderHtml } from '../../lambdas/render/html.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { openReader, type Reader, withChecker } from '../support/browser.ts'
import { newFolder } from '../support/cli.ts'
import { dossierPage, flashPage, groupPage, pageOfDays, platesPage, quietPage } from '../support/pages.ts'
import { platePictures } from '../support/plates.ts'
import { openServices } from '../support/services.ts'
import { hostileReport } from '../support/stress.ts'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const screens = [
  { width: 1440, scheme: 'light' },
  { width: 390, scheme: 'dark' },
  { width: 1200, scheme: 'dark' },
  { width: 390, scheme: 'light' },
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

const demo: readonly (readonly [SubjectCode, string, Marking, readonly Language[]])[] = [
  ['NC', '2024-W20', 'TLP:AMBER', languages],
  ['ALL', '2024-W20', 'TLP:AMBER', ['fr']],
  ['COR', '2024-02', 'TLP:AMBER', ['fr']],
  ['PF', '2024-W20', 'TLP:GREEN', ['fr']],
  ['MQ', '2024-W41', 'TLP:AMBER', languages],
  [campaignCode('UN-notorious BIG'), '2024-W41', 'TLP:AMBER', languages],
]
const nameOf = (territory: string, period: string, lang: string) => `${territory} ${period}, ${lang}`
const names = [
  ...pages.keys(),
  ...demo.flatMap(([territory, period, , langs]) => langs.map((lang) => nameOf(territory, period, lang))),
]

let reader: Reader

beforeAll(async () => {
  reader = await openReader()
  const { folder, remove } = await newFolder()
  const { services, context, at, close } = await openServices(folder)
  try {
    await ingestFiles({ files: [story.file], format: 'ndjson' }, context)
    for (const [territory, written, cap, langs] of demo) {
      if (written === '2024-W41') at('2024-10-15T12:00:00.000Z')
      const request = { territory, period: parsePeriod(written), cap, campaign: 'UN-notorious BIG' }
      const { report } = await generateReport(request, services)
      for (const lang of langs) pages.set(nameOf(territory, written, lang), report.pages[lang])
    }
  } finally {
    await close()
    await remove()
  }
})

afterAll(() => reader.close())

/**
 * Latin words of at most sixteen letters that stand on two lines. Longer ones, hashtags and addresses may be broken; heads of
 * tables are out of sight on a phone, where each cell has its label.
 */
const brokenWords = (isPhone: boolean): readonly string[] => {
  const broken: string[] = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const { parentElement: parent, nodeValue } = text
    if (!parent || parent.closest('code, svg, small') || (isPhone && parent.closest('thead'))) continue
    for (const { 0: word, index } of (nodeValue ?? '').matchAll(
      /(?<![#@\p{L}\p{N}])[\p{Script=Latin}\p{N}]{2,16}(?![\p{L}\p{N}])/gu,
    )) {
      const range = document.createRange()
      range.setStart(text, index)
      range.setEnd(text, index + word.length)
      const lines = new Set(
        [...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => Math.round(top)),
      )
      if (lines.size > 1)
        broken.push(`${word} in ${parent.closest('table, section')?.className || parent.outerHTML.slice(0, 80)}`)
    }
  }
  return broken
}

/** A sheet of A4 between its margins is 657 px wide; printed letters are up to a fortieth wider than those on a screen. */
const papers = [
  { media: 'print', width: 641 },
  { media: 'screen', width: 1100 },
  { media: 'screen', width: 390 },
  { media: 'screen', width: 320 },
] as const

const htmlOf = (name: string): string => {
  const page = pages.get(name)
  if (!page) throw new Error(`there is no page ${name}`)
  return renderHtml(page, fontFaceCss('screen'), undefined, platePictures)
}

describe.each(names)('%s', (name) => {
  it('has nothing against WCAG 2.2 AA on any screen', async () => {
    const found: Record<string, readonly string[]> = {}
    const page = await reader.show(htmlOf(name), screens[0])
    await withChecker(page)
    // What is in English was seen in French on every screen: its words are other ones, its layout is not.
    for (const screen of name.endsWith(', en') ? screens.slice(0, 2) : screens) {
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

  it('never scrolls sideways', async () => {
    const page = await reader.show(htmlOf(name), { width: 320, scheme: 'light' })
    const widths: Record<number, unknown> = {}
    for (const width of [320, 600, 834, 1024]) {
      await reader.turn({ width, scheme: 'light' })
      // What is left of the edge cannot be scrolled to; what is right of it can.
      widths[width] =
        await page.evaluate(`[document.documentElement.scrollWidth, [...document.querySelectorAll('main *')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 120))
        .slice(0, 5)]`)
    }
    expect(widths).toEqual(Object.fromEntries(Object.keys(widths).map((width) => [width, [Number(width), []]])))
  })

  // The long words of the hostile text are one letter beside the other.
  it.skipIf(name.startsWith('hostile'))('breaks no word inside, on paper and on any screen', async () => {
    const found: Record<string, readonly string[]> = {}
    const page = await reader.show(htmlOf(name), { width: 1100, scheme: 'light' })
    try {
      for (const { media, width } of papers) {
        await reader.turn({ width, scheme: 'light' })
        await page.emulateMediaType(media)
        await page.evaluate('Promise.all([...document.fonts].map((font) => font.load())).then(() => {})')
        found[`${media}, ${width} px`] = await page.evaluate(brokenWords, width < 600)
      }
    } finally {
      await page.emulateMediaType('screen')
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((paper) => [paper, []])))
  })
})
