/** What comes with the program that is deployed: its licences, and which of them we take. */
import { fileURLToPath } from 'node:url'
import satisfies from 'spdx-satisfies'

const beside = (name: string): string => fileURLToPath(new URL(`secrets/${name}`, import.meta.url))

/** What looks for secrets, as a program and its first options. `npm run check:supply` installs it. */
export const secretlint = [
  beside('node_modules/secretlint/bin/secretlint.js'),
  '--secretlintrc',
  beside('secretlint.json'),
] as const

/** Free to use in a service and to pass on, with no duty beyond naming them: NOTICE does. */
const taken = ['MIT', 'MIT-0', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'OFL-1.1'] as const

/** A package of the lock file, as far as it concerns us. */
export type Locked = { readonly license?: string; readonly dev?: boolean; readonly version?: string }

/**
 * The packages that run and have a licence that we have not looked at, each as `name version: licence`. Those that only
 * build and test are passed on to nobody.
 * @param packages of package-lock.json, by their place
 */
export const strangeLicences = (packages: Readonly<Record<string, Locked>>): readonly string[] =>
  Object.entries(packages)
    .filter(([place, { dev }]) => place !== '' && !dev)
    .filter(([, { license }]) => !isTaken(license))
    .map(([place, { license, version }]) => `${nameIn(place)} ${version ?? '?'}: ${license ?? 'no licence'}`)

const nameIn = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** All of them hold where a package says AND; one of them is enough where it says OR. */
const isTaken = (license: string | undefined): boolean => {
  try {
    return license !== undefined && satisfies(license, [...taken])
  } catch {
    // No expression of SPDX: a person has to look.
    return false
  }
}
