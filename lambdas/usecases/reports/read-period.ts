/** Reads and counts what a version rests on: the detections of its own period, once, and summaries of the periods before. */
import { isDeepStrictEqual } from 'node:util'
import { periodsCompared } from '../../domain/aggregate/compare.ts'
import { followed, type PeriodSummary, summaryOf, totalsOf } from '../../domain/aggregate/period-summary.ts'
import {
  type Contribution,
  type Counter,
  createCounter,
  type DetectionAsOf,
  sharesBefore,
  type Tally,
} from '../../domain/aggregate/tally.ts'
import type { Wholes } from '../../domain/aggregate/trees.ts'
import { declaredMarkings, type VisibleSource, visibleSources, withDeclared } from '../../domain/aggregate/watch.ts'
import { watchedIn } from '../../domain/aggregate/watched.ts'
import { isOfPeriod } from '../../domain/coordination/candidate.ts'
import { fitsUnder, type Marking } from '../../domain/core/marking.ts'
import { type LocalInterval, localInterval, periodFit } from '../../domain/core/observed.ts'
import { type Bounds, boundsIn, daysOf, periodsBefore } from '../../domain/core/period.ts'
import { territoryOf } from '../../domain/core/territory.ts'
import { disarmSubset } from '../../domain/detection/disarm-subset.ts'
import { type Counted, toShow } from '../../domain/report/facts.ts'
import type { Edition } from '../../domain/report/manifest.ts'
import { notesUnder } from '../../domain/report/shown-notes.ts'
import { type CsvTable, csvTable } from '../../render/csv.ts'
import type { ChangeState } from '../../store/changed-days.ts'
import type { Seen } from '../../store/detections.ts'
import type { KeptSummary } from '../../store/summaries.ts'
import type { Services } from '../services.ts'
import { compareTerritories } from './compare-territories.ts'
import { followWholes } from './follow-wholes.ts'
import { type Heaviest, heaviest } from './heaviest.ts'

/** What a version rests on. Read once: a detection that is being stored may be missed by one reading and not by the next. */
export type Reading = {
  readonly counted: Counted
  readonly sources: readonly VisibleSource[]
  /** Every detection of the edition, also those that the report is too short to list. */
  readonly csv: CsvTable
}

/** What a period's figures rest on. */
export type Contributing = Pick<Tally, 'counted' | 'ongoing' | 'undatedHere'>

/** A period of the edition's territory and cap, with its bounds in milliseconds UTC. */
type Span = { readonly edition: Edition; readonly bounds: Bounds }

type Counting = Span & { readonly counter: Counter }

/**
 * Counts the period, and those before it whose summary no longer holds.
 * @param keep whether summaries are kept for the next report
 */
export const readPeriod = async (
  edition: Edition,
  asOf: string,
  services: Services,
  { keep }: { readonly keep: boolean },
): Promise<Reading> => {
  const { territory, period, cap } = edition
  const { changedDays, notes, summaries, taxonomies } = services
  const { zone } = territoryOf(territory)
  const own = counting(edition)
  const past = periodsBefore(period, periodsCompared).map((one) => spanOf({ ...edition, period: one }))
  const from = past[0]?.bounds.from ?? own.bounds.from
  const { to } = own.bounds
  const changes = await changedDays.state(territory, from, to)
  const kept = await summariesThatHold(past, asOf, changes, services)
  const anew = past.filter((one) => !kept.has(one.edition.period.id)).map((one) => counting(one.edition))

  const records = await services.sources.asOf(asOf, new Date(from).toISOString())
  const sources = visibleSources(records, { cap, territories: [territory] })
  const declared = declaredMarkings(records, cap)
  const csv = csvTable(edition)
  const counters = [own, ...anew]
  const seen: Seen = { latest: '' }
  const near = heaviest()
  const led = await readAndFollow(counters, asOf, services, {
    seen,
    also: (current, interval) => {
      const { detection } = current
      if (periodFit(interval, own.bounds) !== 'outside' && fitsUnder(detection.marking, cap)) near.add(current)
      csv.add({ ...current, detection: withDeclared(detection, declared) }, interval)
    },
  })
  const watchedOf = ({ edition: { period: one }, bounds }: Span) =>
    watchedIn(sources, { bounds, dates: daysOf(one), zone })
  const tally = own.counter.tally({ wholes: led.wholes, watched: watchedOf(own) })
  const summed = counters.map((one) => ({
    ...one,
    summary: summaryIn(one, led, one === own ? tally : undefined),
  }))
  if (keep && seen.latest <= asOf) {
    for (const { edition: one, bounds, summary } of summed) {
      const state = changes.of(bounds.from, bounds.to)
      if (state === undefined || bounds.to > Date.parse(asOf)) continue
      await summaries.keep(one, summary, { state, latest: seen.latest })
    }
  }
  const summaryBefore = new Map<string, KeptSummary>([
    ...kept,
    ...summed.map(({ edition: one, summary }) => [one.period.id, summary] as const),
  ])
  const shown = await bodies(edition, toShow(tally), near, declared, services)
  const closed = services.organisation.acrossTerritories === 'closed'
  const counted: Counted = {
    tally,
    shown,
    declared,
    across: closed ? [] : await compareTerritories(edition, tally, shown, asOf, services),
    notes: notesUnder(await notes.about(territory, period.id, asOf), cap),
    candidates: await candidatesOf(own, asOf, services),
    before: past.flatMap((one) => {
      const { id } = one.edition.period
      const summary = summaryBefore.get(id)
      if (!summary) return []
      const { names } = one === past.at(-1) ? summary : {}
      const totals = totalsOf(summary, watchedOf(one))
      return [{ period: id, totals, ...(names && { shares: sharesBefore(tally, names) }) }]
    }),
    taxonomy: (await taxonomies.asOf(asOf))?.taxonomy ?? disarmSubset,
  }
  return { counted, sources, csv }
}

/** What waits for a person of an edition's period. It counts nowhere: it is read apart from all that does. */
const candidatesOf = async (
  { edition: { territory, cap }, bounds }: Span,
  asOf: string,
  { candidates }: Pick<Services, 'candidates'>,
): Promise<Counted['candidates']> =>
  (await candidates.waiting(territory, asOf)).filter(
    (one) => fitsUnder(one.marking, cap) && isOfPeriod(one, bounds, territoryOf(territory).zone),
  )

/** A period counted from its detections, with all that a summary of it would say. */
export const summarise = async (edition: Edition, asOf: string, services: Services): Promise<PeriodSummary> => {
  const one = counting(edition)
  return summaryIn(one, await readAndFollow([one], asOf, services))
}

/** What the next report would take in place of a count; undefined where it would count anew. */
export const keptSummary = async (
  edition: Edition,
  asOf: string,
  services: Services,
): Promise<KeptSummary | undefined> => {
  const span = spanOf(edition)
  const { from, to } = span.bounds
  const changes = await services.changedDays.state(edition.territory, from, to)
  return (await summariesThatHold([span], asOf, changes, services)).get(edition.period.id)
}

/** What the figures of an edition's period rest on as of an instant. */
export const readContributing = async (edition: Edition, asOf: string, services: Services): Promise<Contributing> => {
  const one = counting(edition)
  await readInto([one], asOf, services)
  return one.counter.tally()
}

/** Of these, the summaries that may stand for a count; the last with its names. */
const summariesThatHold = async (
  past: readonly Span[],
  asOf: string,
  changes: ChangeState,
  { detections, summaries }: Pick<Services, 'detections' | 'summaries'>,
): Promise<ReadonlyMap<string, KeptSummary>> => {
  const editions = past.map(({ edition }) => edition)
  const last = editions.at(-1)
  if (!last) return new Map()
  const stateOf = (edition: Edition) => {
    const { from, to } = spanOf(edition).bounds
    return changes.of(from, to)
  }
  const kept = await summaries.holding(editions, asOf, stateOf, last)
  const wholes = await followWholes([...kept.values()].map(idsOf), { cap: last.cap, asOf }, detections)
  return new Map([...kept].filter(([, summary]) => isDeepStrictEqual(summary.wholes, followed(idsOf(summary), wholes))))
}

const idsOf = ({ wholes }: KeptSummary): readonly string[] => wholes.map(({ id }) => id)

const spanOf = (edition: Edition): Span => ({
  edition,
  bounds: boundsIn(edition.period, territoryOf(edition.territory).zone),
})

const counting = (edition: Edition): Counting => {
  const { zone } = territoryOf(edition.territory)
  return { ...spanOf(edition), counter: createCounter({ period: edition.period, zone, cap: edition.cap }) }
}

/** What parts lead to elsewhere: what each counter asked for, and what was found of it. */
type Followed = { readonly wanted: ReadonlyMap<Counter, ReadonlySet<string>>; readonly wholes: Wholes }

/** Reads into counters of one territory and cap, then follows their parts to wholes elsewhere. */
const readAndFollow = async (
  counters: readonly Counting[],
  asOf: string,
  services: Pick<Services, 'detections'>,
  how?: HowToRead,
): Promise<Followed> => {
  await readInto(counters, asOf, services, how)
  const wanted = new Map(counters.map(({ counter }) => [counter, counter.wholesWanted()]))
  const cap = counters[0]?.edition.cap ?? 'TLP:CLEAR'
  return { wanted, wholes: await followWholes([...wanted.values()], { cap, asOf }, services.detections) }
}

/** @param tally of the counter, where it was made already */
const summaryIn = ({ counter }: Counting, { wanted, wholes }: Followed, tally = counter.tally({ wholes })) =>
  summaryOf(tally, wanted.get(counter) ?? [], wholes)

type HowToRead = {
  readonly seen?: Seen
  /** Told of each detection besides the counters. */
  readonly also?: (current: DetectionAsOf, interval: LocalInterval) => void
}

/** Gives every detection of some periods of one territory to their counters, each as it was read last. */
const readInto = async (
  counters: readonly Counting[],
  asOf: string,
  { detections }: Pick<Services, 'detections'>,
  { seen, also = () => undefined }: HowToRead = {},
): Promise<void> => {
  const [first] = counters
  if (!first) return
  const { territory } = first.edition
  const { zone } = territoryOf(territory)
  const take = (current: DetectionAsOf) =>
    naming(current, () => {
      const interval = localInterval(current.detection.observed, zone)
      for (const { counter } of counters) counter.add(current, interval)
      also(current, interval)
    })
  const bounds = counters.map((one) => one.bounds).sort((a, b) => a.from - b.from)
  for (const { from, to } of bounds)
    for await (const current of detections.inWindow(territory, from, to, asOf, seen)) take(current)
  const [start, end] = [Math.min(...bounds.map(({ from }) => from)), Math.max(...bounds.map(({ to }) => to))]
  for await (const current of detections.reaching(territory, start, end, asOf, seen)) take(current)
}

/** What goes wrong with one detection names it: it stops a territory's reports until it is withdrawn. */
const naming = ({ detection: { id }, revision }: DetectionAsOf, work: () => void): void => {
  try {
    work()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`detection ${id}, revision ${revision}, cannot be counted (${why}): withdraw or revise it`, {
      cause,
    })
  }
}

/** Of what a report prints; read again where they are not at hand. */
const bodies = async (
  { territory }: Edition,
  wanted: readonly Contribution[],
  near: Pick<Heaviest, 'get'>,
  declared: ReadonlyMap<string, Marking>,
  { detections }: Services,
): Promise<ReadonlyMap<string, DetectionAsOf>> => {
  const atHand = ({ id, revision }: Contribution): DetectionAsOf | undefined => {
    const found = near.get(id)
    return found?.revision === revision ? found : undefined
  }
  const all = [
    ...wanted.flatMap((one) => atHand(one) ?? []),
    ...(await detections.named(
      territory,
      wanted.filter((one) => !atHand(one)),
    )),
  ]
  return new Map(
    all.map((one) => {
      const detection = withDeclared(one.detection, declared)
      return [detection.id, { ...one, detection }]
    }),
  )
}
