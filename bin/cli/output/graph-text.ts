import Handlebars from 'handlebars'
import type { Tie } from '../../../lambdas/domain/coordination/find.ts'

/** Escapes as XML needs. */
const graphml = Handlebars.compile<{
  readonly accounts: readonly string[]
  readonly rows: readonly Row[]
}>(`<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="weight" for="edge" attr.name="weight" attr.type="int"/>
<key id="delay" for="edge" attr.name="mean_delay_seconds" attr.type="double"/>
<graph edgedefault="undirected">
{{#each accounts}}<node id="{{this}}"/>
{{/each}}{{#each rows}}<edge source="{{one}}" target="{{other}}"><data key="weight">{{weight}}</data><data key="delay">{{delay}}</data></edge>
{{/each}}</graph>
</graphml>
`)

type Row = { readonly one: string; readonly other: string; readonly weight: number; readonly delay: number }

/** Pairs of accounts by the number of things shared together, and the mean delay in seconds. */
export const graphText = (ties: readonly Tie[], format: 'csv' | 'graphml'): string => {
  const rows = ties.map(({ accounts: [one, other], things, delay }): Row => ({
    ...{ one, other, weight: things, delay: Math.round(delay) / 1_000 },
  }))
  if (format === 'csv') {
    return ['account,other_account,weight,mean_delay_seconds', ...rows.map((row) => Object.values(row).join(','))].join(
      '\n',
    )
  }
  const accounts = [...new Set(rows.flatMap(({ one, other }) => [one, other]))].sort()
  return graphml({ accounts, rows })
}
