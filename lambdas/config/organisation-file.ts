/** Reads the house's own configuration from `vigie.json` in a folder, with the logo beside it. */
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { faultOf } from '../domain/detection/detection.ts'
import {
  type House,
  type HouseInput,
  type HouseIntake,
  type HouseLimits,
  houseSchema,
  plainHouse,
} from '../domain/report/organisation.ts'

/** A logo is drawn on every page: more than this is a photo. */
const largestLogo = 200 * 1024

const logoTypes: Readonly<Record<string, string>> = { '.png': 'image/png', '.svg': 'image/svg+xml' }

export class HouseError extends Error {
  override name = 'HouseError'
}

/** The house, or the plain one where the home has no vigie.json. @throws HouseError that names the file, the field and the fix */
export const readHouse = async (home: string): Promise<House> => {
  const written = await readConfiguration(home)
  if (!written) return plainHouse
  const { logo, placing: _, aliases: __, detectors: ___, reportsPerHour: ____, ...said } = written
  return logo === undefined ? said : { ...said, logo: await readLogo(resolve(home, logo)) }
}

/** The house's own rules of placing and aliases. @throws HouseError as {@link readHouse} does */
export const readHouseIntake = async (home: string): Promise<HouseIntake> => {
  const { placing, aliases, detectors } = (await readConfiguration(home)) ?? {}
  return { placing, aliases, detectors }
}

/** @throws HouseError as {@link readHouse} does */
export const readHouseLimits = async (home: string): Promise<HouseLimits> => {
  const { reportsPerHour } = (await readConfiguration(home)) ?? {}
  return { reportsPerHour }
}

const readConfiguration = async (home: string): Promise<HouseInput | undefined> => {
  const file = resolve(home, 'vigie.json')
  const text = await readIfThere(file)
  return text && parsed(file, text.toString('utf8'))
}

const parsed = (file: string, text: string): HouseInput => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new HouseError(`${file} is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
  const read = houseSchema.safeParse(value)
  if (read.success) return read.data
  throw new HouseError(`${file}: ${faultOf(read.error)}`)
}

const readLogo = async (file: string): Promise<string> => {
  const type = logoTypes[extname(file).toLowerCase()]
  if (!type) throw new HouseError(`the logo ${file} must be a PNG or an SVG file`)
  const bytes = await readIfThere(file)
  if (!bytes) throw new HouseError(`the logo ${file} is not there: name a file beside vigie.json`)
  if (bytes.byteLength > largestLogo) {
    throw new HouseError(`the logo ${file} has ${bytes.byteLength} bytes: make it smaller than ${largestLogo}`)
  }
  return `data:${type};base64,${bytes.toString('base64')}`
}

const readIfThere = async (file: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new HouseError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}
