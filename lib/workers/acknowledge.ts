/** Findings of cdk-nag that are meant to be as they are, each with its reason. */
import { Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** Says why a rule of AwsSolutions, such as `SQS3` or `IAM5[Resource::*]`, does not count below a construct. */
export const acknowledge = (below: IConstruct, rule: string, reason: string): void => {
  Validations.of(below).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason })
}
