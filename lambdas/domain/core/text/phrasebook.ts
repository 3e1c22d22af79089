/**
 * Sentences of one language said in another, by pattern: what is stored holds the sentence alone, and neither its key
 * nor its values.
 *
 * A pattern is a sentence with holes, `is {"0"}: give one of {1}`: `{#0}` takes a number only, `{"0"}` none, one or
 * several JSON strings with commas between. What is said for it names the same holes: `{0}` as it came (a number in the
 * other language's form), `{"0"}` in the other language's quotation marks unless there are escapes in it, `{~0}` as a
 * sentence or phrase that is known itself, `{^0}` as one where it is known, `{0|one|many}` the word that goes with a
 * number.
 */

/** What a sentence is called in the other language; undefined where no pattern fits, so that it is shown as it is. */
export type Phrasebook = (sentence: string) => string | undefined

/** How the other language writes. */
export type Typography = {
  /** A whole number or decimal, grouped. */
  number(value: number): string
  quoted(text: string): string
  /** Between two faults of one list, and between two things of which one is wanted. */
  readonly semicolon: string
  readonly or: string
  readonly colon: string
}

/** A longer text is no sentence of ours: rejects hold 2,000 characters at most. */
export const maxSentenceChars = 20_000

/** Sentences in sentences. */
const maxDepth = 4

/** Faults of one record or report that are listed with semicolons. */
const maxListed = 50

type Pattern = {
  /** Its own words before the first hole and after the last: most patterns are ruled out by these. */
  readonly starts: string
  readonly ends: string
  /** What is between the holes that take anything, each with the numbers and JSON strings in it. */
  readonly segments: readonly RegExp[]
  /** The holes in the order of the sentence: those in a segment, then what follows it. */
  readonly order: readonly (readonly number[])[]
  readonly numbers: ReadonlySet<number>
  readonly said: string
  readonly literals: number
  readonly opens: boolean
}

/** What is said by a pattern with so many letters of its own; `opens` where it begins with a hole. */
type Fit = { readonly said: string } & Pick<Pattern, 'literals' | 'opens'>

const pathStart = /^([^\s:;"“]{1,200})(:)? (?=\S)/
/** A heading of a sheet, which may have spaces; what could be a sentence is one. */
const headingStart = /^([^:;"“]{1,200})(:) (?=\S)/

const numberText = String.raw`(\d+(?:,\d{3})*(?:\.\d+)?)`
const jsonText = String.raw`"(?:[^"\\]|\\.)*"`
const jsonTexts = `((?:${jsonText}(?:, ${jsonText})*)?)`

const compiled = (sentence: string, said: string): Pattern => {
  const pieces = sentence.split(/\{(#?\d|"\d")\}/)
  const segments: string[] = ['']
  const order: number[][] = [[]]
  const numbers = new Set<number>()
  for (const [at, piece] of pieces.entries()) {
    if (at % 2 === 0) segments[segments.length - 1] += RegExp.escape(piece)
    else {
      const hole = Number(/\d/.exec(piece)?.[0])
      order.at(-1)?.push(hole)
      if (piece.startsWith('#')) {
        segments[segments.length - 1] += numberText
        numbers.add(hole)
      } else if (piece.startsWith('"')) segments[segments.length - 1] += jsonTexts
      else {
        segments.push('')
        order.push([])
      }
    }
  }
  const last = segments.length - 1
  return {
    starts: pieces[0] ?? '',
    ends: pieces.at(-1) ?? '',
    segments: segments.map(
      (segment, at) => new RegExp((at === 0 ? '^' : '') + segment + (at === last ? '$' : ''), 'g'),
    ),
    order,
    numbers,
    said,
    literals: pieces.filter((_, at) => at % 2 === 0).join('').length,
    opens: /^\{\d\}/.test(sentence),
  }
}

/**
 * What stands in the holes. Between two holes each segment is taken where it comes first, so that no text, however
 * made, is walked twice: a longer expression with `.*` in it would try each way to part the text.
 */
const holesIn = (text: string, { starts, ends, segments, order }: Pattern): ReadonlyMap<number, string> | undefined => {
  if (!text.startsWith(starts) || !text.endsWith(ends)) return undefined
  const holes = new Map<number, string>()
  let from = 0
  for (const [at, segment] of segments.entries()) {
    segment.lastIndex = from
    const found = segment.exec(text)
    if (!found) return undefined
    const open = order[at - 1]?.at(-1)
    if (open !== undefined) holes.set(open, text.slice(from, found.index))
    for (const [which, number] of found.slice(1).entries()) holes.set(order[at]?.[which] ?? 0, number)
    from = found.index + found[0].length
  }
  return holes
}

const inQuotes = /"([^"\\«»]*)"/g
const onlyQuotes = /^"[^"\\«»]*"(?:, "[^"\\«»]*")*$/
const valueOf = (written: string): number => Number(written.replaceAll(',', ''))

/** A sentence or phrase in a hole. */
type Inner = (text: string) => string | undefined

/** What is said by a pattern with these in its holes; undefined where one of them is not known. */
const filled = (
  { said, numbers }: Pattern,
  holes: ReadonlyMap<number, string>,
  inner: Inner,
  typography: Typography,
): string | undefined => {
  let text = ''
  for (const [at, piece] of said.split(/\{([~^"]?\d"?(?:\|[^|{}]*\|[^|{}]*)?)\}/).entries()) {
    if (at % 2 === 0) {
      text += piece
      continue
    }
    const which = Number(/\d/.exec(piece)?.[0])
    const hole = holes.get(which) ?? ''
    const phrase = /^[~^]/.test(piece) ? inner(hole) : undefined
    const plain = () => plainFilling(piece, hole, numbers.has(which), typography)
    const filling = piece.startsWith('~') ? phrase : (phrase ?? plain())
    if (filling === undefined) return undefined
    text += filling
  }
  return text
}

const plainFilling = (piece: string, hole: string, isNumber: boolean, { number, quoted }: Typography): string => {
  const [, one, many = ''] = piece.split('|')
  if (one !== undefined) return valueOf(hole) < 2 ? one : many
  if (piece.startsWith('"') && onlyQuotes.test(hole)) return hole.replace(inQuotes, (_, text: string) => quoted(text))
  // Beyond that its last digits would be others.
  const value = isNumber ? valueOf(hole) : Number.NaN
  return Number.isSafeInteger(Math.trunc(value)) ? number(value) : hole
}

/**
 * @param sentences what is said for each pattern; of several that fit, the one with the most words of its own is taken
 */
export const phrasebook = (sentences: Readonly<Record<string, string>>, typography: Typography): Phrasebook => {
  let patterns: readonly Pattern[] | undefined
  const known = () =>
    (patterns ??= Object.entries(sentences)
      .map(([sentence, said]) => compiled(sentence, said))
      .sort((a, b) => b.literals - a.literals))

  const byPattern = (text: string, depth: number): Fit | undefined => {
    const inner: Inner = (hole) => (depth < maxDepth ? sentenceIn(hole, depth + 1) : undefined)
    for (const pattern of known()) {
      const holes = holesIn(text, pattern)
      const said = holes && filled(pattern, holes, inner, typography)
      if (said !== undefined) return { said, literals: pattern.literals, opens: pattern.opens }
    }
    return undefined
  }

  /**
   * Each of several, or nothing. What stands in a hole may have the sign between in it: a sentence goes on until it is
   * one.
   */
  const eachIn = (text: string, sign: string, between: string, depth: number): string | undefined => {
    const parts = text.split(sign)
    if (parts.length < 2 || parts.length > maxListed || depth >= maxDepth) return undefined
    const lost = new Set<number>()
    const from = (first: number): readonly string[] | undefined => {
      if (first === parts.length) return []
      if (lost.has(first)) return undefined
      for (let after = first + 1; after <= parts.length; after += 1) {
        // All of them as one sentence is no list.
        if (after - first === parts.length) break
        const one = oneIn(parts.slice(first, after).join(sign), depth + 1)
        const others = one === undefined ? undefined : from(after)
        if (one !== undefined && others) return [one, ...others]
      }
      lost.add(first)
      return undefined
    }
    return from(0)?.join(between)
  }

  /** `title.fr must not be empty`, `title.fr: must not be empty`: the path of a field is told as it is. */
  const afterPath = (text: string, depth: number, start = pathStart): Fit | undefined => {
    const [whole = '', path = '', colon] = start.exec(text) ?? []
    const rest = path === '' || depth >= maxDepth ? undefined : byPattern(text.slice(whole.length), depth + 1)
    return rest && { ...rest, said: `${path}${colon ? typography.colon : ' '}${rest.said}` }
  }

  const sentenceIn = (text: string, depth: number): string | undefined => {
    const listed = eachIn(text, '; ', typography.semicolon, depth)
    return listed ?? oneIn(text, depth)
  }

  const oneIn = (text: string, depth: number): string | undefined => {
    const wanted = eachIn(text, ', or ', typography.or, depth)
    if (wanted !== undefined) return wanted
    const [whole, part] = [byPattern(text, depth), afterPath(text, depth)]
    // A pattern that begins with a hole would take the path into it.
    if (whole && (!part || !whole.opens || whole.literals > part.literals)) return whole.said
    return (part ?? afterPath(text, depth, headingStart))?.said
  }

  return (sentence) => (sentence.length > maxSentenceChars ? undefined : sentenceIn(sentence, 0))
}
