/** What a person should look at before a detection is stored: nothing of it is wrong, all of it was understood somehow. */
import { plural } from '../core/plural.ts'
import type { TerritoryCode } from '../core/territory.ts'
import type { Detection, TerritoryAssignment } from './detection.ts'
import { noTerritory, readTerritory } from './gazetteer.ts'

/** In plain words, the weightiest first. @param now to tell what is still to come */
export const doubtsOf = (detection: Detection, now: Date): readonly string[] => {
  const { observed, counts, territories, markingSource, marking } = detection
  const doubts: string[] = []
  for (const written of detection.reported?.territories ?? []) {
    if (!readTerritory(written)) doubts.push(noTerritory(written))
  }
  for (const [via, codes] of groupsIn(territories)) {
    doubts.push(`${JSON.stringify(via)} is ${plural(codes.length, 'territory', 'territories')}: ${codes.join(', ')}`)
  }
  for (const { code, method, via = '' } of territories) {
    if (method === 'hashtag') doubts.push(`${code} is taken from the hashtag ${via}`)
    if (method === 'gazetteer') doubts.push(`${code} is taken from the place ${JSON.stringify(via)}`)
  }
  if (observed.from > now.toISOString().slice(0, observed.from.length)) doubts.push(`${observed.from} is still to come`)
  if (observed.precision === 'month') doubts.push('the time is known to the month only: it counts in no week')
  if (observed.statedByHand) doubts.push('the time is the one stated for the whole file')
  if (Object.keys(counts).length === 0) doubts.push('it has no figures')
  if (markingSource === 'default') doubts.push(`no marking is given: ${marking}`)
  return doubts
}

/** The groups by which detections are placed, each with the territories that it stands for. */
export const groupsIn = (
  territories: readonly TerritoryAssignment[],
): ReadonlyMap<string, readonly TerritoryCode[]> => {
  const groups = new Map<string, TerritoryCode[]>()
  for (const { code, method, via } of territories) {
    if (method !== 'group' || via === undefined) continue
    groups.set(via, [...(groups.get(via) ?? []), code])
  }
  return groups
}
