import { type Fault, fault, FaultError, quoted } from '../../domain/core/fault.ts'
import { lettersOf } from '../../domain/core/text/spelling.ts'
import type { Figure } from '../../domain/detection/detection.ts'
import { notGiven, notGivenShort } from './not-given.ts'

/** A cell does not match its column. The message continues after the column's name. */
export class CellError extends FaultError {
  override name = 'CellError'
  readonly #others: Others

  constructor(fault: Fault, { alone, mapped, ...options }: ErrorOptions & Others = {}) {
    super(fault, options)
    this.#others = { alone, mapped }
  }

  faultFor({ isAlone = false, canMap = false }: FixOptions): Fault {
    return (isAlone ? this.#others.alone : canMap ? this.#others.mapped : undefined) ?? this.fault
  }
}

export type FixOptions = {
  readonly isAlone?: boolean | undefined
  /** A mapping can be given; otherwise only the file can be fixed. */
  readonly canMap?: boolean | undefined
}

type Others = { readonly alone?: Fault | undefined; readonly mapped?: Fault | undefined }

export type DecimalSign = ',' | '.'

/**
 * Removes the guard against formulas and numbers: `'=1+1`, `'@account`, `'0123` and `="0123"`. Inverse of
 * `detections.csv`.
 */
export const unguarded = (cell: string): string => {
  if (cell.startsWith('="')) return (/^="((?:[^"]|"")*)"$/.exec(cell)?.[1] ?? cell).replaceAll('""', '"')
  if (!cell.includes("'")) return cell
  return cell
    .replace(/(?<=(?:^|[;\t\r\n])"*)'(?=\p{Zs}*[=+\-@\t\r＝＋－＠−])/gu, '')
    .replace(/^'(?=[\d.,\s\u00A0\u202F]+$)/, '')
}

export const hasNoValue = (cell: string): boolean => cell === '' || /^[-–—?]$/.test(cell) || isWordOf(cell, noValue)

const noValue = new RegExp(`^(?:${notGiven.source})$`)
const noFigure = new RegExp(`^(?:${notGivenShort.source})$`)

const longest = 30

/** A leading sign changes the meaning: `#inconnu` is a hashtag. Excel writes `#N/A`. */
const isWordOf = (cell: string, words: RegExp): boolean =>
  cell.length <= longest &&
  words.test(
    lettersOf(/^#n\/a$/i.test(cell) ? cell.slice(1) : cell)
      .replace(/[\s./]+/g, ' ')
      .trim(),
  )

/** A number that a spreadsheet shortened, `1.23457E+15`: its last digits are lost. */
const isShortened = (cell: string): boolean => /^\d(?:[.,]\d+)?E\+\d{2,3}$/i.test(cell)

const shortened = (cell: string): Fault => fault('cell.shortened', { text: cell })

/** @throws CellError where a spreadsheet destroyed the name */
export const nameIn = (cell: string): string => {
  if (isShortened(cell)) {
    throw new CellError(fault('cell.idLostDigits', { text: cell }), { alone: shortened(cell) })
  }
  return cell.replace(/\s+/g, ' ')
}

export type ListSigns = {
  readonly usual: RegExp
  /** For entries without commas: hashtags, platforms, domains. */
  readonly orComma: RegExp
}

/** Semicolons, bars and line ends; or a mapping's separator and line ends. */
export const listSigns = (separator?: string): ListSigns => {
  if (separator === undefined) return { usual: /[;|\r\n]/, orComma: /[;|\r\n,]/ }
  const escaped = Array.from(separator, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`).join('')
  const only = new RegExp(`[\\r\\n]|${escaped}`, 'u')
  return { usual: only, orComma: only }
}

export const listIn = (cell: string, signs: RegExp): string[] =>
  signs.test(cell)
    ? [...new Set(cell.split(signs).map((entry) => entry.trim()))].filter((entry) => !hasNoValue(entry))
    : [cell]

const floor =
  /^(?:≥|⩾|>=?|au moins|plus (?:de |d['’])|minimum|min\.?|at least|more than|over)\s*(?=\d)|(?<=[\d kKM])\s*\+$/iu
const estimate =
  /^(?:[~≈±]|environ|env\.?|près de|autour de|approximativement|approx(?:\.|imately)?|about|around|circa|ca?\.)\s*(?=\d)|(?<=[\d kKM])\s*\(?(?:environ|env\.|approx\.?)\)?$/iu
/** Only an upper bound, which no figure holds. */
const ceiling = /^(?:<=?|≤|⩽|moins d|au plus|jusqu|au maximum|less than|fewer than|at most|under|up to)\D*\d/iu
const range =
  /^(?:entre |between |de |from )?([\d\s\u00A0\u202F]*\d)\s*(?:-|–|et|à|and|to)\s*(\d[\d\s\u00A0\u202F]*)$/iu
const withNoun =
  /^(.*(?:\d\s?(?:k|M|mille|millions?|thousand)?|aine|millier))\s*(?:de |d['’])?(\p{L}{4,}(?: \p{L}+)?)$/iu
const longestNoun = 60

/** `une vingtaine`, `a dozen` */
const roundNumbers: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ dizaine: 10, douzaine: 12, quinzaine: 15, vingtaine: 20, trentaine: 30, quarantaine: 40, cinquantaine: 50 },
    ...{ soixantaine: 60, centaine: 100, millier: 1_000, dozen: 12, hundred: 100, thousand: 1_000 },
  }),
)

/**
 * Reads a count: `5 000`, `≥ 5000`, `plus de 5 000`, `~300`, `1,2 M`, `une vingtaine`, `12 300 vues`; of `entre 80 et
 * 100` the lower bound. A comma or point before exactly three digits separates thousands, unless it is the given
 * decimal sign.
 * @param isNoun whether a word after the number is what the column counts
 * @throws CellError where it is no whole number, or exceeds 2^53
 */
export const figureIn = (
  cell: string,
  decimal?: DecimalSign,
  isNoun: (word: string) => boolean = () => false,
): Figure | undefined => {
  if (/^\d{1,15}$/.test(cell)) return { value: Number(cell), qualifier: 'exact' }
  if (hasNoValue(cell) || isWordOf(cell, noFigure)) return undefined
  if (ceiling.test(cell)) throw new CellError(fault('cell.ceiling', { text: quoted(cell) }))
  const [, counted = '', noun] = (cell.length <= longestNoun && withNoun.exec(cell)) || []
  if (noun !== undefined && isNoun(noun)) return figureIn(counted, decimal)
  const [, word = ''] = /^(?:environ )?(?:une?|a) (\p{L}+)$/iu.exec(cell) ?? []
  const round = roundNumbers.get(word.toLowerCase())
  if (round !== undefined) return { value: round, qualifier: 'about' }
  const [, least, most = ''] = (cell.length <= longestNoun && range.exec(cell)) || []
  if (least !== undefined) {
    const [value, above] = [wholeIn(least, cell, decimal), wholeIn(most, cell, decimal)]
    if (value < above) return { value, qualifier: 'at least' }
    throw new CellError(fault('cell.wholeNumber', { text: quoted(cell) }))
  }
  const isFloor = floor.test(cell)
  const isEstimate = !isFloor && estimate.test(cell)
  const number = cell.replace(isFloor ? floor : estimate, '').trim()
  const [, digits = number, unit] = /^(.*\d)[\s\u00A0\u202F]*(k|K|M|mille|thousand|millions?)$/u.exec(number) ?? []
  const value = unit === undefined ? wholeIn(digits, cell, decimal) : multiplied(digits, unit, cell)
  return { value, qualifier: isFloor ? 'at least' : isEstimate || unit !== undefined ? 'about' : 'exact' }
}

const wholeIn = (digits: string, cell: string, decimal?: DecimalSign): number => {
  if (isShortened(digits)) {
    throw new CellError(fault('cell.numberShortened', { text: cell }), { alone: shortened(cell) })
  }
  // Some programs write whole numbers with decimals: "5,000.0", "5.000,0", "5000.0".
  const [, grouped, sign] =
    /^([1-9]\d{0,2}(?:([ \u00A0\u2009\u202F.,'’])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,]0+)?$/u.exec(digits) ?? []
  if (grouped !== undefined && sign !== decimal) return safe(Number(grouped.replace(/\D/g, '')), cell)
  const [, plain] = /^(\d+)(?:[.,]0+)?$/.exec(digits) ?? []
  if (plain !== undefined) return safe(Number(plain), cell)
  throw new CellError(fault('cell.wholeNumber', { text: quoted(cell) }))
}

const factors: Readonly<Record<string, number>> = {
  k: 1e3,
  K: 1e3,
  mille: 1e3,
  thousand: 1e3,
  M: 1e6,
  million: 1e6,
  millions: 1e6,
}

const multiplied = (digits: string, unit: string, cell: string): number => {
  if (!/^\d{1,6}(?:[.,]\d{1,6})?$/.test(digits)) {
    throw new CellError(fault('cell.digits', { text: quoted(cell) }))
  }
  return safe(Math.round(Number(digits.replace(',', '.')) * (factors[unit] ?? 1)), cell)
}

const safe = (value: number, cell: string): number => {
  if (Number.isSafeInteger(value)) return value
  throw new CellError(fault('cell.tooLarge', { text: cell }))
}
