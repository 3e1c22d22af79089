/** `vigie sources`. */
import type { Command } from 'commander'
import { codesOf, notEmpty, usage } from '../arguments.ts'
import { noted } from '../noted.ts'
import { run } from '../run.ts'

export const sourceCommands = (vigie: Command): void => {
  const sources = vigie.command('sources').description('the detectors, and up to which marking each may be known')
  sources
    .command('list')
    .description('every one, of every marking, with what was declared and its last input')
    .action(async (_options: object, command: Command) =>
      run('sources list', command, async ({ services }) => {
        const { strictest } = await import('../../../lambdas/domain/core/marking.ts')
        const known = await services.sources.asOf(services.clock().toISOString())
        const value = known.map(({ name, statements, inputs, earlier }) => {
          const declared = statements.flatMap((one) => one.declared ?? [])
          return {
            name,
            byHand: statements.some((one) => one.byHand),
            declared: declared.length === 0 ? null : strictest(declared),
            territories: statements.findLast((one) => one.territories)?.territories ?? null,
            lastInput: [...earlier, ...inputs].at(-1)?.at ?? null,
          }
        })
        const { plainTable } = await import('../tables.ts')
        return {
          value,
          lines: plainTable(
            ['Source', 'Marking', 'Territories', 'Last input'],
            value.map(({ name, declared, territories, lastInput }) => [
              name,
              declared ?? 'nothing declared: AMBER',
              territories?.join(', ') ?? 'all territories',
              lastInput ?? '',
            ]),
          ),
        }
      }),
    )
  sources
    .command('mark')
    .description('say up to which marking a source may be known; also lower than it declared so far')
    .argument('<name>', 'of the source')
    .requiredOption('--marking <tlp>', 'of its name, limits and runs')
    .option('--territory <code...>', 'what it watches: codes, names or groups; all where left out')
    .option('--by <name>', 'who says so: kept in the history', notEmpty('--by'))
    .option('--reason <text>', 'why: kept in the history', notEmpty('--reason'))
    .action(async (name: string, options: MarkWords, command: Command) => {
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const marking = usage('--marking', () => parseMarking(options.marking))
      const territories = options.territory && (await codesOf('--territory', options.territory))
      await run('sources mark', command, async ({ services }) => {
        await services.sources.declare(name, { marking, territories }, services.clock())
        const { by, reason } = options
        const why = reason !== undefined && { reason }
        await noted(services, {
          did: 'changed',
          by,
          id: name,
          of: 'source',
          what: [marking, ...(territories ?? [])],
          ...why,
        })
        return { value: { name, marking, territories: territories ?? null }, lines: [`${name} is ${marking}`] }
      })
    })
}

type MarkWords = {
  readonly marking: string
  readonly territory?: string[]
  readonly by?: string
  readonly reason?: string
}
