/** The `--json` value of each command. `vigie COMMAND --schema` prints the schema of one. */
import type { ProgramToken } from '../../lambdas/domain/access/program-token.ts'
import type { DayCount, Totals } from '../../lambdas/domain/aggregate/tally.ts'
import type { DeadLetter, LetterQueue } from '../../lambdas/domain/checkup/dead-letter.ts'
import type { Finding } from '../../lambdas/domain/checkup/finding.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { SubjectCode, TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import type { Taxonomy, TaxonomyIdentity } from '../../lambdas/domain/detection/frameworks/disarm.ts'
import type { Correction } from '../../lambdas/domain/detection/revisions/correction.ts'
import type { Counts } from '../../lambdas/domain/looking/counts.ts'
import type { Plate } from '../../lambdas/domain/plate/plate.ts'
import type { Note } from '../../lambdas/domain/report/note.ts'
import type { ScheduleSetting } from '../../lambdas/domain/report/schedule.ts'
import type { ProposedMapping } from '../../lambdas/intake/csv/propose.ts'
import type { Redacted } from '../../lambdas/store/detections/redaction.ts'
import type { Batch } from '../../lambdas/store/intake/batches.ts'
import type { KeptReject } from '../../lambdas/store/intake/rejects.ts'
import type { VersionEntry } from '../../lambdas/store/reports/reports.ts'
import type { Reindexed } from '../../lambdas/usecases/archive/reindex-archive.ts'
import type { ArchiveProblem, Verification } from '../../lambdas/usecases/archive/verify-archive.ts'
import type { DeliverySummary } from '../../lambdas/usecases/delivery/deliver-report.ts'
import type { ListedDelivery } from '../../lambdas/usecases/delivery/manage-deliveries.ts'
import type { ImportedRecipients } from '../../lambdas/usecases/delivery/manage-recipients.ts'
import type { RedriveResult, Redriven } from '../../lambdas/usecases/delivery/redrive.ts'
import type { DigestSummary } from '../../lambdas/usecases/delivery/send-digests.ts'
import type { DetectResult } from '../../lambdas/usecases/detect/detect-in-files.ts'
import type { Explanation } from '../../lambdas/usecases/detections/explain-detection.ts'
import type { FoundPage } from '../../lambdas/usecases/detections/find-detections.ts'
import type { SearchAnswer } from '../../lambdas/usecases/detections/search-detections.ts'
import type { Shown } from '../../lambdas/usecases/detections/view.ts'
import type { CheckedRecord } from '../../lambdas/usecases/ingest/check-detections.ts'
import type { IngestTally } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import type { Retried } from '../../lambdas/usecases/ingest/retry-rejects.ts'
import type { UndoneBatch } from '../../lambdas/usecases/ingest/undo-batch.ts'
import type { FlashListed } from '../../lambdas/usecases/reports/flash/list-flash.ts'
import type { FailedReport, PausedReport } from '../../lambdas/usecases/reports/weekly-run.ts'
import type { Expired } from '../../lambdas/usecases/retention/expire-all.ts'
import type { SearchedAccount } from '../../lambdas/usecases/retention/forget-account.ts'
import type { Done } from '../../lambdas/usecases/todo/history.ts'
import type { InboxKind } from '../../lambdas/usecases/todo/inbox.ts'

export type TaxonomySummary = TaxonomyIdentity & {
  readonly tactics: number
  readonly techniques: number
  readonly inFrench: { readonly tactics: number; readonly techniques: number }
  readonly removed: { readonly replaced: number; readonly withoutEquivalent: number }
}

/**
 * The `--json` output of vigie, by command words joined by hyphens. A command that failed as a whole (exit code 1) or
 * was used wrongly (2) prints *error* instead. Partial failures are listed in the answer (exit code 1). Later versions
 * may add fields but remove none.
 */
export type Answers = CommandAnswers & { error: ErrorAnswer }

export type CommandAnswers = {
  /** Oldest first. */
  /** Problems: files that are no archive objects, or that differ from their manifest. */
  'archive copy': {
    readonly versions: number
    readonly copied: number
    readonly there: number
    readonly bytes: number
    readonly problems: readonly ArchiveProblem[]
    readonly signaturesChecked: boolean
  }
  'archive key': { readonly fingerprint: string; readonly pem: string }
  'archive list': readonly ListedVersion[]
  'archive recall': {
    readonly id: string
    readonly recalled: VersionEntry['recalled']
    readonly already: boolean
    readonly receivedBy: readonly Receiver[]
  }
  'archive reindex': {
    readonly indexed: number
    readonly unchanged: number
    readonly refused: number
    readonly versions: readonly Reindexed[]
    /** Data that no manifest contains. */
    readonly notRebuilt: readonly string[]
  }
  'archive verify': Verification & {
    /** Periods counted again by `--recount`. */
    readonly summaries?: number
  }
  /** Includes all corrections in force. */
  correct: {
    readonly id: string
    readonly outcome: 'revised' | 'duplicate' | 'contested'
    readonly batch: string
    readonly corrections: readonly Correction[]
    /** Earlier corrections of the same fields. */
    readonly over: readonly Pick<Correction, 'field' | 'by' | 'at'>[]
  }
  'deliveries digest': Digested
  'deliveries list': readonly DeliveryHere[]
  'deliveries resend': Delivered
  'deliveries show': DeliveryHere
  demo: {
    readonly ingested: IngestedSamples
    readonly reports: readonly ReportAnswer[]
    readonly national: readonly ReportAnswer[]
    readonly failed: readonly FailedReport[]
  }
  /** Candidates do not count until signed. */
  detect: DetectResult
  /** `Counts` with `--counts`. */
  'detections list': DetectionPage | Counts
  'detections search': DetectionPage & Pick<SearchAnswer, 'by' | 'meant'>
  'detections show': Shown
  doctor: { readonly ok: boolean; readonly findings: readonly Finding[] }
  dossier: ReportAnswer & WithDelivery
  explain: Explanation
  /** Texts in ICU's message format. */
  faults: readonly { readonly code: string; readonly en: string; readonly fr: string }[]
  /** Mailed once approved. */
  flash: ReportAnswer
  'flash approve': readonly ApprovedFlash[]
  /** The newest version of each edition, newest first. */
  'flash list': readonly FlashListed[]
  /** Refused editions are recalled. */
  'flash refuse': readonly RefusedFlash[]
  /** `expired` and the kinds of `retention` with `--expired`; earlier removals with `--noted`. */
  forget: (Redacted & SearchedAccount) | Expired | readonly (Redacted & { readonly at: string })[]
  /** With `--check`, the expected outcomes. */
  ingest: IngestResult | CheckedIngest
  /** Newest first. */
  history: readonly Done[]
  'inbox accept': InboxActed
  'inbox fix': InboxActed
  /** Oldest first. */
  'inbox list': readonly ListedInbox[]
  'inbox refuse': InboxActed
  /** `item` is all that is stored of it. */
  'inbox show': ListedInbox & { readonly item: unknown }
  'ingest list': readonly Batch[]
  'ingest undo': UndoneBatch
  map: ProposedMapping & { readonly out: string }
  'note add': NoteAnswer
  /** Newest last. */
  'note list': readonly Note[]
  /** `isNew` is false for an image stored before. */
  'plates add': Plate & { readonly isNew: boolean }
  'plates forget': Plate & {
    readonly already: boolean
    readonly shownBy: readonly string[]
  }
  'plates list': readonly Plate[]
  /** `receivers` counts readers who got the version or may have. */
  'plates recall': readonly { readonly id: string; readonly receivers: number }[]
  'plates show': Plate & { readonly shownBy: readonly string[] }
  /** Printed at the end. */
  preview: { readonly url: string }
  'recipients add': Recipient
  'recipients import': ImportedRecipients
  /** Includes recipients who left. */
  'recipients list': readonly Recipient[]
  'recipients remove': Recipient
  'recipients update': Recipient
  redrive: readonly RedriveAnswer[]
  /** Includes the records. */
  'rejects export': readonly Omit<KeptReject, 'fault'>[]
  'rejects retry': Retried
  /** An existing version if its content is the same. */
  report: ReportAnswer & WithDelivery
  /** Printed at the end. */
  serve: { readonly url: string }
  run: { readonly url: string }
  backup: { readonly folder: string }
  /** Includes all changes ever made. */
  'schedules list': readonly ListedSchedule[]
  'schedules pause': readonly ListedSchedule[]
  'schedules resume': readonly ListedSchedule[]
  'sources list': readonly ListedSource[]
  'sources mark': {
    readonly name: string
    /** Null if unchanged. */
    readonly marking: Marking | null
    /** Null for all, or if the marking is unchanged. */
    readonly territories: readonly TerritoryCode[] | null
    /** Null if unchanged. */
    readonly rhythm: string | null
  }
  'taxonomy show': TaxonomySummary & { readonly taxonomy: Taxonomy }
  /** The only answer with the token itself. */
  'tokens add': ProgramToken & { readonly token: string }
  /** Includes expired and revoked tokens. */
  'tokens list': readonly ProgramToken[]
  'tokens revoke': ProgramToken
  /** Includes groups with recipients, and earlier weeks changed by late data. */
  weekly: {
    readonly reports: readonly ReportAnswer[]
    readonly national: readonly ReportAnswer[]
    readonly groups: readonly ReportAnswer[]
    readonly reissued: readonly ReportAnswer[]
    readonly failed: readonly FailedReport[]
    /** Reports paused by an operator (`vigie schedules`). */
    readonly paused: readonly PausedReport[]
    readonly delivered: readonly Delivered[]
    /** Absent for a stage. */
    readonly digests?: DigestSummary
  }
  withdraw: {
    readonly id: string
    readonly withdrawn: true
    readonly already: boolean
    /** Parts that now count separately. */
    readonly parts: readonly string[]
  }
}

export type ErrorAnswer = { readonly error: { readonly message: string } }

export type ListedInbox = {
  readonly key: string
  readonly kind: InboxKind
  readonly since: string
  /** The intake that it came with. */
  readonly batch?: string
  readonly title: string
  /** An unplaced record's words for its place. */
  readonly written?: readonly string[]
  /** Their possible meanings, none applied. */
  readonly meant?: readonly TerritoryCode[]
  readonly why: string
  /** What happens if nobody acts. */
  readonly otherwise: string
}

export type InboxActed = {
  /** `lines`: as printed. */
  readonly settled: readonly {
    readonly key: string
    /** Id under which a contested record is stored. */
    readonly under?: string
    readonly lines: readonly string[]
  }[]
  readonly failed: readonly { readonly key: string; readonly message: string }[]
}

/** A summary; report.json is complete (docs/reference/report.schema.json). */
export type ReportAnswer = {
  readonly id: string
  readonly territory: SubjectCode
  readonly campaign?: string
  /** End of validity. */
  readonly until?: string
  readonly period: string
  readonly cap: Marking
  readonly marking: Marking
  readonly version: number
  /** False where a version with the same content existed. */
  readonly isNew: boolean
  readonly asOf: string
  readonly reconstructed: boolean
  readonly snapshotSha256: string
  readonly totals: Totals
  /** Same as in report.json. */
  readonly days: readonly DayCount[]
  /** Detections that count here but on none of the days. */
  readonly undated: number
  readonly undatedPosts: number | null
  readonly undatedHere: readonly string[]
  readonly ongoing: readonly string[]
  /** Detections above the cap, where the edition shows their number. */
  readonly withheld?: number | undefined
  /** Current number. A change of it alone makes no new version. */
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
  /** Absent with `--no-deliver`. */
  readonly delivered?: Delivered
}

export type RefusedFlash = Pick<VersionEntry, 'territory' | 'period' | 'cap' | 'version'> & { readonly by: string }

type WithDelivery = {
  /** Present with `--deliver`. */
  readonly delivered?: Delivered
}

/** Marking and totals exist only if published or held. */
export type ListedVersion = Pick<
  VersionEntry,
  'territory' | 'period' | 'cap' | 'version' | 'state' | 'asOf' | 'reconstructed' | 'snapshotSha256'
> &
  Partial<NonNullable<VersionEntry['published']>> & {
    readonly id: string
    readonly reason?: VersionEntry['reason'] | undefined
    readonly recalled?: VersionEntry['recalled'] | undefined
    readonly manifest: string
  }

type Receiver = Pick<ListedDelivery, 'recipient' | 'address' | 'state' | 'recallMailedAt'> & {
  readonly delivery: string
}

export type ListedSchedule = ScheduleSetting & {
  readonly state: 'made' | 'paused'
  /** ISO instant of the next run. */
  readonly next: string
}

export type IngestResult = Omit<IngestTally, 'batch' | 'receipt' | 'failure' | 'storeFailed'> & {
  /** One per file. */
  readonly batches: readonly { readonly batch: string; readonly file: string; readonly read: number }[]
  /** What objects of a bundle became, and oddities, in plain words with counts. */
  readonly noted: Readonly<Record<string, number>>
  /** Files that could not be read, or only in part. */
  readonly failed: readonly { readonly file: string; readonly message: string }[]
}

export type IngestedSamples = Omit<IngestResult, 'batches' | 'noted'>

/** `file` is the sent mail on this machine, from the data folder. */
export type DeliveryHere = ListedDelivery & { readonly file?: string }

export type Delivered = {
  readonly line: string
  /** Recipients of this edition. */
  readonly readers: number
  /** Recipients whose clearance is below this edition, if any. */
  readonly notCleared?: number
  /** Absent for a stage. */
  readonly summary?: DeliverySummary
}

export type Digested = {
  readonly line: string
  /** Absent for a stage. */
  readonly summary?: DigestSummary
}

/** Newest first. */
export type DetectionPage = Omit<FoundPage, 'next'> & {
  /** For `--after`; null on the last page. */
  readonly next: string | null
}

export type CheckedIngest = Omit<IngestResult, 'batches' | 'rejects' | 'contests'> & {
  /** The first thousand. */
  readonly records: readonly CheckedRecord[]
}

type NoteAnswer = Omit<Note, 'text'>

type RedriveAnswer = Omit<RedriveResult, 'letters'> & {
  readonly queue: LetterQueue
  readonly letters: readonly ListedLetter[]
}

export type ListedLetter = DeadLetter & Pick<Redriven, 'did' | 'why'> & { readonly keptUntil: string }

export type ListedSource = {
  readonly name: string
  /** True if an operator described the detector. */
  readonly byHand: boolean
  /** Null if undeclared, which counts as AMBER. */
  readonly declared: Marking | null
  /** Null for all. */
  readonly territories: readonly TerritoryCode[] | null
  /** Expected interval, an ISO 8601 duration. */
  readonly rhythm: string | null
  /** No input for over twice the rhythm. */
  readonly silent: boolean
  readonly lastInput: string | null
}
