/** Versions as they stand in the archive. */
import { archiveKey, type Edition, editionOf, type Manifest, manifestName, manifestSchema } from './domain/manifest.ts'
import type { Report } from './domain/page.ts'
import type { Services } from './services.ts'
import type { VersionEntry } from './store/reports.ts'

export type ArchivedVersion = { readonly edition: Edition; readonly report: Report; readonly manifest: Manifest }

/** A published version as it stands in the archive. */
export const readVersion = async (
  entry: Pick<VersionEntry, 'territory' | 'period' | 'cap' | 'version'>,
  { archive }: Pick<Services, 'archive'>,
): Promise<ArchivedVersion> => {
  const edition = editionOf(entry)
  const read = async (file: string): Promise<unknown> =>
    JSON.parse(new TextDecoder().decode(await archive.get(archiveKey(edition, entry.version, file))))
  const manifest = manifestSchema.parse(await read(manifestName))
  return { edition, manifest, report: (await read('report.json')) as Report }
}
