/** The manifest: what a version of a report consists of, and the chain from version to version. */
import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import { type Marking, markingSlug, markings } from '../core/marking.ts'
import type { SubjectCode } from '../core/place/territory.ts'
import { faultSchema } from '../core/schema-fault.ts'
import { canonicalJson, sha256 } from '../core/text/canonical.ts'
import { sha256Schema } from '../core/text/hash.ts'
import { type Period, parsePeriod } from '../core/time/period.ts'

/** A plain file name, as every archive can hold it: no folder, no way out of one. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, asMessage('file.plainName'))

export const manifestSchema = z.strictObject({
  schema: z.literal('vigie-manifest/1'),
  report: z.string(),
  territory: z.string(),
  period: z.string(),
  cap: z.enum(markings),
  marking: z.enum(markings),
  version: z.int().min(1),
  asOf: z.iso.datetime(),
  snapshotSha256: sha256Schema,
  /** Only where the as-of instant lay before a version that already stood. */
  reconstructed: z.boolean().optional(),
  /** Only where the version failed the publish gate: it is kept, and is not delivered. The reason is in English. */
  held: z.strictObject({ reason: z.string().min(1), fault: faultSchema.optional() }).optional(),
  program: z.string(),
  templatesSha256: sha256Schema,
  /** The manifest of the version before this one; null in the first. */
  previous: z.strictObject({ version: z.int().min(1), manifestSha256: sha256Schema }).nullable(),
  files: z.array(
    z.strictObject({ name: fileName, contentType: z.string(), bytes: z.int().min(0), sha256: sha256Schema }),
  ),
})

export type Manifest = z.output<typeof manifestSchema>

export type ManifestFile = Manifest['files'][number]

export const manifestName = 'manifest.json'

/** The bytes of a manifest, one for one value. */
export const manifestBytes = (manifest: Manifest): Uint8Array =>
  new TextEncoder().encode(`${canonicalJson(manifestSchema.parse(manifest))}\n`)

export const manifestSha256 = (manifest: Manifest): string => sha256(manifestBytes(manifest))

/** The edition of a report: one territory or group, one period, one cap. Its versions follow each other. */
export type Edition = { readonly territory: SubjectCode; readonly period: Period; readonly cap: Marking }

/** The same as it is kept and asked for: its period by its id, `2024-W20`. */
export type EditionNamed = Omit<Edition, 'period'> & { readonly period: string }

/** @throws PeriodError */
export const editionOf = ({ territory, period, cap }: EditionNamed): Edition => ({
  territory,
  period: parsePeriod(period),
  cap,
})

/** `NC/2024-W20/amber`: the edition in ids and paths. */
export const editionPath = ({ territory, period, cap }: Edition): string =>
  `${territory}/${period.id}/${markingSlug(cap)}`

/** `NC/2024-W20/amber/v0001` */
export const reportId = (edition: Edition, version: number): string => `${editionPath(edition)}/${versionName(version)}`

export const versionName = (version: number): string => `v${String(version).padStart(4, '0')}`

/** `reports/NC/2024-W20/amber/`: what the keys of an edition's files begin with. */
export const editionPrefix = (edition: Edition): string => `reports/${editionPath(edition)}/`

/** The archive's key of a file of a version; of its folder where no file is named. */
export const archiveKey = (edition: Edition, version: number, file: string): string =>
  `reports/${reportId(edition, version)}/${file}`
