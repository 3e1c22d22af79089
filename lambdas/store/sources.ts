/** The detectors that have delivered: what they are, and when each gave something. */
import type { Detection } from '../domain/detection.ts'
import type { SourceRecord } from '../domain/report.ts'
import type { Input } from '../domain/watch.ts'
import { sourceInputsPartition, sourcesPartition } from './keys.ts'
import type { Table } from './table.ts'

/** A detector with how many detections it has just brought. */
export type Delivery = { readonly detector: Detection['detector']; readonly found: number }

export type Sources = {
  /** Notes what detectors delivered now; `batch` tells deliveries of one moment apart. */
  delivered(deliveries: readonly Delivery[], batch: string, now: Date): Promise<void>
  /**
   * Each source that had delivered by an instant, by name: with its last input then, and its inputs from another
   * instant on. ISO instants.
   */
  asOf(instant: string, from?: string): Promise<readonly SourceRecord[]>
}

export const sourcesIn = (table: Table): Sources => ({
  delivered: async (deliveries, batch, now) => {
    const at = now.toISOString()
    for (const { detector, found } of deliveries) {
      const { name, byHand, version, thresholds, knownError, expectedRhythm } = detector
      await table.put({ pk: sourceInputsPartition(name), sk: `${at}#${batch}`, found })
      const facts = { name, byHand: byHand ?? false, version, thresholds, knownError, expectedRhythm }
      // What a source says of itself is what it said last.
      const last = { expression: 'attribute_not_exists(pk) OR saidAt <= :at', values: { ':at': at } }
      await table.putIf({ pk: sourcesPartition, sk: name, ...facts, saidAt: at }, last)
    }
  },
  asOf: async (instant, from = instant) => {
    const sources: SourceRecord[] = []
    for await (const { pk: _pk, sk: name, saidAt: _saidAt, ...facts } of table.query(sourcesPartition)) {
      const upTo = `${instant}~`
      const [last] = await Array.fromAsync(
        table.query(sourceInputsPartition(name), { to: upTo, backwards: true, limit: 1 }),
        inputOf,
      )
      if (!last) continue
      const inputs = await Array.fromAsync(table.query(sourceInputsPartition(name), { from, to: upTo }), inputOf)
      sources.push({ ...(facts as Omit<SourceRecord, 'lastInput' | 'inputs'>), lastInput: last.at, inputs })
    }
    return sources
  },
})

const inputOf = ({ sk, found }: { sk: string; found?: unknown }): Input => ({
  at: sk.slice(0, sk.indexOf('#')),
  found: Number(found ?? 0),
})
