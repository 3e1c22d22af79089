/**
 * The four lists of what has changed since the last report, as a report holds them: cut, with their numbers and titles.
 */
import type { Since, ThreadList, ThreadRow } from '../aggregate/since.ts'
import { type Marking, strictest } from '../core/marking.ts'
import type { Localised } from '../detection/detection.ts'
import type { Changes, FigureChange, RevisedPeriod } from './changes.ts'

/** A campaign, or a manoeuvre without one under its title. */
export type ListedThread = Omit<ThreadRow, 'lead'> & {
  /** Of the detection that stands for it. */
  readonly id: string
  readonly title?: Localised
}

export type ListedThreads = {
  /** Listed or not. */
  readonly count: number
  readonly listed: readonly ListedThread[]
  /** Of what has ended: so many that no person confirms, listed or not. */
  readonly asked?: number
  /** Of all of them. */
  readonly marking: Marking
}

/**
 * A period that was reported before and is counted otherwise now: an earlier one, or this one in an earlier version.
 */
export type CorrectedPeriod = {
  readonly period: string
  /** The version that said otherwise. */
  readonly version: number
  /** Empty where detections were revised or withdrawn and no figure changed. */
  readonly figures: readonly FigureChange[]
  readonly marking: Marking
}

export type SinceFacts = {
  readonly added: ListedThreads
  readonly goesOn: ListedThreads
  readonly ended: ListedThreads
  /** This period first, then earlier ones, the oldest first. */
  readonly corrected: readonly CorrectedPeriod[]
  /** Seen in the periods before and not for sure in this one, and not known to have ended. */
  readonly silent: number
  readonly marking: Marking
}

/** So many of each list are told, and all that a person says has ended; the numbers hold all. */
export const maxThreadsListed = 10

/** What a person says comes first. */
const listedOf = (all: ThreadList): ThreadList =>
  all.slice(0, Math.max(maxThreadsListed, all.filter(({ signed }) => signed).length))

/** The detections whose titles the lists print. */
export const titlesWanted = ({ added, goesOn, ended }: Since): readonly ThreadRow['lead'][] =>
  [added, goesOn, ended].flatMap((list) =>
    listedOf(list).flatMap(({ campaign, lead }) => (campaign === undefined ? [lead] : [])),
  )

/** @param titles by id: of what names no campaign */
export const sinceFacts = (
  since: Since,
  titles: ReadonlyMap<string, Localised>,
  period: string,
  { changes, revisedBefore }: { readonly changes: Changes | null; readonly revisedBefore: readonly RevisedPeriod[] },
): SinceFacts => ({
  added: listed(since.added, titles),
  goesOn: listed(since.goesOn, titles),
  ended: { ...listed(since.ended, titles), ...askedOf(since.ended) },
  corrected: [
    ...(changes && isCorrection(changes) ? [correctedHere(period, changes)] : []),
    ...revisedBefore.filter(({ figures }) => figures.length > 0),
  ],
  silent: since.silent,
  marking: since.marking,
})

const listed = (all: ThreadList, titles: ReadonlyMap<string, Localised>): ListedThreads => ({
  count: all.length,
  listed: listedOf(all).map(({ lead, ...row }) => {
    const title = row.campaign === undefined ? titles.get(lead.id) : undefined
    return { id: lead.id, ...row, ...(title && { title }) }
  }),
  marking: strictest(all.map(({ marking }) => marking)),
})

const askedOf = (ended: ThreadList): Pick<ListedThreads, 'asked'> => ({
  asked: ended.filter(({ signed }) => !signed).length,
})

/** Late data, a note or a taxonomy correct nothing; a figure that was told does, and what was revised or withdrawn. */
const isCorrection = ({ figures, revised, removed }: Changes): boolean =>
  figures.length + revised.length + removed.length > 0

const correctedHere = (period: string, { version, figures, marking }: Changes): CorrectedPeriod => ({
  period,
  version,
  figures,
  marking,
})
