import { InvalidArgumentError } from 'commander'
import { reasonText } from '../../../lambdas/domain/core/fault-text.ts'
import { command, group, list } from '../table.ts'
import { argument, flag, option } from '../words.ts'
import { versionFilter } from './report.ts'

export const deliveryCommands = [
  group('deliveries', 'mails sent to recipients, and their outcome'),
  list('deliveries list', {
    description: 'every mail',
    takes: {
      ...versionFilter,
      state: option('--state <state>', 'in one state').oneOf([
        'PENDING',
        'SENDING',
        'SENT',
        'FAILED',
        'WITHHELD',
        'UNKNOWN',
      ]),
    },
    read: async ({ state, ...filter }, context) => {
      const { listDeliveries } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
      const { deliveryHere } = await import('../deliver.ts')
      const found = await listDeliveries(filter, context.services)
      return found.filter((one) => !state || one.state === state).map((one) => deliveryHere(one, context))
    },
    columns: {
      Delivery: ({ id }) => id,
      Reader: ({ address }) => address ?? 'removed',
      State: ({ state, file }) => (file === undefined ? state : 'WRITTEN'),
      At: ({ at }) => at,
      Why: ({ reason, file }) => (file === undefined ? reason && reasonText(reason) : `written to ${file}`),
    },
  }),
  command('deliveries show', {
    description: 'one mail',
    takes: { id: argument('<id>', 'such as NC.2024-W20.amber.1.0123abcd') },
    run: async ({ id }, context) => {
      const { findDelivery } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
      const { deliveryHere } = await import('../deliver.ts')
      const found = deliveryHere(await findDelivery(id, context.services), context)
      const { reason, ...rest } = found
      const shown = { ...rest, ...(reason && { reason: reasonText(reason) }) }
      return { value: found, lines: Object.entries(shown).map(([name, value]) => `${name}: ${value}`) }
    },
  }),
  command('deliveries resend', {
    description: 'send a mail again that did not arrive',
    takes: {
      id: argument('<id>'),
      confirm: flag('--confirm', 'confirm that it did not arrive: otherwise its reader may get it twice'),
    },
    check: (asked) => {
      if (asked.confirm) return asked
      throw new InvalidArgumentError(
        '--confirm: add it if you know that it did not arrive; otherwise its reader may get it twice',
      )
    },
    run: async ({ id }, context) => {
      const { resend } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
      const { deliverer, hasArrived } = await import('../deliver.ts')
      const message = await resend(id, context.services)
      const value = await (await deliverer(context))(message)
      return { ok: hasArrived(value), value, lines: [value.line] }
    },
  }),
  command('deliveries digest', {
    description: 'send the digests that are due now',
    run: async (_, context) => {
      const { digester } = await import('../deliver.ts')
      const value = await (await digester(context))()
      return { value, lines: [value.line] }
    },
  }),
]
