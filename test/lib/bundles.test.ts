/** What is really deployed: the bundles' files, their size, and that they hold nothing that only deploys. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundledOrganisation } from '../../lambdas/config/bundled-organisation.ts'
import { program } from '../../lambdas/config/program.ts'
import packageJson from '../../package.json' with { type: 'json' }
import aws from '../support/aws-limits.json' with { type: 'json' }
import { bundleBudgets, functionOf, importTime } from '../support/import-time.ts'
import { sharedAssembly, sharedOrganisation } from '../support/shared-assembly.ts'
import { bundleOf, type Synthesised } from '../support/stack-here.ts'

let assembly: Synthesised
beforeAll(async () => {
  assembly = await sharedAssembly()
})

const filesOf = (name: string) => readdirSync(bundleOf(assembly, name), { recursive: true }).map(String)
const codeOf = (name: string) => readFileSync(join(bundleOf(assembly, name), 'index.mjs'), 'utf8')

describe('the bundle of generate', () => {
  test('holds templates, fonts and Chromium', () => {
    const files = filesOf('Generate')
    for (const file of [
      'index.mjs',
      'index.mjs.map',
      'templates/report.hbs',
      'templates/report.css',
      'templates/partials/card.hbs',
      'templates/fonts/coverage.json',
      'templates/fonts/EspaceFine.woff2',
      'templates/fonts/print/SourceSerif4_400Regular.ttf',
      'node_modules/@sparticuz/chromium/bin/chromium.br',
      'node_modules/@sparticuz/chromium/bin/al2023.tar.br',
    ]) {
      expect(files).toContain(file)
    }
    expect(files.filter((file) => file.startsWith('templates/messages'))).toEqual([])
  })

  test.each([
    'Generate',
    'Ingest',
    'PostsDetect',
    'MailDeliver',
    'ReadersWorker',
    'ProgramsWorker',
    'RoomWorker',
    'RoomSignIn',
  ])('or of another, %s, has the stage’s house beside it, its logo inside', (name) => {
    expect(bundledOrganisation(bundleOf(assembly, name)).organisation).toMatchObject({
      accent: sharedOrganisation.accent,
      logo: expect.stringMatching(/^data:image\/svg\+xml/),
    })
  })

  test('is under Lambda’s 250 MB, with room for Chromium’s next versions', () => {
    const folder = bundleOf(assembly, 'Generate')
    const bytes = filesOf('Generate').reduce((sum, file) => {
      const found = statSync(join(folder, file))
      return sum + (found.isFile() ? found.size : 0)
    }, 0)
    expect(bytes).toBeLessThan(aws.limits.unzipped.limit * 0.6)
  })
})

test('the program that manifests name is the one that is deployed', () => {
  expect(program).toBe(`${packageJson.name} ${packageJson.version}`)
})

describe('the bundle', () => {
  test.each(Object.keys(bundleBudgets))('of %s holds neither the CDK nor the laptop’s database', (name) => {
    const code = codeOf(name)
    for (const word of ['aws-cdk-lib', 'constructs', 'dynalite', 'commander', 'node:sqlite']) {
      expect(code.includes(word), word).toBe(false)
    }
  })

  test.each(Object.entries(bundleBudgets).map(([name, { bytes }]) => [name, bytes] as const))(
    'of %s is code of at most %i bytes',
    (name, most) => {
      expect(statSync(join(bundleOf(assembly, name), 'index.mjs')).size).toBeLessThan(most)
    },
  )
})

test.each(Object.keys(bundleBudgets))('%s is imported as it is deployed', (name) => {
  expect(importTime(functionOf(assembly, name))).toBeGreaterThan(0)
})
