/** What benchmarks measure by: medians within one run, since the machines are noisy. */

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
