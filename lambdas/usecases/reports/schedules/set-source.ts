/**
 * An operator says what is expected of a source: its rhythm, what it watches, and up to which marking it may be known.
 */
import * as z from 'zod'
import { type Caller, isOperator, mayDo } from '../../../domain/access/caller.ts'
import { type SourceState, sourceStates } from '../../../domain/aggregate/watch/source-state.ts'
import { hoursOf, noRhythm, ownRhythm } from '../../../domain/aggregate/watch/watch.ts'
import type { Marking } from '../../../domain/core/marking.ts'
import { byHandName } from '../../../domain/detection/detection.ts'
import type { Declaration } from '../../../store/intake/sources.ts'
import type { Services } from '../../services.ts'

/** What is left out stays. */
export type SourceSetting = Declaration

type SourceAsked = SourceSetting & { readonly by: string; readonly reason?: string | undefined }

type SourceServices = Pick<Services, 'sources' | 'clock'>

/** The sources that somebody may know, as they stand now. */
export const sourcesKnown = async (
  { clearance: cap, territories }: Pick<Caller, 'clearance' | 'territories'>,
  { sources, clock }: Pick<Services, 'sources' | 'clock'>,
): Promise<readonly SourceState[]> => {
  const now = clock()
  return sourceStates(await sources.asOf(now.toISOString()), { cap, territories }, now.getTime())
}

/** Of a source that is named, and of whose territories somebody has every one. */
export const maySetSource = (caller: Caller, { name, territories }: SourceState): boolean =>
  mayDo(caller, 'house:write') &&
  name !== byHandName &&
  (territories
    ? territories.every((code) => caller.territories.includes(code))
    : isOperator({ ...caller, clearance: 'TLP:RED' }))

/** A word on the marking stands in the place of what stricter records said too: for who may know all of them. */
export const mayMarkSource = (caller: Caller): boolean => isOperator(caller)

/** Whether it says a rhythm. */
export const isRhythm = (text: string): boolean =>
  text === noRhythm || text === ownRhythm || (z.iso.duration().safeParse(text).success && hoursOf(text) > 0)

/** What would be said of it: what is left out stays. */
export const sourceAfter = (
  state: SourceState,
  { marking, territories, rhythm }: SourceSetting,
): Pick<SourceState, 'rhythm' | 'territories'> & { readonly marking: Marking | undefined } => ({
  rhythm:
    rhythm === undefined
      ? state.rhythm
      : rhythm === ownRhythm
        ? state.ownRhythm
        : rhythm === noRhythm
          ? undefined
          : rhythm,
  territories: marking === undefined ? state.territories : territories,
  marking,
})

/**
 * @param over when what was seen had been set: where somebody set it since, nothing is written
 * @returns false then
 * @throws UnknownSourceError
 */
export const setSource = (
  name: string,
  { by, reason, ...declaration }: SourceAsked,
  { sources, clock }: SourceServices,
  over?: string,
): Promise<boolean> => sources.declare(name, declaration, { by, reason, over }, clock())
