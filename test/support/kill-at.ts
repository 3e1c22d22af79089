/** Stops a process at a step of its work: at its nth write to the stand-ins, whatever it writes to. */
import type { Asked, Interceptor, StandInProxy } from './proxy.ts'

/** Whether the write is carried out before the writer dies; its answer never comes in either case. */
export const sides = ['before', 'after'] as const

type Moment = (typeof sides)[number]

/** DynamoDB's and SQS's operations that change nothing. */
const reads = /\.(GetItem|BatchGetItem|Query|Scan|DescribeTable|ReceiveMessage|GetQueue\w+|ChangeMessageVisibility)$/

export const isWrite = ({ method, headers }: Asked): boolean => {
  const target = headers['x-amz-target']
  if (target !== undefined) return !reads.test(String(target))
  return method === 'PUT' || method === 'POST' || method === 'DELETE'
}

type Trap = {
  /** What was being written when it died: `PutItem`, `PUT report.json`. */
  caught(): string | undefined
  remove(): void
}

/** Calls `stop` at the nth write to any of the services; what is written after it is refused, as from the dead. */
export const stopAtWrite = (services: readonly StandInProxy[], nth: number, moment: Moment, stop: () => void): Trap => {
  let writes = 0
  let caught: string | undefined
  const trap: Interceptor = async (asked, through) => {
    if (caught !== undefined) throw new Error('its writer is dead')
    if (!isWrite(asked)) return through(asked)
    writes += 1
    if (writes !== nth) return through(asked)
    caught = nameOf(asked)
    if (moment === 'after') await through(asked)
    stop()
    throw new Error('its writer dies here')
  }
  const mends = services.map((service) => service.intercept(trap))
  return {
    caught: () => caught,
    remove: () => {
      for (const mend of mends) mend()
    },
  }
}

const nameOf = ({ method, url, headers }: Asked): string =>
  String(headers['x-amz-target'] ?? `${method} ${url.split('?')[0]}`)
    .split(/[./]/)
    .slice(-2)
    .join(' ')
