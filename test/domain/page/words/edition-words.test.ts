/** Messages that a hidden detection could make false name the edition in which they hold. */
import { readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, test } from 'vitest'
import { type Language, languages } from '../../../../lambdas/domain/core/language/languages.ts'
import { editionMessages } from '../../../../lambdas/domain/page/words/edition-words.ts'

type Messages = Readonly<Record<string, string>>
type Node = {
  readonly type: number
  readonly value: string
  readonly options?: Readonly<Record<string, { readonly value: readonly Node[] }>>
  readonly children?: readonly Node[]
}

const read = (name: string): Messages => JSON.parse(readFileSync(`templates/messages/${name}.json`, 'utf8')) as Messages

/** All that pages, mails and flash notes print; pages of links state nothing of a report. */
const reportMessages = (language: Language): Messages =>
  Object.fromEntries(
    ['core.', '', 'flash.', 'plates.', 'rhythm.']
      .flatMap((name) => Object.entries(read(`${name}${language}`)))
      .filter(([key]) => !key.startsWith('web.')),
  )

const all = { fr: reportMessages('fr'), en: reportMessages('en') }

const claim = {
  fr: /(?<!\p{L})(?:nouve(?:aux?|lles?)|premi(?:er|ère)s?|aucune?|rien|(?:in)?habituel(?:le)?s?|ordinaires?|sans effet|non observé)(?!\p{L})/iu,
  en: /\b(?:new(?:comers)?|first|none|nothing|(?:un)?usual|ordinary|not observed|without effect|no (?:\w+ )?(?:source|effect|detection|manoeuvre|campaign|operation|territory))\b/i,
} as const

const hedge = { fr: /(?:dans|de) cette édition/gi, en: /(?:in|of) this edition/gi } as const

const nodesOf = (message: string, language: Language): readonly Node[] =>
  new IntlMessageFormat(message, language).getAst() as unknown as readonly Node[]

const insideOf = ({ options = {}, children = [] }: Node): readonly (readonly Node[])[] => [
  ...Object.values(options).map(({ value }) => value),
  children,
]

/** Texts without the syntax of their arguments. */
const textOf = (nodes: readonly Node[]): string =>
  nodes.map((one) => (one.type === 0 ? one.value : ['', ...insideOf(one).map(textOf), ''].join('|'))).join('')

const valuesIn = (nodes: readonly Node[]): readonly string[] =>
  nodes.flatMap((one) => [...(one.type === 0 ? [] : [one.value]), ...insideOf(one).flatMap(valuesIn)])

/** The most hedges that one print can have. */
const hedgesIn = (nodes: readonly Node[], language: Language): number =>
  nodes.reduce((sum, one) => {
    const own = one.type === 0 ? (one.value.match(hedge[language])?.length ?? 0) : 0
    return sum + own + Math.max(...insideOf(one).map((inside) => hedgesIn(inside, language)))
  }, 0)

const isClaim = (key: string): boolean =>
  languages.some((language) => claim[language].test(textOf(nodesOf(all[language][key] ?? '', language))))

/** Keys may contain spaces. */
const unhedged = Object.values(read('unhedged')).flatMap((list) => list.split(/ (?=[a-zA-Z]+\.)/))

test('each message with such a word has a variant, or a reason to have none', () => {
  const claims = Object.keys(all.en).filter(isClaim)
  const { fr, en } = editionMessages.partial as Record<Language, Messages>
  expect(claims.filter((key) => !(key in fr && key in en)).toSorted()).toEqual(unhedged.toSorted())
})

describe.each(['public', 'partial'] as const)('variants of %s editions', (edition) => {
  test.each(languages)('replace a message with the same values: %s', (language) => {
    for (const [key, message] of Object.entries<string>(editionMessages[edition][language])) {
      const known = valuesIn(nodesOf(all[language][key] ?? '', language))
      const taken = valuesIn(nodesOf(message, language))
      expect({ key, unknown: taken.filter((name) => !known.includes(name)) }).toEqual({ key, unknown: [] })
    }
  })
})

test.each(languages)('variants of partial editions name the edition once: %s', (language) => {
  const messages = Object.entries<string>(editionMessages.partial[language])
  const counts = messages.map(([key, message]) => [key, hedgesIn(nodesOf(message, language), language)])
  expect(counts.filter(([, count]) => count !== 1)).toEqual([])
})
