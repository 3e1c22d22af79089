/** Profile rows of an account set as SVG text. */
import type { StripDrawing } from '../../domain/page/dossier/strips.ts'
import { percent, rect, rem, words } from './charts.ts'

const rowHeight = 1.0625

const hair = 0.16

const hidden = (height: number, parts: readonly string[]): string =>
  `<svg class="chart-svg" width="100%" height="${rem(height)}" aria-hidden="true">${parts.join('')}</svg>`

export const profileNumbers = (columns: StripDrawing['columns']): string =>
  hidden(
    1.125,
    columns.map(({ at, written }) => words(written, at, 0.875, 'middle', 'quiet')),
  )

export const profileRow = ({ bars, gaps }: StripDrawing['rows'][number]): string =>
  hidden(rowHeight, bars === null ? hatched() : [...bars.map(filled), ...gaps.map(thin)])

const filled = ({ at, width, isMixed }: NonNullable<StripDrawing['rows'][number]['bars']>[number]): string =>
  rect(isMixed ? 'subject mixed' : 'subject', at + hair, Math.max(hair, width - 2 * hair), 0, rowHeight)

const thin = ({ at, width }: StripDrawing['rows'][number]['gaps'][number]): string =>
  `<line class="unseen-part" x1="${percent(at + hair)}" x2="${percent(at + Math.max(hair, width - hair))}" y1="${rem(rowHeight / 2)}" y2="${rem(rowHeight / 2)}"/>`

const slants = 60

/** Draws lines: the id of an SVG pattern would have to be unique on the page. */
const hatched = (): readonly string[] => [
  ...Array.from({ length: slants }, (_, at) => {
    const x = (at * 100) / slants
    return `<line class="slant" x1="${percent(x)}" x2="${percent(x + 100 / slants)}" y1="${rem(rowHeight)}" y2="0"/>`
  }),
  rect('empty', 0.05, 99.9, 0.03, rowHeight - 0.06),
]
