/**
 * How strict the names are that a list tells beside what it counts: wholes of which a detection is a part, and
 * detectors.
 */
import { type Ceiling, isOperator } from '../../domain/access/caller.ts'
import { type Marking, strictest } from '../../domain/core/marking.ts'
import { type LookServices, viewFor } from './view.ts'

type Named = { readonly wholes: readonly string[]; readonly detectors: readonly string[] }

export const markingsNamed = async (
  { wholes, detectors }: Named,
  ceiling: Ceiling,
  services: LookServices,
): Promise<readonly Marking[]> => {
  const known = wholes.length > 0 ? [...(await services.detections.markings(wholes)).values()] : []
  // Others are told no name that is stricter than what it found.
  const { declared } = isOperator(ceiling) ? await viewFor(ceiling, services) : { declared: undefined }
  const all = [...known, ...detectors.flatMap((name) => declared?.get(name) ?? [])]
  return all.length > 0 ? [strictest(all)] : []
}
