/** The Lambda that looks once a day whether a report that was due is missing: a metric for the alarm, a log line for each. */
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { scheduledCadences } from './domain/period.ts'
import { territories } from './domain/territory.ts'
import { readConfig } from './env.ts'
import { reportsIn } from './store/reports.ts'
import { openTable } from './store/table.ts'
import { missingReports } from './watch-reports.ts'

const config = readConfig('watchdog', process.env)
const logger = new Logger({ serviceName: 'watchdog', persistentKeys: { stage: config.STAGE } })
const metrics = new Metrics({ namespace: 'Vigie', serviceName: 'watchdog', defaultDimensions: { stage: config.STAGE } })
const reports = reportsIn(openTable({}, config.TABLE_NAME))
const [codes = '', cadences = ''] = config.DUE.split(' ').map((list) => list.split(','))
const due = {
  territories: territories.map(({ code }) => code).filter((code) => codes.includes(code)),
  cadences: scheduledCadences.filter((cadence) => cadences.includes(cadence)),
}

export const handler = async () => {
  const missing = await missingReports(due, new Date(), { reports })
  for (const report of missing) logger.error('missing', { ...report })
  metrics.addMetric('MissingReports', MetricUnit.Count, missing.length)
  metrics.publishStoredMetrics()
  return { missing }
}
