/** Where a detection was aimed, as it may be told. */
import type { TerritoryAssignment } from '../detection.ts'

/**
 * A place as reports and answers tell it: how it was found, and not by whom. The compiler refuses one with a name, so
 * that what is stored cannot be published by the way.
 */
export type AnonymousPlacing = Omit<TerritoryAssignment, 'by'> & { readonly by?: never }

/** Without who placed it: that is told to those alone who may know everything. */
export const anonymousPlacings = (territories: readonly TerritoryAssignment[]): readonly AnonymousPlacing[] =>
  territories.map(({ by: _, ...placing }) => placing)
