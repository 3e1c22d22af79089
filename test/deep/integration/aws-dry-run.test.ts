/** The daily dry run on the stack, by the bundle that would be deployed: it writes nothing, and a failure is a dead letter. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { vigieJson, writeNdjson } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { startInstance } from '../../support/lambda.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-dry-run-'))
  stack = await startStack(await sharedAssembly())
  const operator = { env: { ...stack.env, VIGIE_HOME: join(folder, 'operator') } }
  const file = await writeNdjson(join(folder, 'one.ndjson'), input())
  await vigieJson(['ingest', file, '--stage', 'test'], operator)
  await vigieJson(['report', 'NC', '2024-W20', '--stage', 'test'], operator)
})
afterAll(async () => {
  await stack.close()
  await rm(folder, { recursive: true, force: true })
})

const queue = (id: string) => stack.queue(`${id}Queue`)
const due = async () => {
  const schedule = stack.schedules().find(({ id }) => id.startsWith('SchedulesDryRun'))
  await stack.send(stack.queue(schedule?.queueId ?? ''), schedule?.input('2026-01-10T03:00:00Z'))
}
const stored = async () => ({
  items: (await Array.fromAsync(stack.stored.scan())).flat().map((item) => JSON.stringify(item)),
  keys: await stack.keys(stack.outputs.ArchiveBucket ?? '', ''),
})

test('makes the bytes of the last report again, and leaves table, archive and deliveries as they were', async () => {
  const before = await stored()
  await due()
  await stack.work('ReportsQueue', 'Generate')
  expect(await stored()).toEqual(before)
  for (const id of ['ReportsDeadLetters', 'Deliveries']) expect(await stack.waiting(queue(id))).toBe(0)
})

test('with a template that lacks its titles is a dead letter at once', async () => {
  const spec = stack.spec('Generate')
  const copy = join(folder, 'broken')
  await cp(spec.folder, copy, { recursive: true })
  await writeFile(join(copy, 'templates/partials/annex.hbs'), '')
  const broken = await startInstance({ ...spec, folder: copy })
  await due()
  expect(await stack.pump(queue('Reports'), [broken])).toHaveLength(1)
  await broken.close()
  const [{ Body = '', MessageAttributes } = {}] = await stack.take(queue('ReportsDeadLetters'))
  expect(JSON.parse(Body)).toMatchObject({ kind: 'dry-run' })
  expect(MessageAttributes?.cause?.StringValue).toMatch(/^FailedDryRunError: .*would be held: .*sections are missing: /)
})
