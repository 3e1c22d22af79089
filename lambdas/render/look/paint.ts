/** What a page of a PDF paints, in order, by pdf.js's operators. A browser shows no margins of sheets on a screen. */
import { type getDocumentProxy, getResolvedPDFJS } from 'unpdf'

type PdfPage = Awaited<ReturnType<Awaited<ReturnType<typeof getDocumentProxy>>['getPage']>>

/** In points, from the bottom left. */
export type Box = readonly [left: number, bottom: number, right: number, top: number]

export type Paint = {
  readonly kind: 'text' | 'shape' | 'image'
  readonly box: Box
  /** `#rrggbb` of an opaque fill inside the clip; else undefined. */
  readonly colour: string | undefined
  /** Without blanks. */
  readonly text: string
}

/** Letters reach from below the baseline to above it, in em. */
const [below, above] = [0.2, 0.75]

export const baselineOf = ({ box: [, bottom, , top] }: Paint) => {
  const size = (top - bottom) / (below + above)
  return { size, y: bottom + below * size }
}

const slack = 0.5

export const isInside = ([l, b, r, t]: Box, [left, bottom, right, top]: Box): boolean =>
  l >= left - slack && b >= bottom - slack && r <= right + slack && t <= top + slack

export const touches = ([l, b, r, t]: Box, [left, bottom, right, top]: Box): boolean =>
  l < right - slack && r > left + slack && b < top - slack && t > bottom + slack

type Glyph = { readonly unicode?: string; readonly width?: number } | number

type Matrix = readonly number[]

const placed = ([a = 1, b = 0, c = 0, d = 1, e = 0, f = 0]: Matrix, [l, m, r, t]: Box): Box => {
  const [x, y, far, high] = [a * l + c * m + e, b * l + d * m + f, a * r + c * t + e, b * r + d * t + f]
  return [Math.min(x, far), Math.min(y, high), Math.max(x, far), Math.max(y, high)]
}

const common = ([l, b, r, t]: Box, [left, bottom, right, top]: Box): Box => [
  ...([Math.max(l, left), Math.max(b, bottom)] as const),
  ...([Math.min(r, right), Math.min(t, top)] as const),
]

const joined = ([l, b, r, t]: Box, [left, bottom, right, top]: Box): Box => [
  ...([Math.min(l, left), Math.min(b, bottom)] as const),
  ...([Math.max(r, right), Math.max(t, top)] as const),
]

export const paintsOf = async (page: PdfPage): Promise<readonly Paint[]> => {
  const { OPS, Util } = await getResolvedPDFJS()
  const { fnArray, argsArray } = await page.getOperatorList()
  const paints: Paint[] = []
  let now = {
    matrix: [1, 0, 0, 1, 0, 0] as Matrix,
    clip: page.view as unknown as Box,
    colour: '' as string | undefined,
    graphics: {} as { readonly ca?: number; readonly BM?: string; readonly SMask?: unknown },
    size: 0,
  }
  const kept: (typeof now)[] = []
  let [isClipping, line, x, run] = [false, [] as Matrix, 0, '']
  let runBox: Box | undefined
  const set = (more: Partial<typeof now>) => {
    now = { ...now, ...more }
  }
  const paint = (kind: Paint['kind'], box: Box, text = '', isFill = true) => {
    const { ca = 1, BM = 'source-over', SMask = false } = now.graphics
    const isPlain = isFill && ca === 1 && BM === 'source-over' && SMask === false && isInside(box, now.clip)
    // Text of the next sheet is drawn too, and clipped.
    if (touches(box, now.clip))
      paints.push({ kind, box: common(box, now.clip), colour: isPlain ? now.colour : undefined, text })
  }
  const restore = () => set(kept.pop() ?? {})
  const move = (matrix: Matrix | null) =>
    set({ matrix: Util.transform([...now.matrix], [...(matrix ?? [1, 0, 0, 1, 0, 0])]) })
  const begin = (matrix: Matrix) => {
    ;[line, x] = [matrix, 0]
  }
  const startClip = () => {
    isClipping = true
  }
  const image = () => paint('image', placed(now.matrix, [0, 0, 1, 1]), '', false)
  const acts: Readonly<Record<number, (...args: readonly never[]) => void>> = {
    [OPS.save]: () => kept.push(now),
    [OPS.restore]: restore,
    [OPS.transform]: (...matrix: readonly number[]) => move(matrix),
    [OPS.paintFormXObjectBegin]: (matrix: Matrix | null) => {
      kept.push(now)
      move(matrix)
    },
    [OPS.paintFormXObjectEnd]: restore,
    [OPS.setFillRGBColor]: (colour: string) => set({ colour }),
    [OPS.setFillColorN]: () => set({ colour: undefined }),
    [OPS.setGState]: (entries: readonly (readonly [string, unknown])[]) =>
      set({ graphics: { ...now.graphics, ...Object.fromEntries(entries) } }),
    [OPS.clip]: startClip,
    [OPS.eoClip]: startClip,
    [OPS.constructPath]: (operator: number, _path: unknown, extent: Box) => {
      const box = placed(now.matrix, extent)
      if (operator !== OPS.endPath) paint('shape', box, '', operator === OPS.fill || operator === OPS.eoFill)
      if (isClipping) set({ clip: common(box, now.clip) })
      isClipping = false
    },
    [OPS.shadingFill]: () => paint('image', now.clip, '', false),
    [OPS.paintImageXObject]: image,
    [OPS.paintImageMaskXObject]: image,
    [OPS.setFont]: (_name: string, size: number) => set({ size }),
    [OPS.setTextMatrix]: (matrix: ArrayLike<number>) => begin(Array.from(matrix)),
    [OPS.moveText]: (dx: number, dy: number) => begin(Util.transform([...line], [1, 0, 0, 1, dx, dy])),
    [OPS.showText]: (glyphs: readonly Glyph[]) => {
      const from = x
      for (const glyph of glyphs) {
        x += ((typeof glyph === 'number' ? -glyph : (glyph.width ?? 0)) / 1000) * now.size
        run += typeof glyph === 'number' ? '' : (glyph.unicode ?? '')
      }
      const matrix = Util.transform([...now.matrix], [...line])
      const box = placed(matrix, [from, -below * now.size, x, above * now.size])
      runBox = runBox ? joined(runBox, box) : box
    },
    [OPS.endText]: () => {
      const text = run.replace(/\s+/gu, '').normalize('NFC')
      if (runBox && text !== '') paint('text', runBox, text)
      ;[run, runBox] = ['', undefined]
    },
  }
  for (const [at, operator] of fnArray.entries()) acts[operator]?.(...((argsArray[at] ?? []) as readonly never[]))
  return paints
}
