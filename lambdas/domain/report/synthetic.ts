/**
 * The trial of each day: a report on invented facts that goes the whole way, to show that the next real one can. Of it
 * nothing is stored in the table; its files lie under a prefix of their own, from which they go.
 */
import * as z from 'zod'
import { sha256Schema } from '../core/text/hash.ts'
import { manifestName } from './manifest.ts'

export const syntheticPrefix = 'synthetic/'

/** How long its files are kept. */
export const syntheticDays = 7

/** Takes every mail, also from the sandbox, and has no reader: AWS, "Using the Amazon SES mailbox simulator". */
export const simulatorAddress = 'success@simulator.amazonses.com'

/** Says that the mail service took the mail. */
export const mailedName = 'mailed.json'

/** None of a report's: who copied a trial among the reports would find its signature worth nothing there. */
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

/** `20260110T030000Z`: the second at which a trial was due, as keys hold it. @param instant ISO 8601 */
const stampOf = (instant: string): string => `${new Date(instant).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`

/** `synthetic/20260110T030000Z/` */
export const syntheticFolder = (scheduledAt: string): string => `${syntheticPrefix}${stampOf(scheduledAt)}/`

const mailWord = 'synthetic.'

/** By which the mail service's events speak of the mail; no delivery is called so. */
export const syntheticMailId = (scheduledAt: string): string => `${mailWord}${stampOf(scheduledAt)}`

export const isSyntheticMail = (id: string): boolean => id.startsWith(mailWord)

/** How far a trial went. */
export type SyntheticRun = {
  /** ISO instant at which it was due. */
  readonly at: string
  readonly isArchived: boolean
  readonly isMailed: boolean
}

/** The trials of which there are files, the newest first. */
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
