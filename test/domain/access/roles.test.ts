/** Who may do what: the table of docs/sharing.md is the one that the code asks. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { everything, mayDo } from '../../../lambdas/domain/access/caller.ts'
import { everyRight, rights, rightsOf, roles, rolesFor } from '../../../lambdas/domain/access/roles.ts'

const text = readFileSync(new URL('../../../docs/sharing.md', import.meta.url), 'utf8')

test('the table in docs/sharing.md says of each right what the code says', () => {
  const told = [...text.matchAll(/^\|[^|]+\| `([a-z]+:[a-z]+)` \|(.+)\|$/gm)].map(([, right = '', cells = '']) => [
    right,
    roles.filter((_, at) => cells.split('|')[at]?.trim() === 'yes'),
  ])
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(everyRight.map((right) => [right, [...rights[right]]])))
  expect(text).toContain(`| action | right | ${roles.join(' | ')} |`)
})

test('several roles may what each of them may, and no role nothing', () => {
  expect(rightsOf([])).toEqual([])
  for (const one of roles) {
    for (const other of roles) {
      expect(new Set(rightsOf([one, other]))).toEqual(new Set([...rightsOf([one]), ...rightsOf([other])]))
    }
    for (const right of rightsOf([one])) expect(rolesFor(right)).toContain(one)
  }
})

test('who reads reports sees how they were watched, also in a session from before there were roles', () => {
  expect(mayDo({ ...everything, scopes: ['reports:read'] }, 'watch:read')).toBe(true)
  expect(mayDo({ ...everything, scopes: ['reports:create'] }, 'watch:read')).toBe(false)
})
