/**
 * What a restored table and the archive are worth together: the index comes back, the archive verifies, and reports say
 * what they said.
 */

import { plural } from '../../domain/core/plural.ts'
import { messageOf } from '../../domain/core/thrown.ts'
import { type Edition, editionOf, editionPath, reportId } from '../../domain/report/manifest.ts'
import { isTold, type VersionEntry } from '../../store/reports.ts'
import { draftFacts } from '../reports/generate-report.ts'
import type { Services } from '../services.ts'
import { readVersion } from './read-version.ts'
import { reindexArchive } from './reindex-archive.ts'
import { type VerifyOptions, verifyArchive } from './verify-archive.ts'

type DrillStep = {
  readonly step: 'index' | 'archive' | 'report'
  /** False where something would not come back, or its report could not be made. */
  readonly ok: boolean
  readonly said: string
}

type DrillOptions = VerifyOptions & {
  /** Of so many editions, the newest ones, it is looked whether the report would be the same. */
  readonly editions: number
}

/**
 * Puts what the archive knows into the restored table's index, and looks what the newest reports would say on what the
 * table holds. Nothing is written but entries of the index; services have the restored table, and an archive that may
 * refuse writes.
 */
export const drillRestore = async function* (services: Services, options: DrillOptions): AsyncGenerator<DrillStep> {
  const indexed = await Array.fromAsync(reindexArchive(services, options))
  const of = (did: string) => indexed.filter((one) => one.did === did)
  const [refused] = of('refused')
  yield {
    step: 'index',
    ok: refused === undefined,
    said: `${plural(of('stood').length, 'version')} known, ${of('indexed').length} back from the archive, ${of('refused').length} refused${refused ? `: ${refused.id} ${refused.reason}` : ''}`,
  }
  const { versions, files, problems } = await verifyArchive(services, options)
  const [problem] = problems
  yield {
    step: 'archive',
    ok: problem === undefined,
    said: problem
      ? `${plural(problems.length, 'problem')}: ${problem.file} ${problem.message}`
      : `${plural(versions, 'version')} with ${plural(files, 'file')}: as archived and signed`,
  }
  for (const entry of await newestEditions(services, options.editions)) yield await sameReport(entry, services)
}

/** The newest published version of each edition, of the editions that were made last. */
const newestEditions = async ({ reports }: Services, count: number): Promise<readonly VersionEntry[]> => {
  const newest = new Map<string, VersionEntry>()
  for await (const entry of reports.all()) {
    if (isTold(entry)) newest.set(editionPath(editionOf(entry)), entry)
  }
  return [...newest.values()].toSorted((a, b) => (a.asOf < b.asOf ? 1 : -1)).slice(0, count)
}

const sameReport = async (entry: VersionEntry, services: Services): Promise<DrillStep> => {
  const edition: Edition = editionOf(entry)
  const id = reportId(edition, entry.version)
  try {
    const { snapshotSha256, changes } = await draftFacts(edition, services)
    if (snapshotSha256 === entry.snapshotSha256)
      return { step: 'report', ok: true, said: `${id} would be the same version` }
    const lost = await lostSince(entry, services)
    const why = [
      ...countOf(lost, 'lacking in the table'),
      ...countOf(changes?.added, 'new in the table'),
      ...countOf(changes?.revised, 'with another revision'),
      ...countOf(
        changes?.removed.filter((one) => !lost.includes(one)),
        'withdrawn',
      ),
      // What is not there at all is taken for what may not be told.
      ...(changes?.reasons ?? []).filter(
        (reason) => !shown.includes(reason) && !(reason === 'marking' && lost.length > 0),
      ),
    ]
    // The table is older than the report: what it lacks has a name, and comes in again by its file.
    return { step: 'report', ok: true, said: `${id} would get a next version: ${why.join('; ')}` }
  } catch (error) {
    return {
      step: 'report',
      ok: false,
      said: `${id} cannot be made: ${messageOf(error)}`,
    }
  }
}

/** What the lists of detections tell by themselves. */
const shown: readonly string[] = ['late data', 'correction', 'withdrawal']

/** Detections of the archived report that the table knows nothing of. */
const lostSince = async (entry: VersionEntry, services: Services): Promise<readonly string[]> => {
  const { report } = await readVersion(entry, services)
  const ids = [...report.contributing].map(({ id }) => id)
  const known = await services.detections.markings(ids)
  return ids.filter((id) => !known.has(id)).sort()
}

const shownIds = 3

const countOf = (ids: readonly string[] | undefined = [], what: string): readonly string[] =>
  ids.length === 0
    ? []
    : [
        `${plural(ids.length, 'detection')} ${what} (${ids.slice(0, shownIds).join(', ')}${ids.length > shownIds ? ', …' : ''})`,
      ]
