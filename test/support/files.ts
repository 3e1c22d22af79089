/** Files that a test changes though they may not be written. */
import { chmod, readFile, writeFile } from 'node:fs/promises'

export const overwrite = async (path: string, change: (bytes: Buffer) => Uint8Array | string): Promise<void> => {
  await chmod(path, 0o644)
  await writeFile(path, change(await readFile(path)))
}
