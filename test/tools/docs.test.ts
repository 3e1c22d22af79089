/** The schemas in docs/: current, and true of reports as they are made. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import formats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { vigieCommand } from '../../bin/cli/program.ts'
import { wordsOf } from '../../bin/cli/run.ts'
import { docs } from '../../tools/docs.ts'
import { commandAsked, commandsOf, faultsOfAnswer, holdAnswer } from '../support/cli-schema.ts'
import { detectionAsOf, detectionsAsOf, input } from '../support/detections.ts'
import { reportOn } from '../support/reports.ts'

const made = docs()
const compiled = (file: string) =>
  formats.default(new Ajv2020({ strict: false })).compile(JSON.parse(made.get(file) ?? ''))

describe('docs', () => {
  test.each([...made.keys()])('%s is what the code says; npm run docs writes it', (file) => {
    expect(readFileSync(new URL(`../../docs/reference/${file}`, import.meta.url), 'utf8')).toBe(made.get(file))
  })
})

describe('links', () => {
  const root = new URL('../../', import.meta.url)
  const pages = globSync('{README,CONTRIBUTING,CHANGELOG,SECURITY}.md', { cwd: root }).concat(
    globSync('docs/**/*.md', { cwd: root }),
  )
  const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
  // As GitHub makes them of headings.
  const anchorsIn = (file: string) =>
    [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )

  test.each(pages)('of %s lead to files and headings', (page) => {
    const broken = [...read(page).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(
      ([, path = '', anchor]) => {
        const file =
          path === '' ? page : relative(fileURLToPath(root), resolve(fileURLToPath(root), dirname(page), path))
        if (!existsSync(new URL(file, root))) return true
        return anchor !== undefined && file.endsWith('.md') && !anchorsIn(file).includes(anchor)
      },
    )
    expect(broken.map(([link]) => link)).toEqual([])
  })

  test('in the code lead to files', () => {
    const sources = globSync('{bin,lambdas,lib,templates,tools,bench}/**/*.{ts,json,sql,hbs}', {
      cwd: root,
      exclude: ['**/node_modules/**'],
    })
    const broken = sources.flatMap((source) =>
      [...read(source).matchAll(/\bdocs\/[\w/-]+\.(?:md|json)\b/g)]
        .filter(([file]) => !existsSync(new URL(file, root)))
        .map(([file]) => `${source}: ${file}`),
    )
    expect(broken).toEqual([])
  })
})

describe('report.schema.json', () => {
  const check = compiled('report.schema.json')
  const faultsOf = (report: unknown) => (check(JSON.parse(JSON.stringify(report))) ? [] : check.errors)

  test('holds for whatever report is made', () => {
    fc.assert(
      fc.property(detectionsAsOf, fc.constantFrom('2024-W20', '2024-05', '2024-Q2'), (found, period) => {
        expect(faultsOf(reportOn(found, { period }))).toEqual([])
      }),
      { numRuns: 30 },
    )
  })

  test('knows every key, refuses others, and misses none', () => {
    const { version, ...report } = reportOn([detectionAsOf()])
    expect(faultsOf({ ...report, version, more: 1 })).not.toEqual([])
    expect(faultsOf(report)).not.toEqual([])
    expect(faultsOf({ ...report, version: 'two' })).not.toEqual([])
  })
})

describe('cli.schema.json', () => {
  const check = compiled('cli.schema.json')
  const schemas = Object.keys(JSON.parse(made.get('cli.schema.json') ?? '').$defs)

  test('has an entry for every command, and for no other', () => {
    const commands = commandsOf(vigieCommand()).map((one) => wordsOf(one).replaceAll(' ', '-'))
    // Types have names like these, beginning with a capital.
    expect(schemas.filter((name) => /^[a-z]/.test(name)).sort()).toEqual([...commands, 'error'].sort())
  })

  test('knows a command by its words, wherever options are', () => {
    expect(wordsOf(commandAsked(['--home', 'report', 'sources', '--json', 'list']))).toBe('sources list')
    expect(wordsOf(commandAsked(['ingest', 'list', '--json']))).toBe('ingest list')
    expect(wordsOf(commandAsked(['ingest', '--format', 'csv', 'undo.csv', '--json']))).toBe('ingest')
  })

  test('refuses an answer that has more, less or something else; support/cli.ts asks this of every test’s', () => {
    const args = ['withdraw', 'D-1', '--reason', 'twice', '--json']
    const answer = { id: 'D-1', withdrawn: true, already: false, parts: [] }
    const told = (value: unknown) => holdAnswer(args, { code: 0, stdout: JSON.stringify(value), stderr: '' })
    expect(told(answer).code).toBe(0)
    expect(check(answer)).toBe(true)
    expect(() => told({ ...answer, more: 1 })).toThrow(
      'withdraw must NOT have additional properties {"additionalProperty":"more"}',
    )
    expect(() => told({ ...answer, already: 'no' })).toThrow('withdraw/already must be boolean')
    expect(() => told({ id: 'D-1', withdrawn: true })).toThrow("must have required property 'already'")
    expect(() => told({ error: { message: 'no such detection' } })).toThrow('withdraw must have required')
  })

  test('takes an error in place of any answer, where the command has failed', () => {
    const stdout = JSON.stringify({ error: { message: 'no such detection' } })
    expect(faultsOfAnswer(['explain', 'D-1', '--json'], { code: 1, stdout })).toEqual([])
    expect(faultsOfAnswer(['explain', 'D-1', '--json'], { code: 1, stdout: '{"error":"no"}' })).not.toEqual([])
  })
})

describe('detection.schema.json', () => {
  test('holds for what may be ingested, and for nothing else', () => {
    const check = compiled('detection.schema.json')
    expect(check(input())).toBe(true)
    expect(check({ ...input(), kind: 'rumour' })).toBe(false)
  })
})
