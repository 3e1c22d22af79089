/** Images above the caller's clearance count as missing; images have no territory. */
import { type Caller, isUnder, mayReadVersion } from '../../domain/access/caller.ts'
import { fitsUnder, type Marking } from '../../domain/core/marking.ts'
import { sha256Schema } from '../../domain/core/text/hash.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { type Partner, partnerOf, partnersOf, type Plate } from '../../domain/plate/plate.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import { readableOf } from '../archive/browse-archive.ts'
import type { Services } from '../services.ts'
import { versionsShowing } from './forget-plate.ts'

type KnowServices = Pick<Services, 'plates' | 'detections' | 'clock'>

type Knowing = Pick<Caller, 'clearance'>

export type NamedBy = { readonly id: string; readonly marking: Marking }

/** A picture that declares a pair with another: a report that shows it shows both. */
type PairedPlate = Partner & { readonly namedBy: readonly NamedBy[] }

/** `besides`: images shown with it; a pair is known only where both are. */
export type KnownPlate = {
  readonly plate: Plate
  readonly namedBy: readonly NamedBy[]
  readonly besides: readonly PairedPlate[]
}

export const knownPlates = async (
  hashes: readonly string[],
  { clearance }: Knowing,
  { plates }: Pick<Services, 'plates'>,
): Promise<readonly Plate[]> => {
  if (hashes.length === 0) return []
  const found = new Map((await plates.named(hashes)).map((plate) => [plate.sha256, plate]))
  return [...new Set(hashes)].flatMap((hash) => {
    const plate = found.get(hash)
    return plate && fitsUnder(plate.marking, clearance) ? [plate] : []
  })
}

/** Returns undefined where the image is missing or above the clearance. */
export const knownPlate = async (
  sha256: string,
  caller: Knowing,
  services: Pick<Services, 'plates'>,
): Promise<Plate | undefined> =>
  sha256Schema.safeParse(sha256).success ? (await knownPlates([sha256], caller, services))[0] : undefined

const newestFirst = (one: Plate, other: Plate): number =>
  one.addedAt === other.addedAt ? (one.sha256 < other.sha256 ? -1 : 1) : one.addedAt > other.addedAt ? -1 : 1

/**
 * Newest first. Returns undefined where `after` is not in the list.
 * @param after the last hash of the previous page
 */
export const listPlates = async (
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
  caller: Caller,
  services: KnowServices,
): Promise<{ readonly known: readonly KnownPlate[]; readonly next: string | undefined } | undefined> => {
  const all = (await services.plates.list())
    .filter(({ marking }) => fitsUnder(marking, caller.clearance))
    .toSorted(newestFirst)
  const from = after === undefined ? 0 : all.findIndex(({ sha256 }) => sha256 === after) + 1
  if (after !== undefined && from === 0) return undefined
  const page = all.slice(from, from + limit)
  return {
    known: await Promise.all(page.map((plate) => withNaming(plate, partnersOf(plate, all), caller, services))),
    next: from + limit < all.length ? page.at(-1)?.sha256 : undefined,
  }
}

export const withNaming = async (
  plate: Plate,
  partners: readonly Partner[],
  caller: Caller,
  services: Pick<KnowServices, 'detections' | 'clock'>,
): Promise<KnownPlate> => ({
  plate,
  namedBy: await detectionsNaming(plate.sha256, caller, services),
  besides: await Promise.all(
    partners
      .filter((one) => partnerOf(one.plate) === plate.sha256)
      .map(async (one) => ({ ...one, namedBy: await detectionsNaming(one.plate.sha256, caller, services) })),
  ),
})

const maxNaming = 100

const detectionsNaming = async (
  sha256: string,
  caller: Caller,
  { detections, clock }: Pick<KnowServices, 'detections' | 'clock'>,
): Promise<readonly NamedBy[]> => {
  const limits = { cap: caller.clearance, before: '9', most: maxNaming }
  const { linked } = await detections.linked({ kind: 'plate', value: sha256 }, clock().toISOString(), limits)
  return linked.filter((one) => isUnder(caller, one)).map(({ id, marking }) => ({ id, marking }))
}

export const knownPartners = async (
  plate: Plate,
  { clearance }: Knowing,
  { plates }: Pick<Services, 'plates'>,
): Promise<readonly Partner[]> =>
  partnersOf(
    plate,
    (await plates.list()).filter(({ marking }) => fitsUnder(marking, clearance)),
  )

export const readableShowing = async (
  sha256: string,
  caller: Caller,
  services: Pick<Services, 'reports'>,
): Promise<readonly VersionEntry[]> =>
  (await versionsShowing(sha256, services)).filter((entry) => mayReadVersion(caller, readableOf(entry)))

export const withKnownPlates = async (
  detection: Detection,
  caller: Knowing,
  services: Pick<Services, 'plates'>,
): Promise<{ readonly detection: Detection; readonly hidden: readonly string[] }> => {
  const { plates: named = [], ...rest } = detection
  const known = new Set((await knownPlates(named, caller, services)).map(({ sha256 }) => sha256))
  const shown = named.filter((hash) => known.has(hash))
  return {
    detection: { ...rest, ...(shown.length > 0 && { plates: shown }) },
    hidden: named.filter((hash) => !known.has(hash)),
  }
}

export const effectKnown = async <
  Effect extends { readonly before: Detection; readonly after?: Detection; readonly changed: readonly string[] },
>(
  effect: Effect,
  caller: Knowing,
  services: Pick<Services, 'plates'>,
): Promise<Effect> => {
  const { detection: before } = await withKnownPlates(effect.before, caller, services)
  const after = effect.after && (await withKnownPlates(effect.after, caller, services)).detection
  const isSame = (before.plates ?? []).join() === (after?.plates ?? []).join()
  return {
    ...effect,
    before,
    ...(after && { after }),
    changed: effect.changed.filter((field) => field !== 'plates' || !isSame),
  }
}
