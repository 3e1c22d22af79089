import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { everything, mayDo } from '../../../lambdas/domain/access/caller.ts'
import { everyRight, rights, rightsOf, roles } from '../../../lambdas/domain/access/roles.ts'

const text = readFileSync(new URL('../../../docs/sharing.md', import.meta.url), 'utf8')

test('docs/sharing.md lists the rights that the code grants', () => {
  const listed = [...text.matchAll(/^\|[^|]+\| `([a-z]+:[a-z]+)` \|(.+)\|$/gm)].map(([, right = '', cells = '']) => [
    right,
    roles.filter((_, at) => cells.split('|')[at]?.trim() === 'yes'),
  ])
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(everyRight.map((right) => [right, [...rights[right]]])))
  expect(text).toContain(`| action | right | ${roles.join(' | ')} |`)
})

test('several roles have the rights of each, and no role has none', () => {
  expect(rightsOf([])).toEqual([])
  for (const one of roles) {
    for (const other of roles) {
      expect(new Set(rightsOf([one, other]))).toEqual(new Set([...rightsOf([one]), ...rightsOf([other])]))
    }
  }
})

test('the right to read reports includes the right to see the watch, also in sessions older than roles', () => {
  expect(mayDo({ ...everything, scopes: ['reports:read'] }, 'watch:read')).toBe(true)
  expect(mayDo({ ...everything, scopes: ['reports:create'] }, 'watch:read')).toBe(false)
})
