/** The Lambda that looks every hour whether a due report is missing, or something was stored by a fast clock: a metric and a log line for each. */
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { readConfig } from './config/env.ts'
import { scheduledCadences } from './domain/core/period.ts'
import { territories } from './domain/core/territory.ts'
import { instantsIn } from './store/clock.ts'
import { reportsIn } from './store/reports.ts'
import { openTable } from './store/table.dynamodb.ts'
import { watchedSince } from './store/watched.ts'
import { mindClock, saidOf } from './usecases/mind-clock.ts'
import { findMissingReports } from './usecases/reports/find-missing-reports.ts'

const config = readConfig('watchdog', process.env)
const logger = new Logger({ serviceName: 'watchdog', persistentKeys: { stage: config.STAGE } })
const metrics = new Metrics({ namespace: 'Vigie', serviceName: 'watchdog', defaultDimensions: { stage: config.STAGE } })
const table = openTable({}, config.TABLE_NAME)
const reports = reportsIn(table)
const clock = () => new Date()
const [codes = '', cadences = ''] = config.DUE.split(' ').map((list) => list.split(','))
const due = {
  territories: territories.map(({ code }) => code).filter((code) => codes.includes(code)),
  cadences: scheduledCadences.filter((cadence) => cadences.includes(cadence)),
}

export const handler = async () => {
  const word = await mindClock(instantsIn(table), clock, { isTrusted: true })
  for (const line of saidOf(word, clock())) logger.error(line, { ...word })
  const now = clock()
  const missing = await findMissingReports({ ...due, since: await watchedSince(table, now) }, now, { reports })
  for (const report of missing) logger.error('missing', { ...report })
  tell({ StoredAhead: word.kind === 'set back' ? word.found.items : 0, MissingReports: missing.length })
  return { missing }
}

/** Writes what was found and nothing else: a metric is paid for in the hours in which it is written. */
const tell = (found: Readonly<Record<string, number>>): void => {
  const some = Object.entries(found).filter(([, many]) => many > 0)
  for (const [name, many] of some) metrics.addMetric(name, MetricUnit.Count, many)
  if (some.length > 0) metrics.publishStoredMetrics()
}
