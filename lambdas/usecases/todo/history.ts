/**
 * What was done to what is stored: intakes and their undoing, as these say themselves, and what persons did beside; the
 * newest first.
 */
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
import { mayKnowAnswer } from '../answers.ts'
import type { UndoneAs } from '../ingest/undo-batch.ts'
import type { Services } from '../services.ts'

export type Done = {
  /** ISO instant. */
  readonly at: string
  readonly did: ActionKind | 'added nothing' | UndoneAs
  readonly by: string
  /**
   * Of a detection, a reject or a recipient; of a note its territory and period; of a schedule its subject and cadence;
   * of a candidate its own; of a plate its hash; of a source its name; of an answer its own; of a version of a report
   * its territory, period, edition and number; of an intake its name.
   */
  readonly id: string
  readonly of: Action['of'] | 'batch'
  readonly reason?: Reason
  /** Fields or territories; of an intake its file. */
  readonly what?: readonly string[]
  /** What brought an intake, where that was no file. */
  readonly from?: BatchOrigin
  /** Of what it was done to, where that is known. */
  readonly marking?: Marking
}

export type HistoryServices = Pick<Services, 'history' | 'batches' | 'detections'>

/**
 * As far as somebody may know of it: of detections under the ceiling, of intakes of one's own, and of the recipients
 * that are named; all, for who may know all that is stored.
 * @param sender by which intakes are known to be one's own
 * @param recipients those that somebody may know of, by id
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
      // That something of these was said at all rests on markings of their own.
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
  /** The detection to which it was done. */
  readonly about: Stored | undefined
  readonly recipients: ReadonlySet<string> | undefined
}

/** Of sources and of what could not be stored knows who may know all that is. */
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
    case 'answer':
      return isAnswerUnder(ceiling, action)
    case 'reject':
    case 'source':
      return false
  }
}

/** Fields of which parts have markings of their own. */
const inner: ReadonlySet<string> = new Set(['plates', 'actor', repliesField, 'quotes'])

const isNoteUnder = (ceiling: Ceiling, { id, marking }: Action): boolean => {
  const [territory = ''] = id.split('/')
  if (!isSubjectCode(territory) || !marking) return false
  return isUnder(ceiling, { marking, territories: subjectOf(territory).members.map((code) => ({ code })) })
}

const isCandidateUnder = (ceiling: Ceiling, { marking, what = [] }: Action): boolean =>
  marking !== undefined &&
  isUnder(ceiling, { marking, territories: what.filter(isTerritoryCode).map((code) => ({ code })) })

/** That an edition has a version knows who may read the edition. */
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

/**
 * A schedule says nothing of what is stored: who reads of its territories may know, and everybody of what belongs to
 * none.
 */
const isScheduleOf = (ceiling: Ceiling, { id }: Action): boolean => {
  const schedule = scheduleIn(id)
  return schedule !== undefined && (!isReportSchedule(schedule) || subjectsFor(ceiling).includes(schedule.subject))
}

const isAnswerUnder = (ceiling: Ceiling, { marking, what: [subject = ''] = [] }: Action): boolean =>
  marking !== undefined && mayKnowAnswer(ceiling, subject, marking)

type Part = NonNullable<Batch['inPart']>[number]

/** Of an undoing that was cut off, and that the same person has finished or tried again since. */
const isFinished = ({ begun, by }: Part, later: readonly Part[], undoneBy: string | undefined): boolean =>
  begun === true && (by === undoneBy || later.some((one) => one.by === by))

/** A correction is an intake too, and told by itself. */
const donesOf = (
  {
    name,
    file,
    from,
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
  const about = { id: name, of: 'batch' as const, what: [file], ...(from && { from }), ...(marking && { marking }) }
  // Who may not know all that is stored is told what he had seen.
  const seen = knowsAll ? counts : (seenBefore ?? counts)
  const isEmpty = seen && ['accepted', 'revised', 'unplaced', 'runs'].every((name) => (seen[name] ?? 0) === 0)
  return [
    ...(from?.kind !== 'correction'
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
