/** What lies in a folder, as whoever has it reads it. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pdfText } from './pdf-text.ts'

/** Every file below it. */
export const filesIn = async (under: string): Promise<readonly string[]> =>
  (await readdir(under, { recursive: true, withFileTypes: true })).flatMap((one) =>
    one.isFile() ? [join(one.parentPath, one.name)] : [],
  )

/** What it says: of a PDF its text. */
export const fileText = async (path: string): Promise<string> =>
  path.endsWith('.pdf') ? (await pdfText(await readFile(path))).join('\n') : readFile(path, 'utf8')
