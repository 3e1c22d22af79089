/**
 * Draws the two pictures of the demo's diverted photo: schemes after the published account, which say so in themselves.
 * Nothing is in them but what that says: an armed group outside a supermarket; posted on X and Facebook to call the
 * police "murderers". `npm run build:samples` writes them in greys, so that they are small; the demo adds them as they
 * are.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { PNG } from 'pngjs'
import { sha256 } from '../lambdas/domain/core/text/canonical.ts'
import { withPage } from '../lambdas/render/chromium.ts'

const size = { width: 640, height: 460 } as const
const ink = '#1a1a1a'
const grey = '#666666'

type Box = {
  readonly is: 'box'
  readonly at: readonly [x: number, y: number, width: number, height: number]
  readonly fill?: string
}
type Text = {
  readonly is: 'text'
  readonly at: readonly [x: number, y: number]
  readonly text: string
  readonly px: number
  readonly bold?: true
  readonly colour?: string
}
type Line = { readonly is: 'line'; readonly points: readonly (readonly [x: number, y: number])[] }
type Shape = Box | Text | Line

const text = (x: number, y: number, written: string, px: number, more: Partial<Text> = {}): Text => ({
  ...{ is: 'text', at: [x, y], text: written, px },
  ...more,
})

/** What each of them says first; no black ground, which means a mask. */
const head: readonly Shape[] = [
  { is: 'box', at: [1, 1, size.width - 2, 73], fill: '#dddddd' },
  text(320, 32, 'DESSIN, PAS UNE CAPTURE · DRAWING, NOT A CAPTURE', 23, { bold: true }),
  text(320, 60, 'fait pour la démo d’après le récit publié · made for the demo after the published account', 15),
]

/**
 * The scene in a frame: a building, and an empty box where the account says that a group was.
 * @param scale of 1 where it has its own size
 */
const scene = (x: number, y: number, scale: number): readonly Shape[] => {
  const by = (value: number): number => Math.round(value * scale)
  const box = (left: number, top: number, width: number, height: number, more: Partial<Box> = {}): Box => ({
    ...{ is: 'box', at: [x + by(left), y + by(top), by(width), by(height)] },
    ...more,
  })
  const word = (left: number, top: number, written: string, more: Partial<Text> = {}) =>
    text(x + by(left), y + by(top), written, Math.round(22 * scale), more)
  return [
    box(0, 0, 520, 320),
    box(60, 56, 400, 190, { fill: '#eeeeee' }),
    box(60, 56, 400, 52, { fill: '#ffffff' }),
    word(260, 90, 'supermarché · supermarket', { bold: true }),
    box(110, 226, 300, 66, { fill: '#ffffff' }),
    word(260, 266, 'groupe armé · armed group', { bold: true }),
  ]
}

const drawings: Readonly<Record<'original' | 'diverted', readonly Shape[]>> = {
  original: [...head, ...scene(60, 90, 1), text(320, 442, 'la photo · the photo', 19, { colour: grey })],
  diverted: [
    ...head,
    ...scene(170, 88, 0.58),
    text(320, 297, 'la photo détournée · the diverted photo', 18, { colour: grey }),
    {
      is: 'line',
      points: [
        [320, 308],
        [320, 332],
      ],
    },
    {
      is: 'line',
      points: [
        [310, 323],
        [320, 334],
        [330, 323],
      ],
    },
    { is: 'box', at: [40, 340, 560, 104] },
    text(320, 367, 'X, Facebook', 22, { bold: true }),
    text(320, 399, 'publiée pour traiter les policiers de « meurtriers »', 21),
    text(320, 428, 'posted to call the police “murderers”', 21),
  ],
}

const drawScript = `async ({ size, shapes, ink }) => {
  const canvas = new OffscreenCanvas(size.width, size.height)
  const context = canvas.getContext('2d', { alpha: false })
  context.fillStyle = '#fff'
  context.fillRect(0, 0, size.width, size.height)
  context.textAlign = 'center'
  context.lineWidth = 2
  context.strokeStyle = ink
  for (const shape of shapes) {
    if (shape.is === 'box') {
      if (shape.fill) { context.fillStyle = shape.fill; context.fillRect(...shape.at) }
      context.strokeRect(...shape.at)
    } else if (shape.is === 'line') {
      context.beginPath()
      for (const [index, point] of shape.points.entries()) index === 0 ? context.moveTo(...point) : context.lineTo(...point)
      context.stroke()
    } else {
      context.fillStyle = shape.colour ?? ink
      context.font = (shape.bold ? '700 ' : '400 ') + shape.px + 'px "Source Sans 3"'
      context.fillText(shape.text, ...shape.at)
    }
  }
  const blob = await canvas.convertToBlob({ type: 'image/png' })
  const bytes = new Uint8Array(await blob.arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}`

for (const [name, shapes] of Object.entries(drawings)) {
  const drawn = await withPage({}, (evaluate) =>
    evaluate<string>(`(${drawScript})(${JSON.stringify({ size, shapes, ink })})`, 'drawing'),
  )
  const bytes = PNG.sync.write(PNG.sync.read(Buffer.from(drawn, 'base64')), { colorType: 0, deflateLevel: 9 })
  await writeFile(fileURLToPath(new URL(`../bin/cli/samples/plates/${name}.png`, import.meta.url)), bytes)
  process.stdout.write(`${name}.png: ${bytes.length} bytes, ${sha256(bytes)}\n`)
}
