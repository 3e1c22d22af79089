/** What the cell of an observed effect says: a word, a word and what was seen, or what was seen alone. */
import { folded } from '../../domain/core/spelling.ts'
import type { DetectionInput } from '../../domain/detection/detection.ts'
import { CellError } from '../table/cells.ts'

type Effect = NonNullable<DetectionInput['observedEffect']>
type Said = Pick<Effect, 'state' | 'degree'>

// Patterns of whole folded texts: no accents, no capitals, and a space for each apostrophe and full stop.

const whole = (...parts: readonly RegExp[]): RegExp => {
  const any = parts.map(({ source }) => source).join('|')
  return new RegExp(`^(?:${any})${sinceWhen.source}$`)
}

const sinceWhen = /(?: a ce jour| a ce stade| pour l instant| so far| to date| yet)?/

const none = whole(
  /non|no|none|nul|nulle|aucune?s?|neant|rien|nothing|false|faux/,
  /(?:effets? |impacts? |effect )?(?:nuls?)/,
  /(?:none|aucun|rien|nothing) (?:observe|constate|observed|seen|noticed|reported)/,
  /(?:aucune?s?|sans|sans aucune?|pas d|pas de|no|none|without|without any) (?:observed |visible )?(?:effets?|effects?|impacts?|consequences?|actes?(?: ou decisions?)?|acts?(?: or decisions?)?)(?: (?:observe|constate|releve|signale)e?s?| visibles?| notables?| observed| seen| noticed| reported)?/,
)

const notAssessed = whole(
  /(?:(?:l )?(?:effets?|effects?|impacts?)(?: observe| observed)? )?(?:(?:non|pas|not|n est pas|n a pas ete|is not|was not|has not been)(?: encore| yet| been)? (?:(?:evalue|mesure|estime|examine|analyse)e?s?|assessed|evaluated|measured|examined)|unassessed|a evaluer|to be assessed|en cours d evaluation|being assessed)/,
)

const notGiven = whole(
  /(?:(?:l )?(?:effets?|effects?|impacts?)(?: observe| observed)? )?(?:(?:inconnu|non connu|non communique|non renseigne|non precise|indetermine)e?s?|non disponibles?|unknown|not known|not given|not available|undetermined|nc|n c|na|n a|nd|n d|nr|n r)/,
  /unknown (?:effect|impact)/,
)

const degrees: ReadonlyMap<string, Said['degree']> = new Map<string, Said['degree']>([
  ...['observed', 'observe', 'oui', 'yes', 'true', 'vrai'].map((word) => [word, undefined] as const),
  ...['act', 'acte'].map((word) => [word, 'act'] as const),
  ...['media', 'medias'].map((word) => [word, 'media'] as const),
  ...['online', 'en ligne'].map((word) => [word, 'online'] as const),
])

/** Folded, without signs that nobody sees, which would part a word; some apostrophes are letters by Unicode. */
const wordsOf = (text: string): string => folded(text.replace(/\p{Cf}/gu, '').replace(/[\u02b9-\u02cb]/g, "'"))

const wordIn = (text: string): Said | undefined => {
  const word = wordsOf(text)
  if (none.test(word)) return { state: 'none' }
  if (notAssessed.test(word)) return { state: 'not assessed' }
  if (!degrees.has(word)) return undefined
  const degree = degrees.get(word)
  return { state: 'observed', ...(degree && { degree }) }
}

/** Words that deny or doubt, as a folded text has them between spaces. */
const doubts: readonly RegExp[] = [
  / (?:aucune?s?|aucunement|sans|pas|non|no|not|none|nul|nuls|nulles?|neant|rien|jamais|guere|ni|zero) /,
  / (?:nothing|never|nobody|neither|nor|without|cannot|(?:isn|wasn|aren|weren|didn|don|doesn|hasn|haven|hadn|can) t) /,
  / (?:inconnue?s?|unknown|incertaine?s?|uncertain|unclear|unassessed|peut etre|maybe|perhaps|tbc|tbd|pending|en attente) /,
  / (?:a (?:evaluer|confirmer|verifier|determiner)|to be (?:assessed|confirmed|verified|determined)|en cours d evaluation|being assessed) /,
  / (?:ne|n(?= [aeiouy])) /,
]

/** The words that leave unsure whether the text tells an effect. */
const doubtIn = (text: string): string | undefined => {
  if (!/\p{L}/u.test(text)) return text.trim()
  if (/\?(?=$|[\s:)\]»”"])/.test(text)) return '?'
  if (notGiven.test(wordsOf(beforeSign(text)))) return beforeSign(text).trim()
  const [first] = doubts.flatMap((doubt) => doubt.exec(spacedWords(text)) ?? [])
  return first?.trim()
}

/** A number of an order is no negation. */
const spacedWords = (text: string): string => ` ${wordsOf(text.replace(/n\s*[°º]|№/giu, ' '))} `

const beforeSign = (text: string): string => /^[^:：([]*/u.exec(text)?.[0] ?? ''

/** A text after a colon, or the whole rest in brackets. */
const withText = /^([^:：([?]{1,80})(?:[:：]\s*(\S[^]*)|[([]\s*([^()[\]]*[^()[\]\s])\s*[)\]][\s.]*)$/u

/**
 * What a cell says; undefined where it says that nobody knows. What is not surely an observed effect is never read as one.
 * @throws CellError where it can be read as one and as none
 */
export const effectIn = (cell: string): Effect | undefined => {
  if (/^[\p{P}\p{Cf}\s]*$/u.test(cell) || notGiven.test(wordsOf(cell))) return undefined
  const word = cell.includes('?') ? undefined : wordIn(cell)
  if (word) return word
  const [, before = '', afterColon, inBrackets] = withText.exec(cell) ?? []
  const said = wordIn(before)
  const text = afterColon ?? inBrackets
  if (said && text !== undefined) {
    if (said.state === 'observed' && opensInDoubt(text)) throw unsure(cell.length > 60 ? `${cell.slice(0, 60)}…` : cell)
    return { ...said, text }
  }
  const doubt = doubtIn(cell)
  if (doubt !== undefined) throw unsure(doubt)
  return { state: 'observed', text: cell }
}

/** After a word for an observed effect a text may deny other things, but not begin so. */
const opensInDoubt = (text: string): boolean => {
  const state = wordIn(text)?.state
  if (state === 'none' || state === 'not assessed' || notGiven.test(wordsOf(beforeSign(text)))) return true
  return !/\p{L}/u.test(text) || doubts.some((doubt) => doubt.exec(spacedWords(text))?.index === 0)
}

const unsure = (doubt: string): CellError =>
  new CellError(
    `holds ${JSON.stringify(doubt.toWellFormed())}, so it is not sure that an effect was observed: give act (acte), media (médias), online (en ligne), observed (observé), none (aucun) or not assessed (non évalué), then a colon and what was seen`,
  )
