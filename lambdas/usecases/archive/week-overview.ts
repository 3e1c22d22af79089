/** Weekly overview of a reader's territories, from the newest reports. Nothing is counted here. */
import { type Caller, mayReadVersion, subjectsFor } from '../../domain/access/caller.ts'
import { type EffectInRow, isPartlyOpen } from '../../domain/aggregate/counting/effects.ts'
import { gravestEffect } from '../../domain/aggregate/outcome.ts'
import type { Reason } from '../../domain/core/fault.ts'
import { type Language, languages } from '../../domain/core/language/languages.ts'
import { maximum } from '../../domain/core/lists.ts'
import { type Marking, markings } from '../../domain/core/marking.ts'
import { type SubjectCode, territoryOf } from '../../domain/core/place/territory.ts'
import { lastComplete, type Period, parsePeriod, periodsBefore, previous } from '../../domain/core/time/period.ts'
import { maxTrendPeriods, type TrendFacts } from '../../domain/page/first/trend.ts'
import type { FigureRow } from '../../domain/page/front/front.ts'
import { quietState } from '../../domain/page/front/quiet-state.ts'
import type { Report } from '../../domain/page/page.ts'
import { daySigns, type WatchSign } from '../../domain/page/words/watch.ts'
import { editionOf, reportId } from '../../domain/report/manifest.ts'
import { versionInForce, type VersionEntry } from '../../store/reports/reports.ts'
import { type ArchiveServices, readableOf } from './browse-archive.ts'
import { readVersion } from './read-version.ts'

export type WeekSummary = EffectInRow & {
  readonly marking: Marking
  readonly level: Report['level']
  readonly posts: { readonly [language in Language]: FigureRow }
  readonly detections: { readonly [language in Language]: FigureRow }
  readonly joint: Report['joint']
  readonly trend: TrendFacts
  readonly isSeen: boolean
  /** Nothing is withheld and monitoring was complete. */
  readonly isWhole: boolean
  readonly signs: readonly WatchSign[]
  readonly watch: 'by no source' | 'blind' | 'watched'
  readonly gap?: { readonly source: string; readonly hours: number }
  readonly isCorrected: boolean
}

/** Newest version of the strictest edition that the reader may read. */
export type VersionHere = Pick<VersionEntry, 'cap' | 'version' | 'asOf'>

export type WeekRow = RowOfWeek & {
  /** Held newest versions of the editions that the reader may read. */
  readonly held: readonly VersionHere[]
}

type RowOfWeek = { readonly subject: SubjectCode } & (
  | (VersionHere & {
      readonly is: 'published'
      readonly marking: Marking
      readonly summary: WeekSummary
      /** The same edition of earlier weeks, oldest first. */
      readonly earlier: readonly WeekSummary[]
      readonly later?: 'held' | 'recalled'
    })
  | (VersionHere & { readonly is: 'held' | 'recalled'; readonly reason: Reason })
  /** Its files differ from the archived ones; `vigie archive verify` reports the reason. */
  | (VersionHere & { readonly is: 'unreadable' })
  | { readonly is: 'none' }
)

type Weeks = {
  of(week: Period, caller: Caller, services: ArchiveServices): Promise<readonly WeekRow[]>
}

const maxRemembered = 2_000

export const rememberedWeeks = (): Weeks => {
  const known = new Map<string, WeekSummary>()
  const readSummary = async (entry: VersionEntry, services: ArchiveServices): Promise<WeekSummary> => {
    const id = reportId(editionOf(entry), entry.version)
    const found = known.get(id)
    if (found) return found
    const { report } = await readVersion(entry, services)
    const summary = summariseWeek(report)
    if (known.size >= maxRemembered) known.clear()
    known.set(id, summary)
    return summary
  }
  /** Each report knows some weeks before its own: the next one read is the newest before these. */
  const earlierOf = async (
    { subject, cap, summary }: Extract<RowOfWeek, { readonly is: 'published' }>,
    week: Period,
    caller: Caller,
    services: ArchiveServices,
  ): Promise<readonly WeekSummary[]> => {
    const [start = week] = periodsBefore(week, maxTrendPeriods - 1)
    const found = [summary]
    for await (const entry of services.reports.newest(subject, 'week', previous(week).first)) {
      const known = firstWeekOf(found[0] ?? summary)
      if (entry.period < start.id || known <= start.id) break
      if (entry.cap !== cap || entry.period >= known || entry.recalled || !mayReadVersion(caller, readableOf(entry)))
        continue
      const earlier = await readSummary(entry, services).catch(() => undefined)
      if (earlier) found.unshift(earlier)
    }
    return found.slice(0, -1)
  }
  return {
    of: (week, caller, services) => {
      return Promise.all(
        rowsFor(caller).map(async (subject): Promise<WeekRow> => {
          const editions = await versionsKnown(subject, week, caller, services)
          const held = editions.flatMap((versions) => heldOf(versions) ?? [])
          const row = await rowOf(subject, editions[0] ?? [], (entry) => readSummary(entry, services))
          if (row.is !== 'published') return { ...row, held }
          const earlier = await earlierOf(row, week, caller, services)
          return { ...row, earlier, held }
        }),
      )
    },
  }
}

const firstWeekOf = ({ trend }: WeekSummary): string => trend.before[0]?.period ?? trend.period.id

/** Returns the latest week that is complete in any of the reader's territories. */
export const latestWeek = ({ territories }: Pick<Caller, 'territories'>, now: number): Period => {
  const [first = lastComplete('week', 'Europe/Paris', now), ...others] = territories.map((code) =>
    lastComplete('week', territoryOf(code).zone, now),
  )
  return others.reduce((latest, one) => (one.first > latest.first ? one : latest), first)
}

export const newestWeek = async (
  caller: Caller,
  { reports }: Pick<ArchiveServices, 'reports'>,
): Promise<Period | undefined> => {
  const newestOf = async (subject: SubjectCode): Promise<readonly Period[]> => {
    for await (const entry of reports.newest(subject, 'week'))
      if (mayReadVersion(caller, readableOf(entry))) return [parsePeriod(entry.period)]
    return []
  }
  const weeks = (await Promise.all(rowsFor(caller).map(newestOf))).flat()
  return weeks.sort((one, other) => (one.first > other.first ? -1 : 1))[0]
}

const rowsFor = (caller: Caller): readonly SubjectCode[] =>
  subjectsFor(caller).filter((code) => code === 'ALL' || caller.territories.some((own) => own === code))

/** Groups permitted versions by edition: strictest edition first, oldest version first. */
const versionsKnown = async (
  subject: SubjectCode,
  week: Period,
  caller: Caller,
  { reports }: Pick<ArchiveServices, 'reports'>,
): Promise<readonly (readonly VersionEntry[])[]> => {
  const known: VersionEntry[] = []
  for await (const entry of reports.newest(subject, 'week', week.first)) {
    if (entry.period !== week.id) break
    if (isKnown(entry, caller)) known.push(entry)
  }
  const editions = Map.groupBy(known, ({ cap }) => cap)
  return markings.toReversed().flatMap((cap) => {
    const versions = editions.get(cap)
    return versions ? [versions.sort((one, other) => one.version - other.version)] : []
  })
}

const heldOf = (versions: readonly VersionEntry[]): VersionHere | undefined => {
  const newest = versions.at(-1)
  return newest && !newest.published && !newest.recalled ? here(newest) : undefined
}

const isKnown = (entry: VersionEntry, caller: Caller): boolean => {
  const kept = entry.published ?? entry.held
  return (
    kept !== undefined && mayReadVersion(caller, { ...readableOf(entry), marking: kept.marking, state: 'published' })
  )
}

const rowOf = async (
  subject: SubjectCode,
  versions: readonly VersionEntry[],
  readSummary: (entry: VersionEntry) => Promise<WeekSummary>,
): Promise<RowOfWeek> => {
  const newest = versions.at(-1)
  if (!newest) return { subject, is: 'none' }
  const current = versionInForce(versions)
  if (!current?.published) {
    const { recalled, reason = '' } = newest
    return {
      subject,
      is: recalled ? 'recalled' : 'held',
      ...here(newest),
      reason: recalled?.reason ?? reason,
    }
  }
  try {
    const summary = await readSummary(current)
    const later = newest.recalled ? 'recalled' : newest.published ? undefined : 'held'
    const { marking } = current.published
    return { subject, is: 'published', ...here(current), marking, summary, earlier: [], ...(later && { later }) }
  } catch {
    return { subject, is: 'unreadable', ...here(current) }
  }
}

const here = ({ cap, version, asOf }: VersionEntry): VersionHere => ({ cap, version, asOf })

const summariseWeek = (report: Report): WeekSummary => {
  const { headlines, sources, days, totals, quiet, changes, pages, level, cap, period, before, group, joint } = report
  const rowsOf = (figure: 'posts' | 'detections') => {
    // Rows are in headline order, and these two headlines are always present.
    const at = headlines.findIndex((one) => one.figure === figure)
    const row = (language: Language): FigureRow => {
      const found = pages[language].figures.rows[at]
      if (!found) throw new Error(`${report.id} has no row of ${figure} in ${language}`)
      return found
    }
    return Object.fromEntries(languages.map((language) => [language, row(language)])) as WeekSummary['posts']
  }
  const gaps = sources.flatMap(({ name, watch }) => watch.gaps.map(({ hours }) => ({ source: name, hours })))
  const [gap] = gaps.sort((one, other) => other.hours - one.hours)
  return {
    marking: report.marking,
    level,
    trend: { headlines, level, cap, period, before, totals, group, joint },
    posts: rowsOf('posts'),
    detections: rowsOf('detections'),
    joint,
    isSeen: !quiet,
    isWhole: !gap && isQuietAll(quietState(report)),
    ...effectOf(report),
    signs: daySigns({ sources, days }),
    watch: sources.length === 0 ? 'by no source' : totals.watched ? 'watched' : 'blind',
    ...(gap && { gap }),
    isCorrected: changes !== null,
  }
}

const isQuietAll = ({ state, edition }: ReturnType<typeof quietState>): boolean =>
  state === 'statement' && edition === 'all'

/** Reports archived by earlier program versions have fewer effect fields, or none. */
const effectOf = (report: Omit<Report, 'effects'> & { readonly effects?: Partial<Report['effects']> }): EffectInRow => {
  const { effects, manoeuvres, ongoing, undatedHere } = report
  const parts = manoeuvres.flatMap((entry) => entry.parts)
  const listed = [...(effects?.reached ?? []), ...manoeuvres, ...parts, ...ongoing, ...undatedHere]
  const observed = gravestEffect(listed)
  // Of what counts here alone.
  const notGiven = effects?.notGiven ?? (listed.some((one) => one.observedEffect) ? undefined : 'all')
  return {
    effect: observed ? 'observed' : effects?.none ? 'none' : 'not assessed',
    ...(notGiven && { effectNotGiven: notGiven }),
    ...(effects?.stated && isPartlyOpen(effects.stated) && { effectPartlyOpen: true }),
    ...(observed?.degree && { degree: observed.degree }),
    breakout: maximum(
      listed.map(({ breakout }) => breakout?.category ?? 0),
      0,
    ),
  }
}
