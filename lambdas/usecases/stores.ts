import { program } from '../config/program.ts'
import type { Ceiling } from '../domain/access/caller.ts'
import { type Deliveries, deliveriesIn } from '../store/delivery/deliveries.ts'
import { type Digests, digestsIn } from '../store/delivery/digests.ts'
import { type Recipients, recipientsIn } from '../store/delivery/recipients.ts'
import { type Tokens, tokensIn } from '../store/delivery/tokens.ts'
import { type Detections, detectionsIn } from '../store/detections/detections.ts'
import { type Forgetting, forgettingIn } from '../store/detections/redaction.ts'
import { type AccountSets, accountSetsIn } from '../store/intake/account-sets.ts'
import { type Batches, batchesIn } from '../store/intake/batches.ts'
import { type Candidates, candidatesIn } from '../store/intake/candidates.ts'
import { type Plates, platesIn } from '../store/intake/plates.ts'
import { type Rejects, rejectsIn } from '../store/intake/rejects.ts'
import { type Sources, sourcesIn } from '../store/intake/sources.ts'
import { type Jobs, jobsIn } from '../store/reports/jobs.ts'
import { type Notes, notesIn } from '../store/reports/notes.ts'
import { type Reports, reportsIn } from '../store/reports/reports.ts'
import { type Schedules, schedulesIn } from '../store/reports/schedules.ts'
import { type Summaries, summariesIn } from '../store/reports/summaries.ts'
import { type WaitingLine, waitingIn } from '../store/reports/waiting.ts'
import { type ChangedDays, changedDaysIn, keepingChanges } from '../store/table/changed-days.ts'
import { type Instants, instantsIn, keepingInstants } from '../store/table/clock.ts'
import { type History, historyIn } from '../store/table/history.ts'
import { memoryTable } from '../store/table/memory-table.ts'
import { seenTable } from '../store/table/seen-table.ts'
import type { Table } from '../store/table/table.ts'
import { trialTable } from '../store/table/trial-table.ts'

export type Stores = {
  readonly batches: Batches
  readonly detections: Detections
  readonly candidates: Candidates
  readonly reports: Reports
  readonly notes: Notes
  readonly plates: Plates
  readonly rejects: Rejects
  readonly sources: Sources
  readonly accountSets: AccountSets
  readonly recipients: Recipients
  readonly schedules: Schedules
  readonly deliveries: Deliveries
  readonly digests: Digests
  readonly tokens: Tokens
  readonly jobs: Jobs
  readonly waiting: WaitingLine
  readonly forgetting: Forgetting
  readonly history: History
  readonly instants: Instants
  readonly changedDays: ChangedDays
  readonly summaries: Summaries
}

/** The stores that ingestion writes to, for Lambdas that only ingest. */
export const intakeStoresIn = (plain: Table) => intakeStoresOn(keeping(plain))

export const noteStoreIn = (plain: Table): Notes => notesIn(keeping(plain))

/** Ingestion stores on a temporary table over the stored data, as far as a ceiling allows. */
export const trialStoresIn = (stored: Table, ceiling?: Ceiling) =>
  intakeStoresIn(trialTable(ceiling ? seenTable(stored, ceiling) : stored, memoryTable()))

/** A decision about a candidate also changes detections. */
export const candidateStoreIn = (plain: Table): Candidates => candidatesIn(keeping(plain))

export const detectStoresIn = (plain: Table) => ({ ...intakeStoresIn(plain), candidates: candidateStoreIn(plain) })

/** Records when each detection was stored, and on which days data changed. */
const keeping = (plain: Table): Table => keepingChanges(keepingInstants(plain))

const intakeStoresOn = (
  table: Table,
): Pick<Stores, 'accountSets' | 'batches' | 'detections' | 'rejects' | 'sources'> => ({
  accountSets: accountSetsIn(table),
  batches: batchesIn(table),
  detections: detectionsIn(table),
  rejects: rejectsIn(table),
  sources: sourcesIn(table),
})

export const storesIn = (plain: Table): Stores => {
  const table = keeping(plain)
  return {
    ...intakeStoresOn(table),
    candidates: candidatesIn(table),
    reports: reportsIn(table),
    notes: notesIn(table),
    plates: platesIn(table),
    recipients: recipientsIn(table),
    schedules: schedulesIn(table),
    deliveries: deliveriesIn(table),
    digests: digestsIn(table),
    tokens: tokensIn(table),
    jobs: jobsIn(table),
    waiting: waitingIn(table),
    forgetting: forgettingIn(plain),
    history: historyIn(plain),
    instants: instantsIn(plain),
    changedDays: changedDaysIn(plain),
    summaries: summariesIn(plain, program),
  }
}
