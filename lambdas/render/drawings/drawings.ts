import { assessmentScale, historyBars } from './charts.ts'
import { trendLine } from './levels.ts'
import { landMark } from './maps.ts'
import { watchMark, watchStrip } from './strips.ts'

export const roomDrawings = {
  history: historyBars,
  trend: trendLine,
  strip: watchStrip,
  mark: watchMark,
  land: landMark,
  scale: assessmentScale,
}
