/**
 * What becomes of every detection between reading and storing: an id of its detector's, names by the alias table, a
 * place.
 */

import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { type Aliases, aliasTable, normalisingWith } from '../../domain/detection/names/aliases.ts'
import { assignTerritories, type TerritoryRules } from '../../domain/detection/names/territory-rules.ts'
import type { OrganisationIntake } from '../../domain/report/organisation.ts'

export type Preparing = {
  /** Of several tables that know a name, the last says what it is called. */
  readonly aliases?: readonly Aliases[]
  /** The first rule that fits places. */
  readonly rules?: readonly TerritoryRules[]
  /** The analyst's word, where nothing else places. */
  readonly territories?: readonly TerritoryCode[] | undefined
  /** Prefixes of ids, by the detector's name. */
  readonly detectors?: OrganisationIntake['detectors']
}

/** Build it once for many detections: it remembers spellings. */
export const preparing = ({ aliases = [], rules = [], territories = [], detectors }: Preparing) => {
  const normalise = normalisingWith(aliasTable(...aliases))
  const place = assignTerritories({ rules, territories })
  const prefixes = new Map(Object.entries(detectors ?? {}).map(([detector, { idPrefix }]) => [detector, idPrefix]))
  return (detection: Detection): Detection => place(normalise(prefixed(detection, prefixes)))
}

/**
 * With ids of its detector's own, that of the whole too; one that has the prefix keeps it, as in what Vigie exported.
 */
const prefixed = (detection: Detection, prefixes: ReadonlyMap<string, string>): Detection => {
  const prefix = prefixes.get(detection.detector.name)
  if (prefix === undefined) return detection
  const own = (id: string) => (id.startsWith(prefix) ? id : `${prefix}${id}`)
  const { id, partOf } = detection
  return { ...detection, id: own(id), ...(partOf !== undefined && { partOf: own(partOf) }) }
}
