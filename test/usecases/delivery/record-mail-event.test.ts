/** What the mail service tells of mails that no ledger holds: codes, and questions whether to be on the list. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shortMailId } from '../../../lambdas/domain/delivery/delivery.ts'
import { tagged } from '../../../lambdas/mail/mailer.ses.ts'
import { recordMailEvent, UnknownDeliveryError } from '../../../lambdas/usecases/delivery/record-mail-event.ts'
import { newFolder } from '../../support/cli.ts'
import { recipient } from '../../support/recipients.ts'
import { type Opened, openServices } from '../../support/services.ts'

let opened: Opened
let remove: () => Promise<void>

beforeAll(async () => {
  const { folder, remove: removing } = await newFolder()
  remove = removing
  opened = await openServices(folder)
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const told = (name: string, eventType: string, more: object = {}) =>
  recordMailEvent(
    { detail: { eventType, mail: { messageId: 'm', tags: { delivery: [name] } }, ...more } },
    opened.services,
  )

test('a code that arrives is nothing new; one that bounces suppresses its reader', async () => {
  const reader = recipient('ana@example.org')
  await opened.services.recipients.replace(reader)
  const name = tagged(shortMailId('code', reader.id, 'ab12'))
  expect(name).toMatch(/^[A-Za-z0-9_-]+$/)
  expect(await told(name, 'Delivery')).toBe('nothing new')
  expect(await opened.services.recipients.get(reader.id)).toMatchObject({ state: 'active' })
  expect(await told(name, 'Bounce', { bounce: { bounceType: 'Permanent' } })).toContain('recipient suppressed')
  expect(await opened.services.recipients.get(reader.id)).toMatchObject({ state: 'suppressed' })
})

test('a name that is nobody’s stays unknown', async () => {
  for (const name of ['code_x', 'code_0123456789abcdef_', 'other_0123456789abcdef_ab', '']) {
    await expect(told(name, 'Delivery')).rejects.toBeInstanceOf(UnknownDeliveryError)
  }
})
