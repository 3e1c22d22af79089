/** First half of the daily trial: makes, checks and archives its report. */

import { unlessMissing } from '../../archive/archive.ts'
import { messageOfFault, several } from '../../domain/core/fault.ts'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import { builtInDisarm } from '../../domain/detection/frameworks/disarm-built-in.ts'
import { syntheticDetections, syntheticEdition, syntheticReport } from '../../domain/page/synthetic-report.ts'
import { manifestName } from '../../domain/report/manifest.ts'
import type { SyntheticMessage } from '../../domain/report/messages.ts'
import { signatureName } from '../../domain/report/signature.ts'
import { type SyntheticManifest, syntheticFolder } from '../../domain/report/synthetic.ts'
import { csvTable } from '../../render/exports/csv.ts'
import { spilledContent } from '../../render/exports/spilled-content.ts'
import { renderFiles, templatesSha256 } from '../../render/render.ts'
import { archiveSignature, fileEntry } from '../reports/generate-report.ts'
import type { Services } from '../services.ts'
import { readSynthetic, SyntheticFaultError } from './read-synthetic.ts'

type SyntheticServices = Pick<Services, 'archive' | 'organisation' | 'printer' | 'program' | 'signer' | 'templates'>

/**
 * Makes the trial due at an instant once; its manifest is the commit mark. Delivery is notified even if it was made
 * before.
 * @throws SyntheticFaultError where the publish gate would hold such a report; nothing is archived then
 */
export const makeSynthetic = async (
  message: SyntheticMessage,
  services: SyntheticServices,
  deliver: (message: SyntheticMessage) => Promise<void>,
): Promise<'made' | 'stands'> => {
  const folder = syntheticFolder(message.scheduledAt)
  const exists = await unlessMissing(() => services.archive.get(`${folder}${manifestName}`))
  if (!exists) await make(message, folder, services)
  await deliver(message)
  return exists ? 'stands' : 'made'
}

const make = async ({ scheduledAt }: SyntheticMessage, folder: string, services: SyntheticServices): Promise<void> => {
  const { archive, organisation, printer, program } = services
  const templates = services.templates()
  const asOf = new Date(scheduledAt).toISOString()
  const detections = syntheticDetections()
  const report = syntheticReport(detections, { asOf, taxonomy: builtInDisarm, house: organisation })
  const csv = csvTable(syntheticEdition)
  for (const one of detections) csv.add(one)
  const rows = spilledContent(csv.pieces())
  csv.close()
  const { files, faults } = await renderFiles(report, rows, printer, templates, (_, work) => work())
  if (faults.length > 0) {
    throw new SyntheticFaultError(
      `the publish gate would hold a report that is made now: ${messageOfFault(several(faults))}`,
    )
  }
  const manifest: SyntheticManifest = {
    schema: 'vigie-synthetic/1',
    scheduledAt: asOf,
    program,
    templatesSha256: templatesSha256(templates),
    files: files.map(fileEntry),
  }
  const bytes = new TextEncoder().encode(`${canonicalJson(manifest)}\n`)
  for (const { name, content, contentType } of files) await archive.put(`${folder}${name}`, content, contentType)
  await archiveSignature(`${folder}${signatureName}`, bytes, services)
  for (const { name } of files) await readSynthetic(folder, manifest, name, archive)
  await archive.put(`${folder}${manifestName}`, bytes, 'application/json')
}
