/** `vigie note`. */
import { type Command, Option } from 'commander'
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
    .requiredOption('--file <file>', 'the text; - is standard input')
    .option('--approve', 'the author approves the report for delivery', false)
    .action(async (territory: string, period: string, options: NoteOptions, command: Command) => {
      const { parsePeriod } = await import('../../../lambdas/domain/core/period.ts')
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const about = {
        territory: await subjectAsked('territory', territory),
        period: usage('period', () => parsePeriod(period).id),
        marking: usage('--marking', () => parseMarking(options.marking)),
      }
      await run(command, async (context) => {
        const { addNote } = await import('../actions.ts')
        const { text: _, ...added } = await addNote({ ...options, ...about }, context)
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
      const { parsePeriod } = await import('../../../lambdas/domain/core/period.ts')
      const code = await subjectAsked('territory', territory)
      const { id } = usage('period', () => parsePeriod(period))
      await run(command, async ({ services }) => {
        const notes = await services.notes.about(code, id)
        const { plainTable } = await import('../tables.ts')
        return {
          value: notes,
          lines: plainTable(
            ['Written', 'By', 'Marking', ''],
            notes.map(({ writtenAt, author, role, marking, approves }) => [
              writtenAt,
              `${author}, ${role}`,
              marking,
              approves ? 'approves' : '',
            ]),
          ),
        }
      })
    })
}

type NoteOptions = {
  readonly author: string
  readonly role: string
  readonly lang: 'fr' | 'en'
  readonly marking: string
  readonly file: string
  readonly approve: boolean
}
