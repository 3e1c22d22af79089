/** `vigie deliveries`. */
import { InvalidArgumentError } from 'commander'
import { command, group, list } from '../table.ts'
import { argument, flag, option } from '../words.ts'
import { versionFilter } from './report.ts'

export const deliveryCommands = [
  group('deliveries', 'what was mailed to whom, and what became of it'),
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
    read: async ({ state, ...filter }, { services }) => {
      const { listDeliveries } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
      return (await listDeliveries(filter, services)).filter((one) => !state || one.state === state)
    },
    columns: {
      Delivery: ({ id }) => id,
      Reader: ({ address }) => address ?? 'removed',
      State: ({ state }) => state,
      At: ({ at }) => at,
      Why: ({ reason }) => reason,
    },
  }),
  command('deliveries show', {
    description: 'one mail',
    takes: { id: argument('<id>', 'such as NC.2024-W20.amber.1.0123abcd') },
    run: async ({ id }, { services }) => {
      const { findDelivery } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
      const found = await findDelivery(id, services)
      return { value: found, lines: Object.entries(found).map(([name, value]) => `${name}: ${value}`) }
    },
  }),
  command('deliveries resend', {
    description: 'send one again, of which you know that it did not arrive',
    takes: {
      id: argument('<id>'),
      confirm: flag('--confirm', 'you know that it did not arrive: its reader may otherwise get it twice'),
    },
    check: (asked) => {
      if (asked.confirm) return asked
      throw new InvalidArgumentError(
        '--confirm: say that you know that it did not arrive, its reader may otherwise get it twice',
      )
    },
    run: async ({ id }, context) => {
      const { resend } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
      const { deliverer } = await import('../deliver.ts')
      const message = await resend(id, context.services)
      const value = await (await deliverer(context))(message)
      return { value, lines: [value.said] }
    },
  }),
  command('deliveries digest', {
    description: 'send the digests that are due now: once the national edition is, and one a day for each reader',
    run: async (_, context) => {
      const { digester } = await import('../deliver.ts')
      const value = await (await digester(context))()
      return { value, lines: [value.said] }
    },
  }),
]
