/** The manoeuvres of a territory that were seen in others, a lane each. */
import type { Across } from '../../aggregate/across.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { isTerritoryCode, type Subject } from '../../core/place/territory.ts'
import type { Entry, Facts } from '../../report/facts.ts'
import { type Course, lanesOf } from '../first/lanes.ts'
import { titleOf } from '../words/phrases.ts'

/** report.json has all. */
const maxLanes = 6

export type AcrossSection = NonNullable<ReturnType<typeof acrossSection>>

/** Null in a group's edition, whose page 1 has the lanes of its campaigns. */
export const acrossSection = (facts: Facts, home: Subject, words: ReportWording) => {
  if (facts.group || facts.across.length === 0) return null
  const entries = new Map(facts.manoeuvres.map((entry) => [entry.id, entry]))
  // A common campaign or hashtag gives several manoeuvres the same rows.
  const groups = [...Map.groupBy(facts.across, contentKey).values()].flatMap(([one]) => one ?? [])
  const lanes = lanesOf(
    groups.slice(0, maxLanes).map((one) => courseOf(one, entries.get(one.manoeuvre), home, words)),
    facts.period,
    words,
  )
  const more = groups.length - maxLanes
  return lanes && { lanes, more: more > 0 ? words.say('across.untold', { count: more }) : '' }
}

const contentKey = ({ first: { by: _, ...first }, rows, total, more }: Across): string =>
  JSON.stringify([first, rows.map(({ by: _by, ...row }) => row), total, more])

const courseOf = (
  { manoeuvre, first, rows, total, shared, more }: Across,
  entry: Entry | undefined,
  home: Subject,
  words: ReportWording,
): Course => {
  const link = [...first.by, ...rows.flatMap(({ by }) => by)].find(({ kind }) => kind === 'campaign')
  const isHereFirst = first.territories.some((code) => code === home.code)
  const here = isHereFirst ? first.observed : entry?.observed
  return {
    name: link?.value ?? (entry ? titleOf(entry.title, words.language).text : manoeuvre),
    href: '',
    note: [
      words.say('across.total', {
        detections: total.detections,
        posts: total.posts.value === null ? words.say('across.noPosts') : words.phrase('posts', total.posts),
      }),
      ...(shared ? [words.say('across.joint')] : []),
      ...(more ? [words.say('across.more')] : []),
    ].join(' '),
    seen: [
      ...(here && isTerritoryCode(home.code) ? [{ territory: home.code, observed: here }] : []),
      ...rows.map(({ territory, firstObserved }) => ({ territory, observed: firstObserved })),
    ],
    zone: home.zone,
    spans: [],
  }
}
