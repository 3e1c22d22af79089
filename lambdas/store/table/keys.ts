/** The table's key layout, which is defined here and nowhere else. */

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

/** Where the revisions of a detection are side by side. */
export type Base = {
  readonly pk: string
  readonly base: string
  /** ISO instants of what the key does not say of a detection over more than a day. */
  readonly from?: string
  readonly to?: string
}

export const headKey = (id: string): Key => ({ pk: `DETECTION#${id}`, sk: 'HEAD' })

/** Sorts below every character that an id may hold, so that one id's revisions never mix with a longer id's. */
const beforeRevision = '\u0001'

/** Revisions sort as numbers do. */
export const revisionKey = ({ pk, base }: Base, revision: number): Key => ({
  pk,
  sk: `${base}${beforeRevision}${padded(revision, 16)}`,
})

/** With what the keys of all revisions at a base begin. */
export const revisionsOf = ({ base }: Base): string => `${base}${beforeRevision}`

/** What `revisionKey` put before the revision. */
export const baseOf = ({ sk }: Key): string => sk.slice(0, sk.lastIndexOf(beforeRevision))

/** Of detections that one item cannot hold, in parts. */
export const bodyPartition = 'BODY#'

export const bodyPartitionOf = (id: string): string => `${bodyPartition}${id}`

/** `of` tells apart what two calls put for one revision, of which one claimed it. */
export const chunkKey = (id: string, revision: number, number: number, of: string): Key => ({
  pk: bodyPartitionOf(id),
  sk: `${padded(revision, 16)}.${of}#${padded(number, 4)}`,
})

/** Why the table would not take a key, in bytes of UTF-8. */
export const faultOfKey = ({ pk, sk }: Key): string | undefined => {
  const fits = Buffer.byteLength(pk) <= 2_048 && Buffer.byteLength(sk) <= 1_024
  return fits
    ? undefined
    : `${JSON.stringify(`${pk.slice(0, 60)}…`)} is longer than what a detection is found by may be (2,048 bytes): shorten it`
}

/** Records that wait for a person's decision, and those that were decided. */
export const contestedPartition = 'CONTESTED'

export const contestedKey = (id: string, sha256: string): Key => ({
  pk: contestedPartition,
  sk: `${id}${beforeRevision}${sha256}`,
})

/** What a machine found and no person has signed, by id. */
export const candidatesPartition = 'CANDIDATES'

/** What reports list of those of a territory, by id: no account and no text. */
export const candidateLinesPartition = (territory: TerritoryCode): string => `CANDIDATES#${territory}`

/** Those of one id. */
export const contestedRange = (id: string) => ({ beginsWith: `${id}${beforeRevision}` })

export const unplacedPartition = 'UNPLACED'
export const sourcesPartition = 'SOURCES'
export const rejectDaysPartition = 'REJECTS'

export const detectionPartition = (territory: TerritoryCode, utcDay: string): string => `DET#${territory}#${utcDay}`

export const ongoingPartition = (territory: TerritoryCode): string => `ONGOING#${territory}`

/** Where a detection first observed at an ISO instant is. */
export const baseAt = (territory: TerritoryCode, from: string, id: string): Base => ({
  pk: detectionPartition(territory, from.slice(0, 10)),
  base: `${from}#${id}`,
})

/** Where a detection is in the time of one of its territories. */
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

/** Everything with this link: by marking, and of each marking by time. */
export const linkPartition = (link: FoundBy): string => `LINK#${linkKey(link)}`

/** Where a detection is among those with a link: `<marking>#<from>#<id>`. */
export const linkBase = (
  link: FoundBy,
  { marking, from, id }: { readonly marking: Marking; readonly from: string; readonly id: string },
): Base => ({ pk: linkPartition(link), base: `${markingSlug(marking)}#${from}#${id}` })

/** Those of a marking that began before an ISO instant. */
export const linkRange = (marking: Marking, before: string): { readonly from: string; readonly to: string } => ({
  from: `${markingSlug(marking)}#`,
  to: `${markingSlug(marking)}#${before}`,
})

/**
 * One item for each UTC day, or month, on which a detection of the territory began or went on: which change was the
 * last.
 */
export const changedPartition = (territory: string): string => `CHANGED#${territory}`

/** Changes of a territory's detections that are being written. */
export const changingPartition = (territory: string): string => `CHANGING#${territory}`

/**
 * The territory of a partition that holds detections in time, and the UTC day where it is of one; undefined of any
 * other.
 */
export const timeOfPartition = (pk: string): { readonly territory: string; readonly day?: string } | undefined => {
  const [kind, territory, day] = pk.split('#')
  if (territory === undefined) return undefined
  if (kind === 'DET' && day !== undefined) return { territory, day }
  return kind === 'ONGOING' ? { territory } : undefined
}

export const summaryPartition = (territory: SubjectCode): string => `SUMMARY#${territory}`

/** What a report needs of a period before it: its figures, the names that were seen in it, and what is followed. */
export const summaryKeys = (edition: Edition) => {
  const pk = summaryPartition(edition.territory)
  const sort = editionSort(edition)
  const keyOf = (what: string): Key => ({ pk, sk: `${sort}${what}` })
  return {
    figures: keyOf('figures'),
    names: keyOf('names'),
    /** What was seen, in as many items as it takes; from 0. */
    threads: (number: number): Key => keyOf(`threads#${String(number).padStart(3, '0')}`),
  }
}

/** The UTC days that a stretch of time touches. */
export const utcDays = (from: number, to: number): readonly string[] => {
  const days: string[] = []
  const day = 86_400_000
  for (let at = Math.floor(from / day) * day; at < to; at += day) days.push(new Date(at).toISOString().slice(0, 10))
  return days
}

/** One item for each revision of a set of accounts. */
export const accountSetPartition = (id: string): string => `ACCOUNTSET#${id}`

export const accountSetKey = (id: string, revision: number): Key => ({
  pk: accountSetPartition(id),
  sk: padded(revision, 16),
})

export const accountsPartition = 'ACCOUNTS#'

/** Where the accounts of a set are, in parts, by the hash of what the set holds. */
export const accountsPartKey = (sha256: string, number: number): Key => ({
  pk: `${accountsPartition}${sha256}`,
  sk: padded(number, 4),
})

export const rejectedPartition = 'REJECTED#'

/** The reject itself. */
export const rejectKey = (rejectId: string): Key => ({ pk: `${rejectedPartition}${rejectId}`, sk: 'HEAD' })

/**
 * Which rejects are of one record, as far as it is known by its id, or by its line in a file; of one sender, or of all.
 */
export const rejectsOfKey = (of: {
  readonly sender?: string | undefined
  readonly id?: string
  readonly row?: string
}): Key => ({
  pk: `${rejectedPartition}OF#${sha256(canonicalJson(of)).slice(0, 32)}`,
  sk: 'HEAD',
})

/** The list of those that first came on a day. */
export const rejectPartition = (utcDay: string): string => `REJECT#${utcDay}`

/** By time, and in the order of the file. */
export const rejectSort = (rejectedAt: string, offset: number, rejectId: string): string =>
  `${rejectedAt}#${padded(offset, 16)}#${rejectId}`

/** What the records of one marking said of a detector; a name alone where that was not noted. */
export const sourceKey = (detector: string, marking: Marking): Key => ({
  pk: sourcesPartition,
  sk: `${detector}${beforeRevision}${markingSlug(marking)}`,
})

export const detectorIn = (sourceSort: string): string => sourceSort.split(beforeRevision)[0] ?? ''

/** One item for each delivery, `<instant>#<batch>`, and for each word that it ran, `<instant>#ran`. */
export const sourceInputsPartition = (detector: string): string => `SOURCE#${detector}`

export const notePartition = (territory: SubjectCode): string => `NOTE#${territory}`

export const noteSort = (period: string, writtenAt: string): string => `${period}#${writtenAt}`

/** Records of evidence plates, by the hash of the stored picture. */
export const platesPartition = 'PLATES'

export const plateKey = (sha256: string): Key => ({ pk: platesPartition, sk: sha256 })

/** What was said of a picture that is uploaded. */
export const plateUploadKey = (id: string): Key => ({ pk: `PLATEUPLOAD#${id}`, sk: 'HEAD' })

export const reportPartition = (territory: SubjectCode): string => `REPORT#${territory}`

/** One item for each campaign that has a dossier, by its code: the name is in the versions, whose marking it has. */
export const campaignsPartition = 'REPORT#campaigns'

export const campaignKey = (code: CampaignCode): Key => ({ pk: campaignsPartition, sk: code })

/** One item for each flash note, by its code: what it is about is in the versions. */
export const flashPartition = 'REPORT#flash'

export const flashKey = (code: FlashCode): Key => ({ pk: flashPartition, sk: code })

const cadenceLetters = { week: 'W', month: 'M', quarter: 'Q', year: 'Y', range: 'R' } as const

/** The reports of a cadence; with a day those of periods that begin by it, which sort up to `to`. */
export const cadenceRange = (cadence: Cadence, day = '9'): { readonly from: string; readonly to: string } => ({
  from: `${cadenceLetters[cadence]}#`,
  to: `${cadenceLetters[cadence]}#${day}~`,
})

/** Sorts by time within a cadence; two ranges may begin on one day, so theirs holds the last one too. */
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

/** What persons have set of schedules. */
export const schedulesPartition = 'SCHEDULES'

export const deliveryPartition = (territory: SubjectCode, period: string): string => `DELIVERY#${territory}#${period}`

/** By edition, version and recipient; the beginning of those of an edition where no more is said. */
export const deliverySort = (cap: Marking, version?: number, recipient = ''): string =>
  version === undefined ? `${markingSlug(cap)}#` : `${markingSlug(cap)}#${padded(version, 4)}#${recipient}`

/** Deliveries that wait for their reader's next digest, by their name. */
export const digestQueuePartition = 'DIGEST'

/** The digests that a reader got, by day. */
export const digestPartition = (recipient: string): string => `DIGEST#${recipient}`

/** What readers answered, by time. */
export const answersPartition = 'ANSWERS'

/** How many answers came by a delivery's link: an item for each. */
export const answerCountPartition = (delivery: string): string => `ANSWERS#${delivery}`

/** What a token opens, and the one-time code asked for with it. */
export const tokenPartition = (hash: string): string => `TOKEN#${hash}`

/** One item for each account that was forgotten, which does not say which. */
export const forgottenPartition = 'FORGOTTEN'

/** The intakes, by name. */
export const batchesPartition = 'BATCHES'

/** What undoing an intake needs: its steps, the heads that it revised, what was said of its detectors before. */
export const batchPartition = (name: string): string => `BATCH#${name}`

export const revisedHeadKey = (batch: string, id: string): Key => ({ pk: batchPartition(batch), sk: `HEAD#${id}` })

export const changedSourceKey = (batch: string, source: Key): Key => ({
  pk: batchPartition(batch),
  sk: `SOURCE#${source.sk}`,
})

/** What is known of the clocks by which all this was stored. */
export const clockPartition = 'CLOCK'

/** A report that was asked for. */
export const jobKey = (id: string): Key => ({ pk: `JOB#${id}`, sk: 'STATE' })

/** What a caller's key stands for, by the hash of both. */
export const jobNameKey = (hash: string): Key => ({ pk: `JOBNAME#${hash}`, sk: 'NAME' })

/** The jobs that a caller asked for within an hour, by the hash of who it is. */
export const askedKey = (hash: string, hour: string): Key => ({ pk: `ASKED#${hash}`, sk: hour })

/** The files that one person looks at before they are stored, by the hash of who it is. */
export const lookPartitionOf = (author: string): string => `${lookPartition}${sha256(author).slice(0, 32)}`

export const lookPartition = 'LOOK#'

/** Whose turn it is to store a file that was looked at. */
export const storingTurnKey: Key = { pk: `${lookPartition}TURN`, sk: 'HEAD' }

/** What persons did to what is stored, by instant. */
export const historyPartition = 'HISTORY'

/** Requests that wait on this machine, by when they came. */
export const waitingPartition = 'WAITING'

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

/**
 * Which partitions belong to what, as patterns: the functions that take detections in write none of the reports', and
 * the other way round.
 */
export const partitions = {
  detections,
  /** Written with every change of detections. */
  changes: [...changed, ...changing],
  /** Taken out again once the change is written. */
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
  /** Files that somebody looks at before they are stored. */
  looks,
  history: [historyPartition],
  /** What looking at detections reads: by id, in time, by a link, by an intake, and those that belong nowhere yet. */
  lookedAt: ['DETECTION#*', 'BODY#*', 'DET#*', 'LINK#*', unplacedPartition, ...batches],
  /** What taking records in looks up. */
  lookedUp: [...detections, ...contested, ...sources, ...rejected, ...accountSets, 'BATCH#*'],
  intake: [...detections, ...contested, ...sources, ...rejectLists, ...rejected, ...accountSets, ...clock, ...batches],
  reports: ['REPORT#*'],
  deliveries: ['DELIVERY#*'],
  digests: [digestQueuePartition, 'DIGEST#*'],
  answers: [answersPartition],
  answerCounts: ['ANSWERS#*'],
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

/** Every partition of a stage's table. */
export const everyPartition: readonly string[] = [...new Set([...Object.values(partitions).flat(), forgottenPartition])]

/** Those whose items have an end: `expiresAt`. */
export const expiringPartitions: readonly string[] = [
  'BATCH#*',
  ...partitions.looks,
  ...partitions.rejected,
  ...partitions.digests,
  ...partitions.answers,
  ...partitions.answerCounts,
  ...partitions.tokens,
  ...partitions.jobs,
  ...partitions.jobNames,
  ...partitions.asked,
  ...partitions.plateUploads,
]

/** Parts of longer texts and steps of intakes: they do not say when they were stored, what they are parts of does. */
const unstamped: readonly string[] = ['BODY#*', 'ACCOUNTS#*', 'BATCH#*']

/** Partitions of all that says when it was stored, the clock's own among them. */
export const instantPatterns: readonly string[] = [...partitions.intake, ...partitions.notes].filter(
  (pattern) => !unstamped.includes(pattern),
)
