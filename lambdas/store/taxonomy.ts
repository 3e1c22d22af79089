/** Imported taxonomies: none is ever edited, and a report uses the one that stood at its as-of instant. */
import { identityOf, type Taxonomy, type TaxonomyIdentity } from '../domain/detection/disarm.ts'
import { cutText, readParts } from './chunks.ts'
import { taxonomyPartition, taxonomyPartKey } from './keys.ts'
import type { Table } from './table.ts'

type ImportedTaxonomy = { readonly taxonomy: Taxonomy; readonly importedAt: string }

export type Taxonomies = {
  /** Stores it as the one that counts from now on. False where it is already. */
  save(taxonomy: Taxonomy, now: Date): Promise<boolean>
  /** The last one imported at or before an ISO instant. */
  asOf(instant: string): Promise<ImportedTaxonomy | undefined>
}

type Head = TaxonomyIdentity & { readonly sk: string; readonly parts: number }

export const taxonomiesIn = (table: Table): Taxonomies => {
  const headAsOf = async (instant: string): Promise<Head | undefined> => {
    const [head] = await Array.fromAsync(table.query(taxonomyPartition, { to: instant, backwards: true, limit: 1 }))
    return head as Head | undefined
  }
  return {
    save: async (taxonomy, now) => {
      const identity = identityOf(taxonomy)
      const at = now.toISOString()
      if ((await headAsOf(at))?.sha256 === identity.sha256) return false
      const parts = cutText(JSON.stringify(taxonomy))
      await table.putAll(parts.map((text, number) => ({ ...taxonomyPartKey(identity.sha256, number), text })))
      // The head comes last: a reader of it finds the parts.
      await table.put({ pk: taxonomyPartition, sk: at, ...identity, parts: parts.length })
      return true
    },
    asOf: async (instant) => {
      const head = await headAsOf(instant)
      if (!head) return undefined
      const what = `DISARM ${head.version}, imported at ${head.sk}`
      const parts = await readParts(table, head.parts, (number) => taxonomyPartKey(head.sha256, number), what)
      return { taxonomy: JSON.parse(parts.join('')) as Taxonomy, importedAt: head.sk }
    },
  }
}
