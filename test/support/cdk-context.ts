/** The CDK's flags as they are deployed: those of cdk.json. Some of them change policies and buckets. */
import cdkJson from '../../cdk.json' with { type: 'json' }

const { stage: _stage, stages: _stages, ...flags } = cdkJson.context

/** A test says its own stage. */
export const deployedFlags: Readonly<Record<string, unknown>> = flags

/** Without bundles: their content is test/deep/integration/aws.test.ts's and test/lib/bundles.test.ts's. */
export const unbundled = { ...deployedFlags, 'aws:cdk:bundling-stacks': [] }
