import { lineOf } from '../../lambdas/domain/core/fault-text.ts'
import type { Language } from '../../lambdas/domain/core/language/languages.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { SubjectCode, TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { unfold } from '../../lambdas/domain/core/schema-fault.ts'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import type { Period } from '../../lambdas/domain/core/time/period.ts'
import type { DeliveryMessage } from '../../lambdas/domain/report/messages.ts'
import { type Note, type NotePoints, newNoteSchema } from '../../lambdas/domain/report/note.ts'
import { addNote } from '../../lambdas/usecases/reports/notes/add-note.ts'
import { runWeek, type WeeklyRun } from '../../lambdas/usecases/reports/weekly-run.ts'
import type { Delivered, Digested } from './answers.ts'
import { deliverer, digester } from './deliver.ts'
import { textOf } from './files.ts'
import { type CliContext, reportsAtOnce } from './home/context.ts'
import { showing } from './output/progress.ts'

/** Runs and mails the weekly reports. */
export const weekly = async (
  command: { week?: Period | undefined; cap: Marking; only?: readonly TerritoryCode[] | undefined; deliver: boolean },
  context: CliContext,
): Promise<WeeklyRun & { readonly delivered: readonly Delivered[]; readonly digests?: Digested }> => {
  const { services, stopping } = context
  const delivered: Delivered[] = []
  const send = command.deliver ? await deliverer(context) : undefined
  const deliver = send && (async (message: DeliveryMessage) => void delivered.push(await send(message)))
  const { week, cap, only } = command
  const made = await showing(
    (progress) =>
      runWeek({ week, cap, only, stopping, atOnce: reportsAtOnce, ...(deliver && { deliver }) }, services, progress),
    stopping,
  )
  const hasOutcome = ({ summary, readers }: Delivered) => (summary ? Object.values(summary).some(Boolean) : readers > 0)
  // The period is complete. On a stage, the stage's schedule sends digests.
  const complete = new Set(made.national.map(({ edition }) => edition.period.id))
  const isHere = command.deliver && !context.stage && !stopping.aborted
  const failed = [...made.failed]
  let digests: Digested | undefined
  if (isHere) {
    try {
      digests = await (await digester(context))(complete)
    } catch (error) {
      failed.push({ territory: 'ALL', period: [...complete].join(' '), message: `digests: ${messageOf(error)}` })
    }
  }
  return { ...made, failed, delivered: delivered.filter(hasOutcome), ...(digests && { digests }) }
}

type NoteCommand = {
  readonly territory: SubjectCode
  readonly period: string
  readonly author: string
  readonly role: string
  readonly lang: Language
  readonly marking: Marking
  /** File of the judgement. */
  readonly file?: string | undefined
  readonly likelihood?: Note['likelihood'] | undefined
  readonly confidence?: Note['confidence'] | undefined
  readonly approve: boolean
} & { readonly [list in NotePoints | 'ended']?: readonly string[] | undefined }

export const writeNote = async (command: NoteCommand, { services }: CliContext): Promise<Note> => {
  const { territory, period, author, role, lang, marking, file, approve } = command
  const { likelihood, confidence, unknown, watch, recommended, avoid, ended } = command
  const text = file === undefined ? undefined : (await textOf(file)).text
  const parts = { text, likelihood, confidence, unknown, watch, recommended, avoid, ended }
  const read = newNoteSchema.safeParse({
    territory,
    period,
    author,
    role,
    language: lang,
    marking,
    ...Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)),
    approves: approve,
    writtenAt: services.clock().toISOString(),
  })
  if (!read.success) {
    throw new Error(read.error.issues.map((issue) => `the note's ${lineOf(unfold(issue))}`).join('; '))
  }
  await addNote(territory, read.data, services)
  return read.data
}
