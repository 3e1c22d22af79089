/** Ingests every result file of ../shared/data. The readers of each format have their own tests in test/intake. */
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IngestResult } from '../../bin/cli/answers.ts'
import { ingestFiles } from '../../bin/cli/ingest-files.ts'
import { parseObserved } from '../../lambdas/domain/core/time/observed.ts'
import { newFolder } from '../support/cli.ts'
import { isShared, shared } from '../support/intake.ts'
import { type Opened, openServices, reportFrom } from '../support/services.ts'

const names = ['viginum', 'meta', 'coordination'].flatMap((folder) =>
  isShared
    ? readdirSync(shared(folder))
        .filter((name) => /\.(?:csv|json)$/.test(name))
        .map((name) => `${folder}/${name}`)
    : [],
)
const pathOf = (name: string) => fileURLToPath(shared(name))

describe.skipIf(!isShared)('the result files (skipped where ../shared/data is absent)', () => {
  let posts: string
  let opened: Opened
  let cleanUp: () => Promise<void>

  beforeAll(async () => {
    const { folder, remove } = await newFolder()
    posts = join(folder, 'posts.csv')
    // D3lta's example comes without its posts.
    const pairs = parse(readFileSync(shared('coordination/d3lta-matches-sample.csv')), { columns: true })
    const ids = new Set((pairs as Record<string, string>[]).flatMap(({ source, target }) => [source, target]))
    const rows = [...ids].map((id, at) => `${id},account-${at},2024-05-15T01:0${at % 10}:00Z,Les chats sont gris,X`)
    await writeFile(posts, ['id,account,time,text,platform', ...rows].join('\n'))
    opened = await openServices(join(folder, 'home'), '2026-01-01T00:00:00.000Z')
    cleanUp = async () => {
      await opened.close()
      await remove()
    }
  })
  afterAll(() => cleanUp())

  const ingest = (...files: readonly string[]): Promise<IngestResult> => {
    const observed = parseObserved('2023-07..2024-06')
    return ingestFiles({ files: files.map(pathOf), format: 'auto', observed, posts }, opened.context)
  }
  const isWhole = ({ read, accepted, revised, duplicates, unplaced, runs, rejected }: IngestResult) =>
    read === accepted + revised + duplicates + unplaced + runs + rejected

  it('have tallies that add up, and no rejects; ingesting them again changes nothing', async () => {
    const found: Record<string, string> = {}
    for (const name of names) {
      const result = await ingest(name)
      expect(isWhole(result)).toBe(true)
      const { read, accepted, unplaced, rejected, failed } = result
      found[name] = failed[0]
        ? `refused: ${failed[0].message.slice(pathOf(name).length + 1)}`
        : `${read} ${accepted} ${unplaced} ${rejected}`
    }
    const refused = expect.stringMatching(/^refused: holds posts, not detections/)
    const unplaced = expect.stringMatching(/^(\d+) 0 \1 0$/)
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
      'coordination/coortweet-edges.csv': unplaced,
      'coordination/coortweet-groups-60s.csv': unplaced,
      'coordination/d3lta-matches-sample.csv': unplaced,
      'coordination/coortweet-russian-posts.csv': refused,
      'coordination/qut-posts-sample.csv': refused,
    })
    expect((await reportFrom(opened, 'COR', '2023-07')).totals.detections).toBeGreaterThan(0)
    const before = await Array.fromAsync(opened.services.detections.unplaced())
    const again = await ingest(...names)
    expect([isWhole(again), again.duplicates, again.failed.length]).toEqual([true, again.read, 2])
    expect(await Array.fromAsync(opened.services.detections.unplaced())).toEqual(before)
  })
})
