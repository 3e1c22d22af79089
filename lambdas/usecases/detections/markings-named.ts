/** Strictest marking of the detectors and wholes that a list names. */
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
  // Only operators see a detector's name that is marked higher than its detection.
  const { declared } = isOperator(ceiling) ? await viewFor(ceiling, services) : { declared: undefined }
  const all = [...known, ...detectors.flatMap((name) => declared?.get(name) ?? [])]
  return all.length > 0 ? [strictest(all)] : []
}
