import type { Marking } from '../../../domain/core/marking.ts'
import { isFlashCode } from '../../../domain/core/place/territory.ts'
import { recallText } from '../../../domain/report/version.ts'
import type { Services } from '../../services.ts'
import { newestOfNote, type VersionOfNote } from './list-flash.ts'

/** @throws Error where the key is invalid or no version may be sent */
export const notesNamed = async (
  { key, cap }: { readonly key: string; readonly cap?: Marking | undefined },
  services: Pick<Services, 'reports'>,
): Promise<readonly [VersionOfNote, ...VersionOfNote[]]> => {
  const code = key.trim().toLowerCase()
  if (!isFlashCode(code)) throw new Error(`${JSON.stringify(key)} is no key of a flash note: vigie flash list has them`)
  const [first, ...others] = (await newestOfNote(code, services)).filter((one) => cap === undefined || one.cap === cap)
  if (first) return [first, ...others]
  const all = await Array.fromAsync(services.reports.all({ territory: code }))
  const last = all.findLast((one) => one.recalled && (cap === undefined || one.cap === cap))?.recalled
  if (last) throw new Error(`${code} was recalled (${recallText(last)}): nothing of it waits or may be sent`)
  throw new Error(`no flash note ${code} was made in this edition: vigie flash list has those there are`)
}
