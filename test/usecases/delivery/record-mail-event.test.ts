/** Events of mails without a ledger: codes and confirmations. */
import { expect, test } from 'vitest'
import { shortMailId } from '../../../lambdas/domain/delivery/delivery.ts'
import { tagged } from '../../../lambdas/mail/mailer.ses.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import { recordMailEvent, UnknownDeliveryError } from '../../../lambdas/usecases/delivery/record-mail-event.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'
import { recipient } from '../../support/recipients.ts'

const services = { ...storesIn(memoryTable()), clock: () => new Date('2024-05-20T00:00:00.000Z') }

const record = (name: string, eventType: string, more: object = {}) =>
  recordMailEvent({ detail: { eventType, mail: { messageId: 'm', tags: { delivery: [name] } }, ...more } }, services)

test('a delivered code changes nothing; a bounced one suppresses its reader', async () => {
  const reader = recipient('ana@example.org')
  await services.recipients.replace(reader)
  const name = tagged(shortMailId('code', reader.id, 'ab12'))
  expect(name).toMatch(/^[A-Za-z0-9_-]+$/)
  expect(await record(name, 'Delivery')).toBe('nothing new')
  expect(await services.recipients.get(reader.id)).toMatchObject({ state: 'active' })
  expect(await record(name, 'Bounce', { bounce: { bounceType: 'Permanent' } })).toContain('recipient suppressed')
  expect(await services.recipients.get(reader.id)).toMatchObject({ state: 'suppressed' })
})

test('an unknown name is refused', async () => {
  for (const name of ['code_x', 'code_0123456789abcdef_', 'other_0123456789abcdef_ab', '']) {
    await expect(record(name, 'Delivery')).rejects.toBeInstanceOf(UnknownDeliveryError)
  }
})
