/** The whole demo as a process of its own, on an empty home. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Figures, ms } from './figures.ts'

const tellPeak = fileURLToPath(new URL('./tell-peak.ts', import.meta.url))
const cli = fileURLToPath(new URL('../bin/vigie.ts', import.meta.url))

export const wholeDemo = async (home: string): Promise<Figures> => {
  const start = performance.now()
  const child = spawn(process.execPath, ['--import', tellPeak, cli, 'demo', '--home', home, '--json'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const code = await new Promise((done) => child.on('close', done))
  if (code !== 0) throw new Error(`the demo ended with ${code}: ${errors}`)
  const peak = Number(/peak (\d+)/.exec(errors)?.[1])
  return {
    'demo, 13 territories, 26 HTML and 26 PDF': ms(performance.now() - start),
    'demo, peak memory of its process (without the browser)': `${Math.round(peak / 1024 ** 2)} MB`,
  }
}
