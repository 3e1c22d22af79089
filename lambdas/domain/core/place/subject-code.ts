import * as z from 'zod'
import {
  type CampaignCode,
  campaignCodePattern,
  type FlashCode,
  flashCodePattern,
  isFlashCode,
  type SubjectCode,
  subjects,
} from './territory.ts'

const codes = subjects.map(({ code }) => code) as [SubjectCode, ...SubjectCode[]]

export const subjectCodeSchema = (error?: z.core.$ZodErrorMap | string) => {
  const errorParams = error === undefined ? {} : { error }
  const campaign = z.string(errorParams).regex(campaignCodePattern, errorParams) as unknown as z.ZodType<
    CampaignCode,
    CampaignCode
  >
  const flash = z
    .string(errorParams)
    .regex(flashCodePattern, errorParams)
    .refine(isFlashCode, errorParams) as unknown as z.ZodType<FlashCode, FlashCode>
  return z.union([z.enum(codes, errorParams), campaign, flash], errorParams)
}
