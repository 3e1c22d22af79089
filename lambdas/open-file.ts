/** A file of an archived version, for whoever may read it: an address that is good for minutes, and a line in the log. */
import { type Found, fileKey } from './browse-archive.ts'
import type { Caller } from './domain/caller.ts'
import { editionOf, reportId } from './domain/manifest.ts'
import type { Log } from './open-link.ts'
import type { SignedFiles } from './store/signed-files.ts'

/** Gives an address that opens one archived file for some minutes. */
export type FileAddresses = Pick<SignedFiles, 'urlFor'>

/** Undefined where the manifest names no such file: nothing is logged then. */
export const openFile = async (
  { entry, manifest }: Extract<Found, { is: 'found' }>,
  name: string,
  caller: Caller,
  { files, log }: { readonly files: FileAddresses; readonly log: Log },
): Promise<string | undefined> => {
  const file = fileKey(manifest, entry, name)
  if (!file) return undefined
  const report = reportId(editionOf(entry), entry.version)
  log('file opened', { who: caller.who, report, file: name, marking: manifest.marking })
  return files.urlFor(file.key, {
    name: `vigie-${entry.territory}-${entry.period}-v${entry.version}.${name}`,
    contentType: file.contentType,
    inline: file.contentType.startsWith('text/html'),
  })
}
