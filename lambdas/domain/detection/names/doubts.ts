/** Points to check before storing: nothing is wrong, but something was interpreted. */
import { type Fault, fault, quoted } from '../../core/fault.ts'
import type { Language } from '../../core/language/languages.ts'
import type { Marking } from '../../core/marking.ts'
import { type TerritoryCode, territoryOf } from '../../core/place/territory.ts'
import type { Detection, EffectDegree, TerritoryAssignment } from '../detection.ts'
import { noTerritory, namesNoTerritory, territoriesMeant } from '../gazetteer.ts'
import { seemsSeveral } from './aliases.ts'

export type Doubt =
  | {
      readonly kind: 'misspelt'
      readonly written: string
      readonly meant: readonly Readonly<Record<Language, string>>[]
    }
  | { readonly kind: 'group'; readonly via: string; readonly codes: readonly TerritoryCode[] }
  | { readonly kind: 'hashtag' | 'gazetteer'; readonly code: TerritoryCode; readonly via: string }
  | { readonly kind: 'platform'; readonly written: string }
  /** Several effects in one cell; the gravest counts. */
  | { readonly kind: 'effect'; readonly written: string; readonly degree: EffectDegree }
  /** A cell was left unknown, or read in part. */
  | { readonly kind: 'cell'; readonly fault: Fault }
  | { readonly kind: 'to come'; readonly day: string }
  | { readonly kind: 'month' | 'stated' | 'no figures' | 'other detection' }
  | { readonly kind: 'no marking'; readonly marking: Marking }

/**
 * Most important first.
 * @param read doubts of the file's reader, which the detection itself does not show
 */
export const doubtsIn = (detection: Detection, now: Date, read: readonly Doubt[] = []): readonly Doubt[] => {
  const { observed, counts, platforms, territories, markingSource, marking, reported, observedEffect } = detection
  const doubts: Doubt[] = (reported?.territories ?? []).filter(namesNoTerritory).map(wordDoubt)
  for (const [via, codes] of groupsIn(territories)) doubts.push({ kind: 'group', via, codes })
  for (const { code, method, via = '' } of territories) {
    if (method === 'hashtag' || method === 'gazetteer') doubts.push({ kind: method, code, via })
  }
  for (const written of platforms) if (seemsSeveral(written)) doubts.push({ kind: 'platform', written })
  for (const doubt of read) if (doubt.kind !== 'effect' || doubt.degree === observedEffect?.degree) doubts.push(doubt)
  if (observed.from > now.toISOString().slice(0, observed.from.length)) {
    doubts.push({ kind: 'to come', day: observed.from })
  }
  if (observed.precision === 'month') doubts.push({ kind: 'month' })
  if (observed.statedByHand) doubts.push({ kind: 'stated' })
  if (Object.keys(counts).length === 0) doubts.push({ kind: 'no figures' })
  if (markingSource === 'default') doubts.push({ kind: 'no marking', marking })
  return doubts
}

export const wordDoubt = (written: string): Doubt => ({
  kind: 'misspelt',
  written,
  meant: territoriesMeant(written).map(({ name }) => name),
})

export const doubtFault = (doubt: Doubt): Fault => {
  switch (doubt.kind) {
    case 'misspelt':
      return doubt.meant.length > 0 ? noTerritory(doubt.written) : fault('doubt.word', { text: quoted(doubt.written) })
    case 'group': {
      const { via, codes } = doubt
      return fault('doubt.group', { group: quoted(via), count: codes.length, codes: codes.join(', ') })
    }
    case 'hashtag':
      return fault('doubt.hashtag', { name: territoryOf(doubt.code).name, code: doubt.code, hashtag: doubt.via })
    case 'gazetteer':
      return fault('doubt.place', { name: territoryOf(doubt.code).name, code: doubt.code, place: quoted(doubt.via) })
    case 'platform':
      return fault('doubt.platform', { text: quoted(doubt.written) })
    case 'effect':
      return fault('doubt.effect', { text: quoted(doubt.written), degree: doubt.degree })
    case 'cell':
      return doubt.fault
    case 'to come':
      return fault('doubt.future', { day: doubt.day })
    case 'month':
      return fault('doubt.month')
    case 'stated':
      return fault('doubt.stated')
    case 'no figures':
      return fault('doubt.noFigures')
    case 'other detection':
      return fault('doubt.otherDetection')
    case 'no marking':
      return fault('doubt.noMarking', { marking: doubt.marking })
  }
}

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
