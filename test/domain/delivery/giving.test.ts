/** What the list of recipients may give: no one gives more than their own rights. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import { rightsOf, roles } from '../../../lambdas/domain/access/roles.ts'
import { fitsUnder, markings } from '../../../lambdas/domain/core/marking.ts'
import { territories } from '../../../lambdas/domain/core/place/territory.ts'
import {
  givenBeyond,
  mayChangeRecipient,
  mayClearUpTo,
  mayKnowRecipient,
  type Reading,
} from '../../../lambdas/domain/delivery/giving.ts'
import { mailedTo } from '../../../lambdas/domain/delivery/mailed-to.ts'
import { mayReceive, supposedFor } from '../../../lambdas/domain/delivery/may-receive.ts'
import {
  cadences,
  editionNames,
  places,
  recipientStates,
  territoriesOf,
} from '../../../lambdas/domain/delivery/recipient.ts'
import { recipient } from '../../support/recipients.ts'

const codes = territories.map(({ code }) => code)
const inRole = (role: (typeof roles)[number], changes: Partial<Caller> = {}): Caller => ({
  ...everything,
  ...{ who: role, roles: [role], scopes: [...rightsOf([role])] },
  ...changes,
})

describe('a clearance', () => {
  test.each([
    ['analyst', 'TLP:RED', 'TLP:GREEN'],
    ['analyst', 'TLP:CLEAR', 'TLP:CLEAR'],
    ['approver', 'TLP:RED', 'TLP:RED'],
    ['reader', 'TLP:RED', undefined],
  ] as const)('is given by an %s cleared up to %s up to %s', (role, clearance, upTo) => {
    expect(mayClearUpTo(inRole(role, { clearance }))).toBe(upTo)
  })

  test('above one’s own may be kept or lowered, and allows nothing more', () => {
    const analyst = inRole('analyst', { clearance: 'TLP:AMBER' })
    const before: Reading = { clearance: 'TLP:AMBER', territories: ['NC'], state: 'active' }
    expect(givenBeyond(analyst, before, before)).toEqual([])
    expect(givenBeyond(analyst, before, { ...before, clearance: 'TLP:GREEN' })).toEqual([])
    expect(givenBeyond(analyst, before, { ...before, state: 'unsubscribed' })).toEqual([])
    expect(givenBeyond(analyst, { ...before, state: 'unsubscribed' }, before)).toEqual(['clearance'])
    expect(givenBeyond(analyst, before, { ...before, territories: ['NC', 'MQ'] })).toEqual(['clearance'])
    expect(givenBeyond(analyst, before, { ...before, clearance: 'TLP:AMBER+STRICT' })).toEqual(['clearance'])
    expect(
      givenBeyond({ ...analyst, territories: ['NC'] }, undefined, { ...before, territories: ['overseas'] }),
    ).toEqual(['clearance', 'territories'])
  })
})

test('a recipient is visible with a right to one of its territories, and changed with a right to all', () => {
  const caledonian = inRole('analyst', { territories: ['NC'] })
  expect(mayKnowRecipient(caledonian, { territories: ['overseas'] })).toBe(true)
  expect(mayChangeRecipient(caledonian, { territories: ['overseas'] })).toBe(false)
  expect(mayChangeRecipient(caledonian, { territories: ['NC'] })).toBe(true)
  expect(mayKnowRecipient(caledonian, { territories: ['COR'] })).toBe(false)
  expect(mayKnowRecipient(inRole('reader'), { territories: ['NC'] })).toBe(false)
})

const reading = fc.record({
  clearance: fc.constantFrom(...markings),
  territories: fc.uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: 4 }),
  state: fc.constantFrom(...recipientStates),
})
const caller = fc
  .record({
    roles: fc.uniqueArray(fc.constantFrom(...roles), { minLength: 1 }),
    clearance: fc.constantFrom(...markings),
    territories: fc.uniqueArray(fc.constantFrom(...codes), { minLength: 1 }),
  })
  .map((one): Caller => ({ ...one, who: 'x', scopes: [...rightsOf(one.roles)] }))

test('a change allows only what was readable before, or what the caller may give', () => {
  fc.assert(
    fc.property(caller, fc.option(reading, { nil: undefined }), reading, (by, before, after) => {
      fc.pre(givenBeyond(by, before, after).length === 0)
      const reads = (
        { state, territories: named, clearance }: Reading,
        code: (typeof codes)[number],
        marking: (typeof markings)[number],
      ) =>
        (state === 'active' || state === 'pending') && territoriesOf(named).has(code) && fitsUnder(marking, clearance)
      const upTo = mayClearUpTo(by)
      for (const code of codes) {
        for (const marking of markings) {
          if (!reads(after, code, marking) || (before && reads(before, code, marking))) continue
          expect(upTo && fitsUnder(marking, upTo) && by.territories.includes(code)).toBe(true)
        }
      }
    }),
    { numRuns: 400 },
  )
})

test('the list of mailed reports follows the rule, report by report', () => {
  fc.assert(
    fc.property(
      reading,
      fc.constantFrom(...cadences),
      fc.option(fc.uniqueArray(fc.constantFrom(...editionNames), { minLength: 1 }), { nil: undefined }),
      (read, cadence, editions) => {
        const one = recipient('a@example.org', { ...read, ...(editions && { editions }) })
        const mailed = mailedTo(one, cadence)
        for (const code of codes) {
          const report = supposedFor(one, { territory: code, cadence })
          expect(mailed.includes(code)).toBe(mayReceive(report, one).may)
          expect(mayReceive({ ...report, cap: 'TLP:RED', marking: 'TLP:RED' }, one).may).toBe(false)
        }
      },
    ),
    { numRuns: 100 },
  )
})
