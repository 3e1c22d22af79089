/**
 * What the cell of an observed effect says: one of the words that are known, alone or before what was seen. All else is
 * refused.
 */
import { fault, quoted } from '../../domain/core/fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { type DetectionInput, type EffectDegree, effectDegrees } from '../../domain/detection/detection.ts'
import { CellError } from '../table/cells.ts'
import { doubt, none, notAssessed, notGiven, observed } from './effect-words.ts'

type Effect = NonNullable<DetectionInput['observedEffect']>

/**
 * Folded, without signs that nobody sees, which would part a word; some apostrophes are letters by Unicode. What is
 * more than punctuation, such as ✗ or ≠, may deny a word: it counts as a 0.
 */
const wordsOf = (text: string): string =>
  folded(
    text
      .replace(/\p{Cf}/gu, '')
      .replace(/[\u02b9-\u02cb]/g, "'")
      .replace(/[\p{Sm}\p{So}]/gu, ' 0 '),
  )

/** A word of none or not assessed, and a text after a colon, in brackets, or after "selon". */
const deniedWithText =
  /^([^:：([]{1,80})(?:(?:[:：]|,(?=\s+(?:selon|according to)\s))\s*(\S[^]*)|[([]\s*([^()[\]]*[^()[\]\s])\s*[)\]][\s.]*)$/iu

/**
 * What stands before the first sign, and the rest with that sign: a hyphen is one beside a space, a full stop before a
 * space.
 */
const beforeSign = /^(.{0,100}?)(?:\s*((?:[:：;,/|·…–—―()[\]\n]|(?<=\s)-|-(?=\s)|\.(?=\s|$))[^]*))?$/u
const closing = /^[)\]]\s*/
const parting = /^[:：;,/|·…–—―.\n-]\s*/
const opening = /^[([]\s*/
const bracketed = /^[([]\s*([^()[\]]*[^()[\]\s])\s*[)\]][\s.]*$/

/** Signs and a label before the first word, and the degree that Vigie prints where none is stated. */
const ahead = /^[\s([–—-]*(?:(?:effet|effect)s?\s*[:：]\s*)?/iu
const unstated = /^(?:degré non précisé|degree not stated)(?:[\s.,;:]+|$)/iu

/** What a cell says. Of several degrees the gravest counts, and is told apart: the whole cell is the text then. */
type EffectRead = { readonly effect: Effect; readonly gravest?: EffectDegree }

/**
 * What a cell says; undefined where it says that nobody knows. An effect is observed only where the cell begins with a
 * word for that.
 * @throws CellError where it is not sure
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

/** More in a row is no cell that a person writes, and would take long. */
const maxDegrees = 10

/** The degrees with which a text begins, one after the other, and what follows them. */
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

/** After a word for an observed effect a text may deny other things, but not begin so. */
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

/** As much of a cell as a sentence quotes. */
export const startOf = (cell: string): string => (cell.length > 60 ? `${cell.slice(0, 60)}…` : cell).toWellFormed()
