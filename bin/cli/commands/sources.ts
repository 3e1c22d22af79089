/** `vigie sources`. */
import type { Command } from 'commander'
import { codesOf, notEmpty, usage } from '../arguments.ts'
import { run } from '../run.ts'

export const sourceCommands = (vigie: Command): void => {
  const sources = vigie.command('sources').description('the detectors, and up to which marking each may be known')
  sources
    .command('list')
    .description('every one, of every marking, with what was declared and its last input')
    .action(async (_options: object, command: Command) =>
      run('sources list', command, async ({ services }) => {
        const { strictest } = await import('../../../lambdas/domain/core/marking.ts')
        const { everything } = await import('../../../lambdas/domain/access/caller.ts')
        const { sourceStates } = await import('../../../lambdas/domain/aggregate/watch/source-state.ts')
        const now = services.clock()
        const known = await services.sources.asOf(now.toISOString())
        const { clearance: cap, territories: all } = everything
        const states = sourceStates(known, { cap, territories: all }, now.getTime())
        const value = known.map(({ name, statements, inputs, earlier }) => {
          const declared = statements.flatMap((one) => one.declared ?? [])
          const state = states.find((one) => one.name === name)
          return {
            name,
            byHand: statements.some((one) => one.byHand),
            declared: declared.length === 0 ? null : strictest(declared),
            territories: statements.findLast((one) => one.territories)?.territories ?? null,
            rhythm: state?.rhythm ?? null,
            silent: state?.state === 'silent',
            lastInput: [...earlier, ...inputs].at(-1)?.at ?? null,
          }
        })
        const { plainTable } = await import('../tables.ts')
        return {
          value,
          lines: plainTable(
            ['Source', 'Marking', 'Territories', 'Rhythm', 'Last input'],
            value.map(({ name, declared, territories, rhythm, silent, lastInput }) => [
              name,
              declared ?? 'nothing declared: AMBER',
              territories?.join(', ') ?? 'all territories',
              rhythm ?? '',
              `${lastInput ?? ''}${silent ? ', silent' : ''}`,
            ]),
          ),
        }
      }),
    )
  sources
    .command('mark')
    .description(
      'say up to which marking a source may be known, also lower than it declared so far, and how often it delivers',
    )
    .argument('<name>', 'of the source')
    .option('--marking <tlp>', 'of its name, limits and runs')
    .option('--territory <code...>', 'with --marking: what it watches, as codes, names or groups; all where left out')
    .option(
      '--rhythm <duration>',
      'how often it delivers, such as PT6H or P1D, whatever it says of itself; none, or own for its own word again',
    )
    .option('--by <name>', 'who says so, for the history', notEmpty('--by', 'say who says so'))
    .option('--reason <text>', 'why, for the history', notEmpty('--reason'))
    .action(async (name: string, options: MarkOptions, command: Command) => {
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const { isRhythm, setSource } = await import('../../../lambdas/usecases/reports/schedules/set-source.ts')
      const { rhythm, reason, territory } = options
      if (options.marking === undefined && rhythm === undefined)
        command.error('error: give --marking, --rhythm, or both')
      if (options.marking === undefined && territory) command.error('error: --territory: give it with --marking')
      if (rhythm !== undefined && !isRhythm(rhythm)) {
        command.error(
          `error: --rhythm: ${JSON.stringify(rhythm)} is no duration such as PT6H or P1D; none and own are taken too`,
        )
      }
      const written = options.marking
      const marking = written === undefined ? undefined : usage('--marking', () => parseMarking(written))
      const territories = territory && (await codesOf('--territory', territory))
      await run('sources mark', command, async ({ services }) => {
        const { operator } = await import('../ingest-files.ts')
        const by = options.by ?? operator.name
        await setSource(name, { marking, territories, rhythm, by, reason }, services)
        return {
          value: { name, marking: marking ?? null, territories: territories ?? null, rhythm: rhythm ?? null },
          lines: [
            ...(marking === undefined ? [] : [`${name} is ${marking}`]),
            ...(rhythm === undefined ? [] : [`${name}: ${rhythmWords(rhythm)}`]),
          ],
        }
      })
    })
}

type MarkOptions = {
  readonly marking?: string
  readonly territory?: string[]
  readonly rhythm?: string
  readonly by?: string
  readonly reason?: string
}

const rhythmWords = (rhythm: string): string =>
  rhythm === 'none'
    ? 'no rhythm is expected'
    : rhythm === 'own'
      ? 'its rhythm is its own word again'
      : `every ${rhythm}`
