/** Fails where comments, names or docs have more of the words in tools/words.json than allowed: `npm run check:words`. */
import { countWords, wordsTooMany } from './words.ts'

const { figures, places } = countWords()
const faults = wordsTooMany(figures)
for (const [name, figure] of Object.entries(figures)) process.stdout.write(`${name}: ${figure.toFixed(1)}\n`)
if (faults.length > 0 || process.argv.includes('--list')) process.stdout.write(`${places.join('\n')}\n`)
if (faults.length > 0) process.stderr.write(`${faults.join('\n')}\n`)
process.exitCode = faults.length > 0 ? 1 : 0
