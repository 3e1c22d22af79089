/** Which sources an edition may know, what each delivered, and where each fell silent. */
import { Temporal } from 'temporal-polyfill'
import { fitsUnder, type Marking, markings, strictest, usualCap } from '../../core/marking.ts'
import { type TerritoryCode, territories as allTerritories } from '../../core/place/territory.ts'
import { type Bounds, dayIn } from '../../core/time/period.ts'
import { byHandName, type Detection, type Localised } from '../../detection/detection.ts'

/** Detections, or a report that a source ran and found nothing. */
export type Input = {
  /** ISO instant. */
  readonly at: string
  readonly found: number
}

type SelfDescription = {
  readonly version?: string | undefined
  readonly thresholds?: Readonly<Record<string, string | number>> | undefined
  readonly knownError?: Localised | undefined
  readonly expectedRhythm?: string | undefined
}

export type Statement = SelfDescription & {
  /** CLEAR for a run report, which has no marking; RED where it was not stored. */
  readonly marking: Marking
  /** ISO instant of the latest statement. */
  readonly statedAt: string
  readonly byHand: boolean
  readonly declared?: Marking | undefined
  /** Undefined for all. */
  readonly territories?: readonly TerritoryCode[] | undefined
  /** Stored in the CLEAR statement. */
  readonly set?: SourceSet | undefined
}

/** Overrides later records of the source. */
export type SourceSet = {
  /** ISO instant. */
  readonly at: string
  readonly by: string
  readonly reason?: string | undefined
  /** ISO 8601 duration or {@link noRhythm}; if absent, the source's own rhythm applies. */
  readonly rhythm?: string | undefined
}

export const noRhythm = 'none'

/** Setting that restores the source's own rhythm. */
export const ownRhythm = 'own'

export type StoredInput = {
  /** ISO instant. */
  readonly at: string
  readonly found: number
  /** A run report has none: it takes the marking and the territories of its source. */
  readonly by?: Readonly<Partial<Record<Marking, FoundIn>>> | undefined
}

/** Detections by their territory codes, joined by spaces, or {@link noTerritory}. */
export type FoundIn = Readonly<Record<string, number>>

export const noTerritory = '-'

export type SourceRecord = {
  readonly name: string
  /** At most one for each marking. */
  readonly statements: readonly Statement[]
  readonly inputs: readonly StoredInput[]
  /** Enough older inputs to find the last one before `inputs` of each marking. */
  readonly earlier: readonly StoredInput[]
}

type VisibleInput = Input & {
  /** Marking of the fact that an input came. */
  readonly marking: Marking
  /** Marking of the number found. */
  readonly foundMarking: Marking
}

export type VisibleSource = SelfDescription & {
  readonly name: string
  readonly byHand: boolean
  /** Of its description; inputs have separate markings. */
  readonly marking: Marking
  readonly inputs: readonly VisibleInput[]
  /** ISO instant of an input before which none is known since the first of `inputs`. */
  readonly first: string
  readonly last: VisibleInput
}

export type Source = SelfDescription & {
  readonly name: string
  readonly byHand: boolean
  /** ISO instant of the last input at or before the as-of instant. */
  readonly lastInput: string
  readonly watch: Watch
  /** The strictest of the fields shown. */
  readonly marking: Marking
}

type View = {
  readonly cap: Marking
  readonly territories: readonly TerritoryCode[]
  /** Detections elsewhere are not counted; undefined in a report, which counts every delivery. */
  readonly readable?: readonly TerritoryCode[] | undefined
}

type Watch = {
  readonly inputs: number
  /** By the stated rhythm; undefined without one, or for a backfill. */
  readonly expected: number | undefined
  /** All deliveries came after the period's end: a backfill, not a silence. */
  readonly afterwards: boolean
  readonly days: readonly { readonly date: string; readonly inputs: number; readonly found: number }[]
  /** Silences of more than twice the rhythm, longest first; ISO instants. */
  readonly gaps: readonly Gap[]
}

type Gap = { readonly from: string; readonly to: string; readonly hours: number }

/** In rhythms; tolerates one late input. */
export const silentAfter = 2

/**
 * Ignores everything above the cap. A source has the strictest marking declared under the cap, by default AMBER. Manual
 * sources without a declared marking are merged, to hide analysts' names.
 */
export const visibleSources = (records: readonly SourceRecord[], view: View): readonly VisibleSource[] => {
  const visible = records.flatMap((record) => visibleOf(record, view) ?? [])
  const unnamed = visible.filter(({ name }) => name === byHandName)
  const [first] = unnamed
  return visible.flatMap((source) => {
    if (source.name !== byHandName) return [source]
    return source === first ? [mergedSource(unnamed)] : []
  })
}

/** Freest marking at which it is known that a source watched in [from, to), milliseconds UTC. */
export const watchedBetween = (sources: readonly VisibleSource[], from: number, to: number): Marking | undefined => {
  const known = new Set<Marking>()
  for (const { inputs } of sources) {
    for (const { at, marking } of inputs) if (Date.parse(at) >= from && Date.parse(at) < to) known.add(marking)
  }
  return markings.find((marking) => known.has(marking))
}

type WatchedPeriod = { readonly bounds: Bounds; readonly dates: readonly string[]; readonly zone: string }

export const sourceOf = (visible: VisibleSource, period: WatchedPeriod, asOf: string): Source => {
  const { inputs, first, last, marking, ...source } = visible
  const { from, to } = period.bounds
  const inside = inputs.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < to && at < asOf)
  const afterwards = Date.parse(first) >= to
  return {
    ...source,
    lastInput: last.at,
    marking: strictest([marking, last.marking, ...inside.map(({ foundMarking }) => foundMarking)]),
    watch: { ...watchOf(inputs, afterwards ? undefined : source.expectedRhythm, period, asOf), afterwards },
  }
}

/** Markings of a delivery's detections that may be known, freest first. A detection of no territory needs all. */
export const markingsIn = (
  { by = {} }: StoredInput,
  { cap, readable }: Pick<View, 'cap' | 'readable'>,
): ReadonlyMap<Marking, number> => {
  const isAll = readable === undefined || allTerritories.every(({ code }) => readable.includes(code))
  const isKnown = (codes: string) => isAll || readable.some((code) => codes.split(' ').includes(code))
  return new Map(
    markings.flatMap((marking) => {
      const known = fitsUnder(marking, cap) ? Object.entries(by[marking] ?? {}) : []
      const found = known.reduce((sum, [codes, count]) => (isKnown(codes) ? sum + count : sum), 0)
      return found > 0 ? [[marking, found] as const] : []
    }),
  )
}

export const declaredMarkings = (records: readonly SourceRecord[], cap: Marking): ReadonlyMap<string, Marking> =>
  new Map(
    records.flatMap(({ name, statements }) => {
      const declared = statements.flatMap((one) => (fitsUnder(one.marking, cap) ? (one.declared ?? []) : []))
      return declared.length === 0 ? [] : [[name, strictest(declared)] as const]
    }),
  )

/** Raises the detector's marking to the one declared since. */
export const withDeclared = (detection: Detection, declared: ReadonlyMap<string, Marking>): Detection => {
  const since = declared.get(detection.detector.name)
  if (since === undefined) return detection
  const { marking: own } = detection.detector
  const marking = own === undefined ? since : strictest([own, since])
  return { ...detection, detector: { ...detection.detector, marking } }
}

/** Hides analysts' names, and names marked above the detection. */
export const detectorShown = ({ detector, marking }: Pick<Detection, 'detector' | 'marking'>): string => {
  const { name, byHand, marking: declared } = detector
  if (declared !== undefined && fitsUnder(declared, marking)) return name
  if (byHand) return byHandName
  return declared === undefined ? name : unnamedDetector
}

export const unnamedDetector = 'not named at this marking'

/** Latest last. */
export const statementsUnder = ({ statements }: Pick<SourceRecord, 'statements'>, cap: Marking): readonly Statement[] =>
  statements.filter(({ marking }) => fitsUnder(marking, cap)).sort(bySaying)

const visibleOf = (record: SourceRecord, view: View): VisibleSource | undefined => {
  const { name, statements, inputs, earlier } = record
  const { cap, territories, readable } = view
  const visibleStatements = statementsUnder(record, cap)
  const declaring = visibleStatements.filter((one) => one.declared !== undefined)
  const declared = declaring.length === 0 ? undefined : strictest(declaring.flatMap((one) => one.declared ?? []))
  const own = declared ?? usualCap
  const placing = visibleStatements.findLast((one) => one.territories !== undefined)
  const isElsewhere = placing?.territories && !placing.territories.some((code) => territories.includes(code))
  if (!fitsUnder(own, cap) || isElsewhere) return undefined
  const seen = (all: readonly StoredInput[]) => all.flatMap((input) => visibleInput(input, own, view) ?? [])
  const visible = seen(inputs)
  const before = seen(earlier)
  const last = latestOf(visible) ?? latestOf(before)
  if (!last) return undefined
  const first = (before[0] ?? visible[0] ?? last).at
  // Without a visible statement, any record decides: older ones do not state their marking.
  const byHand = (visibleStatements.length > 0 ? visibleStatements : statements).some((one) => one.byHand)
  // A record elsewhere may be what names it: a reader knows its name from the last input.
  const namer = readable ? undefined : freest(visibleStatements)
  const markedBy = (...those: readonly (Statement | undefined)[]) =>
    strictest([own, ...those.flatMap((one) => one?.marking ?? [])])
  if (byHand && declared === undefined) {
    return { name: byHandName, byHand, marking: markedBy(namer), inputs: visible, first, last }
  }
  const facts = visibleStatements.findLast((one) => selfDescriptionKeys.some((fact) => one[fact] !== undefined))
  const rhythm = visibleStatements.findLast(({ set }) => set)?.set?.rhythm
  const declarer = freest(declaring.filter((one) => one.declared === declared))
  return {
    name,
    byHand,
    ...(facts && Object.fromEntries(selfDescriptionKeys.map((fact) => [fact, facts[fact]]))),
    ...(rhythm !== undefined && { expectedRhythm: rhythm === noRhythm ? undefined : rhythm }),
    marking: markedBy(namer, facts, declarer, placing),
    inputs: visible,
    first,
    last,
  }
}

const selfDescriptionKeys = ['version', 'thresholds', 'knownError', 'expectedRhythm'] as const

const visibleInput = (input: StoredInput, own: Marking, view: View): VisibleInput | undefined => {
  const { at, found, by } = input
  if (by === undefined) return { at, found, marking: own, foundMarking: own }
  const fitting = markingsIn(input, view)
  const [first] = fitting.keys()
  return (
    first && {
      at,
      found: fitting.values().reduce((sum, one) => sum + one, 0),
      marking: strictest([own, first]),
      foundMarking: strictest([own, ...fitting.keys()]),
    }
  )
}

const mergedSource = (sources: readonly VisibleSource[]): VisibleSource => {
  const lasts = sources.map(({ last }) => last).sort(byTime)
  return {
    name: byHandName,
    byHand: true,
    marking: strictest(sources.map(({ marking }) => marking)),
    inputs: sources.flatMap(({ inputs }) => inputs).sort(byTime),
    first: sources.map(({ first }) => first).sort()[0] ?? '',
    last: latestOf(lasts) as VisibleInput,
  }
}

const freest = <Marked extends { readonly marking: Marking }>(all: readonly Marked[]): Marked | undefined =>
  all.toSorted((a, b) => markings.indexOf(a.marking) - markings.indexOf(b.marking))[0]

/** @param inputs by time; those of one instant come in the order of their batches' names, which are random */
const latestOf = (inputs: readonly VisibleInput[]): VisibleInput | undefined =>
  freest(inputs.filter(({ at }) => at === inputs.at(-1)?.at))

/** Orders by time, then by marking, strictest last. */
const bySaying = (a: Statement, b: Statement): number =>
  a.statedAt === b.statedAt
    ? markings.indexOf(a.marking) - markings.indexOf(b.marking)
    : a.statedAt < b.statedAt
      ? -1
      : 1

const byTime = (a: VisibleInput, b: VisibleInput): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)

/**
 * Counts only inputs inside the period and before the as-of instant.
 * @param dates the period's days, in order
 */
export const watchOf = (
  inputs: readonly Input[],
  rhythm: string | undefined,
  period: WatchedPeriod,
  asOf: string,
): Omit<Watch, 'afterwards'> => {
  const { bounds, dates, zone } = period
  const end = Math.min(bounds.to, Date.parse(asOf))
  const inside = inputs
    .map(({ at, found }) => ({ at: Date.parse(at), found }))
    .filter(({ at }) => at >= bounds.from && at < end)
    .sort((a, b) => a.at - b.at)
  const every = rhythm === undefined ? undefined : hoursOf(rhythm) * 3_600_000
  const watched = Math.max(0, end - bounds.from)
  const today = dayIn(Math.max(bounds.from, end - 1), zone)
  const byDay = Map.groupBy(inside, ({ at }) => dayIn(at, zone))
  return {
    inputs: inside.length,
    expected: every === undefined ? undefined : Math.floor(watched / every),
    days: dates
      .filter((date) => watched > 0 && date <= today)
      .map((date) => {
        const onDay = byDay.get(date) ?? []
        return { date, inputs: onDay.length, found: onDay.reduce((sum, { found }) => sum + found, 0) }
      }),
    gaps: every === undefined ? [] : gapsIn([bounds.from, ...inside.map(({ at }) => at), end], silentAfter * every),
  }
}

/** Months and years count 30 and 365 days. */
export const hoursOf = (rhythm: string): number =>
  Temporal.Duration.from(rhythm).total({ unit: 'hours', relativeTo: Temporal.PlainDate.from('2023-04-01') })

const gapsIn = (instants: readonly number[], longest: number): readonly Gap[] =>
  instants
    .slice(1)
    .map((to, at) => ({ from: instants[at] ?? to, to }))
    .filter(({ from, to }) => to - from > longest)
    .sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from)
    .map(({ from, to }) => ({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      hours: Math.round((to - from) / 3_600_000),
    }))
