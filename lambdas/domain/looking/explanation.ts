import english from '../../../templates/messages/explain.en.json' with { type: 'json' }
import french from '../../../templates/messages/explain.fr.json' with { type: 'json' }
import { type CountStatus, countStatusOf } from '../aggregate/counting/count-status.ts'
import { type CountedDetection, countedDetection, type DetectionAsOf } from '../aggregate/counting/counted-detection.ts'
import { everyPart, treesOf, type Wholes } from '../aggregate/counting/trees.ts'
import { type CoreKey, type Wording, wordingWith } from '../core/language/language.ts'
import { fitsUnder, type Marking } from '../core/marking.ts'
import { type Place, placeAmong } from '../core/place/subject.ts'
import { groupName, subjectOf, territoryOf } from '../core/place/territory.ts'
import { canonicalJson } from '../core/text/canonical.ts'
import { localInterval, type PeriodReason, periodReason } from '../core/time/observed.ts'
import { boundsIn, parsePeriod, weekOf } from '../core/time/period.ts'
import type { Detection, TerritoryAssignment } from '../detection/detection.ts'
import { repliesField } from '../detection/revisions/correction.ts'
import type { Edition } from '../report/manifest.ts'

export type PlaceExplained = Omit<TerritoryAssignment, 'by'> & {
  /** The analyst who assigned it; shown only to readers who may know everything. */
  readonly by?: string
  readonly zone: string
  /** ISO instants that bound the first observation. */
  readonly from: string
  readonly to: string
  readonly day?: string
  /** The week in which it counts; left out if the day is unknown. */
  readonly week?: string
  readonly month: string
}

/** @param knowsAll whether the reader may see who assigned the territory */
export const placesExplained = (
  { observed, territories }: Detection,
  { knowsAll = false }: { readonly knowsAll?: boolean } = {},
): readonly PlaceExplained[] =>
  territories.map(({ by, ...placing }) => {
    const { zone } = territoryOf(placing.code)
    const { first, day } = localInterval(observed, zone)
    return {
      ...placing,
      ...(knowsAll && by !== undefined && { by }),
      zone,
      from: new Date(first.from).toISOString(),
      to: new Date(first.to).toISOString(),
      ...(day !== undefined && { day, week: weekOf(day).id }),
      month: (day ?? observed.from).slice(0, 7),
    }
  })

type CountStatusReason = PeriodReason | 'marked above' | 'not placed there' | 'withdrawn'

export type CountStatusExplained = {
  readonly cap: Marking
  readonly state: CountStatus
  readonly because: CountStatusReason
  /** The whole that includes the figures of this part. */
  readonly whole?: string
  /** Its whole is hidden: it counts alone, and sums are floors. */
  readonly open?: true
}

export type ReportAsked = Pick<Edition, 'territory' | 'period'>

/**
 * Computes the status as the report does.
 * @param above the wholes of the detection, and theirs; only stored, active ones
 */
export const explainCountStatus = (
  current: DetectionAsOf,
  above: readonly DetectionAsOf[],
  { territory, period }: ReportAsked,
  cap: Marking,
): CountStatusExplained => {
  const { detection } = current
  const place = placeOf(detection, { territory, period })
  if (!place) return { cap, state: 'outside', because: 'not placed there' }
  const state = countStatusOf(place.fit, detection.marking, cap)
  const because = state === 'withheld' ? 'marked above' : periodReason(place.interval, boundsIn(period, place.zone))
  if (state !== 'counted') return { cap, state, because }
  const shown = above.filter(({ detection }) => fitsUnder(detection.marking, cap))
  const chain = [current, ...shown].flatMap((one) => countedIn(one, { territory, period }))
  const wholes: Wholes = new Map(shown.map(({ detection }) => [detection.id, detection]))
  const { trees } = treesOf(chain, wholes)
  return { cap, state, because, ...positionIn(trees, current.detection.id) }
}

/** Returns the first report (week, else month) that counts it; undefined without a territory. */
export const usualReport = (detection: Detection): ReportAsked | undefined => {
  const [place] = placesExplained(detection)
  return place && { territory: place.code, period: parsePeriod(place.week ?? place.month) }
}

export const placeOf = (detection: Detection, { territory, period }: ReportAsked): Place | undefined =>
  placeAmong(detection, subjectOf(territory).members, period)

const countedIn = (current: DetectionAsOf, report: ReportAsked): readonly CountedDetection[] => {
  const place = placeOf(current.detection, report)
  return place?.fit === 'counted' ? [countedDetection(current, place.interval, place.fit, place.zone)] : []
}

const positionIn = (trees: Iterable<CountedDetection>, id: string): Pick<CountStatusExplained, 'whole' | 'open'> => {
  for (const tree of trees) {
    if (tree.id === id) return tree.open === undefined ? {} : { open: true }
    for (const node of [tree, ...everyPart(tree)]) {
      if (node.parts.some((part) => part.id === id)) return { whole: node.id }
    }
  }
  return {}
}

/** Returns the changed fields. Each figure is a field, and so are an actor's replies. */
export const changedBetween = (before: Detection, after: Detection): readonly string[] => {
  const fieldsIn = ({ counts, revision: _, actor, ...fields }: Detection): ReadonlyMap<string, unknown> => {
    const figures = Object.entries(counts).map(([name, one]): [string, unknown] => [`counts.${name}`, one])
    const { replies, ...rest } = actor ?? {}
    const named: readonly [string, unknown][] = actor
      ? [
          ['actor', rest],
          [repliesField, replies],
        ]
      : []
    return new Map<string, unknown>([...Object.entries(fields), ...figures, ...named])
  }
  const [one, other] = [fieldsIn(before), fieldsIn(after)]
  const names = [...new Set([...one.keys(), ...other.keys()])].sort()
  return names.filter((name) => canonicalJson(one.get(name) ?? null) !== canonicalJson(other.get(name) ?? null))
}

export type ExplainKey = CoreKey | keyof typeof english

export const explainWordingOf = wordingWith({ fr: french, en: english })

export const placeSentence = ({ method, via = '', by }: PlaceExplained, wording: Wording<ExplainKey>): string =>
  wording.say(`explain.placed.${method}`, {
    via: method === 'group' ? groupName(via, wording.language) : via,
    details: [by, via].flatMap((one) => (one === undefined || one === '' ? [] : [` (${one})`])).join(''),
  })

const reasonKeys = {
  'begins within': 'explain.beginsWithin',
  'date is wider': 'explain.dateIsWider',
  'went on': 'explain.wentOn',
  'ended before': 'explain.endedBefore',
  'begins after': 'explain.beginsAfter',
  'marked above': 'explain.markedAbove',
  'not placed there': 'explain.notPlaced',
  withdrawn: 'explain.withdrawn',
} as const satisfies Readonly<Record<CountStatusReason, ExplainKey>>

export const describeCountStatus = (
  { state, because, whole, open }: Omit<CountStatusExplained, 'cap'>,
  wording: Wording<ExplainKey>,
): readonly string[] => [
  wording.say(`explain.state.${state}`),
  wording.say(reasonKeys[because]),
  ...(whole === undefined ? [] : [wording.say('explain.partOf', { id: whole })]),
  ...(open ? [wording.say('explain.open')] : []),
]

export const describeCountStatuses = (
  standings: readonly CountStatusExplained[],
  wording: Wording<ExplainKey>,
): readonly { readonly caps: readonly Marking[]; readonly sentences: readonly string[] }[] => {
  const groups: { readonly caps: Marking[]; readonly sentences: readonly string[] }[] = []
  for (const countStatus of standings) {
    const sentences = describeCountStatus(countStatus, wording)
    const last = groups.at(-1)
    if (last && last.sentences.join() === sentences.join()) last.caps.push(countStatus.cap)
    else groups.push({ caps: [countStatus.cap], sentences })
  }
  return groups
}
