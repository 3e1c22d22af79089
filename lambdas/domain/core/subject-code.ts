/** What a report can be about, as messages and requests name it: a territory, a group, or a campaign's dossier. */
import * as z from 'zod'
import { type CampaignCode, campaignCodePattern, type SubjectCode, subjects } from './territory.ts'

const codes = subjects.map(({ code }) => code) as [SubjectCode, ...SubjectCode[]]

/** @param error what is said of anything else */
export const subjectCodeSchema = (error?: z.core.$ZodErrorMap | string) => {
  const said = error === undefined ? {} : { error }
  const campaign = z.string(said).regex(campaignCodePattern, said) as unknown as z.ZodType<CampaignCode, CampaignCode>
  return z.union([z.enum(codes, said), campaign], said)
}
