/** Takes detections in: each stored, found to be there already, or kept as a reject with its reason; nothing is dropped. */
import { sha256 } from './domain/canonical.ts'
import type { Detection } from './domain/detection.ts'
import { type IntakeRecord, type Reject, rejectOf } from './intake/intake.ts'
import type { Services } from './services.ts'

/** Counted in detections; `read` is the sum of the others. */
export type IngestTally = {
  readonly read: number
  readonly accepted: number
  readonly revised: number
  readonly duplicates: number
  readonly unplaced: number
  readonly rejected: number
  /** The first {@link rejectsListed}; all are kept in the store. */
  readonly rejects: readonly ListedReject[]
}

export type ListedReject = {
  readonly file: string
  readonly line: number | null
  readonly id: string | null
  readonly path: string
  readonly message: string
}

/** So many rejects are listed in a tally, so that a broken file of any size needs no more memory. */
export const rejectsListed = 1_000

/** Detections on their way to the store at once. */
const together = 64

type Counts = { [count in Exclude<keyof IngestTally, 'rejects'>]: number }

export const ingestDetections = async (
  records: AsyncIterable<IntakeRecord> | Iterable<IntakeRecord>,
  file: string,
  services: Services,
): Promise<IngestTally> => {
  const { detections, rejects, sources } = services
  const now = services.clock()
  const counts: Counts = { read: 0, accepted: 0, revised: 0, duplicates: 0, unplaced: 0, rejected: 0 }
  const listed: ListedReject[] = []
  const delivered = new Map<string, Detection['detector']>()
  let group = new Map<string, Incoming>()
  let refused: Reject[] = []

  const keepRefused = async () => {
    await rejects.keep(`${services.run}-${sha256(file).slice(0, 8)}`, counts.rejected, refused, now)
    counts.rejected += refused.length
    for (const { line, id, path, message } of refused) {
      if (listed.length < rejectsListed) listed.push({ file, line: line ?? null, id: id ?? null, path, message })
    }
    refused = []
  }
  const storeGroup = async () => {
    const incoming = [...group.values()]
    group = new Map()
    const outcomes = await detections.saveAll(
      incoming.map(({ detection }) => detection),
      now,
    )
    for (const [at, outcome] of outcomes.entries()) {
      const one = incoming[at] as Incoming
      if (outcome.kind === 'refused') refused.push(refusalOf(one, outcome.message, file))
      else counts[outcome.kind === 'duplicate' ? 'duplicates' : outcome.kind] += 1
    }
    if (refused.length > 0) await keepRefused()
  }

  for await (const record of records) {
    counts.read += 1
    if ('reject' in record) refused.push(record.reject)
    else {
      const { detection } = record
      // The same id twice in one file: the second comes after the first, as in two files.
      if (group.has(detection.id)) await storeGroup()
      group.set(detection.id, record)
      delivered.set(detection.detector.name, detection.detector)
    }
    if (group.size >= together) await storeGroup()
    if (refused.length >= together) await keepRefused()
  }
  await storeGroup()
  await sources.delivered([...delivered.values()], now)
  return { ...counts, rejects: listed }
}

type Incoming = Extract<IntakeRecord, { detection: Detection }>

const refusalOf = ({ detection, line, raw }: Incoming, message: string, file: string): Reject =>
  rejectOf(raw ?? JSON.stringify(detection), {
    file,
    ...(line !== undefined && { line }),
    id: detection.id,
    path: 'id',
    message,
  })
