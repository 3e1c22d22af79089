/** Several processes of this machine may use the SQLite file at once. */
import { existsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { HomeError } from '../../config/home-error.ts'
import { damagedTableFix } from '../../domain/checkup/home-findings.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { readCondition, unheldOf, withSetName } from '../table/condition.ts'
import {
  checkKey,
  checkKeys,
  type ItemText,
  itemFrom,
  keyOf,
  projected,
  textOf,
  textsTogether,
} from '../table/item-limits.ts'
import type { Key } from '../table/keys.ts'
import type { Among, Item, Range, Table } from '../table/table.ts'

type TableFileOptions = {
  /** Wait for other writers, in milliseconds. */
  readonly waitMs?: number
  /** Makes the table read-only without a trace on the disk; writes throw this. */
  readonly refusal?: HomeError | undefined
}

/** Files of later layouts are refused. */
const layout = 1
/** "Vigi", the application id in the SQLite header. */
const application = 0x56696769

const pageChars = 1024 ** 2
/** SQLite blocks this process while it waits, so it waits briefly. */
const blockedMs = 10
/** Usually some megabytes, since an item may have 400 KB. */
const rowsAtOnce = 64
/** Milliseconds of work on items before the event loop gets a turn. */
const turnMs = 15

/** Above every sort key: 1,024 bytes are 256 such characters. Sorts by UTF-8 bytes, as DynamoDB does. */
const top = '\u{10ffff}'.repeat(257)
const after = (sk: string): string => `${sk}\0`

export const inMemory = ':memory:'

/** A temporary file, deleted on closing. */
export const passing = ''

const isPrivate = (file: string): boolean => file === inMemory || file === passing

type Write = { work(): unknown; resolve(value: unknown): void; reject(error: unknown): void }

/**
 * Writes of one turn of the event loop share one transaction, and are answered once it is on the disk. So an answered
 * write survives a crash or a power cut, and a batch is never partial.
 * @throws HomeError where the file cannot be used, or is locked for longer than `waitMs`
 */
export const openTableFile = async (file: string, options: TableFileOptions = {}): Promise<Table> => {
  const { waitMs = 30_000, refusal } = options
  const { db, checkUnwritten } = refusal ? openToRead(file) : { db: await openFile(file) }
  const patiently = waitingFor(file, waitMs)
  try {
    if (refusal) await checkMade(db, file, patiently)
    else await prepare(db, file, patiently)
  } catch (error) {
    db.close()
    throw error
  }
  const statements = statementsOf(db)

  let closing: Promise<void> | undefined
  let lastTurn = performance.now()
  const breathe = async (): Promise<void> => {
    if (performance.now() - lastTurn < turnMs) return
    await nextTurn()
    lastTurn = performance.now()
  }

  const reading = async <Done>(work: () => Done): Promise<Done> => {
    await breathe()
    if (closing) throw closed(file)
    const done = await patiently(work)
    checkUnwritten?.()
    return done
  }

  const waiting: Write[] = []
  let writing: Promise<void> | undefined
  const written = <Done>(work: () => Done): Promise<Done> => {
    if (closing) return Promise.reject(closed(file))
    if (refusal) return Promise.reject(refusal)
    return new Promise<Done>((resolve, reject) => {
      waiting.push({ work, resolve: resolve as Write['resolve'], reject })
      writing ??= writeAll()
    })
  }
  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      // Other writes of this turn join the transaction.
      await nextTurn()
      lastTurn = performance.now()
      try {
        await patiently(() => db.exec('BEGIN IMMEDIATE'))
      } catch (error) {
        for (const { reject } of waiting.splice(0)) reject(error)
        continue
      }
      const group = waiting.splice(0)
      for (const answer of inTransaction(group)) answer()
    }
    writing = undefined
  }
  const inTransaction = (group: readonly Write[]): readonly (() => void)[] => {
    try {
      const answers = group.map(({ work, resolve, reject }) => {
        try {
          const value = work()
          return () => resolve(value)
        } catch (error) {
          // A refusal concerns one write; a fault of the file concerns all.
          if (isSqlite(error)) throw error
          return () => reject(error)
        }
      })
      db.exec('COMMIT')
      return answers
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      const why = faultOf(error, file)
      return group.map(
        ({ reject }) =>
          () =>
            reject(why),
      )
    }
  }

  const find = ({ pk, sk }: Key): Item | undefined => {
    const row = statements.get.get(pk, sk)
    return row && itemFrom(textIn(row))
  }
  const store = (item: Item, { json, sets }: ItemText): void => void statements.put.run(item.pk, item.sk, json, sets)

  const pagesAmong = async function* (pk: string, range: Range, among: Among): AsyncGenerator<readonly Item[]> {
    const { from: first, to } = boundsOf(range)
    let most = rowsAtOnce
    for (let from = first; ;) {
      const rows = await reading(() => statements.withSort.all(pk, from, to, most) as unknown as readonly SortedRow[])
      const isLast = rows.length < most
      const whole = isLast ? rows : withoutLastGroup(rows, among)
      yield wantedOf(whole, among)
      if (isLast) return
      const end = whole.at(-1)
      most = end ? rowsAtOnce : most * 2
      if (end) from = after(end[2])
    }
  }

  const pages: Table['pages'] = async function* (pk, range = {}) {
    if (range.among) {
      yield* pagesAmong(pk, range, range.among)
      return
    }
    let { from, to } = boundsOf(range)
    const next = range.backwards ? statements.backwards : statements.forwards
    let left = range.limit ?? Number.POSITIVE_INFINITY
    for (;;) {
      const most = Math.min(left, range.atOnce ?? left)
      const { items, isLast } = await reading(() =>
        pageOf(next.iterate(pk, from, to, most === Number.POSITIVE_INFINITY ? -1 : most)),
      )
      const end = items.at(-1)
      left -= items.length
      yield items
      if (!end || left === 0 || (isLast && items.length < most)) return
      if (range.backwards) to = end.sk
      else from = after(end.sk)
    }
  }

  const getAll: Table['getAll'] = async (keys, only) => {
    checkKeys(keys)
    const isThere = only?.every((name) => name === 'pk' || name === 'sk')
    const found: Item[] = []
    for (const { pk, sk } of keys) {
      const item = await reading(() => {
        if (!isThere) return find({ pk, sk })
        return statements.isThere.get(pk, sk) && ({ pk, sk } as Item)
      })
      if (item) found.push(only ? projected(item, only) : item)
    }
    return found
  }

  return {
    get: async (key) => {
      checkKey(key)
      return reading(() => find(key))
    },
    getAll,
    getWrittenOnce: (keys) => getAll(keys),
    put: async (item) => {
      const text = textOf(item)
      await written(() => store(item, text))
    },
    putIf: async (item, condition) => {
      const text = textOf(item)
      const holds = readCondition(condition)
      return written(() => {
        if (!holds(find(item))) return false
        store(item, text)
        return true
      })
    },
    putTogether: async (puts) => {
      const texts = textsTogether(puts)
      return written(() => {
        const failed = unheldOf(puts, find)
        if (failed.length === 0) for (const [at, { item }] of puts.entries()) store(item, texts[at] as ItemText)
        return failed
      })
    },
    change: async (key, seen, set) => {
      checkKey(key)
      const fields = Object.entries(seen)
      return written(() => {
        const item = find(key)
        if (!item || fields.some(([name, value]) => item[name] !== value)) return false
        const changed = { ...item, ...set, ...keyOf(key) }
        store(changed, textOf(changed))
        return true
      })
    },
    addIf: async (key, { set, text }, fields, condition) => {
      checkKey(key)
      const holds = readCondition(withSetName(condition, set))
      return written(() => {
        const item = find(key)
        if (!holds(item)) return false
        const had = item?.[set] ?? new Set<string>()
        if (!(had instanceof Set)) throw new TypeError(`${set} is no set: nothing can be added to it`)
        const changed = { ...item, ...fields, ...keyOf(key), [set]: new Set([...had, text]) }
        store(changed, textOf(changed))
        return true
      })
    },
    putAll: async (items) => {
      if (items.length === 0) return
      const texts = items.map(textOf)
      checkKeys(items)
      await written(() => {
        for (const [at, item] of items.entries()) store(item, texts[at] as ItemText)
      })
    },
    query: async function* (pk, range) {
      for await (const page of pages(pk, range)) yield* page
    },
    pages,
    scan: async function* () {
      let last = 0
      for (;;) {
        const { items, isLast, end } = await reading(() => pageOf(statements.scan.iterate(last)))
        yield items
        if (isLast) return
        last = end
      }
    },
    remove: async ({ pk, sk }) => {
      checkKey({ pk, sk })
      await written(() => void statements.remove.run(pk, sk))
    },
    close: () => {
      closing ??= (async () => {
        await writing
        db.close()
      })()
      return closing
    },
  }
}

/** Writes the log into the file, so that what was removed is in neither. */
export const emptyLog = (file: string): void => {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

/** The finding of SQLite's integrity check; undefined for an intact file. */
export const damageOf = (
  file: string,
  { canWrite = true }: { readonly canWrite?: boolean } = {},
): string | undefined => {
  try {
    const { db } = canWrite ? { db: new DatabaseSync(file, { readOnly: true }) } : openToRead(file)
    try {
      const checkResult = String(Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0])
      return checkResult === 'ok' ? undefined : checkResult.replaceAll('\n', ' ')
    } finally {
      db.close()
    }
  } catch (error) {
    return messageOf(error)
  }
}

/**
 * SQLite creates files next to one with a write-ahead log, unless opened as immutable. A file without a log is opened
 * so, and each read checks for writes.
 */
const openToRead = (file: string): { readonly db: DatabaseSync; readonly checkUnwritten?: () => void } => {
  const hasLog = () => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
  const options = { readOnly: true, timeout: blockedMs }
  if (hasLog()) {
    if (existsSync(`${file}-shm`)) return { db: new DatabaseSync(file, options) }
    throw new HomeError(
      `${file} cannot be read: its last changes lie in ${basename(file)}-wal, which SQLite applies only where it may write`,
      'copy the folder to a place where this user may write, and name that with --home',
    )
  }
  const url = pathToFileURL(file)
  url.searchParams.set('immutable', '1')
  const written = () => statSync(file, { bigint: true }).mtimeNs
  const before = written()
  const checkUnwritten = () => {
    if (written() !== before) throw new HomeError(`${file} was written while it was read`, 'do the same again')
  }
  return { db: new DatabaseSync(url, options), checkUnwritten }
}

const checkMade = async (db: DatabaseSync, file: string, patiently: Patiently): Promise<void> => {
  if (!(await patiently(() => isMade(db, file)))) {
    throw new HomeError(`${file} is empty`, 'put back a copy of it, or name another data folder with --home')
  }
}

const openFile = async (file: string): Promise<DatabaseSync> => {
  try {
    if (!isPrivate(file)) await makeFile(file)
    return new DatabaseSync(file, { timeout: blockedMs })
  } catch (error) {
    throw faultOf(error, file)
  }
}

/**
 * Creates the file for this user only; SQLite copies the rights. Never opens an existing file: closing it would drop
 * this process's locks.
 */
const makeFile = async (file: string): Promise<void> => {
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.close()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

type Patiently = <Done>(work: () => Done) => Promise<Done>

const waitingFor =
  (file: string, waitMs: number): Patiently =>
  async (work) => {
    const deadline = performance.now() + waitMs
    for (;;) {
      try {
        return work()
      } catch (error) {
        if (!isBusy(error)) throw faultOf(error, file)
        if (performance.now() > deadline) {
          throw new HomeError(
            `${file} has been written to by another process for more than ${waitMs} ms`,
            'let it come to its end, or end it, then try again',
            { cause: error },
          )
        }
      }
      await pause(5 + Math.random() * 20)
    }
  }

const prepare = async (db: DatabaseSync, file: string, patiently: Patiently): Promise<void> => {
  await patiently(() => db.exec(settings))
  if (!(await patiently(() => isMade(db, file)))) {
    await patiently(() => db.exec('BEGIN IMMEDIATE'))
    try {
      // Another process may have created it in between.
      if (!isMade(db, file)) db.exec(schema)
      await patiently(() => db.exec('COMMIT'))
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw faultOf(error, file)
    }
  }
  if (isPrivate(file)) return
  const mode = await patiently(() => db.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode)
  if (mode !== 'wal')
    throw new HomeError(
      `${file} lies on a disk that several processes cannot share`,
      'keep the data folder on a local disk',
    )
}

/** macOS needs fullfsync for durable commits. Deleted data is overwritten, so that forgotten names leave the file. */
const settings = `
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA secure_delete = ON;
  PRAGMA cache_size = -16000;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
`

/** `sets` has the names of fields that are sets. */
const schema = `
  CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    item TEXT NOT NULL,
    sets TEXT,
    UNIQUE (pk, sk)
  );
  PRAGMA application_id = ${application};
  PRAGMA user_version = ${layout};
`

/** @throws HomeError for a file of another program or a later version */
const isMade = (db: DatabaseSync, file: string): boolean => {
  // First, because another process may create the tables in between.
  const isEmpty = numberIn(db, 'SELECT count(*) FROM sqlite_schema') === 0
  const [whose, version] = [numberIn(db, 'PRAGMA application_id'), numberIn(db, 'PRAGMA user_version')]
  if (isEmpty && whose === 0) return false
  if (whose !== application) throw new HomeError(`${file} is not a table of Vigie`, 'move it away')
  if (version > layout) throw new HomeError(`${file} was written by a later version of Vigie`, 'use that one')
  return true
}

const numberIn = (db: DatabaseSync, sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0])

type Statements = Readonly<
  Record<'get' | 'isThere' | 'put' | 'remove' | 'forwards' | 'backwards' | 'withSort' | 'scan', StatementSync>
>

const statementsOf = (db: DatabaseSync): Statements => {
  const prepared = (sql: string): StatementSync => {
    const statement = db.prepare(sql)
    statement.setReturnArrays(true)
    return statement
  }
  const ranged = 'FROM items WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk'
  const inRange = `SELECT item, sets ${ranged}`
  return {
    get: prepared('SELECT item, sets FROM items WHERE pk = ? AND sk = ?'),
    isThere: prepared('SELECT 1 FROM items WHERE pk = ? AND sk = ?'),
    put: prepared(
      'INSERT INTO items (pk, sk, item, sets) VALUES (?, ?, ?, ?) ON CONFLICT (pk, sk) DO UPDATE SET item = excluded.item, sets = excluded.sets',
    ),
    remove: prepared('DELETE FROM items WHERE pk = ? AND sk = ?'),
    forwards: prepared(`${inRange} LIMIT ?`),
    backwards: prepared(`${inRange} DESC LIMIT ?`),
    withSort: prepared(`SELECT item, sets, sk ${ranged} LIMIT ?`),
    scan: prepared('SELECT item, sets, id FROM items WHERE id > ? ORDER BY id'),
  }
}

const textIn = (row: object): ItemText => {
  const [json, sets] = row as unknown as readonly [string, string | null]
  return { json, sets }
}

const pageOf = (rows: Iterable<object>) => {
  const items: Item[] = []
  let chars = 0
  let end = 0
  for (const row of rows) {
    const text = textIn(row)
    items.push(itemFrom(text))
    end = Number((row as unknown as readonly unknown[])[2])
    chars += text.json.length
    if (chars >= pageChars) return { items, isLast: false, end }
  }
  return { items, isLast: true, end }
}

type SortedRow = readonly [json: string, sets: string | null, sk: string]

/** Drops the last group, which may be incomplete. */
const withoutLastGroup = (rows: readonly SortedRow[], { group }: Among): readonly SortedRow[] => {
  const last = group(rows.at(-1)?.[2] ?? '')
  return rows.slice(0, 1 + rows.findLastIndex(([, , sk]) => group(sk) !== last))
}

const wantedOf = (rows: readonly SortedRow[], { group, mayBe }: Among): readonly Item[] => {
  const items: Item[] = []
  for (let from = 0; from < rows.length;) {
    const name = group(rows[from]?.[2] ?? '')
    let to = from + 1
    while (to < rows.length && group(rows[to]?.[2] ?? '') === name) to += 1
    const some = rows.slice(from, to)
    if (some.some(([json]) => mayBe(json)))
      pushAll(
        items,
        some.map(([json, sets]) => itemFrom({ json, sets })),
      )
    from = to
  }
  return items
}

/** `from` is included, `to` excluded. */
const boundsOf = ({ beginsWith, from = '', to }: Range): { readonly from: string; readonly to: string } =>
  beginsWith === undefined
    ? { from, to: to === undefined ? top : after(to) }
    : { from: beginsWith, to: `${beginsWith}${top}` }

const closed = (file: string): HomeError =>
  new HomeError(`${file} is closed`, 'open the data folder again before using its table')

type SqliteError = Error & { readonly errcode: number }

const isSqlite = (error: unknown): error is SqliteError =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

/** The lowest byte has the kind. */
const kindOf = ({ errcode }: SqliteError): number => errcode & 0xff

const kinds = { busy: 5, locked: 6, readOnly: 8, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const

const isBusy = (error: unknown): boolean =>
  isSqlite(error) && (kindOf(error) === kinds.busy || kindOf(error) === kinds.locked)

const faultOf = (error: unknown, file: string): unknown => {
  const isRight = isSqlite(error) || (error instanceof Error && 'code' in error && 'syscall' in error)
  if (!isRight) return error
  const [state, repair] = stateOf(error)
  return new HomeError(`${file} ${state}`, repair, { cause: error })
}

const stateOf = (error: Error): readonly [state: string, repair: string] => {
  const code = 'code' in error ? error.code : undefined
  const kind = isSqlite(error) ? kindOf(error) : undefined
  if (kind === kinds.full || code === 'ENOSPC')
    return ['cannot be written', 'its disk is full; free some space, then repeat']
  if (kind === kinds.readOnly || kind === kinds.cannotOpen || ['EACCES', 'EPERM', 'EROFS'].includes(String(code))) {
    return ['cannot be written', 'make it and its folder writable for this user']
  }
  if (kind === kinds.corrupt || kind === kinds.notADatabase) return ['is damaged', damagedTableFix]
  return ['failed', error.message]
}
