/**
 * Writes a house beside a function's code, once its configuration and its logo are known to be right.
 * `node tools/bundle-house.ts DIR [vigie.json]`; the stack calls it.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type BundledHouse, bundledHouseFile } from '../lambdas/config/bundled-organisation.ts'
import { readHouse, readHouseIntake, readHouseLimits } from '../lambdas/config/organisation-file.ts'

/** @throws HouseError that names the file, the field and the fix */
export const bundleHouse = async (target: string, configuration: string): Promise<void> => {
  const from = dirname(resolve(configuration))
  const bundled: BundledHouse = {
    house: await readHouse(from),
    intake: await readHouseIntake(from),
    limits: await readHouseLimits(from),
  }
  writeFileSync(join(target, bundledHouseFile), JSON.stringify(bundled))
}

if (import.meta.main) {
  const [target, configuration] = process.argv.slice(2)
  if (target === undefined) throw new Error('name the folder of the bundle')
  if (configuration !== undefined) await bundleHouse(target, configuration)
}
