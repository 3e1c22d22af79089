/** Takes a version of DISARM in: from then on, reports count techniques by it. */
import { builtInDisarm } from '../../domain/detection/disarm-built-in.ts'
import { identityOf, type Taxonomy, type TaxonomyIdentity } from '../../domain/detection/disarm.ts'
import { type DisarmFiles, readDisarm } from '../../intake/taxonomy/disarm.ts'
import type { Services } from '../services.ts'

/** What is known of the taxonomy that counts. */
export type TaxonomySummary = TaxonomyIdentity & {
  /** Null for the one that Vigie brings. */
  readonly importedAt: string | null
  readonly tactics: number
  readonly techniques: number
  /** With a French name. */
  readonly inFrench: { readonly tactics: number; readonly techniques: number }
  readonly removed: { readonly replaced: number; readonly withoutEquivalent: number }
}

export type ImportedSummary = TaxonomySummary & {
  /** False where the same taxonomy counted already. */
  readonly isNew: boolean
  readonly noted: Readonly<Record<string, number>>
}

/** @throws TaxonomyError where the files are no taxonomy that reports could use */
export const importTaxonomy = async (
  files: DisarmFiles,
  { taxonomies, clock }: Pick<Services, 'taxonomies' | 'clock'>,
): Promise<ImportedSummary> => {
  const { taxonomy, noted } = readDisarm(files)
  const now = clock()
  const isNew = await taxonomies.save(taxonomy, now)
  const stands = await taxonomies.asOf(now.toISOString())
  return { ...summaryOf(taxonomy, stands?.importedAt ?? null), isNew, noted }
}

/** The taxonomy that a report made now would use. */
export const currentTaxonomy = async ({
  taxonomies,
  clock,
}: Pick<Services, 'taxonomies' | 'clock'>): Promise<{ taxonomy: Taxonomy; summary: TaxonomySummary }> => {
  const imported = await taxonomies.asOf(clock().toISOString())
  const taxonomy = imported?.taxonomy ?? builtInDisarm
  return { taxonomy, summary: summaryOf(taxonomy, imported?.importedAt ?? null) }
}

const summaryOf = (taxonomy: Taxonomy, importedAt: string | null): TaxonomySummary => {
  const { tactics, techniques, removed } = taxonomy
  const replaced = removed.filter(({ successors }) => successors.length > 0).length
  return {
    ...identityOf(taxonomy),
    importedAt,
    tactics: tactics.length,
    techniques: techniques.length,
    inFrench: {
      tactics: tactics.filter(({ names }) => names.fr !== undefined).length,
      techniques: techniques.filter(({ names }) => names.fr !== undefined).length,
    },
    removed: { replaced, withoutEquivalent: removed.length - replaced },
  }
}
