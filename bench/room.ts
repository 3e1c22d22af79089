/** The reading room on an archive of 2,000 reports: how long the server takes for a page. `npm run bench:room` */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { withContext } from '../bin/cli/home/context.ts'
import { deskHere, ingestFiles } from '../bin/cli/ingest-files.ts'
import { plainTable } from '../bin/cli/output/tables.ts'
import { story } from '../bin/cli/story.ts'
import { everything } from '../lambdas/domain/access/caller.ts'
import { everyReport } from '../lambdas/domain/core/place/due.ts'
import { territories } from '../lambdas/domain/core/place/territory.ts'
import { parsePeriod, periodsBefore } from '../lambdas/domain/core/time/period.ts'
import { archiveKey } from '../lambdas/domain/report/manifest.ts'
import { roomDrawings } from '../lambdas/render/drawings/drawings.ts'
import { plateUploadsIn } from '../lambdas/store/intake/plate-uploads.ts'
import { generateReport } from '../lambdas/usecases/reports/generate-report.ts'
import { roomRoutes } from '../lambdas/web/reading-room/routes.ts'
import { openAssets } from '../lambdas/web/shared/assets.ts'
import { type Figures, median, ms } from './figures.ts'

const rounds = 25
const notHere = () => Promise.reject(new Error('nothing is decoded here'))
const weeks = periodsBefore(parsePeriod('2024-W40'), Math.ceil(2_000 / territories.length))

const home = await mkdtemp(join(tmpdir(), 'vigie-bench-room-'))
try {
  const figures = await withContext({ home }, async (context): Promise<Figures> => {
    const { services } = context
    await ingestFiles({ files: [story.file], format: 'ndjson' }, context)
    const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    await generateReport(edition, services)
    const [like] = await services.reports.versions(edition)
    if (!like) throw new Error('the story made no report')
    // A real report's files under every name: what a page reads of them is as large as it is.
    const read = (name: string) => services.archive.get(archiveKey(edition, 1, name))
    const files = [
      ['report.json', await read('report.json')],
      ['manifest.json', await read('manifest.json')],
    ] as const
    for (const { code } of territories) {
      for (const period of weeks) {
        if (code === 'NC' && period.id === '2024-W20') continue
        const own = { ...edition, territory: code, period }
        await services.reports.claim({ ...like, territory: code, period: period.id })
        for (const [name, bytes] of files) {
          await services.archive.put(archiveKey(own, 1, name), bytes, 'application/json')
        }
      }
    }
    const app = new Hono()
    const { styleSheet } = openAssets({})
    const asking = { ...services, enqueue: async () => {} }
    const visitor = { caller: everything, name: 'bench', formToken: '' }
    const parts = {
      visitorOf: () => visitor,
      services: asking,
      desk: deskHere(context),
      due: everyReport,
      deliver: async () => {},
      files: { urlFor: async () => '' },
      plates: { uploads: plateUploadsIn(context.table), door: { is: 'here' as const, decode: notHere } },
      drawings: roomDrawings,
      log: () => {},
    }
    roomRoutes(app, parts, { organisation: {}, styleSheet })
    const times = async (name: string, path: string): Promise<Figures> => {
      const all: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        const from = performance.now()
        const answer = await app.request(`http://127.0.0.1${path}`)
        await answer.text()
        if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`)
        all.push(performance.now() - from)
      }
      const [first = 0, ...rest] = all
      return { [name]: `median ${ms(median(rest))}, most ${ms(Math.max(...rest))}; the first time ${ms(first)}` }
    }
    return {
      machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`,
      reports: String(weeks.length * territories.length),
      ...(await times('the newest, all territories', '/room/archive')),
      ...(await times('one territory', '/room/archive?territory=NC')),
      ...(await times('days of two years before', '/room/archive?to=2022-10-01')),
      ...(await times('an edition that nobody made', '/room/archive?cap=TLP:GREEN')),
      ...(await times('mail', '/room/mail')),
    }
  })
  const rows = Object.entries(figures).map(([name, value]) => [name, String(value)])
  process.stdout.write(`${plainTable(['Figure', 'Value'], rows).join('\n')}\n`)
} finally {
  await rm(home, { recursive: true, force: true })
}
