/** What a campaign's name and a period ask for: the dossier until the end of the period. */
import type { Marking } from '../../domain/core/marking.ts'
import { lastCompleteFor } from '../../domain/core/place/subject.ts'
import { isCampaignCode } from '../../domain/core/place/territory.ts'
import type { Period } from '../../domain/core/time/period.ts'
import { campaignCode } from '../../domain/detection/campaigns.ts'
import { campaignSpellings } from '../../domain/detection/names/aliases.ts'
import type { Services } from '../services.ts'
import type { ReportRequest } from './generate-report.ts'

/**
 * @param named the campaign in any spelling, or the key of a dossier that was made before
 * @param until the last complete week of all territories where it is left out
 */
export const dossierAsked = (
  named: string,
  {
    until,
    cap,
    asOf,
  }: { readonly until?: Period | undefined; readonly cap: Marking; readonly asOf?: string | undefined },
  { aliases, clock }: Pick<Services, 'aliases' | 'clock'>,
): ReportRequest => {
  const period = until ?? lastCompleteFor('week', 'ALL', clock().getTime())
  const key = named.trim().toLowerCase()
  if (isCampaignCode(key)) return { territory: key, period, cap, asOf }
  const { name } = campaignSpellings(named, [aliases])
  return { territory: campaignCode(name), period, cap, asOf, campaign: name }
}
