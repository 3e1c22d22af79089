/** Copies an archive by version: checks each against its manifest, and reads it back afterwards. */

import { type Archive, ArchiveConflictError, ArchiveMissingError } from '../../archive/archive.ts'
import { type Content, isSameContent, measured, OtherContentError } from '../../domain/core/text/content.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { type Manifest, type ManifestFile, manifestName, manifestSchema } from '../../domain/report/manifest.ts'
import { isSignedBy, type PublicKey, signatureName } from '../../domain/report/signature.ts'
import type { ArchiveProblem } from './verify-archive.ts'

type CopiedFolder = {
  /** Key prefix, such as `reports/NC/2024-W20/amber/v0001/`. */
  readonly folder: string
  /** Objects written. */
  readonly copied: number
  /** Objects already present with the same bytes. */
  readonly there: number
  readonly bytes: number
  readonly problems: readonly ArchiveProblem[]
}

class Refusal extends Error {
  override name = 'Refusal'
  readonly file: string
  constructor(file: string, message: string) {
    super(message)
    this.file = file
  }
}

type Copied = { readonly did: 'copied' | 'there'; readonly bytes: number }

/**
 * Copies files, then the signature, and the manifest last, because it marks a version as complete. Omits the manifest
 * if a file is damaged, missing or conflicting. A repeated run continues where the last one stopped.
 * @param trusted keys whose signatures count; without any, signatures are copied unchecked. Written objects cannot be
 * removed, so nothing is copied of a version with a changed manifest
 */
export const copyArchive = async function* (
  from: Archive,
  to: Archive,
  trusted: readonly PublicKey[] = [],
): AsyncGenerator<CopiedFolder> {
  for (const [folder, keys] of await foldersIn(from)) yield await copyFolder(folder, keys, trusted, from, to)
}

const foldersIn = async (archive: Archive): Promise<ReadonlyMap<string, readonly string[]>> => {
  const folders = new Map<string, string[]>()
  for await (const key of archive.list('')) {
    const folder = key.slice(0, key.lastIndexOf('/') + 1)
    const keys = folders.get(folder)
    if (keys) keys.push(key)
    else folders.set(folder, [key])
  }
  return folders
}

const copyFolder = async (
  folder: string,
  keys: readonly string[],
  trusted: readonly PublicKey[],
  from: Archive,
  to: Archive,
): Promise<CopiedFolder> => {
  const problems: ArchiveProblem[] = []
  const done: Copied[] = []
  const attempt = async (work: () => Promise<Copied>): Promise<void> => {
    try {
      done.push(await work())
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      problems.push({ file: error.file, message: error.message })
    }
  }
  const manifestKey = `${folder}${manifestName}`
  const signatureKey = `${folder}${signatureName}`
  const signed = keys.includes(signatureKey) ? await from.get(signatureKey) : undefined
  const manifest = keys.includes(manifestKey)
    ? await readManifest(manifestKey, { folder, signed, trusted }, from)
    : undefined
  if (manifest instanceof Refusal) problems.push({ file: manifest.file, message: manifest.message })
  else {
    const files = new Map(manifest?.files.map((file) => [`${folder}${file.name}`, file]))
    const there = new Set(await Array.fromAsync(to.list(folder)))
    const copy = (key: string) => attempt(() => copyObject(key, files.get(key), there.has(key), from, to))
    // Reports files that the manifest names but the archive lacks.
    const named = [...new Set([...keys, ...files.keys()])]
    await Promise.all(named.filter((key) => key !== manifestKey && key !== signatureKey).map(copy))
    if (keys.includes(signatureKey)) await copy(signatureKey)
    if (manifest && problems.length === 0) await copy(manifestKey)
  }
  return {
    folder,
    copied: done.filter(({ did }) => did === 'copied').length,
    there: done.filter(({ did }) => did === 'there').length,
    bytes: done.reduce((sum, { bytes }) => sum + bytes, 0),
    problems,
  }
}

type Proof = {
  readonly folder: string
  readonly signed: Uint8Array | undefined
  readonly trusted: readonly PublicKey[]
}

const readManifest = async (
  key: string,
  { folder, signed, trusted }: Proof,
  from: Archive,
): Promise<Manifest | Refusal> => {
  const bytes = await from.get(key)
  const refused = (why: string) => new Refusal(from.locate(key), `${why}, so nothing of its version was copied`)
  let manifest: Manifest
  try {
    manifest = manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (error) {
    return refused(`is no manifest (${messageOf(error)})`)
  }
  if (folder !== `reports/${manifest.report}/`) return refused(`is the manifest of ${manifest.report}`)
  if (signed === undefined || trusted.length === 0) return manifest
  if (trusted.some((one) => isSignedBy(one, bytes, signed))) return manifest
  const names = trusted.map(({ fingerprint }) => fingerprint.slice(0, 16)).join(', ')
  return refused(
    `is not signed by ${names}: it or ${signatureName} was changed, or another key has signed: name it by --key`,
  )
}

const copyObject = async (
  key: string,
  file: ManifestFile | undefined,
  isThere: boolean,
  from: Archive,
  to: Archive,
): Promise<Copied> => {
  const refused = (error: unknown): never => {
    throw refusalOf(error, { key, file, from, to })
  }
  const content = await contentIn(key, file, from).catch(refused)
  if (isThere) {
    const found = await measured(to.read(key))
    if (found.sha256 === content.sha256) return { did: 'there', bytes: found.size }
    throw new Refusal(to.locate(key), 'is there already with other bytes, and nothing is replaced')
  }
  const did = await to.put(key, content, file?.contentType ?? typeOf(key)).catch(refused)
  if (did === 'already-there') return { did: 'there', bytes: content.size }
  if (!isSameContent(await measured(to.read(key)), content)) {
    throw new Refusal(
      to.locate(key),
      'was written, and reads otherwise: check that disk or bucket, and delete the object',
    )
  }
  return { did: 'copied', bytes: content.size }
}

/** Content as the manifest describes it; reading verifies it. */
const contentIn = async (key: string, file: ManifestFile | undefined, from: Archive): Promise<Content> => {
  const sizeAndHash = file ? { size: file.bytes, sha256: file.sha256 } : await measured(from.read(key))
  return { ...sizeAndHash, pieces: () => from.read(key) }
}

type Copying = {
  readonly key: string
  readonly file: ManifestFile | undefined
  readonly from: Archive
  readonly to: Archive
}

const refusalOf = (error: unknown, { key, file, from, to }: Copying): unknown => {
  if (error instanceof ArchiveConflictError)
    return new Refusal(to.locate(key), 'is there already with other bytes, and nothing is replaced')
  if (error instanceof ArchiveMissingError) return new Refusal(from.locate(key), 'is missing: its manifest names it')
  if (error instanceof OtherContentError) {
    return new Refusal(
      from.locate(key),
      `has other bytes than its manifest states (SHA-256 ${file?.sha256}), and was not copied`,
    )
  }
  return error
}

const typeOf = (key: string): string => (key.endsWith('.json') ? 'application/json' : 'application/octet-stream')
