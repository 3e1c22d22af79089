/** Looks at dead letters, and sends them back or drops them: one by one, each removed only after it was sent. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { type DeadLetter, deadLetterOf } from '../../domain/checkup/dead-letter.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'

/** A letter that is hidden from others for a while. */
type HeldLetter = DeadLetter & { readonly receipt: string }

export type LetterBox = {
  /**
   * Every letter that is there, at most `maxLetters` of them, held until it is removed or let go. The oldest comes
   * first.
   */
  collect(): Promise<{ readonly letters: readonly HeldLetter[]; readonly isAll: boolean }>
  remove(letter: HeldLetter): Promise<void>
  /** Lets others see it again, now and not after the while for which it was held. */
  release(letter: HeldLetter): Promise<void>
  /** How long letters are kept, in seconds. */
  keptSeconds(): Promise<number>
}

/** As many as are sent well before the first of them shows again. */
const maxLetters = 1_000
const heldSeconds = 300
/** Where it may wait, SQS asks all of its machines, so that an empty answer is right ("long polling" in its guide). */
const waitSeconds = 1

export const letterBox = (client: SQSClient, url: string): LetterBox => {
  const show = async (receipt: string): Promise<void> => {
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout: 0 }),
    )
  }
  return {
    collect: async () => {
      const found = new Map<string, HeldLetter>()
      for (let isEmpty = false; !isEmpty && found.size < maxLetters;) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl: url,
            MaxNumberOfMessages: 10,
            VisibilityTimeout: heldSeconds,
            WaitTimeSeconds: waitSeconds,
            MessageSystemAttributeNames: ['SentTimestamp'],
            MessageAttributeNames: ['All'],
          }),
        )
        isEmpty = Messages.length === 0
        for (const message of Messages) {
          const letter = heldLetterOf(message)
          found.set(letter.id, letter)
        }
      }
      const letters = [...found.values()].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
      return { letters, isAll: found.size < maxLetters }
    },
    remove: async ({ receipt }) => {
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt }))
    },
    release: ({ receipt }) => show(receipt),
    keptSeconds: async () => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['MessageRetentionPeriod'] }),
      )
      return Number(Attributes?.MessageRetentionPeriod)
    },
  }
}

const heldLetterOf = (message: Message): HeldLetter => {
  const { MessageId = '', Body = '', ReceiptHandle = '', Attributes = {}, MessageAttributes = {} } = message
  const attributes = Object.fromEntries(
    Object.entries(MessageAttributes).flatMap(([name, { StringValue }]) =>
      StringValue === undefined ? [] : [[name, StringValue]],
    ),
  )
  const sentAt = new Date(Number(Attributes.SentTimestamp))
  return { ...deadLetterOf({ id: MessageId, body: Body, sentAt, attributes }), receipt: ReceiptHandle }
}

export type RedriveOptions = {
  /** Does the letter's work again: hands its message to its own queue, or runs its function. */
  readonly send?: (letter: DeadLetter) => Promise<void>
  /** Removes letters without sending them. */
  readonly drop?: boolean
  /** Letters by the beginnings of their ids; all of them where it is left out. */
  readonly only?: readonly string[] | undefined
}

export type Redriven = {
  readonly letter: DeadLetter
  readonly did: 'listed' | 'sent' | 'dropped' | 'failed'
  /** Why it failed: it is among the dead letters still. */
  readonly why?: string
}

export type RedriveResult = {
  readonly letters: readonly Redriven[]
  /** False where there are more than are looked at in one go. */
  readonly isAll: boolean
  /** How many letters were found, those of other ids than were asked for too. */
  readonly there: number
  /** Words of `only` with which no letter's id begins. */
  readonly unknown: readonly string[]
  /** And those with which several do. */
  readonly several: readonly string[]
}

/**
 * Whatever happens in the middle, a letter is in its queue, among the dead letters, or for a moment in both: its work
 * does no harm twice.
 */
export const redrive = async (box: LetterBox, { send, drop = false, only }: RedriveOptions): Promise<RedriveResult> => {
  const { letters, isAll } = await box.collect()
  const chosen = only?.map((word) => ({ word, fits: letters.filter(({ id }) => id.startsWith(word)) }))
  const wordsOf = (isSo: (count: number) => boolean) =>
    chosen?.filter(({ fits }) => isSo(fits.length)).map(({ word }) => word) ?? []
  const unknown = wordsOf((count) => count === 0)
  const several = wordsOf((count) => count > 1)
  const isWrong = unknown.length + several.length > 0
  // A word that is wrong may be meant for a letter that is not here: then nothing is done.
  const ids = new Set(isWrong ? [] : (chosen?.flatMap(({ fits }) => fits) ?? letters).map(({ id }) => id))
  const done: Redriven[] = []
  for (const held of letters) {
    const { receipt: _, ...letter } = held
    if (!ids.has(held.id) || !(send || drop)) {
      await box.release(held)
      if (ids.has(held.id)) done.push({ letter, did: 'listed' })
      continue
    }
    try {
      if (send) await send(letter)
    } catch (error) {
      await box.release(held)
      done.push({ letter, did: 'failed', why: messageOf(error) })
      continue
    }
    await box.remove(held)
    done.push({ letter, did: send ? 'sent' : 'dropped' })
  }
  return { letters: done, isAll, there: letters.length, unknown, several }
}
