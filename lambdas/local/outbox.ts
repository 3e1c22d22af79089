/** The laptop's mail: a file for each message, to be looked at in any mail program. Nothing leaves the machine. */
import { randomUUID } from 'node:crypto'
import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mailer } from '../deliver/mailer.ts'

/** Writes `<delivery>.eml`; a message that is sent once more gets a number. */
export const outboxMailer = (folder: string): Mailer => ({
  send: async ({ raw }, delivery) => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const draft = join(folder, `.draft-${randomUUID()}`)
    try {
      await writeFile(draft, raw, { mode: 0o600 })
      for (let number = 1; ; number += 1) {
        const name = `${delivery}${number === 1 ? '' : `-${number}`}.eml`
        if (await linked(draft, join(folder, name))) return { messageId: name }
      }
    } finally {
      await rm(draft, { force: true })
    }
  },
})

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
