/** Lambda that checks every hour for missing reports, data stored by a fast clock and dead letters. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { SQSClient } from '@aws-sdk/client-sqs'
import { systemClock } from './config/clock.ts'
import { scheduledIn } from './config/due.ts'
import { readConfig } from './config/env.ts'
import { openLogger } from './runtime/logger.ts'
import { onFirstCall } from './runtime/on-first-call.ts'
import { queueAttributes } from './runtime/queue-attributes.ts'
import { remindDaily } from './store/reports/daily-reminder.ts'
import { reportsIn } from './store/reports/reports.ts'
import { schedulesIn } from './store/reports/schedules.ts'
import { watchedSince } from './store/reports/watched.ts'
import { instantsIn } from './store/table/clock.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { mindClock, describeClock } from './usecases/mind-clock.ts'
import { findMissingReports } from './usecases/reports/schedules/find-missing-reports.ts'

const opened = onFirstCall(() => {
  const config = readConfig('watchdog', process.env)
  return {
    logger: openLogger('watchdog', config.STAGE),
    metrics: new Metrics({
      namespace: 'Vigie',
      serviceName: 'watchdog',
      defaultDimensions: { stage: config.STAGE },
    }),
    table: openTable({}, config.TABLE_NAME),
    due: scheduledIn(config.DUE),
    // A queue's URL contains a host; the endpoint must come from the configuration.
    sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
    deadLetters: config.DEAD_LETTERS_URLS,
    clock: systemClock,
  }
})

export const handler = async () => {
  const { logger, metrics, table, due, sqs, deadLetters, clock } = opened()
  const word = await mindClock(instantsIn(table), clock, { isTrusted: true })
  for (const line of describeClock(word, clock())) logger.error(line, { ...word })
  const now = clock()
  const since = await watchedSince(table, now)
  const settings = await schedulesIn(table).all()
  const missing = await findMissingReports({ ...due, since, settings }, now, { reports: reportsIn(table) })
  for (const report of missing) logger.error('missing', { ...report })
  publishMetrics(
    { StoredAhead: word.kind === 'set back' ? word.found.items : 0, MissingReports: missing.length },
    metrics,
  )
  const queues = await Promise.all(
    deadLetters.map(async (url) => ({ queue: url.split('/').at(-1), ...(await queueAttributes(sqs, url)) })),
  )
  const send = (count: number) => {
    logger.warn('dead letters', { queues: queues.filter(({ messages }) => messages > 0) })
    metrics.addMetric('DeadLetters', MetricUnit.Count, count)
    metrics.publishStoredMetrics()
  }
  const left = queues.reduce((sum, { messages }) => sum + messages, 0)
  await remindDaily({ table, now: clock(), send }, left)
  return { missing, deadLetters: left }
}

/** Writes only non-zero metrics: a metric costs money in each hour in which it is written. */
const publishMetrics = (found: Readonly<Record<string, number>>, metrics: Metrics): void => {
  const some = Object.entries(found).filter(([, many]) => many > 0)
  for (const [name, many] of some) metrics.addMetric(name, MetricUnit.Count, many)
  if (some.length > 0) metrics.publishStoredMetrics()
}
