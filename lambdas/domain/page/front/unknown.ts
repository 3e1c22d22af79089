/** Unknowns on page 1: generated, independent of analysts' notes, never empty. */
import type { GroupFacts, MemberRow } from '../../aggregate/members.ts'
import { totalIn } from '../../aggregate/tally.ts'
import { type Source, unnamedDetector } from '../../aggregate/watch/watch.ts'
import { isFloorOfNone } from '../../core/figures.ts'
import type { Segment } from '../../core/language/language.ts'
import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import { hasAccounts } from '../../detection/stated-figures.ts'
import type { Facts } from '../../report/facts.ts'
import { original, plain, wordsOf, withheldFindings } from '../words/phrases.ts'
import { sourceName } from '../words/watch.ts'
import { isHardlyWatched, isIncomplete, isSeen, nameOf, placedRows, signOf } from './group.ts'

export type Unknown = ReturnType<typeof unknownOf>

export const unknownOf = (facts: Facts, words: ReportWording) => {
  const { group, quiet, totals } = facts
  const found = [
    ...(group ? ofGroup(facts, group, words) : ofTerritory(facts, words)),
    ...withheldFindings(facts, words),
  ]
  return {
    items:
      found.length > 0
        ? found
        : [...(quiet && totals.watched ? [plain(words.say('quiet.proof'))] : []), limitOf(facts.sources, words)],
  }
}

/** Returns the stated limit of the named source that kept least to its rhythm. */
const limitOf = (sources: readonly Source[], words: ReportWording): readonly Segment[] => {
  const kept = ({ watch: { inputs, expected } }: Source): number => (expected ? inputs / expected : Number.MAX_VALUE)
  const [weakest] = sources
    .filter(({ knownError, name }) => knownError && name !== unnamedDetector)
    .toSorted((a, b) => kept(a) - kept(b))
  return weakest?.knownError
    ? [
        ...plain(words.say('unknown.limit', { source: sourceName(weakest.name, words) })),
        wordsOf(weakest.knownError, words.language),
      ]
    : plain(words.say('unknown.nothing'))
}

const ofTerritory = (facts: Facts, words: ReportWording): readonly (readonly Segment[])[] => {
  const { sources, totals, manoeuvres, undatedHere, unlisted } = facts
  const { cadence } = facts.period
  const within = words.say('period.within', { cadence })
  const silent = sources.filter(({ watch: { gaps } }) => gaps.length > 0)
  const uncounted = manoeuvres.filter(({ figures, kind }) => figures.posts.value === null && hasAccounts({ kind }))
  const undated = undatedHere.length + unlisted.undatedHere
  const lineIfAny = (key: MessageKey, count: number) => (count === 0 ? [] : [plain(words.say(key, { count, within }))])
  const watch = watchUnknown(sources, totals.watched, silent, within, words)
  const isOpen = [totals.posts, totalIn(totals, 'detections')].some(isFloorOfNone)
  const isUntold = isOpen && watch.length === 0 && uncounted.length === 0
  return [
    ...watch,
    ...(uncounted[0] && uncounted.length === 1
      ? [words.formatRich('unknown.postsOf', { title: original(uncounted[0].title, words, words.quoted) })]
      : lineIfAny('unknown.posts', uncounted.length)),
    ...(isUntold ? [plain(words.say('unknown.incomplete', { within }))] : []),
    ...lineIfAny('unknown.dates', undated),
  ]
}

const watchUnknown = (
  sources: readonly Source[],
  isWatched: boolean,
  silent: readonly Source[],
  within: string,
  words: ReportWording,
): readonly (readonly Segment[])[] => {
  if (sources.length === 0) return [plain(words.say('unknown.out', { within }))]
  if (!isWatched) {
    const isLater = sources.some(({ watch: { afterwards } }) => afterwards)
    return [plain(words.say(isLater ? 'unknown.later' : 'unknown.blind', { within }))]
  }
  const named = [...new Set(silent.map(({ name }) => sourceName(name, words)))]
  return silent.length === 0 ? [] : [plain(words.say('unknown.interrupted', { list: words.list(named) }))]
}

const ofGroup = (facts: Facts, group: GroupFacts, words: ReportWording): readonly (readonly Segment[])[] => {
  const rows = placedRows(group)
  const names = (some: readonly MemberRow[]) => words.list(some.map(({ territory }) => nameOf(territory, words)))
  const hardly = rows.filter(isHardlyWatched)
  const blind = rows.filter((row) => signOf(row) === 'blind' && !isHardlyWatched(row))
  const out = rows.filter((row) => signOf(row) === 'out')
  const later = rows.filter((row) => signOf(row) === 'seen' && row.watch.state === 'blind')
  const interrupted = rows.filter((row) => row.watch.silentHours !== undefined && !isHardlyWatched(row))
  const withoutCount = new Set(
    facts.manoeuvres
      .filter(({ figures, kind }) => figures.posts.value === null && hasAccounts({ kind }))
      .flatMap(({ territories }) => territories.map(({ code }) => code)),
  )
  const uncounted = rows.filter(
    (row) => isSeen(row) && (row.totals.posts.value === null || withoutCount.has(row.territory)),
  )
  // A source without a rhythm has no silences, and the period may be unfinished.
  const named = new Set([...hardly, ...interrupted, ...later, ...uncounted])
  const incomplete = rows.filter((row) => (isIncomplete(row) || row.watch.isPartial) && !named.has(row))
  const lineIfAny = (key: MessageKey, some: readonly MemberRow[]) =>
    some.length === 0 ? [] : [plain(words.say(key, { count: some.length, list: names(some) }))]
  return [
    ...lineIfAny('group.unknown.blind', blind),
    ...lineIfAny('group.unknown.hardly', hardly),
    ...lineIfAny('group.unknown.later', later),
    ...(interrupted.length > 1 &&
    interrupted.length === rows.length - blind.length - hardly.length - out.length - later.length
      ? [plain(words.say('group.unknown.interruptedAll'))]
      : lineIfAny('unknown.interrupted', interrupted)),
    ...lineIfAny('group.unknown.out', out),
    ...lineIfAny('group.unknown.posts', uncounted),
    ...(incomplete.length > 1 && incomplete.length === rows.length - blind.length - out.length
      ? [plain(words.say('group.unknown.incompleteAll'))]
      : lineIfAny('group.unknown.incomplete', incomplete)),
  ]
}
