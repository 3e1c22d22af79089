import { type Archive, unlessMissing } from '../../archive/archive.ts'
import type { SignedFiles } from '../../archive/signed-urls.s3.ts'
import { markingSlug } from '../../domain/core/marking.ts'
import { editionOf, reportId, versionName } from '../../domain/report/manifest.ts'
import { signatureName } from '../../domain/report/signature.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import type { Log } from '../log.ts'
import { type Found, fileKey } from './browse-archive.ts'

export type FileAddresses = Pick<SignedFiles, 'urlFor'>

type OpenedVersion = Pick<Extract<Found, { is: 'found' }>, 'entry' | 'manifest'>

/**
 * Logs the access and returns the URL. Undefined, without logging, if the version has no such file.
 * @param reader facts for the log: ids only, never addresses or tokens
 */
export const openFile = async (
  { entry, manifest }: OpenedVersion,
  name: string,
  reader: Readonly<Record<string, string>>,
  parts: { readonly files: FileAddresses; readonly archive: Pick<Archive, 'get'>; readonly log: Log },
): Promise<string | undefined> => {
  const file = fileKey(manifest, entry, name)
  if (!file) return undefined
  const { files, archive, log } = parts
  // Versions older than manifest signing have no signature.
  if (name === signatureName && !(await unlessMissing(() => archive.get(file.key)))) return undefined
  logOpened({ entry, manifest }, name, reader, log)
  return files.urlFor(file.key, {
    name: savedAs(entry, name),
    contentType: file.contentType,
    inline: file.contentType.startsWith('text/html'),
  })
}

export const logOpened = (
  { entry, manifest }: OpenedVersion,
  file: string,
  reader: Readonly<Record<string, string>>,
  log: Log,
): void => {
  const report = reportId(editionOf(entry), entry.version)
  log('file opened', { ...reader, report, file, marking: manifest.marking })
}

/** Unique name for downloads: `vigie-NC-2024-W20-green-v0001.fr.pdf`. */
const savedAs = ({ territory, period, cap, version }: VersionEntry, name: string): string =>
  `vigie-${territory}-${period}-${markingSlug(cap)}-${versionName(version)}.${name.replace(/^report\./, '')}`
