import { fault, faultAt, quoted } from '../../core/fault.ts'
import { fitsUnder, type Marking } from '../../core/marking.ts'
import type { Refusal } from '../../core/schema-fault.ts'
import type { Detection } from '../detection.ts'
import { accountName } from './pseudonym.ts'

export type AccountSet = {
  readonly id: string
  readonly name: string
  /** Spelled as `accountName`, unique, sorted by UTF-16. */
  readonly accounts: readonly string[]
  readonly marking: Marking
}

export type GivenAccountSet = Omit<AccountSet, 'marking'> & {
  /** Defaults to the stored set's, else AMBER. */
  readonly marking?: Marking | undefined
  /** True for an operator; a submitted file may only raise the marking. */
  readonly mayLower?: boolean | undefined
}

/**
 * Fills in what a detection leaves open. Without a stored set, a missing name or size is refused. A set marked above
 * the detection counts as missing, so that nothing of it leaks.
 */
export const withAccountSet = (
  detection: Detection,
  stored: AccountSet | undefined,
): { readonly detection: Detection } | { readonly refusal: Refusal } => {
  const named = detection.accountSet
  if (!named) return { detection }
  const set = stored && fitsUnder(stored.marking, detection.marking) ? stored : undefined
  if (!set)
    return named.name !== undefined && named.size ? { detection } : { refusal: unknownSet(named.id, detection.marking) }
  const { accountRefs, coordinatedAccountRefs } = detection
  const members = accountRefs && !coordinatedAccountRefs ? membersAmong(accountRefs, set) : []
  return {
    detection: {
      ...detection,
      accountSet: {
        id: named.id,
        name: named.name ?? set.name,
        size: named.size ?? { value: set.accounts.length, qualifier: 'exact' },
      },
      // If no account matches, the two use different names, so nothing is added.
      ...(members.length > 0 && { coordinatedAccountRefs: members }),
    },
  }
}

const membersAmong = (refs: readonly string[], { accounts }: AccountSet): string[] =>
  refs.filter((ref) => holds(accounts, accountName(ref)))

/** Binary search: a set may have a million accounts. */
const holds = (sorted: readonly string[], wanted: string): boolean => {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sorted[middle] ?? '') < wanted) from = middle + 1
    else to = middle
  }
  return sorted[from] === wanted
}

const unknownSet = (id: string, marking: Marking): Refusal =>
  faultAt('accountSet', fault('accountSet.unknown', { id: quoted(id), marking }))
