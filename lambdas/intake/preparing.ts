/** What becomes of every detection between reading and storing: names by the alias table, then a place where it has none. */
import { type Aliases, aliasTable, normalisingWith } from '../domain/aliases.ts'
import type { Detection } from '../domain/detection.ts'
import { type PlacingRules, placingWith } from '../domain/placing.ts'
import type { TerritoryCode } from '../domain/territory.ts'

export type Preparing = {
  /** Of several tables that know a name, the last says what it is called. */
  readonly aliases?: readonly Aliases[]
  /** The first rule that fits places. */
  readonly rules?: readonly PlacingRules[]
  /** The analyst's word, where nothing else places. */
  readonly territories?: readonly TerritoryCode[] | undefined
}

/** Build it once for many detections: it remembers spellings. */
export const preparing = ({ aliases = [], rules = [], territories = [] }: Preparing) => {
  const normalise = normalisingWith(aliasTable(...aliases))
  const place = placingWith({ rules, territories })
  return (detection: Detection): Detection => place(normalise(detection))
}
