import { InvalidArgumentError } from 'commander'
import { confidenceLevels, likelihoods } from '../../../lambdas/domain/core/estimates.ts'
import type { Note } from '../../../lambdas/domain/report/note.ts'
import { markingAsked, periodIdAsked, subjectAsked } from '../arguments.ts'
import { command, group, list } from '../table.ts'
import { argument, flag, option } from '../words.ts'

const about = {
  territory: argument('<territory>').read(subjectAsked),
  period: argument('<period>').read(periodIdAsked),
}

export const noteCommands = [
  group('note', 'analysts’ notes, which open a report'),
  command('note add', {
    description: 'add a signed assessment of a territory and period, in a safe subset of Markdown',
    takes: {
      ...about,
      author: option('--author <name>', 'name of the author').needed(),
      role: option('--role <role>', 'role of the author').needed(),
      lang: option('--lang <language>', 'the note’s language').oneOf(['fr', 'en']).needed(),
      marking: option('--marking <tlp>', 'of the note').or('AMBER').read(markingAsked),
      file: option('--file <file>', 'file with the judgement; - is standard input'),
      term: option('--likelihood <term>', 'likelihood of --of, a term of ICD 203').oneOf(likelihoods),
      of: option('--of <hypothesis>', 'hypothesis that --likelihood is about'),
      confidence: option('--confidence <level>', 'confidence in the judgement').oneOf(confidenceLevels),
      unknown: option('--unknown <text>', 'an open question; repeatable, as the following options').repeated(),
      watch: option('--watch <text>', 'what to watch').repeated(),
      recommended: option('--recommend <text>', 'what is recommended').repeated(),
      avoid: option('--avoid <text>', 'what readers should not do').repeated(),
      ended: option('--ended <campaign>', 'campaign that has ended, or the id of a detection without one').repeated(),
      approve: flag('--approve', 'the author approves the report for delivery'),
    },
    check: ({ term, of, ...asked }) => {
      if ((term === undefined) !== (of === undefined))
        throw new InvalidArgumentError('--likelihood and --of go together: give a likelihood and its hypothesis')
      const { file, unknown, watch, recommended, avoid, ended } = asked
      if ([file, term, unknown, watch, recommended, avoid, ended].every((one) => one === undefined))
        throw new InvalidArgumentError(
          'a note must not be empty: give --file, --likelihood, --unknown, --watch, --recommend, --avoid or --ended',
        )
      return { ...asked, likelihood: term && of ? { of, term } : undefined }
    },
    run: async (asked, context) => {
      const { writeNote } = await import('../actions.ts')
      const { text: _, ...added } = await writeNote(asked, context)
      return { value: added, lines: [`noted about ${added.territory} ${added.period}: the next report opens with it`] }
    },
  }),
  list('note list', {
    description: 'the notes about a territory and period',
    takes: about,
    read: ({ territory, period }, { services }) => services.notes.about(territory, period),
    columns: {
      Written: ({ writtenAt }) => writtenAt,
      By: ({ author, role }) => `${author}, ${role}`,
      Marking: ({ marking }) => marking,
      '': (one) => pointsOf(one),
    },
  }),
]

const pointsOf = ({ approves, likelihood, ended, ...note }: Note): string =>
  [
    ...(approves ? ['approves'] : []),
    ...(likelihood ? [`${likelihood.term}: ${likelihood.of}`] : []),
    ...(['unknown', 'watch', 'recommended', 'avoid'] as const).flatMap((name) =>
      note[name]?.length ? [`${note[name].length} ${name}`] : [],
    ),
    ...(ended?.length ? [`ended: ${ended.join(', ')}`] : []),
  ].join('; ')
