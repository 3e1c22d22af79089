/** Recipients for tests: one who gets everything of New Caledonia up to AMBER, but for what a test changes. */
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import { recipientId } from '../../lambdas/store/delivery/recipients.ts'

export const recipient = (address: string, changes: Partial<Recipient> = {}): Recipient => ({
  id: recipientId(address),
  address,
  language: 'fr',
  territories: ['NC'],
  cadences: ['week', 'month'],
  clearance: 'TLP:AMBER',
  form: 'link',
  quiet: 'send',
  state: 'active',
  addedAt: '2024-05-01T00:00:00.000Z',
  ...changes,
})
