/** Every curl of docs/reference/api.md, run as it stands there against `vigie serve`. */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder, startVigie, vigieJson } from '../support/cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const blocks = [...readFileSync(join(root, 'docs/reference/api.md'), 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(
  ([, block = '']) => block,
)
const commands = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').trim().split('\n'))

let site: string
let token: string
let folder: string
let stop: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  const env = { VIGIE_HOME: join(folder, 'home') }
  await vigieJson(['ingest', join(root, 'bin/cli/samples/story.ndjson')], { env })
  const server = startVigie(['serve', '--port', '0'], { env })
  const ended = new Promise((done) => server.on('close', done))
  let said = ''
  await new Promise<void>((done) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      said += chunk
      if (said.includes('Ctrl-C')) done()
    })
  })
  site = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? ''
  token = /Bearer ([0-9a-f]{64})/.exec(said)?.[1] ?? ''
  stop = async () => {
    server.kill('SIGINT')
    await ended
    await made.remove()
  }
})
afterAll(() => stop())

const run = async (command: string, job: string) => {
  const child = spawn('sh', ['-c', command.replace('curl', 'curl -sS').replace('@docs/', `@${root}docs/`)], {
    cwd: folder,
    env: { ...process.env, VIGIE: site, TOKEN: token, JOB: job },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((done) => child.on('close', done)),
  ])
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors}`)
  return out
}

const hasCurl = spawnSync('curl', ['--version']).status === 0

// Without curl on the machine it is skipped: the routes themselves are test/web/api/routes.test.ts's.
test.skipIf(!hasCurl)('each command of the page does what the page says', async () => {
  expect(commands.length).toBeGreaterThan(10)
  let job = ''
  for (const command of commands) {
    const out = await run(command, job)
    if (command.includes('Idempotency-Key')) {
      expect(out).toContain('202 Accepted')
      job = /location: \/jobs\/(\S+)/i.exec(out)?.[1] ?? ''
      await finished(job)
    } else if (command.startsWith('openssl')) {
      expect(out).toBe('Verified OK\n')
    } else if (command.includes(' -o ')) {
      const [, name = ''] = / -o (\S+)/.exec(command) ?? []
      const begins = { 'report.pdf': '%PDF-', 'manifest.json': '{', 'manifest.sig': '0', 'vigie.pem': '-----BEGIN' }
      expect(readFileSync(join(folder, name)).toString('latin1')).toMatch(
        new RegExp(`^${begins[name as keyof typeof begins]}`),
      )
    } else {
      const answer = JSON.parse(out) as Record<string, unknown>
      // A laptop takes no uploads, and says so.
      if (/\/(uploads|plates)/.test(command)) expect(answer).toMatchObject({ status: 503 })
      else expect([command, String(answer.type ?? '')]).toEqual([command, ''])
      if (command.includes('/jobs/')) expect(answer).toMatchObject({ state: 'done' })
      if (command.includes('--data-binary')) expect(answer).toMatchObject({ read: 2, accepted: 2 })
    }
  }
})

const finished = async (job: string): Promise<void> => {
  for (;;) {
    const { state } = (await (
      await fetch(`${site}/jobs/${job}`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as { state: string }
    if (state !== 'queued' && state !== 'running') return
    await new Promise((done) => setTimeout(done, 50))
  }
}
