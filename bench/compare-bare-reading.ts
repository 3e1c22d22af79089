/** The Report of a period of NC beside the bare paginated reading of the same items, each in a process of its own. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { median } from './figures.ts'

/** Milliseconds, and the most memory that the process had. */
export type Measured = { readonly time: number; readonly peakMb: number }

type Beside = { readonly bare: Measured; readonly report: Measured; readonly ratio: number }

/** In pairs: what else the machine does changes from minute to minute. */
const rounds = 3

/** Medians of pairs. @param many how many detections the period has: other numbers are an error */
export const besideBareReading = async (home: string, period: string, many: number): Promise<Beside> => {
  const pairs: { readonly bare: Measured; readonly report: Measured }[] = []
  for (let round = 0; round < rounds; round += 1) {
    pairs.push({
      bare: await measured(home, 'bare', period, many),
      report: await measured(home, 'report', period, many),
    })
  }
  const of = (what: 'bare' | 'report'): Measured => ({
    time: median(pairs.map((pair) => pair[what].time)),
    peakMb: Math.max(...pairs.map((pair) => pair[what].peakMb)),
  })
  const ratio = median(pairs.map(({ bare, report }) => report.time / bare.time))
  return { bare: of('bare'), report: of('report'), ratio }
}

const script = fileURLToPath(new URL('./measure-period.ts', import.meta.url))

/** `keep` counts a period and those before it, and keeps the summaries. */
export const measured = async (
  home: string,
  what: 'bare' | 'report' | 'keep',
  period: string,
  many: number,
): Promise<Measured> => {
  const child = spawn(process.execPath, [script, home, what, period], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await text(child.stdout)
  const { count, times, peakMb } = JSON.parse(said) as { count: number; times: number[]; peakMb: number }
  if (count !== many) throw new Error(`${what} ${period}: ${count} of ${many} detections were found`)
  return { time: median(times), peakMb }
}
