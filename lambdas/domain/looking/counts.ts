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

export const countsIn = () => {
  let detections = 0
  const counts = new Map<string, Map<string, number>>()
  const add = (field: string, names: readonly string[]): void => {
    const known = counts.get(field) ?? new Map<string, number>()
    counts.set(field, known)
    for (const name of names) known.set(name, (known.get(name) ?? 0) + 1)
  }
  const by = (field: string): CountsBy =>
    [...(counts.get(field) ?? [])]
      .map(([name, found]) => ({ name, detections: found }))
      .sort((a, b) => b.detections - a.detections || (a.name < b.name ? -1 : 1))
      .slice(0, maxNames)
  return {
    add: ({ territories, kind, campaign, detector, marking }: CountedAs): void => {
      detections += 1
      const single = { kind, campaign, detector, marking }
      add('territory', territories)
      for (const [field, name] of Object.entries(single)) if (name !== undefined) add(field, [name])
    },
    result: (): Counts => ({
      detections,
      ...{ territories: by('territory'), kinds: by('kind'), campaigns: by('campaign') },
      ...{ detectors: by('detector'), markings: by('marking') },
    }),
  }
}
