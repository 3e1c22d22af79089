/** Refuses unknown conditions; test/store/two-tables.test.ts compares the others with DynamoDB. */
import { describe, expect, test } from 'vitest'
import { readCondition } from '../../../lambdas/store/table/condition.ts'
import type { Condition } from '../../../lambdas/store/table/table.ts'

const key = { pk: 'p', sk: 's' }

test.each<[string, Condition]>([
  ['another function', { expression: 'attribute_exists(pk)' }],
  ['brackets', { expression: '(attribute_not_exists(pk))' }],
  ['NOT', { expression: 'NOT attribute_not_exists(pk)' }],
  ['another sign', { expression: 'a >= :a', values: { ':a': 1 } }],
  ['BETWEEN', { expression: 'a BETWEEN :a AND :b', values: { ':a': 1, ':b': 2 } }],
  ['a field within a map', { expression: 'a.b = :a', values: { ':a': 1 } }],
  ['two fields', { expression: 'a = b' }],
  ['a small word', { expression: 'a = :a or b = :b', values: { ':a': 1, ':b': 2 } }],
  ['nothing', { expression: '' }],
  ['a name that is not given', { expression: '#a = :a', values: { ':a': 1 } }],
  ['a value that is not given', { expression: 'a = :a', values: { ':b': 1 } }],
  ['a name that is not used', { expression: 'attribute_not_exists(pk)', names: { '#a': 'a' } }],
  ['a value that is not used', { expression: 'attribute_not_exists(pk)', values: { ':a': 1 } }],
  ['a list to be equal to', { expression: 'a = :a', values: { ':a': [1] } }],
  ['a size that is no number', { expression: 'size(a) < :a', values: { ':a': '1' } }],
  ['a bound without an order', { expression: 'a < :a', values: { ':a': true } }],
  ['another thing than a text to hold', { expression: 'contains(a, :a)', values: { ':a': 1 } }],
])('%s is refused', (_, condition) => {
  expect(() => readCondition(condition)).toThrow(/^the condition /)
})

describe('a field of a wrong type is refused:', () => {
  test.each<[string, Condition]>([
    ['a text’s size', { expression: 'size(a) = :a', values: { ':a': 1 } }],
    ['what a text contains', { expression: 'contains(a, :a)', values: { ':a': 'x' } }],
  ])('%s', (_, condition) => {
    const holds = readCondition(condition)
    expect(() => holds({ ...key, a: 'x' })).toThrow(/^the condition /)
    expect(holds({ ...key })).toBe(false)
  })
})

test('AND binds closer than OR', () => {
  const values = { ':one': 1 }
  const holds = readCondition({ expression: 'a = :one OR b = :one AND c = :one', values })
  expect(holds({ ...key, a: 1 })).toBe(true)
  expect(holds({ ...key, b: 1 })).toBe(false)
  expect(holds({ ...key, b: 1, c: 1 })).toBe(true)
})

test('reads only own fields', () => {
  expect(readCondition({ expression: 'attribute_not_exists(toString)' })({ ...key })).toBe(true)
})
