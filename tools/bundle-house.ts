/**
 * Copies a house's configuration and its logo beside a function's code, once both are known to be right.
 * `node tools/bundle-house.ts DIR [vigie.json]`; the stack calls it.
 */
import { cpSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { logoOf, readHouse } from '../lambdas/house-file.ts'

/** @throws HouseError that names the file, the field and the fix */
export const bundleHouse = async (target: string, configuration: string): Promise<void> => {
  const from = dirname(resolve(configuration))
  await readHouse(from)
  const logo = await logoOf(from)
  for (const file of ['vigie.json', ...(logo === undefined ? [] : [logo])]) {
    const into = join(target, 'house', file)
    mkdirSync(dirname(into), { recursive: true })
    cpSync(join(from, file), into)
  }
}

if (import.meta.main) {
  const [target, configuration] = process.argv.slice(2)
  if (target === undefined) throw new Error('name the folder of the bundle')
  if (configuration !== undefined) await bundleHouse(target, configuration)
}
