import { type Caller, isOperator, isUnder, mayReadVersion } from '../../domain/access/caller.ts'
import type { DetectionAsOf } from '../../domain/aggregate/tally.ts'
import { type Reason } from '../../domain/core/fault.ts'
import { fitsUnder, type Marking, markings, strictest } from '../../domain/core/marking.ts'
import {
  type CampaignCode,
  isFlashCode,
  isOnRequest,
  type SubjectCode,
  subjectOf,
  subjects,
  territoryOf,
} from '../../domain/core/place/territory.ts'
import { localInterval } from '../../domain/core/time/observed.ts'
import { boundsIn, parsePeriod, weekOf } from '../../domain/core/time/period.ts'
import { innerMarkings, knownUnder, withoutPlates } from '../../domain/detection/attribution.ts'
import { campaignCode } from '../../domain/detection/campaigns.ts'
import { campaignNames } from '../../domain/detection/names/aliases.ts'
import type { Correction } from '../../domain/detection/revisions/correction.ts'
import { revisionInEdition } from '../../domain/detection/revisions/edition-overrides.ts'
import {
  changedBetween,
  type PlaceExplained,
  placeOf,
  placesExplained,
  type ReportAsked,
  type CountStatusExplained,
  explainCountStatus,
  usualReport,
} from '../../domain/looking/explanation.ts'
import { namedMarking, type View } from '../../domain/looking/filter.ts'
import type { Plate } from '../../domain/plate/plate.ts'
import type { Revision, Stored } from '../../store/detections/reading.ts'
import type { Batch } from '../../store/intake/batches.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import type { Action, ActionKind } from '../../store/table/history.ts'
import { readableOf } from '../archive/browse-archive.ts'
import { readVersion } from '../archive/read-version.ts'
import { knownPlates } from '../plates/know-plates.ts'
import type { Services } from '../services.ts'
import { campaignsOf, linkedUnder } from './find-detections.ts'
import { partsIn } from './parts-of.ts'
import { currentOf, type LookServices, type Shown, shownTo, storedFor, viewFor } from './view.ts'

export type ExplainServices = LookServices & Pick<Services, 'reports' | 'archive' | 'plates' | 'history'>

export type RevisionExplained = {
  readonly revision: number
  readonly status: Revision['status']
  readonly storedAt: string
  /** Fields that differ from the previous revision; missing if either is not kept or not shown. */
  readonly changed?: readonly string[]
  /** If known; for operators. */
  readonly batch?: Pick<Batch, 'name' | 'file' | 'from' | 'isRetry' | 'sender' | 'by'>
  /** Action that caused the revision, if known; for operators. */
  readonly act?: {
    readonly did: Extract<ActionKind, 'placed' | 'withdrawn' | 'accepted' | 'refused'> | 'undone'
    readonly by: string
    readonly reason?: Reason
    /** The undone intake. */
    readonly batch?: string
  }
}

export type VersionExplained = Pick<VersionEntry, 'territory' | 'period' | 'cap' | 'version' | 'asOf'> & {
  /** Numbered as here; as in the edition if the revision is no longer kept. */
  readonly revision: number
  /** Missing if the revision is no longer kept. */
  readonly countStatus?: CountStatusExplained
  readonly marking: Marking
  readonly recalled: boolean
  /** Campaign name, for a dossier that was not recalled. */
  readonly campaign?: string
}

export type Explanation = {
  readonly detection: Shown
  readonly status: Stored['status']
  /** For operators. */
  readonly reason?: Reason
  readonly revisions: readonly RevisionExplained[]
  /** For operators. */
  readonly corrections?: readonly Pick<Correction, 'field' | 'by' | 'reason' | 'at'>[]
  readonly places: readonly PlaceExplained[]
  /** Permitted detections of which it is a part, nearest first. */
  readonly wholes: readonly string[]
  readonly report?: {
    readonly territory: SubjectCode
    readonly period: string
    readonly standings: readonly CountStatusExplained[]
    readonly parts: readonly string[]
  }
  /** Weeks of the permitted detections of its campaign, or else of its account set. */
  readonly campaignWeeks: readonly string[]
  /** The others, of which no day is known. */
  readonly campaignUndated: number
  readonly plates: readonly Plate[]
  readonly versions: readonly VersionExplained[]
  readonly unreadable: number
  /** Strictest marking of all content here. */
  readonly marking: Marking
}

/**
 * Undefined if the detection does not exist or the caller may not know it.
 * @param asked report in which to explain its count status; *usual* is the first in which it would count
 */
export const explainDetection = async (
  id: string,
  asked: ReportAsked | 'usual' | undefined,
  caller: Caller,
  services: ExplainServices,
): Promise<Explanation | undefined> => {
  const view = await viewFor(caller, services)
  const stored = await storedFor(id, view, services)
  if (!stored) return undefined
  const current = await currentOf(stored)
  const report = asked === 'usual' ? usualReport(current.detection) : asked
  const history = (await services.detections.history(id))
    .filter(({ detection }) => !detection || isUnder(caller, detection))
    .map((one) => (one.detection ? { ...one, detection: knownTo(caller, one.detection) } : one))
  const above = await wholesOf(current, view, services)
  const [shown] = await shownTo([current], view, services)
  if (!shown) return undefined
  const parts = report ? await partsCounted(id, report, view, services) : []
  const showing = await versionsShowing(history, caller, services)
  const knowsAll = isOperator(caller)
  const batches = knowsAll ? await services.batches.list() : []
  const revisions = revisionsExplained(visibleRevisions(history, caller), stored, batches)
  const plates = await knownPlates(current.detection.plates ?? [], caller, services)
  const campaign = await campaignOf(current, view, services)
  const dated = campaign.flatMap(({ observed, territories: [first] }) => {
    const day = first && localInterval(observed, territoryOf(first.code).zone).day
    return day === undefined ? [] : [weekOf(day).id]
  })
  const shownMarkings = [...[current, ...above, ...parts].map(({ detection }) => detection), ...plates].map(
    (one) => one.marking,
  )
  const earlier = history.flatMap(({ detection }) => detection?.marking ?? [])
  return {
    detection: shown,
    status: stored.status,
    ...(stored.reason !== undefined && knowsAll && { reason: stored.reason }),
    revisions: knowsAll ? await withActs(id, revisions, batches, services) : revisions,
    ...(knowsAll && { corrections: (await services.detections.corrections(id)).map(correctionExplained) }),
    places: placesExplained(current.detection, { knowsAll }),
    wholes: above.map(({ detection }) => detection.id),
    ...(report && { report: reportExplained({ stored, current, above, parts }, report, view) }),
    campaignWeeks: dated,
    campaignUndated: campaign.length - dated.length,
    plates,
    ...showing,
    marking: strictest([
      ...shownMarkings,
      ...innerMarkings(shown),
      ...[current, ...above, ...parts].flatMap(({ detection }) => namedMarking(detection, view) ?? []),
      ...earlier,
      ...campaign.map(({ marking }) => marking),
      ...showing.versions.map(({ marking }) => marking),
    ]),
  }
}

const campaignOf = async ({ detection }: DetectionAsOf, view: View, services: ExplainServices) => {
  const { campaign, accountSet } = detection
  const own = accountSet ? [{ kind: 'accountSet' as const, value: accountSet.id }] : []
  return [...(await linkedUnder(campaign === undefined ? own : campaignsOf(campaign), view, services)).values()]
}

const knownTo = (caller: Caller, detection: Detection): Detection => {
  const known = knownUnder(detection, caller.clearance)
  return isOperator(caller) ? known : withoutPlates(known)
}

const correctionExplained = ({ field, by, reason, at }: Correction) => ({ field, by, reason, at })

const visibleRevisions = (history: readonly Revision[], { clearance }: Caller): readonly Revision[] => {
  const renumbered = history.map((one) => ({ ...one, revision: revisionInEdition(one, clearance) }))
  return renumbered.filter(
    ({ revision, status }, at) => renumbered[at - 1]?.revision !== revision || renumbered[at - 1]?.status !== status,
  )
}

const revisionsExplained = (
  history: readonly Revision[],
  { batch: newest, restored }: Stored,
  batches: readonly Batch[],
): readonly RevisionExplained[] =>
  history.map(({ revision, status, storedAt, detection }, at) => {
    const before = history[at - 1]
    const isNext = before?.revision === revision - 1
    const changed = isNext && before.detection && detection && changedBetween(before.detection, detection)
    const came = batches.filter((one) => one.storedAt === storedAt)
    const isNewest = at === history.length - 1
    // If two files arrived in the same millisecond, only the newest revision's intake is known.
    const own = isNewest ? batches.find(({ name }) => name === newest) : undefined
    // A revision restored by an undo belongs to an earlier intake.
    const isRestored = isNewest && restored !== undefined
    const batch = own ?? (came.length === 1 && !(isNewest && newest !== undefined) ? came[0] : undefined)
    return {
      ...{ revision, status, storedAt },
      ...(changed && { changed }),
      ...(batch && !isRestored && status === 'active' && { batch: batchExplained(batch) }),
    }
  })

const batchExplained = ({ name, file, from, isRetry, sender, by }: Batch): NonNullable<RevisionExplained['batch']> => ({
  ...{ name, file, sender },
  ...(from && { from }),
  ...(isRetry && { isRetry }),
  ...(by !== undefined && { by }),
})

type Act = Exclude<NonNullable<RevisionExplained['act']>['did'], 'undone'>

const acts: readonly Act[] = ['placed', 'withdrawn', 'accepted', 'refused']

const withActs = async (
  id: string,
  revisions: readonly RevisionExplained[],
  batches: readonly Batch[],
  { history }: Pick<Services, 'history'>,
): Promise<readonly RevisionExplained[]> =>
  Promise.all(
    revisions.map(async (one) => {
      const actions = await history.at(one.storedAt)
      // A file brought it, and an analyst placed it in the preview.
      const act = one.batch
        ? actIn(id, actions, ['placed'])
        : (undoneAt(one.storedAt, batches) ?? actIn(id, actions, acts))
      return { ...one, ...(act && { act }) }
    }),
  )

const undoneAt = (instant: string, batches: readonly Batch[]): RevisionExplained['act'] => {
  for (const { name, sender, undoneAt: end, undoneBy: by = sender, undoneReason: reason, inPart = [] } of batches) {
    const part = end === instant ? { by, reason } : inPart.find(({ at }) => at === instant)
    if (part)
      return { did: 'undone', by: part.by, batch: name, ...(part.reason !== undefined && { reason: part.reason }) }
  }
  return undefined
}

const actIn = (id: string, actions: readonly Action[], acts: readonly Act[]): RevisionExplained['act'] => {
  for (const { of, id: its, did, by, reason } of actions) {
    const known = acts.find((one) => one === did)
    if (of === 'detection' && its === id && known) return { did: known, by, ...(reason !== undefined && { reason }) }
  }
  return undefined
}

const wholesOf = async (
  { detection }: DetectionAsOf,
  view: View,
  services: ExplainServices,
): Promise<readonly DetectionAsOf[]> => {
  const found = new Map<string, DetectionAsOf>()
  for (let id = detection.partOf; id !== undefined && id !== detection.id && !found.has(id);) {
    const stored = await storedFor(id, view, services)
    if (stored?.status !== 'active') break
    const whole = await currentOf(stored)
    found.set(id, whole)
    id = whole.detection.partOf
  }
  return [...found.values()]
}

type Explained = {
  readonly stored: Stored
  readonly current: DetectionAsOf
  readonly above: readonly DetectionAsOf[]
  readonly parts: readonly DetectionAsOf[]
}

const reportExplained = (
  { stored, current, above, parts }: Explained,
  report: ReportAsked,
  view: View,
): NonNullable<Explanation['report']> => {
  const caps = markings.filter((cap) => fitsUnder(cap, view.ceiling.clearance))
  const standings = caps.map((cap): CountStatusExplained =>
    stored.status === 'withdrawn'
      ? { cap, state: 'outside', because: 'withdrawn' }
      : explainCountStatus(current, above, report, cap),
  )
  const { territory, period } = report
  return { territory, period: period.id, standings, parts: parts.map(({ detection }) => detection.id) }
}

/** Scans the period, because a part names its whole but not the reverse. */
const partsCounted = async (
  id: string,
  { territory, period }: ReportAsked,
  { ceiling }: View,
  services: ExplainServices,
): Promise<readonly DetectionAsOf[]> => {
  const parts = new Map<string, DetectionAsOf>()
  const stretches = subjectOf(territory).members.map((code) => ({
    code,
    ...boundsIn(period, territoryOf(code).zone),
  }))
  for await (const one of partsIn(new Set([id]), stretches, ceiling, services)) {
    if (placeOf(one.detection, { territory, period })?.fit === 'counted') parts.set(one.detection.id, one)
  }
  return [...parts.values()].sort((one, other) => (one.detection.id < other.detection.id ? -1 : 1))
}

/** Searches the territories' reports for matching periods, the campaign's dossiers, and flash notes. */
const versionsShowing = async (
  history: readonly Revision[],
  caller: Caller,
  services: ExplainServices,
): Promise<Pick<Explanation, 'versions' | 'unreadable'>> => {
  const bodies = history.flatMap(({ detection }) => detection ?? [])
  const [any] = bodies
  const versions: VersionExplained[] = []
  let unreadable = 0
  if (!any) return { versions, unreadable }
  const codes = new Set(bodies.flatMap(({ territories }) => territories.map(({ code }) => code)))
  const about = subjects.filter(({ members }) => members.some((member) => codes.has(member))).map(({ code }) => code)
  const flashes = await services.reports.flashes()
  for (const territory of [...about, ...dossiersOf(bodies), ...flashes]) {
    for await (const entry of services.reports.all({ territory })) {
      if (!mayBeShown(entry, bodies, caller)) continue
      if (isFlashCode(territory) && !entry.published?.flash?.ids.includes(any.id)) continue
      const shown = await contributionIn(entry, any.id, services)
      if (shown === 'unreadable') unreadable += 1
      if (typeof shown !== 'object') continue
      // An edition counts only revisions that it may show, so its number also covers earlier revisions above its cap.
      const shownRevision = history.findLast(
        (one) =>
          one.detection &&
          one.storedAt <= entry.asOf &&
          fitsUnder(one.detection.marking, entry.cap) &&
          revisionInEdition(one, entry.cap) === shown.revision,
      )
      const revision = shownRevision ? revisionInEdition(shownRevision, caller.clearance) : shown.revision
      versions.push(versionExplained(entry, revision, shownRevision?.detection))
    }
  }
  return { versions, unreadable }
}

type Detection = DetectionAsOf['detection']

const dossiersOf = (bodies: readonly Detection[]): ReadonlySet<CampaignCode> =>
  new Set(bodies.flatMap(({ campaign }) => (campaign === undefined ? [] : campaignNames(campaign).map(campaignCode))))

const mayBeShown = (entry: VersionEntry, bodies: readonly Detection[], caller: Caller): boolean => {
  if (!entry.published || !mayReadVersion(caller, { ...readableOf(entry), state: 'published' })) return false
  // A dossier covers all time up to its period's end; a flash note covers the detections that it names.
  if (isOnRequest(entry.territory)) return true
  const report = { territory: entry.territory, period: parsePeriod(entry.period) }
  return bodies.some((detection) => (placeOf(detection, report)?.fit ?? 'outside') !== 'outside')
}

const contributionIn = async (entry: VersionEntry, id: string, services: ExplainServices) => {
  try {
    const { report } = await readVersion(entry, services)
    for (const one of report.contributing) if (one.id === id) return one
    return undefined
  } catch {
    // `vigie archive verify` reports damaged and missing files.
    return 'unreadable' as const
  }
}

const versionExplained = (
  entry: VersionEntry,
  revision: number,
  detection: Detection | undefined,
): VersionExplained => {
  const { territory, period, cap, version, asOf, recalled, published } = entry
  const current = detection && !isOnRequest(territory) && { detection, revision, storedAt: asOf }
  const report = { territory, period: parsePeriod(period) }
  // Its wholes may have changed since, so only its fit in the period is explained.
  const { state, because } = current
    ? explainCountStatus(current, [], report, cap)
    : { state: undefined, because: undefined }
  return {
    ...{ territory, period, cap, version, asOf, revision },
    ...(state && because && { countStatus: { cap, state, because } }),
    marking: readableOf(entry).marking,
    recalled: recalled !== undefined,
    ...(!recalled && published?.campaign !== undefined && { campaign: published.campaign }),
  }
}
