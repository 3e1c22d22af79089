/** Checks the archive against its manifests, the manifests against the index, and the chain from version to version. */
import { sha256 } from './domain/canonical.ts'
import {
  archiveKey,
  type Edition,
  editionOf,
  type Manifest,
  manifestName,
  manifestSchema,
  reportId,
} from './domain/manifest.ts'
import type { Services } from './services.ts'
import { ArchiveMissingError } from './store/archive.ts'
import type { VersionEntry } from './store/reports.ts'

export type ArchiveProblem = { readonly file: string; readonly message: string }

export type Verification = {
  readonly versions: number
  readonly files: number
  readonly problems: readonly ArchiveProblem[]
}

/** Reads every archived byte once, of held versions too. Those given up are passed over; all else that is odd is a problem. */
export const verifyArchive = async ({
  archive,
  reports,
}: Pick<Services, 'archive' | 'reports'>): Promise<Verification> => {
  const problems: ArchiveProblem[] = []
  const known = new Set<string>()
  const unfinished = new Set<string>()
  let versions = 0
  let files = 0

  const problem = (key: string, message: string) => problems.push({ file: archive.locate(key), message })
  const read = async (key: string): Promise<Uint8Array | undefined> => {
    known.add(key)
    try {
      return await archive.get(key)
    } catch (error) {
      const missing = error instanceof ArchiveMissingError
      problem(key, missing ? 'is missing' : `cannot be read: ${error instanceof Error ? error.message : error}`)
      return undefined
    }
  }
  const readManifest = async (entry: VersionEntry, edition: Edition): Promise<Manifest | undefined> => {
    const key = archiveKey(edition, entry.version, manifestName)
    const bytes = await read(key)
    if (!bytes) return undefined
    if (sha256(bytes) !== (entry.published ?? entry.held)?.manifestSha256)
      problem(key, `is not the manifest that was ${entry.state}`)
    try {
      return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
    } catch (error) {
      problem(key, `is no manifest: ${error instanceof Error ? error.message : error}`)
      return undefined
    }
  }

  // Before the index is read: files of a version that is claimed meanwhile are no strangers.
  const listed = await Array.fromAsync(archive.list(''))
  let before: VersionEntry | undefined
  for await (const entry of reports.all()) {
    const edition = editionOf(entry)
    if (entry.state !== 'published' && entry.state !== 'held') {
      unfinished.add(`reports/${reportId(edition, entry.version)}/`)
      continue
    }
    versions += 1
    const manifest = await readManifest(entry, edition)
    const previous = before && sameEdition(before, entry) ? before : undefined
    if (entry.state === 'published') before = entry
    if (!manifest) continue
    const key = archiveKey(edition, entry.version, manifestName)
    if ((manifest.previous?.manifestSha256 ?? null) !== (previous?.published?.manifestSha256 ?? null)) {
      problem(
        key,
        `does not follow ${previous ? `version ${previous.version}` : 'on nothing, as a first version does'}`,
      )
    }
    for (const file of manifest.files) {
      const fileKey = archiveKey(edition, entry.version, file.name)
      const bytes = await read(fileKey)
      files += 1
      if (bytes && (bytes.byteLength !== file.bytes || sha256(bytes) !== file.sha256)) {
        problem(fileKey, `has other bytes than its manifest says (SHA-256 ${file.sha256})`)
      }
    }
  }
  for (const key of listed) {
    const folder = key.slice(0, key.lastIndexOf('/') + 1)
    if (!known.has(key) && !unfinished.has(folder)) problem(key, 'belongs to no published or held version')
  }
  const named = new Set(problems.map(({ file }) => file))
  for await (const place of archive.strays()) {
    if (!named.has(place)) problems.push({ file: place, message: 'is no object of the archive' })
  }
  return { versions, files, problems }
}

const sameEdition = (a: VersionEntry, b: VersionEntry): boolean =>
  a.territory === b.territory && a.period === b.period && a.cap === b.cap
