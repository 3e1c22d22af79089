import type { Caller } from '../../domain/access/caller.ts'
import { faultText } from '../../domain/core/fault-text.ts'
import { fault } from '../../domain/core/fault.ts'
import { originName } from '../../domain/detection/batch-origin.ts'
import { jsonFormatIn, once, type ReadOptions, readRecords } from '../../intake/formats.ts'
import { countsByName } from '../../intake/record/counts.ts'
import { FileError } from '../../intake/record/file-error.ts'
import { preparing } from '../../intake/record/prepare.ts'
import type { IntakeRecord } from '../../intake/record/record.ts'
import type { Desk } from './desk.ts'
import { ingestDetections } from './ingest-detections.ts'
import type { FileResult } from './ingest-dropped-file.ts'

export class TooManyRecordsError extends Error {
  override name = 'TooManyRecordsError'
}

const maxRecords = 500

export type BatchOptions = Pick<ReadOptions, 'format' | 'sheet'> & {
  readonly territories?: ReadOptions['territories'] | undefined
  readonly observed?: ReadOptions['observed'] | undefined
  readonly caller: Caller
  /** Stores nothing. */
  readonly isTrial?: boolean
}

/** @throws TooManyRecordsError, FaultError before anything is stored */
export const ingestBatch = async (
  bytes: Uint8Array,
  { caller, isTrial, territories, observed, ...how }: BatchOptions,
  desk: Pick<Desk, 'services' | 'trial' | 'intake'>,
): Promise<FileResult> => {
  const source = { kind: 'program', name: caller.who } as const
  const file = originName(source)
  const { placing, aliases, detectors, pseudonyms } = await desk.intake()
  const noted = countsByName()
  const read = readRecords(once(bytes), {
    ...how,
    ...(how.format === 'json' && { format: jsonFormatIn(bytes) }),
    file,
    now: desk.services.clock(),
    prepare: preparing({ rules: placing ? [placing] : [], aliases: aliases ? [aliases] : [], territories, detectors }),
    pseudonyms,
    ...(territories && { territories }),
    ...(observed && { observed }),
    note: (what, count) => noted.add(faultText(what), count),
  })
  const records: IntakeRecord[] = []
  for await (const record of read) {
    if ('accountSet' in record) throw new FileError(fault('accounts.byUpload', { file }))
    if (records.push(record) > maxRecords) {
      throw new TooManyRecordsError(
        `More than the ${maxRecords} records that one request may bring: send them in parts, or as an upload`,
      )
    }
  }
  const tally = await ingestDetections(records, source, isTrial ? desk.trial(caller) : desk.services, {
    sender: { name: caller.who, ceiling: caller },
  })
  return { ...tally, noted: noted.counts }
}
