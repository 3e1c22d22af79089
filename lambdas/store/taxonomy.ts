/** Imported taxonomies: none is ever edited, and a report uses the one that stood at its as-of instant. */
import { identityOf, type Taxonomy, type TaxonomyIdentity } from '../domain/disarm.ts'
import { taxonomyPartition, taxonomyPartKey } from './keys.ts'
import type { Table } from './table.ts'

export type ImportedTaxonomy = { readonly taxonomy: Taxonomy; readonly importedAt: string }

export type Taxonomies = {
  /** Stores it as the one that counts from now on. False where it is already. */
  save(taxonomy: Taxonomy, now: Date): Promise<boolean>
  /** The last one imported at or before an ISO instant. */
  asOf(instant: string): Promise<ImportedTaxonomy | undefined>
}

/** DynamoDB allows 400 KB an item; characters may take three bytes. */
const mostInItem = 120_000

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
      const json = JSON.stringify(taxonomy)
      const parts = Math.ceil(json.length / mostInItem)
      await table.putAll(
        Array.from({ length: parts }, (_, number) => ({
          ...taxonomyPartKey(identity.sha256, number),
          text: json.slice(number * mostInItem, (number + 1) * mostInItem),
        })),
      )
      // The head comes last: whoever reads it finds the parts.
      await table.put({ pk: taxonomyPartition, sk: at, ...identity, parts })
      return true
    },
    asOf: async (instant) => {
      const head = await headAsOf(instant)
      if (!head) return undefined
      const keys = Array.from({ length: head.parts }, (_, number) => taxonomyPartKey(head.sha256, number))
      const found = await table.getAll(keys)
      if (found.length < keys.length) {
        throw new Error(
          `DISARM ${head.version}, imported at ${head.sk}: ${keys.length - found.length} of its ${keys.length} parts are missing; import it again`,
        )
      }
      const json = [...found]
        .sort((a, b) => (a.sk < b.sk ? -1 : 1))
        .map(({ text }) => String(text))
        .join('')
      return { taxonomy: JSON.parse(json) as Taxonomy, importedAt: head.sk }
    },
  }
}
