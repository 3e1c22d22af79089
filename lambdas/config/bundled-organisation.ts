/** The bundled organisation, checked when the stack was built. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Organisation, OrganisationIntake, OrganisationLimits } from '../domain/report/organisation.ts'

export type BundledOrganisation = {
  readonly organisation: Organisation
  readonly intake: OrganisationIntake
  readonly limits: OrganisationLimits
}

export const bundledOrganisationFile = 'organisation.json'

/** Empty where the stage has none. */
export const bundledOrganisation = (folder: string): BundledOrganisation => {
  try {
    return JSON.parse(readFileSync(join(folder, bundledOrganisationFile), 'utf8')) as BundledOrganisation
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { organisation: {}, intake: {}, limits: {} }
    throw error
  }
}
