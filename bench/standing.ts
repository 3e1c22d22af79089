/** What a stack has of the things that cost by the month, whether it works or not: counted in its template. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesise, type Template } from '../test/support/stack-here.ts'
import type { Standing } from './cost-model.ts'

export const standingIn = ({ Resources }: Pick<Template, 'Resources'>): Standing => {
  const all = Object.values(Resources)
  const count = (type: string) => all.filter(({ Type }) => Type === type).length
  return {
    // An expression is billed by each metric that it takes, and not by itself.
    alarmMetrics: all
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .reduce((sum, { Properties: { Metrics } }) => sum + (Metrics ? metricsIn(Metrics) : 1), 0),
    compositeAlarms: count('AWS::CloudWatch::CompositeAlarm'),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    keys: count('AWS::KMS::Key'),
    secrets: count('AWS::SecretsManager::Secret'),
    polledQueues: count('AWS::Lambda::EventSourceMapping'),
  }
}

const metricsIn = (metrics: readonly { readonly MetricStat?: unknown }[]): number =>
  metrics.filter(({ MetricStat }) => MetricStat !== undefined).length

/** Of the stage as it is where nothing is said, and with mail as well. */
export const standing = async (): Promise<Readonly<Record<'usual' | 'mailing', Standing>>> => {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-stack-'))
  const one = async (name: string, settings: object) =>
    standingIn((await synthesise(join(folder, name), { ...settings }, { bundled: false })).template)
  try {
    return {
      usual: await one('usual', {}),
      mailing: await one('mailing', { mail: { from: 'vigie@example.org' } }),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
