/** Notes as people write and approve them in the room: read whole first, stored once. */
import { type Caller, isUnder, mayDo, mayReadEdition } from '../../../domain/access/caller.ts'
import { type Fault, fault } from '../../../domain/core/fault.ts'
import { fitsUnder, type Marking, markings } from '../../../domain/core/marking.ts'
import { type SubjectCode, subjectOf, type TerritoryCode } from '../../../domain/core/place/territory.ts'
import { unfold } from '../../../domain/core/schema-fault.ts'
import { canonicalJson, sha256 } from '../../../domain/core/text/canonical.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import { newNoteSchema, type Note } from '../../../domain/report/note.ts'
import { awaitsApproval } from '../../delivery/deliver-report.ts'
import type { Services } from '../../services.ts'
import { PeriodTooLargeError } from '../reading/period-size.ts'
import { type RequestServices, requestReport, TooManyReportsError } from '../request-report.ts'

type About = Pick<Edition, 'territory' | 'period'>

/** A note with what tells it from others about the same. */
export type KeptNote = { readonly key: string; readonly note: Note }

const keyOf = (note: Note): string => sha256(canonicalJson(note)).slice(0, 16)

const placesOf = (territory: SubjectCode): readonly { readonly code: TerritoryCode }[] =>
  subjectOf(territory).members.map((code) => ({ code }))

/** The newest last, as far as somebody may read them; whether one of any marking approves, and whether the newest does. */
export const notesFor = async (
  { territory, period }: About,
  caller: Caller,
  { notes }: Pick<Services, 'notes'>,
): Promise<{ readonly known: readonly KeptNote[]; readonly isApproved: boolean; readonly isSettled: boolean }> => {
  const all = await notes.about(territory, period.id)
  const known = all
    .filter(({ marking }) => isUnder(caller, { marking, territories: placesOf(territory) }))
    .map((note) => ({ key: keyOf(note), note }))
  return { known, isApproved: all.some(({ approves }) => approves), isSettled: all.at(-1)?.approves ?? false }
}

export type NoteWords = { readonly [name in keyof Note]?: unknown }

/** The note as it would be stored, or what is wrong in it, by field. */
export const readNote = (
  words: NoteWords,
  caller: Caller,
): { readonly note: Note } | { readonly wrong: Readonly<Record<string, Fault>> } => {
  const read = newNoteSchema.safeParse(words)
  if (!read.success) {
    return {
      wrong: Object.fromEntries(read.error.issues.map((issue) => [String(issue.path[0]), unfold(issue)])),
    }
  }
  const { territory, marking } = read.data
  return isUnder(caller, { marking, territories: placesOf(territory as SubjectCode) })
    ? { note: read.data }
    : { wrong: { marking: fault('note.aboveClearance') } }
}

type KeepServices = Pick<Services, 'notes' | 'clock'>

/** The same form sent twice, by two presses of its button too, is one note and one line of the history. */
export const writeNoteBy = async (note: Note, { notes }: Pick<KeepServices, 'notes'>): Promise<void> =>
  void (await notes.addOnce(note))

/** Somebody other than its writer, where people sign in. */
export const mayApprove = (caller: Caller, name: string | undefined, { approves, author }: Note): boolean =>
  mayDo(caller, 'notes:approve') && !approves && author !== name

export type Approval = {
  readonly kept: KeptNote
  readonly by: string
  /** In which role: of the known ones a report prints its own word. */
  readonly role: string
  readonly reason: string
}

/**
 * A note of the approver's own, marked as what it approves: nothing is edited, and the report names who let it go.
 * @returns who was faster, where another person was
 */
export const approveNote = async (
  { kept: { key, note }, by, role, reason }: Approval,
  services: KeepServices,
): Promise<string | undefined> => {
  const { territory, period, language, marking } = note
  const approval: Note = {
    ...{ territory, period, author: by, role, language, marking },
    approves: true,
    writtenAt: services.clock().toISOString(),
  }
  const { kept, isFirst } = await services.notes.approve(key, approval, reason)
  // The same form sent twice is one approval of one person.
  return !isFirst && kept.author !== by ? kept.author : undefined
}

/**
 * Editions that somebody may read and of which a version stands: those that are made again and mailed once a note of
 * the marking approves.
 */
export const editionsWaiting = async (
  { territory, period, marking }: About & Pick<Note, 'marking'>,
  caller: Caller,
  services: Pick<Services, 'organisation' | 'notes' | 'reports'>,
): Promise<readonly Marking[]> => {
  const found = await Promise.all(
    markings.map(async (cap) => {
      if (!mayReadEdition(caller, { territory, cap })) return []
      const newest = (await services.reports.versions({ territory, period, cap })).findLast(
        ({ published }) => published,
      )
      if (!newest?.published || newest.recalled) return []
      if (!fitsUnder(newest.published.marking, caller.clearance)) return []
      const isForClear = cap === 'TLP:CLEAR' && newest.published.claims !== undefined
      if (isForClear && marking !== 'TLP:CLEAR') return []
      return (await awaitsApproval(newest, services)) ? [cap] : []
    }),
  )
  return found.flat()
}

/** Asks for each of them with the note in it, to be mailed. @returns how many were asked for before a limit */
export const sendApproved = async (
  { territory, period }: About,
  caps: readonly Marking[],
  caller: Caller,
  services: RequestServices,
): Promise<number> => {
  for (const [at, cap] of caps.entries()) {
    try {
      await requestReport({ territory, period: period.id, cap, deliver: true }, { caller }, services)
    } catch (error) {
      if (error instanceof TooManyReportsError || error instanceof PeriodTooLargeError) return at
      throw error
    }
  }
  return caps.length
}
