/** Remembers what analysts chose for a set of headings, to offer it for the next table with the same ones. */
import type { Caller } from '../../domain/access/caller.ts'
import { canonicalHash } from '../../domain/core/text/canonical.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import type { Look, RememberedMapping, Stated } from '../../store/intake/looks.ts'
import type { Desk } from './desk.ts'
import { type Seen, tableSeen } from './look-at-file.ts'

export const headingsKey = (headings: readonly string[]): string =>
  canonicalHash([...new Set(headings.map(folded))].filter(Boolean).sort())

/** A workbook is recognised by its first sheet too. */
export const rememberChoices = async (
  look: Look,
  { table, midnight }: Pick<Seen, 'table' | 'midnight'>,
  caller: Caller,
  { by, desk: { looks, services } }: { readonly by: string; readonly desk: Desk },
): Promise<void> => {
  const { sheet, ...onFirst } = look
  const { columns = {}, zone } = look
  if (!(look.columns ?? zone ?? look.midnight ?? sheet)) return
  const mapping = { columns, ...(zone !== undefined && { zone }), ...(midnight && { midnight }) }
  const at = services.clock().toISOString()
  for (const { headings } of [table, ...(sheet === undefined ? [] : [await tableSeen(onFirst, caller, { looks })])])
    if (headings.length > 0)
      await looks.mappings.keep(headingsKey(headings), 'chosen', {
        mapping,
        by,
        at,
        ...(sheet !== undefined && { sheet }),
      })
}

export type Recalled = Pick<RememberedMapping, 'by' | 'at'> & { readonly stated: Stated }

/** Undefined where the author chose already. */
export const recalledFor = async (
  look: Look,
  { table: { headings, sheets } }: Pick<Seen, 'table'>,
  { looks }: Pick<Desk, 'looks'>,
): Promise<Recalled | undefined> => {
  if (headings.length === 0 || (look.columns ?? look.zone ?? look.midnight ?? look.sheet)) return undefined
  const found = await looks.mappings.get(headingsKey(headings), 'chosen')
  if (!found || (found.sheet !== undefined && !sheets.includes(found.sheet))) return undefined
  const { mapping, sheet, by, at } = found
  const { columns = {}, zone, midnight } = mapping as Pick<Stated, 'columns' | 'zone' | 'midnight'>
  // Another sheet has headings of its own; here they may be spelt in another way.
  const names = new Map(Object.entries(columns).map(([heading, name]) => [folded(heading), name]))
  const own = sheet === undefined ? headings.filter((heading) => names.has(folded(heading))) : Object.keys(columns)
  return {
    ...{ by, at },
    stated: {
      ...(own.length > 0 && {
        columns: Object.fromEntries(own.map((heading) => [heading, names.get(folded(heading)) ?? null])),
      }),
      ...(zone !== undefined && { zone }),
      ...(midnight && { midnight }),
      ...(sheet !== undefined && { sheet }),
    },
  }
}
