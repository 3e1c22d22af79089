/** A printer that prints another document than it is given. */
import type { Printing } from '../../lambdas/render/render.ts'

export const changedPrint = (printer: Printing, change: (html: string, language: 'fr' | 'en') => string): Printing => ({
  print: (html, { draft, ...options }) =>
    printer.print(change(html, options.lang), {
      ...options,
      draft: draft && { ...draft, finished: (print) => change(draft.finished(print), options.lang) },
    }),
})
