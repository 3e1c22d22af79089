import { InvalidArgumentError } from 'commander'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { fault } from '../../../lambdas/domain/core/fault.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import type { ReportRequest } from '../../../lambdas/usecases/reports/generate-report.ts'
import { codesOf, instantOf, markingAsked, notEmpty, periodAsked, periodIdAsked, subjectAsked } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { say } from '../output/terminal.ts'
import type { MadeReport } from '../run.ts'
import { command } from '../table.ts'
import { argument, flag, option } from '../words.ts'

export const cap = option('--cap <tlp>', 'the edition: nothing marked above it is shown').or('AMBER').read(markingAsked)
export const asOf = option('--as-of <instant>', 'on the data stored by then, such as 2024-05-20T06:30:00+11:00').read(
  instantOf,
)

export const versionFilter = {
  territory: option('--territory <code>', 'of one territory').read(subjectAsked),
  period: option('--period <period>', 'of one period').read(periodIdAsked),
}

export const reportCommands = [
  command('report', {
    description: 'make the report of a territory or group for a period; if nothing changed, name the existing version',
    takes: {
      territory: argument(
        '<territory>',
        'a code or a name; all for the national edition; overseas, antilles, pacific, indian-ocean',
      ).read(subjectAsked),
      period: argument('<period>').read(periodAsked),
      cap,
      asOf,
      rebrand: flag('--rebrand', 'make a new version if only the organisation’s logo, colour or texts changed'),
      deliver: flag('--deliver', 'mail it to the recipients of this edition'),
    },
    run: ({ deliver, ...request }, context) => makeReport(request, deliver, context),
  }),
  command('dossier', {
    description: 'make the dossier of a campaign, over all territories and all time',
    takes: {
      campaign: argument('<campaign>', 'its name, in any spelling that an alias knows; or the key of its dossier').read(
        (word, written) => notEmpty(word, 'name a campaign')(written),
      ),
      until: option('--until <period>', 'last period, such as 2024-W20; the last complete week if omitted').read(
        periodAsked,
      ),
      cap,
      asOf,
      deliver: flag('--deliver', 'mail it to the recipients of every territory who may read this edition'),
    },
    run: async ({ campaign, deliver, ...asked }, context) => {
      const { dossierAsked } = await import('../../../lambdas/usecases/reports/ask-dossier.ts')
      return makeReport(await dossierAsked(campaign, asked, context.services), deliver, context)
    },
  }),
  command('weekly', {
    description:
      'make and mail the weekly reports of every territory, of the groups that recipients have, and the national edition',
    takes: {
      week: argument(
        '[week]',
        'such as 2024-W20; the last complete week of each territory’s own zone where it is left out',
      ).read(async (word, written) => {
        const week = await periodAsked(word, written)
        if (week.cadence === 'week') return week
        throw new InvalidArgumentError(`week: ${written} is no week: write it like 2024-W20`)
      }),
      only: option(
        '--territory <code...>',
        'only these: codes, names or groups (overseas, antilles, pacific, indian-ocean)',
      ).read(codesOf),
      cap,
      deliver: option('--no-deliver', 'do not mail'),
    },
    run: async ({ deliver = false, ...asked }, context) => {
      const { weekly } = await import('../actions.ts')
      const { hasArrived } = await import('../deliver.ts')
      const { pausedLine, reportOutput, reportsTable } = await import('../output/outputs.ts')
      const made = await weekly({ ...asked, deliver }, context)
      const { reports, national, groups, reissued, failed, paused, delivered, digests } = made
      const { archive } = context.services
      await sayKept([...reports, ...national, ...groups, ...reissued], context)
      const output = (one: MadeReport) => reportOutput(one, archive)
      return {
        ok: failed.length === 0 && delivered.every(hasArrived),
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
          ...delivered.map(({ line }) => line),
          ...(digests?.summary?.sent ? [digests.line] : []),
          ...paused.map((one) => `paused: ${pausedLine(one)}`),
          ...failed.map(({ territory, message }) => `failed: ${territory}: ${message}`),
        ],
      }
    },
  }),
]

/** States that own templates change no version that exists. */
const sayKept = async (made: readonly MadeReport[], { services }: CliContext): Promise<void> => {
  const { builtInTemplates } = await import('../../../lambdas/render/html.ts')
  const templates = services.templates()
  if (templates === builtInTemplates()) return
  const { templatesSha256 } = await import('../../../lambdas/render/render.ts')
  const own = templatesSha256(templates)
  const kept = made.filter(({ isNew, manifest }) => !isNew && manifest.templatesSha256 !== own)
  if (kept.length > 0) say(faultText(fault('templates.kept', { count: kept.length })))
}

export const makeReport = async (request: ReportRequest, deliver: boolean, context: CliContext) => {
  const { services } = context
  const { generateReport } = await import('../../../lambdas/usecases/reports/generate-report.ts')
  const { reportLine, reportOutput } = await import('../output/outputs.ts')
  const made = await generateReport(request, services)
  await sayKept([made], context)
  const value = reportOutput(made, services.archive)
  const lines = [
    reportLine(made),
    ...value.files.map(({ path }) => `  ${path}`),
    ...(made.hasOldBranding
      ? ['The branding in vigie.json has changed since: vigie report … --rebrand makes a version with it']
      : []),
  ]
  if (!deliver) return { value, lines }
  const { deliverer, hasArrived } = await import('../deliver.ts')
  const { deliveryMessageOf } = await import('../../../lambdas/usecases/reports/handle-report-message.ts')
  const delivered = await (await deliverer(context))(deliveryMessageOf(made, 'everybody'))
  const { line, readers, notCleared = 0 } = delivered
  // Without readers, the line names the editions that others get.
  const left =
    readers === 0 || notCleared === 0
      ? []
      : [`${plural(notCleared, 'reader')} ${notCleared === 1 ? 'is' : 'are'} not cleared for this edition`]
  return { ok: hasArrived(delivered), value: { ...value, delivered }, lines: [...lines, line, ...left] }
}
