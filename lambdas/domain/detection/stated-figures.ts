import {
  type AddedFigure,
  type Adder,
  adder,
  amountIn,
  type DayNumber,
  isEstimate,
  nothing,
  qualifierOf,
  type Sum,
  take,
  unknown,
} from '../core/figures.ts'
import type { Counts, Detection, Figure } from './detection.ts'

type Stated = Pick<Detection, 'kind' | 'counts'> & {
  /** Local days of the first and the last observation, where known. */
  readonly day: string | undefined
  readonly lastDay: string | undefined
}

export const hasAccounts = ({ kind }: Pick<Detection, 'kind'>): boolean =>
  kind !== 'offline-event' && kind !== 'infrastructure'

export const ownSum = (stated: Stated, figure: AddedFigure): Sum => {
  const { counts, day, lastDay } = stated
  const given = counts[figure]
  const byDay = splitByDay(counts.byDay, figure)
  const onPlatforms = platformTotal(counts, figure)
  if (!given && byDay.length === 0 && onPlatforms === undefined) return hasAccounts(stated) ? unknown : nothing
  const split = Math.max(total(byDay), onPlatforms?.value ?? 0)
  const isEstimated =
    total(byDay) === split
      ? byDay.some(([, , qualifier]) => isEstimate({ qualifier }))
      : (onPlatforms?.isEstimated ?? false)
  const isOfOneDay = day !== undefined && day === lastDay
  return {
    known: Math.max(given?.value ?? 0, split),
    qualifier: given && given.value >= split ? given.qualifier : qualifierOf(true, isEstimated),
    notDue: false,
    // With a single day, the whole figure belongs to it, whatever the split omits.
    byDay: isOfOneDay ? day : byDay,
  }
}

export const states = ({ counts }: { readonly counts: Counts }, figure: AddedFigure): boolean =>
  counts[figure] !== undefined ||
  (counts.byDay?.some((row) => row[figure]) ?? false) ||
  (counts.byPlatform?.some((row) => row[figure]) ?? false)

/** Unstated is unknown, not zero, if any detection has accounts that may have posted. */
export const unstated = (all: Iterable<Pick<Detection, 'kind'>>): Sum => {
  for (const one of all) if (hasAccounts(one)) return unknown
  return nothing
}

const splitByDay = (rows: Counts['byDay'], figure: AddedFigure): readonly DayNumber[] => {
  if (!rows || rows.length === 0) return []
  const table = new Map<string, Adder>()
  for (const row of rows) {
    const given = row[figure]
    if (!given) continue
    const day = table.get(row.day) ?? adder()
    table.set(row.day, day)
    take(day, { known: given.value, qualifier: given.qualifier, notDue: false })
  }
  return [...table].map(([day, added]) => {
    const { known = 0, qualifier } = amountIn(added)
    return [day, known, qualifier]
  })
}

const platformTotal = (
  { byPlatform = [] }: Counts,
  figure: AddedFigure,
): { readonly value: number; readonly isEstimated: boolean } | undefined => {
  const given = byPlatform.flatMap(({ [figure]: one }: Row) => one ?? [])
  if (given.length === 0) return undefined
  return { value: given.reduce((sum, { value }) => sum + value, 0), isEstimated: given.some(isEstimate) }
}

type Row = { readonly [figure in AddedFigure]?: Figure | undefined }

const total = (split: readonly DayNumber[]): number => split.reduce((sum, [, value]) => sum + value, 0)
