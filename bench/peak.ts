/** How much memory a process has held at the most. */
import { existsSync, readFileSync } from 'node:fs'

const status = '/proc/self/status'

/** In bytes. Linux counts a child's `ru_maxrss` from what its parent held when it was started; this begins anew. */
export const peakBytes = (): number => {
  const told = existsSync(status) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1] : undefined
  return 1024 * (told === undefined ? process.resourceUsage().maxRSS : Number(told))
}
