/** Makes a correction of a JSON merge patch (RFC 7396) on a stored detection. */
import { faultAt } from '../../../domain/core/fault.ts'
import { isRecord } from '../../../domain/core/text/parse-json.ts'
import { byHandName, type Detection, readDetection } from '../../../domain/detection/detection.ts'
import { fieldsOf } from '../../../domain/detection/revisions/correction.ts'
import { largerSplits, placedBy } from '../../../intake/csv/apply-edit.ts'
import type { IntakeRecord } from '../../../intake/record/record.ts'
import { CorrectionWordError } from './correct-detection.ts'

/** Without fields that have parts with own markings, or that intake pseudonymises. */
export const patchFields = [
  ...(['title', 'summary', 'kind', 'claim', 'established', 'observed', 'territories', 'platforms', 'counts'] as const),
  ...(['campaign', 'observedEffect', 'breakout', 'narratives', 'hashtags', 'languages', 'techniques'] as const),
  ...(['confidence', 'reliability', 'credibility', 'marking'] as const),
]

export type Patch = { readonly [field in (typeof patchFields)[number]]?: unknown }

/** @throws CorrectionWordError */
export const applyPatch = (stored: Detection, patch: Patch, by: string): IntakeRecord => {
  const { revision: _, reported: __, ...base } = stored
  const observed = isRecord(patch.observed) ? { precision: null, ...patch.observed } : patch.observed
  const merged = merge(base, { ...patch, ...('observed' in patch && { observed }) })
  const read = readDetection({ ...(merged as object), detector: { name: byHandName, byHand: true } })
  if ('refusal' in read) throw new CorrectionWordError(faultAt(read.refusal.path, read.refusal))
  const counts = patch.counts === null ? fieldsOf({ counts: stored.counts }) : []
  const fields = [...fieldsOf(patch).filter((field) => field !== 'counts'), ...counts]
  const splits = largerSplits(stored, read.detection, fields).filter((field) => !fields.includes(field))
  const kept = Object.entries(read.detection.counts).filter(([name]) => !splits.includes(`counts.${name}`))
  const detection = placedBy(by, { ...read.detection, counts: Object.fromEntries(kept) }, stored)
  return { detection, correction: { fields: [...fields, ...splits], kind: 'correction' } }
}

/** No field of a detection is deeper. */
const maxDepth = 8

const merge = (target: unknown, patch: unknown, depth = 0): unknown => {
  if (!isRecord(patch) || depth === maxDepth) return patch
  const base = isRecord(target) ? target : {}
  const given = Object.entries(patch).filter(([, value]) => value !== null)
  const kept = Object.entries(base).filter(([name]) => !Object.hasOwn(patch, name))
  return Object.fromEntries([...kept, ...given.map(([name, value]) => [name, merge(base[name], value, depth + 1)])])
}
