/** Lists ingested batches, their undoing and users' actions, the newest first. */
import { type Ceiling, isOperator, isUnder, subjectsFor } from '../../domain/access/caller.ts'
import { type Reason } from '../../domain/core/fault.ts'
import { fitsUnder, type Marking, markingSlug, markings, strictest } from '../../domain/core/marking.ts'
import { isSubjectCode, isTerritoryCode, subjectOf } from '../../domain/core/place/territory.ts'
import type { BatchOrigin } from '../../domain/detection/batch-origin.ts'
import { repliesField } from '../../domain/detection/revisions/correction.ts'
import { isReportSchedule, scheduleIn } from '../../domain/report/schedule.ts'
import type { Stored } from '../../store/detections/reading.ts'
import type { Batch } from '../../store/intake/batches.ts'
import type { Action, ActionKind } from '../../store/table/history.ts'
import type { UndoneAs } from '../ingest/undo-batch.ts'
import type { Services } from '../services.ts'

export type Done = {
  /** ISO instant. */
  readonly at: string
  readonly did: ActionKind | 'added nothing' | UndoneAs
  readonly by: string
  /**
   * Territory and period of a note; subject and cadence of a schedule; hash of an evidence image; name of a source or
   * batch; territory, period, edition and number of a report version; otherwise an id.
   */
  readonly id: string
  readonly of: Action['of'] | 'batch'
  readonly reason?: Reason
  /** Fields or territories; for a batch, its file. */
  readonly what?: readonly string[]
  /** Origin of a batch that was no file. */
  readonly from?: BatchOrigin
  /** The batch has rejects that were imported again. */
  readonly isRetry?: true
  readonly marking?: Marking
}

type HistoryServices = Pick<Services, 'history' | 'batches' | 'detections'>

/**
 * Lists what the caller may know; an operator sees everything.
 * @param sender identifies the caller's batches
 * @param recipients ids that the caller may know
 */
export const historyFor = async (
  ceiling: Ceiling,
  {
    most,
    sender,
    recipients,
  }: { readonly most: number; readonly sender: string; readonly recipients?: ReadonlySet<string> },
  { history, batches, detections }: HistoryServices,
): Promise<readonly Done[]> => {
  const knowsAll = isOperator(ceiling)
  const intakes = (await batches.list()).filter((one) => knowsAll || one.sender === sender)
  const found: Done[] = []
  for (let before: string | undefined, isLast = false; found.length < most && !isLast;) {
    const page = await history.list(most, before)
    isLast = page.length < most
    before = page.at(-1)?.key
    const stored = await detections.stored([
      ...new Set(page.flatMap((one) => (one.of === 'detection' ? [one.id] : []))),
    ])
    for (const { key: _, ...action } of page) {
      const about = action.of === 'detection' ? stored.get(action.id) : undefined
      if (!knowsAll && !isActionUnder(ceiling, action, { about, recipients })) continue
      // Even the existence of these values is protected by their markings.
      const what = knowsAll ? action.what : action.what?.filter((field) => !inner.has(field))
      found.push({
        ...action,
        ...(what && { what }),
        ...(about && { marking: strictest([about.marking, ...(action.marking ? [action.marking] : [])]) }),
      })
    }
  }
  return [...found, ...intakes.flatMap((one) => donesOf(one, knowsAll))]
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, most)
}

type ActionContext = {
  readonly about: Stored | undefined
  readonly recipients: ReadonlySet<string> | undefined
}

/** Only operators see sources, rejects and tokens. */
const isActionUnder = (ceiling: Ceiling, action: Action, { about, recipients }: ActionContext): boolean => {
  const { clearance } = ceiling
  switch (action.of) {
    case 'detection':
      return about !== undefined && isUnder(ceiling, about) && fitsUnder(action.marking ?? about.marking, clearance)
    case 'recipient':
      return recipients?.has(action.id) ?? false
    case 'note':
      return isNoteUnder(ceiling, action)
    case 'schedule':
      return isScheduleOf(ceiling, action)
    case 'candidate':
      return isCandidateUnder(ceiling, action)
    case 'report':
      return isReportUnder(ceiling, action)
    case 'plate':
      return action.marking !== undefined && fitsUnder(action.marking, clearance)
    case 'reject':
    case 'source':
    case 'token':
      return false
  }
}

/** Fields whose parts have their own markings. */
const inner: ReadonlySet<string> = new Set(['plates', 'actor', repliesField, 'quotes'])

const isNoteUnder = (ceiling: Ceiling, { id, marking }: Action): boolean => {
  const [territory = ''] = id.split('/')
  if (!isSubjectCode(territory) || !marking) return false
  return isUnder(ceiling, { marking, territories: subjectOf(territory).members.map((code) => ({ code })) })
}

const isCandidateUnder = (ceiling: Ceiling, { marking, what = [] }: Action): boolean =>
  marking !== undefined &&
  isUnder(ceiling, { marking, territories: what.filter(isTerritoryCode).map((code) => ({ code })) })

const isReportUnder = ({ clearance, territories }: Ceiling, { id, marking }: Action): boolean => {
  const [territory = '', , slug] = id.split('/')
  const cap = markings.find((one) => markingSlug(one) === slug)
  return (
    cap !== undefined &&
    marking !== undefined &&
    fitsUnder(cap, clearance) &&
    fitsUnder(marking, clearance) &&
    isSubjectCode(territory) &&
    subjectOf(territory).members.every((code) => territories.includes(code))
  )
}

/** Schedules reveal nothing stored: readers of their territories see them, or all readers if they have no subject. */
const isScheduleOf = (ceiling: Ceiling, { id }: Action): boolean => {
  const schedule = scheduleIn(id)
  return schedule !== undefined && (!isReportSchedule(schedule) || subjectsFor(ceiling).includes(schedule.subject))
}

type Part = NonNullable<Batch['inPart']>[number]

/** An interrupted undo that the same user later finished or retried. */
const isFinished = ({ begun, by }: Part, later: readonly Part[], undoneBy: string | undefined): boolean =>
  begun === true && (by === undoneBy || later.some((one) => one.by === by))

/** Omits corrections, which are listed as actions. */
const donesOf = (
  {
    name,
    file,
    from,
    isRetry,
    sender,
    by = sender,
    storedAt,
    undoneAt,
    undoneBy,
    undoneReason,
    inPart = [],
    marking,
    counts,
    seenBefore,
  }: Batch,
  knowsAll: boolean,
): readonly Done[] => {
  const about = {
    ...{ id: name, of: 'batch' as const, what: [file] },
    ...(from && { from }),
    ...(isRetry && { isRetry }),
    ...(marking && { marking }),
  }
  // Others see the counts that they saw before storing.
  const seen = knowsAll ? counts : (seenBefore ?? counts)
  const isEmpty = seen && ['accepted', 'revised', 'unplaced', 'runs'].every((name) => (seen[name] ?? 0) === 0)
  return [
    // Others have a line of their own.
    ...(from?.kind !== 'correction' && from?.kind !== 'candidate'
      ? [{ ...about, at: storedAt, did: isEmpty ? ('added nothing' as const) : ('added' as const), by }]
      : []),
    ...inPart
      .filter((one, at) => !isFinished(one, inPart.slice(at + 1), undoneAt && undoneBy))
      .map(({ nothing, begun: _, ...part }) => ({
        ...about,
        ...part,
        did: nothing && knowsAll ? ('nothing undone' as const) : ('undone in part' as const),
      })),
    ...(undoneAt === undefined
      ? []
      : [
          {
            ...{ ...about, at: undoneAt, did: 'undone' as const, by: undoneBy ?? sender },
            ...(undoneReason !== undefined && { reason: undoneReason }),
          },
        ]),
  ]
}
