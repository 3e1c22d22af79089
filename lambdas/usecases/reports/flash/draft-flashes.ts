/** Drafts flash notes by rule, from detections first stored in the last 48 hours. Idempotent. */
import { isFlashCode } from '../../../domain/core/place/territory.ts'
import { plural } from '../../../domain/core/text/plural.ts'
import { messageOf } from '../../../domain/core/text/thrown.ts'
import { isHeld } from '../../../domain/core/time/instants.ts'
import type { Detection } from '../../../domain/detection/detection.ts'
import { draftCap, draftWindowMs, type MadeBefore, mayDraft, reasonsFor } from '../../../domain/flash/draft-rule.ts'
import { type Draft, type DraftReason, type DraftRule, usualDraftRule } from '../../../domain/flash/draft-schema.ts'
import { flashCode, placesOf } from '../../../domain/flash/flash.ts'
import { isFresh } from '../../../domain/flash/fresh.ts'
import { makingLeaseMs } from '../../../domain/report/version.ts'
import type { VersionEntry } from '../../../store/reports/reports.ts'
import type { Services } from '../../services.ts'
import { generateReport, HeldReportError } from '../generate-report.ts'
import { flashAsked } from './ask-flash.ts'

export type DraftMade = {
  readonly key: string
  readonly cap: string
  readonly reasons: readonly DraftReason[]
  /** Why the publish gate holds it. */
  readonly held?: string
}

export type Drafting = {
  readonly drafts: readonly DraftMade[]
  readonly failed: readonly { readonly key: string; readonly message: string }[]
}

type DraftServices = Services & { readonly flashDrafts: DraftRule }

const none: Drafting = { drafts: [], failed: [] }

const atOnce = 500

/** Reads nothing where drafts are off. A failed note does not stop the others. */
export const draftFlashes = async (services: Services): Promise<Drafting> => {
  const { flashDrafts = usualDraftRule } = services
  if (!flashDrafts) return none
  const wanted = await wantedBy({ ...services, flashDrafts })
  if (wanted.length === 0) return none
  const made = await notesThere(services)
  const drafts: DraftMade[] = []
  const failed: Drafting['failed'][number][] = []
  for (const one of wanted) {
    const key = flashCode([one.draft.of], placesOf([one.detection]))
    if (!mayDraft(made.about(one.draft.of, key, draftCap(one.detection.marking)), one.draft.revision)) continue
    try {
      const draft = await draftOf(one, services)
      if (draft) drafts.push(draft)
    } catch (error) {
      failed.push({ key, message: messageOf(error) })
    }
  }
  return { drafts, failed }
}

/** For a queue that retries. @throws Error where a note could not be made */
export const draftFlashesOrFail = async (services: Services): Promise<Drafting> => {
  const drafting = await draftFlashes(services)
  const { failed } = drafting
  if (failed.length === 0) return drafting
  throw new Error(
    `${plural(failed.length, 'draft')} could not be made: ${failed.map(({ key, message }) => `${key}: ${message}`).join('; ')}`,
  )
}

type Wanted = { readonly detection: Detection; readonly draft: Draft }

const draftOf = async ({ detection, draft }: Wanted, services: Services): Promise<DraftMade | undefined> => {
  const { reasons } = draft
  const request = await flashAsked([draft.of], { cap: draftCap(detection.marking) }, services)
  const about = { key: request.territory, cap: request.cap, reasons }
  try {
    const { isNew } = await generateReport({ ...request, flash: { ...request.flash, draft } }, services)
    return isNew ? about : undefined
  } catch (error) {
    if (error instanceof HeldReportError) return { ...about, held: error.message }
    throw error
  }
}

const wantedBy = async ({ flashDrafts, batches, detections, clock }: DraftServices): Promise<readonly Wanted[]> => {
  const now = clock()
  const since = new Date(now.getTime() - draftWindowMs).toISOString()
  const ids = new Set<string>()
  for (const { name, storedAt } of await batches.list()) {
    if (storedAt < since) break
    for await (const { fresh = [] } of batches.steps(name)) for (const id of fresh) ids.add(id)
  }
  const wanted: Wanted[] = []
  const sorted = [...ids].sort()
  for (let at = 0; at < sorted.length; at += atOnce) {
    for (const [id, { status, territories, revision, body }] of await detections.stored(
      sorted.slice(at, at + atOnce),
    )) {
      if (status !== 'active' || territories.length === 0) continue
      const detection = { ...(await body()), territories: [...territories] }
      const reasons = reasonsFor(detection, flashDrafts)
      if (reasons.length === 0) continue
      const first = (await detections.history(id))[0]?.storedAt
      // Skips old detections that were only stored again.
      if (first === undefined || first < since || !isFresh(detection.observed, new Date(first))) continue
      wanted.push({ detection, draft: { of: id, revision, reasons } })
    }
  }
  return wanted
}

const notesThere = async ({ reports, clock }: Pick<Services, 'reports' | 'clock'>) => {
  const entries: VersionEntry[] = []
  const now = clock().toISOString()
  for (const code of await reports.flashes()) {
    for await (const entry of reports.all({ territory: code })) {
      const isBeingMade = entry.state === 'claimed' && isHeld(entry.leaseUntil, makingLeaseMs, now)
      if (entry.published || entry.held || isBeingMade) entries.push(entry)
    }
  }
  return {
    /** Only the draft's own edition counts, so that a stricter one reveals nothing. */
    about: (id: string, key: string, cap: string): readonly MadeBefore[] =>
      entries.flatMap(({ territory, cap: edition, draft, published, held, recalled }) => {
        const ids = (published ?? held)?.flash?.ids ?? (draft ? [draft.of] : [])
        const isAbout = isFlashCode(territory) && (territory === key || ids.includes(id))
        return edition === cap && isAbout ? [{ draft, isRecalled: recalled !== undefined }] : []
      }),
  }
}
