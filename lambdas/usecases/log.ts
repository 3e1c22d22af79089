/** The functions' logger drops fields of these names (Powertools, "Reserved keys"). */
type ReservedKey = 'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp'

export type LogFields<Value = unknown> = Readonly<Record<string, Value>> & { readonly [key in ReservedKey]?: never }

/** Facts are ids to search by, never addresses nor tokens. */
export type Log = (what: string, facts: LogFields<string | number>) => void
