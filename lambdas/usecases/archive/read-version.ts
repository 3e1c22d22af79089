import { createHash } from 'node:crypto'
import { contributionList } from '../../domain/aggregate/counting/contribution-list.ts'
import type { Contribution } from '../../domain/aggregate/tally.ts'
import { longJsonReader } from '../../domain/core/text/long-json.ts'
import type { Report } from '../../domain/page/page.ts'
import {
  archiveKey,
  type Edition,
  editionOf,
  type Manifest,
  manifestName,
  manifestSchema,
} from '../../domain/report/manifest.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import type { Services } from '../services.ts'

export type ArchivedVersion = { readonly edition: Edition; readonly report: Report; readonly manifest: Manifest }

type Named = Pick<VersionEntry, 'territory' | 'period' | 'cap' | 'version'>

export const reportName = 'report.json'

/** @throws ArchiveMissingError, or Error where it is damaged */
export const readVersion = async (entry: Named, { archive }: Pick<Services, 'archive'>): Promise<ArchivedVersion> => {
  const edition = editionOf(entry)
  const manifest = await readManifest(entry, { archive })
  const wanted = manifest.files.find(({ name }) => name === reportName)?.sha256
  const key = archiveKey(edition, entry.version, reportName)
  const report = await readReport(archive.read(key), wanted, (cause) => damagedAt(key, entry, archive, cause))
  return { edition, manifest, report }
}

/** @throws ArchiveMissingError, or Error where it is damaged */
export const readManifest = async (entry: Named, { archive }: Pick<Services, 'archive'>): Promise<Manifest> => {
  const key = archiveKey(editionOf(entry), entry.version, manifestName)
  return orDamaged(
    await archive.get(key),
    (bytes) => manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes))),
    (cause) => damagedAt(key, entry, archive, cause),
  )
}

const damagedAt = (key: string, { version }: Named, archive: Services['archive'], cause: unknown) =>
  new Error(
    `${archive.locate(key)} is not what was archived: vigie archive verify shows all of the damage; restore the object's earlier version, or recall version ${version} (vigie archive recall) and ask again`,
    { cause },
  )

const orDamaged = <Given, Value>(
  given: Given,
  read: (given: Given) => Value,
  damaged: (cause: unknown) => Error,
): Value => {
  try {
    return read(given)
  } catch (cause) {
    throw damaged(cause)
  }
}

/** Reads in pieces, because the report names every detection of its period. */
export const readReport = async (
  pieces: AsyncIterable<Uint8Array>,
  wantedSha256: string | undefined,
  damaged: (cause?: unknown) => Error,
): Promise<Report> => {
  const hash = createHash('sha256')
  const contributing = contributionList()
  const reader = longJsonReader('contributing', (some) => {
    for (const one of some) contributing.add(one as Contribution)
  })
  for await (const piece of pieces) {
    hash.update(piece)
    orDamaged(piece, reader.add, damaged)
  }
  if (hash.digest('hex') !== wantedSha256) throw damaged()
  const report = orDamaged(undefined, reader.end, damaged) as Report
  const held = contributing.all()
  return held.length > 0 ? { ...report, contributing: held } : report
}
