/** The laptop's mail: a file for each message, to be looked at in any mail program. Nothing leaves the machine. */
import { randomUUID } from 'node:crypto'
import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../domain/core/thrown.ts'
import { type Mailer, MailRefusedError } from './mailer.ts'

/** Writes `<delivery>.eml`; a message that is sent once more gets a number. */
export const outboxMailer = (folder: string): Mailer => ({
  send: async ({ raw }, delivery) => {
    const draft = join(folder, `.draft-${randomUUID()}`)
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeFile(draft, raw, { mode: 0o600 })
      for (let number = 1; ; number += 1) {
        const name = `${delivery}${number === 1 ? '' : `-${number}`}.eml`
        if (await linked(draft, join(folder, name))) return { messageId: name }
      }
    } catch (cause) {
      // Without a name it lies in no outbox: a full disk is no doubt whether it went out.
      const why = messageOf(cause)
      throw new MailRefusedError(`${delivery} cannot be written to ${folder}: ${why}`, { cause })
    } finally {
      await discard(draft)
    }
  },
})

/** The draft is no mail, whatever becomes of it: what hinders its removal hinders nothing else. */
const discard = (draft: string): Promise<void> => rm(draft, { force: true }).catch(() => undefined)

/** Unlike a rename, a link never replaces. */
const linked = async (from: string, to: string): Promise<boolean> => {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
