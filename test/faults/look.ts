/** The invariants, looked at after a fault: no detection lost, no version replaced, no mail twice, manifests verify. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SubjectCode, type TerritoryCode, territoryOf } from '../../lambdas/domain/core/place/territory.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { boundsIn, parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { editionOf } from '../../lambdas/domain/report/manifest.ts'
import { type VerifyOptions, verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { type Cost, costOf } from './row.ts'

const asOfTheEnd = '9999-01-01T00:00:00.000Z'

/** Each detection is found in exactly one of the periods, which follow each other. */
export const detectionsLook = async (
  services: Services,
  territory: TerritoryCode,
  periods: readonly string[],
  ids: readonly string[],
): Promise<Cost> => {
  const { zone } = territoryOf(territory)
  const found = new Map<string, number>()
  for (const period of periods) {
    const { from, to } = boundsIn(parsePeriod(period), zone)
    for await (const { detection } of services.detections.inWindow(territory, from, to, asOfTheEnd)) {
      found.set(detection.id, 1 + (found.get(detection.id) ?? 0))
    }
  }
  return {
    lost: ids.filter((id) => !found.has(id)).map((id) => `detection ${id}`),
    twice: ids.filter((id) => (found.get(id) ?? 0) > 1).map((id) => `detection ${id}`),
    unverified: [],
  }
}

/** One version stands for the edition, and tells of so many detections. */
export const versionLook = async (
  services: Services,
  { territory, period }: { readonly territory: SubjectCode; readonly period: string },
  detections: number,
): Promise<Cost> => {
  const versions = await services.reports.versions(editionOf({ territory, period, cap: 'TLP:AMBER' }))
  const stands = versions.filter(({ state, recalled }) => state === 'published' && !recalled)
  const name = `${territory} ${period}`
  const counted = stands.at(-1)?.published?.totals.detections
  const snapshots = stands.map(({ snapshotSha256 }) => snapshotSha256)
  return {
    lost:
      counted === undefined
        ? [`report ${name}`]
        : counted < detections
          ? [`${name} counts ${counted} of ${detections}`]
          : [],
    twice: [
      ...(counted !== undefined && counted > detections ? [`${name} counts ${counted} for ${detections}`] : []),
      ...(new Set(snapshots).size < snapshots.length ? [`report ${name} of one snapshot`] : []),
    ],
    unverified: [],
  }
}

export const archiveLook = async (services: Services, options: VerifyOptions = {}): Promise<Cost> => {
  const { problems } = await verifyArchive(services, options)
  return { lost: [], twice: [], unverified: problems.map(({ file, message }) => `${file} ${message}`) }
}

/** Each address has one mail; those named as unsettled have none or one, and the ledger says so. */
export const mailsLook = (
  mailed: readonly string[],
  wanted: readonly string[],
  unsettled: readonly string[] = [],
): Cost => {
  const times = (address: string) => mailed.filter((one) => one.includes(address)).length
  return {
    lost: wanted.filter((one) => times(one) === 0 && !unsettled.includes(one)).map((one) => `mail ${one}`),
    twice: wanted.filter((one) => times(one) > 1).map((one) => `mail ${one}`),
    unverified: [],
  }
}

/** Remembers the bytes of all that was ever seen under a folder, and says what has other bytes now, or is gone. */
export const witness = (folder: string) => {
  const seen = new Map<string, string>()
  return async (): Promise<Cost> => {
    const lost: string[] = []
    const now = new Set<string>()
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue
      const file = join(entry.parentPath, entry.name)
      const hash = sha256(await readFile(file))
      now.add(file)
      if ((seen.get(file) ?? hash) !== hash) lost.push(`${file} was overwritten`)
      seen.set(file, hash)
    }
    for (const file of seen.keys()) if (!now.has(file)) lost.push(`${file} is gone`)
    return { lost, twice: [], unverified: [] }
  }
}

/** The outbox's mails by their deliveries: a second file of one delivery is a second mail. */
export const outboxLook = async (home: string): Promise<Cost & { readonly mails: readonly string[] }> => {
  const files = await readdir(join(home, 'outbox')).catch(() => [])
  const mails = files.filter((name) => name.endsWith('.eml'))
  const twice = mails.filter(
    (name) => mails.includes(`${name.replace(/-\d+\.eml$/, '')}.eml`) && /-\d+\.eml$/.test(name),
  )
  return { mails, lost: [], twice: twice.map((name) => `mail ${name}`), unverified: [] }
}

/** All that holds of a home on its own: mails once, and an archive that verifies. */
export const homeLook = async (home: string, services: Services, options?: VerifyOptions): Promise<Cost> =>
  costOf([await outboxLook(home), await archiveLook(services, options)])
