import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime, { decodeWords } from 'postal-mime'
import type { Mailbox } from './settings/mail.ts'

const ending = '.eml'

/** Opens only names that the folder lists. */
export const mailboxOf = (folder: string): Mailbox => {
  const names = async (): Promise<readonly string[]> => {
    try {
      const files = await readdir(folder)
      return files
        .filter((file) => file.endsWith(ending) && !file.startsWith('.'))
        .map((file) => file.slice(0, -ending.length))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
  }
  return {
    list: async () => {
      const found = (await names()).map(async (name) => ({
        name,
        at: (await stat(join(folder, `${name}${ending}`))).mtime.toISOString(),
      }))
      return (await Promise.all(found)).sort((a, b) => (a.at > b.at ? -1 : 1))
    },
    read: async (name) => {
      if (!(await names()).includes(name)) return undefined
      const { headers, text, attachments } = await PostalMime.parse(await readFile(join(folder, `${name}${ending}`)))
      return {
        headers: headers.map(({ originalKey, value }) => ({ name: originalKey, value: decodeWords(value) })),
        text: text ?? '',
        attachments: attachments.map(({ filename, content }) => ({
          name: filename ?? '',
          bytes: typeof content === 'string' ? content.length : content.byteLength,
        })),
      }
    },
  }
}
