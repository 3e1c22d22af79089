/** The generated pages and schemas in docs/reference, and the links in docs/. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import formats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { docs } from '../../tools/docs.ts'
import { planted } from '../oracle/canaries.ts'
import { detectionAsOf, detectionsAsOf, input } from '../support/detections.ts'
import { dossierOn } from '../support/dossiers.ts'
import { reportOn } from '../support/reports.ts'

const made = docs()
const compiled = (file: string) =>
  formats.default(new Ajv2020({ strict: false })).compile(JSON.parse(made.get(file) ?? ''))

test.each([...made.keys()])('docs/reference/%s is current; npm run docs writes it', (file) => {
  expect(readFileSync(new URL(`../../docs/reference/${file}`, import.meta.url), 'utf8')).toBe(made.get(file))
})

describe('links', () => {
  const root = new URL('../../', import.meta.url)
  const pages = globSync('{README,CONTRIBUTING,CHANGELOG,SECURITY}.md', { cwd: root }).concat(
    globSync('docs/**/*.md', { cwd: root }),
  )
  const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
  // Anchors by the rules of GitHub.
  const anchorOf = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  const anchorsIn = (file: string) =>
    [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))

  test.each(pages)('of %s lead to files and headings', (page) => {
    const links = [...read(page).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    const broken = links.filter(([, path = '', anchor]) => {
      const file = path === '' ? page : join(dirname(page), path)
      if (!existsSync(new URL(file, root))) return true
      return anchor !== undefined && file.endsWith('.md') && !anchorsIn(file).includes(anchor)
    })
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

  test('accepts every report, and no missing, unknown or wrong field', () => {
    fc.assert(
      fc.property(detectionsAsOf, fc.constantFrom('2024-W20', '2024-05', '2024-Q2'), (found, period) => {
        expect(faultsOf(reportOn(found, { period }))).toEqual([])
      }),
      { numRuns: 30 },
    )
    const { version, ...report } = reportOn([detectionAsOf()])
    for (const wrong of [report, { ...report, version, more: 1 }, { ...report, version: 'two' }])
      expect(faultsOf(wrong)).not.toEqual([])
  })

  test('accepts the report and the dossier of detections with every field', () => {
    const found = ['A', 'B'].map((mark) => detectionAsOf(planted(mark, { id: mark, campaign: 'Alpha' }).record))
    expect(faultsOf(reportOn(found, { cap: 'TLP:RED' }))).toEqual([])
    expect(faultsOf(reportOn(found, { cap: 'TLP:RED', dossier: dossierOn(found) }))).toEqual([])
  })
})

test('detection.schema.json accepts a detection, and refuses an unknown kind', () => {
  const check = compiled('detection.schema.json')
  expect([check(input()), check({ ...input(), kind: 'rumour' })]).toEqual([true, false])
})
