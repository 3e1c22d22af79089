/** The threat model names existing files and tests. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const text = readFileSync(new URL('docs/internals/threat-model.md', root), 'utf8')

const named = [...text.matchAll(/`(test\/[\w./-]+\.ts)`: ((?:“[^”]+”(?:; )?)+)/g)].flatMap(
  ([, file = '', names = '']) => [...names.matchAll(/“([^”]+)”/g)].map(([, name = '']) => ({ file, name })),
)

const rows = text.split('\n').filter((line) => /^\|(?!---| threat | boundary )/.test(line))

const threats = rows.filter((row) => row.split(/(?<!\\)\|/).length === 7)

describe('the threat model', () => {
  test('has the six threats of STRIDE', () => {
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
    const letters = ['Spoofing', 'Tampering', 'Repudiation', 'Information disclosure', 'Denial of service']
    expect(headings).toEqual(expect.arrayContaining([...letters, 'Elevation of privilege', 'What is not covered']))
  })

  test('has a test for each threat', () => {
    expect(threats.length).toBeGreaterThan(30)
    expect(threats.filter((row) => !/`test\/[\w./-]+\.ts`: “[^”]+”/.test(row))).toEqual([])
  })

  test.each(named.map(({ file, name }) => [file, name] as const))('names a test of %s: %s', (file, name) => {
    expect(readFileSync(new URL(file, root), 'utf8').includes(name)).toBe(true)
  })

  test('names existing files', () => {
    const files = [...text.matchAll(/`((?:test|lambdas|lib)\/[\w./-]+)`/g)].map(([, file = '']) => file)
    expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([])
  })
})
