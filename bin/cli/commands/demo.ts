/** `vigie demo`. */
import { type Command, InvalidArgumentError } from 'commander'
import { type Globals, run } from '../run.ts'
import { say } from '../terminal.ts'

export const demoCommand = (vigie: Command): void => {
  vigie
    .command('demo')
    .description('load the sample detections as they came, and make the reports that tell their story')
    .action(async (_options: object, command: Command) => {
      if (command.optsWithGlobals<Globals>().stage !== undefined) {
        throw new InvalidArgumentError('--stage: samples are for a home of their own, leave it out')
      }
      await run('demo', command, async (context, folder) => {
        const { tellStory } = await import('../story.ts')
        const { reportsTable, reportOutput } = await import('../outputs.ts')
        say(`The store and the archive are in ${folder}`)
        const { ingested, reports, national, failed } = await tellStory(context)
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
            'The reports stand there as HTML too, and in English. Detections are published facts; when D3lta ran is made up, and the pictures are drawings of ours that say so.',
            'How to go on:',
            '  npx vigie report all 2024-Q2        the quarter around it, of all territories',
            '  npx vigie explain nc-2024-05-15-x   where a detection counts, and why',
            '  npx vigie dossier "UN-notorious BIG"   all that is known of the campaign, until last week',
            '  npx vigie ingest FILE               your own detections (docs/detection.schema.json)',
            '  npx vigie weekly                    the last complete week, every territory',
            '  npx vigie archive verify            that nothing archived has changed',
            ...failed.map(({ territory, message }) => `failed: ${territory}: ${message}`),
          ],
        }
      })
    })
}
