/** Takes the table of a home over that an earlier Vigie kept in leveldb, as dynalite laid it out. */
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClassicLevel } from 'classic-level'
import { HomeError } from '../../config/home-error.ts'
import type { Item } from '../table.ts'
import type { Draft } from './table-file.ts'

/** A value as DynamoDB's protocol writes it: its type and itself. */
type Attribute = Readonly<Record<string, unknown>>
type Attributes = Readonly<Record<string, Attribute>>

const folderOf = (home: string): string => join(home, 'db')
const asideOf = (home: string): string => join(home, 'db.carried-over')

/** Whether an earlier Vigie's table lies in the home. */
export const hasOldTable = (home: string): boolean => existsSync(join(folderOf(home), 'CURRENT'))

/** The folder of a table that was taken over, where it lies in the home still. */
export const carriedOverFrom = (home: string): string | undefined =>
  existsSync(asideOf(home)) ? asideOf(home) : undefined

/**
 * Puts all items into the new table, then reads the old one once more and compares each with what is in the new one.
 * @returns how many there are
 * @throws HomeError where an earlier Vigie has the home open, or an item is not what it was
 */
export const carryOver = async (home: string, draft: Draft): Promise<number> => {
  const level = await openLevel(folderOf(home))
  try {
    let items = 0
    for await (const [, attributes] of level.iterator(oldItems)) {
      draft.put(itemOf(attributes))
      items += 1
    }
    let same = 0
    for await (const [, attributes] of level.iterator(oldItems)) {
      const { pk, sk } = itemOf(attributes)
      if (isSame({ M: attributes }, draft.get({ pk, sk }))) same += 1
    }
    if (same !== items || draft.count() !== items) {
      throw new HomeError(
        `of ${items} items in ${folderOf(home)} ${same} are the same in the new table, which has ${draft.count()}`,
        'nothing was changed; keep the home as it is, and report this',
      )
    }
    return items
  } finally {
    await level.close()
  }
}

/** Once the new table has everything: the old one is out of the way, and no earlier Vigie goes on with it. */
export const setAside = async (home: string): Promise<void> => {
  if (existsSync(asideOf(home))) {
    // Another process did it in between.
    if (!existsSync(folderOf(home))) return
    throw new HomeError(
      `${folderOf(home)} is a table of an earlier Vigie, and ${asideOf(home)} is another one that was taken over before`,
      'ask who ran an earlier version on this home, then move both away',
    )
  }
  try {
    await rename(folderOf(home), asideOf(home))
  } catch (error) {
    // Or did it now.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

/** dynalite keeps a table's items under its name, which was always this one. */
const oldItems = { gte: 'item-vigie~', lt: 'item-vigie~\uffff', highWaterMarkBytes: 1024 ** 2 } as const

const openLevel = async (folder: string): Promise<ClassicLevel<string, Attributes>> => {
  const { ClassicLevel } = await import('classic-level').catch((cause: unknown) => {
    throw new HomeError(`${folder} is a table of an earlier Vigie, which the package classic-level reads`, 'npm ci', {
      cause,
    })
  })
  const level = new ClassicLevel<string, Attributes>(folder, { valueEncoding: 'json', createIfMissing: false })
  try {
    await level.open()
    return level
  } catch (error) {
    const [cannot, repair] = isLocked(error)
      ? (['an earlier Vigie works on this home', 'end it, then try again'] as const)
      : ([`${folder}, the table of an earlier Vigie, cannot be opened`, 'put back a copy of the folder'] as const)
    throw new HomeError(cannot, repair, { cause: error })
  }
}

const itemOf = (attributes: Attributes): Item =>
  Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, plainOf(attribute)])) as Item

const plainOf = (attribute: Attribute): unknown => {
  const [type, value] = onlyOne(attribute)
  switch (type) {
    case 'S':
    case 'BOOL':
      return value
    case 'N':
      return Number(value)
    case 'NULL':
      return null
    case 'L':
      return (value as Attribute[]).map(plainOf)
    case 'M':
      return itemOf(value as Attributes)
    case 'SS':
      return new Set(value as string[])
    default:
      throw new HomeError(`the old table holds a value of the type ${type}, which Vigie never wrote`, 'report this')
  }
}

/** Whether a value of the new table says what the old one's did. */
const isSame = (attribute: Attribute, value: unknown): boolean => {
  const [type, old] = onlyOne(attribute)
  switch (type) {
    case 'N':
      return typeof value === 'number' && value === Number(old)
    case 'NULL':
      return value === null
    case 'L':
      return Array.isArray(value) && isSameList(old as Attribute[], value)
    case 'M': {
      if (typeof value !== 'object' || value === null) return false
      const [were, are] = [Object.entries(old as Attributes), new Map(Object.entries(value))]
      return were.length === are.size && were.every(([name, one]) => are.has(name) && isSame(one, are.get(name)))
    }
    case 'SS':
      return (
        value instanceof Set &&
        value.size === (old as string[]).length &&
        (old as string[]).every((one) => value.has(one))
      )
    default:
      return value === old
  }
}

const isSameList = (old: readonly Attribute[], values: readonly unknown[]): boolean =>
  old.length === values.length && old.every((one, at) => isSame(one, values[at]))

const onlyOne = (attribute: Attribute): readonly [string, unknown] =>
  Object.entries(attribute)[0] ?? ['nothing', undefined]

const isLocked = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === 'LEVEL_LOCKED') || isLocked(error.cause))
