/** A metric that a function writes in its log. AWS bills it for each hour with data. */
import { Duration } from 'aws-cdk-lib'
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { FunctionName } from '../../lambdas/config/env.ts'

export const ownMetric = (
  metricName: string,
  dimensionsMap: { readonly service: FunctionName; readonly stage: string },
): Metric =>
  new Metric({
    namespace: 'Vigie',
    metricName,
    dimensionsMap: { ...dimensionsMap },
    statistic: Stats.SUM,
    period: Duration.hours(1),
  })
