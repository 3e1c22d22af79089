import { codesOf, markingAsked, whoDoes } from '../arguments.ts'
import { printOutcome } from '../run.ts'
import { command, group, list, bare } from '../table.ts'
import { argument, author, option } from '../words.ts'

export const sourceCommands = [
  group('sources', 'the detectors, and up to which marking each may be known'),
  list('sources list', {
    description: 'all sources of every marking, with their declared limits and last input',
    read: async (_, { services, caller }) => {
      const { strictest } = await import('../../../lambdas/domain/core/marking.ts')
      const { sourceStates } = await import('../../../lambdas/domain/aggregate/watch/source-state.ts')
      const now = services.clock()
      const known = await services.sources.asOf(now.toISOString())
      const { clearance: cap, territories } = caller
      const states = sourceStates(known, { cap, territories }, now.getTime())
      return known.map(({ name, statements, inputs, earlier }) => {
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
    },
    columns: {
      Source: ({ name }) => name,
      Marking: ({ declared }) => declared ?? 'nothing declared: AMBER',
      Territories: ({ territories }) => territories?.join(', ') ?? 'all territories',
      Rhythm: ({ rhythm }) => rhythm ?? '',
      'Last input': ({ silent, lastInput }) => `${lastInput ?? ''}${silent ? ', silent' : ''}`,
    },
  }),
  command('sources mark', {
    description: 'set the marking of a source, also lower than it declared, and how often it delivers',
    takes: {
      name: argument('<name>', 'of the source'),
      marking: option('--marking <tlp>', 'marking of its name, limits and runs').read(markingAsked),
      territories: option(
        '--territory <code...>',
        'with --marking: territories that it watches: codes, names or groups; all if omitted',
      ).read(codesOf),
      rhythm: option(
        '--rhythm <duration>',
        'expected interval of deliveries, such as PT6H or P1D; none, or own for the declared one',
      ),
      by: author('author, kept in the history', 'name who decides'),
      reason: option('--reason <text>', 'reason, kept in the history').filled(),
    },
    check: async (asked, self) => {
      const { isRhythm } = await import('../../../lambdas/usecases/reports/schedules/set-source.ts')
      const { marking, rhythm, territories } = asked
      if (marking === undefined && rhythm === undefined) self.error('error: give --marking, --rhythm, or both')
      if (marking === undefined && territories) self.error('error: --territory: give it with --marking')
      if (rhythm !== undefined && !isRhythm(rhythm)) {
        self.error(
          `error: --rhythm: ${JSON.stringify(rhythm)} is no duration such as PT6H or P1D; none and own are taken too`,
        )
      }
      return asked
    },
    run: async ({ name, marking, territories, rhythm, ...whose }, { services }) => {
      const { setSource } = await import('../../../lambdas/usecases/reports/schedules/set-source.ts')
      await setSource(name, { ...(await whoDoes(whose)), marking, territories, rhythm }, services)
      return {
        value: { name, marking: marking ?? null, territories: territories ?? null, rhythm: rhythm ?? null },
        lines: [
          ...(marking === undefined
            ? []
            : [`${name} is ${marking}; it watches ${territories?.join(', ') ?? 'all territories'}`]),
          ...(rhythm === undefined ? [] : [`${name}: ${rhythmWords(rhythm)}`]),
        ],
      }
    },
  }),
  group('taxonomy', 'the version of DISARM by which reports count techniques'),
  bare('taxonomy show', {
    description: 'DISARM tactics by rank, and removed ids',
    act: async (_, self) => {
      const { builtInDisarm } = await import('../../../lambdas/domain/detection/frameworks/disarm-built-in.ts')
      const { tacticsTable, taxonomyLines, taxonomySummary } = await import('../output/outputs.ts')
      const summary = taxonomySummary(builtInDisarm)
      printOutcome('taxonomy show', self, {
        value: { ...summary, taxonomy: builtInDisarm },
        lines: [...taxonomyLines(summary), '', ...tacticsTable(builtInDisarm)],
      })
    },
  }),
]

const rhythmWords = (rhythm: string): string =>
  rhythm === 'none'
    ? 'no rhythm is expected'
    : rhythm === 'own'
      ? 'its rhythm is its own word again'
      : `every ${rhythm}`
