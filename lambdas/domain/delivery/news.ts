import { isSameJson } from '../core/text/canonical.ts'
import { type Facts, maxListed } from '../report/facts.ts'

const comparedFields = [
  ...['marking', 'quiet', 'notes', 'totals', 'before', 'headlines', 'days', 'undated', 'spans', 'joint', 'group'],
  ...['dossier', 'platforms', 'kinds', 'campaigns', 'hashtags', 'narratives', 'languages', 'disarm', 'manoeuvres'],
  ...['ongoing', 'undatedHere', 'effects', 'plates', 'unlisted', 'revisedBefore', 'since', 'candidates'],
  ...['withheld'],
] as const satisfies readonly (keyof Facts)[]

/** Not news for readers. */
const passedOver: ReadonlySet<string> = new Set(['revision', 'corrected', 'watch', 'published', 'paused'])

type Archived = Pick<Facts, (typeof comparedFields)[number] | 'contributing' | 'level'>

/** Compares neither other territories nor how the level was found. */
export const isSameForReaders = (before: Archived, after: Archived): boolean =>
  before.level?.value === after.level?.value &&
  comparedFields.every((part) => isSameJson(comparableValue(before[part]), comparableValue(after[part]))) &&
  // The texts of unlisted detections are only in detections.csv.
  (isListed(after) || isSameJson([...before.contributing], [...after.contributing]))

const isListed = ({ unlisted, manoeuvres }: Archived): boolean =>
  unlisted.manoeuvres + unlisted.ongoing + unlisted.undatedHere === 0 &&
  manoeuvres.every(({ parts }) => parts.length < maxListed)

const comparableValue = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(comparableValue)
  if (typeof value !== 'object' || value === null) return value ?? null
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !passedOver.has(name))
      .map(([name, inner]) => [name, comparableValue(inner)]),
  )
}
