import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import type { People } from '../domain/access/people.ts'
import { inFile, messageOfFault } from '../domain/core/fault.ts'
import { refusalOf } from '../domain/core/schema-fault.ts'
import { parseJson } from '../domain/core/text/parse-json.ts'
import { messageOf } from '../domain/core/text/thrown.ts'
import {
  defaultOrganisation,
  isOfHouse,
  type Organisation,
  type OrganisationInput,
  type OrganisationIntake,
  type OrganisationLimits,
  organisationSchema,
} from '../domain/report/organisation.ts'

/** The logo is drawn on every page; a larger file is probably a photo. */
const maxLogoBytes = 200 * 1024

const logoTypes: Readonly<Record<string, string>> = { '.png': 'image/png', '.svg': 'image/svg+xml' }

/**
 * Returns the default organisation where the data folder has no vigie.json.
 * @throws Error that names the file, the field and the fix
 */
export const readOrganisation = async (home: string): Promise<Organisation> => {
  const written = await readConfiguration(home)
  if (!written) return defaultOrganisation
  const { logo, ...others } = written
  const organisation = Object.fromEntries(Object.entries(others).filter(([name]) => !isOfHouse(name)))
  return logo === undefined ? organisation : { ...organisation, logo: await readLogo(resolve(home, logo)) }
}

/** @throws Error as {@link readOrganisation} does */
export const readOrganisationIntake = async (home: string): Promise<OrganisationIntake> => {
  const { placing, aliases, detectors, posts } = (await readConfiguration(home)) ?? {}
  return { placing, aliases, detectors, posts }
}

/** @throws Error as {@link readOrganisation} does */
export const readOrganisationLimits = async (home: string): Promise<OrganisationLimits> => {
  const { reportsPerHour, retention } = (await readConfiguration(home)) ?? {}
  return { reportsPerHour, retention }
}

/** @throws Error as {@link readOrganisation} does */
export const readPeople = async (home: string): Promise<People | undefined> => (await readConfiguration(home))?.people

const readConfiguration = async (home: string): Promise<OrganisationInput | undefined> => {
  const file = resolve(home, 'vigie.json')
  const text = await readIfThere(file)
  return text && parsed(file, text.toString('utf8'))
}

const parsed = (file: string, text: string): OrganisationInput => {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${messageOf(cause)}`, { cause })
  }
  const read = organisationSchema.safeParse(value)
  if (read.success) return read.data
  throw new Error(messageOfFault(inFile(file, refusalOf(read.error))))
}

const readLogo = async (file: string): Promise<string> => {
  const type = logoTypes[extname(file).toLowerCase()]
  if (!type) throw new Error(`the logo ${file} must be a PNG or an SVG file`)
  const bytes = await readIfThere(file)
  if (!bytes) throw new Error(`the logo ${file} is not there: name a file next to vigie.json`)
  if (bytes.byteLength > maxLogoBytes) {
    throw new Error(`the logo ${file} has ${bytes.byteLength} bytes: make it smaller than ${maxLogoBytes}`)
  }
  return `data:${type};base64,${bytes.toString('base64')}`
}

const readIfThere = async (file: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new Error(`${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
