/** `vigie taxonomy`. */
import type { Command } from 'commander'
import { printOutcome } from '../run.ts'

export const taxonomyCommands = (vigie: Command): void => {
  vigie
    .command('taxonomy')
    .description('the version of DISARM by which reports count techniques')
    .command('show')
    .description('its tactics by rank and its removed ids')
    .action(async (_options: object, command: Command) => {
      const { builtInDisarm } = await import('../../../lambdas/domain/detection/frameworks/disarm-built-in.ts')
      const { tacticsTable, taxonomyLines, taxonomySummary } = await import('../outputs.ts')
      const summary = taxonomySummary(builtInDisarm)
      printOutcome('taxonomy show', command, {
        value: { ...summary, taxonomy: builtInDisarm },
        lines: [...taxonomyLines(summary), '', ...tacticsTable(builtInDisarm)],
      })
    })
}
