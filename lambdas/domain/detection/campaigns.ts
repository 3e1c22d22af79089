import type { CampaignCode } from '../core/place/territory.ts'
import { sha256 } from '../core/text/canonical.ts'

export const sameCampaign = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && keyOfCampaign(one) === keyOfCampaign(other)

export const campaignCode = (name: string): CampaignCode => `campaign-${sha256(keyOfCampaign(name)).slice(0, 12)}`

export const keyOfCampaign = (campaign: string): string => campaign.trim().toLowerCase()
