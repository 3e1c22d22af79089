/** The contents list on paper: page numbers from the fourth sheet on, each that of its section. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import type { Page } from '../../../lambdas/domain/page/page.ts'
import { openPrinter, type Printer } from '../../../lambdas/render/chromium.ts'
import type { Draft } from '../../../lambdas/render/draft.ts'
import { fontFaceCss } from '../../../lambdas/render/fonts.ts'
import { builtInTemplates } from '../../../lambdas/render/html.ts'
import { normalisePdf, pdfPageCount } from '../../../lambdas/render/pdf.ts'
import { numberedFrom, printPage, type SheetNumbers } from '../../../lambdas/render/table-of-contents.ts'
import { dossierPage, fullPage, quietPage } from '../../support/pages.ts'
import { pdfText } from '../../support/pdf-text.ts'

let printer: Printer

beforeAll(async () => {
  printer = await openPrinter()
})

afterAll(() => printer.close())

/** Prints, and keeps what was printed. */
const printing = () => {
  const documents: string[] = []
  const drafts: boolean[] = []
  const print = async (html: string, draft?: Draft) => {
    documents.push(html)
    drafts.push(draft !== undefined)
    return { printed: await printer.print(html, { lang: 'fr', title: fullPage().documentTitle, draft }) }
  }
  return { documents, drafts, print }
}

/** A page with so many manoeuvres. */
const pageOf = (manoeuvres: number): Page => {
  const page = fullPage()
  const [card] = page.manoeuvres?.cards ?? []
  if (!page.manoeuvres || !card) throw new Error('the full page has no manoeuvre')
  const cards = Array.from({ length: manoeuvres }, (_, at) => ({
    ...card,
    anchor: `m${at + 1}`,
    parts: card.parts && { ...card.parts, anchor: `m${at + 1}-parts` },
    attribution: card.attribution && {
      ...card.attribution,
      table: { ...card.attribution.table, anchor: `m${at + 1}-links` },
    },
  }))
  const titles = new Map([page.ongoing, page.undatedHere].flatMap((list) => (list ? [[list.anchor, list.title]] : [])))
  const items = page.contents.items.map((item) => ({ ...item, title: titles.get(item.anchor) ?? item.title }))
  // Only a dossier has the list.
  const { dossier } = dossierPage()
  return {
    ...page,
    ...{ first: null, dossier, manoeuvres: { ...page.manoeuvres, cards } },
    contents: { ...page.contents, items },
  }
}

const fonts = fontFaceCss('print')

describe('a long report', () => {
  it('names the page on which each section begins', async () => {
    const { documents, drafts, print } = printing()
    const page = pageOf(6)
    const { printed } = await printPage(page, builtInTemplates(), fonts, print)
    expect(documents).toHaveLength(1)
    expect(drafts).toEqual([true])
    const pages = await pdfText(printed)
    expect(pages.length).toBeGreaterThanOrEqual(numberedFrom)
    const [front = '', ...others] = pages.map((text) => text.replace(/\s+/g, ' '))
    const last = page.contents.items.at(-1)?.title ?? ''
    const list = new RegExp(`${wordingOf(page.lang).say('contents')}.*?${last} ?\\d+`, 'u').exec(front)?.[0] ?? ''
    const sheets = [front.replace(list, ''), ...others]
    for (const { title } of page.contents.items) {
      const number = Number(new RegExp(`${title} ?(\\d+)`, 'u').exec(list)?.[1])
      const heading = new RegExp(`\\d ?${title}`, 'u')
      expect(sheets.findIndex((text) => heading.test(text)) + 1, title).toBe(number)
    }
  })
})

describe('likely numbers', () => {
  it('save the draft where they are right, and leave the bytes as they are, whatever they are', async () => {
    const page = pageOf(1)
    const bytesBy = async (likely?: SheetNumbers) => {
      const { drafts, print } = printing()
      const { printed, numbers } = await printPage(page, builtInTemplates(), fonts, print, likely)
      return { drafts, numbers, bytes: normalisePdf(printed, new Date(0)) }
    }
    const anchors = page.contents.items.map(({ anchor }) => anchor)
    const drafted = await bytesBy()
    expect(drafted.drafts).toEqual([true])
    for (const [likely, drafts] of [
      [drafted.numbers, [false]],
      [new Map(anchors.map((anchor) => [anchor, 9])), [false, false]],
      [new Map(anchors.slice(0, 1).map((anchor) => [anchor, 1])), [false, false]],
      [new Map<string, number>(), [false, false]],
    ] as const) {
      const printed = await bytesBy(likely)
      expect(printed.drafts).toEqual(drafts)
      expect(printed.bytes.equals(drafted.bytes)).toBe(true)
    }
  })

  it('are not tried where the report is long: the other language has others', async () => {
    const { drafts, print } = printing()
    const long = new Map(pageOf(6).contents.items.map(({ anchor }, at) => [anchor, 20 + at]))
    await printPage(pageOf(6), builtInTemplates(), fonts, print, long)
    expect(drafts).toEqual([true])
  })

  it('are left out where the report is too short for them', async () => {
    const { drafts, documents, print } = printing()
    const { items, ...contents } = quietPage().contents
    const anchors = ['figures', 'sources', 'closing']
    const page = {
      ...quietPage(),
      contents: { ...contents, items: anchors.map((anchor) => ({ anchor, title: anchor })) },
    }
    const { printed, numbers } = await printPage(page, builtInTemplates(), fonts, print, new Map([['figures', 2]]))
    expect(pdfPageCount(printed)).toBeLessThan(numberedFrom)
    expect(drafts).toEqual([false, false])
    expect(documents[1]).not.toContain('class="page"')
    expect(numbers.size).toBe(0)
  })
})

describe('a short report', () => {
  it('is printed once, without page numbers', async () => {
    const { documents, drafts, print } = printing()
    const { printed } = await printPage(quietPage(), builtInTemplates(), fonts, print)
    expect(documents).toHaveLength(1)
    expect(drafts).toEqual([false])
    expect(pdfPageCount(printed)).toBeLessThan(numberedFrom)
  })

  it('is never its draft', async () => {
    const { print } = printing()
    const quiet = await printPage(quietPage(), builtInTemplates(), fonts, print)
    const finished: string[] = []
    const short = async (html: string, draft?: Draft) => {
      finished.push(draft?.finished(quiet.printed) ?? html)
      return quiet
    }
    expect((await printPage(pageOf(6), builtInTemplates(), fonts, short)).printed).toBe(quiet.printed)
    expect(finished).toHaveLength(1)
    expect(finished[0]).not.toContain('class="page"')
  })
})

describe('numbers that do not settle', () => {
  it('are an error, not a wrong number', async () => {
    const { print } = printing()
    const prints = await Promise.all(
      [pageOf(6), pageOf(9)].map((page) => printPage(page, builtInTemplates(), fonts, print)),
    )
    let turn = 0
    const alternating = async () => prints[turn++ % 2] ?? { printed: new Uint8Array() }
    await expect(printPage(pageOf(6), builtInTemplates(), fonts, alternating)).rejects.toThrow(
      'changed their page numbers',
    )
  })

  it('are settled by the print that agrees', async () => {
    const { print } = printing()
    const [six, nine] = await Promise.all(
      [pageOf(6), pageOf(9)].map((page) => printPage(page, builtInTemplates(), fonts, print)),
    )
    const order = [six, nine, nine]
    const settling = async () => order.shift() ?? { printed: new Uint8Array() }
    expect((await printPage(pageOf(6), builtInTemplates(), fonts, settling)).printed).toBe(nine?.printed)
  })
})
