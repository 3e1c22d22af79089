/** Widths in %, heights in rem and no viewBox, so that words never scale. */
import Handlebars from 'handlebars'
import type { Bar, Bracket } from '../../domain/page/front/time.ts'
import type { Scale } from '../../domain/page/manoeuvre/assessment.ts'
import type { BarValue } from '../../domain/page/words/phrases.ts'

const { escapeExpression } = Handlebars

const round = (value: number): number => Math.round(value * 1000) / 1000

export const percent = (value: number): string => `${round(value)}%`

export const rem = (value: number): string => `${round(value)}rem`

export const rect = (kind: string, x: number, width: number, y: number, height: number): string =>
  `<rect class="${kind}" x="${percent(x)}" y="${rem(y)}" width="${percent(width)}" height="${rem(height)}"/>`

export const words = (text: string, x: number, y: number, anchor: 'start' | 'middle' | 'end', kind = ''): string =>
  `<text${kind && ` class="${kind}"`} x="${percent(x)}" y="${rem(y)}" text-anchor="${anchor}">${escapeExpression(text)}</text>`

export const baseline = (y: number): string => `<line class="axis" x1="0" x2="100%" y1="${rem(y)}" y2="${rem(y)}"/>`

export const picture = (height: number, text: string, parts: readonly string[]): string =>
  `<svg class="chart-svg" width="100%" height="${rem(height)}" role="img" aria-label="${escapeExpression(text)}">${parts.join('')}</svg>`

const highest = (values: readonly BarValue[]): number =>
  values.reduce<number>((most, value) => (typeof value === 'number' ? Math.max(most, value) : most), 0)

/** Returns a bar's height: zero is nothing, any other count is visible. */
export const scaled = (value: number, most: number, height: number): number =>
  value <= 0 || most <= 0 ? 0 : Math.max(0.09, (value / most) * height)

/** The current period is in the accent colour, usually the last. Missing figure: dashed empty slot. Not watched: dash. */
export const historyBars = (
  history: readonly BarValue[],
  text: string,
  accent: number = history.length - 1,
): string => {
  const height = 1.875
  const most = highest(history)
  const slot = 100 / Math.max(1, history.length)
  const bars = history.map((value, at) => {
    const x = slot * (at + 0.14)
    if (value === 'not watched') return words('–', x + slot * 0.36, height - 0.375, 'middle', 'quiet')
    if (typeof value !== 'number') return rect('slot', x, slot * 0.72, 0.05, height - 0.05)
    const tall = scaled(value, most, height)
    const kind = at === accent ? 'subject' : 'past'
    return tall === 0 ? '' : rect(kind, x, slot * 0.72, height - tall, tall)
  })
  return picture(height, text, [...bars, baseline(height)])
}

/** With more bars, only the highest is labelled. */
const maxLabelledBars = 12
const charactersAcross = { sheet: 84, phone: 36 } as const

const grouped = (value: number): number => String(value).length + Math.floor((String(value).length - 1) / 3)

const above = (written: string, middle: number, y: number, kind: string): string => {
  const half = (100 / charactersAcross.sheet / 2) * written.length
  if (middle + half > 100) return words(written, 100, y, 'end', kind)
  return middle < half ? words(written, 0, y, 'start', kind) : words(written, middle, y, 'middle', kind)
}

/**
 * Up to seven bars are above a table whose columns name them (see `.day-row`); their end labels serve screens where the
 * table is turned. Figures for several days are brackets.
 */
export const dayBars = (bars: readonly Bar[], text: string, brackets: readonly Bracket[] = []): string => {
  const most = highest(bars.map(({ value }) => value))
  if (most === 0 && brackets.length === 0) return ''
  const headroom = 1.375 + bracketHeight * brackets.length
  const height = 6
  const foot = headroom + height
  const slot = 100 / bars.length
  const width = slot * (bars.length < 5 ? 0.3 : bars.length > 12 ? 0.72 : 0.6)
  const slotTall = height / 4
  const peaks = bars.filter(({ value }) => value === most).length
  const middle = (at: number): number => slot * (at + 0.5)
  const all = bars.length * grouped(most)
  const hasRoom = bars.length <= maxLabelledBars && all <= charactersAcross.sheet
  const kind = all > charactersAcross.phone ? 'roomy' : ''
  const drawn = bars.flatMap(({ value, written }, at) => {
    // Empty slot: observed, but no source has a number.
    if (value === 'not watched') return hasRoom ? [words('–', middle(at), foot - 0.375, 'middle', 'quiet')] : []
    if (typeof value !== 'number') return [rect('slot', middle(at) - width / 2, width, foot - slotTall, slotTall)]
    const tall = scaled(value, most, height)
    if (tall === 0) return []
    const isPeak = value === most
    const label = hasRoom || (isPeak && peaks === 1)
    return [
      rect('subject', middle(at) - width / 2, width, foot - tall, tall),
      ...(label ? [above(written, middle(at), foot - tall - 0.375, isPeak ? 'peak' : kind)] : []),
    ]
  })
  const peakAt = bars.findIndex(({ value }) => value === most)
  const [first, last, peak] = [bars[0], bars.at(-1), bars[peakAt]]
  const below = foot + 1.125
  const ends = [
    ...(first && bars.length > 1 ? [words(first.label, 0, below, 'start', 'end')] : []),
    ...(last && bars.length > 1 ? [words(last.label, 100, below, 'end', 'end')] : []),
    ...(peak && peaks === 1 && middle(peakAt) > 30 && middle(peakAt) < 70
      ? [words(peak.label, middle(peakAt), below, 'middle', 'end peak')]
      : []),
  ]
  const over = brackets.flatMap((bracket, at) => bracketOver(bracket, slot, bracketHeight * at))
  return picture(foot + 1.5, text, [...over, ...drawn, baseline(foot), ...ends])
}

const bracketHeight = 1.75

const bracketOver = ({ first, last, written }: Bracket, slot: number, y: number): readonly string[] => {
  const [from, to] = [slot * (first + 0.2), slot * (last + 0.8)]
  const line = y + 1.375
  const side = (x: number): string =>
    `<line class="bracket" x1="${percent(x)}" x2="${percent(x)}" y1="${rem(line)}" y2="${rem(line + 0.3125)}"/>`
  return [
    `<line class="bracket" x1="${percent(from)}" x2="${percent(to)}" y1="${rem(line)}" y2="${rem(line)}"/>`,
    side(from),
    side(to),
    above(written, (from + to) / 2, line - 0.375, 'quiet'),
  ]
}

/** At 100 % the outline would lose half of its width. */
const fullWidth = 99.8

export const breakoutScale = (category: number, text: string): string => {
  const slot = fullWidth / 6
  const steps = [1, 2, 3, 4, 5, 6].flatMap((step) => {
    const here = step === category
    return [
      rect(here ? 'subject' : 'empty', slot * (step - 1), slot, 0.1875, 0.375),
      words(String(step), slot * (step - 0.5), 1.6875, 'middle', here ? 'peak' : 'quiet'),
    ]
  })
  return picture(2.0625, text, steps)
}

/** `of` is the kind of the rest: unseen accounts of a set are empty, other participants tinted. */
export const partBar = (
  bar: {
    readonly of: 'set' | 'participants'
    readonly part: number
    readonly whole: number
    readonly written: string
    readonly spoken: string
  },
  most: number,
): string => {
  const height = 1.25
  const end = (bar.whole / Math.max(1, most)) * fullWidth
  const part = (bar.part / Math.max(1, most)) * fullWidth
  const fits = part >= 1.5 * String(bar.part).length + 3
  return picture(height + 0.125, bar.spoken, [
    ...(end > part ? [rect(bar.of === 'set' ? 'empty' : 'others', part, end - part, 0.0625, height)] : []),
    rect('subject', 0, Math.max(part, 0.2), 0.0625, height),
    ...(fits ? [`<text class="inside" x="0.5rem" y="${rem(0.96)}">${escapeExpression(bar.written)}</text>`] : []),
  ])
}

/** Edges of the seven ICD 203 bands, in percent. */
const bandEdges = [1, 5, 20, 45, 55, 80, 95, 99]

export const assessmentScale = (scale: Scale): string => {
  if (scale.form === 'band') {
    const bands = bandEdges.slice(1).map((high, at) => {
      const low = bandEdges[at] ?? 0
      const here = low >= scale.low && high <= scale.high
      return rect(here ? 'subject' : 'empty', low, high - low, 0.1875, 0.375)
    })
    const [first = '', middle = '', last = ''] = scale.ends
    const below = [
      words(first, 0, 1.6875, 'start'),
      words(middle, 50, 1.6875, 'middle'),
      words(last, 100, 1.6875, 'end'),
    ]
    return picture(2.0625, scale.text, [...bands, ...below])
  }
  const slot = fullWidth / scale.steps.length
  const steps = scale.steps.flatMap((step, at) => {
    const here = at === scale.at
    return [
      rect(here ? 'subject' : 'empty', slot * at, slot, 0.1875, 0.375),
      words(step, slot * (at + 0.5), 1.6875, 'middle', here ? 'peak' : 'quiet'),
    ]
  })
  return picture(2.0625, scale.text, steps)
}

export const shareBar = (share: number): string => {
  const width = Math.min(1, Math.max(0, share)) * 100
  const bar = width > 0 ? rect('subject', 0, Math.max(width, 0.4), 0, 0.25) : ''
  return `<svg class="share-bar" width="100%" height="0.25rem" aria-hidden="true">${bar}</svg>`
}

const drawing = (width: number, height: number, path: string): string =>
  `<svg class="sign" width="${width / 16}rem" height="${height / 16}rem" viewBox="0 0 ${width} ${height}" aria-hidden="true">${path}</svg>`

const circle = (fill: string, more = ''): string =>
  drawing(
    13,
    13,
    `<circle cx="6.5" cy="6.5" r="5.6" fill="${fill}" stroke="currentColor" stroke-width="1.3"${more && ` ${more}`}/>`,
  )

const signs: ReadonlyMap<string, string> = new Map([
  ['full', circle('currentColor')],
  [
    'half',
    drawing(
      13,
      13,
      '<circle cx="6.5" cy="6.5" r="5.6" fill="none" stroke="currentColor" stroke-width="1.3"/><path d="M6.5 .9a5.6 5.6 0 0 0 0 11.2z" fill="currentColor"/>',
    ),
  ],
  ['empty', circle('none')],
  ['dashed', circle('none', 'stroke-dasharray="2.2 1.6"')],
  ['unusual', drawing(12, 11, '<path d="M6 0l6 11H0z" fill="currentColor"/>')],
  ['same', drawing(12, 11, '<path d="M1 3.6h10M1 7.4h10" stroke="currentColor" stroke-width="1.4"/>')],
  [
    'arrow',
    drawing(12, 11, '<path d="M0 5.5h10.4M6.6 1.7l4 3.8-4 3.8" fill="none" stroke="currentColor" stroke-width="1.4"/>'),
  ],
  [
    'flag',
    drawing(
      12,
      12,
      '<path d="M1.7 12V.8" stroke="currentColor" stroke-width="1.4"/><path d="M2 1h9L8.6 4 11 7H2z" fill="currentColor"/>',
    ),
  ],
  ['usual', drawing(12, 11, '<path d="M1 5.5h10" stroke="currentColor" stroke-width="1.6"/>')],
])

/** Hidden from screen readers, since the word is enough. */
export const signOf = (state: string): string => signs.get(state) ?? ''
