import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import type { FlashListed } from '../../../lambdas/usecases/reports/flash/list-flash.ts'
import type { ApprovedFlash } from '../answers.ts'
import { instantToCome, markingAsked, notEmpty } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { command, list } from '../table.ts'
import { argument, author, option } from '../words.ts'
import { asOf, cap, makeReport } from './report.ts'

const key = argument('<key>', 'of the note: vigie flash list has it')

export const flashCommands = [
  command('flash', {
    description: 'make a flash note: one page about one to three detections, which is mailed once it is approved',
    takes: {
      ids: argument('<id...>', 'ids of detections; or the key of a note, to make it again').read((_, ids) =>
        ids.map(notEmpty('id', 'name a detection')),
      ),
      until: option('--until <instant>', 'end of validity; by default when the report of that week is due').read(
        instantToCome,
      ),
      cap,
      asOf,
    },
    run: async ({ ids, ...asked }, context) => {
      const { flashAsked } = await import('../../../lambdas/usecases/reports/flash/ask-flash.ts')
      const request = await flashAsked(ids, asked, context.services)
      const { value, lines } = await makeReport(request, false, context)
      return { value, lines: [...lines, ...(await nextLines(request.territory, context))] }
    },
  }),
  list('flash list', {
    description: 'flash notes, and what each waits for',
    read: async (_, { services }) => {
      const { listFlash } = await import('../../../lambdas/usecases/reports/flash/list-flash.ts')
      return listFlash(services)
    },
    columns: {
      Key: (one) => one.key,
      Period: ({ period }) => period,
      Edition: ({ cap }) => cap,
      Marking: ({ marking }) => marking,
      Version: ({ version }) => String(version),
      Until: ({ until }) => until,
      State: (one) => stateOf(one),
      Detections: ({ ids }) => ids.join(', '),
    },
    none: 'no flash note was made: vigie flash and the ids of detections make one',
  }),
  command('flash approve', {
    description: 'approve the newest version of a flash note, and mail it to the recipients of every territory in it',
    takes: {
      key,
      by: author('who approves', 'name who approves').needed(),
      cap: option('--cap <tlp>', 'only this edition; else every edition made').read(markingAsked),
      mails: option('--no-deliver', 'do not mail yet'),
    },
    run: (asked, context) => approveNote(asked, context),
  }),
  command('flash refuse', {
    description: 'refuse a waiting flash note: it is recalled',
    takes: {
      key,
      by: author('who refuses', 'name who refuses').needed(),
      reason: option('--reason <text>', 'why'),
      cap: option('--cap <tlp>', 'only this edition; else every waiting one').read(markingAsked),
    },
    run: (asked, context) => refuseNote(asked, context),
  }),
]

type Decides = { readonly key: string; readonly by: string; readonly cap?: Marking | undefined }

export const approveNote = async ({ mails, ...asked }: Decides & { readonly mails?: boolean }, context: CliContext) => {
  const { approveFlash } = await import('../../../lambdas/usecases/reports/flash/approve-flash.ts')
  const { deliverer, hasArrived } = await import('../deliver.ts')
  const entries = await approveFlash(asked, context.services)
  const deliver = mails ? await deliverer(context) : undefined
  const approved: ApprovedFlash[] = []
  for (const { territory, period, cap: edition, version, approved: approval } of entries) {
    const about = { territory, period, cap: edition, version }
    const delivered = await deliver?.({ ...about, to: 'everybody' })
    if (approval) approved.push({ ...about, ...approval, ...(delivered && { delivered }) })
  }
  return {
    ok: approved.every(({ delivered = {} }) => hasArrived(delivered)),
    value: approved,
    lines: approved.flatMap(({ territory, cap, version, by, delivered }) => [
      `${territory} v${version}, ${cap}: approved by ${by}`,
      ...(delivered ? [delivered.line] : []),
    ]),
  }
}

export const refuseNote = async (asked: Decides & { readonly reason?: string }, { services }: CliContext) => {
  const { refuseFlash } = await import('../../../lambdas/usecases/reports/flash/refuse-flash.ts')
  const { by } = asked
  const entries = await refuseFlash(asked, services)
  return {
    value: entries.map(({ territory, period, cap, version }) => ({ territory, period, cap, version, by })),
    lines: entries.map(({ territory, cap, version }) => `${territory} v${version}, ${cap}: refused by ${by}`),
  }
}

const stateOf = ({ state, approved }: FlashListed): string =>
  state === 'waits' ? 'waits for approval' : state === 'expired' ? 'expired' : `approved by ${approved?.by}`

const nextLines = async (code: string, { services }: CliContext): Promise<readonly string[]> => {
  const { listFlash } = await import('../../../lambdas/usecases/reports/flash/list-flash.ts')
  const waits = (await listFlash(services)).some((one) => one.key === code && one.state === 'waits')
  return waits ? [`It is not mailed before its approval: vigie flash approve ${code} --by NAME`] : []
}
