/** Run by compare.ts: renders reports by the code of one tree, and tells how long it took and what came out. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contentOf } from '../lambdas/domain/core/text/content.ts'

type Tree = {
  readonly render: typeof import('../lambdas/render/render.ts')
  readonly html: typeof import('../lambdas/render/html.ts')
  readonly chromium: typeof import('../lambdas/render/chromium.ts')
  readonly reports: typeof import('../test/support/reports.ts')
  readonly stress: typeof import('../test/support/stress.ts')
}

const root = process.argv[2] ?? ''
const load = (file: string) => import(join(root, file))
const tree: Tree = {
  render: await load('lambdas/render/render.ts'),
  html: await load('lambdas/render/html.ts'),
  chromium: await load('lambdas/render/chromium.ts'),
  reports: await load('test/support/reports.ts'),
  stress: await load('test/support/stress.ts'),
}
const printer = await tree.chromium.openPrinter({ timeoutMs: 120_000 })

/**
 * Of this process and its browser, in milliseconds: others on the machine lengthen it less than the time by the clock.
 */
const processorTime = async (): Promise<number> => {
  const { user, system } = process.cpuUsage()
  const stat = await readFile(`/proc/${printer.pid()}/stat`, 'utf8')
  const [, ...fields] = stat.slice(stat.lastIndexOf(')')).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12]) // utime and stime, in hundredths of a second
  return (user + system) / 1_000 + ticks * 10
}

export type Rendered = { readonly ms: number; readonly processorMs: number; readonly sha256: string }

const noRows = contentOf(new Uint8Array())

const render = async (detections: number): Promise<Rendered> => {
  const report = tree.reports.reportOn(tree.stress.crowd(detections))
  const before = printer.pid() === undefined ? 0 : await processorTime()
  const start = performance.now()
  const { files, close } = await tree.render.renderFiles(
    report,
    noRows,
    printer,
    tree.html.builtInTemplates(),
    (_, work) => work(),
  )
  const ms = performance.now() - start
  const processorMs = (await processorTime()) - before
  const hash = createHash('sha256')
  for (const { name, content } of files) {
    hash.update(name)
    for await (const piece of content.pieces()) hash.update(piece)
  }
  close()
  return { ms, processorMs, sha256: hash.digest('hex') }
}

process.on('disconnect', () => void printer.close())
process.on('message', async (detections: number) => process.send?.(await render(detections)))
process.send?.('ready')
