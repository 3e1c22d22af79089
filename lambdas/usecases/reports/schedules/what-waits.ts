/** Finds pending work other than reports: candidates, detections without a territory, failed mails. */
import {
  type Caller,
  isUnder,
  mayDo,
  mayReadEdition,
  mayReadVersion,
  subjectsFor,
} from '../../../domain/access/caller.ts'
import type { CandidateSince } from '../../../domain/coordination/candidate.ts'
import { fitsUnder, type Marking, usualCap } from '../../../domain/core/marking.ts'
import { type SubjectCode, subjectOf, type TerritoryCode } from '../../../domain/core/place/territory.ts'
import { dayIn, lastCompleteWeek, parsePeriod, periodsBefore, weekOf } from '../../../domain/core/time/period.ts'
import { type EditionNamed, editionOf, editionPath } from '../../../domain/report/manifest.ts'
import { versionInForce, type VersionEntry } from '../../../store/reports/reports.ts'
import { awaitsApproval } from '../../delivery/deliver-report.ts'
import type { Services } from '../../services.ts'
import { listFlash } from '../flash/list-flash.ts'

export type About = Pick<EditionNamed, 'territory' | 'period'>

export type WaitingServices = Pick<Services, 'deliveries' | 'detections' | 'reports' | 'clock'> & {
  readonly candidates: Pick<Services['candidates'], 'waiting'>
}

export type ReadersCandidate = CandidateSince & { readonly territories: readonly TerritoryCode[] }

export const candidatesFor = async (
  { territories, clearance }: Pick<Caller, 'territories' | 'clearance'>,
  { candidates, clock }: Pick<WaitingServices, 'candidates' | 'clock'>,
): Promise<readonly ReadersCandidate[]> => {
  const now = clock().toISOString()
  const found = await Promise.all(
    territories.map(async (territory) => (await candidates.waiting(territory, now)).map((one) => ({ one, territory }))),
  )
  const byId = Map.groupBy(
    found.flat().filter(({ one }) => fitsUnder(one.marking, clearance)),
    ({ one }) => one.id,
  )
  return [...byId.values()].map((same): ReadersCandidate => {
    const [{ one }] = same as [(typeof same)[number]]
    return { ...one, territories: same.map(({ territory }) => territory) }
  })
}

export const flashesFor = async (caller: Caller, services: Pick<WaitingServices, 'reports' | 'clock'>) =>
  (await listFlash(services)).filter(
    ({ key, cap, marking, state }) =>
      state === 'waits' && mayReadVersion(caller, { territory: key, cap, marking, state: 'published' }),
  )

const weeksBack = 8

/** The versions of each edition of the last {@link weeksBack} weeks and of the running one, oldest first. */
const recentEditions = async (
  subject: SubjectCode,
  { reports, clock }: Pick<WaitingServices, 'reports' | 'clock'>,
): Promise<readonly (readonly VersionEntry[])[]> => {
  const [{ zone }, now] = [subjectOf(subject), clock().getTime()]
  const [{ first } = lastCompleteWeek(zone, now)] = periodsBefore(weekOf(dayIn(now, zone)), weeksBack)
  const found: VersionEntry[] = []
  for await (const entry of reports.newest(subject, 'week', weekOf(dayIn(now, zone)).first)) {
    if (parsePeriod(entry.period).first < first) break
    found.unshift(entry)
  }
  return [...Map.groupBy(found, (entry) => editionPath(editionOf(entry))).values()]
}

/** Recent reports with an effect that nobody confirmed, not mailed before a note approves, or held back. */
export const reportsWaiting = async (
  caller: Caller,
  services: Pick<WaitingServices, 'reports' | 'clock'> & Pick<Services, 'organisation' | 'notes'>,
) => {
  const cap = fitsUnder(usualCap, caller.clearance) ? usualCap : caller.clearance
  const mayRenew = mayDo(caller, 'reports:renew')
  const mayApprove = mayDo(caller, 'notes:approve') || mayDo(caller, 'notes:write')
  const editions = (await Promise.all(subjectsFor(caller).map((one) => recentEditions(one, services)))).flat()
  const toApprove = editions.map(async (versions) => {
    const entry = versions.findLast(({ published }) => published)
    if (!mayApprove || !entry?.published || entry.recalled) return []
    const mayRead = mayReadVersion(caller, { ...entry, ...entry.published, state: 'published' })
    return mayRead && (await awaitsApproval(entry, services)) ? [entry] : []
  })
  return {
    toApprove: (await Promise.all(toApprove)).flat(),
    toConfirm: editions.flatMap((versions) => {
      const entry = versionInForce(versions)
      return entry?.cap === cap && entry.published?.level?.toConfirm ? [entry] : []
    }),
    held: editions.flatMap((versions) => {
      const newest = versions.findLast(({ published, held }) => published ?? held)
      if (!mayRenew || !newest?.held || newest.recalled) return []
      const { marking } = newest.held
      return mayReadVersion(caller, { ...newest, marking, state: 'published' }) ? [newest] : []
    }),
  }
}

export const unplacedFor = async (
  caller: Caller,
  { detections }: Pick<WaitingServices, 'detections'>,
): Promise<readonly Marking[] | undefined> => {
  const mayKnow = mayDo(caller, 'detections:read') && isUnder(caller, { marking: 'TLP:CLEAR', territories: [] })
  if (!mayKnow) return undefined
  const found: Marking[] = []
  for await (const { detection } of detections.unplaced()) {
    if (isUnder(caller, detection)) found.push(detection.marking)
  }
  return found
}

export const mailsAmiss = async (
  about: readonly About[],
  caller: Caller,
  { deliveries }: Pick<WaitingServices, 'deliveries'>,
): Promise<number> => {
  const all = await Promise.all(about.map(({ territory, period }) => deliveries.about(territory, period)))
  return all
    .flat()
    .filter(
      (delivery) => mayReadEdition(caller, delivery) && (delivery.state === 'FAILED' || delivery.state === 'UNKNOWN'),
    ).length
}
