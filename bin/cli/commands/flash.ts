/** `vigie flash`: one page about one or a few detections, before the report of their week. */
import { type Command } from 'commander'
import type { FlashListed } from '../../../lambdas/usecases/reports/flash/list-flash.ts'
import type { ApprovedFlash, RefusedFlash } from '../answers.ts'
import { instantToCome, instantOf, notEmpty, usage } from '../arguments.ts'
import { run } from '../run.ts'
import { makeReport } from './report.ts'

export const flashCommands = (vigie: Command): void => {
  const flash = vigie
    .command('flash')
    .description('make a flash note: one page about one to three detections, which is mailed once it is approved')
    .argument('<id...>', 'ids of detections; or the key of a note, to make it again')
    .option('--until <instant>', 'until when it holds; until the report of their week is due where it is left out')
    .option('--cap <tlp>', 'the edition: nothing marked above it is shown', 'AMBER')
    .option('--as-of <instant>', 'on the data stored by then, such as 2024-05-20T06:30:00+11:00')
    .action(async (ids: string[], options: FlashOptions, command: Command) => {
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const named = ids.map(notEmpty('id', 'name a detection'))
      const asked = {
        until: options.until === undefined ? undefined : await instantToCome('--until', options.until),
        cap: usage('--cap', () => parseMarking(options.cap)),
        asOf: options.asOf === undefined ? undefined : await instantOf('--as-of', options.asOf),
      }
      await run('flash', command, async (context) => {
        const { flashAsked } = await import('../../../lambdas/usecases/reports/flash/ask-flash.ts')
        const request = await flashAsked(named, asked, context.services)
        const { value, lines } = await makeReport(request, false, context)
        return { value, lines: [...lines, ...(await nextLines(request.territory, context.services))] }
      })
    })
  listCommand(flash)
  approveCommand(flash)
  refuseCommand(flash)
  draftCommand(flash)
}

const listCommand = (flash: Command): void => {
  flash
    .command('list')
    .description('the flash notes that there are, and what each waits for')
    .action(async (_options: object, command: Command) => {
      await run('flash list', command, async ({ services }) => {
        const { listFlash } = await import('../../../lambdas/usecases/reports/flash/list-flash.ts')
        const { plainTable } = await import('../tables.ts')
        const notes = await listFlash(services)
        return {
          value: notes,
          lines:
            notes.length === 0
              ? ['no flash note was made: vigie flash and the ids of detections make one']
              : plainTable(
                  ['Key', 'Period', 'Edition', 'Marking', 'Version', 'Until', 'State', 'Detections'],
                  notes.map((one) => [
                    ...[one.key, one.period, one.cap, one.marking, String(one.version), one.until, stateOf(one)],
                    one.ids.join(', '),
                  ]),
                ),
        }
      })
    })
}

const approveCommand = (flash: Command): void => {
  flash
    .command('approve')
    .description('approve the newest version of a flash note, and mail it to the recipients of every territory in it')
    .argument('<key>', 'of the note: vigie flash list has it')
    .requiredOption('--by <name>', 'who approves', notEmpty('--by', 'say who approves'))
    .option('--cap <tlp>', 'this edition alone; else each that was made')
    .option('--no-deliver', 'mail nobody yet')
    .action(async (key: string, options: ApproveOptions, command: Command) => {
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const written = options.cap
      const cap = written === undefined ? undefined : usage('--cap', () => parseMarking(written))
      await run('flash approve', command, async (context) => {
        const { approveFlash } = await import('../../../lambdas/usecases/reports/flash/approve-flash.ts')
        const { deliverer } = await import('../deliver.ts')
        const entries = await approveFlash({ key, by: options.by, cap }, context.services)
        const deliver = options.deliver ? await deliverer(context) : undefined
        const approved: ApprovedFlash[] = []
        for (const { territory, period, cap: edition, version, approved: approval } of entries) {
          const about = { territory, period, cap: edition, version }
          const delivered = await deliver?.({ ...about, to: 'everybody' })
          if (approval) approved.push({ ...about, ...approval, ...(delivered && { delivered }) })
        }
        return {
          value: approved,
          lines: approved.flatMap(({ territory, cap: edition, version, by, delivered }) => [
            `${territory} v${version}, ${edition}: approved by ${by}`,
            ...(delivered ? [delivered.said] : []),
          ]),
        }
      })
    })
}

const stateOf = ({ state, approved, draft }: FlashListed): string =>
  state === 'waits'
    ? `${draft ? `drafted by the rule (${draft.join(', ')}), ` : ''}waits for approval`
    : state === 'expired'
      ? 'expired'
      : `approved by ${approved?.by}`

const refuseCommand = (flash: Command): void => {
  flash
    .command('refuse')
    .description('refuse a flash note that waits: it is recalled, and no rule drafts it again')
    .argument('<key>', 'of the note: vigie flash list has it')
    .requiredOption('--by <name>', 'who refuses', notEmpty('--by', 'say who refuses'))
    .option('--reason <text>', 'why')
    .option('--cap <tlp>', 'this edition alone; else each that waits')
    .action(async (key: string, options: RefuseOptions, command: Command) => {
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const written = options.cap
      const cap = written === undefined ? undefined : usage('--cap', () => parseMarking(written))
      await run('flash refuse', command, async ({ services }) => {
        const { refuseFlash } = await import('../../../lambdas/usecases/reports/flash/refuse-flash.ts')
        const entries = await refuseFlash({ key, by: options.by, reason: options.reason, cap }, services)
        const refused = entries.map(({ territory, period, cap: edition, version }): RefusedFlash => {
          return { territory, period, cap: edition, version, by: options.by }
        })
        return {
          value: refused,
          lines: refused.map(
            ({ territory, cap: edition, version, by }) => `${territory} v${version}, ${edition}: refused by ${by}`,
          ),
        }
      })
    })
}

const draftCommand = (flash: Command): void => {
  flash
    .command('draft')
    .description(
      'draft notes by the rule of vigie.json about what was first stored in the last 48 hours, as vigie ingest does',
    )
    .action(async (_options: object, command: Command) => {
      await run('flash draft', command, async ({ services }) => {
        const { draftFlashes } = await import('../../../lambdas/usecases/reports/flash/draft-flashes.ts')
        const { draftLines } = await import('../draft-lines.ts')
        const drafting = await draftFlashes(services)
        const lines = draftLines(drafting)
        return {
          ok: drafting.failed.length === 0,
          value: drafting,
          lines:
            lines.length > 0
              ? lines
              : [
                  services.flashDrafts
                    ? 'nothing new to draft'
                    : 'vigie.json has no rule for drafts: flashDrafts (docs/house.md)',
                ],
        }
      })
    })
}

/** How the note goes on from here. */
const nextLines = async (
  code: string,
  services: import('../../../lambdas/usecases/services.ts').Services,
): Promise<readonly string[]> => {
  const { listFlash } = await import('../../../lambdas/usecases/reports/flash/list-flash.ts')
  const waits = (await listFlash(services)).some(({ key, state }) => key === code && state === 'waits')
  return waits ? [`It is mailed to nobody before: vigie flash approve ${code} --by NAME`] : []
}

type FlashOptions = { readonly until?: string; readonly cap: string; readonly asOf?: string }
type RefuseOptions = { readonly by: string; readonly reason?: string; readonly cap?: string }
type ApproveOptions = { readonly by: string; readonly cap?: string; readonly deliver: boolean }
