/** The deployed bundles: their files and size, without code for the laptop or the deployment. */
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

describe('the bundle of generate', () => {
  test('has templates, fonts and Chromium', () => {
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

  test('is under 250 MB, the limit of Lambda, with room for later versions of Chromium', () => {
    const folder = bundleOf(assembly, 'Generate')
    const bytes = filesOf('Generate').reduce((sum, file) => {
      const found = statSync(join(folder, file))
      return sum + (found.isFile() ? found.size : 0)
    }, 0)
    expect(bytes).toBeLessThan(aws.limits.unzipped.limit * 0.6)
  })
})

test('manifests name the deployed program', () => {
  expect(program).toBe(`${packageJson.name} ${packageJson.version}`)
})

test.each([
  ...['Generate', 'Ingest', 'PostsDetect', 'MailDeliver'],
  ...['ReadersWorker', 'ProgramsWorker', 'RoomWorker', 'RoomSignIn'],
])('the bundle of %s has the organisation of the stage, with its logo', (name) => {
  expect(bundledOrganisation(bundleOf(assembly, name)).organisation).toMatchObject({
    accent: sharedOrganisation.accent,
    logo: expect.stringMatching(/^data:image\/svg\+xml/),
  })
})

test.each(Object.entries(bundleBudgets).map(([name, { bytes }]) => [name, bytes] as const))(
  'the bundle of %s has at most %i bytes of code, nothing for deployment or laptop, and can be imported',
  (name, most) => {
    const file = join(bundleOf(assembly, name), 'index.mjs')
    expect(statSync(file).size).toBeLessThan(most)
    const code = readFileSync(file, 'utf8')
    const others = ['aws-cdk-lib', 'constructs', 'dynalite', 'commander', 'node:sqlite']
    expect(others.filter((word) => code.includes(word))).toEqual([])
    expect(importTime(functionOf(assembly, name))).toBeGreaterThan(0)
  },
)
