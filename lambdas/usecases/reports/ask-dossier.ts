import type { Marking } from '../../domain/core/marking.ts'
import { lastCompleteFor } from '../../domain/core/place/subject.ts'
import { isCampaignCode } from '../../domain/core/place/territory.ts'
import type { Period } from '../../domain/core/time/period.ts'
import { campaignCode } from '../../domain/detection/campaigns.ts'
import { campaignSpellings } from '../../domain/detection/names/aliases.ts'
import type { Services } from '../services.ts'
import type { ReportRequest } from './generate-report.ts'

/**
 * @param named the campaign in any spelling, or an existing dossier's key
 * @param until default: the last week that is complete in all territories
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
