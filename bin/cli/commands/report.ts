/** The commands that make reports. */
import { type Command, InvalidArgumentError } from 'commander'
import type { ReportRequest } from '../../../lambdas/usecases/reports/generate-report.ts'
import { codesOf, editionAsked, instantOf, notEmpty, usage } from '../arguments.ts'
import type { CliContext } from '../context.ts'
import { type MadeReport, run } from '../run.ts'

export const reportCommands = (vigie: Command): void => {
  reportCommand(vigie)
  dossierCommand(vigie)
  weeklyCommand(vigie)
}

const reportCommand = (vigie: Command): void => {
  vigie
    .command('report')
    .description('make the report of a territory or group for a period, or find the one that says the same')
    .argument(
      '<territory>',
      'a code or a name; all for the national edition; overseas, antilles, pacific, indian-ocean',
    )
    .argument('<period>')
    .option('--cap <tlp>', 'the edition: nothing marked above it is shown', 'AMBER')
    .option('--as-of <instant>', 'on the data stored by then, such as 2024-05-20T06:30:00+11:00')
    .option('--redress', 'make a next version where only logo, colour or words of the house have changed', false)
    .option('--deliver', 'mail it to the recipients of this edition', false)
    .action(async (territory: string, period: string, options: ReportOptions, command: Command) => {
      const request = {
        ...(await editionAsked(territory, period, options.cap)),
        asOf: options.asOf === undefined ? undefined : await instantOf('--as-of', options.asOf),
        redress: options.redress,
      }
      await run('report', command, (context) => makeReport(request, options.deliver, context))
    })
}

const dossierCommand = (vigie: Command): void => {
  vigie
    .command('dossier')
    .description('make the dossier of a campaign: all that bears its name, over every territory and all time')
    .argument('<campaign>', 'its name, in any spelling that an alias knows; or the key of its dossier')
    .option('--until <period>', 'up to the end of it, such as 2024-W20; the last complete week where it is left out')
    .option('--cap <tlp>', 'the edition: nothing marked above it is shown', 'AMBER')
    .option('--as-of <instant>', 'on the data stored by then, such as 2024-05-20T06:30:00+11:00')
    .option('--deliver', 'mail it to the recipients of every territory who may read this edition', false)
    .action(async (campaign: string, options: DossierOptions, command: Command) => {
      const { parsePeriod } = await import('../../../lambdas/domain/core/time/period.ts')
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const { until: written } = options
      const named = notEmpty('campaign', 'name a campaign')(campaign)
      const asked = {
        until: written === undefined ? undefined : usage('--until', () => parsePeriod(written)),
        cap: usage('--cap', () => parseMarking(options.cap)),
        asOf: options.asOf === undefined ? undefined : await instantOf('--as-of', options.asOf),
      }
      await run('dossier', command, async (context) => {
        const { dossierAsked } = await import('../../../lambdas/usecases/reports/ask-dossier.ts')
        return makeReport(dossierAsked(named, asked, context.services), options.deliver, context)
      })
    })
}

/** Makes what is asked for, or finds it, and mails it where that is wanted. */
export const makeReport = async (request: ReportRequest, deliver: boolean, context: CliContext) => {
  const { services } = context
  const { generateReport } = await import('../../../lambdas/usecases/reports/generate-report.ts')
  const { reportLine, reportOutput } = await import('../outputs.ts')
  const made = await generateReport(request, services)
  const value = reportOutput(made, services.archive)
  const lines = [
    reportLine(made),
    ...value.files.map(({ path }) => `  ${path}`),
    ...(made.isInOldDress
      ? ['The house (vigie.json) looks otherwise since: vigie report … --redress makes a version that shows it']
      : []),
  ]
  if (!deliver) return { value, lines }
  const { deliverer } = await import('../deliver.ts')
  const { deliveryMessageOf } = await import('../../../lambdas/usecases/reports/handle-report-message.ts')
  const delivered = await (await deliverer(context))(deliveryMessageOf(made, 'everybody'))
  return { value: { ...value, delivered }, lines: [...lines, delivered.said] }
}

const weeklyCommand = (vigie: Command): void => {
  vigie
    .command('weekly')
    .description(
      'make the weekly report of every territory, the national edition, and those of groups that recipients named, and mail them',
    )
    .argument('[week]', 'such as 2024-W20; the last complete week of each territory’s own zone where it is left out')
    .option(
      '--territory <code...>',
      'of these alone: codes, names or groups (overseas, antilles, pacific, indian-ocean)',
    )
    .option('--cap <tlp>', 'the edition: nothing marked above it is shown', 'AMBER')
    .option('--no-deliver', 'mail nobody')
    .action(async (written: string | undefined, options: WeeklyOptions, command: Command) => {
      const { parsePeriod } = await import('../../../lambdas/domain/core/time/period.ts')
      const { parseMarking } = await import('../../../lambdas/domain/core/marking.ts')
      const cap = usage('--cap', () => parseMarking(options.cap))
      const only = options.territory && (await codesOf('--territory', options.territory))
      const week = written === undefined ? undefined : usage('week', () => parsePeriod(written))
      if (week && week.cadence !== 'week')
        throw new InvalidArgumentError(`week: ${written} is no week: write it like 2024-W20`)
      await run('weekly', command, async (context) => {
        const { weekly } = await import('../actions.ts')
        const { pausedLine, reportOutput, reportsTable } = await import('../outputs.ts')
        const { reports, national, groups, reissued, failed, paused, delivered, digests } = await weekly(
          { week, cap, only, deliver: options.deliver },
          context,
        )
        const { archive } = context.services
        const output = (made: MadeReport) => reportOutput(made, archive)
        return {
          ok: failed.length === 0,
          value: {
            reports: reports.map(output),
            national: national.map(output),
            groups: groups.map(output),
            reissued: reissued.map(output),
            failed,
            paused,
            delivered,
            ...(digests?.summary && { digests: digests.summary }),
          },
          lines: [
            ...reportsTable([...reports, ...national, ...groups], archive),
            ...(reissued.length > 0
              ? ['', 'Made again, since late data changed their figures:', ...reportsTable(reissued, archive)]
              : []),
            ...delivered.map(({ said }) => said),
            ...(digests?.summary?.sent ? [digests.said] : []),
            ...paused.map((one) => `paused: ${pausedLine(one)}`),
            ...failed.map(({ territory, message }) => `failed: ${territory}: ${message}`),
          ],
        }
      })
    })
}

type ReportOptions = {
  readonly cap: string
  readonly asOf?: string
  readonly redress: boolean
  readonly deliver: boolean
}
type DossierOptions = {
  readonly until?: string
  readonly cap: string
  readonly asOf?: string
  readonly deliver: boolean
}
type WeeklyOptions = { readonly territory?: string[]; readonly cap: string; readonly deliver: boolean }
