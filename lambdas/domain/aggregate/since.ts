import { type Marking, strictest } from '../core/marking.ts'
import type { Contributed } from './counting/counted-detection.ts'
import type { Thread } from './counting/threads.ts'

export type ThreadRow = {
  readonly lead: Contributed
  readonly campaign?: string
  readonly manoeuvres: number
  /** Last earlier period with a sighting; absent for new threads. */
  readonly last?: string
  /** Stated in an analyst's note on this period; otherwise it follows only from silence. */
  readonly signed?: boolean
  readonly marking: Marking
}

export type ThreadList = readonly ThreadRow[]

export type Since = {
  readonly added: ThreadList
  readonly goesOn: ThreadList
  /** Ends stated in a note first, then the most recently seen. */
  readonly ended: ThreadList
  /** Seen before, not surely in this period, and not known to have ended. */
  readonly silent: number
  /** Strictest of the earlier threads that have no row. */
  readonly marking: Marking
}

/** A thread key that a note marks as ended, with the note's marking. */
export type EndedByNote = { readonly key: string; readonly marking: Marking }

export type ThreadsBefore = {
  readonly period: string
  readonly threads: readonly Thread[]
  readonly ended: readonly EndedByNote[]
}

export type SinceContext = {
  /** Undefined unless all these sources wholly watched this period and the previous one. */
  readonly whollyWatched: (detectors: readonly string[]) => Marking | undefined
  readonly ended: readonly EndedByNote[]
}

export const sinceBefore = (now: readonly Thread[], before: readonly ThreadsBefore[], context: SinceContext): Since => {
  const past = pastOf(before)
  const active = now.filter(({ state }) => state !== 'undated')
  const nowByKey = new Map(now.map((thread) => [thread.key, thread]))
  const gone = [...past.values()].flatMap((one) => {
    const here = nowByKey.get(one.key)
    return one.isSure && (!here || here.state === 'undated') ? [goneOf(one, here, before, context)] : []
  })
  const order = new Map(before.map(({ period }, at) => [period, at]))
  const lastAt = ({ last }: ThreadRow): number => order.get(last ?? '') ?? -1
  return {
    added: active.filter(({ key }) => !past.has(key)).map((thread) => activeRow(thread)),
    goesOn: active.flatMap((thread) => {
      const known = past.get(thread.key)
      return known ? [activeRow(thread, known)] : []
    }),
    ended: gone
      .flatMap(({ row }) => row ?? [])
      .sort((a, b) => Number(b.signed ?? false) - Number(a.signed ?? false) || lastAt(b) - lastAt(a)),
    silent: gone.filter(({ row, isEndedEarlier }) => !row && !isEndedEarlier).length,
    marking: strictest(gone.flatMap(({ row, marking }) => (row ? [] : [marking]))),
  }
}

type Past = {
  readonly key: string
  readonly thread: Thread
  readonly campaign: string | undefined
  readonly last: string
  readonly isSure: boolean
  readonly detectors: readonly string[]
  readonly marking: Marking
}

const pastOf = (before: readonly ThreadsBefore[]): ReadonlyMap<string, Past> => {
  const past = new Map<string, Past>()
  for (const { period, threads } of before) {
    for (const thread of threads) {
      const known = past.get(thread.key)
      const [campaign] = [known?.campaign, thread.campaign].flatMap((one) => one ?? []).sort()
      past.set(thread.key, {
        key: thread.key,
        thread,
        campaign,
        last: period,
        isSure: known?.isSure === true || thread.state !== 'undated',
        detectors: [...new Set([...(known?.detectors ?? []), ...thread.detectors])],
        marking: strictest([thread.marking, ...(known ? [known.marking] : [])]),
      })
    }
  }
  return past
}

const activeRow = ({ lead, campaign, manoeuvres, marking }: Thread, known?: Past): ThreadRow => ({
  lead,
  ...(campaign !== undefined && { campaign }),
  manoeuvres,
  ...(known && { last: known.last }),
  marking: strictest([marking, ...(known ? [known.marking] : [])]),
})

type Gone = {
  readonly row?: ThreadRow
  /** A note on an earlier period states the end, and it was not seen since. */
  readonly isEndedEarlier: boolean
  readonly marking: Marking
}

const goneOf = (
  past: Past,
  here: Thread | undefined,
  before: readonly ThreadsBefore[],
  context: SinceContext,
): Gone => {
  const marking = strictest([past.marking, ...(here ? [here.marking] : [])])
  const endedBy = (why: Marking, signed: boolean): Gone => {
    const { thread, campaign, last } = past
    const marked = strictest([marking, why])
    const row = {
      lead: thread.lead,
      ...(campaign !== undefined && { campaign }),
      manoeuvres: 0,
      last,
      ...(signed && { signed }),
      marking: marked,
    }
    return { row, isEndedEarlier: false, marking: marked }
  }
  const endNotes = context.ended.filter(({ key }) => key === past.key)
  if (endNotes.length > 0) return endedBy(strictest(endNotes.map((one) => one.marking)), true)
  const since = before.slice(before.findIndex(({ period }) => period === past.last))
  const earlierEndNotes = since.flatMap(({ ended }) => ended.filter(({ key }) => key === past.key))
  if (earlierEndNotes.length > 0 && !here) {
    return { isEndedEarlier: true, marking: strictest([marking, ...earlierEndNotes.map((one) => one.marking)]) }
  }
  const isSilent = !here && past.last !== before.at(-1)?.period
  const proof = isSilent ? context.whollyWatched(past.detectors) : undefined
  return proof === undefined ? { isEndedEarlier: false, marking } : endedBy(proof, false)
}
