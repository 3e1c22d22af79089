/** Keeps detections that a report will probably print, to avoid a second read. */
import type { DetectionAsOf } from '../../../domain/aggregate/tally.ts'
import { maximum } from '../../../domain/core/lists.ts'

const maxKept = 2_000

export type Heaviest = {
  add(current: DetectionAsOf): void
  get(id: string): DetectionAsOf | undefined
}

/** Keeps the detections with the most own posts; others must be read again. */
export const heaviest = (): Heaviest => {
  const kept = new Map<string, DetectionAsOf>()
  let least = Number.NEGATIVE_INFINITY
  return {
    add: (current) => {
      const { id } = current.detection
      kept.delete(id)
      if (postsOf(current) < least) return
      kept.set(id, current)
      if (kept.size < 2 * maxKept) return
      const lighter = [...kept.values()].sort((a, b) => postsOf(b) - postsOf(a)).slice(maxKept)
      for (const { detection } of lighter) kept.delete(detection.id)
      least = maximum(lighter.map(postsOf))
    },
    get: (id) => kept.get(id),
  }
}

const postsOf = ({ detection }: DetectionAsOf): number => detection.counts.posts?.value ?? 0
