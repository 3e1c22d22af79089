import { type FoundBy, linkKey } from '../../domain/aggregate/across.ts'
import { type Marking, markingSlug } from '../../domain/core/marking.ts'
import {
  type CampaignCode,
  type FlashCode,
  type SubjectCode,
  type TerritoryCode,
  territoryOf,
} from '../../domain/core/place/territory.ts'
import { canonicalJson, sha256 } from '../../domain/core/text/canonical.ts'
import { localInterval } from '../../domain/core/time/observed.ts'
import type { Cadence } from '../../domain/core/time/period.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import type { Edition } from '../../domain/report/manifest.ts'

export type Key = { readonly pk: string; readonly sk: string }

export const keyText = ({ pk, sk }: Key): string => `${pk}\n${sk}`

/** Partition and sort-key prefix of a detection's revisions. */
export type Base = {
  readonly pk: string
  readonly base: string
  /** ISO instants missing from the key, for a detection that covers more than one day. */
  readonly from?: string
  readonly to?: string
}

export const headKey = (id: string): Key => ({ pk: `DETECTION#${id}`, sk: 'HEAD' })

/** Sorts below every character of an id, so that an id's revisions never mix with a longer id's. */
const beforeRevision = '\u0001'

export const revisionKey = ({ pk, base }: Base, revision: number): Key => ({
  pk,
  sk: `${base}${beforeRevision}${padded(revision, 16)}`,
})

export const revisionsOf = ({ base }: Base): string => `${base}${beforeRevision}`

export const baseOf = ({ sk }: Key): string => sk.slice(0, sk.lastIndexOf(beforeRevision))

/** Parts of detections that are too large for one item. */
export const bodyPartition = 'BODY#'

export const bodyPartitionOf = (id: string): string => `${bodyPartition}${id}`

/** `of` separates concurrent calls for one revision, of which only one claims it. */
export const chunkKey = (id: string, revision: number, number: number, of: string): Key => ({
  pk: bodyPartitionOf(id),
  sk: `${padded(revision, 16)}.${of}#${padded(number, 4)}`,
})

/** Checks DynamoDB's key length limits, in UTF-8 bytes. */
export const faultOfKey = ({ pk, sk }: Key): string | undefined => {
  const fits = Buffer.byteLength(pk) <= 2_048 && Buffer.byteLength(sk) <= 1_024
  return fits
    ? undefined
    : `${JSON.stringify(`${pk.slice(0, 60)}…`)} is longer than what a detection is found by may be (2,048 bytes): shorten it`
}

export const contestedPartition = 'CONTESTED'

export const contestedKey = (id: string, sha256: string): Key => ({
  pk: contestedPartition,
  sk: `${id}${beforeRevision}${sha256}`,
})

export const candidatesPartition = 'CANDIDATES'

export const candidateLinesPartition = (territory: TerritoryCode): string => `CANDIDATES#${territory}`

export const contestedRange = (id: string) => ({ beginsWith: `${id}${beforeRevision}` })

export const unplacedPartition = 'UNPLACED'
export const sourcesPartition = 'SOURCES'
export const rejectDaysPartition = 'REJECTS'

export const detectionPartition = (territory: TerritoryCode, utcDay: string): string => `DET#${territory}#${utcDay}`

export const ongoingPartition = (territory: TerritoryCode): string => `ONGOING#${territory}`

export const baseAt = (territory: TerritoryCode, from: string, id: string): Base => ({
  pk: detectionPartition(territory, from.slice(0, 10)),
  base: `${from}#${id}`,
})

export const basesOf = (
  detection: Pick<Detection, 'id' | 'observed'>,
  territory: TerritoryCode,
): { at: Base; from: string; to: string; ongoing?: Base } => {
  const interval = localInterval(detection.observed, territoryOf(territory).zone)
  const from = new Date(interval.first.from).toISOString()
  const at = baseAt(territory, from, detection.id)
  const to = new Date(interval.end).toISOString()
  return interval.withinDay
    ? { at, from, to }
    : {
        at: { ...at, to },
        from,
        to,
        ongoing: { pk: ongoingPartition(territory), base: `${to}#${detection.id}`, from },
      }
}

export const linkPartition = (link: FoundBy): string => `LINK#${linkKey(link)}`

export const linkBase = (
  link: FoundBy,
  { marking, from, id }: { readonly marking: Marking; readonly from: string; readonly id: string },
): Base => ({ pk: linkPartition(link), base: `${markingSlug(marking)}#${from}#${id}` })

export const linkRange = (marking: Marking, before: string): { readonly from: string; readonly to: string } => ({
  from: `${markingSlug(marking)}#`,
  to: `${markingSlug(marking)}#${before}`,
})

/**
 * One item for each UTC day or month on which a detection of the territory began or continued, with the latest change.
 */
export const changedPartition = (territory: string): string => `CHANGED#${territory}`

export const changingPartition = (territory: string): string => `CHANGING#${territory}`

/** Returns the territory of a time partition, and its UTC day if it covers one. */
export const timeOfPartition = (pk: string): { readonly territory: string; readonly day?: string } | undefined => {
  const [kind, territory, day] = pk.split('#')
  if (territory === undefined) return undefined
  if (kind === 'DET' && day !== undefined) return { territory, day }
  return kind === 'ONGOING' ? { territory } : undefined
}

export const summaryPartition = (territory: SubjectCode): string => `SUMMARY#${territory}`

/** Keys of a past period's figures, names and followed threads, for later reports. */
export const summaryKeys = (edition: Edition) => {
  const pk = summaryPartition(edition.territory)
  const sort = editionSort(edition)
  const keyOf = (what: string): Key => ({ pk, sk: `${sort}${what}` })
  return {
    figures: keyOf('figures'),
    names: keyOf('names'),
    threads: (number: number): Key => keyOf(`threads#${String(number).padStart(3, '0')}`),
  }
}

export const utcDays = (from: number, to: number): readonly string[] => {
  const days: string[] = []
  const day = 86_400_000
  for (let at = Math.floor(from / day) * day; at < to; at += day) days.push(new Date(at).toISOString().slice(0, 10))
  return days
}

export const accountSetPartition = (id: string): string => `ACCOUNTSET#${id}`

export const accountSetKey = (id: string, revision: number): Key => ({
  pk: accountSetPartition(id),
  sk: padded(revision, 16),
})

export const accountsPartition = 'ACCOUNTS#'

export const accountsPartKey = (sha256: string, number: number): Key => ({
  pk: `${accountsPartition}${sha256}`,
  sk: padded(number, 4),
})

export const rejectedPartition = 'REJECTED#'

export const rejectKey = (rejectId: string): Key => ({ pk: `${rejectedPartition}${rejectId}`, sk: 'HEAD' })

/** Key of one record's rejects (by id or file line), of one sender or all. */
export const rejectsOfKey = (of: {
  readonly sender?: string | undefined
  readonly id?: string
  readonly row?: string
}): Key => ({
  pk: `${rejectedPartition}OF#${sha256(canonicalJson(of)).slice(0, 32)}`,
  sk: 'HEAD',
})

export const rejectPartition = (utcDay: string): string => `REJECT#${utcDay}`

export const rejectSort = (rejectedAt: string, offset: number, rejectId: string): string =>
  `${rejectedAt}#${padded(offset, 16)}#${rejectId}`

/** Key of the statements about a detector in records of one marking. */
export const sourceKey = (detector: string, marking: Marking): Key => ({
  pk: sourcesPartition,
  sk: `${detector}${beforeRevision}${markingSlug(marking)}`,
})

export const detectorIn = (sourceSort: string): string => sourceSort.split(beforeRevision)[0] ?? ''

/** One item for each delivery (`<instant>#<batch>`) and for each run report (`<instant>#ran`). */
export const sourceInputsPartition = (detector: string): string => `SOURCE#${detector}`

export const notePartition = (territory: SubjectCode): string => `NOTE#${territory}`

export const noteSort = (period: string, writtenAt: string): string => `${period}#${writtenAt}`

export const platesPartition = 'PLATES'

export const plateKey = (sha256: string): Key => ({ pk: platesPartition, sk: sha256 })

export const plateUploadKey = (id: string): Key => ({ pk: `PLATEUPLOAD#${id}`, sk: 'HEAD' })

export const reportPartition = (territory: SubjectCode): string => `REPORT#${territory}`

/** One item for each campaign with a dossier. The name is only in the versions, which have its marking. */
export const campaignsPartition = 'REPORT#campaigns'

export const campaignKey = (code: CampaignCode): Key => ({ pk: campaignsPartition, sk: code })

export const flashPartition = 'REPORT#flash'

export const flashKey = (code: FlashCode): Key => ({ pk: flashPartition, sk: code })

const cadenceLetters = { week: 'W', month: 'M', quarter: 'Q', year: 'Y', range: 'R' } as const

/** Range of a cadence's reports; with a day, only periods that begin on or before it. */
export const cadenceRange = (cadence: Cadence, day = '9'): { readonly from: string; readonly to: string } => ({
  from: `${cadenceLetters[cadence]}#`,
  to: `${cadenceLetters[cadence]}#${day}~`,
})

/** Sorts by time within a cadence. Ranges may begin on the same day, so their key includes the last day. */
export const editionSort = ({ period, cap }: Pick<Edition, 'period' | 'cap'>): string => {
  const start = period.cadence === 'range' ? period.id : period.first
  return `${cadenceLetters[period.cadence]}#${start}#${markingSlug(cap)}#`
}

export const reportKey = (edition: Edition, version: number): Key => ({
  pk: reportPartition(edition.territory),
  sk: `${editionSort(edition)}${padded(version, 4)}`,
})

const padded = (number: number, width: number): string => String(number).padStart(width, '0')

export const recipientsPartition = 'RECIPIENTS'

export const schedulesPartition = 'SCHEDULES'

export const deliveryPartition = (territory: SubjectCode, period: string): string => `DELIVERY#${territory}#${period}`

export const deliverySort = (cap: Marking, version?: number, recipient = ''): string =>
  version === undefined ? `${markingSlug(cap)}#` : `${markingSlug(cap)}#${padded(version, 4)}#${recipient}`

export const digestQueuePartition = 'DIGEST'

export const digestPartition = (recipient: string): string => `DIGEST#${recipient}`

export const tokenPartition = (hash: string): string => `TOKEN#${hash}`

export const programTokensPartition = 'PROGRAMS'

/** One item for each forgotten account; it does not identify the account. */
export const forgottenPartition = 'FORGOTTEN'

/** Has the key of substitutes while a removal by retention runs. Sorts after the instants of forgotten accounts. */
export const removalKey: Key = { pk: forgottenPartition, sk: 'RETENTION' }

export const batchesPartition = 'BATCHES'

/** Data for undoing an intake: steps, revised heads, and earlier statements about detectors. */
export const batchPartition = (name: string): string => `BATCH#${name}`

export const revisedHeadKey = (batch: string, id: string): Key => ({ pk: batchPartition(batch), sk: `HEAD#${id}` })

export const changedSourceKey = (batch: string, source: Key): Key => ({
  pk: batchPartition(batch),
  sk: `SOURCE#${source.sk}`,
})

export const clockPartition = 'CLOCK'

export const jobKey = (id: string): Key => ({ pk: `JOB#${id}`, sk: 'STATE' })

export const jobNameKey = (hash: string): Key => ({ pk: `JOBNAME#${hash}`, sk: 'NAME' })

export const askedKey = (hash: string, hour: string): Key => ({ pk: `ASKED#${hash}`, sk: hour })

export const lookPartitionOf = (author: string): string => `${lookPartition}${sha256(author).slice(0, 32)}`

export const lookPartition = 'LOOK#'

export const mappingsPartition = `${lookPartition}MAPPINGS`

export const storingTurnKey: Key = { pk: `${lookPartition}TURN`, sk: 'HEAD' }

export const historyPartition = 'HISTORY'

export const waitingPartition = 'WAITING'

export const waitingMailsPartition = 'WAITINGMAILS'

const detections = ['DETECTION#*', 'BODY#*', 'DET#*', 'ONGOING#*', 'LINK#*', unplacedPartition] as const
const changing = ['CHANGING#*'] as const
const changed = ['CHANGED#*'] as const
const sources = [sourcesPartition, 'SOURCE#*'] as const
const rejectLists = [rejectDaysPartition, 'REJECT#*'] as const
const rejected = ['REJECTED#*'] as const
const contested = [contestedPartition] as const
const candidates = [candidatesPartition] as const
const candidateLines = ['CANDIDATES#*'] as const
const accountSets = ['ACCOUNTSET#*', 'ACCOUNTS#*'] as const
const clock = [clockPartition] as const
const batches = [batchesPartition, 'BATCH#*'] as const
const looks = [`${lookPartition}*`] as const

/** Partition patterns for permissions: ingestion cannot write reports, and report functions cannot write detections. */
export const partitions = {
  detections,
  changed,
  changes: [...changed, ...changing],
  /** Removed once the change is written. */
  changing,
  summaries: ['SUMMARY#*'],
  sources,
  rejectLists,
  rejected,
  contested,
  candidates,
  candidateLines,
  accountSets,
  clock,
  batches,
  looks,
  history: [historyPartition],
  lookedAt: ['DETECTION#*', 'BODY#*', 'DET#*', 'LINK#*', unplacedPartition, ...batches],
  lookedUp: [...detections, ...contested, ...sources, ...rejected, ...accountSets, 'BATCH#*'],
  intake: [...detections, ...contested, ...sources, ...rejectLists, ...rejected, ...accountSets, ...clock, ...batches],
  reports: ['REPORT#*'],
  deliveries: ['DELIVERY#*'],
  digests: [digestQueuePartition, 'DIGEST#*'],
  tokens: ['TOKEN#*'],
  recipients: [recipientsPartition],
  schedules: [schedulesPartition],
  notes: ['NOTE#*'],
  plates: [platesPartition],
  plateUploads: ['PLATEUPLOAD#*'],
  jobs: ['JOB#*'],
  jobNames: ['JOBNAME#*'],
  asked: ['ASKED#*'],
} as const

export const everyPartition: readonly string[] = [...new Set([...Object.values(partitions).flat(), forgottenPartition])]

export const expiringPartitions: readonly string[] = [
  'BATCH#*',
  ...partitions.looks,
  ...partitions.rejected,
  ...partitions.digests,
  ...partitions.tokens,
  ...partitions.jobs,
  ...partitions.jobNames,
  ...partitions.asked,
  ...partitions.plateUploads,
]

/** Parts and intake steps have no storage instant; the item that they belong to has it. */
const unstamped: readonly string[] = ['BODY#*', 'ACCOUNTS#*', 'BATCH#*']

export const instantPatterns: readonly string[] = [...partitions.intake, ...partitions.notes].filter(
  (pattern) => !unstamped.includes(pattern),
)
