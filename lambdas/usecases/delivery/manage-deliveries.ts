import { fault } from '../../domain/core/fault.ts'
import type { SubjectCode } from '../../domain/core/place/territory.ts'
import { type Delivery, deliveryId, deliveryKeyIn } from '../../domain/delivery/delivery.ts'
import type { DeliveryMessage } from '../../domain/report/messages.ts'
import type { Services } from '../services.ts'

type DeliveryListServices = Pick<Services, 'deliveries' | 'recipients' | 'reports' | 'clock'>

export type ListedDelivery = Delivery & { readonly id: string; readonly address: string | null }

export const listDeliveries = async (
  filter: { readonly territory?: SubjectCode; readonly period?: string },
  services: DeliveryListServices,
): Promise<readonly ListedDelivery[]> => {
  return deliveriesAbout(await Array.fromAsync(services.reports.all(filter)), services)
}

export const deliveriesAbout = async (
  reports: readonly Pick<Delivery, 'territory' | 'period'>[],
  services: Pick<DeliveryListServices, 'deliveries' | 'recipients'>,
): Promise<readonly ListedDelivery[]> => {
  const seen = new Set<string>()
  const found: ListedDelivery[] = []
  for (const { territory, period } of reports) {
    const about = `${territory} ${period}`
    if (seen.has(about)) continue
    seen.add(about)
    for (const delivery of await services.deliveries.about(territory, period))
      found.push(await listed(delivery, services))
  }
  return found
}

/** @throws Error */
export const findDelivery = async (id: string, services: DeliveryListServices): Promise<ListedDelivery> => {
  const key = deliveryKeyIn(id)
  const found = key && (await services.deliveries.get(key))
  if (!found) throw new Error(`no delivery ${JSON.stringify(id)}: vigie deliveries list names them`)
  return listed(found, services)
}

/**
 * Makes a delivery pending again, for an operator who knows that it did not arrive.
 * @returns the message that sends it
 * @throws Error if it is being sent or already pending
 */
export const resend = async (id: string, services: DeliveryListServices): Promise<DeliveryMessage> => {
  // Removes the digest flag: a requested resend must not wait for a digest.
  const { id: _, address: __, by: ___, ...delivery } = await findDelivery(id, services)
  const { territory, period, cap, version, state } = delivery
  if (state === 'SENDING') throw new Error(`${id} is being sent: check its state in two minutes`)
  const changed = await services.deliveries.change(delivery, {
    state: 'PENDING',
    at: services.clock().toISOString(),
    attempts: 0,
    reason: fault('delivery.sentAgain', { state }),
  })
  if (!changed) throw new Error(`${id} changed just now: look at it again`)
  return { territory, period, cap, version, to: 'everybody' }
}

export const receiversOf = async (
  { territory, period, cap, version }: Pick<DeliveryMessage, 'territory' | 'period' | 'cap' | 'version'>,
  services: DeliveryListServices,
): Promise<readonly ListedDelivery[]> => {
  const got = (await services.deliveries.about(territory, period, cap)).filter(
    (one) => one.version === version && ['SENT', 'UNKNOWN', 'SENDING'].includes(one.state),
  )
  return Promise.all(got.map((one) => listed(one, services)))
}

const listed = async (
  delivery: Delivery,
  { recipients }: Pick<DeliveryListServices, 'recipients'>,
): Promise<ListedDelivery> => ({
  ...delivery,
  id: deliveryId(delivery),
  address: (await recipients.get(delivery.recipient))?.address ?? null,
})
