/** Removes a picture permanently, and finds the archived versions that contain it. */
import { fault, quoted } from '../../domain/core/fault.ts'
import { type Plate, PlateError, readRemoval } from '../../domain/plate/plate.ts'
import { editionOf, reportId } from '../../domain/report/manifest.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import { recallVersion } from '../delivery/recall-version.ts'
import type { Services } from '../services.ts'
import { type PlateServices, picturesOf } from './pictures-of.ts'

/**
 * Finds the image by its hash, or by at least its first eight digits.
 * @throws PlateError where none or several match
 */
export const findPlate = async (written: string, { plates }: Pick<Services, 'plates'>): Promise<Plate> => {
  const asked = written.trim().toLowerCase()
  if (!/^[0-9a-f]{8,64}$/.test(asked)) {
    throw new PlateError(fault('plate.noHash', { text: quoted(written) }))
  }
  const found = asked.length === 64 ? await plates.named([asked]) : await plates.list()
  const [plate, ...others] = found.filter(({ sha256 }) => sha256.startsWith(asked))
  if (!plate) throw new PlateError(fault('plate.notFound', { hash: asked }))
  if (others.length > 0) throw new PlateError(fault('plate.several', { hash: asked, count: others.length + 1 }))
  return plate
}

/**
 * Writes the record first: no report shows the picture from then on, even if deleting its bytes fails. False where it
 * was removed before.
 * @throws PlateError where the reason cannot be printed
 */
export const forgetPlate = async (
  { sha256 }: Pick<Plate, 'sha256'>,
  { by, reason, keptDays }: RemovalRequest,
  services: PlateServices,
): Promise<{ readonly plate: Plate; readonly isNew: boolean }> => {
  picturesOf(services)
  const stored = await findPlate(sha256, services)
  const removed = readRemoval({
    ...{ at: services.clock().toISOString(), by, reason },
    ...(keptDays !== undefined && { keptDays }),
  })
  const isNew = !stored.removed && (await services.plates.remove(stored, removed))
  const plate = await findPlate(sha256, services)
  await finishRemoval(plate, services)
  return { plate, isNew }
}

export type RemovalRequest = Omit<NonNullable<Plate['removed']>, 'at'>

export const finishRemoval = async (
  { sha256, removed }: Plate,
  services: Pick<PlateServices, 'pictures'>,
): Promise<void> => {
  if (removed) await picturesOf(services).remove(sha256)
}

export const versionsShowingEach = async (
  hashes: readonly string[],
  { reports }: Pick<Services, 'reports'>,
): Promise<ReadonlyMap<string, readonly VersionEntry[]>> => {
  const showing = new Map(hashes.map((hash): [string, VersionEntry[]] => [hash, []]))
  if (showing.size === 0) return showing
  for await (const entry of reports.all()) {
    if (entry.recalled) continue
    for (const hash of entry.published?.pictures ?? []) showing.get(hash)?.push(entry)
  }
  return showing
}

export const versionsShowing = async (
  sha256: string,
  services: Pick<Services, 'reports'>,
): Promise<readonly VersionEntry[]> => (await versionsShowingEach([sha256], services)).get(sha256) ?? []

export const recallShowing = async (
  sha256: string,
  recalling: { readonly by: string; readonly reason: string },
  services: Services,
): Promise<readonly VersionEntry[]> => {
  const recalled: VersionEntry[] = []
  for (const entry of await versionsShowing(sha256, services)) {
    const done = await recallVersion({ edition: editionOf(entry), version: entry.version, ...recalling }, services)
    recalled.push(done.entry)
  }
  return recalled
}

/** `NC/2024-W20/amber/v0001` */
export const versionId = (entry: VersionEntry): string => reportId(editionOf(entry), entry.version)
