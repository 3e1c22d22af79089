/** Takes detections in: each stored, found to be there already, or kept as a reject with its reason; nothing is dropped. */
import { sha256 } from './domain/canonical.ts'
import type { Detection } from './domain/detection.ts'
import { type IntakeRecord, type Reject, rejectOf } from './intake/intake.ts'
import type { Services } from './services.ts'
import type { Delivery } from './store/sources.ts'

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
  /** Why reading stopped before the file's end; what had been read by then is stored and counted. */
  readonly failure?: string
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

/** Detections on their way to the store at once, and how much text of theirs. */
const together = 64
const togetherChars = 2_000_000

type Counts = { [count in Exclude<keyof IngestTally, 'rejects' | 'failure'>]: number }

export const ingestDetections = async (
  records: AsyncIterable<IntakeRecord> | Iterable<IntakeRecord>,
  file: string,
  services: Services,
): Promise<IngestTally> => {
  const { detections, rejects, sources } = services
  const now = services.clock()
  const batch = `${services.run}-${sha256(file).slice(0, 8)}`
  const counts: Counts = { read: 0, accepted: 0, revised: 0, duplicates: 0, unplaced: 0, rejected: 0 }
  const listed: ListedReject[] = []
  const delivered = new Map<string, Delivery>()
  let group = new Map<string, Incoming>()
  let chars = 0
  let refused: Reject[] = []

  const keepRefused = async () => {
    await rejects.keep(batch, counts.rejected, refused, now)
    for (const { line, id, path, message } of refused) {
      if (listed.length < rejectsListed) listed.push({ file, line: line ?? null, id: id ?? null, path, message })
    }
    counts.rejected += refused.length
    counts.read += refused.length
    refused = []
  }
  const storeGroup = async () => {
    const incoming = [...group.values()]
    group = new Map()
    chars = 0
    const outcomes = await detections.saveAll(
      incoming.map(({ detection }) => detection),
      now,
    )
    for (const [at, outcome] of outcomes.entries()) {
      const one = incoming[at] as Incoming
      if (outcome.kind === 'refused') {
        refused.push(refusalOf(one, outcome.message, file))
        continue
      }
      counts[outcome.kind === 'duplicate' ? 'duplicates' : outcome.kind] += 1
      counts.read += 1
      const { detector } = one.detection
      delivered.set(detector.name, { detector, found: 1 + (delivered.get(detector.name)?.found ?? 0) })
    }
    if (refused.length > 0) await keepRefused()
  }

  let failure: string | undefined
  try {
    for await (const record of records) {
      if ('reject' in record) refused.push(record.reject)
      else if ('detection' in record) {
        const { detection, raw } = record
        // The same id twice in one file: the second comes after the first, as in two files.
        if (group.has(detection.id)) await storeGroup()
        group.set(detection.id, record)
        chars += raw?.length ?? 0
      }
      if (group.size >= together || chars >= togetherChars) await storeGroup()
      if (refused.length >= together) await keepRefused()
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error)
  }
  await storeGroup()
  await keepRefused()
  await sources.delivered([...delivered.values()], batch, now)
  return { ...counts, rejects: listed, ...(failure !== undefined && { failure }) }
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
