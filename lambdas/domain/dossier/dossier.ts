import { countedDetection } from '../aggregate/counting/counted-detection.ts'
import { type EffectInRow, effectInRow } from '../aggregate/counting/effects.ts'
import { joinedByText, leadsIn, sameTextOf } from '../aggregate/counting/same-text.ts'
import { overlapsOf, ownFigure, treeSums } from '../aggregate/counting/sums.ts'
import { everyPart, treesOf, type Wholes } from '../aggregate/counting/trees.ts'
import { effectOfAll } from '../aggregate/outcome.ts'
import type { Tally, Totals } from '../aggregate/tally.ts'
import type { WatchedPeriod } from '../aggregate/watch/watched.ts'
import { type Marking, strictest } from '../core/marking.ts'
import { firstAmong, type ObservedSomewhere } from '../core/place/subject.ts'
import { type TerritoryCode, territories, territoryOf } from '../core/place/territory.ts'
import { localInterval, type Observed, periodFit } from '../core/time/observed.ts'
import { boundsIn } from '../core/time/period.ts'
import { type Chain, chainOf, withSource } from '../detection/attribution.ts'
import { keyOfCampaign } from '../detection/campaigns.ts'
import type { Detection } from '../detection/detection.ts'
import {
  type ActorLink,
  actorLinks,
  type Begun,
  countEffects,
  type EffectCounts,
  type KnownIndicator,
  knownIndicators,
  type SourceSaying,
  sourcesSaying,
} from './claims.ts'
import { type AccountsNamed, accountsNamed, type Operation, type SetOverTime, setsOverTime } from './returning.ts'
import { type Span, type StepUnit, spanPeriod } from './steps.ts'

/** Figures of a step, counted as in a report on the campaign alone. */
export type StepFacts = Span &
  EffectInRow & {
    readonly totals: Pick<Totals, 'detections' | 'manoeuvres' | 'posts' | 'watched'>
    /** All territories that should be watched were watched. */
    readonly isWhole: boolean
    readonly marking: Marking
  }

/** In local days. A detection of several territories counts in each. */
type TerritoryOverTime = {
  readonly territory: TerritoryCode
  readonly detections: number
  readonly first?: Observed
  /** All detections were assigned through a territory group. */
  readonly groupOnly: boolean
  /** Detections by step; null where the territory was not watched. */
  readonly cells: readonly (number | null)[]
  readonly marking: Marking
}

export type DossierFacts = {
  /** The most frequent spelling, or the alias table's. */
  readonly name: string
  /** Names under which detections were stored before an alias merged them. */
  readonly storedAs: readonly { readonly name: string; readonly ids: readonly string[] }[]
  /** Names in the sources' spelling. */
  readonly reported: readonly string[]
  /** The first local day, or the first of its month where only the month is known. */
  readonly since: string
  readonly first: Observed
  /** The detection that began last. */
  readonly last: Observed
  /** Manoeuvre ids, earliest first: a whole with its parts is one operation. */
  readonly operations: readonly string[]
  readonly known: KnownOfAll
  /** The latest with named accounts, and the number of others. */
  readonly accounts: { readonly listed: readonly AccountsNamed[]; readonly more: number }
  readonly sets: readonly SetOverTime[]
  readonly actors: readonly ActorLink[]
  /** Links behind the attributions; `more` is the number not listed. */
  readonly chain: Chain & { readonly more: number }
  readonly saying: readonly SourceSaying[]
  readonly indicators: { readonly listed: readonly KnownIndicator[]; readonly more: number }
  readonly unit: StepUnit
  readonly steps: readonly StepFacts[]
  readonly territories: readonly TerritoryOverTime[]
  /** Wholes with the number of their parts that name another campaign, by id; absent in older dossiers. */
  readonly others?: readonly { readonly whole: string; readonly parts: number }[]
  /** Not all of the campaign was followed: figures are floors. */
  readonly more: boolean
  /** All steps were fully watched, and all of the campaign was followed. */
  readonly isWhole: boolean
  readonly marking: Marking
}

type KnownOfAll = {
  /**
   * *observed* if any part of an operation is; *none* if its whole states so and no part contradicts; else *not
   * assessed*, which includes *not given*.
   */
  readonly effect: EffectCounts
  readonly rated: number
  readonly offline: number
  readonly named: number
}

const maxAccounts = 300

/** `detections.csv` has all. */
const maxIndicators = 200

const maxLinks = 200

const chainListed = (begun: readonly Begun[]): DossierFacts['chain'] => {
  const { parties, links, replies } = chainOf(begun.map(({ detection }) => detection))
  // withSource also defangs the addresses of copies.
  return {
    parties,
    links: links.slice(0, maxLinks).map(withSource),
    replies: replies.map(withSource),
    more: Math.max(0, links.length - maxLinks),
  }
}

export type CountedStep = {
  readonly span: Span
  readonly tally: Tally
  readonly totals: Totals
  readonly isWhole: boolean
  readonly watchedOf: (code: TerritoryCode) => WatchedPeriod | undefined
}

export type DossierMaterial = {
  /** The campaign's name in the alias table, else its own spelling. */
  readonly name: string
  /** The name comes from the alias table. */
  readonly isAlias: boolean
  /** Detections that count and fit under the cap. */
  readonly counted: readonly Detection[]
  /** Visible detections with too wide a date: listed, but in no figure. */
  readonly undated: readonly Detection[]
  readonly wholes: Wholes
  readonly unit: StepUnit
  readonly steps: readonly CountedStep[]
  /** The marking of the first detection that was not followed, if any. */
  readonly more: Marking | undefined
  readonly parts: {
    /** For each part without a campaign, the name of its nearest whole with one, by part id. */
    readonly campaigns: ReadonlyMap<string, string>
    /** The nearest whole of each part that names another campaign. */
    readonly others: readonly string[]
    /** Covers every detection used to find these parts. */
    readonly marking: Marking
  }
}

export const dossierFacts = (material: DossierMaterial): DossierFacts => {
  const { unit, more, wholes } = material
  const begun = inTime(material.counted)
  const all = [...material.counted, ...material.undated]
  const known = inTime(all)
  const [first, last] = [known[0]?.detection.observed, known.at(-1)?.detection.observed]
  if (!first || !last) throw new Error('a dossier has at least one detection')
  const operations = operationsOf(begun, wholes)
  const accounts = accountsNamed(operations).filter(({ named }) => named !== null)
  const sets = setsOverTime(operations)
  const indicators = knownIndicators(begun)
  const steps = material.steps.map(stepFacts)
  const rows = territories.map(({ code }) => territoryRow(code, begun, material.steps))
  return {
    ...namesOf(material, all),
    since: sinceDay(all),
    first,
    last,
    operations: operations.map(({ id }) => id),
    known: { ...knownOf(operations), named: accounts.length },
    accounts: { listed: accounts.slice(-maxAccounts), more: Math.max(0, accounts.length - maxAccounts) },
    sets,
    actors: actorLinks(begun),
    chain: chainListed(begun),
    saying: sourcesSaying(begun),
    indicators: { listed: indicators.slice(0, maxIndicators), more: Math.max(0, indicators.length - maxIndicators) },
    unit,
    steps,
    territories: rows,
    others: [...Map.groupBy(material.parts.others, (whole) => whole)]
      .map(([whole, { length: parts }]) => ({ whole, parts }))
      .sort((a, b) => (a.whole < b.whole ? -1 : 1)),
    more: more !== undefined,
    isWhole: more === undefined && steps.every(({ isWhole }) => isWhole),
    marking: strictest([
      ...all.map(({ marking }) => marking),
      ...[...steps, ...rows].map(({ marking }) => marking),
      ...(more ? [more] : []),
      material.parts.marking,
    ]),
  }
}

/** Returns the first day in the earliest territory; the first of the month where only the month is known. */
export const sinceDay = (detections: readonly ObservedSomewhere[]): string =>
  detections.map(dayBegun).toSorted()[0] ?? ''

const members = territories.map(({ code }) => code)

const dayBegun = (seen: ObservedSomewhere): string =>
  firstAmong(seen, members)?.interval.day ?? `${seen.observed.from.slice(0, 7)}-01`

const inTime = (detections: readonly Detection[]): readonly Begun[] =>
  detections
    .map((detection) => ({ from: firstAmong(detection, members)?.interval.first.from ?? 0, detection }))
    .sort((a, b) => a.from - b.from || (a.detection.id < b.detection.id ? -1 : 1))

const operationsOf = (begun: readonly Begun[], wholes: Wholes): readonly Operation[] => {
  const byId = new Map(begun.map(({ detection }) => [detection.id, detection]))
  const counted = begun.map(({ detection }) => {
    const interval = localInterval(detection.observed, 'UTC')
    return countedDetection({ detection, revision: 1, storedAt: '' }, interval, 'counted', 'UTC')
  })
  const { trees } = treesOf(counted, wholes)
  const overlaps = overlapsOf(counted)
  const sameText = sameTextOf(trees, overlaps, treeSums(ownFigure('posts'), overlaps), ({ campaign }) => campaign)
  return [...joinedByText(trees, sameText, leadsIn(sameText))].map((tree) => ({
    id: tree.id,
    detections: [tree, ...everyPart(tree)].flatMap(({ id }) => byId.get(id) ?? []),
  }))
}

const knownOf = (operations: readonly Operation[]): Omit<KnownOfAll, 'named'> => {
  return {
    effect: countEffects(operations.map(({ detections }) => effectOfAll(detections))),
    rated: operations.filter(({ detections }) => detections.some(({ breakout }) => breakout)).length,
    offline: operations.filter(({ detections: [whole] }) => whole?.kind === 'offline-event').length,
  }
}

/** Only names from visible detections: other aliases would reveal hidden ones. */
const namesOf = (
  { name, isAlias, parts }: Pick<DossierMaterial, 'name' | 'isAlias' | 'parts'>,
  detections: readonly Detection[],
): Pick<DossierFacts, 'name' | 'storedAs' | 'reported'> => {
  const nameOf = ({ id, campaign = parts.campaigns.get(id) ?? '' }: Detection): string => campaign.trim()
  const stored = Map.groupBy(detections, (one) => keyOfCampaign(nameOf(one)))
  const own = stored.get(keyOfCampaign(name)) ?? []
  const spelled = Map.groupBy(own, nameOf)
  const [usual] = [...spelled].sort(([a, some], [b, more]) => more.length - some.length || (a < b ? -1 : 1))
  const printed = isAlias ? name : (usual?.[0] ?? name)
  const reported = new Map(
    detections.flatMap((one) => one.reported?.campaign ?? []).map((text) => [keyOfCampaign(text), text]),
  )
  return {
    name: printed,
    storedAs: [...stored]
      .filter(([other]) => other !== keyOfCampaign(name))
      .map(([other, those]) => ({
        name: those.map(nameOf).toSorted()[0] ?? other,
        ids: those.map(({ id }) => id).sort(),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    reported: [...reported.values()].filter((text) => keyOfCampaign(text) !== keyOfCampaign(printed)).sort(),
  }
}

const stepFacts = ({ span, tally, totals, isWhole }: CountedStep): StepFacts => {
  const { detections, manoeuvres, posts, watched, marking } = totals
  return {
    ...span,
    totals: { detections, manoeuvres, posts, watched },
    ...effectInRow(tally.effects),
    isWhole,
    marking,
  }
}

const territoryRow = (
  code: TerritoryCode,
  begun: readonly Begun[],
  steps: readonly CountedStep[],
): TerritoryOverTime => {
  const { zone } = territoryOf(code)
  const here = begun.flatMap(({ detection }) => {
    const placed = detection.territories.find((one) => one.code === code)
    return placed ? [{ detection, placed, interval: localInterval(detection.observed, zone) }] : []
  })
  const [first] = here.toSorted((a, b) => a.interval.first.from - b.interval.first.from)
  const watched = steps.map(({ watchedOf }) => watchedOf(code))
  return {
    territory: code,
    detections: here.length,
    ...(first && { first: first.detection.observed }),
    groupOnly: here.length > 0 && here.every(({ placed }) => placed.method === 'group'),
    cells: steps.map(({ span }, at) => {
      const bounds = boundsIn(spanPeriod(span), zone)
      const seen = here.filter(({ interval }) => periodFit(interval, bounds) === 'counted').length
      return seen > 0 || watched[at] ? seen : null
    }),
    marking: strictest([
      ...here.map(({ detection }) => detection.marking),
      ...watched.flatMap((one) => (one ? [one.marking] : [])),
    ]),
  }
}
