/** Anything but a known word, alone or before a description, is refused. */
import { fault, quoted } from '../../domain/core/fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { type DetectionInput, type EffectDegree, effectDegrees } from '../../domain/detection/detection.ts'
import { CellError } from '../table/cells.ts'
import { doubt, none, notAssessed, notGiven, observed } from './effect-words.ts'

type Effect = NonNullable<DetectionInput['observedEffect']>

/**
 * Removes invisible signs, which would split a word; some apostrophes are letters in Unicode. A symbol such as ✗ or ≠
 * may deny a word, so it counts as a 0.
 */
const wordsOf = (text: string): string =>
  folded(
    text
      .replace(/\p{Cf}/gu, '')
      .replace(/[\u02b9-\u02cb]/g, "'")
      .replace(/[\p{Sm}\p{So}]/gu, ' 0 '),
  )

/** A word for none or not assessed, and a text after a colon, in brackets, or after "selon". */
const deniedWithText =
  /^([^:：([]{1,80})(?:(?:[:：]|,(?=\s+(?:selon|according to)\s))\s*(\S[^]*)|[([]\s*([^()[\]]*[^()[\]\s])\s*[)\]][\s.]*)$/iu

/** A hyphen counts next to a space, a full stop before one. */
const beforeSign = /^(.{0,100}?)(?:\s*((?:[:：;,/|·…–—―()[\]\n]|(?<=\s)-|-(?=\s)|\.(?=\s|$))[^]*))?$/u
const closing = /^[)\]]\s*/
const parting = /^[:：;,/|·…–—―.\n-]\s*/
const opening = /^[([]\s*/
const bracketed = /^[([]\s*([^()[\]]*[^()[\]\s])\s*[)\]][\s.]*$/

const ahead = /^[\s([–—-]*(?:(?:effet|effect)s?\s*[:：]\s*)?/iu
const unstated = /^(?:degré non précisé|degree not stated)(?:[\s.,;:]+|$)/iu

/** Of several degrees the gravest counts, and the whole cell becomes the text. */
type EffectRead = { readonly effect: Effect; readonly gravest?: EffectDegree }

/**
 * Undefined where the cell states that the effect is unknown. An effect is observed only where the cell begins with a
 * word for that.
 * @throws CellError where the meaning is unsure
 */
export const effectIn = (cell: string): EffectRead | undefined => {
  if (/^[\p{P}\p{Cf}\s]*$/u.test(cell) || notGiven.test(wordsOf(cell))) return undefined
  if (/[?？](?=$|[\s:)\]»”"])/.test(cell)) throw unsure(cell)
  const [, before = cell, afterSign, inBrackets] = deniedWithText.exec(cell) ?? []
  const state = deniedBy(before)
  if (state) {
    const text = afterSign ?? inBrackets
    if (text !== undefined && observedIn(text).degrees.length > 0) throw unsure(cell)
    return { effect: { state, ...(text !== undefined && { text }) } }
  }
  const { degrees, text } = observedIn(cell)
  if (degrees.length === 0 || isDoubtful(text)) throw unsure(cell)
  const [degree, another] = effectDegrees.filter((one) => degrees.includes(one))
  const effectText = another ? cell : text
  const effect: Effect = { state: 'observed', ...(degree && { degree }), ...(effectText && { text: effectText }) }
  return { effect, ...(another && { gravest: degree }) }
}

const deniedBy = (text: string): 'none' | 'not assessed' | undefined => {
  const words = wordsOf(text)
  return none.test(words) ? 'none' : notAssessed.test(words) ? 'not assessed' : undefined
}

/** Bounds the time; real cells have fewer. */
const maxDegrees = 10

const observedIn = (cell: string): { readonly degrees: readonly Effect['degree'][]; readonly text: string } => {
  const degrees: Effect['degree'][] = []
  let text = cell.replace(ahead, '')
  for (;;) {
    const [, head = '', rest = ''] = beforeSign.exec(text.replace(opening, '')) ?? []
    const words = wordsOf(head)
    const known = observed.find(([pattern]) => pattern.test(words))
    if (!known || degrees.length === maxDegrees)
      return { degrees, text: text.replace(unstated, '').replace(bracketed, '$1') }
    degrees.push(known[1])
    text = rest.replace(closing, '').replace(parting, '')
  }
}

/** Checks for a denial at the start; later ones are fine. */
const isDoubtful = (text: string): boolean => {
  if (text === '') return false
  const inside = text.replace(opening, '')
  const [, head = ''] = beforeSign.exec(inside) ?? [undefined, inside]
  const [beforeColon = ''] = inside.split(/[:：()[\]]/, 1)
  return (
    !/\p{L}/u.test(text) ||
    wordsOf(head) === '' ||
    doubt.test(wordsOf(text)) ||
    [head, beforeColon].some((one) => deniedBy(one) !== undefined || notGiven.test(wordsOf(one)))
  )
}

const unsure = (cell: string): CellError => new CellError(fault('cell.effectUnsure', { text: quoted(startOf(cell)) }))

export const startOf = (cell: string): string => (cell.length > 60 ? `${cell.slice(0, 60)}…` : cell).toWellFormed()
