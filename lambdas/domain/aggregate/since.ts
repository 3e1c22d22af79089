/** Since the last report: which campaigns and manoeuvres are new, go on or have ended, against the periods before. */
import { type Marking, strictest } from '../core/marking.ts'
import type { Contributed } from './counting/counted-detection.ts'
import type { Thread } from './counting/threads.ts'

/** A campaign or manoeuvre in one of the lists. */
export type ThreadRow = {
  /** The detection that stands for it, in this period or in the last one in which it was seen. */
  readonly lead: Contributed
  readonly campaign?: string
  /** Manoeuvres of it that count in this period. */
  readonly manoeuvres: number
  /** The last of the periods before in which it was seen; missing of what is new. */
  readonly last?: string
  /** Of what has ended: a person says so in a note on this period. Without it nothing but silence does. */
  readonly signed?: boolean
  readonly marking: Marking
}

/** All of them, in order. */
export type ThreadList = readonly ThreadRow[]

export type Since = {
  readonly added: ThreadList
  readonly goesOn: ThreadList
  /** What a person says comes first; then the one seen last. */
  readonly ended: ThreadList
  /** Seen in the periods before and not for sure in this one, and not known to have ended. */
  readonly silent: number
  /** Of those, and of what the periods before said that is told no more. */
  readonly marking: Marking
}

/** What a note says has ended: keys of threads, with the note's marking. */
export type EndedByNote = { readonly key: string; readonly marking: Marking }

/** A period before: what was followed in it, and what notes on it say has ended. */
export type ThreadsBefore = {
  readonly period: string
  readonly threads: readonly Thread[]
  readonly ended: readonly EndedByNote[]
}

export type SinceContext = {
  /**
   * The marking at which it is known that all of these sources watched this period and the one before wholly; else
   * undefined.
   */
  readonly whollyWatched: (detectors: readonly string[]) => Marking | undefined
  /** What notes on this period say has ended. */
  readonly ended: readonly EndedByNote[]
}

/** @param before the periods before, oldest first */
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

/** A thread over the periods before. */
type Past = {
  readonly key: string
  /** As it was in the last of them. */
  readonly thread: Thread
  readonly campaign: string | undefined
  readonly last: string
  /** In one of them it counted or went on. */
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
  /** Where it has ended. */
  readonly row?: ThreadRow
  /** A note on an earlier period said so, and it was not seen since. */
  readonly isEndedEarlier: boolean
  readonly marking: Marking
}

/** @param here what is undated of it in this period */
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
