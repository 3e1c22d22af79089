/** Resends or drops dead letters one by one, removing each only after it is sent. */
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

type HeldLetter = DeadLetter & { readonly receipt: string }

export type LetterBox = {
  /** Receives at most `maxLetters` letters and holds them until removed or released; oldest first. */
  collect(): Promise<{ readonly letters: readonly HeldLetter[]; readonly isAll: boolean }>
  remove(letter: HeldLetter): Promise<void>
  /** Makes the letter visible again before its hold ends. */
  release(letter: HeldLetter): Promise<void>
  keptSeconds(): Promise<number>
}

/** Few enough to send all before the first becomes visible again. */
const maxLetters = 1_000
const heldSeconds = 300
/** With a wait, SQS queries all its servers, so an empty answer is reliable ("long polling" in its guide). */
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
  readonly send?: (letter: DeadLetter) => Promise<void>
  readonly drop?: boolean
  /** Prefixes of letter ids; default all letters. */
  readonly only?: readonly string[] | undefined
}

export type Redriven = {
  readonly letter: DeadLetter
  readonly did: 'listed' | 'sent' | 'dropped' | 'failed'
  readonly why?: string
}

export type RedriveResult = {
  readonly letters: readonly Redriven[]
  /** False if there are more letters than one run handles. */
  readonly isAll: boolean
  /** Number of letters found, including those not requested. */
  readonly there: number
  /** Prefixes in `only` that match no letter. */
  readonly unknown: readonly string[]
  /** Prefixes that match several letters. */
  readonly several: readonly string[]
}

/** An interruption leaves a letter in its queue, among the dead letters, or in both; its work is safe to repeat. */
export const redrive = async (box: LetterBox, { send, drop = false, only }: RedriveOptions): Promise<RedriveResult> => {
  const { letters, isAll } = await box.collect()
  const chosen = only?.map((word) => ({ word, fits: letters.filter(({ id }) => id.startsWith(word)) }))
  const wordsOf = (isSo: (count: number) => boolean) =>
    chosen?.filter(({ fits }) => isSo(fits.length)).map(({ word }) => word) ?? []
  const unknown = wordsOf((count) => count === 0)
  const several = wordsOf((count) => count > 1)
  const isWrong = unknown.length + several.length > 0
  // A wrong prefix may mean a letter that is not here, so nothing is done.
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
