/** The figures that a detection states by itself: whole, by day and by platform. */
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

/** The detection's own facts on which a figure rests. */
type Stated = Pick<Detection, 'kind' | 'counts'> & {
  /** The local days of the first and of the last observation, where days are known. */
  readonly day: string | undefined
  readonly lastDay: string | undefined
}

/** An offline event and a set of domains have no accounts that post. */
export const hasAccounts = ({ kind }: Pick<Detection, 'kind'>): boolean =>
  kind !== 'offline-event' && kind !== 'infrastructure'

/** What a detection alone says of a figure. */
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
    // On its only day is all that it states, whatever its split leaves out.
    byDay: isOfOneDay ? day : byDay,
  }
}

/** True where a detection states a figure, whole or split. */
export const states = ({ counts }: { readonly counts: Counts }, figure: AddedFigure): boolean =>
  counts[figure] !== undefined ||
  (counts.byDay?.some((row) => row[figure]) ?? false) ||
  (counts.byPlatform?.some((row) => row[figure]) ?? false)

/** No figure that anybody states, where some have accounts that may have posted, is not a figure of zero. */
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

/** Undefined where no platform's row states the figure. */
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
