/** Finds pending work other than reports: candidates, detections without a territory, failed mails. */
import { type Caller, isUnder, mayDo, mayReadEdition, mayReadVersion } from '../../../domain/access/caller.ts'
import type { WaitingCandidate } from '../../../domain/coordination/candidate.ts'
import { fitsUnder, type Marking, usualCap } from '../../../domain/core/marking.ts'
import { type TerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { dayIn, lastCompleteWeek, weekOf } from '../../../domain/core/time/period.ts'
import type { EditionNamed } from '../../../domain/report/manifest.ts'
import { versionInForce, type VersionEntry } from '../../../store/reports/reports.ts'
import type { Services } from '../../services.ts'
import { listFlash } from '../flash/list-flash.ts'

export type About = Pick<EditionNamed, 'territory' | 'period'>

export type WaitingServices = Pick<Services, 'deliveries' | 'detections' | 'reports' | 'clock'> & {
  readonly candidates: Pick<Services['candidates'], 'waiting'>
}

export type ReadersCandidate = WaitingCandidate & { readonly territories: readonly TerritoryCode[] }

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

/** Reports of the last week and of the running one with an effect that nobody confirmed. */
export const toConfirmFor = async (
  { territories, clearance }: Pick<Caller, 'territories' | 'clearance'>,
  { reports, clock }: Pick<WaitingServices, 'reports' | 'clock'>,
): Promise<readonly VersionEntry[]> => {
  const cap = fitsUnder(usualCap, clearance) ? usualCap : clearance
  const found = await Promise.all(
    territories.map(async (territory) => {
      const [{ zone }, now] = [territoryOf(territory), clock().getTime()]
      const newest = await Promise.all(
        [lastCompleteWeek(zone, now), weekOf(dayIn(now, zone))].map(async (period) =>
          versionInForce(await reports.versions({ territory, period, cap })),
        ),
      )
      return newest.flatMap((entry) => (entry?.published?.level?.toConfirm ? [entry] : []))
    }),
  )
  return found.flat()
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
