/**
 * Recalls: the version stays in the archive, verifies, and never answers a request again. What the next version is, is
 * test/domain/report/version.test.ts.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { handleReportMessage } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { jsonOf, newFolder, type ReportJson, vigie, vigieJson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

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

type Listed = readonly {
  readonly version: number
  readonly state: string
  readonly recalled?: { readonly at: string; readonly reason: string }
}[]

const recall = (territory: string, version: string, reason: string, ...more: readonly string[]) =>
  vigie(['archive', 'recall', territory, '2024-W20', version, '--reason', reason, ...more, '--home', home, '--json'])

const factsOf = async ({ files }: ReportJson): Promise<Report> =>
  JSON.parse(await readFile(files.find(({ name }) => name === 'report.json')?.path ?? '', 'utf8')) as Report

it('a recalled version answers no request again, stays in the archive and verifies; the next one names it', async () => {
  await ingestInto(opened, [input({ id: 'r-1', counts: { posts: 12 } })])
  const report = (asOf?: string) => reportFrom(opened, 'NC', '2024-W20', asOf === undefined ? {} : { asOf })
  const first = await report()
  const ran = await recall('NC', '1', 'a grave mistake')
  const reason = 'a grave mistake'
  expect([ran.code, jsonOf(ran)]).toMatchObject([0, { already: false, recalled: { reason } }])

  const second = await report()
  expect(second).toMatchObject({ version: 2, isNew: true, totals: first.totals })
  expect(await report(first.asOf)).toMatchObject({ version: 3, reconstructed: true, totals: first.totals })
  const { changes, replacesRecalled, pages } = await factsOf(second)
  expect(replacesRecalled).toBe(1)
  expect(JSON.stringify(pages.en.closing)).toContain('It replaces version 1, which was recalled.')
  expect(changes?.reasons ?? []).not.toContain('earlier periods')

  const again = await recall('NC', 'v1', 'another reason', '--by', 'A. Roy')
  expect([again.code, jsonOf(again)]).toMatchObject([0, { already: true, recalled: { reason } }])
  const listed = await vigieJson<Listed>(['archive', 'list', '--territory', 'NC', '--home', home])
  expect(listed.map(({ version, state, recalled }) => [version, state, recalled?.reason])).toEqual([
    [1, 'published', reason],
    [2, 'published', undefined],
    [3, 'published', undefined],
  ])
  expect((await opened.services.history.list(100)).filter(({ of }) => of === 'report')).toMatchObject([
    { did: 'recalled', by: 'this machine', id: 'NC/2024-W20/amber/v0001', reason },
  ])
  expect((await factsOf(first)).version).toBe(1)
  expect(await verifyArchive(opened.services)).toMatchObject({ versions: 3, problems: [] })
})

it('a due report is not made again while the recalled content is unchanged', async () => {
  const ingest = (posts: number) => ingestInto(opened, [input({ id: 'c-1', territories: ['COR'], counts: { posts } })])
  await ingest(3)
  await reportFrom(opened, 'COR', '2024-W20')
  await recall('COR', '1', 'a name is in a title')
  const due = {
    kind: 'requested',
    territory: 'COR',
    period: '2024-W20',
    deliver: 'everybody',
    late: 'restate',
  } as const
  const queued: unknown[] = []
  const queue = { report: async () => {}, delivery: async (message: unknown) => void queued.push(message) }
  const make = () => handleReportMessage({ ...due, cap: 'TLP:AMBER' }, opened.services, queue)
  await expect(make()).rejects.toThrow(/v0001 was recalled \(a name is in a title\).*vigie report COR 2024-W20/)
  expect(queued).toEqual([])
  await ingest(4)
  expect(await make()).toMatchObject({ report: { version: 2 } })
  expect(queued).toMatchObject([{ version: 2, to: 'everybody' }])
})

it('the version after a recall shows nothing of a detection whose marking was raised', async () => {
  const ingest = (marking: 'TLP:GREEN' | 'TLP:RED') =>
    ingestInto(opened, [input({ id: 'raised-canary', territories: ['MQ'], marking, counts: { posts: 7_654_321 } })])
  const report = () => reportFrom(opened, 'MQ', '2024-W20', { cap: 'TLP:GREEN' })
  await ingest('TLP:GREEN')
  expect(await report()).toMatchObject({ version: 1, totals: { posts: { value: 7_654_321 } } })
  await ingest('TLP:RED')
  expect((await recall('MQ', '1', 'marking raised to RED', '--cap', 'GREEN')).code).toBe(0)
  const next = await report()
  expect(next).toMatchObject({ version: 2, totals: { detections: 0 } })
  expect(JSON.stringify(await factsOf(next)).match(/raised-canary|7.?654.?321/gu) ?? []).toEqual([])
})

it.each([
  ['NC', '9', [], 1, /v0009 was never published: versions 1, 2, 3/],
  ['NC', 'two', [], 2, /two/],
  ['NC', '1', ['--cap', 'PINK'], 2, /PINK/],
  ['NC', '1', ['--reason', ''], 2, /reason/],
] as const)('the recall of %s %s %j fails', async (territory, version, more, code, message) => {
  const ran = await recall(territory, version, 'x', ...more)
  expect([ran.code, jsonOf(ran)]).toEqual([code, { error: { message: expect.stringMatching(message) } }])
})
