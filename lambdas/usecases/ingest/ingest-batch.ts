import type { Caller } from '../../domain/access/caller.ts'
import { originName } from '../../domain/detection/batch-origin.ts'
import type { Aliases } from '../../domain/detection/names/aliases.ts'
import type { TerritoryRules } from '../../domain/detection/names/territory-rules.ts'
import type { OrganisationIntake } from '../../domain/report/organisation.ts'
import { once, readRecords } from '../../intake/formats.ts'
import { preparing } from '../../intake/record/prepare.ts'
import type { IntakeServices } from '../services.ts'
import { type IngestTally, ingestDetections } from './ingest-detections.ts'

export class TooManyRecordsError extends Error {
  override name = 'TooManyRecordsError'
}

const maxRecords = 500

type BatchOptions = {
  readonly format: 'json' | 'ndjson'
  readonly placing?: TerritoryRules | undefined
  readonly aliases?: Aliases | undefined
  readonly detectors?: OrganisationIntake['detectors']
  readonly caller: Caller
  readonly pseudonyms: () => Promise<(account: string) => string>
}

/** @throws TooManyRecordsError before anything is stored */
export const ingestBatch = async (
  bytes: Uint8Array,
  { format, placing, aliases, detectors, caller, pseudonyms }: BatchOptions,
  services: IntakeServices,
): Promise<IngestTally> => {
  const source = { kind: 'program', name: caller.who } as const
  const records = await Array.fromAsync(
    readRecords(once(bytes), {
      file: originName(source),
      format,
      prepare: preparing({ rules: placing ? [placing] : [], aliases: aliases ? [aliases] : [], detectors }),
      pseudonyms,
    }),
  )
  if (records.length > maxRecords) {
    throw new TooManyRecordsError(
      `${records.length} records, one request may bring ${maxRecords}: send them in parts, or as an upload`,
    )
  }
  return ingestDetections(records, source, services, { sender: { name: caller.who, ceiling: caller } })
}
