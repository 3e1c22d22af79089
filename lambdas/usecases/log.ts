/** One line of the log, with facts to search by: ids, never addresses nor tokens. */
export type Log = (what: string, facts: Readonly<Record<string, string | number>>) => void
