/**
 * The national report of a month of many detections, made by the real bundle in virtual time: `node bench/national.ts`.
 * DynamoDB's stand-in cannot hold a million of them, so what was ingested is answered from a laptop's table, in pages of
 * 1 MB as DynamoDB gives them. BENCH_NATIONAL sets the number, BENCH_NATIONAL_SUMMARY how many times as long summaries
 * are; BENCH_NATIONAL_HOME keeps the table for another run.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { homeAtOnce } from '../bin/cli/ingest-files.ts'
import { territories } from '../lambdas/domain/core/place/territory.ts'
import { sha256 } from '../lambdas/domain/core/text/canonical.ts'
import { readNdjson } from '../lambdas/intake/json/ndjson.ts'
import { openHome } from '../lambdas/store/embedded/home.ts'
import type { Table } from '../lambdas/store/table/table.ts'
import { ingestDetections } from '../lambdas/usecases/ingest/ingest-detections.ts'
import { storesIn } from '../lambdas/usecases/stores.ts'
import { answeringFrom } from '../test/support/answering-from.ts'
import { startStack, synthesise } from '../test/support/stack-here.ts'
import { runInVirtualTime } from '../test/support/virtual-lambda.ts'
import { inThousands, machine, show } from './figures.ts'
import { detectionLike } from './intake.ts'

const many = Number(process.env.BENCH_NATIONAL ?? 1_000_000)
const summaryLength = Number(process.env.BENCH_NATIONAL_SUMMARY ?? 1)
const rounds = Number(process.env.BENCH_NATIONAL_ROUNDS ?? 3)

/** Spread over the days of May and over all territories: an item of 1.0 KB; 1.7 with a summary ten times as long. */
const nationalDetection = (at: number) => ({
  ...detectionLike(at),
  summary: { fr: detectionLike(at).summary.fr.repeat(summaryLength) },
  territories: [territories[at % territories.length]?.code],
  observed: { from: `2024-05-${String(1 + (at % 31)).padStart(2, '0')}` },
})

const ingestAll = async (table: Table): Promise<void> => {
  const file = async function* () {
    for (let at = 0; at < many; at += 1) yield Buffer.from(`${JSON.stringify(nationalDetection(at))}\n`)
  }
  const services = { ...storesIn(table), run: 'bench', clock: () => new Date() }
  await ingestDetections(readNdjson(file(), { file: 'bench' }), 'bench', services, { atOnce: homeAtOnce })
}

const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-national-'))
const home = await openHome(process.env.BENCH_NATIONAL_HOME ?? join(folder, 'home'))
try {
  if (!(await home.table.query('CHANGED#NC').next()).value) await ingestAll(home.table)
  if (rounds > 0) {
    const assembly = await synthesise(folder)
    for (let round = 1; round <= rounds; round += 1) {
      const stack = await startStack(assembly)
      const answering = answeringFrom(home.table)
      stack.table.intercept(answering.interceptor)
      try {
        const queue = stack.queue('ReportsQueue')
        await stack.send(queue, { kind: 'requested', territory: 'ALL', period: '2024-05' })
        const [event] = await stack.peek(queue)
        const run = await runInVirtualTime(stack.spec('Generate'), event)
        if (run.error) process.stderr.write(run.log)
        const file = async (name: string) =>
          stack.object(stack.outputs.ArchiveBucket ?? '', `reports/ALL/2024-05/amber/v0001/${name}`)
        const { totals } = JSON.parse((await file('report.json')).toString())
        const { memoryMb, timeoutMs } = stack.spec('Generate')
        show({
          ...machine(),
          round,
          function: `${memoryMb} MB, ${timeoutMs / 1_000} s`,
          detections: inThousands(totals.detections),
          'simulated seconds': run.undisturbedSeconds.toFixed(1),
          'processor seconds here, of all threads': run.cpuSeconds.toFixed(1),
          memory: `${run.peakMb} MB`,
          'requests, megabytes read': `${answering.figures.requests}, ${(answering.figures.bytes / 2 ** 20).toFixed(0)}`,
          timings: /"timings":(\{[^}]*\})/.exec(run.log)?.[1] ?? run.error ?? run.log.slice(0, 500),
          'detections.csv': sha256((await file('detections.csv')).toString()).slice(0, 16),
        })
      } finally {
        await stack.close()
      }
    }
  }
} finally {
  await home.close()
  await rm(folder, { recursive: true })
}
