import { Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** Exempts a construct and its children from a rule of AwsSolutions, such as `SQS3` or `IAM5[Resource::*]`. */
export const acknowledge = (below: IConstruct, rule: string, reason: string): void => {
  Validations.of(below).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason })
}
