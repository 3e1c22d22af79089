/** Looks the weightiest manoeuvres up in other territories: a use case's step between counting and the report. */
import {
  type Across,
  acrossOf,
  type Elsewhere,
  type Link,
  type Linked,
  linkKey,
  linksOf,
  lookedUpAtMost,
  mayShow,
} from './domain/across.ts'
import type { Detection } from './domain/detection.ts'
import type { Edition } from './domain/manifest.ts'
import { boundsIn } from './domain/period.ts'
import type { Sighting, Tally } from './domain/tally.ts'
import { territoryOf } from './domain/territory.ts'
import type { Services } from './services.ts'

/** Of the detections that a link leads to, and that may show, so many are read: the earliest. */
const followedAtMost = 200
/** So many links of one manoeuvre are followed, campaigns and account sets first. */
const linksAtMost = 12
/** So many detections' account references are compared with a manoeuvre's. */
const comparedAtMost = 50

export const lookAcross = async (
  { territory, period, cap }: Edition,
  { manoeuvres, counted }: Pick<Tally, 'manoeuvres' | 'counted'>,
  shown: ReadonlyMap<string, Sighting>,
  asOf: string,
  { detections }: Pick<Services, 'detections'>,
): Promise<readonly Across[]> => {
  const limits = { cap, before: new Date(boundsIn(period, territoryOf(territory).zone).to).toISOString() }
  const weightiest = manoeuvres.slice(0, lookedUpAtMost)
  const wanted = new Set(weightiest.map(({ id }) => id))
  const firsts = new Map(counted.filter(({ id }) => wanted.has(id)).map(({ id, from }) => [id, from]))
  const found: Across[] = []
  // Manoeuvres of one campaign share its links.
  const followed = new Map<string, ReturnType<typeof detections.linked>>()
  const follow = (link: Link) => {
    const known = followed.get(linkKey(link)) ?? detections.linked(link, asOf, { ...limits, most: followedAtMost })
    followed.set(linkKey(link), known)
    return known
  }
  for (const { id, parts } of weightiest) {
    const sighting = shown.get(id)
    const from = firsts.get(id)
    if (!sighting || !from) continue
    const { detection, revision } = sighting
    const linked = await Promise.all(
      linksOf(detection)
        .slice(0, linksAtMost)
        .map(async (link) => ({ link, ...(await follow(link)) })),
    )
    const manoeuvre = linkedOf(detection, revision, from)
    const ids = new Set([id, ...parts])
    const across = acrossOf({ ids, territory, manoeuvre }, linked, limits)
    if (!across) continue
    const others = linked.flatMap((one) => one.linked).filter((one) => !ids.has(one.id) && mayShow(one, limits))
    found.push(await withCommonAccounts(across, detection, others, detections))
  }
  return found
}

const linkedOf = (
  { id, observed, territories, marking, counts }: Detection,
  revision: number,
  from: string,
): Linked => ({
  id,
  revision,
  from,
  to: from,
  observed,
  territories,
  marking,
  posts: counts.posts,
  accounts: counts.accounts,
})

/** Compares account references, where the manoeuvre and the others name any. */
const withCommonAccounts = async (
  across: Across,
  { accountRefs }: Detection,
  linked: readonly Linked[],
  detections: Services['detections'],
): Promise<Across> => {
  if (!accountRefs || accountRefs.length === 0) return across
  const own = new Set(accountRefs)
  const others = [...new Map(linked.map((one) => [one.id, one])).values()]
  const refs = new Map<string, readonly string[]>()
  for (const one of others.slice(0, comparedAtMost)) {
    const latest = await detections.latest(one.id)
    if (latest?.accountRefs && latest.revision === one.revision) refs.set(one.id, latest.accountRefs)
  }
  const common = (row: Elsewhere): number | undefined => {
    const there = others.filter(({ territories }) => territories.some(({ code }) => code === row.territory))
    const named = there.flatMap((one) => refs.get(one.id) ?? [])
    return named.length === 0 ? undefined : new Set(named.filter((ref) => own.has(ref))).size
  }
  return { ...across, rows: across.rows.map((row) => ({ ...row, commonAccounts: common(row) })) }
}
