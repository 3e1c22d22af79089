/** Sets the rhythm, territories and marking of a source. */
import * as z from 'zod'
import { type Caller, isOperator, mayDo } from '../../../domain/access/caller.ts'
import { type SourceState, sourceStates } from '../../../domain/aggregate/watch/source-state.ts'
import { hoursOf, noRhythm, ownRhythm } from '../../../domain/aggregate/watch/watch.ts'
import type { Marking } from '../../../domain/core/marking.ts'
import { byHandName } from '../../../domain/detection/detection.ts'
import type { Declaration } from '../../../store/intake/sources.ts'
import type { Services } from '../../services.ts'

/** Omitted fields stay unchanged. */
export type SourceSetting = Declaration

type SourceAsked = SourceSetting & { readonly by: string; readonly reason?: string | undefined }

type SourceServices = Pick<Services, 'sources' | 'clock'>

export const sourcesKnown = async (
  { clearance: cap, territories }: Pick<Caller, 'clearance' | 'territories'>,
  { sources, clock }: Pick<Services, 'sources' | 'clock'>,
): Promise<readonly SourceState[]> => {
  const now = clock()
  const known = await sources.asOf(now.toISOString(), undefined, territories)
  return sourceStates(known, { cap, territories }, now.getTime())
}

/** Allows it for a named source whose territories the caller has all. */
export const maySetSource = (caller: Caller, { name, territories }: SourceState): boolean =>
  mayDo(caller, 'house:write') &&
  name !== byHandName &&
  (territories
    ? territories.every((code) => caller.territories.includes(code))
    : isOperator({ ...caller, clearance: 'TLP:RED' }))

/** A stated marking also replaces that of stricter records: the caller must be allowed to know all. */
export const mayMarkSource = (caller: Caller): boolean => isOperator(caller)

export const isRhythm = (text: string): boolean =>
  text === noRhythm || text === ownRhythm || (z.iso.duration().safeParse(text).success && hoursOf(text) > 0)

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
 * @param over when the shown state was set; nothing is written if it has changed since
 * @returns false in that case
 * @throws Error
 */
export const setSource = (
  name: string,
  { by, reason, ...declaration }: SourceAsked,
  { sources, clock }: SourceServices,
  over?: string,
): Promise<boolean> => sources.declare(name, declaration, { by, reason, over }, clock())
