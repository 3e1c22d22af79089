/** Runs every curl of docs/reference/api.md, as written there, against `vigie serve`. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { newFolder, startVigie, vigieJson } from '../support/cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const blocks = [...readFileSync(join(root, 'docs/reference/api.md'), 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(
  ([, block = '']) => block,
)
const commands = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').trim().split('\n'))

let site: string
let token: string
let folder: string

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  const env = { VIGIE_HOME: join(folder, 'home') }
  await vigieJson(['ingest', join(root, 'bin/cli/samples/story.ndjson')], { env })
  const server = startVigie(['serve', '--port', '0'], { env })
  const ended = new Promise((done) => server.on('close', done))
  let output = ''
  await new Promise<void>((done) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      output += chunk
      if (output.includes('Ctrl-C')) done()
    })
  })
  site = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? ''
  token = /Bearer ([0-9a-f]{64})/.exec(output)?.[1] ?? ''
  return async () => {
    server.kill('SIGINT')
    await ended
    await made.remove()
  }
})

/** Throws where the command fails, with what it wrote to standard error. */
const run = async (command: string, job: string): Promise<string> => {
  const env = { ...process.env, VIGIE: site, TOKEN: token, JOB: job }
  const line = command.replace('curl', 'curl -sS').replace('@docs/', `@${root}docs/`)
  return (await promisify(execFile)('sh', ['-c', line], { cwd: folder, env })).stdout
}

/** Waits by the page's own command for a job. */
const finished = async (job: string): Promise<void> => {
  const command = commands.find((one) => one.includes('/jobs/')) ?? ''
  for (;;) {
    const { state } = JSON.parse(await run(command, job)) as { state: string }
    if (state !== 'queued' && state !== 'running') return
  }
}

const hasCurl = spawnSync('curl', ['--version']).status === 0

test.skipIf(!hasCurl)('each command of the page does what the page describes', async () => {
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
      // A laptop takes no uploads.
      if (/\/(uploads|plates)/.test(command)) expect(answer).toMatchObject({ status: 503 })
      else expect([command, answer.type]).toEqual([command, command.includes('/stix') ? 'bundle' : undefined])
      if (command.includes('/jobs/')) expect(answer).toMatchObject({ state: 'done' })
      if (command.includes('--data-binary')) expect(answer).toMatchObject({ read: 2, accepted: 2 })
    }
  }
})

describe('the example of docs/examples', () => {
  test.for([
    ['python3', 'detections.py', /^sent: 1\nwithdrawn: done\nobjects: \d+/],
    ['sh', 'detections.sh', /"read":1,.*"accepted":1.*\{"id":"example-[\d-]+","outcome":"done"\}\n\{"type":"bundle"/s],
    [
      'Rscript',
      'detections.R',
      /"read":1,.*"accepted":1.*\{"id":"example-[\d-]+","outcome":"done"\} \n\{"type":"bundle"/s,
    ],
  ] as const)('in %s sends, withdraws and polls', async ([program, name, expected], { skip }) => {
    const missing = ['curl', program].find((one) => spawnSync(one, ['--version']).error !== undefined)
    skip(missing !== undefined, `${missing} is not installed`)
    const env = { ...process.env, no_proxy: '127.0.0.1', VIGIE: site, TOKEN: token }
    const { stdout } = await promisify(execFile)(program, [join(root, 'docs/examples', name)], { env })
    expect(stdout).toMatch(expected)
  })
})
