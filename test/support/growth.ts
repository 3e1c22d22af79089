/** How the work grows with what it is given, by the processor time of this thread: the machine may be busy. */

import { minimum } from '../../lambdas/domain/core/lists.ts'

const factor = 8

/** Best of three, in microseconds. */
const cost = (work: () => unknown): number => {
  const costs = [1, 2, 3].map(() => {
    const before = process.threadCpuUsage()
    work()
    const { user, system } = process.threadCpuUsage(before)
    return user + system
  })
  return Math.min(...costs)
}

/**
 * Times as much work for eight times the size: 8 where it grows as the size does, 64 where it grows as its square.
 * @param size so large that the work takes a millisecond and more
 */
export const growthOf = (size: number, work: (size: number) => unknown): number => {
  // A garbage collection may fall into any one measurement; a square shows in all.
  const ratios = [1, 2, 3].map(() => {
    const [small, large] = [cost(() => work(size)), cost(() => work(size * factor))]
    return large / Math.max(small, 1_000)
  })
  return minimum(ratios)
}

/** Between both. */
export const linear = 24
