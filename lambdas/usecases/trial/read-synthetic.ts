import { type Archive, ArchiveMissingError } from '../../archive/archive.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { manifestName } from '../../domain/report/manifest.ts'
import { type SyntheticManifest, syntheticManifestSchema } from '../../domain/report/synthetic.ts'

/** Printed or archived content is wrong; a retry would not help. */
export class SyntheticFaultError extends Error {
  override name = 'SyntheticFaultError'
}

/** @throws SyntheticFaultError where the trial has no manifest */
export const readSyntheticManifest = async (folder: string, archive: Archive): Promise<SyntheticManifest> => {
  try {
    const bytes = await archive.get(`${folder}${manifestName}`)
    return syntheticManifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (error) {
    if (!(error instanceof ArchiveMissingError)) throw error
    throw new SyntheticFaultError(`${folder} is not there, or gone by now: drop the message (vigie redrive --drop)`)
  }
}

/** @throws SyntheticFaultError where the bytes differ from those made */
export const readSynthetic = async (
  folder: string,
  { files }: Pick<SyntheticManifest, 'files'>,
  name: string,
  archive: Archive,
): Promise<Uint8Array> => {
  const bytes = await archive.get(`${folder}${name}`)
  const made = files.find((file) => file.name === name)
  if (made && sha256(bytes) === made.sha256) return bytes
  throw new SyntheticFaultError(`${archive.locate(`${folder}${name}`)} has other bytes than were archived`)
}
