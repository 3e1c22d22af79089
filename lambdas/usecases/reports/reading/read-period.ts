/** Reads and counts a version's period once, and the summaries of earlier periods. */
import { periodsCompared } from '../../../domain/aggregate/compare.ts'
import { eachOf } from '../../../domain/aggregate/counting/many.ts'
import { campaignKey, loneKey } from '../../../domain/aggregate/counting/threads.ts'
import {
  type CampaignRow,
  type CountedEarlier,
  campaignRow,
  type GroupFacts,
  type MemberRow,
  maxCampaignsMapped,
  maxEarlierListed,
  memberRow,
} from '../../../domain/aggregate/members.ts'
import { totalsOf } from '../../../domain/aggregate/period-summary.ts'
import { type EndedByNote, type Since, sinceBefore } from '../../../domain/aggregate/since.ts'
import { type SubjectWatch, subjectWatch } from '../../../domain/aggregate/subject-watch.ts'
import { type Contribution, type DetectionAsOf, sharesBefore, type Tally } from '../../../domain/aggregate/tally.ts'
import { declaredMarkings, type VisibleSource, withDeclared } from '../../../domain/aggregate/watch/watch.ts'
import { isOfPeriod } from '../../../domain/coordination/candidate.ts'
import { type IdTable, idTable, wholeColumn } from '../../../domain/core/columns.ts'
import { pushAll } from '../../../domain/core/lists.ts'
import { fitsUnder, type Marking, strictest } from '../../../domain/core/marking.ts'
import { leavesAt } from '../../../domain/core/place/due.ts'
import { boundsFor } from '../../../domain/core/place/subject.ts'
import {
  isGroup,
  isTerritoryCode,
  subjectOf,
  type TerritoryCode,
  territoryOf,
} from '../../../domain/core/place/territory.ts'
import { periodFit } from '../../../domain/core/time/observed.ts'
import { boundsIn, cadences, periodsBefore, previous } from '../../../domain/core/time/period.ts'
import { campaignCode } from '../../../domain/detection/campaigns.ts'
import type { Localised } from '../../../domain/detection/detection.ts'
import { builtInDisarm } from '../../../domain/detection/frameworks/disarm-built-in.ts'
import { figuresRevised } from '../../../domain/report/changes.ts'
import { type Counted, toShow } from '../../../domain/report/facts.ts'
import { type Edition, editionOf } from '../../../domain/report/manifest.ts'
import type { Note } from '../../../domain/report/note.ts'
import { asSetBy, pauseFor } from '../../../domain/report/schedule.ts'
import { notesUnder } from '../../../domain/report/shown-notes.ts'
import { titlesWanted } from '../../../domain/report/since-facts.ts'
import { type CsvTable, csvTable } from '../../../render/exports/csv.ts'
import type { Seen } from '../../../store/detections/reading.ts'
import { isValidOriginal, newestValidOriginal } from '../../../store/reports/reports.ts'
import type { KeptSummary } from '../../../store/reports/summaries.ts'
import type { Services } from '../../services.ts'
import { compareTerritories } from './compare-territories.ts'
import {
  changesOf,
  countedAlone,
  type Counting,
  counting,
  type Followed,
  keepSummary,
  readAndFollow,
  type Span,
  spanOf,
  summariesThatHold,
  summaryIn,
} from './count-periods.ts'
import { flashesBefore } from './flash-before.ts'
import { type Heaviest, heaviest } from './heaviest.ts'
import { leadsToReports } from './leads.ts'
import { periodSize } from './period-size.ts'
import { mostForWeeks, readLevel, watchOfLevels } from './read-levels.ts'

/** Read once: two reads could differ on a detection stored in between. */
export type Reading = {
  readonly counted: Counted
  readonly sources: readonly VisibleSource[]
  readonly csv: CsvTable
}

/**
 * The caller closes the reading's CSV.
 * @param keep whether summaries are kept for the next report
 */
export const readPeriod = async (
  edition: Edition,
  asOf: string,
  services: Services,
  { keep }: { readonly keep: boolean },
): Promise<Reading> => {
  const ids = idTable()
  const csv = csvTable(edition, ids)
  try {
    return await readWith({ ids, csv }, edition, asOf, services, keep)
  } catch (error) {
    csv.close()
    throw error
  }
}

const readWith = async (
  { ids, csv }: { readonly ids: IdTable; readonly csv: CsvTable },
  edition: Edition,
  asOf: string,
  services: Services,
  keep: boolean,
): Promise<Reading> => {
  const { territory, period, cap } = edition
  const { notes } = services
  const { members } = subjectOf(territory)
  const own = counting(edition, ids)
  const each = isGroup(territory) ? members.map((member) => counting({ ...edition, territory: member }, ids)) : []
  const past = periodsBefore(period, periodsCompared).map((one) => spanOf({ ...edition, period: one }))
  const from = past[0]?.bounds.from ?? own.bounds.from
  const { to } = own.bounds
  const changes = await changesOf(edition, from, to, services)
  const kept = await summariesThatHold(past, asOf, changes, services)
  const missing = past.filter((one) => !kept.has(one.edition.period.id))
  const alone = keep ? await countedAlone(missing, asOf, changes, services) : new Map<string, KeptSummary>()
  const recounted = missing.filter((one) => !alone.has(one.edition.period.id)).map((one) => counting(one.edition, ids))

  const records = await services.sources.asOf(asOf, new Date(from).toISOString())
  const watch = subjectWatch(records, { subject: territory, cap, asOf })
  const levelWatch = await watchOfLevels(edition, asOf, watch, services)
  const declared = declaredMarkings(records, cap)
  const counters = [own, ...recounted, ...each]
  const seen: Seen = { latest: '' }
  const near = heaviest()
  /** By id, index of the last member it was read for, plus one. */
  const homes = wholeColumn()
  const boundsOf = new Map(members.map((code) => [code, boundsIn(period, territoryOf(code).zone)]))
  const led = await readAndFollow(counters, asOf, services, {
    seen,
    also: (current, interval, member) => {
      const { detection } = current
      const bounds = boundsOf.get(member) ?? own.bounds
      if (periodFit(interval, bounds) !== 'outside' && fitsUnder(detection.marking, cap)) {
        near.add(current)
        if (members.length > 1) homes.set(ids.number(detection.id), members.indexOf(member) + 1)
      }
      csv.add({ ...current, detection: withDeclared(detection, declared) }, interval)
    },
  })
  const recountedSummaries = recounted.map((one) => ({ ...one, summary: summaryIn(one, led) }))
  const summaryBefore = new Map<string, KeptSummary>([
    ...kept,
    ...alone,
    ...recountedSummaries.map(({ edition: one, summary }) => [one.period.id, summary] as const),
  ])
  const known = new Set([...summaryBefore.values()].flatMap(({ threads }) => threads.map(({ key }) => key)))
  const count = own.counter.tally({ wholes: led.wholes, watched: watch.of(period), known })
  const tally = watch.widen(period, count)
  const summed = [{ ...own, summary: summaryIn(own, led, count) }, ...recountedSummaries]
  if (keep) for (const one of summed) await keepSummary(one, { asOf, changes, latest: seen.latest }, services)
  const homeOf = (id: string) => members[Math.max(0, homes.get(ids.find(id) ?? ids.size) - 1)]
  const read: GroupCount['read'] = (wanted) => bodies(homeOf, wanted, near, declared, services)
  const shown = await read(toShow(tally))
  const ownNotes = await notes.about(territory, period.id, asOf)
  const since = await sinceOf({ edition, asOf, tally, past, summaryBefore, watch, ownNotes }, services)
  const replaces = await flashesBefore(edition, asOf, services)
  const closed = services.organisation.acrossTerritories === 'closed'
  const isLarge = period.cadence !== 'week' && ((await periodSize(edition, services)) ?? 0) > mostForWeeks
  const level = isTerritoryCode(territory)
    ? await readLevel(
        { ...edition, territory },
        asOf,
        { counted: count.level, known: summaryBefore, watch: levelWatch, keep, isLarge },
        services,
      )
    : undefined
  const counted: Counted = {
    tally,
    shown,
    declared,
    across:
      !closed && isTerritoryCode(territory)
        ? await compareTerritories({ ...edition, territory }, tally, shown, asOf, services)
        : [],
    since,
    threadTitles: await titlesOf(titlesWanted(since), members, near, services),
    notes: notesUnder(ownNotes, cap),
    candidates: await candidatesOf(edition, asOf, services),
    before: past.flatMap((one) => {
      const { id } = one.edition.period
      const summary = summaryBefore.get(id)
      if (!summary) return []
      const { names } = one === past.at(-1) ? summary : {}
      const { totals, hashtags, narratives } = watch.widen(one.edition.period, {
        totals: totalsOf(summary, watch.of(one.edition.period)),
        hashtags: names?.hashtags ?? [],
        narratives: names?.narratives ?? [],
      })
      const joint = isGroup(territory) ? undefined : summary.jointIn
      const shares = names && sharesBefore(tally, { hashtags, narratives })
      const { isHiding } = summary
      return [{ period: id, totals, ...(isHiding && { isHiding }), ...(joint && { joint }), ...(shares && { shares }) }]
    }),
    taxonomy: builtInDisarm,
    ...(replaces.length > 0 && { replaces }),
    ...(level && { level }),
    ...(isGroup(territory) && {
      group: await groupFacts(edition, asOf, { tally, each, led, watch, levelWatch, read, keep, isLarge }, services),
    }),
  }
  return { counted, sources: watch.sources, csv }
}

type SinceBasis = {
  readonly edition: Edition
  readonly asOf: string
  readonly tally: Tally
  readonly past: readonly Span[]
  readonly summaryBefore: ReadonlyMap<string, KeptSummary>
  readonly watch: SubjectWatch
  readonly ownNotes: readonly Note[]
}

const sinceOf = async (
  { edition, asOf, tally, past, summaryBefore, watch, ownNotes }: SinceBasis,
  { notes }: Pick<Services, 'notes'>,
): Promise<Since> => {
  const { territory, period, cap } = edition
  const endedInNotes = (written: readonly Note[]): readonly EndedByNote[] =>
    written
      .filter(({ marking }) => fitsUnder(marking, cap))
      .flatMap(({ ended = [], marking }) =>
        ended.flatMap((name) => [campaignKey(name), loneKey(name)].map((key) => ({ key, marking }))),
      )
  const before = await Promise.all(
    past.map(async ({ edition: { period: one } }) => ({
      period: one.id,
      threads: summaryBefore.get(one.id)?.threads ?? [],
      ended: endedInNotes(await notes.about(territory, one.id, asOf)),
    })),
  )
  const last = past.at(-1)?.edition.period
  const isOver = Date.parse(asOf) >= boundsFor(period, territory).to
  const proofs = new Map<string, Marking | undefined>()
  const wholly = (name: string, watched: Edition['period']): Marking | undefined => {
    const key = `${watched.id} ${name}`
    if (!proofs.has(key)) proofs.set(key, watch.whollyBy(name, watched))
    return proofs.get(key)
  }
  return sinceBefore(tally.threads, before, {
    ended: endedInNotes(ownNotes),
    whollyWatched: (detectors) => {
      if (!last || !isOver) return undefined
      const found = detectors.flatMap((name) => [wholly(name, last), wholly(name, period)])
      const known = found.flatMap((one) => one ?? [])
      return known.length === found.length ? strictest(known) : undefined
    },
  })
}

const titlesOf = async (
  wanted: readonly Contribution[],
  members: readonly TerritoryCode[],
  near: Pick<Heaviest, 'get'>,
  { detections }: Pick<Services, 'detections'>,
): Promise<ReadonlyMap<string, Localised>> => {
  const titles = new Map<string, Localised>()
  for (const { id, revision } of wanted) {
    const found = near.get(id)
    if (found?.revision === revision) titles.set(id, found.detection.title)
  }
  // Only asking each member shows where a detection of several territories is stored.
  for (const member of members) {
    const away = wanted.filter(({ id }) => !titles.has(id))
    if (away.length === 0) break
    for (const { detection } of await detections.named(member, away)) titles.set(detection.id, detection.title)
  }
  return titles
}

type GroupCount = {
  readonly tally: Tally
  readonly each: readonly Counting[]
  readonly led: Followed
  readonly watch: SubjectWatch
  readonly levelWatch: SubjectWatch
  readonly keep: boolean
  readonly isLarge: boolean
  readonly read: (wanted: readonly Contribution[]) => Promise<ReadonlyMap<string, DetectionAsOf>>
}

const maxFollowed = 2_000

const groupFacts = async (
  { territory, period, cap }: Edition,
  asOf: string,
  { tally, each, led, watch, levelWatch, read, keep, isLarge }: GroupCount,
  services: Services,
): Promise<GroupFacts> => {
  const { detections, reports, schedules } = services
  const { members } = subjectOf(territory)
  const leads = leadsToReports(services)
  const settings = asSetBy(await schedules.all(), asOf)
  const isPaused = (code: TerritoryCode) =>
    leavesAt(period, code) <= Date.parse(asOf) && pauseFor(settings, { subject: code, period }) !== undefined
  const rows: MemberRow[] = []
  const counted = new Set(eachOf(tally.counted, ({ id }) => id))
  const before = new Map<string, Contribution>()
  for (const { edition, counter } of each) {
    const { territory: code } = edition
    if (!isTerritoryCode(code)) continue
    const sources = watch.watchedOf(code, period)
    const own = watch.widenMember(code, period, counter.tally({ wholes: led.wholes, watched: sources }))
    for (const one of own.counted) if (!counted.has(one.id)) before.set(one.id, one)
    const newest = newestValidOriginal(await reports.versions(edition))
    const member = { ...edition, territory: code }
    const level = await readLevel(member, asOf, { counted: own.level, watch: levelWatch, keep, isLarge }, services)
    const differs = newest?.published && figuresRevised(newest.published.totals, own.totals).length > 0
    rows.push(
      memberRow(code, own, watch.member(code, period, asOf), {
        ...(differs && { published: { version: newest.version, asOf: newest.asOf } }),
        ...(leads && newest && newest.asOf <= asOf && { report: newest.version }),
        ...(isPaused(code) && { paused: true }),
        ...(level && { level }),
      }),
    )
  }
  const end = new Date(boundsFor(period, territory).to).toISOString()
  const campaigns: CampaignRow[] = []
  for (const { name } of tally.campaigns.slice(0, maxCampaignsMapped)) {
    const found = await detections.linked({ kind: 'campaign', value: name }, asOf, {
      cap,
      before: end,
      most: maxFollowed,
    })
    const dossier = leads ? await newestDossier(name, { cap, asOf }, reports) : undefined
    campaigns.push({ ...campaignRow(name, found, members, period), ...(dossier && { dossier }) })
  }
  const earliest = [...before.values()].sort((a, b) => (`${a.from} ${a.id}` < `${b.from} ${b.id}` ? -1 : 1))
  const listed = earliest.slice(0, maxEarlierListed)
  const found = await read(listed)
  const earlier = listed.flatMap(({ id }): CountedEarlier[] => {
    const { detection } = found.get(id) ?? {}
    if (!detection) return []
    const { title, marking, territories } = detection
    return [{ id, title, marking, territories: territories.map(({ code }) => code), period: previous(period).id }]
  })
  return {
    rows,
    campaigns,
    moreCampaigns: Math.max(0, tally.campaigns.length - maxCampaignsMapped),
    isWhole: watch.isWhole(period),
    countedEarlier: before.size,
    ...(earlier.length > 0 && { earlier }),
    marking: strictest([...rows, ...campaigns, ...earlier].map(({ marking }) => marking)),
  }
}

/** Finds a campaign's newest dossier at an instant, weekly ones first. */
const newestDossier = async (
  name: string,
  { cap, asOf }: { readonly cap: Marking; readonly asOf: string },
  reports: Services['reports'],
): Promise<CampaignRow['dossier']> => {
  for (const cadence of cadences) {
    for await (const entry of reports.newest(campaignCode(name), cadence)) {
      if (entry.cap !== cap || entry.asOf > asOf || !isValidOriginal(entry)) continue
      const versions = await reports.versions(editionOf(entry))
      const newest = newestValidOriginal(versions.filter((one) => one.asOf <= asOf))
      return newest && { period: newest.period, version: newest.version }
    }
  }
  return undefined
}

/** Returns the candidates awaiting review. They enter no count, so they are read separately. */
const candidatesOf = async (
  { territory, period, cap }: Edition,
  asOf: string,
  { candidates }: Pick<Services, 'candidates'>,
): Promise<Counted['candidates']> => {
  const waiting = new Map<string, Counted['candidates'][number]>()
  for (const member of subjectOf(territory).members) {
    const { zone } = territoryOf(member)
    const bounds = boundsIn(period, zone)
    for (const { foundAt: _, isLost, ...one } of await candidates.waiting(member, asOf))
      if (!isLost && fitsUnder(one.marking, cap) && isOfPeriod(one, bounds, zone)) waiting.set(one.id, one)
  }
  return [...waiting.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * Returns the printed detections, reading those not in memory.
 * @param homeOf a territory in which a detection is stored
 */
const bodies = async (
  homeOf: (id: string) => TerritoryCode | undefined,
  wanted: readonly Contribution[],
  near: Pick<Heaviest, 'get'>,
  declared: ReadonlyMap<string, Marking>,
  { detections }: Pick<Services, 'detections'>,
): Promise<ReadonlyMap<string, DetectionAsOf>> => {
  const atHand = ({ id, revision }: Contribution): DetectionAsOf | undefined => {
    const found = near.get(id)
    return found?.revision === revision ? found : undefined
  }
  const all = wanted.flatMap((one) => atHand(one) ?? [])
  const away = Map.groupBy(
    wanted.filter((one) => !atHand(one)),
    ({ id }) => homeOf(id),
  )
  for (const [home, some] of away) if (home) pushAll(all, await detections.named(home, some))
  return new Map(
    all.map((one) => {
      const detection = withDeclared(one.detection, declared)
      return [detection.id, { ...one, detection }]
    }),
  )
}
