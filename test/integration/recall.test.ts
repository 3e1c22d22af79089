/**
 * Recalls, by the command line and in this process: the version stays in the archive, verifies, and never answers a
 * request again.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
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

type RecallJson = { readonly id: string; readonly already: boolean; readonly recalled: { readonly reason: string } }

type Listed = readonly {
  readonly version: number
  readonly state: string
  readonly recalled?: { readonly at: string; readonly reason: string }
}[]

const ingest = (...said: readonly Partial<DetectionInput>[]) =>
  ingestInto(
    opened,
    said.map((one) => input(one)),
  )

const report = (territory: TerritoryCode, edition: { readonly cap?: Marking; readonly asOf?: string } = {}) =>
  reportFrom(opened, territory, '2024-W20', edition)

const recall = (territory: string, version: string, reason: string, ...more: readonly string[]) =>
  vigie(['archive', 'recall', territory, '2024-W20', version, '--reason', reason, ...more, '--home', home, '--json'])

const factsOf = async ({ files }: ReportJson): Promise<Report> =>
  JSON.parse(await readFile(files.find(({ name }) => name === 'report.json')?.path ?? '', 'utf8')) as Report

describe('a recalled version', () => {
  let second: ReportJson

  it('answers no request again, stays in the archive, is listed with its reason, and verifies', async () => {
    await ingest({ id: 'r-1', counts: { posts: 12 } })
    const first = await report('NC')
    const ran = await recall('NC', '1', 'a grave mistake')
    expect(ran.code).toBe(0)
    expect(jsonOf<RecallJson>(ran)).toMatchObject({ already: false, recalled: { reason: 'a grave mistake' } })

    second = await report('NC')
    expect(second).toMatchObject({ version: 2, isNew: true, totals: first.totals })
    expect(await report('NC')).toMatchObject({ version: 2, isNew: false })
    const then = await report('NC', { asOf: first.asOf })
    expect(then).toMatchObject({ version: 3, reconstructed: true, totals: first.totals })

    const again = await recall('NC', 'v1', 'another reason', '--by', 'A. Roy')
    expect(again.code).toBe(0)
    expect(jsonOf<RecallJson>(again)).toMatchObject({ already: true, recalled: { reason: 'a grave mistake' } })
    const listed = await vigieJson<Listed>(['archive', 'list', '--territory', 'NC', '--home', home])
    expect(listed.map(({ version, state, recalled }) => [version, state, recalled?.reason])).toEqual([
      [1, 'published', 'a grave mistake'],
      [2, 'published', undefined],
      [3, 'published', undefined],
    ])
    const told = (await opened.services.history.list(100)).filter(({ of }) => of === 'report')
    expect(told.map(({ did, by, id, reason }) => [did, by, id, reason])).toEqual([
      ['recalled', 'this machine', 'NC/2024-W20/amber/v0001', 'a grave mistake'],
    ])
    expect((await factsOf(first)).version).toBe(1)
    const { versions, problems } = await verifyArchive(opened.services)
    expect({ versions, problems }).toEqual({ versions: 3, problems: [] })
  })

  it('is not followed by one that gives a reason for its making that is none', async () => {
    const { version, changes, replacesRecalled, pages } = await factsOf(second)
    expect([version, replacesRecalled]).toEqual([2, 1])
    expect(JSON.stringify(pages.en.closing)).toContain('It replaces version 1, which was recalled.')
    expect(changes?.reasons ?? []).not.toContain('earlier periods')
  })

  it('is not made again by itself before something was mended, but for whoever asks', async () => {
    await ingest({ id: 'c-1', territories: ['COR'], counts: { posts: 3 } })
    await report('COR')
    await recall('COR', '1', 'a name stood in a title')
    const due = {
      kind: 'requested',
      territory: 'COR',
      period: '2024-W20',
      deliver: 'everybody',
      late: 'restate',
    } as const
    const words: unknown[] = []
    const onward = { report: async () => {}, delivery: async (word: unknown) => void words.push(word) }
    const make = () => handleReportMessage({ ...due, cap: 'TLP:AMBER' }, opened.services, onward)
    await expect(make()).rejects.toThrow(/v0001 was recalled \(a name stood in a title\).*vigie report COR 2024-W20/)
    expect(words).toEqual([])
    await ingest({ id: 'c-1', territories: ['COR'], counts: { posts: 4 } })
    expect(await make()).toMatchObject({ report: { version: 2 } })
    expect(words).toMatchObject([{ version: 2, to: 'everybody' }])
    await recall('COR', '2', 'by mistake')
    expect(await report('COR')).toMatchObject({ version: 3, isNew: true })
  })

  it('whose marking was raised is not told again by its successor', async () => {
    const counts = { posts: 7_654_321 }
    await ingest({ id: 'raised-canary', territories: ['MQ'], marking: 'TLP:GREEN', counts })
    expect(await report('MQ', { cap: 'TLP:GREEN' })).toMatchObject({
      version: 1,
      totals: { posts: { value: 7_654_321 } },
    })
    await ingest({ id: 'raised-canary', territories: ['MQ'], marking: 'TLP:RED', counts })
    expect((await recall('MQ', '1', 'marking raised to RED', '--cap', 'GREEN')).code).toBe(0)
    const next = await report('MQ', { cap: 'TLP:GREEN' })
    expect(next).toMatchObject({ version: 2, totals: { detections: 0 } })
    const facts = JSON.stringify(await factsOf(next))
    expect(facts.match(/raised-canary|7.?654.?321/gu) ?? []).toEqual([])
  })
})

describe('a recall that cannot be', () => {
  it('ends with 1 for a version that was never published, with 2 for wrong words', async () => {
    const unknown = await recall('NC', '9', 'no such thing')
    expect(unknown.code).toBe(1)
    expect(jsonOf<{ error: { message: string } }>(unknown).error.message).toMatch(
      /v0009 was never published: versions 1, 2, 3/,
    )
    expect((await recall('GF', '1', 'no report at all')).code).toBe(1)
    const wrong = await Promise.all([
      recall('NC', 'two', 'no number'),
      recall('ZZ', '1', 'no territory'),
      recall('NC', '1', 'no marking', '--cap', 'PINK'),
      vigie(['archive', 'recall', 'NC', '2024-W20', '1', '--home', home, '--json']),
    ])
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2, 2])
  })
})
