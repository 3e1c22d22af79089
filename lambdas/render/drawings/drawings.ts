import { assessmentScale, historyBars } from './charts.ts'
import { landMark } from './maps.ts'
import { watchMark, watchStrip } from './strips.ts'

export const roomDrawings = {
  history: historyBars,
  strip: watchStrip,
  mark: watchMark,
  land: landMark,
  scale: assessmentScale,
}
