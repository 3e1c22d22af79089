/**
 * Published editions state floors throughout; others where their period, or a compared one, has something above the
 * cap.
 */
import type { Across } from '../aggregate/across.ts'
import type { Contribution } from '../aggregate/counting/counted-detection.ts'
import { asAtLeast, type PeriodLevel } from '../aggregate/level/level.ts'
import { asMinimumReads } from '../aggregate/level/reading.ts'
import type { GroupFacts } from '../aggregate/members.ts'
import { noDayKnown, type Watched, widenedFigures } from '../aggregate/subject-watch.ts'
import type { SharesBefore, Tally, Totals } from '../aggregate/tally.ts'
import { asMinimum, widened, type WideningReason } from '../core/figures.ts'
import { isPublicCap, type Marking } from '../core/marking.ts'
import { canonicalJson, sha256 } from '../core/text/canonical.ts'
import type { Detection } from '../detection/detection.ts'
import type { DossierFacts } from '../dossier/dossier.ts'
import type { RevisedPeriod } from './changes.ts'
import type { Edition } from './manifest.ts'

type Revision = Pick<Contribution, 'id' | 'revision'>

type Claim = Revision & Partial<Pick<Detection, 'actor' | 'observedEffect'>>

type Shown = {
  readonly manoeuvres: readonly (Claim & { readonly parts: readonly Claim[] })[]
  readonly ongoing: readonly Claim[]
  readonly undatedHere: readonly Claim[]
  readonly unlisted: { readonly manoeuvres: number; readonly ongoing: number; readonly undatedHere: number }
  readonly contributing: Iterable<Revision>
}

/**
 * Hashes the report's claims (attributions, observed effects), for which the organisation answers after publication.
 * With unlisted detections, all count as claims.
 *
 * @returns undefined where there is no claim
 */
export const claimsOf = ({ manoeuvres, ongoing, undatedHere, unlisted, contributing }: Shown): string | undefined => {
  const listed = [...manoeuvres.flatMap((one) => [one, ...one.parts]), ...ongoing, ...undatedHere]
  const isWhole = unlisted.manoeuvres + unlisted.ongoing + unlisted.undatedHere === 0
  const claims: readonly Revision[] = isWhole
    ? listed.filter(({ actor, observedEffect }) => actor !== undefined || observedEffect?.state === 'observed')
    : [...contributing]
  if (claims.length === 0) return undefined
  return sha256(canonicalJson(claims.map(({ id, revision }) => `${id} ${revision}`).sort()))
}

const reasonsFor = (cap: Marking, isHiding: boolean): readonly WideningReason[] => {
  if (isPublicCap(cap)) return ['public edition']
  return isHiding ? ['something above the cap'] : []
}

type Before = {
  readonly period: string
  readonly totals: Totals
  readonly shares?: SharesBefore | undefined
  readonly isHiding?: true
}

type Figures = {
  readonly edition: Edition
  readonly tally: Tally
  readonly before: readonly Before[]
  readonly level?: PeriodLevel | undefined
  readonly group?: GroupFacts | undefined
  readonly across: readonly Across[]
  readonly dossier?: DossierFacts | undefined
  readonly revisedBefore: readonly RevisedPeriod[]
}

/** Words such as *unusual* hold only for this edition. Published text never shows whether something is hidden. */
export const holdsOfEditionAlone = ({ edition: { cap }, tally, before, level, group }: Figures): boolean =>
  !isPublicCap(cap) &&
  (tally.withheld > 0 ||
    before.some(({ isHiding }) => isHiding) ||
    [level, ...(group?.rows ?? []).map((row) => row.level)].some((one) => one?.isHiding || one?.ofEditionAlone))

/** Widens figures to what the edition may state. The snapshot is taken before: later hiding makes no new version. */
export const asStated = <Material extends Figures>(material: Material): Material => {
  const { edition, tally, before, level, group, across, dossier, revisedBefore } = material
  const own = reasonsFor(edition.cap, tally.withheld > 0)
  const wide = <Some extends Watched>(figures: Some, isHiding = false): Some =>
    widenedFigures(figures, reasonsFor(edition.cap, isHiding), noDayKnown)
  const hiding = new Set(before.flatMap(({ period, isHiding }) => (isHiding ? [period] : [])))
  return {
    ...material,
    tally: wide(tally, tally.withheld > 0),
    before: before.map((one) => {
      const { totals, ...shares } = wide({ totals: one.totals, ...one.shares }, one.isHiding)
      return { ...one, totals, ...(one.shares && { shares }) }
    }),
    ...(level && { level: statedLevel(level, edition.cap, tally.withheld > 0) }),
    ...(group && {
      group: {
        ...group,
        rows: group.rows.map(({ isHiding, level: ofRow, ...row }) => ({
          ...wide(row, isHiding),
          ...(ofRow && { level: statedLevel(ofRow, edition.cap, isHiding) }),
        })),
      },
    }),
    across: across.map((one) => ({
      ...one,
      rows: one.rows.map((row) => ({
        ...row,
        posts: widened(row.posts, own),
        ...(row.accounts && { accounts: widened(row.accounts, own) }),
      })),
      total: { ...one.total, posts: widened(one.total.posts, own) },
    })),
    ...(dossier && {
      dossier: {
        ...dossier,
        steps: dossier.steps.map((step) => ({
          ...step,
          totals: { ...step.totals, posts: widened(step.totals.posts, own) },
        })),
      },
    }),
    revisedBefore: revisedBefore.map((one) => {
      const reasons = reasonsFor(edition.cap, hiding.has(one.period))
      const figures = one.figures.map((change) => ({
        ...change,
        before: widened(change.before, reasons),
        after: widened(change.after, reasons),
      }))
      return { ...one, figures }
    }),
  }
}

const statedLevel = ({ isHiding, ...level }: PeriodLevel, cap: Marking, isHidingOwn = false): PeriodLevel => {
  const { weeks } = level
  const each = weeks?.each.map(({ isHiding: isWeekHiding = false, ...week }) => {
    const reasons = reasonsFor(cap, isWeekHiding)
    const posts = widened(week.posts, reasons)
    return reasons.length === 0 ? week : { ...asAtLeast(week), posts, reading: asMinimumReads(week.reading) }
  })
  const stated = { ...level, ...(weeks && each && { weeks: { ...weeks, each } }) }
  if (reasonsFor(cap, isHiding === true || isHidingOwn).length === 0) return stated
  // A longer period has the tests of one week.
  const gravest = weeks?.each.find(({ period }) => period === weeks.gravest)
  const isTestWhole = gravest !== undefined && reasonsFor(cap, gravest.isHiding === true).length === 0
  return {
    ...asAtLeast(stated),
    tests: isTestWhole ? level.tests : level.tests.map((test) => ({ ...test, total: asMinimum(test.total) })),
  }
}
