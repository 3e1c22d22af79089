/** Counts periods of one territory and cap, or takes their valid summaries. */
import { isDeepStrictEqual } from 'node:util'
import type { Wholes } from '../../../domain/aggregate/counting/trees.ts'
import { followed, type PeriodSummary, summaryOf } from '../../../domain/aggregate/period-summary.ts'
import { type Counter, createCounter, type DetectionAsOf, type Tally } from '../../../domain/aggregate/tally.ts'
import type { IdTable } from '../../../domain/core/columns.ts'
import { maximum, minimum } from '../../../domain/core/lists.ts'
import { boundsFor } from '../../../domain/core/place/subject.ts'
import { subjectOf, type TerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { canonicalHash } from '../../../domain/core/text/canonical.ts'
import { messageOf } from '../../../domain/core/text/thrown.ts'
import { type LocalInterval, localInterval } from '../../../domain/core/time/observed.ts'
import { type Bounds, boundsIn } from '../../../domain/core/time/period.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import { TemporaryFileError } from '../../../render/exports/unnamed-file.ts'
import type { Seen } from '../../../store/detections/reading.ts'
import type { KeptSummary } from '../../../store/reports/summaries.ts'
import type { ChangeState } from '../../../store/table/changed-days.ts'
import type { Services } from '../../services.ts'
import { followWholes } from './follow-wholes.ts'
import { mostInPeriod, periodSize } from './period-size.ts'

export type Contributing = Pick<Tally, 'counted' | 'ongoing' | 'undatedHere'>

/** Bounds in milliseconds UTC. */
export type Span = { readonly edition: Edition; readonly bounds: Bounds }

export type Counting = Span & { readonly counter: Counter }

/**
 * Counts periods without a summary one by one if they are too large to read together. Each summary is kept at once, so
 * an aborted run leaves less work.
 */
export const countedAlone = async (
  missing: readonly Span[],
  asOf: string,
  changes: ChangeState,
  services: Pick<Services, 'detections' | 'summaries'>,
): Promise<ReadonlyMap<string, KeptSummary>> => {
  let size = 0
  for (const { edition } of missing) size += (await periodSize(edition, services)) ?? 0
  if (size <= mostInPeriod) return new Map()
  const counted = new Map<string, KeptSummary>()
  for (const { edition } of missing) {
    const one = counting(edition)
    const seen: Seen = { latest: '' }
    const summary = summaryIn(one, await readAndFollow([one], asOf, services, { seen }))
    await keepSummary({ ...one, summary }, { asOf, changes, latest: seen.latest }, services)
    counted.set(edition.period.id, summary)
  }
  return counted
}

/** Skips a period that still changes, or with newer data than was counted. */
export const keepSummary = async (
  { edition, bounds, summary }: Span & { readonly summary: PeriodSummary },
  { asOf, changes, latest }: { readonly asOf: string; readonly changes: ChangeState; readonly latest: string },
  { summaries }: Pick<Services, 'summaries'>,
): Promise<void> => {
  const state = changes.of(bounds.from, bounds.to)
  if (state === undefined || bounds.to > Date.parse(asOf) || latest > asOf) return
  await summaries.keep(edition, summary, { state, latest })
}

export type WeekSummary = Pick<KeptSummary, 'level' | 'isHiding' | 'totals' | 'isEmpty' | 'jointIn'>

/** Summaries of consecutive weeks of one territory by period id, counted where none is kept. */
export const weekSummaries = async (
  weeks: readonly Edition[],
  asOf: string,
  services: Services,
  { keep }: { readonly keep: boolean },
): Promise<ReadonlyMap<string, WeekSummary>> => {
  const spans = weeks.map(spanOf)
  const [first, last] = [spans[0], spans.at(-1)]
  if (!first || !last) return new Map()
  const changes = await changesOf(first.edition, first.bounds.from, last.bounds.to, services)
  const touched = spans.filter(({ bounds: { from, to } }) => !changes.isUntouched(from, to))
  const kept = await summariesThatHold(touched, asOf, changes, services)
  const missing = touched.filter(({ edition }) => !kept.has(edition.period.id))
  const alone = keep ? await countedAlone(missing, asOf, changes, services) : new Map<string, KeptSummary>()
  const counters = missing
    .filter(({ edition }) => !alone.has(edition.period.id))
    .map(({ edition }) => counting(edition))
  if (counters.length === 0) return new Map([...kept, ...alone])
  const seen: Seen = { latest: '' }
  const led = await readAndFollow(counters, asOf, services, { seen })
  const counted = counters.map((one) => ({ ...one, summary: summaryIn(one, led) }))
  if (keep) for (const one of counted) await keepSummary(one, { asOf, changes, latest: seen.latest }, services)
  return new Map([...kept, ...alone, ...counted.map(({ edition, summary }) => [edition.period.id, summary] as const)])
}

export const summarise = async (edition: Edition, asOf: string, services: Services): Promise<PeriodSummary> => {
  const one = counting(edition)
  return summaryIn(one, await readAndFollow([one], asOf, services))
}

/** Returns the summary that the next report would use; undefined where it would count again. */
export const keptSummary = async (
  edition: Edition,
  asOf: string,
  services: Services,
): Promise<KeptSummary | undefined> => {
  const span = spanOf(edition)
  const { from, to } = span.bounds
  const changes = await changesOf(edition, from, to, services)
  return (await summariesThatHold([span], asOf, changes, services)).get(edition.period.id)
}

export const readContributing = async (edition: Edition, asOf: string, services: Services): Promise<Contributing> => {
  const one = counting(edition)
  await readInto([one], asOf, services)
  return one.counter.tally()
}

/** Returns the summaries that are still valid; only the last includes names. */
export const summariesThatHold = async (
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

export const spanOf = (edition: Edition): Span => ({
  edition,
  bounds: boundsFor(edition.period, edition.territory),
})

export const counting = (edition: Edition, ids?: IdTable): Counting => {
  const { territory, period, cap } = edition
  const { zone, members } = subjectOf(territory)
  const counter = createCounter({ period, zone, cap, members, ids })
  return { ...spanOf(edition), counter }
}

export type Followed = { readonly wanted: ReadonlyMap<Counter, ReadonlySet<string>>; readonly wholes: Wholes }

/** Reads into counters of one territory and cap, then follows parts to wholes elsewhere. */
export const readAndFollow = async (
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

export const summaryIn = ({ counter }: Counting, { wanted, wholes }: Followed, tally = counter.tally({ wholes })) =>
  summaryOf(tally, wanted.get(counter) ?? [], wholes)

type HowToRead = {
  readonly seen?: Seen
  readonly also?: (current: DetectionAsOf, interval: LocalInterval, member: TerritoryCode) => void
}

const readInto = async (
  counters: readonly Counting[],
  asOf: string,
  services: Pick<Services, 'detections'>,
  how: HowToRead = {},
): Promise<void> => {
  const members = new Set(counters.flatMap(({ edition }) => subjectOf(edition.territory).members))
  for (const member of members) {
    const own = counters.filter(({ edition }) => subjectOf(edition.territory).members.includes(member))
    await readMember(member, own, asOf, services, how)
  }
}

const readMember = async (
  member: TerritoryCode,
  counters: readonly Counting[],
  asOf: string,
  { detections }: Pick<Services, 'detections'>,
  { seen, also = () => undefined }: HowToRead,
): Promise<void> => {
  const { zone } = territoryOf(member)
  const take = (current: DetectionAsOf) =>
    naming(current, () => {
      const interval = localInterval(current.detection.observed, zone)
      for (const { counter } of counters) counter.add(current, interval)
      also(current, interval, member)
    })
  const periods = new Map(counters.map(({ edition: { period } }) => [period.id, period]))
  const bounds = [...periods.values()].map((period) => boundsIn(period, zone)).sort((a, b) => a.from - b.from)
  for (const { from, to } of runsIn(bounds))
    for await (const current of detections.inWindow(member, from, to, asOf, { seen })) take(current)
  const [start, end] = [minimum(bounds.map(({ from }) => from)), maximum(bounds.map(({ to }) => to))]
  for await (const current of detections.reaching(member, start, end, asOf, seen)) take(current)
}

/** Joins periods without a gap between them, to read them at once. */
const runsIn = (bounds: readonly Pick<Bounds, 'from' | 'to'>[]): readonly Pick<Bounds, 'from' | 'to'>[] => {
  const runs: { readonly from: number; to: number }[] = []
  for (const { from, to } of bounds) {
    const last = runs.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else runs.push({ from, to })
  }
  return runs
}

export const changesOf = async (
  { territory }: Pick<Edition, 'territory'>,
  from: number,
  to: number,
  { changedDays }: Pick<Services, 'changedDays'>,
): Promise<ChangeState> => {
  const [first, ...others] = await Promise.all(
    subjectOf(territory).members.map((member) => changedDays.state(member, from, to)),
  )
  if (first && others.length === 0) return first
  return {
    isUntouched: (start, end) => [first, ...others].every((one) => one?.isUntouched(start, end)),
    of: (start, end) => {
      const states = [first, ...others].map((one) => one?.of(start, end))
      return states.includes(undefined) ? undefined : canonicalHash(states)
    },
  }
}

/** Names the detection in the error: it blocks reports until withdrawn. */
const naming = ({ detection: { id }, revision }: DetectionAsOf, work: () => void): void => {
  try {
    work()
  } catch (cause) {
    if (cause instanceof TemporaryFileError) throw cause
    const why = messageOf(cause)
    throw new Error(`detection ${id}, revision ${revision}, cannot be counted (${why}): withdraw or revise it`, {
      cause,
    })
  }
}
