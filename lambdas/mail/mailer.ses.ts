/** Mail by SES v2: one attempt, and the service's own word on what it certainly did not send. */
import { SESv2Client, type SESv2ClientConfig, SESv2ServiceException, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { AddressRefusedError, type Mailer, MailRefusedError } from './mailer.ts'

type SesOptions = {
  /** The verified sender. */
  readonly from: string
  /** Whose events tell what became of a mail. */
  readonly configurationSet: string
}

/** The tag by which events name the delivery, as {@link tagged} writes it. */
const deliveryTag = 'delivery'

/** SES takes no dots in the values of tags; our names hold no underscores. */
export const tagged = (delivery: string): string => delivery.replaceAll('.', '_')

export const sesMailer = (config: SESv2ClientConfig, { from, configurationSet }: SesOptions): Mailer => {
  // An answer that was lost is no refusal: a second attempt would be a second mail.
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

/** Refusals of this one mail; all others of SES's own are of the account or the moment. */
const ofThisMail: readonly string[] = ['MessageRejected', 'BadRequestException']

const neverConnected: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

const classifyError = (error: unknown): unknown => {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  if (error instanceof SESv2ServiceException) {
    // An error of the server may come after it has sent.
    if ((error.$metadata.httpStatusCode ?? 500) >= 500) return error
    return ofThisMail.includes(error.name)
      ? new AddressRefusedError(message, { cause: error })
      : new MailRefusedError(message, { cause: error })
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return neverConnected.includes(code) ? new MailRefusedError(message, { cause: error }) : error
}
