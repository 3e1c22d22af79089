/**
 * The DISARM red framework as it comes with Vigie: ids, names and ranks of v1.6, and what is documented of removed ids. The data is
 * under CC BY-SA 4.0 (DISARM Foundation); French names are VIGINUM's of v1.3 (CC BY 4.0), where v1.6 has the same English one.
 */
import disarm from './disarm.json' with { type: 'json' }
import type { Taxonomy } from './disarm.ts'

/** Serves until another version is imported (`vigie taxonomy import`). */
export const builtInDisarm: Taxonomy = { ...disarm, framework: 'DISARM' }
