/** A process that archives one large object and says when it is through: to be killed in the middle, or raced. */
import { writeSync } from 'node:fs'
import { archiveFolder } from '../../lambdas/archive/archive.local.ts'

const [folder = '', key = '', bytes = '0', fill = '0'] = process.argv.slice(2)
const body = new Uint8Array(Number(bytes)).fill(Number(fill))
writeSync(1, 'begins\n')
try {
  writeSync(1, `${await archiveFolder(folder).put(key, body, 'text/plain')}\n`)
} catch (error) {
  writeSync(1, `${error instanceof Error ? error.name : String(error)}\n`)
}
