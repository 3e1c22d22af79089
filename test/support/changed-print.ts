/** Printers that print another document than they are given, or print the same document once. */
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import type { Printer } from '../../lambdas/render/chromium.ts'
import type { Printing } from '../../lambdas/render/render.ts'

export const changedPrint = (printer: Printing, change: (html: string, language: 'fr' | 'en') => string): Printing => ({
  print: (html, { draft, ...options }) =>
    printer.print(change(html, options.lang), {
      ...options,
      draft: draft && { ...draft, finished: (print) => change(draft.finished(print), options.lang) },
    }),
})

/** The same document has the same bytes, as test/deep/render/chromium.test.ts proves: it is printed once. */
export const printedOnce = (printer: Printer): Printer => {
  const known = new Map<string, Promise<{ readonly pdf: Uint8Array; readonly draft: Uint8Array | undefined }>>()
  const printWithDraft = async (...[html, options]: Parameters<Printer['print']>) => {
    let draft: Uint8Array | undefined
    const finished = (pdf: Uint8Array) => {
      draft = pdf
      return options.draft?.finished(pdf) ?? html
    }
    const pdf = await printer.print(html, { ...options, draft: options.draft && { ...options.draft, finished } })
    return { pdf, draft }
  }
  return {
    ...printer,
    print: async (html, options) => {
      const key = sha256(html)
      const before = known.get(key)
      const print = before ?? printWithDraft(html, options)
      known.set(key, print)
      const { pdf, draft } = await print
      // Page numbers are read from the draft.
      if (before && draft) options.draft?.finished(draft)
      return pdf
    },
  }
}
