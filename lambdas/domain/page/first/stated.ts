/** What page 1 states of a manoeuvre. */
import type { Entry, Facts } from '../../report/facts.ts'

/** The first fact and the first claim of a manoeuvre and its parts. */
export const statedIn = (entry: Entry): Pick<Entry, 'established' | 'claim'> => {
  const nodes = [entry, ...entry.parts]
  return {
    established: nodes.find(({ established }) => established)?.established,
    claim: nodes.find(({ claim }) => claim)?.claim,
  }
}

/** Whether its campaign, or a manoeuvre without one, was seen before; *other* where nothing is compared. */
export const changeOf = ({ id, campaign }: Entry, { since }: Pick<Facts, 'since'>): 'new' | 'continuing' | 'other' => {
  const isIn = (list: NonNullable<Facts['since']>['added'] | undefined): boolean =>
    list?.listed.some((one) => one.id === id || (one.campaign !== undefined && one.campaign === campaign)) ?? false
  return isIn(since?.added) ? 'new' : isIn(since?.goesOn) ? 'continuing' : 'other'
}
