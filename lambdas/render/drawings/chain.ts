/** Boxes of text in columns over numbered links in SVG, where text does not wrap. Widths in %, heights in rem. */
import Handlebars from 'handlebars'
import { maximum } from '../../domain/core/lists.ts'
import type { ChainDrawing } from '../../domain/page/manoeuvre/attribution.ts'

const { escapeExpression } = Handlebars

type Link = ChainDrawing['links'][number]
type Side = 'left' | 'right'

type Port = { readonly link: Link; readonly end: 'from' | 'to'; readonly box: number; readonly side: Side }

type Point = { readonly x: number; readonly y: number }

type Placed = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

const boxHeight = 3.5
const lineHeight = 1.1
/** Half-em letters across the narrowest box. */
const lettersAcross = 19
const portStep = 1.5
const gap = 1
/** In percent, by number of columns. */
const boxWidths = [0, 32, 26, 20] as const
const laneStep = 1.2

export const actorChain = (chain: ChainDrawing): string => {
  const columns = maximum(chain.boxes.map(({ column }) => column)) + 1
  const ports = chain.links.flatMap((link) => portsOf(link, chain.boxes, columns))
  const { boxes, height } = placed(chain, columns, ports)
  const places = portPlaces(ports, boxes)
  const lanes = laneCounter(columns)
  const over = chain.links.filter((link) => isOver(link, chain.boxes))
  const parts = chain.links.map((link) => {
    const [from, to] = (['from', 'to'] as const).map((end) => places.get(`${link.number} ${end}`) as Point & Port)
    const bus = over.includes(link) ? height + 0.75 + over.indexOf(link) * portStep : undefined
    return drawn(link, from as Point & Port, to as Point & Port, { chain, lanes, bus })
  })
  const total = height + (over.length > 0 ? 0.75 + over.length * portStep : 0)
  const links = [...parts.map(({ lines }) => lines), ...parts.map(({ label }) => label)].join('')
  const drawnBoxes = chain.boxes.map((box, at) => boxOf(box, boxes[at] as Placed)).join('')
  return `<div class="chain-drawing"><svg class="chart-svg chain-svg" width="100%" height="${rem(total)}" role="img" aria-label="${escapeExpression(chain.text)}">${links}</svg>${drawnBoxes}</div>`
}

const isOver = ({ from, to }: Link, boxes: ChainDrawing['boxes']): boolean =>
  Math.abs(columnAt(boxes, from) - columnAt(boxes, to)) > 1

const columnAt = (boxes: ChainDrawing['boxes'], at: number): number => boxes[at]?.column ?? 0

const portsOf = (link: Link, boxes: ChainDrawing['boxes'], columns: number): readonly Port[] => {
  const [a, b] = [columnAt(boxes, link.from), columnAt(boxes, link.to)]
  const inside: Side = a === columns - 1 && columns > 1 ? 'left' : 'right'
  const sides: readonly [Side, Side] = a === b ? [inside, inside] : a < b ? ['right', 'left'] : ['left', 'right']
  return [
    { link, end: 'from', box: link.from, side: sides[0] },
    { link, end: 'to', box: link.to, side: sides[1] },
  ]
}

const at = (ports: readonly Port[], box: number, side: Side): readonly Port[] =>
  ports.filter((port) => port.box === box && port.side === side)

const placed = (chain: ChainDrawing, columns: number, ports: readonly Port[]) => {
  const width = boxWidths[Math.min(columns, 3)] ?? 20
  const step = columns === 1 ? 0 : (100 - width) / (columns - 1)
  const heights = chain.boxes.map((_, box) =>
    Math.max(
      textHeight(chain.boxes[box]?.name ?? ''),
      portStep * Math.max(at(ports, box, 'left').length, at(ports, box, 'right').length) + 0.75,
    ),
  )
  const ofColumn = Array.from({ length: columns }, (_, column) =>
    chain.boxes.flatMap((box, index) => (box.column === column ? [index] : [])),
  )
  const tall = ofColumn.map((all) => all.reduce((sum, box) => sum + (heights[box] ?? 0) + gap, -gap))
  const height = maximum(tall)
  const boxes: Placed[] = []
  for (const [column, all] of ofColumn.entries()) {
    let y = (height - (tall[column] ?? 0)) / 2
    for (const box of all) {
      boxes[box] = { x: step * column, y, width, height: heights[box] ?? boxHeight }
      y += (heights[box] ?? 0) + gap
    }
  }
  return { boxes, height: height + 0.125 }
}

/** Orders a side's ports by their destinations, so that few lines cross. */
const portPlaces = (ports: readonly Port[], boxes: readonly Placed[]): ReadonlyMap<string, Point & Port> => {
  const other = ({ link, end }: Port): Placed => boxes[end === 'from' ? link.to : link.from] as Placed
  const found = new Map<string, Point & Port>()
  for (const [box, place] of boxes.entries()) {
    for (const side of ['left', 'right'] as const) {
      const those = at(ports, box, side).toSorted((a, b) => other(a).y - other(b).y || a.link.number - b.link.number)
      const first = place.y + place.height / 2 - ((those.length - 1) * portStep) / 2
      for (const [index, port] of those.entries()) {
        const x = side === 'left' ? place.x : place.x + place.width
        found.set(`${port.link.number} ${port.end}`, { ...port, x, y: first + index * portStep })
      }
    }
  }
  return found
}

const laneCounter = (columns: number) => {
  const used = Array.from({ length: columns + 1 }, () => 0)
  const width = boxWidths[Math.min(columns, 3)] ?? 20
  const step = columns === 1 ? 0 : (100 - width) / (columns - 1)
  return (gutter: number): number => {
    const taken = used[gutter] ?? 0
    used[gutter] = taken + 1
    return columns === 1 ? width + 20 + taken * laneStep : step * (gutter + 1) - (taken + 1.5) * laneStep
  }
}

type Way = {
  readonly chain: ChainDrawing
  readonly lanes: (gutter: number) => number
  readonly bus: number | undefined
}

const drawn = (link: Link, from: Point & Port, to: Point & Port, { chain, lanes, bus }: Way) => {
  const gutterOf = ({ box, side }: Port) => columnAt(chain.boxes, box) - (side === 'left' ? 1 : 0)
  const isStraight = bus === undefined && Math.abs(from.y - to.y) < 0.01 && from.side !== to.side
  const points: readonly Point[] = isStraight
    ? [from, to]
    : bus === undefined
      ? turning(from, to, lanes(gutterOf(from)))
      : [...half(from, lanes(gutterOf(from)), bus), ...[...half(to, lanes(gutterOf(to)), bus)].reverse()]
  const lines = points.slice(1).map((point, index) => line(points[index] as Point, point, link.weight))
  const heads = [head(to), ...(link.isMutual ? [head(from)] : [])]
  return {
    lines: [...lines, ...heads].join(''),
    label: labelOf(link, from.side === 'right' ? from : to.side === 'right' ? to : from),
  }
}

const turning = (from: Point, to: Point, x: number): readonly Point[] => [from, { x, y: from.y }, { x, y: to.y }, to]

const half = (end: Point, x: number, y: number): readonly Point[] => [end, { x, y: end.y }, { x, y }]

const weights: Readonly<Record<Link['weight'], string>> = {
  strong: 'strong',
  plain: 'plain',
  weak: 'weak',
  unrated: 'unrated',
}

const line = (a: Point, b: Point, weight: Link['weight']): string =>
  `<line class="link ${weights[weight] ?? ''}" x1="${percent(a.x)}" y1="${rem(a.y)}" x2="${percent(b.x)}" y2="${rem(b.y)}"/>`

const head = ({ x, y, side }: Point & Port): string =>
  `<svg class="head" x="${percent(x)}" y="${rem(y - 0.25)}" width=".5rem" height=".5rem" viewBox="0 0 10 10" overflow="visible"><path d="${side === 'left' ? 'M-9 1L0 5L-9 9z' : 'M9 1L0 5L9 9z'}"/></svg>`

const labelOf = ({ number, basis }: Link, { x, y, side }: Point & Port): string => {
  const way = side === 'right' ? 1 : -1
  const middle = x + way * 3.2
  return [
    `<circle class="number-of" cx="${percent(middle)}" cy="${rem(y)}" r=".5rem"/>`,
    `<text class="peak" x="${percent(middle)}" y="${rem(y + 0.26)}" text-anchor="middle">${number}</text>`,
    `<text class="halo" x="${percent(middle + way * 1.5)}" y="${rem(y - 0.25)}" text-anchor="${way === 1 ? 'start' : 'end'}">${escapeExpression(basis)}</text>`,
  ].join('')
}

const boxOf = ({ name, kind, isState }: ChainDrawing['boxes'][number], { x, y, width, height }: Placed): string =>
  `<div class="party${isState ? ' of-state' : ''}" aria-hidden="true" style="left:${percent(x)};top:${rem(y)};width:${percent(width)};height:${rem(height)}"><b>${escapeExpression(name)}</b> <span>${escapeExpression(kind)}</span></div>`

/** As the browser wraps the name at words, or where it has none, above the line of its kind. */
const textHeight = (name: string): number => {
  let [lines, across] = [1, 0]
  for (const word of name.split(/\s+/)) {
    const width = widthOf(word)
    if (across > 0 && across + 1 + width > lettersAcross) [lines, across] = [lines + 1, 0]
    across += (across > 0 ? 1 : 0) + width
    lines += Math.ceil(across / lettersAcross) - 1
    across = across % lettersAcross || lettersAcross
  }
  return Math.max(boxHeight, (lines + 1) * lineHeight + 0.5)
}

/** Wide letters, and those of scripts whose widths are not known here, count twice. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (/[MWmw@%\u2014]|[^ -\u017f\u2010-\u2027]/u.test(letter) ? 2 : 1), 0)

const round = (value: number): number => Math.round(value * 1000) / 1000

const percent = (value: number): string => `${round(value)}%`

const rem = (value: number): string => `${round(value)}rem`
