/** `vigie deliveries`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { subjectAsked, usage } from '../arguments.ts'
import { run } from '../run.ts'

export const deliveryCommands = (vigie: Command): void => {
  const deliveries = vigie.command('deliveries').description('what was mailed to whom, and what became of it')
  listCommand(deliveries)
  showCommand(deliveries)
  resendCommand(deliveries)
  digestCommand(deliveries)
}

const listCommand = (deliveries: Command): void => {
  deliveries
    .command('list')
    .description('every mail')
    .option('--territory <code>', 'of one territory')
    .option('--period <period>', 'of one period')
    .addOption(
      new Option('--state <state>', 'in one state').choices([
        'PENDING',
        'SENDING',
        'SENT',
        'FAILED',
        'WITHHELD',
        'UNKNOWN',
      ]),
    )
    .action(async (options: { territory?: string; period?: string; state?: string }, command: Command) => {
      const { parsePeriod } = await import('../../../lambdas/domain/core/time/period.ts')
      const { territory, period, state } = options
      const filter = {
        ...(territory !== undefined && { territory: await subjectAsked('--territory', territory) }),
        ...(period !== undefined && { period: usage('--period', () => parsePeriod(period).id) }),
      }
      await run('deliveries list', command, async ({ services }) => {
        const { listDeliveries } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
        const found = (await listDeliveries(filter, services)).filter((one) => !state || one.state === state)
        const { plainTable } = await import('../tables.ts')
        return {
          value: found,
          lines: plainTable(
            ['Delivery', 'Reader', 'State', 'At', 'Why'],
            found.map(({ id, address, state, at, reason }) => [id, address ?? 'removed', state, at, reason ?? '']),
          ),
        }
      })
    })
}

const showCommand = (deliveries: Command): void => {
  deliveries
    .command('show')
    .description('one mail')
    .argument('<id>', 'such as NC.2024-W20.amber.1.0123abcd')
    .action(async (id: string, _options: object, command: Command) =>
      run('deliveries show', command, async ({ services }) => {
        const { findDelivery } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
        const found = await findDelivery(id, services)
        return { value: found, lines: Object.entries(found).map(([name, value]) => `${name}: ${value}`) }
      }),
    )
}

const resendCommand = (deliveries: Command): void => {
  deliveries
    .command('resend')
    .description('send one again, of which you know that it did not arrive')
    .argument('<id>')
    .option('--confirm', 'you know that it did not arrive: its reader may otherwise get it twice', false)
    .action(async (id: string, { confirm }: { confirm: boolean }, command: Command) => {
      if (!confirm) {
        throw new InvalidArgumentError(
          '--confirm: say that you know that it did not arrive, its reader may otherwise get it twice',
        )
      }
      await run('deliveries resend', command, async (context) => {
        const { resend } = await import('../../../lambdas/usecases/delivery/manage-deliveries.ts')
        const { deliverer } = await import('../deliver.ts')
        const message = await resend(id, context.services)
        const outcome = await (await deliverer(context))(message)
        return { value: outcome, lines: [outcome.said] }
      })
    })
}

const digestCommand = (deliveries: Command): void => {
  deliveries
    .command('digest')
    .description('send the digests that are due now: once the national edition is, and one a day for each reader')
    .action(async (_options: object, command: Command) =>
      run('deliveries digest', command, async (context) => {
        const { digester } = await import('../deliver.ts')
        const outcome = await (await digester(context))()
        return { value: outcome, lines: [outcome.said] }
      }),
    )
}
