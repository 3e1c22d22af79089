/** The detectors that have delivered: what they are, and when each last gave something. */
import type { Detection } from '../domain/detection.ts'
import type { Source } from '../domain/report.ts'
import { sourceDaysPartition, sourcesPartition } from './keys.ts'
import type { Table } from './table.ts'

export type Sources = {
  /** Notes that these detectors delivered something now. */
  delivered(detectors: readonly Detection['detector'][], now: Date): Promise<void>
  /** Each with its last input at or before an instant, by name; none that had not delivered by then. */
  asOf(instant: string): Promise<readonly Source[]>
}

export const sourcesIn = (table: Table): Sources => ({
  delivered: async (detectors, now) => {
    const at = now.toISOString()
    const later = { expression: 'attribute_not_exists(pk) OR lastInput < :at', values: { ':at': at } }
    for (const { name, byHand, version, thresholds, knownError, expectedRhythm } of detectors) {
      const facts = { name, byHand: byHand ?? false, version, thresholds, knownError, expectedRhythm }
      const day = { pk: sourceDaysPartition(name), sk: at.slice(0, 10) }
      const before = await table.get(day)
      // A concurrent ingest that was later by the clock leaves nothing to note.
      await table.putIf({ ...day, firstInput: before?.firstInput ?? at, lastInput: at }, later)
      await table.putIf({ pk: sourcesPartition, sk: name, ...facts, lastInput: at }, later)
    }
  },
  asOf: async (instant) => {
    const sources: Source[] = []
    for await (const item of table.query(sourcesPartition)) {
      const { pk: _pk, sk: _sk, lastInput: latest, ...facts } = item as typeof item & Source
      const lastInput = latest && latest <= instant ? latest : await lastBefore(table, String(item.sk), instant)
      if (lastInput) sources.push({ ...facts, lastInput })
    }
    return sources
  },
})

const lastBefore = async (table: Table, detector: string, instant: string): Promise<string | undefined> => {
  const days = table.query(sourceDaysPartition(detector), { to: instant.slice(0, 10), backwards: true })
  for await (const { firstInput, lastInput } of days) {
    const known = [lastInput, firstInput].map(String).find((input) => input <= instant)
    if (known) return known
  }
  return undefined
}
