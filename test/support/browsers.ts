/** The browsers that this process has started. */
import { readFile } from 'node:fs/promises'

/** The process ids of those that still run. */
export const browsers = async (): Promise<readonly string[]> => {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')
  const found: string[] = []
  for (const pid of children.split(' ').filter(Boolean)) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes('--user-data-dir=')) found.push(pid)
  }
  return found
}
