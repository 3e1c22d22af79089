/** The detectors that have delivered: what they are, when each gave something, and when each says that it ran. */
import type { Detection } from '../domain/detection.ts'
import type { SourceRecord } from '../domain/report.ts'
import type { Input } from '../domain/watch.ts'
import { sourceInputsPartition, sourcesPartition } from './keys.ts'
import type { Item, Table } from './table.ts'

/** A detector with how many detections it has just brought. */
export type Delivery = { readonly detector: Detection['detector']; readonly found: number }

/** A detector's word that it ran at an ISO instant, and how much it found. */
export type Run = Delivery & { readonly at: string }

export type Sources = {
  /** Notes what detectors delivered now; `batch` tells deliveries of one moment apart. */
  delivered(deliveries: readonly Delivery[], batch: string, now: Date): Promise<void>
  /** Notes that a detector ran: once for each instant. Where it said so before, what it said to have found then. */
  ran(run: Run, now: Date): Promise<{ readonly isNew: boolean; readonly found: number }>
  /**
   * Each source that was heard of by an instant, by name: with its last input then, and its inputs from another
   * instant on. ISO instants.
   */
  asOf(instant: string, from?: string): Promise<readonly SourceRecord[]>
}

export const sourcesIn = (table: Table): Sources => {
  const introduce = async (detector: Detection['detector'], now: Date): Promise<void> => {
    const { name, byHand, version, thresholds, knownError, expectedRhythm } = detector
    const saidAt = now.toISOString()
    const said = { version, thresholds, knownError, expectedRhythm }
    // What a source says of itself is what it said last; a bare name says nothing.
    const isBare = Object.values(said).every((fact) => fact === undefined)
    await table.putIf(
      { pk: sourcesPartition, sk: name, name, byHand: byHand ?? false, ...said, saidAt },
      isBare
        ? { expression: 'attribute_not_exists(pk)' }
        : { expression: 'attribute_not_exists(pk) OR saidAt <= :at', values: { ':at': saidAt } },
    )
  }
  /** The last input at or before an instant that was stored by then: among the last few, as a rule. */
  const lastInput = async (name: string, instant: string): Promise<Input | undefined> => {
    for (const few of [{ limit: 10 }, {}]) {
      const items = table.query(sourceInputsPartition(name), { to: `${instant}~`, backwards: true, ...few })
      for await (const item of items) if (storedBy(instant)(item)) return inputOf(item)
    }
    return undefined
  }
  return {
    delivered: async (deliveries, batch, now) => {
      const at = now.toISOString()
      for (const { detector, found } of deliveries) {
        await table.put({ pk: sourceInputsPartition(detector.name), sk: `${at}#${batch}`, found, storedAt: at })
        await introduce(detector, now)
      }
    },
    ran: async ({ detector, at, found }, now) => {
      const storedAt = now.toISOString()
      const item = { pk: sourceInputsPartition(detector.name), sk: `${at}#ran`, found, storedAt }
      const isClaimed = await table.putIf(item, { expression: 'attribute_not_exists(pk)' })
      await introduce(detector, now)
      const stands = (isClaimed ? undefined : await table.get(item)) ?? item
      // The claim may have gone through with its answer lost.
      return { isNew: stands.storedAt === storedAt && stands.found === found, found: inputOf(stands).found }
    },
    asOf: async (instant, from = instant) => {
      const sources: SourceRecord[] = []
      for await (const { pk: _pk, sk: name, saidAt: _saidAt, ...facts } of table.query(sourcesPartition)) {
        const range = { from, to: `${instant}~` }
        const items = await Array.fromAsync(table.query(sourceInputsPartition(name), range))
        const inputs = items.filter(storedBy(instant)).map(inputOf)
        const last = inputs.at(-1) ?? (await lastInput(name, instant))
        if (last) sources.push({ ...(facts as Omit<SourceRecord, 'lastInput' | 'inputs'>), lastInput: last.at, inputs })
      }
      return sources
    },
  }
}

/** A delivery is stored when it comes; word of a run may come later. Items without `storedAt` are deliveries. */
const storedBy =
  (instant: string) =>
  ({ storedAt }: Item): boolean =>
    storedAt === undefined || String(storedAt) <= instant

const inputOf = ({ sk, found }: { readonly sk: string; readonly found?: unknown }): Input => ({
  at: sk.slice(0, sk.indexOf('#')),
  found: Number(found ?? 0),
})
