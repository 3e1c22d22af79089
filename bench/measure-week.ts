/** Run by bench.ts: reads one week bare, then makes its Report, in turn. */

import { reportOf } from '../lambdas/domain/page.ts'
import { boundsIn, parsePeriod } from '../lambdas/domain/period.ts'
import { draftFacts } from '../lambdas/generate-report.ts'
import { archiveFolder } from '../lambdas/local/archive-folder.ts'
import { keepHeapSmall } from '../lambdas/local/heap.ts'
import { openHome } from '../lambdas/local/home.ts'
import { openSigner } from '../lambdas/local/signing-key.ts'
import { servicesOn } from '../lambdas/services.ts'
import { detectionPartition, utcDays } from '../lambdas/store/keys.ts'
import { peakBytes } from './peak.ts'

keepHeapSmall()
const [folder = '', what] = process.argv.slice(2)
const home = await openHome(folder)
const { table } = home
const period = parsePeriod('2024-W20')
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
  let items = 0
  for (const day of utcDays(from, to))
    for await (const page of table.pages(detectionPartition('NC', day))) items += page.length
  return items
}

const report = async (): Promise<number> =>
  reportOf(await draftFacts({ territory: 'NC', period, cap: 'TLP:AMBER' }, services)).totals.detections

const times: number[] = []
let count = 0
for (let round = 0; round < 3; round += 1) {
  const start = performance.now()
  count = what === 'bare' ? await bare() : await report()
  times.push(performance.now() - start)
}
process.stdout.write(JSON.stringify({ count, times, peakMb: Math.round(peakBytes() / 1024 ** 2) }))
await home.close()
