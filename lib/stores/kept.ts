/** What becomes of resources that hold data. */
import { RemovalPolicy } from 'aws-cdk-lib'

/**
 * They stay when the stack is deleted, when they leave it and when they are replaced. One exception: where the very
 * operation that made them is rolled back they go, empty as they are, so that the next try does not meet its own
 * remains (`RetainExceptOnCreate`: AWS CloudFormation, "DeletionPolicy attribute").
 */
export const kept = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
