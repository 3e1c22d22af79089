/** `vigie taxonomy`. */
import { printOutcome } from '../run.ts'
import { bare, group } from '../table.ts'

export const taxonomyCommands = [
  group('taxonomy', 'the version of DISARM by which reports count techniques'),
  bare('taxonomy show', {
    description: 'its tactics by rank and its removed ids',
    act: async (_, self) => {
      const { builtInDisarm } = await import('../../../lambdas/domain/detection/frameworks/disarm-built-in.ts')
      const { tacticsTable, taxonomyLines, taxonomySummary } = await import('../outputs.ts')
      const summary = taxonomySummary(builtInDisarm)
      printOutcome('taxonomy show', self, {
        value: { ...summary, taxonomy: builtInDisarm },
        lines: [...taxonomyLines(summary), '', ...tacticsTable(builtInDisarm)],
      })
    },
  }),
]
