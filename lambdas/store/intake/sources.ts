import {
  type FoundIn,
  markingsIn,
  noTerritory,
  ownRhythm,
  type SourceRecord,
  type SourceSet,
  type Statement,
  type StoredInput,
} from '../../domain/aggregate/watch/watch.ts'
import { closedMarking, fitsUnder, type Marking, markings, strictest } from '../../domain/core/marking.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { isSameJson } from '../../domain/core/text/canonical.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { type Line, lineOf, writeAct } from '../table/history.ts'
import {
  batchPartition,
  changedSourceKey,
  detectorIn,
  type Key,
  sourceInputsPartition,
  sourceKey,
  sourcesPartition,
} from '../table/keys.ts'
import type { Item, Put, Table } from '../table/table.ts'
import { type Batch, undoEnds } from './batches.ts'

type Detector = Detection['detector']

export type SourceInput = {
  readonly name: string
  readonly brought: ReadonlyMap<Marking, { readonly detector: Detector; readonly found: FoundIn }>
  /** Detections are no input where the detector reports its own runs. */
  readonly reportsOwnRuns?: boolean
}

type Run = { readonly detector: Detector; readonly at: string; readonly found: number }

/** Omitted fields stay. */
export type Declaration = {
  readonly marking?: Marking | undefined
  /** Set with the marking: all where omitted. */
  readonly territories?: readonly TerritoryCode[] | undefined
  /** An ISO 8601 duration, `noRhythm`, or `ownRhythm`. */
  readonly rhythm?: string | undefined
}

type Declaring = {
  readonly by: string
  readonly reason?: string | undefined
  /** Instant of the setting that the operator saw, against concurrent edits. */
  readonly over?: string | undefined
}

export type Sources = {
  /** `batch` distinguishes deliveries of one moment. */
  recordInputs(deliveries: readonly SourceInput[], batch: string, now: Date): Promise<void>
  /** The first half of `recordInputs`; a source without an input is not shown. */
  introduce(deliveries: readonly SourceInput[], batch: string, now: Date): Promise<void>
  /** The second half, for the transaction of a decision. */
  inputPuts(deliveries: readonly SourceInput[], batch: string, now: Date): readonly Put[]
  /** A repeated report of an instant returns the first count. */
  recordRun(run: Run, now: Date, batch?: string): Promise<{ readonly isNew: boolean; readonly found: number }>
  /** As of `now`; earlier instants keep the delivery. */
  undoInput(name: string, batch: Pick<Batch, 'name' | 'storedAt'>, now: Date): Promise<boolean>
  /** As of `now`. False where another batch reported the run first, or it was undone before. */
  undoRun(name: string, at: string, batch: string, now: Date): Promise<boolean>
  /** Restores or clears descriptions, except those changed again since. */
  undoStatements(batch: string): Promise<void>
  /**
   * Replaces all earlier declarations.
   * @returns false on a concurrent edit
   * @throws Error
   */
  declare(name: string, declaration: Declaration, declaring: Declaring, now: Date): Promise<boolean>
  /**
   * Sources of every marking known by an instant, with inputs from another instant on and the last earlier ones. ISO
   * instants.
   * @param readable those of the reader, whose last inputs are wanted
   */
  asOf(instant: string, from?: string, readable?: readonly TerritoryCode[]): Promise<readonly SourceRecord[]>
}

type ChangedSource = Item & { readonly source: Key; readonly before: Stated | null; readonly revision: number }

type Stated = Item &
  Omit<Statement, 'marking'> & {
    readonly marking?: unknown
    readonly revision?: number
    readonly batch?: string
  }

export const sourcesIn = (table: Table): Sources => {
  /** Retries on concurrent changes; writes nothing for undefined. */
  const change = async (
    name: string,
    marking: Marking,
    next: (known: Stated | undefined) => object | undefined,
    { undoing, line }: { readonly undoing?: { readonly batch: string; readonly now: Date }; readonly line?: Line } = {},
  ) => {
    for (;;) {
      const known = (await table.get(sourceKey(name, marking))) as Stated | undefined
      const changed = next(known)
      if (!changed) return
      if (undoing) await keepBefore(sourceKey(name, marking), known, undoing)
      const { batch: _, ...content } = changed as Partial<Stated>
      const by = { revision: (known?.revision ?? 0) + 1, ...(undoing && { batch: undoing.batch }) }
      const item = { ...sourceKey(name, marking), name, marking, ...content, ...by }
      const condition = known
        ? { expression: 'revision = :revision', values: { ':revision': known.revision } }
        : { expression: 'attribute_not_exists(pk)' }
      if (await (line ? writeAct(table, item, condition, line) : table.putIf(item, condition))) return
    }
  }

  const keepBefore = async (
    source: Key,
    known: Stated | undefined,
    { batch, now }: { readonly batch: string; readonly now: Date },
  ) => {
    const key = changedSourceKey(batch, source)
    const kept = (await table.get(key)) as ChangedSource | undefined
    const before = kept && kept.revision === known?.revision ? kept.before : (known ?? null)
    await table.put({ ...key, source, before, revision: (known?.revision ?? 0) + 1, expiresAt: undoEnds(now) })
  }

  /** Makes a later intake, if undone too, skip the undone statement. */
  const skipBefore = async (later: string, undone: string, { source, before }: ChangedSource): Promise<void> => {
    const passed = new Set<string>()
    for (let at: string | undefined = later; at !== undefined && !passed.has(at);) {
      passed.add(at)
      const kept = (await table.get(changedSourceKey(at, source))) as ChangedSource | undefined
      if (kept?.before?.batch === undone) return table.put({ ...kept, before })
      at = kept?.before?.batch
    }
  }

  /** The latest description wins; a bare name changes nothing. The declared marking only rises. */
  const introduce = async (detector: Detector, marking: Marking, now: Date, batch?: string): Promise<void> => {
    const { name, byHand = false, version, thresholds, knownError, expectedRhythm, territories } = detector
    const description = { version, thresholds, knownError, expectedRhythm }
    const statedAt = now.toISOString()
    const isBare = Object.values({ ...description, territories }).every((fact) => fact === undefined)
    await change(
      name,
      marking,
      (known) => {
        if (!known) return { byHand, ...description, territories, declared: detector.marking, statedAt }
        const { set } = known
        const declared = strictestOf(known.declared, detector.marking)
        const isNews = !isBare && known.statedAt <= statedAt
        if (!isNews && declared === known.declared) return undefined
        return isNews
          ? {
              byHand,
              ...description,
              territories: territories ?? known.territories,
              declared,
              statedAt,
              ...(set && { set }),
            }
          : { ...known, declared }
      },
      batch === undefined ? {} : { undoing: { batch, now } },
    )
  }

  const introduceAll = async (deliveries: readonly SourceInput[], batch: string, now: Date): Promise<void> => {
    for (const { brought } of deliveries)
      for (const [marking, { detector }] of brought) await introduce(detector, marking, now, batch)
  }

  const markUndone = async (key: Key, now: Date, isItsOwn: (item: Item) => boolean): Promise<boolean> => {
    const item = await table.get(key)
    if (!item || item.undoneAt !== undefined || !isItsOwn(item)) return false
    await table.put({ ...item, undoneAt: now.toISOString() })
    return true
  }

  /** For each marking, the last input that may be known at it. */
  const lastInputs = async (
    name: string,
    [before, instant]: readonly [string, string],
    wanted: readonly Marking[],
    readable: readonly TerritoryCode[] | undefined,
  ) => {
    for (const few of [{ limit: 10 }, {}]) {
      const found: StoredInput[] = []
      const left = new Set(wanted)
      for await (const item of table.query(sourceInputsPartition(name), { to: before, backwards: true, ...few })) {
        if (!storedBy(instant)(item)) continue
        const input = inputOf(item)
        const known = freestOf(input, readable)
        const covered = [...left].filter((marking) => known && fitsUnder(known, marking))
        if (covered.length > 0) found.unshift(input)
        for (const marking of covered) left.delete(marking)
        if (left.size === 0) return found
      }
      if (few.limit === undefined) return found
    }
    return []
  }

  return {
    recordInputs: async (deliveries, batch, now) => {
      await introduceAll(deliveries, batch, now)
      await table.putAll(inputsOf(deliveries, batch, now))
    },
    introduce: introduceAll,
    inputPuts: (deliveries, batch, now) => inputsOf(deliveries, batch, now).map((item) => ({ item })),
    recordRun: async ({ detector, at, found }, now, batch) => {
      const storedAt = now.toISOString()
      const item = {
        ...runKey(detector.name, at),
        found,
        storedAt,
        ...(batch !== undefined && { batch }),
      }
      const before = await table.get(item)
      const unclaimed = 'attribute_not_exists(pk)'
      const isClaimed = await table.putIf(
        item,
        before?.undoneAt === undefined
          ? { expression: unclaimed }
          : { expression: `${unclaimed} OR undoneAt = :undone`, values: { ':undone': before.undoneAt } },
      )
      await introduce(detector, 'TLP:CLEAR', now, batch)
      const existing = (isClaimed ? undefined : await table.get(item)) ?? item
      const isOwn = existing.storedAt === storedAt && existing.batch === batch && existing.found === found
      return { isNew: isOwn, found: inputOf(existing).found }
    },
    undoInput: (name, batch, now) => markUndone(inputKey(name, batch.storedAt, batch.name), now, () => true),
    undoRun: (name, at, batch, now) => markUndone(runKey(name, at), now, (item) => item.batch === batch),
    undoStatements: async (batch) => {
      for await (const item of table.query(batchPartition(batch), {
        beginsWith: changedSourceKey(batch, { pk: '', sk: '' }).sk,
      })) {
        const { source, before, revision } = item as ChangedSource
        const known = (await table.get(source)) as Stated | undefined
        if (known?.batch !== undefined && known.batch !== batch)
          await skipBefore(known.batch, batch, item as ChangedSource)
        if (!known || (known.batch !== batch && known.revision !== revision)) continue
        // A new source keeps an empty statement: as of an earlier instant it had delivered.
        const { pk, sk, name, marking, byHand, statedAt } = known
        const bare = { pk, sk, name, marking, byHand, statedAt }
        await table.put({ ...(before ?? bare), revision: (known.revision ?? 0) + 1 })
      }
    },
    declare: async (name, { marking, territories, rhythm }, { by, reason, over }, now) => {
      const items = (await Array.fromAsync(table.query(sourcesPartition))).filter((item) => nameOf(item) === name)
      if (items.length === 0) {
        throw new Error(`no source ${JSON.stringify(name)} has delivered: see vigie sources list`)
      }
      const byHand = items.some((item) => item.byHand === true)
      const declared = marking === undefined ? {} : { declared: marking, territories }
      let isFaster = false
      const line = lineOf({
        ...{ at: now.toISOString(), did: 'changed', by, id: name, of: 'source' },
        ...(reason !== undefined && { reason }),
        what: [
          ...(rhythm === undefined ? [] : [rhythm]),
          ...(marking === undefined ? [] : [marking, ...(territories ?? [])]),
        ],
      })
      const say = (known: Stated | undefined): object | undefined => {
        const rhythmSet = rhythm === undefined ? known?.set?.rhythm : rhythm === ownRhythm ? undefined : rhythm
        const set: SourceSet = {
          ...{ at: now.toISOString(), by },
          ...(reason !== undefined && { reason }),
          ...(rhythmSet !== undefined && { rhythm: rhythmSet }),
        }
        const statement = {
          ...(known ? replacing(known, marking) : { byHand, statedAt: now.toISOString() }),
          ...declared,
          set,
        }
        // Repeating it completes an interrupted call.
        if (known?.set && isSameJson(known, { ...statement, set: { ...set, at: known.set.at } })) return undefined
        isFaster = over !== undefined && over !== (known?.set?.at ?? '')
        return isFaster ? undefined : statement
      }
      await change(name, 'TLP:CLEAR', say, { line })
      if (isFaster) return false
      for (const level of marking === undefined ? [] : markings.slice(1))
        await change(name, level, (known) => known && replacing(known, marking))
      return true
    },
    asOf: async (instant, from = instant, readable) => {
      const items = await Array.fromAsync(table.query(sourcesPartition))
      const sources: SourceRecord[] = []
      for (const [name, sourceItems] of Map.groupBy(items, nameOf)) {
        const statements = sourceItems.map(statementOf)
        const range = { from, to: `${instant}~` }
        const stored = await Array.fromAsync(table.query(sourceInputsPartition(name), range))
        const inputs = stored.filter(storedBy(instant)).map(inputOf)
        const levels = new Set(
          sourceItems.flatMap((one) => (one.marking === undefined ? markings : [statementOf(one).marking])),
        )
        const before = from < instant ? from : `${instant}~`
        const earlier = await lastInputs(name, [before, instant], [...levels], readable)
        if (inputs.length + earlier.length > 0) sources.push({ name, statements, inputs, earlier })
      }
      return sources
    },
  }
}

const runs = '#ran'

const runKey = (detector: string, at: string): Key => ({ pk: sourceInputsPartition(detector), sk: `${at}${runs}` })

const inputKey = (detector: string, at: string, batch: string): Key => ({
  pk: sourceInputsPartition(detector),
  sk: `${at}#${batch}`,
})

const inputsOf = (deliveries: readonly SourceInput[], batch: string, now: Date): readonly Item[] =>
  deliveries
    .filter(({ reportsOwnRuns }) => !reportsOwnRuns)
    .map(({ name, brought }) => {
      const at = now.toISOString()
      const by = Object.fromEntries([...brought].map(([marking, { found }]) => [marking, boundedIn(found)]))
      const found = Object.values(by).reduce((sum, one) => sum + sumOf(Object.values(one)), 0)
      return { ...inputKey(name, at, batch), found, by, storedAt: at }
    })

/** Bounds the item's size; further sets of territories, the largest ones, count for those who may read all. */
const maxTerritorySets = 200

const boundedIn = (found: FoundIn): FoundIn => {
  const sets = Object.entries(found).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))
  const more = sumOf(sets.splice(maxTerritorySets).map(([, count]) => count))
  const kept = Object.fromEntries(sets)
  return more === 0 ? kept : { ...kept, [noTerritory]: more + (kept[noTerritory] ?? 0) }
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, one) => sum + one, 0)

const replacing = ({ declared, territories, ...rest }: Stated, marking: Marking | undefined): object =>
  marking === undefined ? { ...rest, declared, territories } : rest

const nameOf = ({ sk }: Item): string => detectorIn(sk)

const statementOf = (item: Item): Statement => {
  const { marking, byHand, statedAt, declared, territories, set } = item as Stated
  const { version, thresholds, knownError, expectedRhythm } = item as Stated
  return {
    // Unknown for one that was stored without it.
    marking: closedMarking(marking),
    statedAt,
    byHand,
    ...(declared !== undefined && { declared: closedMarking(declared) }),
    ...{ territories, version, thresholds, knownError, expectedRhythm },
    ...(set && { set }),
  }
}

const strictestOf = (one: Marking | undefined, other: Marking | undefined): Marking | undefined =>
  one === undefined ? other : strictest(other === undefined ? [one] : [one, other])

/** A run may be reported later. Items without `storedAt` are deliveries. Undone inputs count until then. */
const storedBy =
  (instant: string) =>
  ({ storedAt, undoneAt }: Item): boolean =>
    (storedAt === undefined || String(storedAt) <= instant) && (undoneAt === undefined || String(undoneAt) > instant)

const inputOf = ({ sk, found, by }: Pick<Item, 'sk'> & { found?: unknown; by?: unknown }): StoredInput => {
  const input = { at: sk.slice(0, sk.indexOf('#')), found: Number(found ?? 0) }
  if (sk.endsWith(runs)) return input
  // Inputs stored without markings count as TLP:RED.
  return { ...input, by: (by as StoredInput['by']) ?? { 'TLP:RED': { [noTerritory]: input.found } } }
}

/** The least strict marking at which it may be known. */
const freestOf = (input: StoredInput, readable: readonly TerritoryCode[] | undefined): Marking | undefined =>
  input.by === undefined ? 'TLP:CLEAR' : [...markingsIn(input, { cap: 'TLP:RED', readable }).keys()][0]
