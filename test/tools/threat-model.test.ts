/** The threat model names its tests: each file is there, and has a test of that name. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const text = readFileSync(new URL('docs/internals/threat-model.md', root), 'utf8')

/** A file, and the names that follow it up to the next file or the cell's end. */
const named = [...text.matchAll(/`(test\/[\w./-]+\.ts)`: ((?:“[^”]+”(?:; )?)+)/g)].flatMap(
  ([, file = '', names = '']) => [...names.matchAll(/“([^”]+)”/g)].map(([, name = '']) => ({ file, name })),
)

const rows = text.split('\n').filter((line) => /^\|(?!---| threat | boundary )/.test(line))

/** Rows of the tables by STRIDE's letters. */
const threats = rows.filter((row) => row.split(/(?<!\\)\|/).length === 7)

describe('the threat model', () => {
  test('goes through all six of STRIDE', () => {
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
    const letters = ['Spoofing', 'Tampering', 'Repudiation', 'Information disclosure', 'Denial of service']
    expect(headings).toEqual(expect.arrayContaining([...letters, 'Elevation of privilege', 'What is not covered']))
  })

  test('has for each threat a test that shows its mitigation', () => {
    expect(threats.length).toBeGreaterThan(30)
    expect(threats.filter((row) => !/`test\/[\w./-]+\.ts`: “[^”]+”/.test(row))).toEqual([])
  })

  test.each(named.map(({ file, name }) => [file, name] as const))('names a test of %s: %s', (file, name) => {
    const url = new URL(file, root)
    expect(existsSync(url)).toBe(true)
    expect(readFileSync(url, 'utf8')).toContain(name)
  })

  test('names no file that is not there', () => {
    const files = [...text.matchAll(/`((?:test|lambdas|lib)\/[\w./-]+)`/g)].map(([, file = '']) => file)
    expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([])
  })
})
