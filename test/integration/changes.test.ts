/** What a version says of the one before it, and what a weekly run does with earlier weeks whose data came late. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

const shown = async (made: ReportJson, lang: 'fr' | 'en'): Promise<string> =>
  shownText(await read(made, `report.${lang}.html`))
    .join(' ')
    .replace(/\s+/g, ' ')

describe('a later version', () => {
  let opened: Opened
  let cleanUp: () => Promise<void>
  let seconds = 0

  beforeAll(async () => {
    const { folder, remove } = await newFolder()
    opened = await openServices(folder)
    cleanUp = async () => {
      await opened.close()
      await remove()
    }
  })

  afterAll(() => cleanUp())

  const tick = () => {
    seconds += 1
    opened.at(new Date(Date.UTC(2024, 6, 1) + seconds * 1000).toISOString())
  }

  const ingest = (said: Partial<DetectionInput>) => {
    tick()
    return ingestDetections([{ detection: detection(said) }], 'test', opened.services)
  }

  const report = (territory: TerritoryCode = 'NC', cap: Marking = 'TLP:AMBER'): Promise<MadeReport> => {
    tick()
    return generateReport({ territory, period: parsePeriod('2024-W20'), cap }, opened.services)
  }

  const json = (made: MadeReport) => reportOutput(made, opened.services.archive)

  const exact = (value: number) => ({ value, qualifier: 'exact' })

  it('tells late data, a correction and a withdrawal, with the figures before and after', async () => {
    await ingest({ id: 'c-base', counts: { posts: 200, accounts: 20 } })
    const first = await report()
    expect(first.report.changes).toBeNull()

    await ingest({ id: 'c-late', observed: { from: '2024-05-16' }, counts: { posts: 1000, accounts: 20 } })
    const second = await report()
    const archived = JSON.parse(await read(json(second), 'report.json')) as Report
    expect(archived.version).toBe(2)
    expect(archived.changes).toMatchObject({
      version: 1,
      asOf: first.report.asOf,
      reasons: ['late data'],
      added: ['c-late'],
      revised: [],
      removed: [],
    })
    expect(archived.changes?.figures).toContainEqual({ figure: 'posts', before: exact(200), after: exact(1200) })
    expect(archived.changes?.figures).toContainEqual({ figure: 'detections', before: exact(1), after: exact(2) })
    expect(await shown(json(second), 'en')).toMatch(
      /Since version 1 .*data that came late ?\. One detection added\. .*Posts 200 1,200/,
    )
    expect(await shown(json(second), 'fr')).toMatch(/Depuis la version 1 .*Messages 200 1 200/)

    await ingest({ id: 'c-late', observed: { from: '2024-05-16' }, counts: { posts: 900, accounts: 20 } })
    const third = await report()
    expect(third.report.changes).toMatchObject({
      version: 2,
      reasons: ['correction'],
      figures: [{ figure: 'posts', before: exact(1200), after: exact(1100) }],
      added: [],
      revised: ['c-late'],
      removed: [],
    })

    tick()
    await opened.services.detections.withdraw(
      'c-late',
      { by: 'a test', reason: 'a false alarm' },
      opened.services.clock(),
    )
    const fourth = await report()
    expect(fourth.report.changes).toMatchObject({ version: 3, reasons: ['withdrawal'], removed: ['c-late'] })
    expect(fourth.report.changes?.figures).toContainEqual({ figure: 'posts', before: exact(1100), after: exact(200) })
    expect(await shown(json(fourth), 'en')).toMatch(/Since version 3 .*withdrawal ?\. .*Posts 1,100 200/)
  })

  it('does not tell a note of which nothing changed, even where its author has an address', async () => {
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

  it('does not name a detection whose marking was raised above the cap since', async () => {
    await ingest({ id: 'raised-canary', territories: ['GP'], marking: 'TLP:GREEN' })
    expect((await report('GP', 'TLP:GREEN')).report.totals.detections).toBe(1)
    await ingest({ id: 'raised-canary', territories: ['GP'], marking: 'TLP:RED' })
    const { report: second } = await report('GP', 'TLP:GREEN')
    expect(second.version).toBe(2)
    expect(JSON.stringify(second).includes('raised-canary')).toBe(false)
  })

  it.each([
    ['another territory', { territories: ['MF'] }],
    ['another week', { observed: { from: '2024-05-22' } }],
  ])('does not name one that was raised and moved to %s either', async (where, moved) => {
    const id = `moved-${where.replace(' ', '-')}`
    const other = { territories: ['BL'], counts: { posts: 10 } }
    await ingest({ ...other, id: `${id}-stays`, marking: 'TLP:GREEN' })
    await ingest({ ...other, id, marking: 'TLP:GREEN' })
    await report('BL', 'TLP:GREEN')
    await ingest({ ...other, ...moved, id, marking: 'TLP:RED' })
    const made = await report('BL', 'TLP:GREEN')
    expect(made.report.changes).toMatchObject({ reasons: ['marking'], figures: [], removed: [] })
    expect(JSON.stringify(made.report.changes)).not.toContain(`"${id}"`)
  })
})

describe('the weekly run of a later week', () => {
  type Json = WeeklyJson & { readonly reissued: readonly ReportJson[] }

  let home: string
  let opened: Opened
  let cleanUp: () => Promise<void>

  beforeAll(async () => {
    const { folder, remove } = await newFolder()
    home = join(folder, 'home')
    opened = await openServices(home, 'now')
    cleanUp = async () => {
      await opened.close()
      await remove()
    }
  })

  afterAll(() => cleanUp())

  const ingest = (...said: readonly Partial<DetectionInput>[]) =>
    ingestInto(
      opened,
      said.map((one) => input(one)),
    )

  it('makes an earlier published week again whose figures changed, and the later report says so', async () => {
    await ingest({ id: 'w-1', counts: { posts: 50 } })
    const first = await reportFrom(opened, 'NC', '2024-W20')
    expect(first.version).toBe(1)
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
    const { revisedBefore } = JSON.parse(await read(later, 'report.json')) as Report
    expect(revisedBefore).toMatchObject([{ period: '2024-W20', version: 1 }])
    expect(await shown(later, 'en')).toMatch(/2024-W20, published as version 1: figures revised since .*Posts 50 1,050/)
    expect(await shown(later, 'fr')).toMatch(/2024-W20.*Messages 50 1 050/)
    expect(await shown(reissued[0] as ReportJson, 'en')).toMatch(/Since version 1 .*data that came late/)

    const idle = { started: () => {}, made: () => {}, failed: () => {} }
    const week = { week: parsePeriod('2024-W21'), cap: 'TLP:AMBER', only: ['NC', 'MQ'] } as const
    const again = await runWeek(week, opened.services, idle)
    expect(again.failed).toEqual([])
    expect(again.reissued).toEqual([])
    expect(again.reports.map(({ isNew }) => isNew)).toEqual([false, false])
  })

  it('corrects an earlier week also where the mails of the later one fail', async () => {
    await ingest({ id: 'w-3', counts: { posts: 3000 } })
    const asked: DeliveryMessage[] = []
    const deliver = async (message: DeliveryMessage) => {
      asked.push(message)
      if (message.to === 'everybody') throw new Error('the mail service is away')
    }
    const failures: string[] = []
    const quiet = {
      started: () => {},
      made: () => {},
      failed: ({ message }: { message: string }) => failures.push(message),
    }
    const week = { week: parsePeriod('2024-W21'), cap: 'TLP:AMBER', only: ['NC'], deliver } as const
    const { reports, reissued, failed } = await runWeek(week, opened.services, quiet)
    expect(failed).toEqual([{ territory: 'NC', period: '2024-W21', message: 'the mail service is away' }])
    expect(failures).toEqual(['the mail service is away'])
    expect(reports).toHaveLength(1)
    expect(reissued.map(({ edition, report }) => [edition.period.id, report.version])).toEqual([['2024-W20', 3]])
    expect(asked).toContainEqual({ territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 3, to: 'corrected' })
  })
})
