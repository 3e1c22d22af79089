/**
 * The daily trial report: invented facts through the whole pipeline. Nothing is stored in the table; its files expire
 * under a separate prefix.
 */
import * as z from 'zod'
import { sha256Schema } from '../core/text/hash.ts'
import { manifestName } from './manifest.ts'

export const syntheticPrefix = 'synthetic/'

export const syntheticDays = 7

/** Accepts every mail, also from the sandbox: AWS, "Using the Amazon SES mailbox simulator". */
export const simulatorAddress = 'success@simulator.amazonses.com'

export const mailedName = 'mailed.json'

/** Differs from a report's manifest, so that a trial's signature is worthless among reports. */
export const syntheticManifestSchema = z.strictObject({
  schema: z.literal('vigie-synthetic/1'),
  scheduledAt: z.iso.datetime(),
  program: z.string(),
  templatesSha256: sha256Schema,
  files: z.array(
    z.strictObject({ name: z.string(), contentType: z.string(), bytes: z.int().min(0), sha256: sha256Schema }),
  ),
})

export type SyntheticManifest = z.output<typeof syntheticManifestSchema>

/** `20260110T030000Z` @param instant ISO 8601 */
const stampOf = (instant: string): string => `${new Date(instant).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`

/** `synthetic/20260110T030000Z/` */
export const syntheticFolder = (scheduledAt: string): string => `${syntheticPrefix}${stampOf(scheduledAt)}/`

const mailWord = 'synthetic.'

export const syntheticMailId = (scheduledAt: string): string => `${mailWord}${stampOf(scheduledAt)}`

export const isSyntheticMail = (id: string): boolean => id.startsWith(mailWord)

export type SyntheticRun = {
  /** ISO instant of the schedule. */
  readonly at: string
  readonly isArchived: boolean
  readonly isMailed: boolean
}

export const syntheticRuns = (keys: readonly string[]): readonly SyntheticRun[] => {
  const names = new Map<string, string[]>()
  for (const key of keys) {
    const [, year, month, day, hour, minute, second, name = ''] =
      /^synthetic\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\/(.+)$/.exec(key) ?? []
    if (year === undefined) continue
    const at = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
    names.set(at, [...(names.get(at) ?? []), name])
  }
  return [...names]
    .map(([at, found]) => ({
      at,
      isArchived: found.includes(manifestName),
      isMailed: found.includes(mailedName),
    }))
    .sort((a, b) => (a.at < b.at ? 1 : -1))
}
