/**
 * The interface for programs under load, on loopback: `npm run bench:api`. Bounded in number and time; it ends its
 * server itself.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { plainTable } from '../bin/cli/output/tables.ts'
import type { Figures } from './figures.ts'

const cli = fileURLToPath(new URL('../bin/vigie.ts', import.meta.url))
const connections = 10
const reads = 2_000
const jobs = 200

const home = await mkdtemp(join(tmpdir(), 'vigie-bench-api-'))
const vigie = (...words: readonly string[]) =>
  spawn(process.execPath, [cli, ...words, '--home', home], { stdio: ['ignore', 'ignore', 'pipe'] })
const ended = (child: ReturnType<typeof vigie>) => new Promise((done) => child.on('close', done))

await ended(vigie('demo'))
await writeFile(join(home, 'vigie.json'), JSON.stringify({ reportsPerHour: 1_000 }))
const server = vigie('serve', '--port', '0')
const { site, authorization } = await new Promise<{ site: string; authorization: string }>((done) => {
  let said = ''
  server.stderr.on('data', (chunk: Buffer) => {
    said += chunk
    const [at] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? []
    const [bearer] = /Bearer [0-9a-f]{64}/.exec(said) ?? []
    if (at && bearer) done({ site: at, authorization: bearer })
  })
})

type Load = {
  readonly path: string
  readonly amount: number
  readonly method?: 'POST'
  readonly connections?: number
  readonly body?: string
}

/** What of autocannon's result is told; latencies in milliseconds. */
type Loaded = {
  readonly requests: { readonly average: number }
  readonly latency: { readonly p50: number; readonly p97_5: number; readonly p99: number }
  readonly non2xx: number
  readonly errors: number
}

const script = fileURLToPath(new URL('load/load.mjs', import.meta.url))

const load = async (name: string, { path, ...rest }: Load): Promise<Figures> => {
  const options = { url: `${site}${path}`, connections, headers: { authorization }, ...rest }
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(options)])
  const { latency, non2xx, errors, requests } = JSON.parse(stdout) as Loaded
  const { p50, p97_5, p99 } = latency
  return {
    [name]: `${Math.round(requests.average)} a second; p50 ${p50} ms, p97.5 ${p97_5} ms, p99 ${p99} ms; ${non2xx + errors} failed`,
  }
}

try {
  const figures: Figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`,
    ...(await load('GET /reports, 50 a page', { path: '/reports', amount: reads })),
    ...(await load('GET a version', { path: '/reports/NC/2024-W20/amber/latest', amount: reads })),
    ...(await load('GET /territories', { path: '/territories', amount: reads })),
    ...(await load(`POST /reports, ${jobs} jobs at once`, {
      path: '/reports',
      method: 'POST',
      amount: jobs,
      connections: 50,
      body: JSON.stringify({ territory: 'NC', period: '2024-W20' }),
    })),
  }
  const rows = Object.entries(figures).map(([name, figure]) => [name, String(figure)])
  process.stdout.write(`${plainTable(['What', 'Figure'], rows).join('\n')}\n`)
} finally {
  server.kill('SIGINT')
  await ended(server)
  await rm(home, { recursive: true })
}
