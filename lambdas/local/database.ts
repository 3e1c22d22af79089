/** DynamoDB's operations answered in this process by dynalite, over one leveldb folder. */

/** What an operation answers: DynamoDB's own JSON, with its HTTP status. */
export type Answer = { readonly statusCode: number; readonly body: string }

export type Database = {
  /**
   * Carries out one operation, named as in the header `x-amz-target` (`DynamoDB_20120810.PutItem`).
   * DynamoDB's own refusals are answers, with their status.
   * @throws DatabaseError where the files themselves fail
   */
  answer(target: string, body: string): Promise<Answer>
  /** Waits for what is under way, then lets go of the files. */
  close(): Promise<void>
}

export class DatabaseError extends Error {
  override name = 'DatabaseError'
}

/** A store as dynalite makes it, down to what is called here. */
export type DynaliteStore = {
  readonly db: {
    open(): Promise<void>
    close(): Promise<void>
    put(key: string, value: unknown): Promise<void>
    iterator(range: { gte: string; lt: string }): AsyncIterable<[string, { TableStatus?: string }]>
  }
}

type Action = (store: DynaliteStore, input: object, done: (error: unknown, output: unknown) => void) => void
type Rules = { readonly types: object; readonly custom: unknown }

const operations = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'UpdateTable',
]

/**
 * Opens the database kept in `folder`, or answers undefined where another process holds it.
 *
 * dynalite's parts are called, not its HTTP server: that one throws out of a request, and so ends the process, when a
 * client dies in mid-request or the files fail.
 *
 * Never call it for a folder that this process holds already: leveldb's lock is a POSIX record lock, and the attempt
 * alone would release it.
 */
export const openDatabase = async (folder: string): Promise<Database | undefined> => {
  const [{ create }, { checkTypes, checkValidations }, actions] = await Promise.all([
    import('dynalite/db/index.js'),
    import('dynalite/validations/index.js'),
    loadActions(),
  ])
  const store = create({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  try {
    await store.db.open()
  } catch (error) {
    if (isLocked(error)) return undefined
    throw new DatabaseError(
      `the database in ${folder} cannot be opened: mend its cause, or put back a copy of the folder`,
      { cause: error },
    )
  }
  await finishTables(store)

  const answer = (target: string, body: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        const refusal = asRefusal(error)
        if (refusal) resolve(refusal)
        else reject(new DatabaseError(`${target} failed in the database in ${folder}`, { cause: error }))
      }
      const operation = target.startsWith(version) ? actions.get(target.slice(version.length)) : undefined
      if (!operation) return resolve(refuse('UnknownOperationException', `the local store does not know ${target}`))
      let input: unknown
      try {
        input = JSON.parse(body)
      } catch (error) {
        return resolve(refuse('SerializationException', `the body is not JSON: ${String(error)}`))
      }
      try {
        const checked = checkTypes(input, operation.rules.types)
        checkValidations(checked, operation.rules.types, operation.rules.custom, store)
        operation.run(store, checked, (error, output) => {
          if (error) return fail(error)
          const done = (): void => resolve({ statusCode: 200, body: JSON.stringify(output) })
          // Else a caller that does not wait finds the new table missing for a moment.
          if (target.endsWith('.CreateTable')) finishTables(store).then(done, fail)
          else done()
        })
      } catch (error) {
        fail(error)
      }
    })

  const close = async (): Promise<void> => {
    try {
      await store.db.close()
    } catch (error) {
      throw new DatabaseError(`the database in ${folder} did not close cleanly; what it answered is kept`, {
        cause: error,
      })
    }
  }

  return { answer, close }
}

const version = 'DynamoDB_20120810.'

const loadActions = async (): Promise<Map<string, { run: Action; rules: Rules }>> => {
  const load = async (name: string): Promise<[string, { run: Action; rules: Rules }]> => {
    const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`
    const [run, rules]: [{ default: Action }, { default: Rules }] = await Promise.all([
      import(`dynalite/actions/${file}`),
      import(`dynalite/validations/${file}`),
    ])
    return [name, { run: run.default, rules: rules.default }]
  }
  return new Map(await Promise.all(operations.map(load)))
}

/** dynalite ends a table's CREATING by a timer: a process killed before it would leave the table unusable for ever. */
const finishTables = async (store: DynaliteStore): Promise<void> => {
  for await (const [key, table] of store.db.iterator({ gte: 'table~', lt: 'table~\xff' })) {
    if (table.TableStatus === 'CREATING') await store.db.put(key, { ...table, TableStatus: 'ACTIVE' })
  }
}

const refuse = (type: string, message: string): Answer => ({
  statusCode: 400,
  body: JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }),
})

/** dynalite marks DynamoDB's own refusals by a status and a body on the error. */
const asRefusal = (error: unknown): Answer | undefined =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && 'body' in error
    ? { statusCode: error.statusCode, body: JSON.stringify(error.body) }
    : undefined

const isLocked = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === 'LEVEL_LOCKED') || isLocked(error.cause))
