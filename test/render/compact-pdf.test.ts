/** The compact PDF: the same document, and the same bytes on every machine. */
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { openPrinter } from '../../lambdas/render/chromium.ts'
import { compactPdf as compacted } from '../../lambdas/render/compact-pdf.ts'
import { fontFaceCss } from '../../lambdas/render/fonts.ts'
import { renderHtml } from '../../lambdas/render/html.ts'
import { readPrinted } from '../../lambdas/render/publish-gate.ts'
import { fullPage } from '../support/pages.ts'
import { pdfFacts, pdfOutline, pdfTags, pdfText, pdfUniversal } from '../support/pdf-text.ts'

let printed: Uint8Array

const compactPdf = (pdf: Uint8Array) =>
  compacted(pdf, { title: 'A <title>', links: new Map([['#sources', 'Sources and method']]) })

beforeAll(async () => {
  const printer = await openPrinter()
  const page = fullPage()
  printed = await printer.print(renderHtml(page, fontFaceCss('print')), { lang: 'fr', title: page.documentTitle })
  await printer.close()
})

/** An empty page, two objects out of order, and a stream. */
const small = (() => {
  const objects = [
    '1 0 obj\n<</Title (One \\(1\\))>>\nendobj\n',
    '3 0 obj\n<</Type /Pages\n/Count 1\n/Kids [4 0 R]>>\nendobj\n',
    '2 0 obj\n<</Type /Catalog\n/Pages 3 0 R>>\nendobj\n',
    '4 0 obj\n<</Type /Page\n/MediaBox [0 0 595 842]\n/Parent 3 0 R\n/Contents 5 0 R>>\nendobj\n',
    '5 0 obj\n<</Length 3>> stream\nq Q\nendstream\nendobj\n',
  ]
  const head = '%PDF-1.4\n%\xd3\xeb\xe9\xe1\n'
  const body = head + objects.join('')
  const entry = (number: number) => `${String(body.indexOf(`\n${number} 0 obj`) + 1).padStart(10, '0')} 00000 n \n`
  const table = `xref\n0 6\n0000000000 65535 f \n${[1, 2, 3, 4, 5].map(entry).join('')}`
  const trailer = `trailer\n<</Size 6\n/Root 2 0 R\n/Info 1 0 R>>\nstartxref\n${body.length}\n%%EOF\n`
  return Buffer.from(body + table + trailer, 'latin1')
})()

describe('a compact PDF', () => {
  it('is less than two thirds of the size', () => {
    expect(compactPdf(printed).length).toBeLessThan((printed.length * 2) / 3)
  })

  it('is the same document to another reader', async () => {
    const compact = compactPdf(printed)
    // Artifacts divide texts in other places, which moves its share of small text a little.
    const sheetsIn = async (pdf: Uint8Array) => (await readPrinted(pdf)).sheets
    for (const read of [sheetsIn, pdfText, pdfFacts, pdfOutline]) {
      expect(await read(compact), read.name).toEqual(await read(printed))
    }
    for (const [at] of (await pdfText(printed)).entries()) {
      expect(await pdfTags(compact, at + 1), `tags of page ${at + 1}`).toEqual(await pdfTags(printed, at + 1))
    }
    expect((await pdfOutline(compact)).length).toBeGreaterThan(3)
  })

  it('has the same bytes each time, with any version of zlib', () => {
    expect(compactPdf(printed).equals(compactPdf(printed))).toBe(true)
    const sha256 = createHash('sha256').update(compactPdf(small)).digest('hex')
    expect(sha256).toBe('09b0c93015f21bc751e37cef3834a2243f4f31b2eb6b49044b4ce0a6ecd2282b')
  })

  it('keeps objects in another order than their numbers', async () => {
    expect(await pdfText(compactPdf(small))).toEqual([''])
    expect((await pdfFacts(compactPdf(small))).title).toBe('One (1)')
  })

  it.each([
    ['that has no table', Buffer.from('%PDF-1.4\nnothing\n'), 'has no plain table'],
    ['that is compact already', compactPdf(small), 'has no plain table'],
    [
      'whose objects are written in another way',
      Buffer.from(small.toString('latin1').replace('4 0 obj\n', '4 0 obj '), 'latin1'),
      'object 4',
    ],
  ])('refuses a PDF %s', (_, pdf, message) => {
    expect(() => compactPdf(pdf)).toThrow(message)
  })
})

describe('PDF/UA-1', () => {
  it('has what Chromium leaves out, and each figure has a text', async () => {
    const before = await pdfUniversal(printed)
    expect(before.untagged).toBeGreaterThan(20)
    expect(before.links).toContain('')
    const { identifier, title, links, ...now } = await pdfUniversal(compactPdf(printed))
    expect({ identifier, title }).toEqual({ identifier: '1', title: 'A <title>' })
    expect(new Set(links.filter((text) => !text.startsWith('http')))).toEqual(new Set(['Sources and method']))
    expect(now).toEqual({ untagged: 0, figuresWithoutText: 0 })
  })
})
