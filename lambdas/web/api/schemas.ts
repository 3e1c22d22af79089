import * as z from 'zod'
import { maxDroppedBytes } from '../../config/env.ts'
import { anyOf, asMessage } from '../../domain/core/fault.ts'
import { markings, usualCap } from '../../domain/core/marking.ts'
import { subjectCodeSchema } from '../../domain/core/place/subject-code.ts'
import { knownCodes, type TerritoryCode, territories } from '../../domain/core/place/territory.ts'
import { sha256Schema } from '../../domain/core/text/hash.ts'
import { nameSchema, printable } from '../../domain/core/text/printable.ts'
import { lengthOf, PeriodError, parsePeriod } from '../../domain/core/time/period.ts'
import { codesAmong, codesMeant } from '../../domain/detection/gazetteer.ts'
import { kinds } from '../../domain/detection/kinds.ts'
import { isSearchable, maxSought, visible } from '../../domain/looking/filter.ts'
import { maxMasks, regionSchema } from '../../domain/plate/mask.ts'
import { pictureLimits } from '../../domain/plate/picture.ts'
import { jobStates } from '../../domain/report/job.ts'
import { type Patch, patchFields } from '../../usecases/ingest/edit/apply-patch.ts'

const codes = territories.map(({ code }) => code) as [TerritoryCode, ...TerritoryCode[]]

/** Explains an invalid territory code, with suggestions: the API takes codes only. */
const noCode = (input: unknown, all = false): string => {
  const text = JSON.stringify(input) ?? 'nothing'
  const written = typeof input === 'string' ? [input.slice(0, 200)] : []
  const { codes } = codesAmong(written)
  if (codes.length > 0) return asMessage('territory.noCode', { text, codes: anyOf(codes) })
  const meant = codesMeant(written)
  return meant.length > 0
    ? asMessage('territory.meant', { text, meant: anyOf(meant) })
    : asMessage(all ? 'territory.giveCodeOrAll' : 'territory.giveCode', { text, codes: knownCodes() })
}

export const territory = z.enum(codes, { error: ({ input }) => noCode(input) }).describe('A territory’s code')
export const subject = subjectCodeSchema(({ input }) => noCode(input, true)).describe(
  'A territory’s code, that of a group (`ALL` for the thirteen), or the key of a dossier that was made before',
)
export const cap = z
  .enum(markings)
  .describe('The edition: nothing marked above it is in it')
  .meta({ examples: ['TLP:AMBER'] })
export const period = z
  .string()
  .check((context) => {
    try {
      parsePeriod(context.value)
    } catch (error) {
      if (!(error instanceof PeriodError)) throw error
      context.issues.push({ code: 'custom', input: context.value, message: JSON.stringify(error.fault) })
    }
  })
  .describe('A week, month, quarter, year or range of days, in the territory’s own days')
  .meta({ examples: ['2024-W20', '2024-05', '2024-Q2', '2024', '2024-05-13--2024-05-19'] })
const instant = z.iso.datetime({ offset: true })
const day = z.iso.date()
const count = z.int().min(0)

export const reportRequest = z
  .strictObject({
    territory: subject,
    period,
    cap: cap.default(usualCap),
    asOf: instant.optional().describe('On the data stored by then'),
    deliver: z
      .boolean()
      .default(false)
      .describe('Mail it to the recipients of this edition; otherwise it is not mailed'),
  })
  .meta({ title: 'ReportRequest' })

export const jobAnswer = z
  .object({
    id: z.uuid(),
    state: z.enum(jobStates),
    request: z.object({ territory: subject, period, cap, asOf: instant.optional(), deliver: z.boolean() }),
    askedAt: instant,
    at: instant.describe('Of the last change'),
    version: z.int().optional(),
    report: z.string().optional().describe('Where the version is, once it is done'),
    reason: z.string().optional().describe('Why it is held or failed'),
  })
  .meta({ title: 'Job' })

const total = z.object({ value: z.number().nullable(), qualifier: z.string() })

const archivedReport = z
  .object({
    id: z.string(),
    territory: subject,
    period,
    cap,
    version: z.int().min(1),
    marking: z.enum(markings).describe('The highest marking of what it shows'),
    asOf: instant,
    campaign: z.string().optional().describe('Of a dossier: the campaign’s name'),
    state: z.enum(['published', 'recalled']),
    replaced: z.boolean().describe('A later version of the same edition is current'),
    reconstructed: z.boolean().describe('Made later than a version on newer data'),
    level: z
      .object({
        value: z.union([z.int().min(0).max(4), z.enum(['not watched', 'interrupted'])]),
        isAtLeast: z.literal(true).optional(),
      })
      .optional()
      .describe('Of a territory (docs/reports.md, Level)'),
    detections: count,
    posts: total,
    joint: z
      .object({ posts: total, own: total.optional() })
      .optional()
      .describe('Of its posts, those of several territories, and those of its own alone'),
    href: z.string().describe('Its manifest'),
  })
  .meta({ title: 'ArchivedReport' })

export const archivePage = z
  .object({ reports: z.array(archivedReport), next: z.string().optional().describe('The path of the next page') })
  .meta({ title: 'ArchivePage' })

export const archiveQuery = z.strictObject({
  territory: subject.optional(),
  period: period.optional(),
  cap: cap.optional(),
  from: day.optional().describe('Periods that touch this day or later ones'),
  to: day.optional().describe('Periods that touch this day or earlier ones'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(400).optional().describe('From `next` of the page before'),
})

export const stixType = 'application/stix+json'

export const recordTypes = [
  ...(['application/json', 'application/x-ndjson', stixType, 'text/csv'] as const),
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
] as const

export const stixQuery = z.strictObject({
  added_after: instant.optional().describe('Published after this instant; `X-TAXII-Date-Added-Last` of the last page'),
  territory: subject.optional(),
  cap: cap.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(10).describe('Of versions'),
  next: z.string().max(400).optional().describe('From `Link` of the page before'),
})

export const versionAnswer = z
  .object({
    manifest: z.record(z.string(), z.unknown()).describe('As it is archived, with the hash of every file'),
    files: z.array(
      z.object({ name: z.string(), contentType: z.string(), bytes: count, sha256: z.string(), href: z.string() }),
    ),
    changes: z.string().describe('What changed since the version before'),
    proof: z
      .object({ manifest: z.string(), signature: z.string(), publicKey: z.string() })
      .describe('The manifest’s own bytes, their signature in DER, and the key in PEM: openssl checks them'),
  })
  .meta({ title: 'Version' })

export const changesAnswer = z
  .object({
    version: z.int(),
    changes: z
      .object({
        version: z.int().describe('The version before'),
        asOf: instant,
        until: z.string().optional().describe('Of a dossier: the period of the one before, where it is another'),
        reasons: z.array(z.string()),
        figures: z.array(z.object({ figure: z.string(), before: total, after: total })),
        added: z.array(z.string()),
        revised: z.array(z.string()),
        removed: z.array(z.string()),
      })
      .nullable()
      .describe('Null in a first version'),
  })
  .meta({ title: 'Changes' })

const listedRejects = z.array(
  z.object({
    rejectId: z.string(),
    file: z.string(),
    line: z.int().nullable(),
    id: z.string().nullable(),
    path: z.string(),
    message: z.string(),
  }),
)

const receipt = z
  .object({
    read: count,
    received: count,
    rejected: count.describe('For their own content'),
    rejects: listedRejects,
    failure: z.string().optional(),
  })
  .meta({ title: 'Receipt' })

const tally = z
  .object({
    read: count,
    accepted: count,
    revised: count,
    duplicates: count,
    unplaced: count,
    contested: count.describe('Kept for an analyst’s decision'),
    runs: count,
    rejected: count,
    rejects: listedRejects,
    contests: z.array(z.object({ id: z.string(), message: z.string() })),
    batch: z.string().optional().describe('The name of this intake, by which it can be undone; none of a check'),
    spread: z
      .array(z.object({ group: z.string(), territories: count, records: count }))
      .describe('Groups of territories by which records are placed'),
    failure: z.string().optional(),
  })
  .meta({ title: 'Tally' })

const counts = z.record(z.string(), count).optional()
const left = { noted: counts.describe('What was read, left out or changed') }

export const takenAnswer = z
  .union([receipt.extend(left), tally.extend(left)])
  .describe('The outcome of each is shown only to callers cleared for all that may be stored')
  .meta({ title: 'Taken' })

export const sendQuery = z.strictObject({
  observed: z.string().max(100).optional().describe('When it was seen, for records without a date: `2024-05-14`'),
  territory: territory.optional().describe('For records that name none'),
  sheet: z.string().max(100).optional().describe('Of a workbook'),
  check: z.enum(['true', 'false']).optional().describe('Give the outcome, and store nothing'),
})

export const uploadRequest = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, asMessage('file.plainName')),
    bytes: z
      .int(asMessage('file.size', { max: maxDroppedBytes }))
      .min(1)
      .max(maxDroppedBytes, asMessage('file.tooLargeToDrop', { max: maxDroppedBytes }))
      .describe('The file’s size: the address takes no other'),
  })
  .meta({ title: 'UploadRequest' })

export const uploadAnswer = z
  .object({
    url: z.url().describe('PUT the file there, once, with its size as Content-Length'),
    key: z.string(),
    expiresAt: instant,
    result: z.string().describe('The key under which the tally will be'),
  })
  .meta({ title: 'Upload' })

const bothLanguages = z.strictObject({ fr: z.string(), en: z.string() })

export const plateRequest = z
  .strictObject({
    bytes: z
      .int(asMessage('file.size', { max: pictureLimits.fileBytes }))
      .min(1)
      .max(pictureLimits.fileBytes, asMessage('picture.tooLargeToSend', { max: pictureLimits.fileBytes }))
      .describe('The file’s size: the address takes no other'),
    by: nameSchema.describe('Name of the person responsible for the masks'),
    masks: z
      .array(regionSchema)
      .max(maxMasks)
      .optional()
      .describe('Regions to cover, in pixels of the displayed picture'),
    nothingToMask: z.literal(true).optional().describe('Stated in place of masks: no face, no handle, no avatar'),
    caption: bothLanguages,
    alt: bothLanguages.describe('Alternative text'),
    changes: bothLanguages.optional().describe('What it changes of its original: facts, no intent'),
    source: z.string(),
    date: z.string().describe('A day, a month or a year'),
    archive: z.string().optional(),
    originalOf: z.string().optional(),
    divertedFrom: z.string().optional(),
    crop: regionSchema
      .optional()
      .describe('Of one that diverts another: what it shows of its original, in pixels of the displayed original'),
    marking: z.enum(markings),
  })
  .refine(
    ({ masks = [], nothingToMask }) => (masks.length === 0) === (nothingToMask === true),
    asMessage('plate.masks'),
  )
  .meta({ title: 'PlateRequest' })

export const plateUploadAnswer = z
  .object({
    id: z.uuid(),
    url: z.url().describe('PUT the picture there, once, with its size as Content-Length'),
    expiresAt: instant,
    outcome: z.string().describe('Where its outcome is'),
  })
  .meta({ title: 'PlateUpload' })

export const plateAnswer = z
  .object({
    id: z.uuid(),
    state: z.enum(['waiting', 'stored', 'refused']),
    sha256: z.string().optional().describe('Of the stored, masked picture: what a detection names'),
    reason: z.string().optional().describe('Why it was refused'),
  })
  .meta({ title: 'Plate' })

export const territoriesAnswer = z
  .object({
    territories: z.array(
      z.object({
        code: territory,
        iso: z.string(),
        zone: z.string(),
        name: z.object({ fr: z.string(), en: z.string() }),
      }),
    ),
  })
  .meta({ title: 'Territories' })

export const sourcesAnswer = z
  .object({
    sources: z.array(
      z.object({
        name: z.string(),
        byHand: z.boolean(),
        version: z.string().optional(),
        expectedRhythm: z.string().optional(),
        lastInput: instant,
        marking: z.enum(markings).describe('Of what is shown of it'),
      }),
    ),
  })
  .meta({ title: 'Sources' })

/** Every day is checked for each input of each source: longer periods would delay other callers. */
const maxCoverageDays = 92

const maxListed = 200

const sought = (most: number) => z.string().max(most).regex(visible, asMessage('text.empty'))

export const detectionsQuery = z.strictObject({
  territory: territory.optional(),
  period: period.optional().describe('Of 92 days at most; in place of `from` and `to`'),
  from: day.optional().describe('First observed on this day or later, local to each territory'),
  to: day.optional().describe('First observed on this day or earlier; together 92 days at most'),
  kind: z.enum(kinds).optional(),
  campaign: sought(maxSought).optional().describe('Over all time where no days are named'),
  detector: sought(128).optional(),
  marking: z.enum(markings).optional().describe('Marked so'),
  q: sought(maxSought)
    .refine((text) => !visible.test(text) || isSearchable(text), asMessage('text.noLetter'))
    .optional()
    .describe(
      'An id, campaign, hashtag, account set, fingerprint or whole title, over all time; else words, a domain or an account',
    ),
  by: z.enum(['key', 'words']).optional().describe('Look for `q` as this alone'),
  counts: z.enum(['true', 'false']).optional().describe('How many there are of what: of all, not of the page'),
  limit: z.coerce.number().int().min(1).max(maxListed).default(50),
  cursor: z.string().max(800).optional().describe('From `next` of the page before'),
})

const byLanguage = z.record(z.string(), z.string()).describe('By language')

export const detectionAnswer = z
  .looseObject({
    id: z.string(),
    revision: z.int().min(1),
    storedAt: instant,
    kind: z.enum(kinds),
    title: byLanguage,
    territories: z.array(z.looseObject({ code: territory, method: z.string() })),
    observed: z.looseObject({ from: z.string(), to: z.string(), precision: z.string() }),
    figures: z.record(z.string(), total),
    marking: z.enum(markings),
    detector: z.string(),
    campaign: z.string().optional(),
    partOf: z.string().optional().describe('Where this caller may know of it'),
  })
  .describe('As a report prints it: addresses defanged, no account by itself')
  .meta({ title: 'StoredDetection' })

const reason = printable(300).describe(
  'At most 300 characters; reports may print it with the caller’s name from AMBER on',
)

export const patchType = 'application/merge-patch+json'

export const patchQuery = z.strictObject({ reason })

/** Codes only, since a misspelt name would take the place away; no `null`, which would restore a default. */
export const patchRequest = z
  .strictObject({
    ...(Object.fromEntries(patchFields.map((field) => [field, z.unknown()])) as Record<keyof Patch, z.ZodUnknown>),
    territories: z.array(territory).min(1),
    marking: z.enum(markings),
  })
  .partial()
  .describe('Fields of docs/reference/detection.schema.json; `null` empties one')
  .meta({ title: 'DetectionPatch' })

export const reasonRequest = z.strictObject({ reason }).meta({ title: 'Reason' })

export const signRequest = z.strictObject({ reason: reason.optional() }).meta({ title: 'Signature' })

export const placeRequest = z
  .strictObject({ territories: z.array(territory).min(1), reason: reason.optional() })
  .meta({ title: 'Placing' })

export const decideRequest = z
  .strictObject({ record: sha256Schema.describe('Of `waiting`'), reason })
  .meta({ title: 'Decision' })

export const actAnswer = z
  .object({
    id: z.string(),
    outcome: z.enum(['done', 'waits', 'unchanged']).describe('*waits*: another caller has to accept a lower marking'),
  })
  .meta({ title: 'Act' })

export const waitingAnswer = z
  .object({
    waiting: z.array(
      z.object({
        record: z.string(),
        kind: z.enum(['lower', 'contested']),
        changed: z.array(z.string()),
        sender: z.string().optional(),
        marking: z.enum(markings).describe('The highest of all that is shown here'),
        becomes: detectionAnswer,
      }),
    ),
  })
  .meta({ title: 'Waiting' })

const strength = z
  .object({ evidence: z.number(), threshold: z.number(), pushes: count, isSourceKnown: z.boolean() })
  .describe('Natural logarithms; how many things they pushed; without a known source it may be one newsroom')

export const candidateAnswer = z
  .object({
    ...{ id: z.string(), etag: z.string(), state: z.enum(['open', 'signed', 'refused', 'merged', 'withdrawn']) },
    ...{ revision: z.int().min(1), foundAt: instant },
    signedRevision: z.int().min(1).optional().describe('Counts in reports; a later revision has grown'),
    lostAt: instant.optional().describe('No longer found since: signing keeps its detection, refusing withdraws it'),
    decision: z
      .object({ as: z.enum(['signed', 'refused']), by: z.string(), at: instant, reason: z.string() })
      .optional()
      .describe('The last one'),
    strength: strength.optional(),
    shared: z.array(z.object({ name: z.string(), accounts: count })).optional(),
    accounts: z.array(z.string()).optional().describe('Pseudonyms'),
    summary: byLanguage.optional(),
    limits: byLanguage.optional().describe('Of the detector, in this run'),
    detection: detectionAnswer,
  })
  .meta({ title: 'Candidate' })

export const noQuery = z.strictObject({})

export const candidatesAnswer = z.object({
  waiting: count.describe('How many wait for a decision'),
  candidates: z.array(candidateAnswer).describe('The first 200 of them, the oldest first'),
})

const countsBy = z.array(z.object({ name: z.string(), detections: count }))

export const detectionsAnswer = z
  .object({
    detections: z.array(detectionAnswer),
    next: z.string().optional().describe('The path of the next page'),
    days: z
      .object({ first: day, last: day })
      .optional()
      .describe('The days that were searched; all where it is missing'),
    by: z.enum(['key', 'words']).optional().describe('As what `q` was found'),
    meant: z.array(z.string()).optional().describe('Campaigns and hashtags that `q` may mean, where nothing was found'),
    counts: z
      .object({
        detections: count,
        territories: countsBy,
        kinds: countsBy,
        campaigns: countsBy,
        detectors: countsBy,
        markings: countsBy,
      })
      .optional(),
  })
  .meta({ title: 'DetectionsPage' })

export const coverageQuery = z.strictObject({
  territory,
  period: period
    .refine((text) => lengthOf(parsePeriod(text)) <= maxCoverageDays, {
      abort: true,
      when: ({ issues }) => issues.length === 0,
      error: ({ input }) =>
        asMessage('period.tooLong', {
          text: String(input),
          days: lengthOf(parsePeriod(String(input))),
          max: maxCoverageDays,
        }),
    })
    .describe(`A period of ${maxCoverageDays} days at most`),
})

export const coverageAnswer = z
  .object({
    territory,
    period,
    sources: z.array(
      z.object({
        name: z.string(),
        marking: z.enum(markings).describe('Of what is shown of it'),
        inputs: count,
        expected: count.optional(),
        gaps: z.array(z.object({ from: instant, to: instant, hours: count })),
      }),
    ),
  })
  .meta({ title: 'Coverage' })
