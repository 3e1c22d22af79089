import { type Fault, fault } from '../../domain/core/fault.ts'
import type { KeptAs } from './gathered.ts'
import { isOutside } from './graph.ts'
import { actorTypes, byKey, partTypes, type StixObject, typeOf, type Web } from './objects.ts'

type Notes = ReadonlyMap<string, { readonly what: Fault; readonly ids: ReadonlySet<string> }>

/** Counts what each object of a bundle became, or why nothing of it is stored, by type. */
export const useOf = (
  left: readonly StixObject[],
  kept: ReadonlyMap<string, KeptAs>,
  notes: Notes,
  web: Web,
): readonly { readonly what: Fault; readonly count: number }[] => {
  const rows = [
    ...[...kept].map(([id, as]) => fault('stix.kept', { type: typeOf(id), as })),
    ...left.map((one) => fault('stix.left', { type: one.type, reason: reasonFor(one, kept, notes, web) })),
  ]
  const same = Map.groupBy(rows, (row) => JSON.stringify(row))
  return [...same].sort(byKey).flatMap(([, all]) => all.slice(0, 1).map((what) => ({ what, count: all.length })))
}

/** Why nothing of an object is stored: the note about it, else its type. */
const reasonFor = (object: StixObject, kept: ReadonlyMap<string, KeptAs>, notes: Notes, web: Web): Fault => {
  const { id, type, source_ref: from, target_ref: to } = object
  for (const { what, ids } of notes.values()) if (ids.has(id)) return what
  if (type === 'relationship') {
    const isBetweenKept = [from, to].every((end) => typeof end === 'string' && kept.has(end))
    return fault(isBetweenKept ? 'stix.leftRelation' : 'stix.leftEnd')
  }
  if (type === 'identity') return fault('stix.leftIdentity')
  if (type === 'location') return fault('stix.leftPlace')
  if (type === 'marking-definition') return fault('stix.leftMarking')
  if (!partTypes.has(type) && !actorTypes.has(type)) return fault('stix.leftType')
  return fault(isOutside(object, web) ? 'stix.leftOwner' : 'stix.leftPart')
}
