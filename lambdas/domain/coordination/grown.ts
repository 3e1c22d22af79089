import { coreWordingOf } from '../core/language/language.ts'
import { languages } from '../core/language/languages.ts'
import { strictest } from '../core/marking.ts'
import type { Detection } from '../detection/detection.ts'

/**
 * Merges two runs' results for one cluster or group, where the later run lacks some posts. Posts are a floor: those of
 * the first run and those after its last one, since earlier ones may arrive late.
 * @param later number of the later run's posts after the last one seen before
 * @returns `before`, unchanged, where the later run adds nothing
 */
export const grownBy = (before: Detection, found: Detection, later: number): Detection => {
  const { counts: then } = before
  const { counts: now } = found
  const accountRefs = union(before.accountRefs, found.accountRefs)
  const isKnown =
    later === 0 &&
    accountRefs.length === (before.accountRefs?.length ?? 0) &&
    (now.posts?.value ?? 0) <= (then.posts?.value ?? 0)
  if (isKnown) return before
  const posts =
    then.posts && now.posts ? Math.max(then.posts.value + later, now.posts.value) : (now.posts ?? then.posts)?.value
  const bothNamed = before.accountRefs !== undefined && found.accountRefs !== undefined
  const accounts = bothNamed
    ? accountRefs.length
    : Math.max(then.accounts?.value ?? 0, now.accounts?.value ?? 0, accountRefs.length)
  const isWhole = bothNamed && then.accounts?.qualifier === 'exact' && now.accounts?.qualifier === 'exact'
  const { accountRefs: _, ...rest } = found
  return {
    ...rest,
    id: before.id,
    ...(found.summary && { summary: withEarlier(found.summary) }),
    observed: {
      ...found.observed,
      from: before.observed.from,
      to: [before.observed.to, found.observed.to].sort().at(-1) ?? found.observed.to,
    },
    counts: {
      ...(posts !== undefined && { posts: { value: posts, qualifier: 'at least' } }),
      accounts: { value: accounts, qualifier: isWhole ? 'exact' : 'at least' },
    },
    ...(bothNamed && { accountRefs }),
    platforms: union(before.platforms, found.platforms),
    languages: union(before.languages, found.languages),
    marking: strictest([before.marking, found.marking]),
  }
}

const withEarlier = (summary: NonNullable<Detection['summary']>): NonNullable<Detection['summary']> => ({
  ...summary,
  ...Object.fromEntries(
    languages.flatMap((language) => {
      const text = summary[language]
      return text === undefined ? [] : [[language, `${text} ${coreWordingOf(language).say('detect.earlier')}`]]
    }),
  ),
})

/** Milliseconds since 1970 UTC. */
export const endOf = ({ observed }: Detection): number => Date.parse(observed.to)

const union = (one: readonly string[] = [], other: readonly string[] = []): string[] =>
  [...new Set([...one, ...other])].sort()
