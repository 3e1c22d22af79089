/** The dry run of the last report: what it takes, when it fails, and that it writes nothing. */
import { beforeAll, expect, test } from 'vitest'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { dryRun } from '../../../lambdas/usecases/reports/dry-run.ts'
import { flashAsked } from '../../../lambdas/usecases/reports/flash/ask-flash.ts'
import { generateReport, HeldReportError } from '../../../lambdas/usecases/reports/generate-report.ts'
import type { Services } from '../../../lambdas/usecases/services.ts'
import { changedPrint } from '../../support/changed-print.ts'
import { newFolder } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../../support/services.ts'

let opened: Opened

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder)
  return async () => {
    await opened.close()
    await remove()
  }
})

const make = (period: string, services = opened.services) =>
  generateReport({ territory: 'NC', period: parsePeriod(period), cap: 'TLP:AMBER' }, services)
const unmarked = () =>
  changedPrint(opened.services.printer, (html) => html.replace(/@(top|bottom)-right\{[^}]*\}/g, ''))
/** The archive as it is, but for the texts of its manifests. */
const withManifest = (change: (manifest: string) => string): Pick<Services, 'archive'> => {
  const { archive } = opened.services
  const get = async (key: string) => {
    const bytes = await archive.get(key)
    return key.endsWith('manifest.json') ? Buffer.from(change(Buffer.from(bytes).toString())) : bytes
  }
  return { archive: { ...archive, get } }
}
const stored = async () => ({
  items: (await Array.fromAsync(opened.table.scan())).flat().map((item) => JSON.stringify(item)),
  keys: await Array.fromAsync(opened.services.archive.list('')),
})

test('ends well where no report was published', async () => {
  expect(await dryRun(opened.services)).toEqual({ result: 'no report yet' })
})

test('takes the last report that is published and not on request, and makes its bytes again', async () => {
  await ingestInto(opened, [input({ id: 'a' })])
  await make('2024-W20')
  opened.at('2024-05-21T00:00:00.000Z')
  await make('2024-05')
  opened.at('2024-05-22T00:00:00.000Z')
  await generateReport(await flashAsked(['a'], { cap: 'TLP:AMBER' }, opened.services), opened.services)
  await ingestInto(opened, [input({ id: 'b' })])
  const held = make('2024-W20', { ...opened.services, printer: unmarked() })
  await expect(held).rejects.toThrow(HeldReportError)
  const before = await stored()
  expect(await dryRun(opened.services)).toEqual({ report: 'NC/2024-05/amber/v0001', result: 'same bytes' })
  expect(await stored()).toEqual(before)
})

test('leaves out a report that shows evidence images, which can be removed', async () => {
  const { reports } = opened.services
  const all: Services['reports']['all'] = async function* () {
    for await (const { published, ...entry } of reports.all())
      yield {
        ...entry,
        ...(published && { published: { ...published, ...(entry.period === '2024-05' && { pictures: [] }) } }),
      }
  }
  const { report } = (await dryRun({ ...opened.services, reports: { ...reports, all } })) as { readonly report: string }
  expect(report).toBe('NC/2024-W20/amber/v0001')
})

test('fails where the publish gate would hold the report', async () => {
  const run = dryRun({ ...opened.services, printer: unmarked() })
  await expect(run).rejects.toMatchObject({
    name: 'FailedDryRunError',
    message: expect.stringMatching(/^NC\/2024-05\/amber\/v0001, made again, would be held: report\.fr\.pdf: /),
  })
})

test('fails where a file has other bytes, unless another program or other templates made the archived one', async () => {
  const other = (text: string) => text.replace(/(?<="name":"report\.en\.html","sha256":")\w{4}/, '0000')
  const run = dryRun({ ...opened.services, ...withManifest(other) })
  await expect(run).rejects.toThrow('made again, has other bytes than were archived: report.en.html')
  for (const change of [
    (text: string) => text.replace(/(?<="program":")[^"]+/, 'vigie 0.0.1'),
    (text: string) => text.replace(/(?<="templatesSha256":")\w{4}/, '0000'),
  ]) {
    const services = { ...opened.services, ...withManifest((text) => change(other(text))) }
    expect((await dryRun(services)).result).toBe('made by another program or other templates')
  }
})

test('fails where an archived file was damaged', async () => {
  const damaged = withManifest((text) => text.replace(/(?<="name":"detections\.csv","sha256":")\w{4}/, '0000'))
  await expect(dryRun({ ...opened.services, ...damaged })).rejects.toThrow('the file was cut off, changed or damaged')
})
