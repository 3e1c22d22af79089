/**
 * A process at work on a home: opens it, puts batches of items, closes it when told, and says on stdout what it does.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import { openHome } from '../../lambdas/store/embedded/home.ts'
import { batchesIn, itemOf } from './home-items.ts'

/** What a worker is asked to do, as JSON in its first argument. */
export type Work = {
  readonly folder: string
  /** The partition that it fills with `count` batches. */
  readonly partition: string
  readonly count: number
  /** So many items in a batch; a batch of one is put on the condition that it is not there. */
  readonly size: number
  readonly atOnce: number
  /** True: stay open after the work until a line comes on stdin. */
  readonly stay: boolean
}

/** One line of a worker's stdout. */
export type Said = {
  readonly opened?: true
  /** So many batches of its partition are there at the opening. */
  readonly found?: number
  /** The batch of this number is in. */
  readonly put?: number
  /** All are in; so many batches of one were there already. */
  readonly done?: { readonly repeated: number }
  readonly closed?: true
  readonly failed?: string
}

// Synchronous: what was said before a SIGKILL has been said.
const say = (said: Said): void => void writeSync(1, `${JSON.stringify(said)}\n`)

const run = async ({ folder, partition, count, size, atOnce, stay }: Work): Promise<void> => {
  const home = await openHome(folder)
  say({ opened: true, found: (await batchesIn(home.table, partition)).size })
  const told = stay ? firstLine() : Promise.resolve()
  let next = 0
  let repeated = 0
  const putBatch = async (batch: number): Promise<void> => {
    if (size > 1) {
      await home.table.putAll(Array.from({ length: size }, (_, at) => itemOf(partition, batch, at)))
      return
    }
    const isFree = { expression: 'attribute_not_exists(pk)' }
    if (!(await home.table.putIf(itemOf(partition, batch, 0), isFree))) repeated += 1
  }
  const putNext = async (): Promise<void> => {
    while (next < count) {
      const batch = next
      next += 1
      await putBatch(batch)
      say({ put: batch })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, putNext))
  say({ done: { repeated } })
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
  say({ failed: messageOf(error) })
  process.exitCode = 1
}
