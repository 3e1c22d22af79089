import { SESv2Client, type SESv2ClientConfig, SESv2ServiceException, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { AddressRefusedError, type Mailer, MailRefusedError } from './mailer.ts'

type SesOptions = {
  readonly from: string
  /** Its events report the outcome of mails. */
  readonly configurationSet: string
}

const deliveryTag = 'delivery'

/** SES allows no dots in tag values; our names have no underscores. */
export const tagged = (delivery: string): string => delivery.replaceAll('.', '_')

export const sesMailer = (config: SESv2ClientConfig, { from, configurationSet }: SesOptions): Mailer => {
  // No retry: after a lost response, a second attempt would send a second mail.
  const client = new SESv2Client({ ...config, maxAttempts: 1 })
  return {
    send: async ({ to, raw }, delivery) => {
      try {
        const { MessageId } = await client.send(
          new SendEmailCommand({
            FromEmailAddress: from,
            Destination: { ToAddresses: [to] },
            Content: { Raw: { Data: raw } },
            ConfigurationSetName: configurationSet,
            EmailTags: [{ Name: deliveryTag, Value: tagged(delivery) }],
          }),
        )
        if (!MessageId) throw new Error('SES took the mail and gave it no name')
        return { messageId: MessageId }
      } catch (error) {
        throw classifyError(error)
      }
    },
  }
}

/** Other refusals concern the account or the moment. */
const ofThisMail: readonly string[] = ['MessageRejected', 'BadRequestException']

const neverConnected: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

const classifyError = (error: unknown): unknown => {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  if (error instanceof SESv2ServiceException) {
    // A server error may follow a sent mail.
    if ((error.$metadata.httpStatusCode ?? 500) >= 500) return error
    return ofThisMail.includes(error.name)
      ? new AddressRefusedError(message, { cause: error })
      : new MailRefusedError(message, { cause: error })
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return neverConnected.includes(code) ? new MailRefusedError(message, { cause: error }) : error
}
