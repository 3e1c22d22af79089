import type { ReportWording } from '../../core/language/report-wording.ts'
import { markingSlug } from '../../core/marking.ts'
import type { SubjectCode } from '../../core/place/territory.ts'
import type { Facts } from '../../report/facts.ts'
import { versionName } from '../../report/manifest.ts'

/**
 * Returns the edition's page in the reading room. Without a room: the version's page in the archive, relative to a
 * folder of the same depth.
 */
export const hrefOf = (
  {
    territory,
    period,
    version,
  }: { readonly territory: SubjectCode; readonly period: string; readonly version: number },
  { cap, house: { room } }: Facts,
  { language }: Pick<ReportWording, 'language'>,
): string => {
  const path = `${territory}/${period}/${markingSlug(cap)}`
  return room === undefined
    ? `../../../../${path}/${versionName(version)}/report.${language}.html`
    : `${room}/room/${path}`
}
