/** The commands of `vigie`, each giving a plain value; what they print of it is bin/vigie.ts's. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Language } from '../domain/language.ts'
import type { Marking } from '../domain/marking.ts'
import { type Note, noteSchema } from '../domain/note.ts'
import type { Observed } from '../domain/observed.ts'
import { type Period, parsePeriod } from '../domain/period.ts'
import type { TerritoryCode } from '../domain/territory.ts'
import { type ImportedSummary, importTaxonomy } from '../import-taxonomy.ts'
import { type IngestTally, ingestDetections } from '../ingest-detections.ts'
import type { IntakeFormat } from '../intake/formats.ts'
import { largestStix, readRecords } from '../intake/formats.ts'
import { weeklyReports } from '../weekly-reports.ts'
import type { Laptop } from './laptop.ts'
import { showing } from './progress.ts'

export type IngestCommand = {
  readonly files: readonly string[]
  readonly format: IntakeFormat
  readonly territories?: readonly TerritoryCode[] | undefined
  readonly observed?: Observed | undefined
}

export type IngestResult = Omit<IngestTally, 'failure'> & {
  /** STIX objects that no detection uses, by type. */
  readonly unused: Readonly<Record<string, number>>
  /** What else is odd in a bundle, in plain words, and how often. */
  readonly noted: Readonly<Record<string, number>>
  /** Files that could not be read, or not to their end. */
  readonly failed: readonly { readonly file: string; readonly message: string }[]
}

/** Takes files in one after the other; a file that cannot be read never stops the others. */
export const ingestFiles = async (command: IngestCommand, { services, stopping }: Laptop): Promise<IngestResult> => {
  const unused: Record<string, number> = {}
  const noted: Record<string, number> = {}
  const adding = (counts: Record<string, number>) => (what: string, count: number) => {
    counts[what] = (counts[what] ?? 0) + count
  }
  const failed: { file: string; message: string }[] = []
  const tallies: IngestTally[] = []
  for (const file of command.files) {
    if (stopping.aborted) break
    try {
      const records = readRecords(await chunksOf(file), {
        file,
        format: command.format,
        territories: command.territories,
        observed: command.observed,
        noteUnused: adding(unused),
        noteOdd: adding(noted),
      })
      const tally = await ingestDetections(until(stopping, records), file, services)
      tallies.push(tally)
      if (tally.failure !== undefined) failed.push({ file, message: tally.failure })
    } catch (error) {
      failed.push({ file, message: error instanceof Error ? error.message : String(error) })
    }
  }
  const sum = (count: Exclude<keyof IngestTally, 'rejects' | 'failure'>) =>
    tallies.reduce((all, tally) => all + tally[count], 0)
  return {
    read: sum('read'),
    accepted: sum('accepted'),
    revised: sum('revised'),
    duplicates: sum('duplicates'),
    unplaced: sum('unplaced'),
    rejected: sum('rejected'),
    rejects: tallies.flatMap(({ rejects }) => rejects),
    unused,
    noted,
    failed,
  }
}

/** Records as long as nobody asks to stop: what has been read by then is stored. */
async function* until<Value>(stopping: AbortSignal, values: AsyncIterable<Value>): AsyncGenerator<Value> {
  for await (const value of values) {
    if (stopping.aborted) throw new Error('was left where you stopped it: ingest it again for the rest')
    yield value
  }
}

const chunksOf = async (file: string): Promise<AsyncIterable<Uint8Array>> => {
  if (file === '-') return process.stdin
  const opened = await open(file).catch((cause: unknown) => {
    throw new Error(`${file} cannot be opened: ${cause instanceof Error ? cause.message : cause}`, { cause })
  })
  await opened.close()
  return createReadStream(file, { highWaterMark: 1 << 18 })
}

export type TaxonomyCommand = {
  readonly file: string
  readonly crosswalk?: string | undefined
  readonly names?: readonly string[] | undefined
  readonly release?: string | undefined
}

/** Reads the files and imports what they hold. */
export const importTaxonomyFiles = async (command: TaxonomyCommand, { services }: Laptop): Promise<ImportedSummary> => {
  const { file, crosswalk, names = [], release } = command
  return importTaxonomy(
    {
      bundle: await textOf(file),
      crosswalk: crosswalk === undefined ? undefined : await textOf(crosswalk),
      names: await Promise.all(names.map(textOf)),
      release,
    },
    services,
  )
}

/** A file that is read whole, as UTF-8. */
const textOf = async (file: string): Promise<{ readonly file: string; readonly text: string }> => {
  let text = ''
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of await chunksOf(file)) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > largestStix)
        throw new Error(`${file} is over ${largestStix / 1024 ** 2} MB, too large to be read whole`)
    }
    return { file, text: text + decoder.decode() }
  } catch (cause) {
    if (cause instanceof TypeError) throw new Error(`${file} is not UTF-8 text: save it as UTF-8`, { cause })
    throw cause
  }
}

/** The sample detections and the week that they are told for. */
export const story = {
  file: fileURLToPath(new URL('./samples/story.ndjson', import.meta.url)),
  week: parsePeriod('2024-W20'),
}

export const weekly = (command: { week?: Period | undefined; cap: Marking }, { services, stopping }: Laptop) =>
  showing((progress) => weeklyReports({ ...command, stopping }, services, progress))

export type NoteCommand = {
  readonly territory: TerritoryCode
  readonly period: string
  readonly author: string
  readonly role: string
  readonly lang: Language
  readonly marking: Marking
  readonly file: string
  readonly approve: boolean
}

/** Stores an analyst's note as written now. */
export const addNote = async (command: NoteCommand, { services }: Laptop): Promise<Note> => {
  const { territory, period, author, role, lang, marking, file, approve } = command
  const { text } = await textOf(file)
  const writtenAt = services.clock().toISOString()
  const read = noteSchema.safeParse({
    territory,
    period,
    author,
    role,
    language: lang,
    marking,
    text,
    approves: approve,
    writtenAt,
  })
  if (!read.success) {
    throw new Error(read.error.issues.map(({ path, message }) => `the note's ${path.join('.')} ${message}`).join('; '))
  }
  await services.notes.add(read.data)
  return read.data
}
