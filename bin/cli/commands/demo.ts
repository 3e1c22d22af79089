/** `vigie demo`. */
import { type Command, InvalidArgumentError } from 'commander'
import { type Globals, run } from '../run.ts'
import { say } from '../terminal.ts'
import { ingestLine } from './ingest.ts'

export const demoCommand = (vigie: Command): void => {
  vigie
    .command('demo')
    .description('load the sample detections and make the weekly reports of 2024-W20')
    .action(async (_options: object, command: Command) => {
      if (command.optsWithGlobals<Globals>().stage !== undefined) {
        throw new InvalidArgumentError('--stage: samples are for a home of their own, leave it out')
      }
      await run(command, async (context, folder) => {
        const { story, weekly } = await import('../actions.ts')
        const { ingestFiles } = await import('../ingest-files.ts')
        const { reportsTable, reportOutput } = await import('../outputs.ts')
        say(`The store and the archive are in ${folder}`)
        const ingested = await ingestFiles({ files: [story.file], format: 'ndjson' }, context)
        say(ingestLine(ingested))
        const { reports, national, failed } = await weekly(
          { week: story.week, cap: 'TLP:AMBER', deliver: false },
          context,
        )
        const { archive } = context.services
        return {
          ok: failed.length + ingested.rejected + ingested.failed.length === 0,
          value: {
            ingested,
            reports: reports.map((made) => reportOutput(made, archive)),
            national: national.map((made) => reportOutput(made, archive)),
            failed,
          },
          lines: [
            ...reportsTable([...reports, ...national], archive),
            '',
            'The reports stand there as HTML too, and in English. How to go on:',
            '  npx vigie report MQ 2024-W41        eleven videos in Martinique',
            '  npx vigie report COR 2024-02        a conference known to the month',
            '  npx vigie ingest FILE               your own detections (docs/detection.schema.json)',
            '  npx vigie weekly                    the last complete week, every territory',
            '  npx vigie archive verify            that nothing archived has changed',
            ...failed.map(({ territory, message }) => `failed: ${territory}: ${message}`),
          ],
        }
      })
    })
}
