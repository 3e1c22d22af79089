/** Benchmarks: ratios within one run, since the machines are noisy. `npm run bench` prints a table, `--json` the figures. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { arch, cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import puppeteer from 'puppeteer-core'
import { parsePeriod } from '../lambdas/domain/period.ts'
import { generateReport } from '../lambdas/generate-report.ts'
import { ingestDetections } from '../lambdas/ingest-detections.ts'
import { readNdjson } from '../lambdas/intake/ndjson.ts'
import { story } from '../lambdas/local/commands.ts'
import { ingestFiles } from '../lambdas/local/ingest-files.ts'
import { onLaptop } from '../lambdas/local/laptop.ts'
import { plainTable } from '../lambdas/local/outputs.ts'
import { ARGUMENTS, installChromium, openPrinter, SINGLE_PROCESS, writeFontsConf } from '../lambdas/render/chromium.ts'
import { fontFaceCss } from '../lambdas/render/fonts.ts'
import { renderHtml } from '../lambdas/render/html.ts'
import { normalisePdf } from '../lambdas/render/pdf.ts'
import { type Figures, inThousands, median, ms, timed } from './figures.ts'
import { detectionLike, readingSpeeds, storingSpeed } from './intake.ts'

const rounds = 25

/** The demo's New Caledonia report: HTML, and PDF beside a bare print of the same HTML on a reused page. */
const ncReport = async (home: string): Promise<Figures> => {
  const report = await onLaptop({ home }, async (laptop) => {
    await ingestFiles({ files: [story.file], format: 'ndjson' }, laptop)
    const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    return (await generateReport(request, laptop.services)).report
  })
  const page = report.pages.fr
  const html = renderHtml(page, fontFaceCss('print'))
  const htmlTimes: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    htmlTimes.push(await timed(() => renderHtml(page, fontFaceCss('screen'))))
  }

  const installed = await installChromium(tmpdir())
  const browser = await puppeteer.launch({
    executablePath: installed.executable,
    args: [...ARGUMENTS, ...SINGLE_PROCESS],
    env: { FONTCONFIG_FILE: await writeFontsConf(tmpdir()), LD_LIBRARY_PATH: installed.libraries },
  })
  const printer = await openPrinter()
  try {
    const bare = await browser.newPage()
    await bare.setJavaScriptEnabled(false)
    const ours: number[] = []
    const bares: number[] = []
    const ratios: number[] = []
    for (let round = -3; round < rounds; round += 1) {
      const own = await timed(async () => {
        const pdf = await printer.print(html, { lang: 'fr', title: page.documentTitle })
        return normalisePdf(pdf, new Date(report.asOf))
      })
      const plain = await timed(async () => {
        await bare.setContent(html, { waitUntil: 'load' })
        await bare.pdf({ format: 'A4', preferCSSPageSize: true, printBackground: true, tagged: true, outline: true })
      })
      if (round < 0) continue // warming up
      ours.push(own)
      bares.push(plain)
      ratios.push(own / plain)
    }
    return {
      'NC report, HTML, warm': ms(median(htmlTimes)),
      'NC report, PDF, warm': ms(median(ours)),
      'bare print of the same HTML on a reused page': ms(median(bares)),
      'ratio, median of pairs': Number(median(ratios).toFixed(2)),
    }
  } finally {
    await printer.close()
    await browser.close()
  }
}

/** The whole demo as a process of its own, on an empty home, with its browser's memory beside it. */
const wholeDemo = async (home: string): Promise<Figures> => {
  const cli = fileURLToPath(new URL('../bin/vigie.ts', import.meta.url))
  const start = performance.now()
  const probe = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))`
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(probe)}`, cli, 'demo', '--home', home, '--json'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const code = await new Promise((done) => child.on('close', done))
  if (code !== 0) throw new Error(`the demo ended with ${code}: ${errors}`)
  const peak = Number(/peak (\d+)/.exec(errors)?.[1])
  return {
    'demo, 13 territories, 26 HTML and 26 PDF': ms(performance.now() - start),
    'demo, peak memory of its process (without the browser)': `${Math.round(peak / 1024)} MB`,
  }
}

/** The Report of a week of many detections, beside the bare paginated reading of the same items; the store apart. */
const manyDetections = async (home: string, many: number): Promise<Figures> =>
  onLaptop({ home }, async ({ services }) => {
    const file = async function* () {
      for (let at = 0; at < many; at += 1) yield Buffer.from(`${JSON.stringify(detectionLike(at))}\n`)
    }
    const ingest = await timed(() => ingestDetections(readNdjson(file(), { file: 'bench' }), 'bench', services))
    const measure = async (what: 'bare' | 'report') => {
      const script = fileURLToPath(new URL('./measure-week.ts', import.meta.url))
      const child = spawn(process.execPath, [script, home, what], { stdio: ['ignore', 'pipe', 'inherit'] })
      const { count, times, peakMb } = JSON.parse(await text(child.stdout)) as Record<'count' | 'peakMb', number> & {
        times: number[]
      }
      if (count !== many) throw new Error(`${what}: ${count} of ${many} detections were found`)
      return { time: median(times), peakMb }
    }
    // In pairs: what else the machine does changes from minute to minute.
    const pairs: Record<'bare' | 'report', Awaited<ReturnType<typeof measure>>>[] = []
    for (let round = 0; round < 3; round += 1) {
      pairs.push({ bare: await measure('bare'), report: await measure('report') })
    }
    const peak = (of: 'bare' | 'report') => Math.max(...pairs.map((pair) => pair[of].peakMb))
    const name = `${inThousands(many)} detections`
    return {
      [`${name}, taken in`]: `${inThousands((1000 * many) / ingest)} a second`,
      [`${name}, bare paginated reading`]: ms(median(pairs.map(({ bare }) => bare.time))),
      [`${name}, Report made`]: ms(median(pairs.map(({ report }) => report.time))),
      [`${name}, ratio, median of pairs`]: Number(
        median(pairs.map(({ bare, report }) => report.time / bare.time)).toFixed(2),
      ),
      [`${name}, peak memory (bare reading)`]: `${peak('report')} MB (${peak('bare')} MB)`,
    }
  })

const home = await mkdtemp(join(tmpdir(), 'vigie-bench-'))
try {
  const figures: Figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${arch()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
    ...(await ncReport(join(home, 'report'))),
    ...(await wholeDemo(join(home, 'demo'))),
    ...(await readingSpeeds(20_000)),
    ...(await storingSpeed(join(home, 'store'), 10_000)),
    ...(await manyDetections(join(home, 'many'), Number(process.env.BENCH_DETECTIONS ?? 100_000))),
  }
  const rows = Object.entries(figures).map(([name, figure]) => [name, String(figure)])
  const asked = process.argv.includes('--json')
  process.stdout.write(`${asked ? JSON.stringify(figures) : plainTable(['What', 'Figure'], rows)}\n`)
} finally {
  await rm(home, { recursive: true })
}
