import type { Since, ThreadList, ThreadRow } from '../aggregate/since.ts'
import { type Marking, strictest } from '../core/marking.ts'
import type { Localised } from '../detection/detection.ts'
import type { Changes, FigureChange, RevisedPeriod } from './changes.ts'

/** A campaign, or a manoeuvre without one. */
export type ListedThread = Omit<ThreadRow, 'lead'> & {
  /** The representative detection's id. */
  readonly id: string
  readonly title?: Localised
}

export type ListedThreads = {
  /** Includes unlisted ones. */
  readonly count: number
  /** Those that are campaigns; missing in reports of earlier programs. */
  readonly campaigns?: number
  readonly listed: readonly ListedThread[]
  /** Ended threads without an analyst's confirmation, listed or not. */
  readonly asked?: number
  readonly marking: Marking
}

/** An earlier period, or version of this one, whose figures have changed since. */
export type CorrectedPeriod = {
  readonly period: string
  readonly version: number
  /** Empty where detections were revised or withdrawn and no figure changed. */
  readonly figures: readonly FigureChange[]
  readonly marking: Marking
}

export type SinceFacts = {
  readonly added: ListedThreads
  readonly goesOn: ListedThreads
  readonly ended: ListedThreads
  /** This period first, then earlier ones, oldest first. */
  readonly corrected: readonly CorrectedPeriod[]
  /** Seen in earlier periods, not confirmed in this one, and not known to have ended. */
  readonly silent: number
  readonly marking: Marking
}

/** All threads that an analyst closed are listed. */
export const maxThreadsListed = 10

/** Expects threads closed by an analyst first. */
const listedOf = (all: ThreadList): ThreadList =>
  all.slice(0, Math.max(maxThreadsListed, all.filter(({ signed }) => signed).length))

export const titlesWanted = ({ added, goesOn, ended }: Since): readonly ThreadRow['lead'][] =>
  [added, goesOn, ended].flatMap((list) =>
    listedOf(list).flatMap(({ campaign, lead }) => (campaign === undefined ? [lead] : [])),
  )

/** @param titles by id, for threads without a campaign */
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
  campaigns: all.filter(({ campaign }) => campaign !== undefined).length,
  listed: listedOf(all).map(({ lead, ...row }) => {
    const title = row.campaign === undefined ? titles.get(lead.id) : undefined
    return { id: lead.id, ...row, ...(title && { title }) }
  }),
  marking: strictest(all.map(({ marking }) => marking)),
})

const askedOf = (ended: ThreadList): Pick<ListedThreads, 'asked'> => ({
  asked: ended.filter(({ signed }) => !signed).length,
})

/** Late data, notes and taxonomy changes are no corrections. */
const isCorrection = ({ figures, revised, removed }: Changes): boolean =>
  figures.length + revised.length + removed.length > 0

const correctedHere = (period: string, { version, figures, marking }: Changes): CorrectedPeriod => ({
  period,
  version,
  figures,
  marking,
})
