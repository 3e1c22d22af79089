/** Compares each operation's accounts with those of earlier operations. No single account is shown. */
import { ownAccounts } from '../aggregate/counting/accounts.ts'
import type { Total } from '../core/figures.ts'
import { type Marking, strictest } from '../core/marking.ts'
import type { Detection, Figure, Name } from '../detection/detection.ts'

/** The whole comes before its parts. */
export type Operation = { readonly id: string; readonly detections: readonly Detection[] }

export type OperationNamed = Pick<Detection, 'id' | 'title' | 'observed' | 'territories'>

export type AccountsNamed = {
  readonly operation: OperationNamed
  /** Null where no source names any. */
  readonly named: number | null
  /** Accounts already named by an earlier operation; null if there is nothing to compare. */
  readonly returned: number | null
  /** Covers these and the earlier accounts compared. */
  readonly marking: Marking
}

export type SetOverTime = {
  readonly id: string
  readonly name?: Name | undefined
  readonly times: number
  readonly operations: readonly SetPart[]
  readonly marking: Marking
}

/** Null `part`: not given. */
type SetPart = {
  readonly operation: OperationNamed
  readonly part: Total
  readonly size?: Figure | undefined
  readonly marking: Marking
}

const maxLatest = 4

/** @param operations the earliest first */
export const accountsNamed = (operations: readonly Operation[]): readonly AccountsNamed[] => {
  const before = new Set<string>()
  const markings = new Set<Marking>()
  return operations.map(({ detections }) => {
    const naming = detections.filter((one) => refsOf(one).length > 0)
    const refs = new Set(naming.flatMap(refsOf))
    const own = naming.map(({ marking }) => marking)
    const isCompared = refs.size > 0 && before.size > 0
    const compared: AccountsNamed = {
      operation: nameOf(detections),
      named: refs.size === 0 ? null : refs.size,
      returned: isCompared ? [...refs].filter((ref) => before.has(ref)).length : null,
      marking: strictest(isCompared ? [...own, ...markings] : own),
    }
    for (const ref of refs) before.add(ref)
    for (const marking of own) markings.add(marking)
    return compared
  })
}

export const nameOf = ([whole]: readonly Detection[]): OperationNamed => {
  const { id, title, observed, territories } = whole as Detection
  return { id, title, observed, territories }
}

const refsOf = ({ accountRefs = [], coordinatedAccountRefs = [] }: Detection): readonly string[] => [
  ...accountRefs,
  ...coordinatedAccountRefs,
]

/** Returns sets in order of appearance. In each operation the first detection that names a set states its part. */
export const setsOverTime = (operations: readonly Operation[]): readonly SetOverTime[] => {
  const naming = operations.flatMap(({ detections }) => {
    const first = new Map<string, Detection>()
    for (const one of detections) {
      const set = one.accountSet?.id
      if (set !== undefined && !first.has(set)) first.set(set, one)
    }
    return [...first].map(([set, detection]) => ({ operation: nameOf(detections), set, detection }))
  })
  return [...Map.groupBy(naming, ({ set }) => set)].map(([id, those]) => ({
    id,
    name: those.map(({ detection }) => detection.accountSet?.name).find((name) => name !== undefined),
    times: those.length,
    operations: those
      .filter((_, at) => at === 0 || at >= those.length - maxLatest)
      .map(({ operation, detection }) => ({
        operation,
        part: ownAccounts(detection, 'coordinatedAccounts'),
        size: detection.accountSet?.size,
        marking: detection.marking,
      })),
    marking: strictest(those.map(({ detection }) => detection.marking)),
  }))
}
