/**
 * What each command prints with `--json`, by the command's words. `run` and `printOutcome` take nothing else of a
 * command, and `npm run docs` writes docs/reference/cli.schema.json from here.
 */
import type { DayCount, Totals } from '../../lambdas/domain/aggregate/tally.ts'
import type { DeadLetter, LetterQueue } from '../../lambdas/domain/checkup/dead-letter.ts'
import type { Finding } from '../../lambdas/domain/checkup/finding.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { SubjectCode, TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import type { Answer } from '../../lambdas/domain/delivery/answer.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import type { Taxonomy, TaxonomyIdentity } from '../../lambdas/domain/detection/frameworks/disarm.ts'
import type { Kind } from '../../lambdas/domain/detection/kinds.ts'
import type { Correction } from '../../lambdas/domain/detection/revisions/correction.ts'
import type { Counts } from '../../lambdas/domain/looking/counts.ts'
import type { Plate } from '../../lambdas/domain/plate/plate.ts'
import type { Note } from '../../lambdas/domain/report/note.ts'
import type { ScheduleSetting } from '../../lambdas/domain/report/schedule.ts'
import type { ProposedMapping } from '../../lambdas/intake/csv/propose.ts'
import type { Contested } from '../../lambdas/store/detections/contested.ts'
import type { Redacted } from '../../lambdas/store/detections/redaction.ts'
import type { Batch } from '../../lambdas/store/intake/batches.ts'
import type { Candidate } from '../../lambdas/store/intake/candidates.ts'
import type { KeptReject } from '../../lambdas/store/intake/rejects.ts'
import type { VersionEntry } from '../../lambdas/store/reports/reports.ts'
import type { ShownAnswer } from '../../lambdas/usecases/answers.ts'
import type { Reindexed } from '../../lambdas/usecases/archive/reindex-archive.ts'
import type { ArchiveProblem, Verification } from '../../lambdas/usecases/archive/verify-archive.ts'
import type { DeliverySummary } from '../../lambdas/usecases/delivery/deliver-report.ts'
import type { ListedDelivery } from '../../lambdas/usecases/delivery/manage-deliveries.ts'
import type { ImportedRecipients } from '../../lambdas/usecases/delivery/manage-recipients.ts'
import type { RedriveResult, Redriven } from '../../lambdas/usecases/delivery/redrive.ts'
import type { DigestSummary } from '../../lambdas/usecases/delivery/send-digests.ts'
import type { DecidedCandidates } from '../../lambdas/usecases/detect/decide-candidates.ts'
import type { DetectResult } from '../../lambdas/usecases/detect/detect-in-files.ts'
import type { Explanation } from '../../lambdas/usecases/detections/explain-detection.ts'
import type { FoundPage } from '../../lambdas/usecases/detections/find-detections.ts'
import type { SearchAnswer } from '../../lambdas/usecases/detections/search-detections.ts'
import type { Shown } from '../../lambdas/usecases/detections/view.ts'
import type { CheckedRecord } from '../../lambdas/usecases/ingest/check-detections.ts'
import type { Settled } from '../../lambdas/usecases/ingest/edit/decide-contested.ts'
import type { IngestTally } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import type { Retried } from '../../lambdas/usecases/ingest/retry-rejects.ts'
import type { UndoneBatch } from '../../lambdas/usecases/ingest/undo-batch.ts'
import type { ExpiredPlate } from '../../lambdas/usecases/plates/expire-plates.ts'
import type { DraftMade, Drafting } from '../../lambdas/usecases/reports/flash/draft-flashes.ts'
import type { FlashListed } from '../../lambdas/usecases/reports/flash/list-flash.ts'
import type { FailedReport, PausedReport } from '../../lambdas/usecases/reports/weekly-run.ts'
import type { Done } from '../../lambdas/usecases/todo/history.ts'

export type TaxonomySummary = TaxonomyIdentity & {
  readonly tactics: number
  readonly techniques: number
  /** With a French name. */
  readonly inFrench: { readonly tactics: number; readonly techniques: number }
  readonly removed: { readonly replaced: number; readonly withoutEquivalent: number }
}

/**
 * What vigie prints with --json: each command's answer under its words, with hyphens between them. In place of any of
 * them stands *error* where a command failed as a whole (exit code 1) or was used wrongly (2); where parts failed, the
 * answer tells of them and the exit code is 1. Later versions may add fields, and take none away.
 */
export type Answers = CommandAnswers & { error: ErrorAnswer }

/** By the command's words after `vigie`. */
export type CommandAnswers = {
  /** A reader's answer, and how it was dealt with. */
  'answers close': Answer
  /** What readers answered, the oldest first. */
  'answers list': readonly ShownAnswer[]
  /** Problems are what is no object of the archive, or not as its manifest says. */
  'archive copy': {
    readonly versions: number
    readonly copied: number
    readonly there: number
    readonly bytes: number
    readonly problems: readonly ArchiveProblem[]
    readonly signaturesChecked: boolean
  }
  /** The key that proves the archive's signatures. */
  'archive key': { readonly fingerprint: string; readonly pem: string }
  /** Every version of every report. */
  'archive list': readonly ListedVersion[]
  /** A version taken back, and who got it. */
  'archive recall': {
    readonly id: string
    readonly recalled: VersionEntry['recalled']
    /** It was recalled before. */
    readonly already: boolean
    readonly receivedBy: readonly Receiver[]
  }
  /** What signed manifests have put back into the index. */
  'archive reindex': {
    readonly indexed: number
    readonly unchanged: number
    readonly refused: number
    readonly versions: readonly Reindexed[]
    /** What no manifest tells of. */
    readonly notRebuilt: readonly string[]
  }
  /** Whether all is as it was archived and signed. */
  'archive verify': Verification & {
    /** How many periods were counted again, by `--recount`. */
    readonly summaries?: number
  }
  /** What waits for a decision; with `--all` what was decided too. */
  'candidates list': readonly ListedCandidate[]
  'candidates refuse': DecidedCandidates
  /** One with its accounts, what they shared, and the detection that it would become. */
  'candidates show': Candidate
  'candidates sign': DecidedCandidates
  'contested accept': Settled
  'contested list': readonly ListedContested[]
  'contested refuse': Settled
  /** What became of a person's word on single fields, with all that hold. */
  correct: {
    readonly id: string
    readonly outcome: 'revised' | 'duplicate' | 'contested'
    readonly batch: string
    readonly corrections: readonly Correction[]
    /** What persons had said before of the same fields. */
    readonly over: readonly Pick<Correction, 'field' | 'by' | 'at'>[]
  }
  'deliveries digest': Digested
  'deliveries list': readonly ListedDelivery[]
  'deliveries resend': Delivered
  'deliveries show': ListedDelivery
  /** What the samples gave. */
  demo: {
    readonly ingested: IngestedSamples
    readonly reports: readonly ReportAnswer[]
    readonly national: readonly ReportAnswer[]
    readonly failed: readonly FailedReport[]
  }
  /** What was found in posts; nothing of it counts before it is signed. */
  detect: DetectResult
  /** A page of them; with `--counts`, how many there are of what. */
  'detections list': DetectionPage | Counts
  'detections search': DetectionPage & Pick<SearchAnswer, 'by' | 'meant'>
  'detections show': Shown
  /** Each thing that was looked at, and what mends it. */
  doctor: { readonly ok: boolean; readonly findings: readonly Finding[] }
  /** As `report`, on a campaign. */
  dossier: ReportAnswer & WithDelivery
  /** How a detection came, where it is placed, where it counts and why, and which versions show it. */
  explain: Explanation
  /** As `report`, on one to three detections. It is mailed once it is approved. */
  flash: ReportAnswer
  /** Each edition that was approved, and what became of its mails. */
  'flash approve': readonly ApprovedFlash[]
  /** What the house's rule had drafted now. */
  'flash draft': Drafting
  /** Each edition by its newest version; the newest first. */
  'flash list': readonly FlashListed[]
  /** Each edition that was refused: it is recalled. */
  'flash refuse': readonly RefusedFlash[]
  /**
   * Of an account; with `--expired`, how many items had passed their time; with `--noted`, when accounts were taken
   * out.
   */
  forget: Redacted | { readonly expired: number } | readonly (Redacted & { readonly at: string })[]
  /** What became of the records; with `--check`, what each would become. */
  ingest: IngestResult | CheckedIngest
  /** The newest first. */
  history: readonly Done[]
  'ingest list': readonly Batch[]
  'ingest undo': UndoneBatch
  /** What the columns of a table mean, and the file in which that was written. */
  map: ProposedMapping & { readonly out: string }
  'note add': NoteAnswer
  /** The newest last. */
  'note list': readonly Note[]
  /** The plate; false where it was there already. */
  'plates add': Plate & { readonly isNew: boolean }
  /** Those that go, or with `--check` would, with the ids of the archived versions that hold each. */
  'plates expire': readonly ExpiredPlate[]
  /** With the ids of the archived versions that hold the picture. */
  'plates forget': Plate & {
    /** It was removed before. */
    readonly already: boolean
    readonly shownBy: readonly string[]
  }
  'plates list': readonly Plate[]
  /** Versions that are recalled, and how many readers got each, or may have. */
  'plates recall': readonly { readonly id: string; readonly receivers: number }[]
  'plates show': Plate & { readonly shownBy: readonly string[] }
  /** Printed once it ends. */
  preview: { readonly url: string }
  'recipients add': Recipient
  'recipients import': ImportedRecipients
  /** Those who left too. */
  'recipients list': readonly Recipient[]
  'recipients remove': Recipient
  'recipients update': Recipient
  /** The dead letters of a stage, by queue. */
  redrive: readonly RedriveAnswer[]
  'rejects drop': { readonly dropped: readonly string[]; readonly failed: readonly string[] }
  /** With the records themselves. */
  'rejects export': readonly Omit<KeptReject, 'fault'>[]
  'rejects list': readonly OpenReject[]
  'rejects retry': Retried
  /** The report that was made, or the version that says the same. */
  report: ReportAnswer & WithDelivery
  /** Printed once it ends. */
  serve: { readonly url: string }
  /** Every schedule, or those that are paused; what holds now, and all that was ever set. */
  'schedules list': readonly ListedSchedule[]
  'schedules pause': readonly ListedSchedule[]
  'schedules resume': readonly ListedSchedule[]
  'sources list': readonly ListedSource[]
  'sources mark': {
    readonly name: string
    /** Null where it stays. */
    readonly marking: Marking | null
    /** Null for all, or where the marking stays. */
    readonly territories: readonly TerritoryCode[] | null
    /** Null where it stays. */
    readonly rhythm: string | null
  }
  'taxonomy show': TaxonomySummary & { readonly taxonomy: Taxonomy }
  'unplaced list': readonly ListedUnplaced[]
  'unplaced place': { readonly id: string; readonly territories: readonly TerritoryCode[] }
  /**
   * Every territory's, the national edition, groups that recipients wait for, and earlier weeks that late data changed.
   */
  weekly: {
    readonly reports: readonly ReportAnswer[]
    readonly national: readonly ReportAnswer[]
    readonly groups: readonly ReportAnswer[]
    readonly reissued: readonly ReportAnswer[]
    readonly failed: readonly FailedReport[]
    /** Not made: a person has paused them (`vigie schedules`). */
    readonly paused: readonly PausedReport[]
    readonly delivered: readonly Delivered[]
    /** What became of digests, where they were sent here. */
    readonly digests?: DigestSummary
  }
  withdraw: {
    readonly id: string
    readonly withdrawn: true
    /** It was withdrawn before. */
    readonly already: boolean
    /** Detections that were parts of it, and count for themselves now. */
    readonly parts: readonly string[]
  }
}

export type ErrorAnswer = { readonly error: { readonly message: string } }

/** A report's figures and files in short; report.json among its files is the whole (docs/reference/report.schema.json). */
export type ReportAnswer = {
  readonly id: string
  readonly territory: SubjectCode
  /** Of a dossier: its name. */
  readonly campaign?: string
  /** Of a flash note: until when it holds. */
  readonly until?: string
  readonly period: string
  readonly cap: Marking
  readonly marking: Marking
  readonly version: number
  /** False where a version that says the same stood already. */
  readonly isNew: boolean
  readonly asOf: string
  readonly reconstructed: boolean
  readonly snapshotSha256: string
  readonly totals: Totals
  /** As report.json has them. */
  readonly days: readonly DayCount[]
  /** How many detections count here and on none of the days; with the posts that are in no day either. */
  readonly undated: number
  readonly undatedPosts: number | null
  /** Their ids. */
  readonly undatedHere: readonly string[]
  readonly ongoing: readonly string[]
  /** How many are marked above the cap, where the edition shows that: nothing else of them is here. */
  readonly withheld?: number | undefined
  /** The same as of the request: a version is not made anew for this number alone. */
  readonly withheldByNow: number
  readonly files: readonly {
    readonly name: string
    readonly path: string
    readonly bytes: number
    readonly sha256: string
  }[]
  /** Whole milliseconds by step. */
  readonly timings: Readonly<Record<string, number>>
}

export type ApprovedFlash = Pick<VersionEntry, 'territory' | 'period' | 'cap' | 'version'> & {
  readonly at: string
  readonly by: string
  /** Left out with `--no-deliver`. */
  readonly delivered?: Delivered
}

export type RefusedFlash = Pick<VersionEntry, 'territory' | 'period' | 'cap' | 'version'> & { readonly by: string }

type WithDelivery = {
  /** What became of its mails, with `--deliver`. */
  readonly delivered?: Delivered
}

/** A version as the index has it; what stands of marking and totals is of one that was published or held. */
export type ListedVersion = Pick<
  VersionEntry,
  'territory' | 'period' | 'cap' | 'version' | 'state' | 'asOf' | 'reconstructed' | 'snapshotSha256'
> &
  Partial<NonNullable<VersionEntry['published']>> & {
    readonly id: string
    readonly reason?: VersionEntry['reason'] | undefined
    readonly recalled?: VersionEntry['recalled'] | undefined
    /** Where its manifest is. */
    readonly manifest: string
  }

/** Who got a version, or may have. */
type Receiver = Pick<ListedDelivery, 'recipient' | 'address' | 'state'> & { readonly delivery: string }

/** A candidate without its detection, of which some is told. */
export type ListedCandidate = Omit<Candidate, 'detection' | 'lines' | 'shared'> & {
  readonly title: string
  readonly kind: Kind
  readonly detector: string
  readonly observed: Candidate['detection']['observed']
  readonly territories: readonly TerritoryCode[]
  readonly marking: Marking
  readonly posts: number | null
  readonly accounts: number | null
}

/** A schedule as it stands now. */
export type ListedSchedule = ScheduleSetting & {
  readonly state: 'made' | 'paused'
  /** When it is due next: ISO instant. */
  readonly next: string
}

/** A record that waits for a decision. */
export type ListedContested = {
  readonly id: string
  readonly detector: string
  readonly marking: Marking
  readonly reason: string
  /** Of what stands; null where that was withdrawn. */
  readonly revision: number | null
  /** What accepting it would change: as a cell of a sheet says it, and as JSON what no cell says; empty for none. */
  readonly fields: readonly { readonly field: string; readonly stored: string; readonly accepted: string }[]
  /** Who asked for it, where it is no record of a detector. */
  readonly asked?: string | undefined
  /** Corrections that would be known more widely by its lower marking. */
  readonly keeps: readonly { readonly field: string; readonly by: string }[]
  /** The intake in which it first came. */
  readonly batch?: string | undefined
  readonly storedAt: string
}

export type IngestResult = Omit<IngestTally, 'batch' | 'receipt' | 'failure' | 'storeFailed'> & {
  /** One for each file. */
  readonly batches: readonly { readonly batch: string; readonly file: string; readonly read: number }[]
  /** STIX objects that no detection uses, by type. */
  readonly unused: Readonly<Record<string, number>>
  /** What else is odd in the files, in plain words, and how often. */
  readonly noted: Readonly<Record<string, number>>
  /** Files that could not be read, or not to their end. */
  readonly failed: readonly { readonly file: string; readonly message: string }[]
  /** Flash notes that the house's rule had drafted, where it has one. */
  readonly drafts?: readonly DraftMade[]
}

export type IngestedSamples = Omit<IngestResult, 'batches' | 'unused' | 'noted' | 'drafts'>

export type Delivered = {
  /** In one line. */
  readonly line: string
  /** How many recipients this edition is for. */
  readonly readers: number
  /** What became of its mails, where they were sent here. */
  readonly summary?: DeliverySummary
}

export type Digested = {
  /** In one line. */
  readonly line: string
  /** What became of them, where they were sent here. */
  readonly summary?: DigestSummary
}

/** A page of stored detections, the newest first. */
export type DetectionPage = Omit<FoundPage, 'next'> & {
  /** For `--after`; null on the last page. */
  readonly next: string | null
}

/** As an ingest, and nothing is stored. */
export type CheckedIngest = Omit<IngestResult, 'batches' | 'rejects' | 'contests' | 'drafts'> & {
  /** The first thousand. */
  readonly records: readonly CheckedRecord[]
}

/** Without its judgement. */
type NoteAnswer = Omit<Note, 'text'>

type RedriveAnswer = Omit<RedriveResult, 'letters'> & {
  readonly queue: LetterQueue
  readonly letters: readonly ListedLetter[]
}

export type ListedLetter = DeadLetter & Pick<Redriven, 'did' | 'why'> & { readonly keptUntil: string }

/** A reject without its record. */
type OpenReject = Omit<KeptReject, 'raw' | 'fault'>

/** A detector, and up to which marking it may be known. */
export type ListedSource = {
  readonly name: string
  /** A person has said what it is. */
  readonly byHand: boolean
  /** Null where it has declared none: it is AMBER then. */
  readonly declared: Marking | null
  /** What it watches; null for all. */
  readonly territories: readonly TerritoryCode[] | null
  /** What is expected of it, an ISO 8601 duration; null where nothing is. */
  readonly rhythm: string | null
  /** Nothing came for more than twice its rhythm. */
  readonly silent: boolean
  readonly lastInput: string | null
}

/** A detection that waits for a place. */
export type ListedUnplaced = {
  readonly id: string
  readonly title: string
  readonly observed: Contested['detection']['observed']
  readonly detector: string
  readonly storedAt: string
  /** What the record says of its place. */
  readonly written: readonly string[]
  /** What that may mean: nothing is taken of it. */
  readonly meant: readonly SubjectCode[]
}
