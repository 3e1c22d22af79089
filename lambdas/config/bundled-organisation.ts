/** The house as a bundle holds it: checked when the stack was built, its logo inlined, so that nothing is left to be read or checked. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { House, HouseIntake, HouseLimits } from '../domain/report/organisation.ts'

export type BundledHouse = {
  readonly house: House
  readonly intake: HouseIntake
  readonly limits: HouseLimits
}

export const bundledHouseFile = 'house.json'

/** The house beside a function's code; the plain one where the stage has none. */
export const bundledHouse = (folder: string): BundledHouse => {
  try {
    return JSON.parse(readFileSync(join(folder, bundledHouseFile), 'utf8')) as BundledHouse
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { house: {}, intake: {}, limits: {} }
    throw error
  }
}
