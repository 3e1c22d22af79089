/** Cached summaries, with the data to validate them. */
import { randomUUID } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { PeriodSummary } from '../../domain/aggregate/period-summary.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { boundsFor } from '../../domain/core/place/subject.ts'
import { type SubjectCode, subjects } from '../../domain/core/place/territory.ts'
import { parsePeriod } from '../../domain/core/time/period.ts'
import { countingRules } from '../../domain/report/facts.ts'
import type { Edition } from '../../domain/report/manifest.ts'
import { summaryKeys, summaryPartition } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

export type KeptSummary = Omit<PeriodSummary, 'names'> & { readonly names?: PeriodSummary['names'] }

/** The state from which a summary was counted. */
type SummaryBasis = {
  /** Of the days of its period: see `ChangeState`. */
  readonly state: string
  /** ISO instant of the newest counted revision; not valid for earlier instants. */
  readonly latest: string
}

export type Summaries = {
  /**
   * Valid summaries by period id.
   * @param stateOf of the days of an edition's period, undefined while they change
   * @param named the edition whose names are needed
   */
  holding(
    editions: readonly Edition[],
    asOf: string,
    stateOf: (edition: Edition) => string | undefined,
    named: Edition | undefined,
  ): Promise<ReadonlyMap<string, KeptSummary>>
  /** Skips a summary that is too large. */
  keep(edition: Edition, summary: PeriodSummary, basis: SummaryBasis): Promise<void>
  /** Editions with a summary, valid or not. */
  editions(territory: SubjectCode): AsyncGenerator<Edition>
  /** The next report counts again. */
  drop(edition: Edition): Promise<void>
}

type SummaryItem = Item &
  SummaryBasis & {
    readonly period: string
    readonly cap: Marking
    /** Program, rules and bounds of the count. */
    readonly by: string
    readonly kept: string
    /** JSON, gzipped, in base 64. */
    readonly body: string
    /** Number of further items, where one is too small. */
    readonly parts?: number
  }

/** DynamoDB allows 400 KB an item, key and names included. */
const maxBodyChars = 390_000

/** Enough for a hundred thousand manoeuvres. */
const maxParts = 16

/** @param program name and version: another one may count differently */
export const summariesIn = (table: Table, program: string): Summaries => {
  const countedBy = ({ territory, period }: Edition): string => {
    const { from, to } = boundsFor(period, territory)
    return `${program}, rules ${countingRules}, ${from} to ${to}`
  }
  /** Skips summaries that lack items. */
  const threadsIn = async (
    editions: readonly Edition[],
    items: ReadonlyMap<string, SummaryItem>,
  ): Promise<ReadonlyMap<string, PeriodSummary['threads']>> => {
    const wanted = editions.flatMap((edition) => {
      const keys = summaryKeys(edition)
      const { parts, kept } = items.get(keys.figures.sk) ?? {}
      return parts === undefined ? [] : [{ edition, kept, keys: upTo(parts).map(keys.threads) }]
    })
    const found = new Map(
      (await table.getAll(wanted.flatMap(({ keys }) => keys))).map((item) => [item.sk, item as SummaryItem]),
    )
    return new Map(
      wanted.flatMap(({ edition, kept, keys }) => {
        const parts = keys.flatMap(({ sk }) => found.get(sk) ?? [])
        const isWhole = parts.length === keys.length && parts.every((part) => part.kept === kept)
        return isWhole ? [[edition.period.id, unpacked({ body: parts.map(({ body }) => body).join('') })] as const] : []
      }),
    )
  }
  return {
    holding: async (editions, asOf, stateOf, named) => {
      const keys = editions.flatMap((edition) => {
        const { figures, names } = summaryKeys(edition)
        return edition === named ? [figures, names] : [figures]
      })
      const items = new Map((await table.getAll(keys)).map((item) => [item.sk, item as SummaryItem]))
      const threads = await threadsIn(editions, items)
      return new Map(
        editions.flatMap((edition) => {
          const keys = summaryKeys(edition)
          const figures = items.get(keys.figures.sk)
          const names = items.get(keys.names.sk)
          const holds =
            figures?.by === countedBy(edition) && figures.latest <= asOf && figures.state === stateOf(edition)
          if (!holds || (edition === named && names?.kept !== figures.kept)) return []
          const followed = threads.get(edition.period.id)
          if (figures.parts !== undefined && !followed) return []
          const summary: KeptSummary = {
            ...unpacked(figures),
            ...(followed && { threads: followed }),
            ...(edition === named && names && { names: unpacked(names) }),
          }
          return [[edition.period.id, summary] as const]
        }),
      )
    },
    keep: async (edition, { names, ...rest }, basis) => {
      const keys = summaryKeys(edition)
      const { period, cap } = edition
      const common = { ...basis, period: period.id, cap, by: countedBy(edition), kept: randomUUID() }
      const { threads, ...figures } = rest
      const whole = packed(rest)
      const isOne = whole.length <= maxBodyChars
      const parts = isOne ? [] : cutInto(packed(threads), maxBodyChars)
      const items = [
        ...parts.map((body, number) => ({ ...keys.threads(number), ...common, body })),
        { ...keys.names, ...common, body: packed(names) },
        { ...keys.figures, ...common, ...(isOne ? { body: whole } : { body: packed(figures), parts: parts.length }) },
      ]
      if (parts.length > maxParts || items.some(({ body }) => body.length > maxBodyChars)) return
      for (const item of items) await table.put(item)
    },
    editions: async function* (territory) {
      for await (const item of table.query(summaryPartition(territory))) {
        const { sk, period, cap } = item as SummaryItem
        const edition = { territory, period: parsePeriod(period), cap }
        if (sk === summaryKeys(edition).figures.sk) yield edition
      }
    },
    drop: async (edition) => {
      const { figures, names, threads } = summaryKeys(edition)
      const [item] = (await table.getAll([figures])) as readonly SummaryItem[]
      for (const key of [figures, names, ...upTo(item?.parts ?? 0).map(threads)]) await table.remove(key)
    },
  }
}

export const dropSummaries = async (table: Table): Promise<void> => {
  for (const { code } of subjects)
    for await (const { pk, sk } of table.query(summaryPartition(code))) await table.remove({ pk, sk })
}

const packed = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64')

const cutInto = (text: string, most: number): readonly string[] =>
  upTo(Math.ceil(text.length / most)).map((at) => text.slice(at * most, (at + 1) * most))

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number)

const unpacked = ({ body }: Pick<SummaryItem, 'body'>) => JSON.parse(gunzipSync(Buffer.from(body, 'base64')).toString())
