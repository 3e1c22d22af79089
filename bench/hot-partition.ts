/**
 * A hundred thousand detections of one territory and one day, taken in and reported under DynamoDB's limits on a
 * partition, in virtual time.
 */
import { hotFile, hotPartition, type Worked } from '../test/support/hot-partition.ts'
import { keyEach, newTable, type PartitionLimits } from '../test/support/partition-limits.ts'
import { type StackHere, type Synthesised, startStack } from '../test/support/stack-here.ts'
import { type Figures, inThousands } from './figures.ts'

const many = Number(process.env.BENCH_HOT ?? 100_000)
/** Work on one of Lambda's processors takes twice as long as here, as the cost model has it. */
const slower = 2

const settings: readonly (readonly [string, PartitionLimits])[] = [
  ['a partition for each key', keyEach],
  ['four partitions for all keys, as in a new table', newTable],
]

export const hotDays = async (assembly: Synthesised): Promise<Figures> => {
  const figures: Record<string, string | number> = {}
  for (const [name, limits] of settings) {
    const stack = await startStack(assembly)
    try {
      Object.assign(figures, await hotDay(stack, name, limits))
    } finally {
      await stack.close()
    }
  }
  return figures
}

const hotDay = async (stack: StackHere, name: string, limits: PartitionLimits): Promise<Figures> => {
  const hot = hotPartition(stack, limits)
  const taken = await hot.takeIn('hot.ndjson', hotFile(many, 'NC', '2024-05-15'), { slower })
  const made = await hot.report('NC', '2024-W20', { slower })
  const counted = taken.isDone && made.isDone ? await countedIn(stack) : 'nothing'
  const { writes, reads } = hot.unitsOf('DET#NC#2024-05-14')
  const about = `${inThousands(many)} of one day, ${name}`
  return {
    [`${about}: taken in, of ${stack.spec('Ingest').timeoutMs / 1_000} s`]: told(taken),
    [`${about}: reported, of ${stack.spec('Generate').timeoutMs / 1_000} s`]: told(made),
    [`${about}: counted by the report`]: counted,
    [`${about}: units of the day's key, written and read`]: `${inThousands(writes)}, ${inThousands(reads)}`,
  }
}

const told = ({ runs, isDone, requests, refused, cut, repeated }: Worked): string => {
  const seconds = runs.map((one) => `${one.seconds.toFixed(0)} s (${one.pausedSeconds.toFixed(0)} s of pauses)`)
  const peak = Math.max(...runs.map(({ peakMb }) => peakMb))
  const ended = isDone ? '' : `; not done: ${runs.at(-1)?.error ?? 'given back'}`
  return `${seconds.join(', then ')}; ${inThousands(requests)} requests, ${refused} refused, ${cut} done in part, ${repeated} repeated by the SDK; ${peak} MB${ended}`
}

const countedIn = async (stack: StackHere): Promise<string> => {
  const key = 'reports/NC/2024-W20/amber/v0001/report.json'
  const { totals } = JSON.parse((await stack.object(stack.outputs.ArchiveBucket ?? '', key)).toString())
  return inThousands(totals.detections)
}
