import {
  type Across,
  acrossOf,
  type DetectionLink,
  type Followed,
  type Linked,
  linkKey,
  linksOf,
  maxManoeuvresLookedUp,
} from '../../../domain/aggregate/across.ts'
import type { DetectionAsOf, Tally } from '../../../domain/aggregate/tally.ts'
import { type TerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { boundsIn } from '../../../domain/core/time/period.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import type { Services } from '../../services.ts'
import { followWholes } from './follow-wholes.ts'

/** Per link, the earliest visible detections. */
const maxFollowedPerLink = 200
/** Campaigns and account sets are followed first. */
const maxLinks = 12

export const compareTerritories = async (
  { territory, period, cap }: Edition & { readonly territory: TerritoryCode },
  { manoeuvres }: Pick<Tally, 'manoeuvres'>,
  shown: ReadonlyMap<string, DetectionAsOf>,
  asOf: string,
  { detections }: Pick<Services, 'detections'>,
): Promise<readonly Across[]> => {
  const limits = { cap, before: new Date(boundsIn(period, territoryOf(territory).zone).to).toISOString() }
  // Manoeuvres of a campaign share links, and links share detections.
  const followed = new Map<string, ReturnType<typeof detections.linked>>()
  const bodies = new Map<string, DetectionAsOf>()
  const read = async (linked: readonly Linked[]): Promise<readonly DetectionAsOf[]> => {
    const missing = linked.filter(({ id }) => !bodies.has(id))
    for (const current of await detections.bodies(missing)) bodies.set(current.detection.id, current)
    return linked.flatMap(({ id }) => bodies.get(id) ?? [])
  }
  const follow = (link: DetectionLink) => {
    const known = followed.get(linkKey(link)) ?? detections.linked(link, asOf, { ...limits, most: maxFollowedPerLink })
    followed.set(linkKey(link), known)
    return known
  }
  const isElsewhere = ({ territories }: Pick<Linked, 'territories'>): boolean =>
    territories.some(({ code }) => code !== territory)
  const found: Across[] = []
  for (const { id, parts } of manoeuvres.slice(0, maxManoeuvresLookedUp)) {
    const own = [id, ...parts].flatMap((one) => shown.get(one) ?? [])
    const links: ({ readonly link: DetectionLink } & Awaited<ReturnType<typeof follow>>)[] = []
    for (const link of linksOf(...own.map(({ detection }) => detection)).slice(0, maxLinks))
      links.push({ link, ...(await follow(link)) })
    // Most were seen only here, which the links show without reading detections.
    if (![...own.map(({ detection }) => detection), ...links.flatMap(({ linked }) => linked)].some(isElsewhere))
      continue
    const led: Followed[] = []
    for (const { linked, ...rest } of links) led.push({ ...rest, detections: await read(linked) })
    const here = new Set([...own, ...led.flatMap(({ detections }) => detections)].map(({ detection }) => detection.id))
    const wanted = [...own, ...led.flatMap(({ detections }) => detections)].flatMap(({ detection: { partOf } }) =>
      partOf === undefined || here.has(partOf) ? [] : [partOf],
    )
    const across = acrossOf(
      { territory, detections: own },
      led,
      await followWholes([wanted], { cap, asOf }, detections),
    )
    if (across) found.push(across)
  }
  return found
}
