/** The Lambda that looks once a day whether a due report is missing, or something was stored by a fast clock: a metric and a log line for each. */
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { scheduledCadences } from './domain/period.ts'
import { territories } from './domain/territory.ts'
import { readConfig } from './env.ts'
import { mindClock, saidOf } from './mind-clock.ts'
import { instantsIn } from './store/clock.ts'
import { reportsIn } from './store/reports.ts'
import { openTable } from './store/table.ts'
import { missingReports } from './watch-reports.ts'

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
  metrics.addMetric('StoredAhead', MetricUnit.Count, word.kind === 'set back' ? word.found.items : 0)
  const missing = await missingReports(due, clock(), { reports })
  for (const report of missing) logger.error('missing', { ...report })
  metrics.addMetric('MissingReports', MetricUnit.Count, missing.length)
  metrics.publishStoredMetrics()
  return { missing }
}
