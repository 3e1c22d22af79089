import { isAtLeast, rangeIn, type StatedTotal } from '../../core/figures.ts'

export type Range = { readonly least: number; readonly most: number }

/** An estimate is read as its value: else nothing could be compared with it. */
export const rangeOf = (total: StatedTotal): Range => {
  const { value, qualifier } = total
  if (qualifier === 'about') return { least: value, most: value }
  return qualifier === 'at least about' ? { least: value, most: Number.POSITIVE_INFINITY } : rangeIn(total)
}

/** *above*: over the ordinary week, but under the floor. *unknown*: something not counted or given could change it. */
export type Reading = 'below' | 'within' | 'above' | 'unusual' | 'unknown'

type Tested = {
  readonly total: StatedTotal
  readonly floor: number
  readonly ordinary?: Range & { readonly minimums?: number }
  /** Why the figure is unusual. */
  readonly above?: string
}

/** A figure against its ordinary week, as every part of a page prints it. */
export const readingOf = ({ above, ordinary, total, floor }: Tested): Reading => {
  if (above) return 'unusual'
  if (!ordinary) return 'unknown'
  const { least, most } = rangeOf(total)
  if (least > ordinary.most) return most < floor ? 'above' : 'unknown'
  if (most < ordinary.least) return 'below'
  return least >= ordinary.least && most <= ordinary.most && !ordinary.minimums ? 'within' : 'unknown'
}

/** A minimum may be of any number above it. */
export const mayBeUnusual = ({ above, total }: Pick<Tested, 'above' | 'total'>): boolean => !above && isAtLeast(total)

/** Of several figures or weeks the highest; *unknown* of none. */
export const gravestReading = (readings: readonly Reading[]): Reading =>
  (['unusual', 'above', 'unknown', 'within', 'below'] as const).find((one) => readings.includes(one)) ?? 'unknown'

/** Of a figure that has become a minimum. */
export const asMinimumReads = (reading: Reading): Reading => (reading === 'unusual' ? reading : 'unknown')
