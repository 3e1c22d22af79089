/** For `node --import`: tells on standard error, at the end, how many bytes of memory the process has held at the most. */
import { peakBytes } from './peak.ts'

process.on('exit', () => void process.stderr.write(`\npeak ${peakBytes()}\n`))
