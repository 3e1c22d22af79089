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

export type KeptNote = { readonly key: string; readonly note: Note }

const keyOf = (note: Note): string => sha256(canonicalJson(note)).slice(0, 16)

const placesOf = (territory: SubjectCode): readonly { readonly code: TerritoryCode }[] =>
  subjectOf(territory).members.map((code) => ({ code }))

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

/** Sending the same form twice stores one note and one history line. */
export const writeNoteBy = async (note: Note, { notes }: Pick<KeepServices, 'notes'>): Promise<void> =>
  void (await notes.addOnce(note))

/** With sign-in, the author may not approve. */
export const mayApprove = (caller: Caller, name: string | undefined, { approves, author }: Note): boolean =>
  mayDo(caller, 'notes:approve') && !approves && author !== name

type Approval = {
  readonly kept: KeptNote
  readonly approvedAt?: string | undefined
  readonly by: string
  readonly role: string
  readonly reason: string
}

/**
 * Adds an approval note with the same marking: nothing is edited, and the report names the approver.
 * @returns who approved first, where another approver did
 */
export const approveNote = async (
  { kept: { key, note }, approvedAt, by, role, reason }: Approval,
  services: KeepServices,
): Promise<string | undefined> => {
  const { territory, period, language, marking } = note
  const approval: Note = {
    ...{ territory, period, author: by, role, language, marking },
    approves: true,
    writtenAt: services.clock().toISOString(),
  }
  const { kept, isFirst } = await services.notes.approve(approvedAt ? `${key}#${approvedAt}` : key, approval, reason)
  return !isFirst && kept.author !== by ? kept.author : undefined
}

/** Editions to remake and mail once a note of the marking approves. */
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

/** @returns how many were requested before a limit */
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
