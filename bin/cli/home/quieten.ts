import { fault } from '../../../lambdas/domain/core/fault.ts'
import { deliveriesIn } from '../../../lambdas/store/delivery/deliveries.ts'
import { openHome } from '../../../lambdas/store/embedded/home.ts'
import { reportsIn } from '../../../lambdas/store/reports/reports.ts'
import { waitingIn, waitingMailsIn } from '../../../lambdas/store/reports/waiting.ts'
import { forgetWatch } from '../../../lambdas/store/reports/watched.ts'

/**
 * Lets a copy of a data folder do nothing that the original did since: jobs are dropped, mails that waited are unknown,
 * and only reports that are due from its first run on are made by themselves.
 */
export const quieten = async (folder: string): Promise<void> => {
  const { table, close } = await openHome(folder)
  try {
    const [waiting, mails] = [waitingIn(table), waitingMailsIn(table)]
    const [deliveries, reports] = [deliveriesIn(table), reportsIn(table)]
    for (const one of await Array.fromAsync(waiting.all())) await waiting.done(one)
    for (const one of await mails.begun()) await mails.done(one)
    const all = await Array.fromAsync(reports.all({}))
    for (const { territory, period } of new Map(all.map((one) => [`${one.territory} ${one.period}`, one])).values())
      for (const one of await deliveries.about(territory, period))
        if (one.state === 'PENDING' || one.state === 'SENDING')
          await deliveries.change(one, { state: 'UNKNOWN', at: one.at, reason: fault('delivery.copied') })
    await forgetWatch(table)
  } finally {
    await close()
  }
}
