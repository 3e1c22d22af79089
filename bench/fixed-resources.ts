/** What a stack has of the things that cost by the month, whether it works or not: counted in its template. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesise, type Template } from '../test/support/stack-here.ts'
import type { FixedResources } from './cost-model.ts'

export const fixedResourcesIn = ({ Resources }: Pick<Template, 'Resources'>): FixedResources => {
  const all = Object.values(Resources)
  const number = (type: string) => all.filter(({ Type }) => Type === type).length
  return {
    // An expression is billed by each metric that it takes, and not by itself.
    alarmMetrics: all
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .reduce((sum, { Properties: { Metrics } }) => sum + (Metrics ? metricsIn(Metrics) : 1), 0),
    compositeAlarms: number('AWS::CloudWatch::CompositeAlarm'),
    dashboards: number('AWS::CloudWatch::Dashboard'),
    keys: number('AWS::KMS::Key'),
    secrets: number('AWS::SecretsManager::Secret'),
    polledQueues: number('AWS::Lambda::EventSourceMapping'),
  }
}

const metricsIn = (metrics: readonly { readonly MetricStat?: unknown }[]): number =>
  metrics.filter(({ MetricStat }) => MetricStat !== undefined).length

type Stages = Readonly<Record<'usual' | 'mailing', FixedResources>>

let counted: Promise<Stages> | undefined
/** Of the stage as it is where nothing is said, and with mail as well. Both are synthesised once. */
export const fixedResources = (): Promise<Stages> => {
  counted ??= count()
  return counted
}

const count = async (): Promise<Stages> => {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-stack-'))
  const one = async (name: string, settings: object) =>
    fixedResourcesIn((await synthesise(join(folder, name), { ...settings }, { bundled: false })).template)
  try {
    return {
      usual: await one('usual', {}),
      mailing: await one('mailing', { mail: { from: 'vigie@example.org' } }),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
