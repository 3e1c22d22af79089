/** `vigie taxonomy`. */
import type { Command } from 'commander'
import { run } from '../run.ts'

export const taxonomyCommands = (vigie: Command): void => {
  const taxonomy = vigie.command('taxonomy').description('the version of DISARM by which reports count techniques')
  taxonomy
    .command('import')
    .description('take in the official DISARM bundle; reports made from then on use it')
    .argument('<file>', 'DISARM’s STIX 2.1 bundle')
    .option('--crosswalk <csv>', 'successors of removed ids: old_id, documented_successor')
    .option(
      '--names <csv...>',
      'translations (tactic_id or id, name_fr), or phases and ranks (disarm_id, phase_id, rank)',
    )
    .option('--release <version>', 'such as 1.6, where the file’s name does not end with it')
    .action(
      async (file: string, options: { crosswalk?: string; names?: string[]; release?: string }, command: Command) =>
        run('taxonomy import', command, async (context) => {
          const { importTaxonomyFiles } = await import('../actions.ts')
          const { taxonomyLines } = await import('../outputs.ts')
          const imported = await importTaxonomyFiles({ file, ...options }, context)
          return {
            value: imported,
            lines: [
              ...taxonomyLines(imported),
              ...Object.entries(imported.noted).map(([what, count]) => `  noted: ${count} × ${what}`),
              ...(imported.isNew ? [] : ['it counted already: nothing is new']),
            ],
          }
        }),
    )
  taxonomy
    .command('show')
    .description('which one counts, with its tactics by rank and its removed ids')
    .action(async (_options: object, command: Command) =>
      run('taxonomy show', command, async ({ services }) => {
        const { currentTaxonomy } = await import('../../../lambdas/usecases/ingest/import-taxonomy.ts')
        const { taxonomyLines, tacticsTable } = await import('../outputs.ts')
        const { taxonomy: current, summary } = await currentTaxonomy(services)
        return {
          value: { ...summary, taxonomy: current },
          lines: [...taxonomyLines(summary), '', ...tacticsTable(current)],
        }
      }),
    )
}
