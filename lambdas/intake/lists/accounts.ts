import { type Fault, fault, quoted } from '../../domain/core/fault.ts'
import { refang } from '../../domain/core/text/defang.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import type { GivenAccountSet } from '../../domain/detection/revisions/account-set.ts'
import { accountName } from '../../domain/detection/revisions/pseudonym.ts'
import { FileError } from '../record/file-error.ts'
import { profileName } from '../record/profiles.ts'
import { type IntakeOptions, type IntakeRecord, notAlone, rejectOf } from '../record/record.ts'
import { baseName, compare } from '../stix/objects.ts'
import { unguarded } from '../table/cells.ts'
import { batchedSheetOf, type Row } from '../table/rows.ts'
import { idProblem } from '../table/table-cells.ts'
import { oneLine } from '../text/one-line.ts'

/** The name defaults to the file's. */
export type StatedSet = Partial<Pick<GivenAccountSet, 'id' | 'name' | 'marking' | 'mayLower'>>

export type AccountsOptions = IntakeOptions & {
  readonly set?: StatedSet
}

/** Ambiguous: next to other columns it identifies the row. */
const anyId = 'identifiant'

/** The best first, folded. */
const accountHeadings: readonly string[] = [
  'account ref',
  'account reference',
  'account',
  'compte',
  'handle',
  'username',
  'user name',
  'screen name',
  'screenname',
  'account name',
  'account login',
  'login',
  'nom du compte',
  'nom de compte',
  'nom d utilisateur',
  'utilisateur',
  'user',
  'pseudo',
  'identifiant',
  'account id',
  'user id',
  'id du compte',
  'accounts',
  'comptes',
  'handles',
  'usernames',
  'profile',
  'profil',
  'profile url',
  'account url',
  'url du profil',
  'url du compte',
]

/** Next to such a column, an account is an author, not a list entry. */
const otherHeadings = new RegExp(
  `^(?:${[
    'timestamp.*',
    '(?:text|texte|message|body|content|contenu)',
    '(?:date|time|heure)',
    '(?:post|tweet|message|object|content|reply|repost|status|conversation|media)s? id(?: y)?',
    '(?:id|title|titre|summary|resume|kind|type)',
    '(?:posts?|messages|publications?|reposts?|retweets?|views|vues|videos?)',
    '(?:source|target|weight|score|edge type|account id y)',
    '(?:territor.*|detect.*|observed.*|campa.*|marking|indicator.*|domain.*)',
  ].join('|')})$`,
)

const profileHeadings = /^(?:followers?|following|listed|bio|abonnes|abonnements|display name|tweet count)$/

const maxAccounts = 1_000_000

/** A heading, or a first line like `@name`. */
export const looksLikeAccounts = (headings: readonly string[]): boolean => {
  const [only] = headings
  if (headings.length === 1 && /^@[\w.-]+(?:@[\w.-]+)?$/.test(only ?? '')) return true
  const words = headings.map(folded)
  const accounts = columnOf(words)
  if (accounts === undefined || words.some((heading) => otherHeadings.test(heading))) return false
  return words.length === 1 || !words.includes(anyId)
}

/** Each row describes an account, next to any other columns. */
export const looksLikeProfiles = (headings: readonly string[]): boolean => {
  const words = headings.map(folded)
  return columnOf(words) !== undefined && words.filter((heading) => profileHeadings.test(heading)).length > 1
}

export const namesAccountsAlone = (heading: string): boolean =>
  folded(heading) !== anyId && accountHeadings.includes(folded(heading))

const columnOf = (words: readonly string[]): number | undefined => {
  const found = accountHeadings.find((heading) => words.includes(heading))
  return found === undefined ? undefined : words.indexOf(found)
}

/**
 * Yields a reject for each row without an account, then the set. Without a known heading, a file of one column is a
 * list from its first line.
 * @throws FileError where no column of accounts is recognised, or none is listed
 */
export async function* readAccounts(
  chunks: AsyncIterable<Uint8Array>,
  options: AccountsOptions,
): AsyncGenerator<IntakeRecord> {
  const { file, pseudonym = (name: string) => name, note } = options
  const set = calledBy(options)
  const { headings, head, batches } = await batchedSheetOf(chunks, options)
  const known = columnOf(headings.map(folded))
  if (known === undefined && headings.length > 1) {
    throw new FileError(
      fault('accounts.noColumn', { file, headings: quoted(headings.map((heading) => oneLine(heading))) }),
    )
  }
  const column = known ?? 0
  const path = known === undefined ? 'account' : (headings[known] ?? '')
  const accounts = new Set<string>()
  let read = 0
  let repeated = 0
  const take = ({ cells, line, offset, text }: Row): IntakeRecord | undefined => {
    const cell = cells[column] ?? ''
    if (cell.trim() === '' && cells.every((other) => other.trim() === '')) return undefined
    read += 1
    const reject = (reason: Fault) => ({ reject: rejectOf(text, { file, line, offset, path, fault: reason }) })
    const named = accountOf(cell)
    if (typeof named !== 'string') return reject(named)
    const before = accounts.size
    accounts.add(pseudonym(named))
    if (accounts.size === before) repeated += 1
    else if (before === maxAccounts) {
      accounts.delete(pseudonym(named))
      return reject(fault('accounts.tooMany', { max: maxAccounts }))
    }
    return undefined
  }
  if (known === undefined && head) {
    if (!looksLikeAccounts(headings)) note?.(fault('accounts.firstLine'), 1)
    const rejected = take(head)
    if (rejected) yield rejected
  }
  for await (const batch of batches) {
    for (const row of batch) {
      if ('reject' in row) {
        read += 1
        yield { reject: notAlone(row.reject) }
        continue
      }
      const rejected = take(row)
      if (rejected) yield rejected
    }
  }
  if (read === 0) throw new FileError(fault('accounts.none', { file }))
  if (repeated > 0) note?.(fault('accounts.twice'), repeated)
  if (accounts.size > 0) yield { accountSet: { ...set, accounts: [...accounts].sort(compare) } }
}

const calledBy = ({ file, set = {} }: AccountsOptions) => {
  const called = baseName(file).replace(/\.[a-z]{1,4}$/i, '')
  const id = set.id ?? folded(called).replaceAll(' ', '-')
  if (oneLine(id, 128) !== id || id === '') {
    throw new FileError(
      set.id === undefined ? fault('accounts.noName', { file }) : fault('accounts.setId', { text: quoted(set.id) }),
    )
  }
  const { marking, mayLower } = set
  return {
    id,
    name: oneLine(set.name ?? '') || oneLine(called.replace(/[_\s]+/g, ' ')) || id,
    ...(marking && { marking, mayLower }),
  }
}

const accountOf = (cell: string): string | Fault => {
  // Refanging would dominate the running time.
  const written = /^@?\w+$/.test(cell) ? cell : refang(unguarded(cell.trim()))
  const problem = idProblem(written)
  if (problem !== undefined) return problem
  const name = isAddress(written) ? profileName(written) : written
  if (name === undefined) {
    return fault('accounts.address', { text: quoted(written) })
  }
  return accountName(name) || fault('accounts.notAName', { text: quoted(written) })
}

const isAddress = (text: string): boolean =>
  text.includes('/') && (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}\/./u.test(text))
