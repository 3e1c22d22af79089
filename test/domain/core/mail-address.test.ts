import { expect, test } from 'vitest'
import { mailAddressSchema } from '../../../lambdas/domain/core/mail-address.ts'

test('an address that a mail could not be sent to is refused', () => {
  const isTaken = (address: string): boolean => mailAddressSchema.safeParse(address).success
  expect(isTaken(`${'a'.repeat(64)}@example.org`)).toBe(true)
  expect(isTaken(`${'a'.repeat(65)}@example.org`)).toBe(false)
})
