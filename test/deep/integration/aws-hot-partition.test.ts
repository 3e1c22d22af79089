/**
 * Five hundred detections of one territory and day, where each partition takes a hundredth of what DynamoDB's does: as
 * fifty thousand would there. In virtual time: what a function waits is counted as on AWS, and not slept.
 */
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HotPartition, hotDetection, hotFile, hotPartition } from '../../support/hot-partition.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

const writes = 10
const reads = 30
const many = 500

let stack: StackHere
let hot: HotPartition

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  hot = hotPartition(stack, { writes, reads })
})
afterAll(async () => {
  hot.close()
  await stack.close()
})

const fileOf = async (territory: string, name: string) => {
  const key = `reports/${territory}/2024-W20/amber/v0001/${name}`
  return (await stack.object(stack.outputs.ArchiveBucket ?? '', key)).toString()
}
/** By id, what the report counts of a file. */
const postsOf = (length: number, territory: string, day: string) =>
  new Map(
    Array.from({ length }, (_, at) => {
      const { id, counts } = hotDetection(at, territory, day)
      return [id, counts.posts]
    }),
  )
const reported = async (territory: string) => {
  const rows = parse(await fileOf(territory, 'detections.csv'), { columns: true, bom: true }) as {
    id: string
    posts: string
  }[]
  const { totals } = JSON.parse(await fileOf(territory, 'report.json'))
  return { rows: rows.length, posts: new Map(rows.map(({ id, posts }) => [id, Number(posts)])), totals }
}

describe('a partition that takes no more than its share of a second', () => {
  test('ingests and reports a day of many detections within the functions’ time', async () => {
    const taken = await hot.takeIn('hot.ndjson', hotFile(many, 'NC', '2024-05-15'))
    expect([taken.isDone, taken.runs.map(({ log }) => log)]).toEqual([true, [expect.stringContaining('taken in')]])
    expect(await stack.result('hot.ndjson')).toMatchObject({ read: many, accepted: many, duplicates: 0, rejected: 0 })
    // The day begins at 13:00 UTC of the day before. Two units each: nothing is faster than that, and the clock counts
    // it.
    const { writes: written } = hot.unitsOf('DET#NC#2024-05-14')
    expect(written).toBe(2 * many)
    const [{ seconds = 0 } = {}] = taken.runs
    expect(seconds).toBeGreaterThan((written - 3 * writes) / writes)
    expect(seconds).toBeLessThan(stack.spec('Ingest').timeoutMs / 1_000)
    expect(taken.cut + taken.refused).toBeGreaterThan(50)

    const made = await hot.report('NC', '2024-W20')
    expect([made.isDone, made.runs.map(({ log }) => log)]).toEqual([true, [expect.stringContaining('"made"')]])
    expect(made.cut + made.refused).toBeGreaterThan(0)
    const { reads: read } = hot.unitsOf('DET#NC#2024-05-14')
    expect(made.runs[0]?.seconds).toBeGreaterThan((read - 300) / reads)
    expect(made.runs[0]?.seconds).toBeLessThan(stack.spec('Generate').timeoutMs / 1_000)

    const expected = postsOf(many, 'NC', '2024-05-15')
    const { rows, posts, totals } = await reported('NC')
    expect([rows, posts]).toEqual([many, expected])
    expect(totals.detections).toBe(many)
    expect(totals.posts.value).toBe([...expected.values()].reduce((sum, one) => sum + one, 0))
  })

  test('continues where the function’s time was over, and stores nothing twice', async () => {
    const some = 250
    const taken = await hot.takeIn('cut.ndjson', hotFile(some, 'PF', '2024-05-15'), { timeout: 40 })
    expect(taken.isDone).toBe(true)
    expect(taken.runs.length).toBeGreaterThan(1)
    for (const { log } of taken.runs.slice(0, -1)) expect(log).toContain('OutOfTimeError')
    const { accepted, duplicates } = await stack.result('cut.ndjson')
    expect(accepted + duplicates).toBe(some)
    expect(duplicates).toBeGreaterThan(0)

    const items = await Array.fromAsync(stack.stored.query('DET#PF#2024-05-15'))
    expect(items.map(({ id, revision }) => `${id} ${revision}`).toSorted()).toEqual(
      Array.from({ length: some }, (_, at) => `PF-hot-${at} 1`).toSorted(),
    )
    expect(await stack.waiting(stack.queue('DropsDeadLettersQueue'))).toBe(0)
  })
})
