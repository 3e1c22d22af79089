/** Nouns, verbs and participles agree with their number, in each message and language. */
import { readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { expect, test } from 'vitest'
import { type PhraseFigure, wordingWith } from '../../../lambdas/domain/core/language/language.ts'
import { type Language, languages } from '../../../lambdas/domain/core/language/languages.ts'

type Node = {
  readonly type: number
  readonly value: string
  readonly options?: Readonly<Record<string, { readonly value: readonly Node[] }>>
  readonly children?: readonly Node[]
}
type Values = Readonly<Record<string, string | number>>

const catalogues = ['core', '', 'explain', 'faults', 'flash', 'plates', 'rhythm', 'room', 'edition', 'public']

const messagesOf = (language: Language): Readonly<Record<string, string>> =>
  Object.fromEntries(
    catalogues.flatMap((name) =>
      Object.entries<string>(
        JSON.parse(readFileSync(`templates/messages/${[name, language].filter(Boolean).join('.')}.json`, 'utf8')),
      ).map(([key, text]) => [name === 'edition' || name === 'public' ? `${name} ${key}` : key, text]),
    ),
  )
const all = { fr: messagesOf('fr'), en: messagesOf('en') }

/** Figures that pages pass as a text: as a phrase or a total, and the argument with the same number. */
const figures: Readonly<Record<string, readonly [form: PhraseFigure | 'total', number: RegExp]>> = {
  ...{ phrase: ['posts', /^value$/], posts: ['posts', /^value$/], accounts: ['accounts', /^value$/] },
  ...{ part: ['total', /^value$/], sum: ['posts', /^value$/], restText: ['total', /^rest$/] },
  figure: ['total', /^(?:value|count)$/],
}
const totals = ['measure.partJoint', 'rhythm.titleOffice']

/** Arguments that are never 0 or 1: limits, and numbers of what needs two. */
const several: Readonly<Record<string, string>> = {
  '*': 'max most few records few edge pixels shortest hours days tactics',
  'across.more': 'count',
  'cluster.postsWithoutTime': 'count',
  'csv.tooManyColumns': 'columns',
  'disarm.finding': 'total',
  'disarm.findingNone': 'total',
  'disarm.findingSpread': 'placed',
  'disarm.ids.removed': 'ids count',
  'dossier.size.returned': 'operations',
  'dossier.territories': 'count',
  'fold.grave': 'count',
  'fold.platforms': 'count',
  'fold.title': 'count',
  'group.jointAlone': 'count',
  'front.size.joint': 'count',
  'id.tooLong': 'length',
  'lanes.more': 'count',
  'measure.joint': 'count',
  'measure.partJoint': 'count',
  'national.moreTerritories': 'count',
  'picture.tooManyMasks': 'masks',
  'plate.several': 'count',
  'room.flash.name': 'count',
  'room.schedule.ahead': 'count',
  'room.schedule.ahead.here': 'count',
  'room.schedule.plates.ahead': 'count',
  'since.watched': 'all',
  'stray.moreThanWhole': 'sum',
}

const argumentsOf = (nodes: readonly Node[], into = new Map<string, Set<string | number>>()) => {
  for (const { type, value, options = {}, children = [] } of nodes) {
    if (type === 1 && !into.has(value)) into.set(value, new Set())
    if (type === 2 || type === 6) into.set(value, new Set([0, 1, 2, 5]))
    if (type === 5) into.set(value, new Set([...(into.get(value) ?? []), ...Object.keys(options)]))
    for (const option of Object.values(options)) argumentsOf(option.value, into)
    argumentsOf(children, into)
  }
  return into
}

/** All combinations; evenly spread ones where there are very many. */
const combinations = (choices: readonly (readonly [string, readonly (string | number)[]])[]): readonly Values[] => {
  const size = choices.reduce((product, [, values]) => product * values.length, 1)
  const step = Math.max(1, Math.floor(size / 2000))
  return Array.from({ length: Math.ceil(size / step) }, (_, turn) => {
    let rest = turn * step + (turn % step)
    return Object.fromEntries(
      choices.map(([name, values]) => {
        const value = values[rest % values.length] ?? ''
        rest = Math.floor(rest / values.length)
        return [name, value]
      }),
    )
  })
}

/** Verbs by number. */
const verbs = {
  fr: 'vise/visent est/sont a/ont continue/continuent était/étaient avait/avaient sera/seront attend/attendent manque/manquent reste/restent figure/figurent poursuit/poursuivent tombe/tombent relève/relèvent dépasse/dépassent porte/portent peut/peuvent serait/seraient recevrait/recevraient doit/doivent aura/auront diffère/diffèrent',
  en: 'is/are was/were has/have continues/continue does/do counts/count targets/target belongs/belong differs/differ waits/wait falls/fall remains/remain',
}

const feminine =
  'vidéo vue manœuvre détection campagne source semaine opération republication mention partie version colonne note période plateforme'
const masculine = 'message compte relevé territoire mot champ fichier lien acteur rapport envoi destinataire'
const either = (list: string): string => list.split(' ').join('|')

/** Words after a number that are no noun, or whose form is the same for any number. */
const others = {
  fr: new Set(
    either(
      'sur à de des dans et en par pour h au ou dont octets Mo Ko ko du qui selon le la les mai ne n si d pas où qu étant une se mois fois km j plus l avec non comptent',
    ).split('|'),
  ),
  en: new Set(
    either(
      'of in to and at on for by with h bytes MB kB KB d known from the or km more n if not did left had took a duration cannot being against over that offline read refused whose would shown without too altogether exactly',
    ).split('|'),
  ),
}

/** What does not agree, or ''. */
const disagreement = (written: string, language: Language): string => {
  const text = written.replaceAll(/[\u00a0\u202f]/g, ' ')
  // A number after these is a name (*version 2*), or the whole of another number (*one of the 5*).
  const named = /(?:version|révision|semaine|week|revision|ISO|2\^) ?$/i
  const whole = /(?:des|ses|its|sur|of|of the|the day’s|×) $/i
  const isPlural = (word: string): boolean => /[sxz]$/.test(word)
  for (const { 1: digits = '', 2: first = '', 3: second = '', 4: third = '', index } of text.matchAll(
    /(?<![\p{L}\d,.:–/^-]|\d )(\d+) (\p{L}+)(?:[’ -](\p{L}+))?(?:[’ -](\p{L}+))?/gu,
  )) {
    const isOne = language === 'fr' ? Number(digits) < 2 : Number(digits) === 1
    const before = text.slice(0, index)
    if (named.test(before) || others[language].has(first) || verbs[language].split(/[ /]/).includes(first)) continue
    if (isOne && !whole.test(before) && isPlural(first)) return `${digits} ${first}`
    if (!isOne && ![first, ...(language === 'en' ? [second, third] : [])].some(isPlural)) return `${digits} ${first}`
  }
  const [one, many] = language === 'fr' ? ['[01]|une?|aucune?', '[2-9]|\\d\\d+'] : ['1|one', '[02-9]|\\d\\d+']
  const subject = String.raw`(?<![\p{L}\d,.’])(?<!\d )(?<!${named.source.slice(0, -1)})(?<!${whole.source.slice(0, -1)})`
  const clause = 'qui|que|qu|dont|où|et|and|that|which|whose|where|if'
  const between = String.raw` (?:(?:(?!(?:${clause}|de|of|des|sur|du)(?!\p{L}))[\p{L}’]+ ){0,3}|(?:des|sur|of|of the) (?:(?!(?:${clause})\b)[\p{L}\d§’]+ ){1,9})`
  for (const pair of verbs[language].split(' ')) {
    const [singular, plural] = pair.split('/')
    const bad = new RegExp(
      `${subject}(?:(?:${one})${between}${plural}|(?:${many})${between}${singular})(?![\\p{L}’])`,
      'iu',
    ).exec(text)
    if (bad) return bad[0]
  }
  if (language === 'en') return ''
  return (
    new RegExp(
      String.raw`\b(?:aucun (?:${either(feminine)})|aucune (?:${either(masculine)})|(?:\d+|une) (?:${either(feminine)})s? (?:\p{L}+és?|vus?|connus?|reçus?)|(?:\d+|un) (?:${either(masculine)})s? (?:\p{L}+ées?|vues?|connues?|reçues?)|[2-9] \p{L}+s (?:\p{L}+ée?|vue?|connue?|reçue?)|(?<!ou )(?:[01]|une?) \p{L}+ (?!plus|sous)\p{L}+(?:ée?s|ue?s|une?s))(?!\p{L})`,
      'iu',
    ).exec(text)?.[0] ?? ''
  )
}

const nodesOf = (message: string, language: Language): readonly Node[] =>
  new IntlMessageFormat(message.replaceAll(/<[^>]*>/g, ''), language).getAst() as unknown as readonly Node[]

test.each(languages)('numbers agree in every message: %s', (language) => {
  const { say, phrase, total } = wordingWith(all)(language)
  const found: string[] = []
  for (const key of Object.keys(all[language])) {
    // A number in one language is one in the other.
    const nodes = languages.flatMap((one) => nodesOf(all[one][key] ?? '', one))
    const large = `${several['*']} ${several[key.split(' ').at(-1) ?? ''] ?? ''}`.split(' ')
    const taken = [...argumentsOf(nodes)].map(
      ([name, values]) =>
        [
          name,
          values.size === 0
            ? ['§']
            : [...values].filter((one) => !large.includes(name) || typeof one === 'string' || one > 1),
        ] as const,
    )
    const figure = Object.keys(figures).find((one) => taken.some(([name, [value]]) => name === one && value === '§'))
    const [form, number] = (figure === undefined ? undefined : figures[figure]) ?? ['total', /^$/]
    const isTotal = form === 'total' || totals.includes(key)
    const values = combinations(taken.filter(([name]) => name !== figure && !number.test(name)))
    const shown: readonly Values[] =
      figure === undefined
        ? [{}]
        : [0, 1, 2, 5].flatMap((value) =>
            (['exact', 'at least', 'about'] as const).map((qualifier) => ({
              ...Object.fromEntries(taken.filter(([name]) => number.test(name)).map(([name]) => [name, value])),
              [figure]: isTotal ? total({ value, qualifier }) : phrase(form as PhraseFigure, { value, qualifier }),
            })),
          )
    const texts = values.flatMap((one) => shown.map((more) => say(key as never, { ...one, ...more })))
    const bad = [...new Set(texts)].find((text) => disagreement(text, language))
    if (bad) found.push(`${key}: [${disagreement(bad, language)}] ${bad}`)
  }
  expect(found).toEqual([])
})

test('French has *de* after round millions', () => {
  const { phrase } = wordingWith(all)('fr')
  const written = (value: number, qualifier: 'exact' | 'about' = 'exact') =>
    phrase('views', { value, qualifier }).replaceAll(/\s/g, ' ')
  expect([1_000_000, 1_200_000].map((value) => written(value))).toEqual(['1 000 000 de vues', '1 200 000 vues'])
  expect(written(2_000_000, 'about')).toBe('environ 2 000 000 de vues')
  expect(wordingWith(all)('en').phrase('views', { value: 1_000_000, qualifier: 'exact' })).toBe('1,000,000 views')
})
