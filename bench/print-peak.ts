/**
 * For `node --import`: tells on standard error, at the end, how many bytes the process has held at the most, and its
 * processor time in ms.
 */
import { peakBytes } from './peak.ts'

process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  process.stderr.write(`\npeak ${peakBytes()} processor ${Math.round((user + system) / 1_000)}\n`)
})
