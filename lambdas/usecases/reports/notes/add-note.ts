/** Checks and stores an analyst's note, which cannot be edited later. */
import {
  type CampaignCode,
  type FlashCode,
  isCampaignCode,
  isFlashCode,
  type SubjectCode,
} from '../../../domain/core/place/territory.ts'
import { isSameJson } from '../../../domain/core/text/canonical.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { keyOfCampaign } from '../../../domain/detection/campaigns.ts'
import type { Note } from '../../../domain/report/note.ts'
import type { Services } from '../../services.ts'
import { readPeriod } from '../reading/read-period.ts'

/**
 * A repeated command adds nothing: the author's last note, without a newer version since.
 * @throws Error with all faults
 */
export const addNote = async (about: SubjectCode, note: Note, services: Services): Promise<void> => {
  const faults = isCampaignCode(about)
    ? await dossierFaults(about, services)
    : isFlashCode(about)
      ? await flashFaults(about, note, services)
      : await endedFaults(about, note, services)
  if (faults.length > 0) throw new Error(faults.join('; '))
  if (!(await isRepeated(about, note, services))) await services.notes.add(note)
}

const isRepeated = async (about: SubjectCode, note: Note, { notes, reports }: Services): Promise<boolean> => {
  const all = await notes.about(about, note.period)
  const last = all.findLast(({ author }) => author === note.author)
  if (!last || !isSameJson({ ...note, writtenAt: last.writtenAt }, last)) return false
  for await (const { asOf } of reports.all({ territory: about, period: note.period }))
    if (asOf > last.writtenAt) return false
  return true
}

const dossierFaults = async (code: CampaignCode, { reports }: Services): Promise<readonly string[]> =>
  (await reports.campaignName(code)) === undefined
    ? [`no dossier has the key ${code}: make it first, by vigie dossier and the campaign's name`]
    : []

const flashFaults = async (
  code: FlashCode,
  { period, ended = [] }: Note,
  { reports }: Services,
): Promise<readonly string[]> => {
  const periods = new Set<string>()
  for await (const entry of reports.all({ territory: code })) periods.add(entry.period)
  if (periods.size === 0) return [`no flash note has the key ${code}: make it first, by vigie flash and its detections`]
  return [
    ...(periods.has(period) ? [] : [`the flash note ${code} is of ${[...periods].join(', ')}, not of ${period}`]),
    ...(ended.length > 0 ? ['a flash note does not state what has ended: the report of its week does'] : []),
  ]
}

const endedFaults = async (
  territory: SubjectCode,
  { period: written, ended = [], writtenAt }: Note,
  services: Services,
): Promise<readonly string[]> => {
  if (ended.length === 0) return []
  const period = parsePeriod(written)
  const edition = { territory, period, cap: 'TLP:RED' } as const
  const { counted } = await readPeriod(edition, writtenAt, services, { keep: false })
  const { added = [], goesOn = [] } = counted.since ?? {}
  const active = new Set(
    [...added, ...goesOn].map(({ campaign, lead }) => (campaign === undefined ? lead.id : keyOfCampaign(campaign))),
  )
  const faults: string[] = []
  for (const name of ended) {
    if (active.has(keyOfCampaign(name)) || active.has(name)) {
      faults.push(`${name} is seen in ${period.id}: it has not ended there`)
    } else if (!(await isStored(name, writtenAt, services))) {
      faults.push(
        `nothing stored is of a campaign ${JSON.stringify(name)}, nor has this id: spell it as the report does`,
      )
    }
  }
  return faults
}

const isStored = async (name: string, now: string, { detections }: Services): Promise<boolean> => {
  const { linked } = await detections.linked({ kind: 'campaign', value: name.trim() }, now, {
    cap: 'TLP:RED',
    before: now,
    most: 1,
  })
  return linked.length > 0 || (await detections.stored([name])).size > 0
}
