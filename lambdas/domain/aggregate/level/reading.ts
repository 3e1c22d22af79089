import { rangeIn, type Total } from '../../core/figures.ts'
import type { LevelTest } from './level.ts'

/** *above*: over the ordinary week, but under the floor. *unknown*: something not counted or given could change it. */
type Reading = 'below' | 'within' | 'above' | 'unusual' | 'unknown'

/** A figure against its ordinary week, as every part of a page prints it. An estimate is read as an exact value. */
export const readingOf = ({ above, ordinary }: LevelTest, total: Total & { readonly value: number }): Reading => {
  if (above) return 'unusual'
  if (!ordinary) return 'unknown'
  const { least, most } = total.qualifier === 'about' ? { least: total.value, most: total.value } : rangeIn(total)
  if (least > ordinary.most) return 'above'
  if (most < ordinary.least) return 'below'
  return least >= ordinary.least && most <= ordinary.most ? 'within' : 'unknown'
}
