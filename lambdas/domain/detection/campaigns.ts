/** When two names are of one campaign, and under what its dossier is filed. */
import type { CampaignCode } from '../core/place/territory.ts'
import { sha256 } from '../core/text/canonical.ts'

export const sameCampaign = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && keyOfCampaign(one) === keyOfCampaign(other)

/**
 * What the dossier of a campaign is filed under, by the name that stands for it ({@link campaignSpellings}), in any
 * case.
 */
export const campaignCode = (name: string): CampaignCode => `campaign-${sha256(keyOfCampaign(name)).slice(0, 12)}`

/** By which names of campaigns compare. */
export const keyOfCampaign = (campaign: string): string => campaign.trim().toLowerCase()
