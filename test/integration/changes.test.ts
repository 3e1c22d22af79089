/** Differences between versions, and how a weekly run corrects earlier weeks whose data came late. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { reportOutput } from '../../bin/cli/output/outputs.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import type { DeliveryMessage } from '../../lambdas/domain/report/messages.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { runWeek } from '../../lambdas/usecases/reports/weekly-run.ts'
import { jsonOf, newFolder, type ReportJson, vigie, type WeeklyJson } from '../support/cli.ts'
import { detection, input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

const read = async ({ files }: ReportJson, name: string): Promise<string> =>
  readFile(files.find((file) => file.name === name)?.path ?? name, 'utf8')

const pageText = async (made: ReportJson, lang: 'fr' | 'en'): Promise<string> =>
  shownText(await read(made, `report.${lang}.html`))
    .join(' ')
    .replace(/\s+/g, ' ')

let home: string
let opened: Opened

const openHome = (start?: string) => async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  opened = await openServices(home, start)
  return async () => {
    await opened.close()
    await remove()
  }
}

describe('a later version', () => {
  let seconds = 0

  beforeAll(openHome())
  const tick = () => {
    seconds += 1
    opened.at(new Date(Date.UTC(2024, 6, 1) + seconds * 1000).toISOString())
  }

  const ingest = (changes: Partial<DetectionInput>) => {
    tick()
    return ingestDetections([{ detection: detection(changes) }], 'test', opened.services)
  }

  const report = (territory: TerritoryCode = 'NC', cap: Marking = 'TLP:AMBER'): Promise<MadeReport> => {
    tick()
    return generateReport({ territory, period: parsePeriod('2024-W20'), cap }, opened.services)
  }

  const json = (made: MadeReport) => reportOutput(made, opened.services.archive)

  it('lists late data, a correction and a withdrawal, with the figures before and after', async () => {
    const late = { id: 'c-late', observed: { from: '2024-05-16' } }
    const posts = (before: number, after: number) => ({
      ...{ figure: 'posts', before: { value: before, qualifier: 'exact' } },
      ...{ after: { value: after, qualifier: 'exact' } },
    })
    await ingest({ id: 'c-base', counts: { posts: 200, accounts: 20 } })
    const first = await report()
    expect(first.report.changes).toBeNull()

    await ingest({ ...late, counts: { posts: 1000, accounts: 20 } })
    const second = await report()
    const archived = JSON.parse(await read(json(second), 'report.json')) as Report
    expect(archived.changes).toMatchObject({ version: 1, asOf: first.report.asOf, added: ['c-late'], revised: [] })
    expect(archived.changes?.figures).toContainEqual(posts(200, 1200))
    expect(await pageText(json(second), 'en')).toMatch(
      /Since version 1 .*data that came late ?\. One detection added\. .*Posts 200 1,200/,
    )
    expect(await pageText(json(second), 'fr')).toMatch(/Depuis la version 1 .*Messages 200 1 200/)

    await ingest({ ...late, counts: { posts: 900, accounts: 20 } })
    expect((await report()).report.changes).toMatchObject({
      ...{ version: 2, reasons: ['correction'], figures: [posts(1200, 1100)], revised: ['c-late'], removed: [] },
    })

    tick()
    const why = { by: 'a test', reason: 'a false alarm' }
    await opened.services.detections.withdraw('c-late', why, opened.services.clock())
    const { changes } = (await report()).report
    expect(changes).toMatchObject({ version: 3, reasons: ['withdrawal'], removed: ['c-late'] })
    expect(changes?.figures).toContainEqual(posts(1100, 200))
  })

  it('does not list an unchanged note whose author has an address', async () => {
    await ingest({ id: 'c-noted', territories: ['MQ'] })
    tick()
    await opened.services.notes.add({
      ...{ territory: 'MQ', period: '2024-W20', author: 'Ana, www.desk.example', role: 'Analyst', language: 'en' },
      ...{ marking: 'TLP:AMBER', text: 'Nothing.', approves: false, writtenAt: opened.services.clock().toISOString() },
    })
    await report('MQ')
    await ingest({ id: 'c-noted-late', territories: ['MQ'] })
    expect((await report('MQ')).report.changes?.reasons).toEqual(['late data'])
  })

  it.each([
    ['was raised above the cap', {}],
    ['was raised and moved to another territory', { territories: ['MF'] }],
    ['was raised and moved to another week', { observed: { from: '2024-05-22' } }],
  ])('does not name a detection that %s', async (what, moved) => {
    const id = what.replaceAll(' ', '-')
    const both: Partial<DetectionInput> = { territories: ['BL'], marking: 'TLP:GREEN', counts: { posts: 10 } }
    await ingest({ ...both, id: `${id}-stays` })
    await ingest({ ...both, id })
    await report('BL', 'TLP:GREEN')
    await ingest({ ...both, ...moved, id, marking: 'TLP:RED' })
    const made = await report('BL', 'TLP:GREEN')
    expect(made.report.changes).toMatchObject({ reasons: ['marking'], figures: [], removed: [] })
    expect(JSON.stringify(made.report)).not.toContain(`"${id}"`)
  })
})

describe('the weekly run of a later week', () => {
  type Json = WeeklyJson & { readonly reissued: readonly ReportJson[] }

  beforeAll(openHome('now'))
  const ingest = (...inputs: readonly Partial<DetectionInput>[]) =>
    ingestInto(
      opened,
      inputs.map((one) => input(one)),
    )
  const week = { week: parsePeriod('2024-W21'), cap: 'TLP:AMBER' } as const
  const quiet = { started: () => {}, made: () => {}, failed: () => {} }

  it('makes an earlier published week again whose figures changed, and the later report states it', async () => {
    await ingest({ id: 'w-1', counts: { posts: 50 } })
    await reportFrom(opened, 'NC', '2024-W20')
    // Martinique's week changes too, but was never published.
    await ingest({ id: 'w-2', counts: { posts: 1000 } }, { id: 'w-mq', territories: ['MQ'], counts: { posts: 7 } })

    const ran = await vigie(['weekly', '2024-W21', '--territory', 'NC', 'MQ', '--home', home, '--json'])
    const { reports, reissued, failed } = jsonOf<Json>(ran)
    expect(failed).toEqual([])
    expect(reports).toHaveLength(2)
    expect(reissued).toMatchObject([
      { territory: 'NC', period: '2024-W20', version: 2, isNew: true, totals: { posts: { value: 1050 } } },
    ])
    const later = reports.find(({ territory }) => territory === 'NC') as ReportJson
    expect(await pageText(later, 'en')).toMatch(
      /2024-W20, published as version 1: figures revised since .*Posts 50 1,050/,
    )

    const again = await runWeek({ ...week, only: ['NC', 'MQ'] }, opened.services, quiet)
    expect([again.failed, again.reissued]).toEqual([[], []])
    expect(again.reports.map(({ isNew }) => isNew)).toEqual([false, false])
  })

  it('corrects an earlier week also where the mails of the later one fail', async () => {
    await ingest({ id: 'w-3', counts: { posts: 3000 } })
    const asked: DeliveryMessage[] = []
    const deliver = async (message: DeliveryMessage) => {
      asked.push(message)
      if (message.to === 'everybody') throw new Error('the mail service is away')
    }
    const { reports, reissued, failed } = await runWeek({ ...week, only: ['NC'], deliver }, opened.services, quiet)
    expect(failed).toEqual([{ territory: 'NC', period: '2024-W21', message: 'the mail service is away' }])
    expect(reports).toHaveLength(1)
    expect(reissued.map(({ edition, report }) => [edition.period.id, report.version])).toEqual([['2024-W20', 3]])
    expect(asked).toContainEqual({ territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 3, to: 'corrected' })
  })
})
