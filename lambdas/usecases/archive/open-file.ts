/** A file of an archived version, for whoever may read it: an address that is good for minutes, and a line in the log. */

import { type Archive, ArchiveMissingError } from '../../archive/archive.ts'
import type { SignedFiles } from '../../archive/signed-urls.s3.ts'
import type { Caller } from '../../domain/access/caller.ts'
import { editionOf, reportId } from '../../domain/report/manifest.ts'
import { signatureName } from '../../domain/report/signature.ts'
import type { Log } from '../links/open-link.ts'
import { type Found, fileKey } from './browse-archive.ts'

/** Gives an address that opens one archived file for some minutes. */
export type FileAddresses = Pick<SignedFiles, 'urlFor'>

/** Undefined where the version has no such file: nothing is logged then. */
export const openFile = async (
  { entry, manifest }: Extract<Found, { is: 'found' }>,
  name: string,
  caller: Caller,
  parts: { readonly files: FileAddresses; readonly archive: Pick<Archive, 'get'>; readonly log: Log },
): Promise<string | undefined> => {
  const file = fileKey(manifest, entry, name)
  if (!file) return undefined
  const { files, archive, log } = parts
  // Versions made before manifests were signed have none.
  if (name === signatureName && !(await isThere(file.key, archive))) return undefined
  const report = reportId(editionOf(entry), entry.version)
  log('file opened', { who: caller.who, report, file: name, marking: manifest.marking })
  return files.urlFor(file.key, {
    name: `vigie-${entry.territory}-${entry.period}-v${entry.version}.${name}`,
    contentType: file.contentType,
    inline: file.contentType.startsWith('text/html'),
  })
}

const isThere = async (key: string, archive: Pick<Archive, 'get'>): Promise<boolean> => {
  try {
    await archive.get(key)
    return true
  } catch (error) {
    if (error instanceof ArchiveMissingError) return false
    throw error
  }
}
