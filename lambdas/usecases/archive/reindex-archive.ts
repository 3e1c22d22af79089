/** Rebuilds the report index from the archive, using only what signed manifests prove. */

import { unlessMissing } from '../../archive/archive.ts'
import { keptLevel } from '../../domain/aggregate/level/level.ts'
import type { Reason } from '../../domain/core/fault.ts'
import { maximum } from '../../domain/core/lists.ts'
import { type Marking, markingSlug, markings } from '../../domain/core/marking.ts'
import { isSubjectCode } from '../../domain/core/place/territory.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { measured } from '../../domain/core/text/content.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import type { Report } from '../../domain/page/page.ts'
import { claimsOf } from '../../domain/report/edition.ts'
import {
  archiveKey,
  type Edition,
  editionOf,
  editionPath,
  type Manifest,
  manifestName,
  manifestSchema,
  reportId,
  versionName,
} from '../../domain/report/manifest.ts'
import { isSignedBy, type PublicKey, signatureName } from '../../domain/report/signature.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import type { Services } from '../services.ts'
import { picturesIn } from './plates-of-report.ts'
import { readReport, reportName } from './read-version.ts'
import type { VerifyOptions } from './verify-archive.ts'

export type Reindexed = {
  /** Version id, such as `NC/2024-W20/amber/v0001`. */
  readonly id: string
  /** The second value: the index already had the version, and its entry stays unchanged. */
  readonly did: 'indexed' | 'stood' | 'refused'
  readonly state?: VersionEntry['state']
  /** Why the version is refused, held or abandoned. */
  readonly reason?: Reason
}

class Refusal extends Error {
  override name = 'Refusal'
}

type Part = Pick<Services, 'archive' | 'reports' | 'signer' | 'clock' | 'run'>

/**
 * Indexes each version that the index lacks or has as an abandoned claim, if signature, file hashes and predecessor
 * match. Idempotent.
 */
export const reindexArchive = async function* (services: Part, options: VerifyOptions = {}): AsyncGenerator<Reindexed> {
  let trusted = options.keys
  const keys = async () => {
    trusted ??= [await services.signer.publicKey()]
    return trusted
  }
  for await (const { edition, files } of editionsIn(services.archive)) {
    const known = new Map((await services.reports.versions(edition)).map((entry) => [entry.version, entry]))
    const chain: VersionEntry[] = []
    // Version numbers are consecutive: one without a manifest was abandoned.
    for (let version = 1; version <= maximum(files.keys()); version += 1) {
      const id = reportId(edition, version)
      const before = known.get(version)
      const isComplete = files.get(version)?.has(manifestName) ?? false
      let entry: VersionEntry
      if (before && !(isComplete && isLeft(before, services))) {
        entry = before
        yield { id, did: 'stood', state: entry.state }
      } else {
        try {
          entry = isComplete
            ? await provenEntry(edition, version, chain, { ...options, keys }, services)
            : givenUp(edition, version, 'the archive holds no manifest of it: it was never complete', services)
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          yield { id, did: 'refused', reason: error.message }
          continue
        }
        const { reports } = services
        const did = (await (before ? reports.change(before, entry) : reports.claim(entry))) ? 'indexed' : 'stood'
        yield { id, did, state: entry.state, ...(entry.reason !== undefined && { reason: entry.reason }) }
      }
      if (entry.published) chain.push(entry)
    }
  }
}

/** A claim without a run, as in a table restored to a moment when the version was being made. */
const isLeft = ({ state, leaseUntil }: VersionEntry, { clock }: Part): boolean =>
  state === 'claimed' && leaseUntil < clock().toISOString()

const editionsIn = async function* (archive: Services['archive']) {
  let edition: Edition | undefined
  let files = new Map<number, Set<string>>()
  for await (const key of archive.list('reports/')) {
    const place = placeOf(key)
    if (!place) continue
    if (edition && editionPath(edition) !== editionPath(place.edition)) {
      yield { edition, files }
      files = new Map()
    }
    edition = place.edition
    files.set(place.version, (files.get(place.version) ?? new Set()).add(place.file))
  }
  if (edition) yield { edition, files }
}

/** Parses a key; undefined if it is not a version's file. `vigie archive verify` lists those. */
const placeOf = (key: string): { edition: Edition; version: number; file: string } | undefined => {
  const [, territory = '', period = '', slug, folder = '', file = '', ...more] = key.split('/')
  const cap = markings.find((marking: Marking) => markingSlug(marking) === slug)
  const version = Number(folder.slice(1))
  if (!isSubjectCode(territory) || !cap || more.length > 0 || file === '') return undefined
  if (!(version >= 1) || folder !== versionName(version)) return undefined
  try {
    return { edition: editionOf({ territory, period, cap }), version, file }
  } catch {
    return undefined
  }
}

const entryOf = (edition: Edition, version: number, { clock, run }: Part) => ({
  territory: edition.territory,
  period: edition.period.id,
  cap: edition.cap,
  version,
  owner: run,
  leaseUntil: clock().toISOString(),
})

const givenUp = (edition: Edition, version: number, reason: string, services: Part): VersionEntry => ({
  ...entryOf(edition, version, services),
  state: 'abandoned',
  snapshotSha256: '',
  asOf: services.clock().toISOString(),
  reconstructed: false,
  reason,
})

type Proof = { readonly keys: () => Promise<readonly PublicKey[]>; readonly allowUnsigned?: boolean }

/** @throws Refusal */
const provenEntry = async (
  edition: Edition,
  version: number,
  /** Earlier published versions. */
  chain: readonly VersionEntry[],
  proof: Proof,
  services: Part,
): Promise<VersionEntry> => {
  const { archive } = services
  const keyOf = (file: string) => archiveKey(edition, version, file)
  const read = (file: string) => unlessMissing(() => archive.get(keyOf(file)))
  const bytes = (await read(manifestName)) ?? new Uint8Array()
  await checkSignature(bytes, await read(signatureName), proof)
  const manifest = manifestIn(bytes)
  const manifestEdition = {
    territory: manifest.territory,
    period: manifest.period,
    cap: manifest.cap,
    version: manifest.version,
  }
  const { territory, period, cap } = edition
  if (
    manifestEdition.territory !== territory ||
    manifestEdition.period !== period.id ||
    manifestEdition.cap !== cap ||
    manifestEdition.version !== version
  ) {
    throw new Refusal(`its manifest is of ${manifest.report}: restore the right one`)
  }
  const { previous } = manifest
  const before = chain.find(
    (one) => one.version === previous?.version && one.published?.manifestSha256 === previous.manifestSha256,
  )
  if (previous && !before) {
    throw new Refusal(
      `it follows on version ${previous.version}, which is not in the index as it was: repair that one first`,
    )
  }
  const last = chain.at(-1)
  if (before !== last) {
    const reason = `it does not follow on version ${last?.version}: it was made with an index that had lost that one`
    return givenUp(edition, version, reason, services)
  }
  const report = await checkedReport(manifest, (file) => archive.read(keyOf(file)))
  const pictures = picturesIn(report)
  const claims = claimsOf(report)
  const archived = {
    manifestSha256: sha256(bytes),
    marking: manifest.marking,
    totals: report.totals,
    ...(report.level && { level: keptLevel(report.level) }),
    ...(claims !== undefined && { claims }),
    ...(report.dossier && { campaign: report.dossier.name }),
    ...(pictures.length > 0 && { pictures }),
    ...(report.flash && {
      flash: { ids: [...report.contributing].map(({ id }) => id).sort(), until: report.flash.until },
    }),
  }
  return {
    ...entryOf(edition, version, services),
    snapshotSha256: manifest.snapshotSha256,
    asOf: manifest.asOf,
    reconstructed: manifest.reconstructed ?? false,
    ...(manifest.held
      ? { state: 'held', held: archived, reason: manifest.held.fault ?? manifest.held.reason }
      : // Collectors may read it again: the first instant is lost, and they may not have read it.
        { state: 'published', published: archived, publishedAt: services.clock().toISOString() }),
  }
}

/** @throws Refusal if no trusted key signed the manifest */
const checkSignature = async (
  bytes: Uint8Array,
  signature: Uint8Array | undefined,
  { keys, allowUnsigned }: Proof,
): Promise<void> => {
  if (!signature && !allowUnsigned) {
    throw new Refusal(
      `its manifest is not signed: pass --allow-unsigned where it was made before manifests were signed`,
    )
  }
  const trusted = signature ? await keys() : []
  if (signature && !trusted.some((key) => isSignedBy(key, bytes, signature))) {
    const names = trusted.map(({ fingerprint }) => fingerprint.slice(0, 16)).join(' or ')
    throw new Refusal(
      `its manifest is not signed by ${names}: pass the key that signed it by --key, or restore both files`,
    )
  }
}

/** Checks every file against the manifest and returns the report. @throws Refusal */
const checkedReport = async (
  manifest: Manifest,
  read: (file: string) => AsyncIterable<Uint8Array>,
): Promise<Report> => {
  let report: Report | undefined
  for (const { name, sha256: wanted } of manifest.files) {
    const damaged = () => new Refusal(`${name} has other bytes than its manifest states: restore it`)
    const found = await unlessMissing(async () => {
      if (name === reportName) report = await readReport(read(name), wanted, damaged)
      else if ((await measured(read(name))).sha256 !== wanted) throw damaged()
      return true
    })
    if (!found) throw new Refusal(`${name} is missing: restore it`)
  }
  if (!report) throw new Refusal('its manifest names no report.json: no figures can be read')
  return report
}

const manifestIn = (bytes: Uint8Array): Manifest => {
  try {
    return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (error) {
    throw new Refusal(`its manifest cannot be read (${messageOf(error)}): restore it`)
  }
}
