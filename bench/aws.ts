/**
 * The real bundles on stand-ins: size and import time of each function, cold and warm reports, memory over many
 * renders, many territory-weeks through the queue, and a day of a hundred thousand detections. `npm run bench:aws`,
 * with `--json` for the figures, `-- --only hot` for that day alone.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import { story } from '../bin/cli/story.ts'
import { territories } from '../lambdas/domain/core/place/territory.ts'
import { parsePeriod, periodsBefore } from '../lambdas/domain/core/time/period.ts'
import { readNdjson } from '../lambdas/intake/json/ndjson.ts'
import { openTable } from '../lambdas/store/table/table.dynamodb.ts'
import { ingestDetections } from '../lambdas/usecases/ingest/ingest-detections.ts'
import { storesIn } from '../lambdas/usecases/stores.ts'
import { credentials, region } from '../test/support/aws.ts'
import type { Instance, Invoked } from '../test/support/lambda.ts'
import { newInstance, type StackHere, startStack, synthesise } from '../test/support/stack-here.ts'
import { bundles } from './bundles.ts'
import { type Figures, inThousands, machine, median, ms, show, timed } from './figures.ts'
import { hotDays } from './hot-partition.ts'

const many = Number(process.env.BENCH_REPORTS ?? 1_000)
const warmRenders = 100

const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-aws-'))
const assembly = await synthesise(folder)
const stack = await startStack(assembly)
const instances: Instance[] = []

const open = async (id: string): Promise<Instance> => {
  const instance = await newInstance(stack, id)
  instances.push(instance)
  return instance
}

const takeStoryIn = async (): Promise<void> => {
  const table = openTable({ endpoint: stack.table.endpoint, region, credentials }, stack.outputs.TableName ?? '')
  const services = { ...storesIn(table), run: 'bench', clock: () => new Date() }
  const text = await readFile(story.file)
  const chunks = async function* () {
    yield text
  }
  await ingestDetections(readNdjson(chunks(), { file: 'story' }), 'story', services)
  table.close()
}

const asked = (territory: string, period: string) => ({ kind: 'requested', territory, period })

const report = async (instance: Instance, territory: string, period: string): Promise<Invoked> => {
  await stack.send(stack.queue('ReportsQueue'), asked(territory, period))
  const [invoked] = await stack.pump(stack.queue('ReportsQueue'), [instance])
  if (!invoked || 'error' in invoked) throw new Error(JSON.stringify(invoked))
  return invoked
}

/** Of a process and those that it has started, in MB. */
const residentMegabytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean)
  const below = await Promise.all(children.map((child) => residentMegabytes(Number(child))))
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 + below.reduce((sum, one) => sum + one, 0)
}

const renders = async (): Promise<Figures> => {
  const instance = await open('Generate')
  const cold = await report(instance, 'NC', '2024-W20')
  const weeks = periodsBefore(parsePeriod('2026-W01'), warmRenders).map(({ id }) => id)
  const times: number[] = []
  const memory: number[] = []
  for (const week of weeks) {
    times.push((await report(instance, 'NC', week)).ms)
    memory.push(await residentMegabytes(instance.pid() ?? 0))
  }
  const at = (share: number) => Math.round(memory[Math.floor(share * (memory.length - 1))] ?? 0)
  return {
    'generate, cold, from invocation to archived report': ms(cold.ms),
    'generate, warm (median of 100, quiet weeks)': ms(median(times)),
    'generate with its browser, memory after 10, 50, 100 warm reports': `${at(0.1)} · ${at(0.5)} · ${at(1)} MB`,
  }
}

const fanOut = async (): Promise<Figures> => {
  const weeks = periodsBefore(parsePeriod('2024-W20'), Math.ceil(many / territories.length))
  const all = weeks.flatMap(({ id }) => territories.map(({ code }) => [code, id] as const)).slice(0, many)
  for (const [code, week] of all)
    await stack.send(stack.queue('ReportsQueue'), { ...asked(code, week), deliver: 'everybody' })
  const workers = await Promise.all(
    cpus()
      .slice(0, 2)
      .map(() => open('Generate')),
  )
  const time = await timed(() => stack.pump(stack.queue('ReportsQueue'), workers))
  const made = await publishedIn(stack)
  const expected = new Set(all.map(([code, week]) => `${code} ${week}`))
  const lost = [...expected].filter((name) => !made.get(name)).length
  const twice = [...expected].filter((name) => (made.get(name) ?? 0) > 1).length
  const told = (await stack.take(stack.queue('DeliveriesQueue'))).length
  return {
    [`${inThousands(many)} territory-weeks through the queue, two workers`]: `${((1000 * many) / time).toFixed(1)} reports a second`,
    'of them lost, made twice': `${lost}, ${twice}`,
    'words to delivery': told,
  }
}

/** How many published versions each territory and week has. */
const publishedIn = async ({ dynamo, outputs }: StackHere): Promise<ReadonlyMap<string, number>> => {
  const { DynamoDBDocumentClient } = await import('@aws-sdk/lib-dynamodb')
  const items = DynamoDBDocumentClient.from(dynamo)
  const counts = new Map<string, number>()
  for (let next: Record<string, unknown> | undefined, more = true; more; more = next !== undefined) {
    const page = await items.send(new ScanCommand({ TableName: outputs.TableName, ExclusiveStartKey: next }))
    for (const { pk, period, state } of page.Items ?? []) {
      if (!String(pk).startsWith('REPORT#') || state !== 'published') continue
      const name = `${String(pk).slice('REPORT#'.length)} ${period}`
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    next = page.LastEvaluatedKey
  }
  return counts
}

const usual = async (): Promise<Figures> => {
  await takeStoryIn()
  return { ...(await bundles(join(folder, 'bundles'))), ...(await renders()), ...(await fanOut()) }
}

try {
  const only = process.argv[process.argv.indexOf('--only') + 1]
  const figures = only === 'hot' ? {} : await usual()
  show({ ...machine(), ...figures, ...(await hotDays(assembly)) })
} finally {
  for (const instance of instances) await instance.close()
  await stack.close()
  await rm(folder, { recursive: true })
}
