import { RemovalPolicy } from 'aws-cdk-lib'

/**
 * Keeps data when the stack is deleted, or a resource leaves it or is replaced. Exception: rolling back the creation
 * deletes the empty resource, which would block the next try (`RetainExceptOnCreate`: AWS CloudFormation,
 * "DeletionPolicy attribute").
 */
export const kept = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
