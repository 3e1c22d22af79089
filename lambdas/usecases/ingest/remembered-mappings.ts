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
  const { columns = {}, zone, settings } = look
  if (!(look.columns ?? zone ?? look.midnight ?? sheet)) return
  const mapping = { ...settings, columns, ...(zone !== undefined && { zone }), ...(midnight && { midnight }) }
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

/** Undefined where the author chose already, or where a preview cannot show the mapping. */
export const recalledFor = async (
  look: Look,
  { table: { headings, sheets } }: Pick<Seen, 'table'>,
  { looks }: Pick<Desk, 'looks'>,
): Promise<Recalled | undefined> => {
  if (headings.length === 0 || (look.columns ?? look.zone ?? look.midnight ?? look.sheet)) return undefined
  const key = headingsKey(headings)
  const found = (await looks.mappings.get(key, 'chosen')) ?? (await looks.mappings.get(key, 'saved'))
  if (!found) return undefined
  const { columns = {}, zone, midnight, ...settings } = found.mapping
  const names = new Map(Object.entries(columns).map(([heading, name]) => [folded(heading), [name].flat()]))
  const isElsewhere = found.sheet !== undefined && !sheets.includes(found.sheet)
  if (isElsewhere || [...names.values()].some(({ length }) => length > 1)) return undefined
  const known =
    found.sheet === undefined ? headings.filter((heading) => names.has(folded(heading))) : Object.keys(columns)
  const own = known.map((heading) => [heading, names.get(folded(heading))?.[0] ?? null] as const)
  return {
    ...{ by: found.by, at: found.at },
    stated: {
      ...(own.length > 0 && { columns: Object.fromEntries(own) }),
      ...(zone !== undefined && { zone }),
      ...(midnight && { midnight }),
      ...(found.sheet !== undefined && { sheet: found.sheet }),
      settings,
    },
  }
}
