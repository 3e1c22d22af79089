/** Opens a reject for corrections by hand, and stores it. */
import { eachOf, type Fault, FaultError, fault } from '../../domain/core/fault.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { harmless } from '../../domain/core/text/harmless.ts'
import { doubtFault } from '../../domain/detection/names/doubts.ts'
import { changedBetween } from '../../domain/looking/explanation.ts'
import type { FileFormat } from '../../intake/file-formats.ts'
import { once, readRecords, type Settings } from '../../intake/formats.ts'
import { typedCell, typedTable } from '../../intake/typed-cells.ts'
import type { KeptReject } from '../../store/intake/rejects.ts'
import { otherDetection } from './check-detections.ts'
import type { Desk } from './desk.ts'
import { readingFor } from './look-at-file.ts'
import { isWhole, retryRejects } from './retry-rejects.ts'

export { isWhole } from './retry-rejects.ts'

type RejectRow = { readonly headings: readonly string[]; readonly cells: readonly string[] }

/** By column, from 0. */
type Cells = ReadonlyMap<number, string>

const textOf = ({ context = '', raw }: KeptReject): Uint8Array => Buffer.from(`${context}\n${raw}\n`)

/** Undefined where it is no row of a table. */
export const rejectRow = async (kept: KeptReject): Promise<RejectRow | undefined> => {
  if (kept.origin?.format !== 'csv' || kept.context === undefined || !isWhole(kept)) return undefined
  const { headings, rows } = await typedTable(textOf(kept), {}, kept)
  const [cells, ...more] = rows.values()
  return cells && more.length === 0 ? { headings, cells } : undefined
}

/** Faults by their heading, or field. */
export const faultsOf = ({ path, fault }: Pick<KeptReject, 'path' | 'fault'>) =>
  eachOf(fault).map((one) => ({ ...one, path: one.path ?? path }))

const mostAlike = 500

/** Open rejects of the same batch with the same fault at the same value, by column. */
export const rejectsAlike = async (
  kept: KeptReject,
  { headings, cells }: RejectRow,
  { services: { rejects } }: Pick<Desk, 'services'>,
): Promise<ReadonlyMap<number, readonly KeptReject[]>> => {
  const alike = new Map<number, KeptReject[]>()
  const { batch, context, rejectId } = kept
  for await (const other of rejects.open()) {
    if (batch === undefined || other.batch !== batch || other.context !== context || other.rejectId === rejectId)
      continue
    const row = await rejectRow(other)
    for (const { code, path } of faultsOf(kept)) {
      const at = headings.indexOf(path)
      const isSame = faultsOf(other).some((one) => one.code === code && one.path === path)
      const known = alike.get(at) ?? []
      if (at < 0 || !isSame || row?.cells[at] !== cells[at] || known.length === mostAlike) continue
      alike.set(at, [...known.filter((one) => one !== other), other])
    }
  }
  return alike
}

const correctedText = async (kept: KeptReject, cells: Cells): Promise<string> => {
  const { rows } = await typedTable(textOf(kept), {}, kept)
  const [[line, before] = [0, []]] = rows
  const typed = [...cells].map(([at, cell]) => [`${line}.${at}`, typedCell(cell, before[at] ?? '')] as const)
  const { bytes } = await typedTable(textOf(kept), Object.fromEntries(typed), kept)
  return Buffer.from(bytes).toString().slice(`${kept.context}\n`.length).trimEnd()
}

type Correction = {
  /** The whole record, where it is no row of a table. */
  readonly text?: string | undefined
  readonly cells: Cells
  /** Columns whose new cell {@link rejectsAlike} get too. */
  readonly also: readonly number[]
  readonly by: string
  /** The id whose stored detection an analyst confirmed to be the same one. */
  readonly same: string | undefined
}

/** @returns the faults that are left, or the doubt to confirm; undefined where it was stored */
export const repairReject = async (
  kept: KeptReject,
  { text, cells, also, by, same }: Correction,
  desk: Desk,
): Promise<readonly Fault[] | undefined> => {
  const { format: _, settings, ...stated } = kept.origin ?? { format: '' }
  const reading = { ...(await readingFor(stated, desk)), ...(settings as Settings | undefined) }
  const row = await rejectRow(kept)
  const each = new Map<KeptReject, Map<number, string>>([[kept, new Map(cells)]])
  const alike = row && also.length > 0 ? await rejectsAlike(kept, row, desk) : new Map<number, KeptReject[]>()
  for (const at of also) {
    const cell = cells.get(at)
    if (cell === undefined) continue
    for (const other of alike.get(at) ?? []) each.set(other, (each.get(other) ?? new Map()).set(at, cell))
  }
  const fixed = await Promise.all(
    [...each].map(async ([one, typed]) => ({
      ...{ rejectId: one.rejectId, columns: [...typed.keys()] },
      raw: text ?? (await correctedText(one, typed)),
    })),
  )
  const left: Fault[] = []
  const retry = (some: typeof fixed, confirmed?: string) =>
    retryRejects(desk.services, {
      by,
      read: async function* (raw, { file, origin }) {
        const about = { ...reading, file, format: origin.format as FileFormat, now: desk.services.clock() }
        for await (const record of readRecords(once(Buffer.from(raw)), { ...about, isAlone: true })) {
          const detection = 'detection' in record && record.detection.id !== confirmed ? record.detection : undefined
          const stored = detection && (await desk.services.detections.latest(detection.id))
          const [doubt] = stored ? otherDetection({ changed: changedBetween(stored, detection) }) : []
          if (doubt) throw new FaultError({ ...doubtFault(doubt), values: { id: detection?.id ?? '' } })
          yield record
        }
      },
      fixedFile: once(Buffer.from(JSON.stringify(some))),
      corrected: ({ rejectId, file, line }) => ({
        what: (fixed.find((one) => one.rejectId === rejectId)?.columns ?? []).map((at) =>
          harmless((row?.headings[at] ?? '').slice(0, 100)),
        ),
        reason: fault('place.ofFile', {
          place: line === undefined ? fault('place.earlier') : fault('place.line', { line }),
          file,
        }),
      }),
      onRejected: ({ rejectId }, reason) => {
        if (rejectId === kept.rejectId) pushAll(left, eachOf(reason))
      },
    })
  // The others only follow a row that could be stored.
  for (const [some, confirmed] of [[fixed.slice(0, 1), same] as const, [fixed.slice(1)] as const]) {
    const { failure } = some.length > 0 && left.length === 0 ? await retry(some, confirmed) : {}
    if (failure !== undefined) throw new Error(failure)
  }
  return left.length > 0 ? left : undefined
}
