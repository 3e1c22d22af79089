import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { refusalOfRoot } from '../../../lambdas/store/embedded/owner.ts'
import type { RememberedName } from '../../../lambdas/web/reading-room/frame/pages.ts'

/** Remembers in the data folder who acts on this machine; makes no data folder. */
export const nameIn = (home: string): RememberedName => {
  const file = join(home, 'name.txt')
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '')
  const keep = (name: string) => {
    if (
      name === read() ||
      refusalOfRoot(home) ||
      !['table.sqlite', 'vigie.json'].some((one) => existsSync(join(home, one)))
    )
      return
    try {
      writeFileSync(file, `${name}\n`)
    } catch {} // A folder that this user may only read.
  }
  return { read, keep }
}
