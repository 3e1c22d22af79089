/** Shown to a user, never applied. */
import { distance } from 'fastest-levenshtein'
import { minimum } from '../lists.ts'
import { folded } from './spelling.ts'

/** Letters per allowed typo. */
const lettersForSlip = 4
const maxSuggested = 3

/** Nearest first; none for short words. */
export const nearestOf = (written: string, known: Iterable<string>): readonly string[] => {
  const word = folded(written)
  if (word.length < lettersForSlip) return []
  const most = Math.floor(word.length / lettersForSlip)
  return [...known]
    .map((name) => ({ name, slips: slips(word, folded(name), most) }))
    .filter(({ slips }) => slips <= most)
    .sort((a, b) => a.slips - b.slips || (a.name < b.name ? -1 : 1))
    .slice(0, maxSuggested)
    .map(({ name }) => name)
}

const slips = (word: string, name: string, most: number): number => {
  if (Math.abs(word.length - name.length) > most) return Number.POSITIVE_INFINITY
  const changes = distance(word, name)
  // Swapped letters are two changes, but one typo.
  if (changes <= 1 || changes > 2 * most) return changes
  return minimum(
    swaps(word).map((swapped) => 1 + distance(swapped, name)),
    changes,
  )
}

const swaps = (word: string): readonly string[] =>
  Array.from({ length: word.length - 1 }, (_, at) => {
    const [one = '', other = ''] = word.slice(at, at + 2)
    return `${word.slice(0, at)}${other}${one}${word.slice(at + 2)}`
  })
