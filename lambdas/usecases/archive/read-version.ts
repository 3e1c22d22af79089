/** Versions as they are in the archive. */
import { sha256 } from '../../domain/core/canonical.ts'
import type { Report } from '../../domain/page/page.ts'
import {
  archiveKey,
  type Edition,
  editionOf,
  type Manifest,
  manifestName,
  manifestSchema,
} from '../../domain/report/manifest.ts'
import type { VersionEntry } from '../../store/reports.ts'
import type { Services } from '../services.ts'

type ArchivedVersion = { readonly edition: Edition; readonly report: Report; readonly manifest: Manifest }

/** What is archived is not what was archived. The message names the object and the way on. */
class DamagedVersionError extends Error {
  override name = 'DamagedVersionError'
}

const reportName = 'report.json'

/** A published version as it is in the archive. @throws DamagedVersionError, ArchiveMissingError */
export const readVersion = async (
  entry: Pick<VersionEntry, 'territory' | 'period' | 'cap' | 'version'>,
  { archive }: Pick<Services, 'archive'>,
): Promise<ArchivedVersion> => {
  const edition = editionOf(entry)
  const keyOf = (file: string) => archiveKey(edition, entry.version, file)
  const parsed = <Value>(file: string, bytes: Uint8Array, read: (value: unknown) => Value): Value => {
    try {
      return read(JSON.parse(new TextDecoder().decode(bytes)))
    } catch (cause) {
      throw damaged(file, cause)
    }
  }
  const damaged = (file: string, cause?: unknown) =>
    new DamagedVersionError(
      `${archive.locate(keyOf(file))} is not what was archived: vigie archive verify tells the whole damage; restore the object's earlier version, or recall version ${entry.version} (vigie archive recall) and ask again`,
      { cause },
    )
  const manifest = parsed(manifestName, await archive.get(keyOf(manifestName)), (value) => manifestSchema.parse(value))
  const bytes = await archive.get(keyOf(reportName))
  const wanted = manifest.files.find(({ name }) => name === reportName)?.sha256
  if (sha256(bytes) !== wanted) throw damaged(reportName)
  return { edition, manifest, report: parsed(reportName, bytes, (value) => value as Report) }
}
