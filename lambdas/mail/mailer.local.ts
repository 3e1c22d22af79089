/** The laptop's mail: writes each message to a file. Nothing leaves the machine. */
import { randomUUID } from 'node:crypto'
import { link, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../domain/core/text/thrown.ts'
import { type Mailer, MailRefusedError, type Outbox } from './mailer.ts'
import type { OutgoingMail } from './mime.ts'

/** Writes `<delivery>.eml`; a resent message gets a number. */
export const outboxMailer = (folder: string): Mailer & { readonly outbox: Outbox } => {
  const outbox = outboxIn(folder)
  return {
    outbox,
    send: (mail, delivery, name) => writeMail(folder, mail, delivery, async () => name ?? outbox.nextName(delivery)),
  }
}

const outboxIn = (folder: string): Outbox => {
  const has = (name: string): Promise<boolean> => isThere(join(folder, name))
  return {
    has,
    nextName: async (delivery) => {
      for (let number = 1; ; number += 1) {
        const name = `${delivery}${number === 1 ? '' : `-${number}`}.eml`
        if (!(await has(name))) return name
      }
    },
  }
}

const writeMail = async (
  folder: string,
  { raw }: OutgoingMail,
  delivery: string,
  name: () => Promise<string>,
): Promise<{ readonly messageId: string }> => {
  const draft = join(folder, `.draft-${randomUUID()}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(draft, raw, { mode: 0o600 })
    const messageId = await name()
    // Unlike a rename, a link never replaces a file: a suspended sender writes no second mail.
    await link(draft, join(folder, messageId))
    return { messageId }
  } catch (cause) {
    // Without its final name the mail certainly was not sent, for example on a full disk.
    const why = messageOf(cause)
    throw new MailRefusedError(`${delivery} cannot be written to ${folder}: ${why}`, { cause })
  } finally {
    await discard(draft)
  }
}

const discard = (draft: string): Promise<void> => rm(draft, { force: true }).catch(() => undefined)

const isThere = async (file: string): Promise<boolean> => {
  try {
    await stat(file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
