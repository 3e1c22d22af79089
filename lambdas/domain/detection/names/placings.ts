import type { TerritoryAssignment } from '../detection.ts'

/** The compiler rejects a place with `by`, so that analysts' names are not published by accident. */
export type AnonymousPlacing = Omit<TerritoryAssignment, 'by'> & { readonly by?: never }

/** Only readers with full access may see who placed it. */
export const anonymousPlacings = (territories: readonly TerritoryAssignment[]): readonly AnonymousPlacing[] =>
  territories.map(({ by: _, ...placing }) => placing)
