import type { Marking } from '../../domain/core/marking.ts'
import { picturesOn } from '../../domain/page/manoeuvre/plates.ts'
import type { Report } from '../../domain/page/page.ts'
import { isKnown, partnerOf, type Plate, withKnownPartners } from '../../domain/plate/plate.ts'
import type { Counted } from '../../domain/report/facts.ts'
import type { Services } from '../services.ts'

export const platesKnown = async (
  { shown, flash }: Pick<Counted, 'shown' | 'flash'>,
  cap: Marking,
  asOf: string,
  { plates, pictures }: Pick<Services, 'plates' | 'pictures'>,
): Promise<ReadonlyMap<string, Plate>> => {
  // A flash note has one page, without space for images.
  if (!pictures || flash) return new Map()
  const named = [...shown.values()].flatMap(({ detection }) => detection.plates ?? [])
  const own = await knownAmong(named, cap, asOf, plates)
  const partners = await knownAmong(
    own.flatMap((one) => partnerOf(one) ?? []),
    cap,
    asOf,
    plates,
  )
  return withKnownPartners([...own, ...partners])
}

const knownAmong = async (hashes: readonly string[], cap: Marking, asOf: string, plates: Services['plates']) =>
  hashes.length === 0 ? [] : (await plates.named(hashes)).filter((one) => isKnown(one, cap, asOf))

/** If true, a version rebuilt for `asOf` would differ. */
export const isGoneSince = (plates: Counted['plates'], asOf: string): boolean =>
  [...(plates?.values() ?? [])].some(({ removed }) => removed !== undefined && removed.at > asOf)

export const picturesIn = ({ pages }: Pick<Report, 'pages'>): readonly string[] => [
  ...new Set(picturesOn(pages.fr).map(({ sha256 }) => sha256)),
]

/**
 * Returns the embedded images as `data:` URLs by hash.
 * @throws Error
 */
export const embeddedPictures = async (
  report: Pick<Report, 'pages' | 'plates'>,
  { pictures }: Pick<Services, 'pictures'>,
): Promise<ReadonlyMap<string, string>> => {
  const kinds = new Map(
    (report.plates ?? []).flatMap(({ original, plate }) =>
      [original, plate].flatMap((one) => (one ? [[one.sha256, one.kind] as const] : [])),
    ),
  )
  const embedded = new Map<string, string>()
  for (const sha256 of picturesIn(report)) {
    const bytes = await pictures?.get(sha256)
    if (!bytes) {
      throw new Error(
        `the picture of the evidence image ${sha256} is missing: where it was removed just now ask again, else restore it or run vigie plates forget ${sha256}`,
      )
    }
    embedded.set(sha256, `data:${kinds.get(sha256)};base64,${Buffer.from(bytes).toString('base64')}`)
  }
  return embedded
}
