/**
 * Drafts of flash notes on the stack: made by the bundle that would be deployed, under its own rights, and reported by
 * the watchdog.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { vigie, vigieJson, writeNdjson } from '../../support/cli.ts'
import { ago } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-drafts-'))
  stack = await startStack(await sharedAssembly())
})
afterAll(async () => {
  await stack.close()
  await rm(folder, { recursive: true, force: true })
})

const operator = () => ({ env: { ...stack.env, VIGIE_HOME: join(folder, 'operator') } })
const due = async () => {
  const schedule = stack.schedules().find(({ id }) => id.startsWith('SchedulesFlashDrafts'))
  await stack.send(stack.queue(schedule?.queueId ?? ''), schedule?.input('2026-01-10T03:20:00Z'))
  await stack.work('ReportsQueue', 'Generate')
}

test('are made once, by the organisation’s rule, and wait until an approver refuses or approves them', async () => {
  const observed = { from: ago(3_600_000) }
  const file = await writeNdjson(
    join(folder, 'one.ndjson'),
    input({ id: 'grave', observed, breakout: { category: 5 } }),
    input({ id: 'less', observed, breakout: { category: 4 } }),
  )
  await vigieJson(['ingest', file, '--stage', 'test'], operator())
  for (let times = 0; times < 2; times += 1) await due()
  const listed = await vigieJson<readonly { readonly key: string }[]>(['flash', 'list', '--stage', 'test'], operator())
  expect(listed).toMatchObject([{ ids: ['grave'], version: 1, state: 'waits', draft: ['breakout'] }])
  const key = listed[0]?.key ?? ''
  const watchdog = await stack.instance('Watchdog')
  expect(await watchdog.invoke({})).toMatchObject({ value: { drafts: [key] } })
  const refused = await vigie(['flash', 'refuse', key, '--by', 'C. Morel', '--stage', 'test'], operator())
  expect([refused.code, refused.stdout]).toEqual([0, expect.stringContaining('refused by C. Morel')])
  await due()
  expect(await watchdog.invoke({})).toMatchObject({ value: { drafts: [] } })
})
