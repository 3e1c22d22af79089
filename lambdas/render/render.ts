/** Renders a report to its files: JSON, and HTML and PDF in both languages. */

import { createHash } from 'node:crypto'
import { languages } from '../domain/language.ts'
import type { Report } from '../domain/page.ts'
import { fontFaceCss } from './fonts.ts'
import { renderHtml, templateTexts } from './html.ts'
import { normalisePdf } from './pdf.ts'

export type RenderedFile = { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array }

/** Prints HTML to PDF. */
export type Printing = {
  print(html: string, options: { readonly lang: 'fr' | 'en'; readonly title: string }): Promise<Uint8Array>
}

type Timing = <Done>(step: string, work: () => Promise<Done>) => Promise<Done>

/** The same bytes for the same report, on any Linux x86_64 machine. */
export const renderFiles = async (
  report: Report,
  printer: Printing,
  time: Timing,
): Promise<readonly RenderedFile[]> => {
  const files: RenderedFile[] = [
    { name: 'report.json', contentType: 'application/json', bytes: utf8(`${JSON.stringify(report, null, 2)}\n`) },
  ]
  for (const lang of languages) {
    const page = report.pages[lang]
    const html = await time('html', async () => renderHtml(page, fontFaceCss('screen')))
    files.push({ name: `report.${lang}.html`, contentType: 'text/html; charset=utf-8', bytes: utf8(html) })
    const pdf = await time('pdf', async () => {
      const printable = renderHtml(page, fontFaceCss('print'))
      const printed = await printer.print(printable, { lang, title: page.documentTitle })
      return normalisePdf(printed, new Date(report.asOf))
    })
    files.push({ name: `report.${lang}.pdf`, contentType: 'application/pdf', bytes: pdf })
  }
  return files
}

/** One hash for everything besides the report that decides how its pages look. */
export const templatesSha256 = (): string => {
  const hash = createHash('sha256')
  for (const text of [...templateTexts(), fontFaceCss('print')]) hash.update(text).update('\0')
  return hash.digest('hex')
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
