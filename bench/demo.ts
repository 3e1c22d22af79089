/** The whole demo as a process of its own, on an empty home. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Figures, ms } from './figures.ts'

const tellPeak = fileURLToPath(new URL('./print-peak.ts', import.meta.url))
const cli = fileURLToPath(new URL('../bin/vigie.ts', import.meta.url))

/** A command as a process of its own: without the browser the most bytes that it held, and its processor time in ms. */
export const ofCommand = async (...words: readonly string[]) => {
  const child = spawn(process.execPath, ['--import', tellPeak, cli, ...words, '--json'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const code = await new Promise((done) => child.on('close', done))
  if (code !== 0) throw new Error(`vigie ${words.join(' ')} ended with ${code}: ${errors}`)
  const [, peak, processor] = /peak (\d+) processor (\d+)/.exec(errors) ?? []
  return { peakMb: Math.round(Number(peak) / 1024 ** 2), processorMs: Number(processor) }
}

export const wholeDemo = async (home: string): Promise<Figures> => {
  const start = performance.now()
  const { peakMb } = await ofCommand('demo', '--home', home)
  return {
    'demo, 13 territories, 26 HTML and 26 PDF': ms(performance.now() - start),
    'demo, peak memory of its process (without the browser)': `${peakMb} MB`,
  }
}
