/** Coordinated sets of accounts: what a stored set adds to a detection that names it. */

import { fault, faultAt, quoted } from '../../core/fault.ts'
import { fitsUnder, type Marking } from '../../core/marking.ts'
import type { Refusal } from '../../core/schema-fault.ts'
import type { Detection } from '../detection.ts'
import { accountName } from './pseudonym.ts'

/** A coordinated set of accounts, to which detections refer by its id. */
export type AccountSet = {
  readonly id: string
  readonly name: string
  /** Pseudonyms, or names where none are used: in the spelling of `accountName`, each once, sorted by their UTF-16. */
  readonly accounts: readonly string[]
  /** Of its name, its size and who belongs to it. */
  readonly marking: Marking
}

/** A set as a file gives it. */
export type GivenAccountSet = Omit<AccountSet, 'marking'> & {
  /** Where it is not stated: that of the stored set, else AMBER. */
  readonly marking?: Marking | undefined
  /** An operator states the marking; a file that was sent in can only raise it. */
  readonly mayLower?: boolean | undefined
}

/**
 * The detection with what it leaves open about its set: the set's name and size, and which of its accounts belong to
 * the set. What it states itself stays. Without a stored set, a detection that states no name or no size is refused; a
 * set that is marked above the detection is as good as none, so that nothing of it can show beside what the detection
 * may.
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
      // Not one member among them means that the two call accounts by different names, and says nothing.
      ...(members.length > 0 && { coordinatedAccountRefs: members }),
    },
  }
}

const membersAmong = (refs: readonly string[], { accounts }: AccountSet): string[] =>
  refs.filter((ref) => holds(accounts, accountName(ref)))

/** By halves: a set of a million is not gone through for each detection. */
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
