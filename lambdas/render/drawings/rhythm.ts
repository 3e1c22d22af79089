/** Posts by time of day as SVG text. */
import type { RhythmChart } from '../../domain/page/manoeuvre/rhythm.ts'
import { baseline, percent, picture, rect, rem, scaled, words } from './charts.ts'

const barHeight = 7
const headroom = 1.5
const lineHeight = 1.5

const near = (text: string, at: number, y: number, kind: string): string =>
  at < 22
    ? words(text, 0, y, 'start', kind)
    : at > 78
      ? words(text, 100, y, 'end', kind)
      : words(text, at, y, 'middle', kind)

const upright = (kind: string, x: number, from: number, to: number): string =>
  `<line class="${kind}" x1="${percent(x)}" x2="${percent(x)}" y1="${rem(from)}" y2="${rem(to)}"/>`

const level = (kind: string, y: number, from = 0, to = 100): string =>
  `<line class="${kind}" x1="${percent(from)}" x2="${percent(to)}" y1="${rem(y)}" y2="${rem(y)}"/>`

const heights = ({ bracket, days }: RhythmChart) => {
  const above = bracket ? lineHeight + 0.5 : 0
  const top = above + (days.length > 0 ? lineHeight : 0)
  return { above, top, foot: top + headroom + barHeight }
}

/** Height above the clocks. */
export const rhythmFoot = (chart: RhythmChart): string => rem(heights(chart).foot + 0.375)

export const rhythmBars = (chart: RhythmChart): string => {
  const { bracket, days, axes, shades } = chart
  const { above, top, foot } = heights(chart)
  const behind = shades.map(({ kind, at, width }) =>
    rect(kind === 'work' ? 'office' : 'holiday', at, width, top, foot - top),
  )
  const names = days.flatMap(({ at, written }, place) => [
    ...(place === 0 ? [] : [upright('day-line', at, above, foot)]),
    words(written, at + (place === 0 ? 0 : 0.8), above + 1, 'start', 'peak'),
  ])
  return picture(foot + 0.375 + lineHeight * axes.length, chart.text, [
    ...behind,
    ...names,
    ...(bracket ? bracketOver(bracket) : []),
    ...unknownDays(chart, foot),
    ...barsUpTo(chart, foot),
    baseline(foot),
    ...clocks(axes, foot),
  ])
}

const bracketOver = ({ at, width, written }: NonNullable<RhythmChart['bracket']>): readonly string[] => [
  level('bracket', lineHeight, at, at + width),
  upright('bracket', at, lineHeight, lineHeight + 0.3125),
  upright('bracket', at + width, lineHeight, lineHeight + 0.3125),
  near(written, at + width / 2, lineHeight - 0.375, 'quiet'),
]

const unknownDays = ({ unknown }: RhythmChart, foot: number): readonly string[] =>
  unknown.flatMap(({ at, width, written }) => [
    rect('slot', at + 0.2, width - 0.4, foot - lineHeight, lineHeight),
    // A single weekday is too narrow for the label; the note explains the box.
    ...(width > 20 ? [words(written, at + width / 2, foot - 0.5, 'middle', 'quiet roomy')] : []),
  ])

const barsUpTo = ({ bars, top, mean }: RhythmChart, foot: number): readonly string[] => {
  const most = bars.reduce((highest, { posts }) => Math.max(highest, posts), 0)
  const meanY = foot - (most === 0 ? 0 : (mean.value / most) * barHeight)
  return [
    ...bars.map(({ at, width, posts }) => {
      const tall = scaled(posts, most, barHeight)
      return rect('subject', at, width, foot - tall, tall)
    }),
    level('mean', meanY),
    ...(mean.side === 'start' ? [words(mean.written, 0, meanY - 0.375, 'start', 'quiet halo')] : []),
    ...(mean.side === 'end' ? [words(mean.written, 100, meanY - 0.375, 'end', 'quiet halo')] : []),
    near(top.written, top.at, foot - barHeight - 0.4375, 'peak halo'),
  ]
}

const clocks = (axes: RhythmChart['axes'], foot: number): readonly string[] =>
  axes.flatMap(({ ticks }, row) =>
    ticks.flatMap(({ at, written }, place) => {
      const anchor = at <= 0 ? 'start' : at >= 100 ? 'end' : 'middle'
      const kind = [row > 0 ? 'quiet' : '', place % 2 === 1 ? 'roomy' : ''].filter(Boolean).join(' ')
      return [
        ...(row === 0 ? [upright('axis', at, foot, foot + 0.25)] : []),
        words(written, at, foot + 0.25 + lineHeight * (row + 0.75), anchor, kind),
      ]
    }),
  )
