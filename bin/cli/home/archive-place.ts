import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { archiveFolder } from '../../../lambdas/archive/archive.local.ts'
import { archiveBucket } from '../../../lambdas/archive/archive.s3.ts'
import type { Archive } from '../../../lambdas/archive/archive.ts'
import type { PublicKey } from '../../../lambdas/domain/report/signature.ts'
import { kmsSigner } from '../../../lambdas/keys/signer.kms.ts'
import { openSigner, signingKeyFileName } from '../../../lambdas/keys/signer.local.ts'
import { refusalOfRoot } from '../../../lambdas/store/embedded/owner.ts'

export type ArchivePlace =
  | { readonly kind: 'home'; readonly folder: string }
  | { readonly kind: 'stage'; readonly name: string; readonly region?: string }
  | { readonly kind: 'bucket'; readonly name: string }

const forms =
  /^(?:home(?::(?<folder>.+))?|stage:(?<stage>[a-z][a-z0-9-]{0,19})(?:@(?<region>[a-z0-9-]+))?|s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?)$/

/** @throws Error for invalid words */
export const parseArchivePlace = (words: string, home: string): ArchivePlace => {
  const { folder, stage, region, bucket } = forms.exec(words)?.groups ?? {}
  if (bucket !== undefined) return { kind: 'bucket', name: bucket }
  if (stage !== undefined) return { kind: 'stage', name: stage, ...(region !== undefined && { region }) }
  if (folder !== undefined || words === 'home') return { kind: 'home', folder: resolve(folder ?? home) }
  throw new Error(
    `${JSON.stringify(words)} is no place of an archive: write home, home:FOLDER, stage:NAME, stage:NAME@REGION or s3://BUCKET`,
  )
}

/**
 * Opens an archive. A bucket's region is detected.
 * @throws Error
 */
export const openArchivePlace = async (
  place: ArchivePlace,
  { mustBeThere }: { readonly mustBeThere: boolean },
): Promise<{
  readonly archive: Archive
  /** Undefined for a bucket alone. */
  key(): Promise<PublicKey | undefined>
  close(): void
}> => {
  if (place.kind === 'home') {
    const folder = join(place.folder, 'archive')
    const found = await stat(folder).catch(() => undefined)
    if (mustBeThere && !found?.isDirectory())
      throw new Error(`${folder} is no folder: name the data folder of the archive`)
    const refusal = mustBeThere ? undefined : refusalOfRoot(place.folder)
    if (refusal) throw refusal
    const hasKey = existsSync(join(place.folder, signingKeyFileName))
    return {
      archive: archiveFolder(folder),
      key: async () => (hasKey ? openSigner(place.folder).publicKey() : undefined),
      close: () => undefined,
    }
  }
  const { outputsOf } = await import('./stage.ts')
  const region = place.kind === 'stage' ? place.region : undefined
  const outputs = place.kind === 'stage' ? await outputsOf(place.name, region) : undefined
  const bucket = outputs?.ArchiveBucket ?? place.name
  const archive = archiveBucket({ followRegionRedirects: true, ...(region !== undefined && { region }) }, bucket)
  const signer = outputs && kmsSigner(outputs.SigningKey, region)
  return {
    archive,
    key: async () => signer?.publicKey(),
    close: () => {
      archive.close()
      signer?.close()
    },
  }
}
