/** The laptop's mail: writes each message to a file. Nothing leaves the machine. */
import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
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

/** Texts of written mails; attachments stay encoded. */
export async function* mailsIn(folder: string): AsyncGenerator<{ readonly name: string; readonly text: string }> {
  const names = (await isThere(folder)) ? await readdir(folder) : []
  for (const name of names.filter((one) => one.endsWith('.eml')).toSorted()) {
    const bytes = (await readFile(join(folder, name), 'latin1'))
      .replace(/=\r?\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    yield { name, text: Buffer.from(bytes, 'latin1').toString() }
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
