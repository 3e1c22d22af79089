import { maximum } from '../../domain/core/lists.ts'
import type { Trend } from '../../domain/page/first/trend.ts'
import { baseline, percent, picture, rect, rem, words } from './charts.ts'

/** Four steps, as many raised as the level; hidden from screen readers, since the word is next to it. */
export const levelSteps = (steps: number): string => {
  const bars = [0, 1, 2, 3].map((at) => {
    const height = at < steps ? 6.2 + 4.6 * at : 2.4
    return `<rect x="${at * 7.2}" y="${20 - height}" width="5.2" height="${height}" fill="currentColor"/>`
  })
  return `<svg class="level-steps" viewBox="0 0 26.8 20" aria-hidden="true">${bars.join('')}</svg>`
}

const sheet = { top: 1.5, height: 3.5 } as const
/** Without words: the table's head has them. */
const tableRow = { top: 0.375, height: 1.5 } as const

/** Characters over a narrow chart; its title states the band too. */
const narrowLabel = 30
/** Longer ones stand at both ends alone. */
const longLabel = 5

export const trendLine = (trend: Trend): string => trendChart(trend, true, true)

/** A missing figure breaks the line. A narrow chart labels every other period. */
export const trendChart = ({ points, band, spoken }: Trend, isNarrow = false, isRow = false): string => {
  const plot = isRow ? tableRow : sheet
  const values = points.map(({ value }) => (typeof value === 'number' ? value : undefined))
  const most = maximum(
    values.map((value) => value ?? 0),
    Math.max(1, band?.most ?? 0),
  )
  const foot = plot.top + plot.height
  const y = (value: number): number => foot - (value / most) * plot.height
  const slot = 100 / points.length
  const x = (at: number): number => slot * (at + 0.5)
  const lines = values.flatMap((value, at) => {
    const next = values[at + 1]
    if (value === undefined || next === undefined) return []
    return `<line class="trend-line" x1="${percent(x(at))}" x2="${percent(x(at + 1))}" y1="${rem(y(value))}" y2="${rem(y(next))}"/>`
  })
  const dots = values.flatMap((value, at) => {
    if (value === undefined) {
      return isNarrow ? '' : words(points[at]?.written ?? '', x(at), foot - 0.35, 'middle', 'quiet')
    }
    const isNow = at === points.length - 1
    // A point between two lines shows without a dot.
    if (isRow && !isNow && (values[at - 1] ?? values[at + 1]) !== undefined) return ''
    return `<circle class="${isNow ? 'now' : 'then'}" cx="${percent(x(at))}" cy="${rem(y(value))}" r="${isNow ? 5 : 3.2}"/>`
  })
  const [last] = isRow ? [] : points.slice(-1)
  return picture(foot + (isRow ? 0.375 : 1.5), spoken, [
    ...(band
      ? [
          rect('band', 0, 100, y(band.most), y(band.least) - y(band.most)),
          ...(isRow || (isNarrow && band.label.length > narrowLabel)
            ? []
            : [words(band.label, 0, 0.9, 'start', 'quiet')]),
        ]
      : []),
    baseline(foot),
    ...lines,
    ...dots,
    ...(last && typeof last.value === 'number' ? [words(last.written, 98, y(last.value) - 0.6, 'end', 'peak')] : []),
    ...(isRow ? [] : points).flatMap(({ label }, at) => {
      const fromEnd = points.length - 1 - at
      const isLong = label.length > longLabel && fromEnd > 0 && at > 0
      return isLong || (isNarrow && fromEnd % 2 === 1)
        ? []
        : [fromEnd === 0 ? words(label, 100, foot + 1.1, 'end', 'peak') : words(label, x(at), foot + 1.1, 'middle')]
    }),
  ])
}
