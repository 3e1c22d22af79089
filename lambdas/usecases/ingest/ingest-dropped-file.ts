import * as z from 'zod'
import { BrokenStreamError, type Drop, OversizedFileError, resultKey } from '../../archive/drop.s3.ts'
import { ceilingIn, isOperator } from '../../domain/access/caller.ts'
import { faultText, lineOf } from '../../domain/core/fault-text.ts'
import { parseMarking } from '../../domain/core/marking.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { refusalOf } from '../../domain/core/schema-fault.ts'
import { plural } from '../../domain/core/text/plural.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { parseObserved } from '../../domain/core/time/observed.ts'
import { codesAmong, noTerritory } from '../../domain/detection/gazetteer.ts'
import type { Aliases } from '../../domain/detection/names/aliases.ts'
import type { TerritoryRules } from '../../domain/detection/names/territory-rules.ts'
import type { OrganisationIntake } from '../../domain/report/organisation.ts'
import { intakeFormats } from '../../intake/file-formats.ts'
import { readRecords } from '../../intake/formats.ts'
import { countsByName } from '../../intake/record/counts.ts'
import { preparing } from '../../intake/record/prepare.ts'
import type { IntakeServices } from '../services.ts'
import { type IngestTally, ingestDetections, type Sender } from './ingest-detections.ts'

/** The file or its metadata is unusable; a retry would fail the same way. */
export class DroppedFileError extends Error {
  override name = 'DroppedFileError'
}

export type Intake = {
  readonly placing?: TerritoryRules | undefined
  readonly aliases?: Aliases | undefined
  readonly detectors?: OrganisationIntake['detectors']
  readonly pseudonyms: () => Promise<(account: string) => string>
}

export type FileResult = IngestTally & {
  readonly noted: Readonly<Record<string, number>>
}

/** Object metadata, with the same names as the command line's options. */
const sayings = z.strictObject({
  format: z.enum(intakeFormats).default('auto'),
  territory: z
    .string()
    .transform((written) => written.split(/[\s,]+/).filter(Boolean))
    .optional(),
  observed: z.string().optional(),
  publisher: z.string().optional(),
  /** The key of the posts that D3lta's matches name. */
  posts: z.string().optional(),
  set: z.string().optional(),
  'set-name': z.string().optional(),
  'set-marking': z.string().optional(),
})

/**
 * Also writes the result under `results/`: the tally, or a receipt, since a caller may not know what is stored.
 * @throws DroppedFileError where the file cannot be read to its end; records read by then are stored
 * @throws BrokenStreamError, Error where a retry may succeed
 */
export const ingestDroppedFile = async (
  key: string,
  services: IntakeServices,
  drop: Drop,
  { placing, aliases, detectors, pseudonyms }: Intake,
  outOfTime: AbortSignal,
): Promise<FileResult> => {
  const sender = senderOf(key)
  const noted = countsByName()
  let broken: BrokenStreamError | undefined
  const watched = async function* (chunks: AsyncIterable<Uint8Array>) {
    try {
      for await (const chunk of chunks) {
        outOfTime.throwIfAborted()
        yield chunk
      }
    } catch (error) {
      if (error instanceof BrokenStreamError) broken = error
      throw error
    }
  }
  let tally: IngestTally
  try {
    const { chunks, metadata } = await opened(key, drop)
    const { format, territories, observed, publisher, set, posts } = await optionsIn(metadata, drop)
    const records = readRecords(watched(chunks), {
      file: key,
      format,
      now: services.clock(),
      prepare: preparing({
        rules: placing ? [placing] : [],
        aliases: aliases ? [aliases] : [],
        territories,
        detectors,
      }),
      note: (what, count) => noted.add(faultText(what), count),
      pseudonyms,
      ...(territories && { territories }),
      ...(observed && { observed }),
      publisher,
      ...(set && { set }),
      ...(posts && { posts }),
    })
    tally = await ingestDetections(records, key, services, { sender })
  } catch (error) {
    if (!(error instanceof DroppedFileError)) throw error
    await drop.writeResult(resultKey(key), { file: key, at: services.clock().toISOString(), failure: error.message })
    throw error
  }
  if (broken) throw broken
  if (outOfTime.aborted) throw outOfTime.reason
  // A retry continues: stored records count as duplicates.
  if (tally.storeFailed) throw new Error(`${tally.failure}, after ${plural(tally.read, 'record')} of ${key}`)
  const oddities = { noted: noted.counts }
  const { receipt, ...whole } = tally
  const result = sender.ceiling && !isOperator(sender.ceiling) ? receipt : whole
  await drop.writeResult(resultKey(key), { file: key, at: services.clock().toISOString(), ...result, ...oddities })
  if (tally.failure !== undefined) throw new DroppedFileError(tally.failure)
  return { ...tally, ...oddities }
}

/**
 * Reads the caller's ceiling from the key of a signed address. Without one, an organisation role put the file there.
 */
const senderOf = (key: string): Sender => {
  const slug = /^[^/]*\/[^/]*\/[0-9a-f-]{36}\.([^/]*)\//.exec(key)?.[1]
  return { name: 'the drop bucket', ...(slug !== undefined && { ceiling: ceilingIn(slug) }) }
}

const opened = (key: string, drop: Drop) =>
  drop.open(key).catch((error: unknown) => {
    throw error instanceof OversizedFileError ? new DroppedFileError(error.message, { cause: error }) : error
  })

const optionsIn = async (metadata: Readonly<Record<string, string>>, drop: Drop) => {
  const read = sayings.safeParse(metadata)
  if (!read.success) {
    throw new DroppedFileError(`its metadata has unknown or invalid values: ${lineOf(refusalOf(read.error))}`)
  }
  const { format, territory, observed, publisher, posts, set } = read.data
  const { 'set-name': setName, 'set-marking': setMarking } = read.data
  return {
    format,
    territories: territory && codesIn(territory),
    observed: observed === undefined ? undefined : orRefuse(() => parseObserved(observed)),
    publisher,
    posts: posts === undefined ? undefined : { file: posts, chunks: (await opened(posts, drop)).chunks },
    set: [set, setName, setMarking].every((one) => one === undefined)
      ? undefined
      : {
          ...(set !== undefined && { id: set }),
          ...(setName !== undefined && { name: setName }),
          ...(setMarking !== undefined && { marking: orRefuse(() => parseMarking(setMarking)) }),
        },
  }
}

const codesIn = (written: readonly string[]): readonly TerritoryCode[] => {
  const { codes, unread } = codesAmong(written)
  const [wrong] = unread
  if (wrong) throw new DroppedFileError(`its metadata: territory: ${faultText(noTerritory(wrong.word))}`)
  return codes
}

const orRefuse = <Value>(read: () => Value): Value => {
  try {
    return read()
  } catch (cause) {
    throw new DroppedFileError(`its metadata: ${messageOf(cause)}`, { cause })
  }
}
