/** Finds parts that belong to a campaign only through their wholes: they have no campaign link. */
import { nearestCampaign } from '../../../domain/aggregate/counting/threads.ts'
import type { Wholes } from '../../../domain/aggregate/counting/trees.ts'
import { fitsUnder, type Marking } from '../../../domain/core/marking.ts'
import type { TerritoryCode } from '../../../domain/core/place/territory.ts'
import type { Bounds } from '../../../domain/core/time/period.ts'
import { keyOfCampaign } from '../../../domain/detection/campaigns.ts'
import type { Detection } from '../../../domain/detection/detection.ts'
import { everyPartIn } from '../../detections/parts-of.ts'
import type { Services } from '../../services.ts'
import { followWholes } from './follow-wholes.ts'

type Part = Pick<Detection, 'id' | 'partOf' | 'campaign' | 'marking' | 'observed' | 'territories'> & {
  readonly revision: number
}

/** A visible part and how it belongs to the campaign. */
type PlacedPart = {
  readonly part: Part
  readonly campaign: string
  /** Ids up its chain, the nearest first. */
  readonly path: readonly string[]
  /** Markings of everything in the chain. */
  readonly through: readonly Marking[]
}

type CampaignParts = {
  readonly own: readonly PlacedPart[]
  readonly others: readonly PlacedPart[]
  /** Number of parts without a campaign name that are marked above the cap. */
  readonly withheld: number
}

export type Within = Pick<Bounds, 'from' | 'to'> & {
  readonly members: readonly TerritoryCode[]
  readonly takes: (part: Part) => boolean
}

/** @param names under which the campaign is stored */
export const partsOfCampaign = async (
  names: readonly string[],
  within: Within,
  { cap, asOf }: { readonly cap: Marking; readonly asOf: string },
  { detections }: Pick<Services, 'detections'>,
): Promise<CampaignParts> => {
  const keys = new Set(names.map(keyOfCampaign))
  const bears = (campaign: string | undefined): campaign is string =>
    campaign !== undefined && keys.has(keyOfCampaign(campaign))
  const parts = await partsWithin(within, ({ campaign }) => !bears(campaign), asOf, detections)
  const all = await followWholes([parts.flatMap(({ partOf }) => partOf ?? [])], { cap: 'TLP:RED', asOf }, detections)
  const shown: Wholes = new Map([...all].filter(([, { marking }]) => fitsUnder(marking, cap)))
  /** Uses only the wholes: the part itself may name another campaign. */
  const placed = (part: Part, wholes: Wholes): readonly PlacedPart[] => {
    const { campaign, path, through } = nearestCampaign({ ...part, campaign: undefined }, (id) => wholes.get(id))
    return bears(campaign) ? [{ part, campaign, path: path.slice(1), through }] : []
  }
  const showing = parts.filter(({ marking }) => fitsUnder(marking, cap)).flatMap((part) => placed(part, shown))
  return {
    own: showing.filter(({ part }) => part.campaign === undefined),
    others: showing.filter(({ part }) => part.campaign !== undefined),
    withheld: parts
      .filter(({ marking, campaign }) => !fitsUnder(marking, cap) && campaign === undefined)
      .flatMap((part) => placed(part, all)).length,
  }
}

/** Each part once, under the first territory where it is found; by id. */
const partsWithin = async (
  { from, to, members, takes }: Within,
  isWanted: (part: Part) => boolean,
  asOf: string,
  detections: Services['detections'],
): Promise<readonly Part[]> => {
  const found = new Map<string, Part>()
  const readOne = async (code: TerritoryCode) => {
    for await (const { detection, revision } of everyPartIn([{ code, from, to }], asOf, { detections })) {
      const { id, partOf, campaign, marking, observed, territories } = detection
      if (found.has(id)) continue
      const part = { id, revision, partOf, campaign, marking, observed, territories }
      if (isWanted(part) && takes(part)) found.set(id, part)
    }
  }
  await Promise.all(members.map(readOne))
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
