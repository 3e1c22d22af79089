/**
 * Looks after what Vigie is made of: no secret in the source, no licence that nobody has looked at, no known hole in
 * what runs; and writes its parts to sbom.json (CycloneDX). `npm run check:supply`
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { secretlint, strangeLicences } from './supply.ts'

const root = `${import.meta.dirname}/..`
const ran = (command: string, args: readonly string[]) =>
  spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 100_000_000 })
const say = (text: string) => process.stdout.write(`${text}\n`)
let wrong = 0
const fail = (text: string) => {
  wrong += 1
  say(text)
}

const secrets = ran(process.execPath, [
  ...secretlint,
  '**/*',
  '**/.*',
  '--secretlintignore',
  '.gitignore',
  '--maskSecrets',
])
if (secrets.status === 0) say('secrets: none in the source')
else fail(`secrets:\n${secrets.stdout}${secrets.stderr}`)

const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'))
const strange = strangeLicences(packages)
if (strange.length === 0) say('licences: of all that runs known and taken')
else fail(`licences that nobody has looked at (tools/supply.ts):\n  ${strange.join('\n  ')}`)

const sbom = ran('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'])
if (sbom.status === 0) {
  writeFileSync(`${root}/sbom.json`, sbom.stdout)
  say(`parts: ${JSON.parse(sbom.stdout).components.length}, in sbom.json`)
} else fail(`parts: npm sbom failed\n${sbom.stderr}`)

const audit = ran('npm', ['audit', '--omit', 'dev', '--audit-level', 'moderate', '--json', '--loglevel', 'silent'])
const found = JSON.parse(audit.stdout || '{}')
if (audit.status === 0) say('known holes: none in what runs')
else if (found.vulnerabilities)
  fail(`known holes: ${Object.keys(found.vulnerabilities).join(', ')}; npm audit --omit dev tells more`)
// Some registries answer no such question: that is no finding.
else
  say(
    `known holes: not looked for, since the registry does not say (${found.error?.summary || found.message || 'no answer'})`,
  )

process.exitCode = wrong > 0 ? 1 : 0
