/** Parts that are of a campaign by their wholes alone: they name none, so no link leads to them. */
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

/** A part, as far as its chain and its place in time need it. */
export type Part = Pick<Detection, 'id' | 'partOf' | 'campaign' | 'marking' | 'observed' | 'territories'> & {
  readonly revision: number
}

/** A part that shows, and by what it belongs to the campaign. */
export type PlacedPart = {
  readonly part: Part
  /** The name that its nearest whole with one bears. */
  readonly campaign: string
  /** Ids up its chain, the nearest first. */
  readonly path: readonly string[]
  /** Of all that the chain runs through. */
  readonly through: readonly Marking[]
}

export type CampaignParts = {
  /** They name no campaign. */
  readonly own: readonly PlacedPart[]
  /** They name another one. */
  readonly others: readonly PlacedPart[]
  /** So many that name none are marked above the cap. */
  readonly withheld: number
}

/** Where and when parts are looked for. */
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
  /** By what is above it: what it names itself may be another campaign. */
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

/** Each once, in whichever of the territories it was first met; by id. */
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
