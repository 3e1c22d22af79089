/** Runs the tests on the stack and keeps which rights they used: `npm run rights`, after a change to what a function asks for. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordVariable } from '../test/support/rights/enforce.ts'
import { filesOnStack, linesIn, writeRecord } from '../test/support/rights/record.ts'

const folder = await mkdtemp(join(tmpdir(), 'vigie-rights-'))
const recorded = join(folder, 'recorded.ndjson')
const { status } = spawnSync('vitest', ['run', ...(await filesOnStack())], {
  env: { ...process.env, [recordVariable]: recorded },
  stdio: 'inherit',
})
if (status === 0) {
  const many = await writeRecord(await linesIn(recorded))
  process.stdout.write(`${many} rights were used: see git diff test/support/rights/record.json\n`)
} else process.exitCode = 1
await rm(folder, { recursive: true, force: true })
