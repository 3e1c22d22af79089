/** Manoeuvres by campaign: those of one campaign follow each other, the weightiest campaign first. */
import { sha256 } from '../core/canonical.ts'
import type { Total } from '../core/figures.ts'
import type { CampaignCode } from '../core/territory.ts'

type Campaigned = { readonly campaign?: string | undefined; readonly figures: { readonly posts: Total } }

type CampaignGroup<Entry> = {
  /** Undefined where the sources name none: such a manoeuvre is a group of its own. */
  readonly campaign: string | undefined
  readonly entries: readonly Entry[]
}

/** Groups manoeuvres, given the weightiest first; a campaign weighs what its posts add up to. */
export const byCampaign = <Entry extends Campaigned>(entries: readonly Entry[]): readonly CampaignGroup<Entry>[] => {
  const groups = new Map<string, CampaignGroup<Entry> & { readonly entries: Entry[] }>()
  for (const [at, entry] of entries.entries()) {
    const key = entry.campaign === undefined ? `${at}` : `/${keyOfCampaign(entry.campaign)}`
    const group = groups.get(key)
    if (group) group.entries.push(entry)
    else groups.set(key, { campaign: entry.campaign, entries: [entry] })
  }
  return [...groups.values()].sort((one, other) => postsOf(other.entries) - postsOf(one.entries))
}

export const sameCampaign = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && keyOfCampaign(one) === keyOfCampaign(other)

/** What the dossier of a campaign is filed under, by the name that stands for it ({@link campaignSpellings}), in any case. */
export const campaignCode = (name: string): CampaignCode => `campaign-${sha256(keyOfCampaign(name)).slice(0, 12)}`

/** By which names of campaigns compare. */
export const keyOfCampaign = (campaign: string): string => campaign.trim().toLowerCase()

const postsOf = (entries: readonly Campaigned[]): number =>
  entries.reduce((sum, { figures }) => sum + (figures.posts.value ?? 0), 0)
