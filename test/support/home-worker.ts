/** A process at work on a home: opens it, puts items, closes it when told, and says on stdout what it does. */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { openHome } from '../../lambdas/local/home.ts'
import { makeTable, putOnce } from './home-items.ts'

/** What a worker is asked to do, as JSON in its first argument. */
export type Work = {
  readonly folder: string
  /** The partition that it fills with `count` items. */
  readonly partition: string
  readonly count: number
  readonly atOnce: number
  /** True: stay open after the work until a line comes on stdin. */
  readonly stay: boolean
}

/** One line of a worker's stdout. */
export type Said = {
  readonly opened?: { readonly serves: boolean }
  /** So many items are in. */
  readonly put?: number
  /** All are in; `repeated` of them were there already, written by a request whose answer was lost. */
  readonly done?: { readonly repeated: number; readonly serves: boolean }
  readonly closed?: true
  readonly failed?: string
}

// Synchronous: what was said before a SIGKILL has been said.
const say = (said: Said): void => void writeSync(1, `${JSON.stringify(said)}\n`)

const run = async (work: Work): Promise<void> => {
  const home = await openHome(work.folder)
  say({ opened: { serves: home.serves() } })
  const told = work.stay ? firstLine() : Promise.resolve()
  const client = new DynamoDBClient(home.dynamo)
  await makeTable(client, home.tableName)
  let next = 0
  let put = 0
  let repeated = 0
  const putNext = async (): Promise<void> => {
    while (next < work.count) {
      const number = next
      next += 1
      if ((await putOnce(client, home.tableName, work.partition, number)) === 'already-there') repeated += 1
      put += 1
      if (put % 10 === 0) say({ put })
    }
  }
  await Promise.all(Array.from({ length: work.atOnce }, putNext))
  say({ done: { repeated, serves: home.serves() } })
  await told
  await home.close()
  say({ closed: true })
}

const firstLine = async (): Promise<void> => {
  const lines = createInterface({ input: process.stdin })
  await new Promise((resolve) => {
    lines.once('line', resolve)
    lines.once('close', resolve)
  })
  lines.close()
  process.stdin.destroy()
}

try {
  const work: Work = JSON.parse(process.argv[2] ?? '')
  await run(work)
} catch (error) {
  say({ failed: error instanceof Error ? error.message : String(error) })
  process.exitCode = 1
}
