/** How many detections there are of what: of those alone that a reader may know of. */
import type { Detection } from '../detection/detection.ts'

export type Counts = {
  readonly detections: number
  readonly territories: CountsBy
  readonly kinds: CountsBy
  readonly campaigns: CountsBy
  readonly detectors: CountsBy
  readonly markings: CountsBy
}

/** The most frequent first; a detection of several territories is in each of them. */
type CountsBy = readonly { readonly name: string; readonly detections: number }[]

/** So many names of one kind are counted apart. */
const maxNames = 50

/** What is counted of a detection, and no more: there may be many. */
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
