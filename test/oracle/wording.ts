/**
 * Reads the sentences of today's wording back: what they print of figures and comparisons. A change of wording changes
 * this file alone.
 */

export type Language = 'en' | 'fr'
export type Printed = { readonly value: number; readonly qualifier: string }

/** What a sentence states; parts that it does not have are left out. */
export type Sentence = {
  readonly is: string
  readonly figure?: string
  readonly total?: Printed | undefined
  readonly confirmed?: boolean
  readonly atMost?: true
  /** Of the compared weeks. */
  readonly isEstimate?: true
  readonly edition?: true
} & { readonly [name in (typeof numbers)[number]]?: number }

const numbers = ['least', 'most', 'weeks', 'minimums', 'leftOut', 'earlier', 'count'] as const

const numberText = String.raw`\d{1,3}(?:[, ]\d{3})*|\d+|one|une|un|no|aucune`
const n = (name: string): string => `(?<${name}>${numberText})`
type InBoth = Readonly<Record<Language, string>>
const qualifier: InBoth = {
  en: '(?<floor>at least )?(?<about>about )?',
  fr: '(?<floor>au moins )?(?<about>environ )?',
}
const figureText: InBoth = {
  en: `${qualifier.en}${n('value')}(?<incomplete> \\(incomplete\\))?`,
  fr: `${qualifier.fr}${n('value')}(?<incomplete> \\(incomplet\\))?`,
}
const nouns = { posts: ['post', 'message'], accounts: ['account', 'compte'], videos: ['video', 'vidéo'] }
const phrase: InBoth = {
  en: `${figureText.en} (?<noun>post|account|video|detection)s?(?<incomplete2> \\(incomplete\\))?`,
  fr: `${figureText.fr}(?: de)? (?<noun>message|compte|vidéo|détection)s?(?<incomplete2> \\(décompte incomplet\\))?`,
}
const edition: InBoth = { en: '(?<edition> in this edition)?', fr: '(?<edition> dans cette édition)?' }
const band: InBoth = {
  en: `(?:(?<atMost>at most )|(?<isEstimate>about ))?${n('least')} to ${n('most')}`,
  fr: `(?:(?<atMost>au plus )|(?<isEstimate>environ ))?${n('least')} à ${n('most')}`,
}
const itself: InBoth = { en: '(?: in the period itself)?', fr: '(?: dans la période elle-même)?' }
const minimums: InBoth = {
  en: `(?:, ${n('minimums')} of them known as a minimum)?`,
  fr: `(?:, dont ${n('minimums')} connues? comme minimum)?`,
}
const leftOut: InBoth = {
  en: `${n('leftOut')} weeks? left out as unusual or uncounted`,
  fr: `${n('leftOut')} semaines? inhabituelles? ou non comptées? écartées?`,
}
const reasons: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    ordinary: `${phrase.en}, compared with (?:none|${band.en}) in an ordinary week${edition.en} \\(${n('weeks')} weeks? compared${minimums.en}(?:; ${leftOut.en})?\\)\\.`,
    'none before': `${phrase.en}, compared with none in (?:the ordinary week|the ${n('weeks')} ordinary weeks) before${edition.en}(?: \\(${leftOut.en}\\))?\\.`,
    earlier: `${phrase.en}, over three times the mean of ten to thirteen weeks ago \\(${n('earlier')}\\)${edition.en}\\.`,
    floor: `${phrase.en}, ten times the floor; (?<edition>in this edition, )?(?:too few weeks are known to compare with|too few ordinary weeks to compare with \\(${leftOut.en}\\))\\.`,
    'not compared': `${n('count')} manoeuvres?${itself.en}${edition.en}(?:, with no reported effect)?; too few ordinary weeks to compare with[.;]`,
    'not known': `${n('count')} manoeuvres?${itself.en}${edition.en}(?:, with no reported effect)?; whether a figure known as a minimum is unusual is not known[.;]`,
    'nothing unusual': `${n('count')} manoeuvres?${itself.en}${edition.en}, with no unusual figure(?: and no reported effect)?[.;]`,
    public: `(?:${n('count')} manoeuvres? in this version|nothing to publish in the period itself)\\.`,
    none: String.raw`(?:nothing(?: new)? was detected|no detection counts) for [^.:]*?${edition.en}[.:]|nothing to publish about`,
    interrupted: 'too little data arrived to conclude',
    'not watched': 'no source visible at this marking watches',
    act: 'act reported, (?:(?<confirmed>confirmed)|to be confirmed)',
    effect: '(?:effect|pick-up) reported(?: \\(breakout \\d of 6\\))?, (?:(?<confirmed>confirmed)|to be confirmed)',
  },
  fr: {
    ordinary: `${phrase.fr}, contre (?:aucune?|${band.fr}) en semaine ordinaire${edition.fr} \\(${n('weeks')} semaines? comparées?${minimums.fr}(?: ; ${leftOut.fr})?\\)\\.`,
    'none before': `${phrase.fr}, contre aucune? dans (?:la semaine ordinaire précédente|les ${n('weeks')} semaines ordinaires précédentes)${edition.fr}(?: \\(${leftOut.fr}\\))?\\.`,
    earlier: `${phrase.fr}, plus du triple de la moyenne d’il y a dix à treize semaines \\(${n('earlier')}\\)${edition.fr}\\.`,
    floor: `${phrase.fr}, dix fois le seuil ; (?<edition>dans cette édition, )?(?:trop peu de semaines sont connues pour comparer|trop peu de semaines ordinaires pour comparer \\(${leftOut.fr}\\))\\.`,
    'not compared': `${n('count')} manœuvres?${itself.fr}${edition.fr}(?:, sans effet signalé)? ; trop peu de semaines ordinaires pour comparer(?:\\.| ;)`,
    'not known': `${n('count')} manœuvres?${itself.fr}${edition.fr}(?:, sans effet signalé)? ; on ne sait pas si un chiffre connu comme un minimum est inhabituel(?:\\.| ;)`,
    'nothing unusual': `${n('count')} manœuvres?${itself.fr}${edition.fr}, sans chiffre inhabituel(?: ni effet signalé)?(?:\\.| ;)`,
    public: `(?:${n('count')} manœuvres? dans cette version|rien de publiable dans la période elle-même)\\.`,
    none: String.raw`(?:rien(?: de nouveau)? n’a été détecté|aucune détection ne compte) pour [^.:]*?${edition.fr} ?[.:]|rien de publiable sur`,
    interrupted: 'trop peu de données ont été reçues pour conclure',
    'not watched': 'aucune source visible à ce marquage ne surveille',
    act: 'acte signalé, (?:(?<confirmed>confirmé)|à confirmer)',
    effect:
      '(?:effet signalé|reprise signalée)(?: par reprise \\(propagation \\d sur 6\\))?, (?:(?<confirmed>confirmée?)|à confirmer)',
  },
}

/** Titles of a trend, and conclusions of a week. */
const short: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    unusual: `(?:unusual activity|${phrase.en}, against ${band.en} in an ordinary week)${edition.en}`,
    'unusual after none': `${phrase.en}, against none in an ordinary week${edition.en}`,
    'unusual since earlier': `over three times ten to thirteen weeks ago${edition.en}`,
    above: `more than in an ordinary week${edition.en}(?:, under the floor)?`,
    below: `less than in an ordinary week${edition.en}`,
    within: `(?:as in an ordinary week|ordinary activity)${edition.en}`,
    nothing: `(?:nothing counts|no detection [^,]*?)${edition.en}|nothing to publish[^,]*`,
    'not compared': `activity, not compared|${phrase.en}(?: \\(shared posts included\\))?`,
    'not given': 'posts|accounts|participating accounts|videos',
    'no data': 'too little data to conclude',
    act: 'act reported, confirmed',
    effect: 'effect reported, confirmed',
    reported: 'effect reported, to be confirmed',
    public: `${n('count')} detections? that may be published`,
  },
  fr: {
    unusual: `(?:activité inhabituelle|${phrase.fr}, contre ${band.fr} en semaine ordinaire)${edition.fr}`,
    'unusual after none': `${phrase.fr}, contre aucune? en semaine ordinaire${edition.fr}`,
    'unusual since earlier': `plus du triple d’il y a dix à treize semaines${edition.fr}`,
    above: `plus (?:qu’en|que dans une) semaine ordinaire${edition.fr}(?:, sous le seuil)?`,
    below: `moins (?:qu’en|que dans une) semaine ordinaire${edition.fr}`,
    within: `(?:comme en semaine|activité) ordinaire${edition.fr}`,
    nothing: `(?:rien ne compte|aucune détection [^,]*?)${edition.fr}|rien de publiable[^,]*`,
    'not compared': `activité, non comparée|${phrase.fr}(?: \\(messages communs compris\\))?`,
    'not given': 'messages|comptes participants|vidéos',
    'no data': 'trop peu de données pour conclure',
    act: 'acte signalé, confirmé',
    effect: 'effet signalé, confirmé',
    reported: 'effet signalé, à confirmer',
    public: `${n('count')} détections? publiables?`,
  },
}

const spaced = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ').replace(/[\u2068\u2069]/g, '')

const numberOf = (text: string): number => {
  if (/^(no|aucune)$/i.test(text)) return 0
  return /^(one|une?)$/i.test(text) ? 1 : Number(text.replace(/[, ]/g, ''))
}

const printed = (found: Readonly<Record<string, string | undefined>>): Printed | undefined => {
  if (found.value === undefined) return undefined
  const qualifiers = [(found.floor || found.incomplete || found.incomplete2) && 'at least', found.about && 'about']
  return { value: numberOf(found.value), qualifier: qualifiers.filter(Boolean).join(' ') || 'exact' }
}

const readWith = (kinds: Readonly<Record<string, string>>, text: string, isWhole: boolean): Sentence => {
  for (const [is, pattern] of Object.entries(kinds)) {
    const bounded = isWhole ? `^(?:${pattern})\\.?$` : `(?<![\\p{L}\\d.,])(?:${pattern})`
    const found = new RegExp(bounded, 'iu').exec(spaced(text))
    if (!found) continue
    const { groups = {} } = found
    const [figure = ''] = Object.entries(nouns).find(([, noun]) => noun.includes(groups.noun ?? '')) ?? []
    const total = printed(groups)
    return {
      is,
      ...(total && { figure, total }),
      ...Object.fromEntries(numbers.flatMap((name) => (groups[name] ? [[name, numberOf(groups[name])]] : []))),
      ...(groups.atMost && { atMost: true }),
      ...(groups.isEstimate && { isEstimate: true }),
      ...(pattern.includes('<confirmed>') && { confirmed: groups.confirmed !== undefined }),
      ...(groups.edition && { edition: true }),
    }
  }
  throw new Error(`the adapter cannot read: ${text}`)
}

/** The first reason in the text: what follows it is other sentences. */
export const reasonIn = (text: string, language: Language): Sentence => readWith(reasons[language], text, false)

export const shortIn = (text: string, language: Language): Sentence => readWith(short[language], text, true)

const noFigure: Readonly<Record<string, string>> = {
  ...{ 'n/a': 'not given', 'n. c.': 'not given', 'not given n/a': 'not given', 'non communiqué n. c.': 'not given' },
  ...{ '–': 'not watched', 'not watched –': 'not watched', 'non surveillé –': 'not watched' },
}

/** A figure of a table, its qualifier first; what several territories share is left aside. */
export const figureIn = (text: string, language: Language): Printed | string => {
  const bare = spaced(text).replace(/^exact | \((shared posts included|messages communs compris)\)$/g, '')
  const found = new RegExp(`^${figureText[language]}$`, 'i').exec(bare)
  if (found) return printed(found.groups ?? {}) ?? bare
  if (/^(nothing to publish|rien de publiable)( –)?$|^incompl.?te? 0$/.test(bare))
    return { value: 0, qualifier: 'at least' }
  return noFigure[bare] ?? bare
}

/** A change against an earlier figure: by a number or, as `times`, a multiple. */
export const changeIn = (text: string, language: Language): (Printed & { readonly times?: true }) | string => {
  const bare = spaced(text).replace(/=$/, '+0')
  const pattern = `^${qualifier[language]}(?:(?<sign>[+−]) ?|(?<times>× ))${n('value')}$`
  const { groups = {} } = new RegExp(pattern).exec(bare) ?? {}
  const found = printed(groups)
  if (!found)
    return /^(shared posts included, not compared|messages communs compris, non comparé)$/.test(bare) ? 'joint' : bare
  const value = groups.sign === '−' ? -found.value : found.value
  return { ...found, value, ...(groups.times && { times: true }) }
}

/** As spoken: `Level 2 of 4 at least: Unusual activity`. */
export const levelIn = (text: string): { readonly value: number | string; readonly isAtLeast: boolean } => {
  const [, number] = /^(?:level|niveau) (\d)/i.exec(spaced(text)) ?? []
  const isInterrupted = /interrupted|interrompue/i.test(text)
  return {
    value: number === undefined ? (isInterrupted ? 'interrupted' : 'not watched') : Number(number),
    isAtLeast: /at least|au moins/i.test(text),
  }
}
