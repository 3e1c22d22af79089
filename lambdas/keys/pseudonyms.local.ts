/** The laptop's key for pseudonyms of accounts: given in the environment, or kept in a file of the home. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { keyBytes, PseudonymKeyError, pseudonymKey, pseudonymOf } from '../domain/detection/revisions/pseudonym.ts'
import { openKeyFile, readIfThere } from './key-file.local.ts'

export type Pseudonyms = {
  readonly pseudonym: (account: string) => string
  /** Where the key comes from, for people: the variable's name or the file's path. */
  readonly source: string
  /** The key was made just now: the operator should keep a copy of it. */
  readonly made: boolean
  /** The key is of this run alone: another run has other pseudonyms. */
  readonly isPassing?: boolean
}

const keyVariable = 'VIGIE_PSEUDONYM_KEY'
const keyFileName = 'pseudonym.key'

/**
 * Pseudonyms under the key in VIGIE_PSEUDONYM_KEY, else under the one in `pseudonym.key` in the home, a folder that is
 * there; the file is made when it is first asked for. Keys are written in hexadecimal.
 * @param keeps false: where there is no key, one that holds for this run alone
 * @throws PseudonymKeyError where the key is too short or cannot be read, or others may read its file
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
  const fault = (message: string, cause?: unknown) => new PseudonymKeyError(message, { cause })
  const found = keeps ? undefined : await readIfThere(file, fault)
  const { text, made } = keeps
    ? await openKeyFile(file, { make, fault, instead: `set ${keyVariable} to a key of your own` })
    : { text: found ?? make(), made: false }
  const isPassing = !keeps && found === undefined
  return { pseudonym: pseudonymOf(pseudonymKey(text, file)), source: file, made, ...(isPassing && { isPassing }) }
}

/** The same for what is only tried: where there is no key none is made, and the pseudonyms are of this run alone. */
export const openPassingPseudonyms = async (home: string): Promise<Pseudonyms> => {
  if (process.env[keyVariable]?.trim() || existsSync(join(home, keyFileName))) return openPseudonyms(home)
  const key = randomBytes(keyBytes).toString('hex')
  return { pseudonym: pseudonymOf(pseudonymKey(key, 'this run')), source: 'this run', made: false }
}
