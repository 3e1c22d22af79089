/** Counts of the detections that a reader may know of. */
import type { Detection } from '../detection/detection.ts'

export type Counts = {
  readonly detections: number
  readonly territories: CountsBy
  readonly kinds: CountsBy
  readonly campaigns: CountsBy
  readonly detectors: CountsBy
  readonly markings: CountsBy
}

/** Sorted by frequency; a detection counts in each of its territories. */
type CountsBy = readonly { readonly name: string; readonly detections: number }[]

const maxNames = 50

export type CountedAs = Pick<Detection, 'kind' | 'campaign' | 'marking'> & {
  readonly territories: readonly string[]
  readonly detector: string
}

export const countsOf = (all: readonly CountedAs[]): Counts => {
  const by = (namesOf: (one: CountedAs) => readonly string[]): CountsBy => {
    const counts = new Map<string, number>()
    for (const one of all) for (const name of namesOf(one)) counts.set(name, (counts.get(name) ?? 0) + 1)
    return [...counts]
      .map(([name, detections]) => ({ name, detections }))
      .sort((a, b) => b.detections - a.detections || (a.name < b.name ? -1 : 1))
      .slice(0, maxNames)
  }
  return {
    detections: all.length,
    territories: by(({ territories }) => territories),
    kinds: by(({ kind }) => [kind]),
    campaigns: by(({ campaign }) => (campaign === undefined ? [] : [campaign])),
    detectors: by(({ detector }) => [detector]),
    markings: by(({ marking }) => [marking]),
  }
}
