/** Keeps V8's heap small: a week of 100,000 detections takes under 300 MB, and about 10 % more time. */
import { setFlagsFromString } from 'node:v8'

/** Bytes. Below this, earlier collection would slow small commands by a fifth. */
const large = 280 * 2 ** 20

const lookedAtEach = 200

/** Sets V8 flags for the whole process, at run time: Vigie does not start every such process. */
export const keepHeapSmall = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1')
  collectAfterGrowing(70)
  const looking = setInterval(() => {
    if (process.memoryUsage.rss() < large) return
    collectAfterGrowing(15)
    clearInterval(looking)
  }, lookedAtEach).unref()
}

/** V8's default is 100 percent or more. */
const collectAfterGrowing = (percent: number): void => setFlagsFromString(`--heap-growing-percent=${percent}`)
