import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'

const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const

/** The visibility timeout is in seconds. */
export const queueAttributes = async (client: SQSClient, QueueUrl: string) => {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...counts, 'VisibilityTimeout'] }),
  )
  return {
    messages: counts.reduce((sum, count) => sum + Number(Attributes[count] ?? 0), 0),
    visibility: Number(Attributes.VisibilityTimeout),
  }
}
