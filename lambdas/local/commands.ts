/** The commands of `vigie`, each giving a plain value; what they print of it is bin/vigie.ts's. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Marking } from '../domain/marking.ts'
import type { Observed } from '../domain/observed.ts'
import { type Period, parsePeriod } from '../domain/period.ts'
import type { TerritoryCode } from '../domain/territory.ts'
import { type IngestTally, ingestDetections } from '../ingest-detections.ts'
import type { IntakeFormat } from '../intake/formats.ts'
import { readRecords } from '../intake/formats.ts'
import { weeklyReports } from '../weekly-reports.ts'
import type { Laptop } from './laptop.ts'
import { showing } from './progress.ts'

export type IngestCommand = {
  readonly files: readonly string[]
  readonly format: IntakeFormat
  readonly territories?: readonly TerritoryCode[] | undefined
  readonly observed?: Observed | undefined
}

export type IngestResult = IngestTally & {
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
      tallies.push(await ingestDetections(records, file, services))
    } catch (error) {
      failed.push({ file, message: error instanceof Error ? error.message : String(error) })
    }
  }
  const sum = (count: Exclude<keyof IngestTally, 'rejects'>) => tallies.reduce((all, tally) => all + tally[count], 0)
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

const chunksOf = async (file: string): Promise<AsyncIterable<Uint8Array>> => {
  if (file === '-') return process.stdin
  const opened = await open(file).catch((cause: unknown) => {
    throw new Error(`${file} cannot be opened: ${cause instanceof Error ? cause.message : cause}`, { cause })
  })
  await opened.close()
  return createReadStream(file, { highWaterMark: 1 << 18 })
}

/** The sample detections and the week that they are told for. */
export const story = {
  file: fileURLToPath(new URL('./samples/story.ndjson', import.meta.url)),
  week: parsePeriod('2024-W20'),
}

export const weekly = (command: { week?: Period | undefined; cap: Marking }, { services, stopping }: Laptop) =>
  showing((progress) => weeklyReports({ ...command, stopping }, services, progress))
