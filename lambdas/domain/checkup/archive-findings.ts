import { plural } from '../core/text/plural.ts'
import { isFarAhead } from '../core/time/instants.ts'
import { type Fact, type Finding, findingOf, good, broken, note } from './finding.ts'

export type NewestVersions = {
  /** Versions in the index, published or held. */
  readonly all: number
  readonly looked: number
  readonly problems: readonly { readonly file: string; readonly message: string }[]
  /** Of the newest version. */
  readonly program: string | null
}

export type StoredInstants = { readonly latest: string | null }

/** Actions without a line in the history; null where they could not be compared. */
export type UnrecordedActs = {
  readonly acts: readonly { readonly of: string; readonly id: string }[] | null
  readonly unseen: string
}

/** A note: the author is no longer known, so nothing can be repaired. */
export const historyFinding = (unrecorded: Fact<UnrecordedActs>): Finding =>
  findingOf('history', unrecorded, ({ acts, unseen }) => {
    if (acts === null) return note('history', 'is too long to be compared with what was done')
    if (acts.length === 0) return good('history', `names who did every action that can be checked; ${unseen}`)
    const named = acts.slice(0, 5).map(({ of, id }) => `${of} ${id}`)
    const more = acts.length > named.length ? `, and ${acts.length - named.length} more` : ''
    return note(
      'history',
      `does not name who did ${plural(acts.length, 'action')}: check that they are as they should be: ${named.join(', ')}${more}; ${unseen}`,
    )
  })

/** A decided candidate, and whether its detection is active, which it must not be, or must. */
export type Contradiction = {
  readonly id: string
  readonly state: string
  readonly isActive: boolean
}

export const decisionFindings = (decisions: Fact<readonly Contradiction[]>): readonly Finding[] => {
  if (!('value' in decisions)) return [findingOf('decisions', decisions, () => good('decisions', ''))]
  if (decisions.value.length === 0)
    return [good('decisions', 'every decided candidate counts, or does not, as was decided')]
  return decisions.value.map(({ id, state, isActive }) =>
    isActive
      ? broken('decisions', `${id} is ${state}, and its detection counts`, `vigie withdraw ${id} --reason ${state}`)
      : broken(
          'decisions',
          `${id} is signed, and its detection does not count`,
          `vigie explain ${id}; to store it, its signer repeats vigie inbox accept candidate:${id}`,
        ),
  )
}

export const archiveFinding = (newest: Fact<NewestVersions>): Finding =>
  findingOf('archive', newest, ({ all, looked, problems }) => {
    if (all === 0) return note('archive', 'holds no report yet')
    const [first] = problems
    if (!first)
      return good(
        'archive',
        `as archived, and signed by the key that signs now: the newest ${looked} of ${plural(all, 'version')}`,
      )
    const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
    return broken(
      'archive',
      `${first.file} ${first.message}${more}`,
      'vigie archive verify names all; pass an earlier key by --key, restore what is damaged (docs/aws.md#recovery)',
    )
  })

export const storedFinding = (stored: Fact<StoredInstants>, now: string, where: string): Finding =>
  findingOf('stored', stored, ({ latest }) => {
    if (latest === null) return note('stored', 'nothing yet')
    if (!isFarAhead(latest, now)) return good('stored', `something was last stored at ${latest}`)
    return broken(
      'stored',
      `something was stored at ${latest}, which is still to come: a machine's clock was ahead`,
      where,
    )
  })
