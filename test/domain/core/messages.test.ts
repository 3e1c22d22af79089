/** Messages with any values: no missing elision, no 1 in place of a word, no doubled stop. */
import { readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { expect, test } from 'vitest'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { reportWordingWith } from '../../../lambdas/domain/core/language/report-wording.ts'

type Node = {
  readonly type: number
  readonly value?: string
  readonly options?: Readonly<Record<string, { readonly value: readonly Node[] }>>
  readonly children?: readonly Node[]
}
type Values = Record<string, string | number>

const names = ['core.', '', 'flash.', 'plates.', 'rhythm.', 'room.']
const read = (language: string, more: readonly string[]): Readonly<Record<string, string>> =>
  Object.assign(
    {},
    ...[...names, ...more].map((name) =>
      JSON.parse(readFileSync(`templates/messages/${name}${language}.json`, 'utf8')),
    ),
  )
const editions = { whole: [], public: ['public.'], partial: ['edition.'] } as const

const texts = {
  fr: ['au moins\u00a0957', 'environ 2\u202f147 messages', 'un territoire', '«\u202fFini.\u202f»', 'n.\u202fc.', '5'],
  en: ['at least\u00a0957', 'about 2,147 posts', 'one territory', '“Done.”', 'n/a', '5'],
} as const

/** The same numbers on each run. */
const seeded = () => {
  let state = 7
  return <One>(from: readonly One[]): One => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return from[Math.floor((state / 2_147_483_648) * from.length)] as One
  }
}

/** A value for each name: a branch of a choice, a number, or a text. */
const valuesOf = (
  nodes: readonly Node[],
  language: 'fr' | 'en',
  pick: ReturnType<typeof seeded>,
  into: Values,
): Values => {
  for (const { type, value = '', options, children } of nodes) {
    if (type === 1) into[value] ??= pick(texts[language])
    if (type === 2) into[value] = Number.isInteger(into[value]) ? (into[value] ?? 1) : pick([0, 1, 2, 5187])
    if (type === 6) into[value] = Number.isInteger(into[value]) ? (into[value] ?? 1) : pick([0, 1, 2, 5187])
    if (type === 5) into[value] ??= pick(Object.keys(options ?? {}))
    for (const { value: inside } of Object.values(options ?? {})) valuesOf(inside, language, pick, into)
    if (children) valuesOf(children, language, pick, into)
  }
  return into
}

const wrong = {
  fr: /(?<![\p{L}’])(?:[dn]|qu|jusqu|lorsqu|puisqu)e\s(?:au moins|environ|une?|aucune?)(?![\p{L}-])|\p{L}\s(?:sur|des|les)\s1(?![\d,.\u202f])|[\p{L}»”][.!?…]\.(?!\.)|[.!?…]\s?»\./iu,
  en: /\p{L}\s(?:of|the|all)\s1(?![\d,.])|[\p{L}»”][.!?…]\.(?!\.)|[.!?…]”\./iu,
} as const

/** Messages whose number is never 1, and why. */
const several: Readonly<Record<string, string>> = {
  'candidates.strength.text': 'posts are shuffled many times',
  'disarm.ids.removed': 'of one, no two are removed',
  'disarm.finding': 'another message is for one tactic',
  'dossier.size.returned': 'no account returns in the first operation',
  'flash.manoeuvre': 'it is the number of a manoeuvre',
  'room.look.more': 'more than are shown',
  'room.plate.file.note': 'the most is a constant',
  'since.watched': 'eight periods are compared',
}

test.each(
  languages.flatMap((language) => (['whole', 'public', 'partial'] as const).map((edition) => ({ language, edition }))),
)('each message reads well with any values: $language, $edition editions', ({ language, edition }) => {
  const all = { fr: read('fr', editions[edition]), en: read('en', editions[edition]) }
  const { formatRich } = reportWordingWith(all)(language)
  const pick = seeded()
  const found: string[] = []
  for (const [key, message] of Object.entries(all[language])) {
    const nodes = new IntlMessageFormat(message, language).getAst() as unknown as readonly Node[]
    if (key in several) continue
    const results = new Set<string>()
    for (let turn = 0; turn < 60; turn += 1)
      results.add(
        formatRich(key, valuesOf(nodes, language, pick, {}))
          .map(({ text }) => text)
          .join(''),
      )
    const bad = [...results].find((text) => text === '' || wrong[language].test(text))
    if (bad) found.push(`${key}: ${bad}`)
  }
  expect(found).toEqual([])
})
