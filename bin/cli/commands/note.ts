/** `vigie note`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { confidenceLevels, likelihoods } from '../../../lambdas/domain/core/estimates.ts'
import type { Note } from '../../../lambdas/domain/report/note.ts'
import { subjectAsked, usage } from '../arguments.ts'
import { run } from '../run.ts'

export const noteCommands = (vigie: Command): void => {
  const note = vigie.command('note').description('analysts’ notes, which open a report')
  note
    .command('add')
    .description('an assessment of a territory and period, signed, in a safe subset of Markdown')
    .argument('<territory>')
    .argument('<period>')
    .requiredOption('--author <name>', 'who writes')
    .requiredOption('--role <role>', 'in which role')
    .addOption(new Option('--lang <language>', 'the note’s language').choices(['fr', 'en']).makeOptionMandatory())
    .option('--marking <tlp>', 'of the note', 'AMBER')
    .option('--file <file>', 'the judgement; - is standard input')
    .addOption(new Option('--likelihood <term>', 'how likely --of is, in a term of ICD 203').choices([...likelihoods]))
    .option('--of <hypothesis>', 'what --likelihood is of')
    .addOption(new Option('--confidence <level>', 'in the judgement').choices(confidenceLevels))
    .option('--unknown <text>', 'what is not known; may be given again, as those below', collected)
    .option('--watch <text>', 'what to watch', collected)
    .option('--recommend <text>', 'what is recommended', collected)
    .option('--avoid <text>', 'what readers should not do', collected)
    .option('--ended <campaign>', 'what has ended: a campaign, or the id of a detection without one', collected)
    .option('--approve', 'the author approves the report for delivery', false)
    .action(async (territory: string, period: string, options: NoteOptions, command: Command) => {
      const { parsePeriod } = await import('../../../lambdas/domain/core/time/period.ts')
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const about = {
        territory: await subjectAsked('territory', territory),
        period: usage('period', () => parsePeriod(period).id),
        marking: usage('--marking', () => parseMarking(options.marking)),
        ...partsOf(options),
      }
      await run('note add', command, async (context) => {
        const { writeNote } = await import('../actions.ts')
        const { text: _, ...added } = await writeNote({ ...options, ...about }, context)
        return {
          value: added,
          lines: [`noted about ${added.territory} ${added.period}: the next report opens with it`],
        }
      })
    })
  note
    .command('list')
    .description('the notes about a territory and period')
    .argument('<territory>')
    .argument('<period>')
    .action(async (territory: string, period: string, _options: object, command: Command) => {
      const { parsePeriod } = await import('../../../lambdas/domain/core/time/period.ts')
      const code = await subjectAsked('territory', territory)
      const { id } = usage('period', () => parsePeriod(period))
      await run('note list', command, async ({ services }) => {
        const notes = await services.notes.about(code, id)
        const { plainTable } = await import('../tables.ts')
        return {
          value: notes,
          lines: plainTable(
            ['Written', 'By', 'Marking', ''],
            notes.map((one) => [one.writtenAt, `${one.author}, ${one.role}`, one.marking, said(one)]),
          ),
        }
      })
    })
}

const collected = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** The parts of a judgement beside its text, or wrong usage. */
const partsOf = ({ file, likelihood, of, unknown, watch, recommend: recommended, avoid, ended }: NoteOptions) => {
  if ((likelihood === undefined) !== (of === undefined))
    throw new InvalidArgumentError('--likelihood and --of go together: say how likely what is')
  const points = { unknown, watch, recommended, avoid, ended }
  if ([file, likelihood, ...Object.values(points)].every((one) => one === undefined))
    throw new InvalidArgumentError(
      'a note says something: give --file, --likelihood, --unknown, --watch, --recommend, --avoid or --ended',
    )
  return { ...points, likelihood: likelihood && of ? { of, term: likelihood } : undefined }
}

/** What a note holds besides its judgement, in a few words. */
const said = ({ approves, likelihood, ended, ...note }: Note): string =>
  [
    ...(approves ? ['approves'] : []),
    ...(likelihood ? [`${likelihood.term}: ${likelihood.of}`] : []),
    ...(['unknown', 'watch', 'recommended', 'avoid'] as const).flatMap((name) =>
      note[name]?.length ? [`${note[name].length} ${name}`] : [],
    ),
    ...(ended?.length ? [`ended: ${ended.join(', ')}`] : []),
  ].join('; ')

type NoteOptions = {
  readonly author: string
  readonly role: string
  readonly lang: 'fr' | 'en'
  readonly marking: string
  readonly file?: string
  readonly likelihood?: (typeof likelihoods)[number]
  readonly of?: string
  readonly confidence?: (typeof confidenceLevels)[number]
  readonly unknown?: readonly string[]
  readonly watch?: readonly string[]
  readonly recommend?: readonly string[]
  readonly avoid?: readonly string[]
  readonly ended?: readonly string[]
  readonly approve: boolean
}
