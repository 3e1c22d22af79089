import { relative } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { say } from '../output/terminal.ts'
import { globalsOf } from '../run.ts'
import { command } from '../table.ts'

export const demoCommands = [
  command('demo', {
    description: 'store the sample detections in the order in which they arrived, and make their reports',
    check: (_, self) => {
      if (globalsOf(self).stage !== undefined)
        throw new InvalidArgumentError('--stage: samples go to a separate data folder, leave it out')
    },
    run: async (_, context) => {
      const { story, runStory } = await import('../story.ts')
      const { reportsTable, reportOutput } = await import('../output/outputs.ts')
      say(`The store and the archive are in ${context.folder}`)
      const { ingested, reports, national, failed } = await runStory(context)
      const { archive } = context.services
      const outputs = national.map((made) => reportOutput(made, archive))
      const week = outputs.find(({ period }) => period === story.week.id)
      return {
        ok: failed.length + ingested.rejected + ingested.failed.length === 0,
        value: {
          ingested,
          reports: reports.map((made) => reportOutput(made, archive)),
          national: outputs,
          failed,
        },
        lines: [
          ...reportsTable([...reports, ...national]),
          '',
          ...(week
            ? [
                `Open first the national edition of ${week.period}, in English or in French:`,
                ...['report.en.pdf', 'report.fr.pdf'].flatMap((name) =>
                  week.files.filter((file) => file.name === name).map(({ path }) => `  ${fromHere(path)}`),
                ),
                'Its HTML page, report.en.html in the same folder, leads to the report of each',
                'territory.',
              ]
            : []),
          'All reports, in both languages, as PDF and HTML and with their data:',
          `  ${fromHere(archive.locate('reports'))}`,
          '',
          'Detections are published facts. The runs of D3lta are invented, and the pictures',
          'are labelled drawings. The reports of May 2024 have what was public then; the',
          'others, and a new version of New Caledonia’s week, what VIGINUM published on',
          '2 December 2024.',
          '',
          'How to go on:',
          '  npx vigie serve                       reports and detections in your browser',
          '  npx vigie report all 2024-Q2          the quarter around it, all territories',
          '  npx vigie explain nc-2024-05-15-x     where a detection counts, and why',
          '  npx vigie dossier "UN-notorious BIG"  all that is known of it until last week',
          '  npx vigie ingest FILE                 your own detections: docs/data.md',
          '  npx vigie weekly                      the last complete week, every territory',
          '  npx vigie archive verify              that nothing archived has changed',
          ...failed.map(({ territory, message }) => `failed: ${territory}: ${message}`),
        ],
      }
    },
  }),
]

/** Shortens a path below the current folder. */
const fromHere = (path: string): string => {
  const inside = relative(process.cwd(), path)
  return inside.startsWith('..') ? path : inside
}
