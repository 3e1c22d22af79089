/**
 * Run by the benchmarks, in a process of its own: reads a period of NC bare, or makes its Report, or counts it and
 * those before it and keeps the summaries. `node measure-period.ts HOME bare|report|keep PERIOD`
 */

import { keepHeapSmall } from '../bin/cli/home/heap.ts'
import { archiveFolder } from '../lambdas/archive/archive.local.ts'
import { boundsIn, parsePeriod } from '../lambdas/domain/core/time/period.ts'
import { reportOf } from '../lambdas/domain/page/build-page.ts'
import { openSigner } from '../lambdas/keys/signer.local.ts'
import { openHome } from '../lambdas/store/embedded/home.ts'
import { detectionPartition, utcDays } from '../lambdas/store/table/keys.ts'
import { draftFacts } from '../lambdas/usecases/reports/generate-report.ts'
import { readPeriod } from '../lambdas/usecases/reports/reading/read-period.ts'
import { servicesOn } from '../lambdas/usecases/services.ts'
import { peakBytes } from './peak.ts'

keepHeapSmall()
const [folder = '', what = '', id = ''] = process.argv.slice(2)
const home = await openHome(folder)
const { table } = home
const period = parsePeriod(id)
const { from, to } = boundsIn(period, 'Pacific/Noumea')
const printer = { print: () => Promise.reject(new Error('nothing is printed here')) }
const services = servicesOn({
  table,
  archive: archiveFolder(home.archiveFolder),
  printer,
  signer: openSigner(home.folder),
  run: 'bench',
})

const bare = async (): Promise<number> => {
  const range = { from: new Date(from).toISOString(), to: `${new Date(to - 1).toISOString()}~` }
  let items = 0
  for (const day of utcDays(from, to))
    for await (const page of table.pages(detectionPartition('NC', day), range)) items += page.length
  return items
}

const edition = { territory: 'NC', period, cap: 'TLP:AMBER' } as const

const report = async (): Promise<number> => reportOf(await draftFacts(edition, services)).totals.detections

const keep = async (): Promise<number> =>
  (await readPeriod(edition, new Date().toISOString(), services, { keep: true })).counted.tally.totals.detections

const work = { bare, report, keep }[what]
if (!work) throw new Error(`${what} is neither bare, report nor keep`)
const times: number[] = []
let count = 0
for (let round = 0; round < (what === 'keep' ? 1 : 3); round += 1) {
  const start = performance.now()
  count = await work()
  times.push(performance.now() - start)
}
process.stdout.write(JSON.stringify({ count, times, peakMb: Math.round(peakBytes() / 1024 ** 2) }))
await home.close()
