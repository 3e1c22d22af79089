import Handlebars from 'handlebars'
import type { Lane, Lanes } from '../../domain/page/first/lanes.ts'
import { percent, rem, words } from './charts.ts'

const { escapeExpression } = Handlebars

const height = 1.65
const line = 1.25
const label = 0.75
/** Percent: a label after it has no room. */
const [lastTick, lastOnPhone] = [88, 65]

const ticks = (all: Lanes['ticks']): string =>
  all.map(({ at }) => `<line class="tick" x1="${percent(at)}" x2="${percent(at)}" y1="0" y2="100%"/>`).join('')

const drawn = (tall: number, spoken: string, parts: readonly string[]): string =>
  `<svg class="chart-svg" width="100%" height="${rem(tall)}" ${spoken ? `role="img" aria-label="${escapeExpression(spoken)}"` : 'aria-hidden="true"'}>${parts.join('')}</svg>`

/** Circle: first sighting in a territory. Thick: active. Dotted: nothing seen. */
export const laneChart = ({ from, stops, labels, spans, text }: Lane, all: Lanes['ticks']): string => {
  const path = (kind: string, x1: number, x2: number): string =>
    `<line class="${kind}" x1="${percent(x1)}" x2="${percent(x2)}" y1="${rem(line)}" y2="${rem(line)}"/>`
  return drawn(height, text, [
    ticks(all),
    path(spans.length > 0 ? 'silent' : 'since', from, 100),
    ...spans.map((span) => path('active', span.from, span.to)),
    ...stops.map((at) => `<circle cx="${percent(at)}" cy="${rem(line)}" r="4.5"/>`),
    ...labels.map((one) => words(one.text, one.at, label, 'start', 'roomy')),
  ])
}

export const laneAxis = (all: Lanes['ticks']): string =>
  drawn(1.25, '', [
    ticks(all),
    ...all.map(({ at, label: text }) =>
      at > lastTick ? '' : words(text, at + 0.5, 0.85, 'start', at > lastOnPhone ? 'quiet roomy' : 'quiet'),
    ),
  ])
