import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { keyBytes, pseudonymKey, pseudonymOf } from '../domain/detection/revisions/pseudonym.ts'
import { openKeyFile, readIfThere } from './key-file.local.ts'

export type Pseudonyms = {
  readonly pseudonym: (account: string) => string
  readonly source: string
  /** The operator should keep a copy. */
  readonly made: boolean
  /** Valid for this run only: another run has other pseudonyms. */
  readonly isPassing?: boolean
}

const keyVariable = 'VIGIE_PSEUDONYM_KEY'
const keyFileName = 'pseudonym.key'

/**
 * Uses the key in VIGIE_PSEUDONYM_KEY, else in `pseudonym.key` in the data folder, which must exist. Keys are
 * hexadecimal.
 * @param keeps false: without a key, uses one for this run only
 * @throws Error where the key is too short or unreadable, or others may read its file
 */
export const openPseudonyms = async (
  home: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  { keeps = true }: { readonly keeps?: boolean } = {},
): Promise<Pseudonyms> => {
  const given = environment[keyVariable]
  if (given !== undefined && given.trim() !== '') {
    return { pseudonym: pseudonymOf(pseudonymKey(given, keyVariable)), source: keyVariable, made: false }
  }
  const file = join(home, keyFileName)
  const make = () => `${randomBytes(keyBytes).toString('hex')}\n`
  const fault = (message: string, cause?: unknown) => new Error(message, { cause })
  const found = keeps ? undefined : await readIfThere(file, fault)
  const { text, made } = keeps
    ? await openKeyFile(file, { make, fault, instead: `set ${keyVariable} to a key of your own` })
    : { text: found ?? make(), made: false }
  const isPassing = !keeps && found === undefined
  return { pseudonym: pseudonymOf(pseudonymKey(text, file)), source: file, made, ...(isPassing && { isPassing }) }
}

/** Without a key, none is stored and pseudonyms last for this run. */
export const openPassingPseudonyms = async (home: string): Promise<Pseudonyms> => {
  if (process.env[keyVariable]?.trim() || existsSync(join(home, keyFileName))) return openPseudonyms(home)
  const key = randomBytes(keyBytes).toString('hex')
  return { pseudonym: pseudonymOf(pseudonymKey(key, 'this run')), source: 'this run', made: false }
}
