/** What benchmarks measure by and print: medians within one run, since the machines are noisy. */
import { arch, cpus, totalmem } from 'node:os'
import { plainTable } from '../bin/cli/output/tables.ts'

export type Figures = Readonly<Record<string, string | number>>

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Milliseconds. */
export const timed = async (work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`

export const inThousands = (value: number): string => Math.round(value).toLocaleString('en')

/** What the figures were measured on. */
export const machine = (): Figures => ({
  machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${arch()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
})

/** A table, or with `--json` one object. */
export const show = (figures: Figures): void => {
  const rows = Object.entries(figures).map(([name, figure]) => [name, String(figure)])
  const asJson = process.argv.includes('--json')
  process.stdout.write(
    `${asJson ? JSON.stringify(figures, null, 2) : plainTable(['What', 'Figure'], rows).join('\n')}\n`,
  )
}
