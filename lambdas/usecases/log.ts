/** Names that the functions' logger writes itself: it drops a field of such a name (Powertools, "Reserved keys"). */
type ReservedKey = 'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp'

export type LogFields<Value = unknown> = Readonly<Record<string, Value>> & { readonly [key in ReservedKey]?: never }

/** One line of the log, with facts to search by: ids, never addresses nor tokens. */
export type Log = (what: string, facts: LogFields<string | number>) => void
