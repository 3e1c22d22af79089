import { type Marking, strictest } from '../../core/marking.ts'
import { keyOfCampaign } from '../../detection/campaigns.ts'
import { type Contributed, contributedOf, type CountedDetection } from './counted-detection.ts'
import { only } from './many.ts'
import { nodesOf, type Tree, type Whole, type Wholes } from './trees.ts'

export type Thread = {
  /** `campaign ` and its name in lower case, or `id ` and the id at the top of its chain of wholes. */
  readonly key: string
  /** The alphabetically first spelling. */
  readonly campaign?: string
  /** The gravest manoeuvre, else the earliest ongoing or undated one. */
  readonly lead: Contributed
  readonly state: 'counted' | 'ongoing' | 'undated'
  readonly manoeuvres: number
  readonly detectors: readonly string[]
  readonly marking: Marking
}

export const campaignKey = (campaign: string): string => `campaign ${keyOfCampaign(campaign)}`

export const loneKey = (id: string): string => `id ${id}`

type Around = {
  readonly here: { get(id: string): CountedDetection | undefined }
  readonly wholes: Wholes
}

type Growing = {
  readonly spelled: Set<string>
  readonly detectors: Set<string>
  readonly lead: Contributed
  marking: Marking
  isOngoing: boolean
  manoeuvres: number
}

/**
 * Returns the gravest first, then those only ongoing or undated here, by time.
 * @param trees by time
 * @param uncounted ongoing or undated here, by time
 * @param gravest in order; the others follow by time
 */
export const threadsOf = (
  trees: Iterable<Tree>,
  uncounted: Iterable<CountedDetection>,
  gravest: readonly Tree[],
  around: Around,
): readonly Thread[] => {
  const kept = new Set(gravest.map(({ id }) => id))
  const threads = new Map<string, Growing>()
  const take = (one: CountedDetection, nodes: readonly CountedDetection[], isManoeuvre: boolean): void => {
    const { key, campaign, through } = placeOf(one, around)
    const thread = threads.get(key) ?? threadLedBy(one)
    threads.set(key, thread)
    for (const { detector, fit, marking } of nodes) {
      thread.detectors.add(detector)
      if (fit === 'ongoing') thread.isOngoing = true
      markedToo(thread, marking)
    }
    for (const marking of through) markedToo(thread, marking)
    if (campaign !== undefined) thread.spelled.add(campaign.trim())
    if (isManoeuvre) thread.manoeuvres += 1
  }
  for (const tree of gravest) take(tree, nodesOf(tree), true)
  for (const tree of only(trees, ({ id }) => !kept.has(id))) take(tree, nodesOf(tree), true)
  for (const one of uncounted) take(one, [one], false)
  return [...threads].map(([key, thread]) => threadOf(key, thread))
}

const threadLedBy = (one: CountedDetection): Growing => ({
  spelled: new Set(),
  detectors: new Set(),
  lead: contributedOf(one),
  marking: 'TLP:CLEAR',
  isOngoing: false,
  manoeuvres: 0,
})

const markedToo = (thread: Growing, marking: Marking): void => {
  if (marking !== thread.marking) thread.marking = strictest([thread.marking, marking])
}

/**
 * Whether a manoeuvre's thread was not seen before.
 * @param known thread keys of earlier periods
 */
export const novelty =
  (around: Around, known: ReadonlySet<string>) =>
  (tree: Tree): boolean =>
    !known.has(placeOf(tree, around).key)

const threadOf = (key: string, growing: Growing): Thread => {
  const { spelled, detectors, lead, marking, isOngoing, manoeuvres } = growing
  const [campaign] = [...spelled].sort()
  return {
    key,
    ...(campaign !== undefined && { campaign }),
    lead,
    state: manoeuvres > 0 ? 'counted' : isOngoing ? 'ongoing' : 'undated',
    manoeuvres,
    detectors: [...detectors].sort(),
    marking,
  }
}

export const placeOf = (one: CountedDetection, { here, wholes }: Around): Nearest =>
  nearestCampaign(one, (id) => here.get(id) ?? wholes.get(id))

export type Nearest = {
  readonly key: string
  readonly campaign?: string
  /** Ids up to the one with the campaign name, or to the end of the chain. */
  readonly path: readonly string[]
  readonly through: readonly Marking[]
}

/** Without a campaign, returns the id at the chain's end; in a cycle the smallest id. */
export const nearestCampaign = (
  one: Whole & { readonly id: string },
  wholeOf: (id: string) => Whole | undefined,
): Nearest => {
  const path: string[] = []
  const through: Marking[] = []
  for (let at: string | undefined = one.id; at !== undefined;) {
    const met = path.indexOf(at)
    if (met >= 0) return { key: loneKey(path.slice(met).sort()[0] ?? at), path, through }
    path.push(at)
    const found: Whole | undefined = at === one.id ? one : wholeOf(at)
    if (found) through.push(found.marking)
    const campaign = found?.campaign
    if (campaign !== undefined) return { key: campaignKey(campaign), campaign, path, through }
    if (found?.partOf === undefined) break
    at = found.partOf
  }
  return { key: loneKey(path.at(-1) ?? one.id), path, through }
}
