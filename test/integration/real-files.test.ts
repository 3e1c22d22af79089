/** Every file of results in ../shared/data goes in with a tally that adds up, and reports come out. */
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IngestResult } from '../../bin/cli/answers.ts'
import { ingestFiles } from '../../bin/cli/ingest-files.ts'
import { parseObserved } from '../../lambdas/domain/core/time/observed.ts'
import {
  ended,
  type IngestJson,
  jsonOf,
  newFolder,
  type ReportJson,
  startVigie,
  vigie,
  vigieJson,
} from '../support/cli.ts'
import { isShared, shared } from '../support/intake.ts'
import { type Opened, openServices } from '../support/services.ts'

const names = ['viginum', 'meta', 'coordination'].flatMap((folder) =>
  isShared
    ? readdirSync(shared(folder))
        .filter((name) => /\.(?:csv|json)$/.test(name))
        .map((name) => `${folder}/${name}`)
    : [],
)
const rawPosts = ['coordination/coortweet-russian-posts.csv', 'coordination/qut-posts-sample.csv']
const pathOf = (name: string) => fileURLToPath(shared(name))
const observed = '2023-07..2024-06'

describe.skipIf(!isShared)('the files of results (skipped where ../shared/data is absent)', () => {
  let folder: string
  let posts: string
  let opened: Opened
  let cleanUp: () => Promise<void>

  beforeAll(async () => {
    const made = await newFolder()
    folder = made.folder
    posts = join(folder, 'posts.csv')
    // D3lta's example comes without its posts.
    const pairs = parse(readFileSync(shared('coordination/d3lta-matches-sample.csv')), { columns: true })
    const ids = new Set((pairs as Record<string, string>[]).flatMap(({ source, target }) => [source, target]))
    const rows = [...ids].map((id, at) => `${id},account-${at},2024-05-15T01:0${at % 10}:00Z,Les chats sont gris,X`)
    await writeFile(posts, ['id,account,time,text,platform', ...rows].join('\n'))
    opened = await openServices(join(folder, 'one-by-one'), '2026-01-01T00:00:00.000Z')
    cleanUp = async () => {
      await opened.close()
      await made.remove()
    }
  })
  afterAll(() => cleanUp())

  const ingest = (...files: readonly string[]): Promise<IngestResult> =>
    ingestFiles({ files: files.map(pathOf), format: 'auto', observed: parseObserved(observed), posts }, opened.context)
  const isWhole = ({ read, accepted, revised, duplicates, unplaced, runs, rejected }: IngestResult) =>
    read === accepted + revised + duplicates + unplaced + runs + rejected

  it('each has a tally that adds up, nothing rejected; the tables of posts are refused by name', async () => {
    const found: Record<string, string> = {}
    for (const name of names) {
      const result = await ingest(name)
      expect(isWhole(result)).toBe(true)
      const { read, accepted, unplaced, rejected, failed } = result
      found[name] = failed[0]
        ? `refused: ${failed[0].message.slice(pathOf(name).length + 1)}`
        : `${read} ${accepted} ${unplaced} ${rejected}`
    }
    // Read, accepted, unplaced, rejected.
    expect(found).toEqual({
      'viginum/2023-06_rrn-domains.csv': '637 0 637 0',
      'viginum/2023-08_rrn.stix.json': expect.stringMatching(/ 0$/),
      'viginum/2024-12_big_423-accounts_pseudonymised.csv': '1 1 0 0',
      'viginum/2024-12_un-notorious-big.stix.json': expect.stringMatching(/ 0$/),
      'meta/2022_04_metas_adversarial_threat_report_q1.csv': '5 0 5 0',
      'meta/2022_09_removing_coordinated_inauthentic_behavior_from_china_and_russia.csv': '10 0 10 0',
      'meta/Q1_2023_Togo_Burkina_Faso-based_CIB_network.csv': '1 0 1 0',
      'meta/Q1_2025_China-based_CIB_network.csv': '1 0 1 0',
      'meta/Q1_2025_Iran-based_CIB_network.csv': '1 0 1 0',
      'meta/Q1_2025_ROMANIA_BASED_CIB_NETWORK.csv': '1 0 1 0',
      'coordination/coortweet-edges.csv': expect.stringMatching(/^(\d+) 0 \1 0$/),
      'coordination/coortweet-groups-60s.csv': expect.stringMatching(/^(\d+) 0 \1 0$/),
      'coordination/d3lta-matches-sample.csv': expect.stringMatching(/^(\d+) 0 \1 0$/),
      'coordination/coortweet-russian-posts.csv': expect.stringMatching(/^refused: holds posts, not detections/),
      'coordination/qut-posts-sample.csv': expect.stringMatching(/^refused: holds posts, not detections/),
    })
  })

  it('twice are all duplicates, and nothing changes', async () => {
    const before = await Array.fromAsync(opened.services.detections.unplaced())
    const result = await ingest(...names)
    expect(isWhole(result)).toBe(true)
    expect(result.duplicates).toBe(result.read)
    expect(result.failed).toHaveLength(rawPosts.length)
    expect(await Array.fromAsync(opened.services.detections.unplaced())).toEqual(before)
  })

  it('by the command line, by two commands at once: the same in all as one by one, and reports come out', async () => {
    const home = join(folder, 'at-once')
    const command = ['ingest', ...names.map(pathOf), '--observed', observed, '--posts', posts, '--home', home, '--json']
    // One key for both, as a house has it.
    const env = { VIGIE_PSEUDONYM_KEY: '07'.repeat(32) }
    const both = await Promise.all([1, 2].map(() => ended(startVigie(command, { env }))))
    const tallies = both.map((ran) => {
      expect(ran.code).toBe(1)
      return jsonOf<IngestJson>(ran)
    })
    for (const { failed, rejects } of tallies) {
      expect(rejects).toEqual([])
      expect(failed.map(({ file }) => file).sort()).toEqual(rawPosts.map(pathOf).sort())
    }
    const again = await vigie(command, { env })
    const { read, duplicates } = jsonOf<IngestJson>(again)
    expect(duplicates).toBe(read)
    const [one, two] = tallies
    // Each record is new once, whichever command brought it first.
    expect((one?.accepted ?? 0) + (one?.unplaced ?? 0) + (two?.accepted ?? 0) + (two?.unplaced ?? 0)).toBe(read)
    const report = await vigieJson<ReportJson>(['report', 'COR', '2023-07', '--home', home])
    expect(report.totals.detections).toBeGreaterThan(0)
    const unplaced = await vigieJson<readonly unknown[]>(['unplaced', 'list', '--home', home])
    expect(unplaced).toHaveLength((await Array.fromAsync(opened.services.detections.unplaced())).length)
  })
})
