import type { DetectionInput, Figure, Qualifier } from '../../domain/detection/detection.ts'
import { platformsIn } from '../record/platforms.ts'
import { CellError, figureIn } from '../table/cells.ts'

export type AccountCount = { readonly figure: Figure; readonly platforms: readonly string[] }

const maxCountChars = 200

/**
 * Matches whole cells such as "About 120 accounts on Facebook and Instagram", so that accounts that follow the network
 * are not counted. Accepts misspellings in Meta's files.
 */
export const accountsIn = (cell: string, procedure: string): AccountCount | undefined => {
  if (cell.length > maxCountChars) return undefined
  const found = /^(\D*?\d[\d ,.\u00a0\u202f]*?)\s+(?:([\p{L}/ ]+?)\s+)?ac+ounts?(?:\s+on\s+(.+?))?\s*\.?$/iu.exec(cell)
  const [, count, before = '', on = ''] = found ?? []
  if (count === undefined) return undefined
  const named = platformsIn(`${before} ${on}`)
  if (on && named.length === 0) return undefined
  try {
    const figure = figureIn(count.trim(), '.')
    return figure && { figure, platforms: named.length > 0 ? named : platformsIn(procedure) }
  } catch (error) {
    if (error instanceof CellError) return undefined // no number: it stays prose
    throw error
  }
}

/**
 * Counts of different platforms add up; of two counts of the same platforms, the larger is a floor. `listed` holds
 * platforms of individually named accounts: the sum is a floor where a count omits them.
 */
export const countsOf = (
  all: readonly AccountCount[],
  listed: ReadonlySet<string>,
): NonNullable<DetectionInput['counts']> => {
  const byPlatform = new Map<string, Figure>()
  let combined: Figure | undefined
  for (const { figure, platforms } of all) {
    const [platform] = platforms
    if (platform !== undefined && platforms.length === 1) {
      byPlatform.set(platform, larger(byPlatform.get(platform), figure))
    } else combined = larger(combined, figure)
  }
  const figures = [...byPlatform.values()]
  const sum = figures.reduce((whole, { value }) => whole + value, 0)
  const isMore = [...listed].some((platform) => !byPlatform.has(platform))
  const counted: Figure | undefined =
    combined && combined.value >= sum
      ? combined
      : figures.length > 0
        ? { value: sum, qualifier: loosest(figures, isMore) }
        : undefined
  if (!counted) return {}
  return {
    accounts: counted,
    ...(figures.length > 0 && {
      byPlatform: [...byPlatform].sort(byName).map(([platform, accounts]) => ({ platform, accounts })),
    }),
  }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

const larger = (known: Figure | undefined, given: Figure): Figure => {
  if (!known || (known.value === given.value && known.qualifier === given.qualifier)) return given
  return { value: Math.max(known.value, given.value), qualifier: 'at least' }
}

const loosest = (figures: readonly Figure[], isMore: boolean): Qualifier => {
  if (isMore || figures.some(({ qualifier }) => qualifier === 'at least')) return 'at least'
  return figures.some(({ qualifier }) => qualifier === 'about') ? 'about' : 'exact'
}
