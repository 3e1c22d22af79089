/** Previewed files, kept for a day and visible only to their author; and the mappings that were chosen for tables. */
import { randomUUID } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import { cutText, readParts } from '../table/chunks.ts'
import { lookPartitionOf, mappingsPartition, storingTurnKey } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

export type Stated = {
  readonly territories?: readonly TerritoryCode[]
  /** As written: `2024-W20`. */
  readonly observed?: string
  readonly sheet?: string
  /** IANA zone of times without a zone. */
  readonly zone?: string
  readonly columns?: Readonly<Record<string, string | null>>
  /** How a column of times that are all midnight UTC is read. */
  readonly midnight?: 'day' | 'instant' | undefined
  /** Typed in place of the file's own, by `line.column`. */
  readonly cells?: Readonly<Record<string, string>>
  readonly aimed?: Readonly<Record<string, readonly TerritoryCode[]>>
}

const stated: Readonly<Record<keyof Stated, true>> = {
  territories: true,
  observed: true,
  sheet: true,
  zone: true,
  columns: true,
  midnight: true,
  cells: true,
  aimed: true,
}

const isStated = (name: string): boolean => Object.hasOwn(stated, name)

export const statedIn = (look: Stated): Stated =>
  Object.fromEntries(Object.entries(look).filter(([name, value]) => isStated(name) && value !== undefined))

const withoutStated = (item: Item): Partial<Item> =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !isStated(name)))

export type Look = Stated & {
  readonly id: string
  readonly file: string
  readonly bytes: number
  readonly at: string
  readonly until: string
  /** `taken` while being stored, then `stored` under the intake `batch`. */
  readonly state: 'open' | 'taken' | 'stored'
  /** ISO instant after which a lock counts as abandoned. */
  readonly takenUntil?: string
  readonly batch?: string
  /** The author's name as entered where there is no sign-in, to avoid asking twice. */
  readonly by?: string
}

export type RememberedMapping = Pick<Stated, 'sheet'> & {
  /** As in `mapping.json`. */
  readonly mapping: Readonly<Record<string, unknown>>
  readonly by: string
  /** ISO instant. */
  readonly at: string
}

/** *chosen* in a preview, or *saved* on the command line, whose scripts rely on it. */
type MappingKind = 'chosen' | 'saved'

export type Looks = {
  readonly mappings: {
    get(headings: string, kind: MappingKind): Promise<RememberedMapping | undefined>
    /** Drops the oldest above the limit. False where it is too large. */
    keep(headings: string, kind: MappingKind, mapping: RememberedMapping): Promise<boolean>
  }
  /** Drops files older than a day or above the limit. */
  open(author: string, file: string, bytes: Uint8Array, stated: Stated, now: Date): Promise<Look>
  get(author: string, id: string, now: Date): Promise<Look | undefined>
  list(author: string, now: Date): Promise<readonly Look[]>
  bytes(author: string, look: Look): Promise<Uint8Array>
  change(
    author: string,
    seen: Look,
    next: Pick<Look, 'state' | 'takenUntil' | 'batch' | 'by'> & Stated,
  ): Promise<boolean>
  /** Lock over all authors: the preview stays valid until it is stored. */
  readonly turn: {
    /** False while another holder has it, until released or expired. */
    take(holder: string, now: Date): Promise<boolean>
    give(holder: string): Promise<void>
  }
  /** After storing, only the file is dropped. */
  drop(author: string, id: string, what?: 'all' | 'file'): Promise<void>
}

const dayMs = 86_400_000
/** Longer than a request lasts on a stage. */
export const storingLeaseMs = 60_000
const mostOfOne = 10
const mostMappings = 200
const maxMappingChars = 100_000

const heads = 'HEAD#'
const partsOf = (id: string): string => `PART#${id}#`

export const looksIn = (table: Table): Looks => {
  const headKey = (author: string, id: string) => ({ pk: lookPartitionOf(author), sk: `${heads}${id}` })
  const partKey = (author: string, id: string, number: number) => ({
    pk: lookPartitionOf(author),
    sk: `${partsOf(id)}${String(number).padStart(4, '0')}`,
  })
  const expiring = ({ until }: Pick<Look, 'until'>) => ({ expiresAt: Math.ceil(Date.parse(until) / 1_000) })
  const drop: Looks['drop'] = async (author, id, what = 'all') => {
    const parts = await Array.fromAsync(table.query(lookPartitionOf(author), { beginsWith: partsOf(id) }))
    for (const { pk, sk } of parts) await table.remove({ pk, sk })
    if (what === 'all') await table.remove(headKey(author, id))
  }
  const all = async (author: string): Promise<readonly Look[]> =>
    (await Array.fromAsync(table.query(lookPartitionOf(author), { beginsWith: heads }))).map(lookOf)
  const lasting = (own: readonly Look[], now: Date): readonly Look[] =>
    own.filter(({ until }) => Date.parse(until) > now.getTime()).sort((a, b) => (a.at < b.at ? 1 : -1))
  const sweep = async (author: string, now: Date): Promise<void> => {
    const own = await all(author)
    const kept = lasting(own, now).slice(0, mostOfOne - 1)
    for (const one of own) if (!kept.includes(one)) await drop(author, one.id)
  }
  return {
    open: async (author, file, bytes, stated, now) => {
      await sweep(author, now)
      const look: Look = {
        id: randomUUID(),
        ...{ file, bytes: bytes.byteLength, at: now.toISOString() },
        until: new Date(now.getTime() + dayMs).toISOString(),
        state: 'open',
        ...stated,
      }
      const parts = cutText(gzipSync(bytes).toString('base64')).map((text, number) => ({
        ...partKey(author, look.id, number),
        text,
        ...expiring(look),
      }))
      await table.putAll(parts)
      await table.put({ ...headKey(author, look.id), ...look, parts: parts.length, ...expiring(look) })
      return look
    },
    get: async (author, id, now) => {
      const item = await table.get(headKey(author, id))
      const look = item && lookOf(item)
      return look && Date.parse(look.until) > now.getTime() ? look : undefined
    },
    list: async (author, now) => lasting(await all(author), now),
    bytes: async (author, { id, file }) => {
      const item = await table.get(headKey(author, id))
      const parts = await readParts(table, Number(item?.parts ?? 0), (number) => partKey(author, id, number), file)
      return gunzipSync(Buffer.from(parts.join(''), 'base64'))
    },
    change: async (author, { id, state, takenUntil }, next) => {
      const item = await table.get(headKey(author, id))
      if (!item) return false
      // The form's values replace all earlier ones.
      const { takenUntil: _, ...kept } = next.state === 'open' ? withoutStated(item) : item
      return table.putIf({ ...kept, ...next } as Item, {
        expression: `#state = :seen AND ${takenUntil === undefined ? 'attribute_not_exists(takenUntil)' : 'takenUntil = :until'}`,
        names: { '#state': 'state' },
        values: { ':seen': state, ...(takenUntil !== undefined && { ':until': takenUntil }) },
      })
    },
    drop,
    mappings: {
      get: async (headings, kind) => {
        const item = await table.get({ pk: mappingsPartition, sk: `${headings}#${kind}` })
        return item && (withoutKey(item) as unknown as RememberedMapping)
      },
      keep: async (headings, kind, mapping) => {
        if (JSON.stringify(mapping).length > maxMappingChars) return false
        await table.put({ pk: mappingsPartition, sk: `${headings}#${kind}`, ...mapping })
        const kept = await Array.fromAsync(table.query(mappingsPartition))
        const old = kept.sort((a, b) => String(b.at).localeCompare(String(a.at))).slice(mostMappings)
        for (const { pk, sk } of old) await table.remove({ pk, sk })
        return true
      },
    },
    turn: {
      take: async (holder, now) =>
        table.putIf(
          { ...storingTurnKey, holder, heldUntil: new Date(now.getTime() + storingLeaseMs).toISOString() },
          {
            expression: 'attribute_not_exists(pk) OR heldUntil < :now OR holder = :holder',
            values: { ':now': now.toISOString(), ':holder': holder },
          },
        ),
      give: async (holder) => {
        const free = { ...storingTurnKey, holder: '', heldUntil: '' }
        await table.putIf(free, { expression: 'holder = :holder', values: { ':holder': holder } })
      },
    },
  }
}

const withoutKey = ({ pk: _, sk: __, ...rest }: Item): Partial<Item> => rest

const lookOf = ({ pk: _, sk: __, parts: ___, expiresAt: ____, ...look }: Item): Look => look as unknown as Look
