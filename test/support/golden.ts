/** Golden files: what a report looked like when somebody last looked, and where what looks otherwise now is written. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'
import { openReader } from './browser.ts'

type Golden = {
  /** What is wrong with a text, or undefined where it is the golden one. */
  text(name: string, now: string): string | undefined
  /** What is wrong with a picture, or undefined where it looks like the golden one. */
  picture(name: string, now: Uint8Array): string | undefined
  /** The files there, by name, with their sizes in bytes. */
  sizes(): ReadonlyMap<string, number>
}

type GoldenOptions = {
  readonly folder: string
  /** Writes what is new over what was golden. */
  readonly update: boolean
  /** How to accept what changed. */
  readonly accept: string
  /** So large a part of a picture's dots may differ. */
  readonly tolerance: number
}

/** Golden files in a folder; what changed goes to `changed/` in it, which is emptied first. */
export const goldenIn = ({ folder, update, accept, tolerance }: GoldenOptions): Golden => {
  const changed = join(folder, 'changed')
  rmSync(changed, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })

  const read = (name: string): Buffer | undefined => {
    try {
      return readFileSync(join(folder, name))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  const refuse = (name: string, what: string, files: Readonly<Record<string, string | Uint8Array>>) => {
    mkdirSync(changed, { recursive: true })
    for (const [file, content] of Object.entries(files)) writeFileSync(join(changed, file), content)
    const where = Object.keys(files).map((file) => join(changed, file))
    return `${name} ${what}: look at ${where.join(' and ')}; if it is right, ${accept}`
  }

  return {
    text: (name, now) => {
      const before = read(name)?.toString('utf8')
      if (before === now) return undefined
      if (!update) return refuse(name, firstChange(before, now), { [name]: now })
      writeFileSync(join(folder, name), now)
      return undefined
    },
    picture: (name, now) => {
      const before = read(name)
      const compared = before && comparePictures(before, now)
      if (compared && compared.share <= tolerance) return undefined
      if (!update) {
        const what = compared ? `differs in ${(compared.share * 100).toFixed(2)} % of its dots` : unknown
        const difference = compared ? { [name.replace('.png', '.diff.png')]: compared.difference } : {}
        return refuse(name, what, { [name]: now, ...difference })
      }
      writeFileSync(join(folder, name), now)
      return undefined
    },
    sizes: () =>
      new Map(
        readdirSync(folder, { withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ name }) => [name, statSync(join(folder, name)).size]),
      ),
  }
}

const unknown = 'has no golden file'

const firstChange = (before: string | undefined, now: string): string => {
  if (before === undefined) return unknown
  const [were, are] = [before.split('\n'), now.split('\n')]
  const at = are.findIndex((line, index) => line !== were[index])
  if (at < 0) return `ends after line ${are.length}, and ended after line ${were.length}`
  return `differs from line ${at + 1} on (was ${quoted(were[at])}, is ${quoted(are[at])})`
}

const quoted = (line: string | undefined): string =>
  line === undefined ? 'nothing' : JSON.stringify(line.slice(0, 200))

/** The part of two pictures' dots that differ to the eye, smoothing aside, and a picture that shows them in red. */
export const comparePictures = (
  before: Uint8Array,
  now: Uint8Array,
): { readonly share: number; readonly difference: Uint8Array } => {
  const [was, is] = [PNG.sync.read(Buffer.from(before)), PNG.sync.read(Buffer.from(now))]
  const { width, height } = is
  if (was.width !== width || was.height !== height) return { share: 1, difference: now }
  const difference = new PNG({ width, height })
  const dots = pixelmatch(was.data, is.data, difference.data, width, height)
  return { share: dots / (width * height), difference: PNG.sync.write(difference) }
}

/** So many shades a channel: a page's few colours stay what they are, and its picture takes a third of the room. */
const shades = 16
const dotsPerInch = 60

const pdfJs = readFileSync(fileURLToPath(import.meta.resolve('unpdf/pdfjs')), 'utf8')

/** What the browser runs: each page on a canvas of its own, as the address of its picture. */
const drawing = (pdf: Uint8Array, pages: readonly number[]): string => `(async () => {
  const script = new Blob([${JSON.stringify(pdfJs)}], { type: 'text/javascript' })
  const { getDocument } = await import(URL.createObjectURL(script))
  const data = Uint8Array.fromBase64('${Buffer.from(pdf).toString('base64')}')
  const pdf = await getDocument({ data, disableFontFace: true }).promise
  const pictures = []
  for (const number of ${JSON.stringify(pages)}) {
    const page = await pdf.getPage(number)
    const viewport = page.getViewport({ scale: ${dotsPerInch / 72} })
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: viewport.width, height: viewport.height })
    const canvasContext = canvas.getContext('2d', { willReadFrequently: true })
    await page.render({ canvasContext, canvas: null, viewport, intent: 'print' }).promise
    pictures.push(canvas.toDataURL('image/png').split(',')[1])
  }
  return pictures
})()`

/** Pages of a PDF, counted from 1, as PNG pictures: drawn by Mozilla's pdf.js on canvases of a browser. */
export const pdfPictures = async (pdf: Uint8Array, pages: readonly number[]): Promise<Uint8Array[]> => {
  const reader = await openReader()
  try {
    const page = await reader.show('', { width: 800, scheme: 'light' })
    const drawn = (await page.evaluate(drawing(pdf, pages))) as string[]
    return drawn.map((picture) => withFewShades(Buffer.from(picture, 'base64')))
  } finally {
    await reader.close()
  }
}

const withFewShades = (png: Uint8Array): Uint8Array => {
  const picture = PNG.sync.read(Buffer.from(png))
  const step = 255 / (shades - 1)
  picture.data = Buffer.from(picture.data.map((value) => Math.round(value / step) * step))
  return PNG.sync.write(picture, { colorType: 2, filterType: 0, deflateLevel: 9 })
}
