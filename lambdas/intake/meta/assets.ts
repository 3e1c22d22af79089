/** What Meta's prose says of a network's accounts: how many, on which platforms, and whether there are more. */
import type { DetectionInput, Figure, Qualifier } from '../../domain/detection/detection.ts'
import { CellError, figureIn } from '../table/cells.ts'

/** A count of accounts with the platforms that it covers together. */
export type AccountCount = { readonly figure: Figure; readonly platforms: readonly string[] }

const platformNames: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Facebook', /\bfacebook\b/i],
  ['Instagram', /\binstagram\b/i],
  ['Threads', /\bThreads\b/],
  ['X', /\btwitter\b|\bX\b/i],
  ['YouTube', /\byoutube\b/i],
  ['TikTok', /\btiktok\b/i],
  ['Telegram', /\btelegram\b/i],
  ['WhatsApp', /\bwhatsapp\b/i],
  ['VK', /\bvk\b|\bvkontakte\b/i],
  ['Reddit', /\breddit\b/i],
  ['LinkedIn', /\blinkedin\b/i],
  ['Discord', /\bdiscord\b/i],
]

/** Platforms that words name; underscores part words too. */
export const platformsIn = (words: string): readonly string[] => {
  const text = words.replaceAll('_', ' ')
  return platformNames.filter(([, pattern]) => pattern.test(text)).map(([name]) => name)
}

/** A count of accounts has no more words than these. */
const maxCountChars = 200

/**
 * "658 accounts", "3 Instagram accounts", "About 120 accounts on Facebook and Instagram": the whole of a cell and
 * nothing else, so that accounts which follow the network are not counted as its own. Misspellings of Meta's files are
 * read.
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
    if (error instanceof CellError) return undefined // no number after all: it stays prose
    throw error
  }
}

/**
 * Figures of a network's accounts. Accounts of two platforms are different ones and add up; of two counts of the same
 * platforms, at least the larger holds. `listed` are platforms of accounts that are named one by one: where these are
 * not in a count, the sum is a floor.
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
