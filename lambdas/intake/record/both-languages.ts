/** Results are cached, since most clusters are alike. */

import {
  type CoreKey,
  type PhraseFigure,
  type Values,
  type Wording,
  coreWordingOf,
} from '../../domain/core/language/language.ts'
import type { Figure } from '../../domain/detection/detection.ts'

export type Both = { readonly fr: string; readonly en: string }

export type Sayings = {
  /** Values may be in both languages. */
  say(key: CoreKey, values: Readonly<Record<string, string | number | Both>>): Both
  /** `au moins 12 comptes` */
  phrase(figure: PhraseFigure, value: Figure): Both
  /** `copié, reformulé et traduit` */
  list(items: readonly Both[]): Both
}

/** Use one for each file: it caches sentences. */
export const sayingsFor = (): Sayings => {
  const known = new Map<string, Both>()
  const once = (key: string, format: (words: Wording) => string): Both => {
    const texts = known.get(key) ?? inBoth(format)
    known.set(key, texts)
    return texts
  }
  return {
    say: (key, values) => once(`${key} ${JSON.stringify(values)}`, (words) => words.say(key, inOne(values, words))),
    phrase: (figure, value) =>
      once(`${figure} ${value.value} ${value.qualifier}`, (words) => words.phrase(figure, value)),
    list: (items) => once(JSON.stringify(items), (words) => words.list(items.map((item) => item[words.language]))),
  }
}

/** Formats without a cache. */
export const inBoth = (format: (words: Wording) => string): Both => ({
  fr: format(coreWordingOf('fr')),
  en: format(coreWordingOf('en')),
})

export const joined = (sentences: readonly Both[]): Both => ({
  fr: sentences.map(({ fr }) => fr).join(' '),
  en: sentences.map(({ en }) => en).join(' '),
})

const inOne = (values: Readonly<Record<string, string | number | Both>>, { language }: Wording): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? value[language] : value]),
  )
