import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import { type Marking, markingSlug, markings } from '../core/marking.ts'
import type { SubjectCode } from '../core/place/territory.ts'
import { faultSchema } from '../core/schema-fault.ts'
import { canonicalJson, sha256 } from '../core/text/canonical.ts'
import { sha256Schema } from '../core/text/hash.ts'
import { type Period, parsePeriod } from '../core/time/period.ts'

/** Accepted by every archive, and without any path. */
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
  /** Only where the as-of instant was before an existing version. */
  reconstructed: z.boolean().optional(),
  /** Only where the version failed the publish gate: it is kept, not delivered. The reason is in English. */
  held: z.strictObject({ reason: z.string().min(1), fault: faultSchema.optional() }).optional(),
  program: z.string(),
  templatesSha256: sha256Schema,
  previous: z.strictObject({ version: z.int().min(1), manifestSha256: sha256Schema }).nullable(),
  files: z.array(
    z.strictObject({ name: fileName, contentType: z.string(), bytes: z.int().min(0), sha256: sha256Schema }),
  ),
})

export type Manifest = z.output<typeof manifestSchema>

export type ManifestFile = Manifest['files'][number]

export const manifestName = 'manifest.json'

/** Equal manifests give equal bytes. */
export const manifestBytes = (manifest: Manifest): Uint8Array =>
  new TextEncoder().encode(`${canonicalJson(manifestSchema.parse(manifest))}\n`)

export const manifestSha256 = (manifest: Manifest): string => sha256(manifestBytes(manifest))

/** All versions of one territory or group, period and cap. */
export type Edition = { readonly territory: SubjectCode; readonly period: Period; readonly cap: Marking }

/** With the period's id, `2024-W20`. */
export type EditionNamed = Omit<Edition, 'period'> & { readonly period: string }

/** @throws PeriodError */
export const editionOf = ({ territory, period, cap }: EditionNamed): Edition => ({
  territory,
  period: parsePeriod(period),
  cap,
})

/** `NC/2024-W20/amber` */
export const editionPath = ({ territory, period, cap }: Edition): string =>
  `${territory}/${period.id}/${markingSlug(cap)}`

/** `NC/2024-W20/amber/v0001` */
export const reportId = (edition: Edition, version: number): string => `${editionPath(edition)}/${versionName(version)}`

export const versionName = (version: number): string => `v${String(version).padStart(4, '0')}`

/** `reports/NC/2024-W20/amber/` */
export const editionPrefix = (edition: Edition): string => `reports/${editionPath(edition)}/`

export const archiveKey = (edition: Edition, version: number, file: string): string =>
  `reports/${reportId(edition, version)}/${file}`
