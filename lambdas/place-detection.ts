/** An analyst says where a detection without a territory belongs. */
import type { TerritoryCode } from './domain/territory.ts'
import type { Services } from './services.ts'
import { UnknownDetectionError } from './store/detections.ts'

export class AlreadyPlacedError extends Error {
  override name = 'AlreadyPlacedError'
}

/**
 * Gives the detection its territories in a new revision, with the analyst's name where one is given.
 * @throws UnknownDetectionError, or AlreadyPlacedError where it has territories or was withdrawn
 */
export const placeDetection = async (
  request: { id: string; territories: readonly TerritoryCode[]; by?: string | undefined },
  { detections, clock }: Services,
): Promise<void> => {
  const { id, territories, by } = request
  const found = await detections.latest(id)
  if (!found) throw new UnknownDetectionError(`no detection ${JSON.stringify(id)} is stored: see vigie unplaced list`)
  if (found.territories.length > 0) {
    const codes = found.territories.map(({ code }) => code).join(', ')
    throw new AlreadyPlacedError(`${id} is placed already (${codes}): send a revision of it to place it elsewhere`)
  }
  const { revision: _, ...unplaced } = found
  const placed = { ...unplaced, territories: territories.map((code) => ({ code, method: 'analyst' as const, by })) }
  const [outcome] = await detections.saveAll([placed], clock())
  if (outcome?.kind === 'refused') throw new AlreadyPlacedError(`${id} ${outcome.message}`)
}
