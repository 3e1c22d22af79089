/** What SQS knows of a queue. */
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'

/** To be seen, being worked on, and put off. */
const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const

/** The messages in a queue, and for how many seconds it hides one that was received. */
export const queueAttributes = async (client: SQSClient, QueueUrl: string) => {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...counts, 'VisibilityTimeout'] }),
  )
  return {
    messages: counts.reduce((sum, count) => sum + Number(Attributes[count] ?? 0), 0),
    visibility: Number(Attributes.VisibilityTimeout),
  }
}
