import { ArchiveMissingError } from '../../archive/archive.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { isSameContent, measured } from '../../domain/core/text/content.ts'
import { plural } from '../../domain/core/text/plural.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import {
  archiveKey,
  type Edition,
  editionOf,
  type Manifest,
  manifestName,
  manifestSchema,
  reportId,
} from '../../domain/report/manifest.ts'
import { isSignedBy, type PublicKey, signatureName } from '../../domain/report/signature.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import type { Services } from '../services.ts'

export type ArchiveProblem = { readonly file: string; readonly message: string }

export type Verification = {
  readonly versions: number
  readonly files: number
  readonly unsigned: number
  readonly problems: readonly ArchiveProblem[]
}

export type VerifyOptions = {
  /** Trusted keys; by default the current signing key. */
  readonly keys?: readonly PublicKey[] | undefined
  /** Accepts unsigned versions, made before manifests were signed. */
  readonly allowUnsigned?: boolean
}

/** Reads every archived byte once, including held versions. Skips abandoned versions. */
export const verifyArchive = async (
  services: Pick<Services, 'archive' | 'reports' | 'signer'>,
  options: VerifyOptions = {},
): Promise<Verification> => {
  const { archive, reports } = services
  const reader = archiveReader(services, options)
  const { problem } = reader
  const unfinished = new Set<string>()
  let versions = 0

  // Listed before the index is read, so that files claimed meanwhile are not reported as unknown.
  const listed = await Array.fromAsync(archive.list(''))
  let before: VersionEntry | undefined
  let last: VersionEntry | undefined
  for await (const entry of reports.all()) {
    const edition = editionOf(entry)
    const next = last && sameEdition(last, entry) ? last.version + 1 : 1
    if (entry.version !== next) {
      problem(
        archiveKey(edition, next, manifestName),
        `is not in the index, which continues with version ${entry.version}`,
      )
    }
    last = entry
    if (entry.state !== 'published' && entry.state !== 'held') {
      unfinished.add(`reports/${reportId(edition, entry.version)}/`)
      continue
    }
    versions += 1
    await reader.checkVersion(entry, edition, before && sameEdition(before, entry) ? before : undefined)
    if (entry.state === 'published') before = entry
  }
  reportUnknown(listed, (key) => !reader.known.has(key) && !unfinished.has(folderOf(key)), problem)
  const { problems } = reader
  const named = new Set(problems.map(({ file }) => file))
  for await (const place of archive.strays()) {
    if (!named.has(place)) problems.push({ file: place, message: 'is no object of the archive' })
  }
  return { versions, ...reader.counts, problems }
}

type Problem = (key: string, message: string) => void

const archiveReader = (
  { archive, signer }: Pick<Services, 'archive' | 'signer'>,
  { keys: given, allowUnsigned = false }: VerifyOptions,
) => {
  const problems: ArchiveProblem[] = []
  const known = new Set<string>()
  const counts = { files: 0, unsigned: 0 }
  let trusted = given

  const problem: Problem = (key, message) => problems.push({ file: archive.locate(key), message })
  const readBy = async <Read>(
    way: (key: string) => Promise<Read>,
    key: string,
    whatIfMissing: string,
  ): Promise<Read | undefined> => {
    known.add(key)
    try {
      return await way(key)
    } catch (error) {
      const missing = error instanceof ArchiveMissingError
      if (missing && whatIfMissing === '') return undefined
      problem(key, missing ? whatIfMissing : `cannot be read: ${messageOf(error)}`)
      return undefined
    }
  }
  const read = (key: string, whatIfMissing = 'is missing') => readBy(archive.get, key, whatIfMissing)
  const readManifest = async (entry: VersionEntry, edition: Edition): Promise<Manifest | undefined> => {
    const key = archiveKey(edition, entry.version, manifestName)
    const bytes = await read(key)
    if (!bytes) return undefined
    const signature = await readSignature(archiveKey(edition, entry.version, signatureName))
    if (sha256(bytes) !== (entry.published ?? entry.held)?.manifestSha256)
      problem(key, `is not the manifest that was ${entry.state}`)
    else if (signature) await checkSignature(signature, bytes)
    try {
      return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
    } catch (error) {
      problem(key, `is no manifest: ${messageOf(error)}`)
      return undefined
    }
  }

  const readSignature = async (key: string) => {
    const bytes = await read(key, allowUnsigned ? '' : 'is missing: the manifest next to it is not signed')
    if (!bytes) counts.unsigned += 1
    return bytes && { key, bytes }
  }
  /** An attacker who changes a manifest can also change the index, but lacks the key. */
  const checkSignature = async (
    signature: { readonly key: string; readonly bytes: Uint8Array },
    manifest: Uint8Array,
  ): Promise<void> => {
    trusted ??= [await signer.publicKey()]
    if (trusted.some((key) => isSignedBy(key, manifest, signature.bytes))) return
    const names = trusted.map(({ fingerprint }) => fingerprint.slice(0, 16)).join(' or ')
    problem(
      signature.key,
      `is no signature of the manifest next to it by ${names}: one of them was changed, or another key has signed`,
    )
  }
  const checkVersion = async (
    entry: VersionEntry,
    edition: Edition,
    previous: VersionEntry | undefined,
  ): Promise<void> => {
    const manifest = await readManifest(entry, edition)
    if (!manifest) return
    if ((manifest.previous?.manifestSha256 ?? null) !== (previous?.published?.manifestSha256 ?? null)) {
      problem(
        archiveKey(edition, entry.version, manifestName),
        `does not follow ${previous ? `version ${previous.version}` : 'on nothing, as a first version does'}`,
      )
    }
    for (const file of manifest.files) {
      const fileKey = archiveKey(edition, entry.version, file.name)
      const found = await readBy((key) => measured(archive.read(key)), fileKey, 'is missing')
      counts.files += 1
      if (found && !isSameContent(found, { size: file.bytes, sha256: file.sha256 })) {
        problem(fileKey, `has other bytes than its manifest states (SHA-256 ${file.sha256})`)
      }
    }
  }
  return { problems, problem, known, counts, checkVersion }
}

const reportUnknown = (listed: readonly string[], isUnknown: (key: string) => boolean, problem: Problem): void => {
  const unknown = listed.filter(isUnknown)
  const versionsOf = (keys: readonly string[]) =>
    new Set(keys.map(folderOf).filter((folder) => versionFolder.test(folder)))
  const strangers = versionsOf(unknown)
  // A copied archive or an empty index: one message suffices and names the remedy.
  const isNoneKnown = strangers.size > 0 && versionsOf(listed).size === strangers.size
  if (isNoneKnown) {
    problem(
      'reports',
      `holds ${plural(strangers.size, 'version')}, none of which is in the index: vigie archive reindex --key vigie.pem puts in what that key has signed`,
    )
  }
  for (const key of unknown) {
    if (!isNoneKnown || !strangers.has(folderOf(key))) problem(key, 'belongs to no published or held version')
  }
}

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1)

const versionFolder = /^reports\/[^/]+\/[^/]+\/[^/]+\/v\d{4}\/$/

const sameEdition = (a: VersionEntry, b: VersionEntry): boolean =>
  a.territory === b.territory && a.period === b.period && a.cap === b.cap
