/** Renders the last report again, and compares its files with the archived ones. Writes nothing and sends nothing. */
import { messageOfFault, several } from '../../domain/core/fault.ts'
import { isOnRequest } from '../../domain/core/place/territory.ts'
import { checkedReading, type Content } from '../../domain/core/text/content.ts'
import { archiveKey } from '../../domain/report/manifest.ts'
import { renderFiles, templatesSha256 } from '../../render/render.ts'
import { isValidOriginal, type VersionEntry } from '../../store/reports/reports.ts'
import { type ArchivedVersion, readVersion } from '../archive/read-version.ts'
import type { Services } from '../services.ts'

/** The last report, made again, would be held or has other bytes; a retry would not help. */
export class FailedDryRunError extends Error {
  override name = 'FailedDryRunError'
}

type DryRun =
  | { readonly result: 'no report yet' }
  | { readonly report: string; readonly result: 'same bytes' | 'made by another program or other templates' }

/** @throws FailedDryRunError, or Error where the archived version is damaged */
export const dryRun = async (
  services: Pick<Services, 'archive' | 'printer' | 'program' | 'reports' | 'templates'>,
): Promise<DryRun> => {
  const last = await lastReport(services)
  if (!last) return { result: 'no report yet' }
  const archived = await readVersion(last, services)
  const { manifest } = archived
  const { report: id } = manifest
  const templates = services.templates()
  const csv = archivedCsv(archived, services)
  const made = await renderFiles(archived.report, csv, services.printer, templates, (_, work) => work())
  made.close()
  const { files, faults } = made
  if (faults.length > 0)
    throw new FailedDryRunError(`${id}, made again, would be held: ${messageOfFault(several(faults))}`)
  if (manifest.program !== services.program || manifest.templatesSha256 !== templatesSha256(templates))
    return { report: id, result: 'made by another program or other templates' }
  const hashes = new Map(manifest.files.map(({ name, sha256 }) => [name, sha256]))
  const other = files.flatMap(({ name, content }) => (hashes.get(name) === content.sha256 ? [] : [name]))
  if (other.length === 0) return { report: id, result: 'same bytes' }
  throw new FailedDryRunError(`${id}, made again, has other bytes than were archived: ${other.join(', ')}`)
}

/** Without evidence images, which can be removed from the store later. */
const lastReport = async ({ reports }: Pick<Services, 'reports'>): Promise<VersionEntry | undefined> => {
  let last: VersionEntry | undefined
  for await (const entry of reports.all()) {
    const isComparable = isValidOriginal(entry) && !isOnRequest(entry.territory) && !entry.published?.pictures
    if (isComparable && (!last || entry.asOf > last.asOf)) last = entry
  }
  return last
}

/** @throws OtherContentError while it is read, where it was damaged */
const archivedCsv = ({ edition, manifest }: ArchivedVersion, { archive }: Pick<Services, 'archive'>): Content => {
  const name = 'detections.csv'
  const file = manifest.files.find((one) => one.name === name)
  const content = {
    ...{ size: file?.bytes ?? 0, sha256: file?.sha256 ?? '' },
    pieces: () => archive.read(archiveKey(edition, manifest.version, name)),
  }
  return { ...content, pieces: () => checkedReading(content).pieces() }
}
