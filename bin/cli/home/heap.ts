/** Keeps V8's heap small: a week of 100,000 detections is counted in less than 300 MB, in about a tenth more time. */
import { setFlagsFromString } from 'node:v8'

/**
 * From so many bytes on memory is what counts, and not the fifth of time that collecting sooner takes a small command.
 */
const large = 280 * 2 ** 20

const lookedAtEach = 200

/**
 * For a process of its own: what it sets holds for all that runs in it. One that we do not start can be told nothing at
 * its start.
 */
export const keepHeapSmall = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1')
  collectAfterGrowing(70)
  const looking = setInterval(() => {
    if (process.memoryUsage.rss() < large) return
    collectAfterGrowing(15)
    clearInterval(looking)
  }, lookedAtEach).unref()
}

/** Garbage is collected when the heap has grown by so much since the last time, and not when it has doubled or more. */
const collectAfterGrowing = (percent: number): void => setFlagsFromString(`--heap-growing-percent=${percent}`)
