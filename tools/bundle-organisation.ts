/**
 * Writes a organisation beside a function's code, once its configuration and its logo are known to be right.
 * `node tools/bundle-organisation.ts DIR [vigie.json]`; the stack calls it.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type BundledOrganisation, bundledOrganisationFile } from '../lambdas/config/bundled-organisation.ts'
import {
  readOrganisation,
  readOrganisationIntake,
  readOrganisationLimits,
} from '../lambdas/config/organisation-file.ts'

/** @throws Error that names the file, the field and the fix */
export const bundleOrganisation = async (target: string, configuration: string): Promise<void> => {
  const from = dirname(resolve(configuration))
  const bundled: BundledOrganisation = {
    organisation: await readOrganisation(from),
    intake: await readOrganisationIntake(from),
    limits: await readOrganisationLimits(from),
  }
  writeFileSync(join(target, bundledOrganisationFile), JSON.stringify(bundled))
}

if (import.meta.main) {
  const [target, configuration] = process.argv.slice(2)
  if (target === undefined) throw new Error('name the folder of the bundle')
  if (configuration !== undefined) await bundleOrganisation(target, configuration)
}
