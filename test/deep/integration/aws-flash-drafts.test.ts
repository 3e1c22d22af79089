/**
 * Drafts of flash notes on the stack: made by the bundle that would be deployed, under its own rights, and told by the
 * watchdog.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { vigie, vigieJson } from '../../support/cli.ts'
import { ago } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import type { Instance } from '../../support/lambda.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let generate: Instance
let watchdog: Instance
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-drafts-'))
  stack = await startStack(await sharedAssembly())
  ;[generate, watchdog] = [await newInstance(stack, 'Generate'), await newInstance(stack, 'Watchdog')]
})
afterAll(async () => {
  for (const one of [generate, watchdog]) await one.close()
  await stack.close()
  await rm(folder, { recursive: true, force: true })
})

const operator = () => ({ env: { ...stack.env, VIGIE_HOME: join(folder, 'operator') } })
const due = async () => {
  const [schedule] = stack.schedules().filter(({ id }) => id.startsWith('SchedulesFlashDrafts'))
  await stack.send(stack.queue(schedule?.queueId ?? ''), schedule?.input('2026-01-10T03:20:00Z') ?? '')
  const invoked = await stack.pump(stack.queue('ReportsQueue'), [generate])
  for (const one of invoked) expect(one).toMatchObject({ value: { batchItemFailures: [] } })
}

test('are made once, by the house’s rule, and wait until a person refuses or approves them', async () => {
  const file = join(folder, 'one.ndjson')
  const from = ago(3_600_000)
  const lines = [
    input({ id: 'grave', observed: { from }, breakout: { category: 5 } }),
    input({ id: 'less', observed: { from }, breakout: { category: 4 } }),
  ]
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  await vigieJson(['ingest', file, '--stage', 'test'], operator())
  for (let times = 0; times < 2; times += 1) await due()
  const listed = await vigieJson<readonly { readonly key: string }[]>(['flash', 'list', '--stage', 'test'], operator())
  expect(listed).toMatchObject([{ ids: ['grave'], version: 1, state: 'waits', draft: ['breakout'] }])
  const key = listed[0]?.key ?? ''
  expect(await watchdog.invoke({})).toMatchObject({ value: { drafts: [key] } })
  const refused = await vigie(['flash', 'refuse', key, '--by', 'C. Morel', '--stage', 'test'], operator())
  expect([refused.code, refused.stdout]).toEqual([0, expect.stringContaining('refused by C. Morel')])
  await due()
  expect(await watchdog.invoke({})).toMatchObject({ value: { drafts: [] } })
})
