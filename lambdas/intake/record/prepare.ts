import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import { type Aliases, aliasTable, normalisingWith } from '../../domain/detection/names/aliases.ts'
import { assignTerritories, type TerritoryRules } from '../../domain/detection/names/territory-rules.ts'
import type { OrganisationIntake } from '../../domain/report/organisation.ts'

export type Preparing = {
  /** The last table that knows a name wins. */
  readonly aliases?: readonly Aliases[]
  /** The first matching rule wins. */
  readonly rules?: readonly TerritoryRules[]
  /** The analyst's fallback. */
  readonly territories?: readonly TerritoryCode[] | undefined
  /** By the detector's name. */
  readonly detectors?: OrganisationIntake['detectors']
}

/** Build it once for many detections: it caches spellings. */
export const preparing = ({ aliases = [], rules = [], territories = [], detectors }: Preparing) => {
  const normalise = normalisingWith(aliasTable(...aliases))
  const place = assignTerritories({ rules, territories })
  const prefixes = new Map(Object.entries(detectors ?? {}).map(([detector, { idPrefix }]) => [detector, idPrefix]))
  return (detection: Detection): Detection => place(normalise(prefixed(detection, prefixes)))
}

/** Existing prefixes stay, as in Vigie's exports. */
const prefixed = (detection: Detection, prefixes: ReadonlyMap<string, string>): Detection => {
  const prefix = prefixes.get(detection.detector.name)
  if (prefix === undefined) return detection
  const own = (id: string) => (id.startsWith(prefix) ? id : `${prefix}${id}`)
  const { id, partOf } = detection
  return { ...detection, id: own(id), ...(partOf !== undefined && { partOf: own(partOf) }) }
}
