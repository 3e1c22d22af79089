/** docs/aws.md from "Check a stage" on. */
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { readSettings } from '../../lib/settings.ts'
import { VigieStack } from '../../lib/vigie-stack.ts'
import { unbundled } from '../support/cdk-context.ts'
import { newFolder, vigie, vigieJson } from '../support/cli.ts'
import { commandsIn, guide, wordsOf } from '../support/guides.ts'

const page = await guide('aws')
const text = page.slice(page.indexOf('\n## Check a stage\n'))
const [, alarmTable = ''] = /\n## Alarms\n(.*?)\n## /s.exec(text) ?? []

test('the page explains every alarm of the stack, and no other', () => {
  const settings = { mail: { from: 'vigie@example.org' }, api: {}, room: {} }
  const app = new App({ context: unbundled })
  const stack = new VigieStack(app, readSettings({ stage: 'test', stages: { test: settings } }))
  const alarms = Object.keys(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'))
  const named = [...alarmTable.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => cell.match(/\w+/g) ?? [])
  const nameOf = (id: string) => id.replace(/(Alarm)?[0-9A-F]{8}$/, '')
  expect(named.toSorted()).toEqual(alarms.map(nameOf).toSorted())
})

/** These need a stage: redrive.test.ts and archive-copy.test.ts run them. */
const isOfStages = (command: string): boolean => /^(redrive|archive copy) /.test(command)

test('every command of the page runs on one data folder', async () => {
  const { folder, remove } = await newFolder()
  const example = fileURLToPath(new URL('../../docs/examples/two-bursts.ndjson', import.meta.url))
  await cp(example, join(folder, 'late.ndjson'))
  await cp(example, join(folder, 'corrected.ndjson'))
  const options = { cwd: folder, env: { VIGIE_HOME: join(folder, 'home') } }
  await vigieJson(['recipients', 'add', 'prefet@example.org', '--territory', 'NC', '--clearance', 'AMBER'], options)
  await vigieJson(['ingest', 'late.ndjson'], options)
  await vigieJson(['report', 'NC', '2024-W20', '--deliver'], options)
  await writeFile(join(folder, 'vigie.pem'), (await vigie(['archive', 'key'], options)).stdout)
  const [delivery] = await vigieJson<readonly { readonly id: string }[]>(['deliveries', 'list'], options)

  const commands = commandsIn(text, 'npx vigie').filter((command) => !isOfStages(command))
  expect(commands.length).toBeGreaterThan(18)
  // In place of `archive copy`.
  await cp(join(folder, 'home/archive'), join(folder, 'copy/archive'), { recursive: true })
  for (const command of commands) {
    const words = wordsOf(command.replace(' --stage prod', '').replace('ID', String(delivery?.id)))
    const ran = await vigie(words, options)
    expect([command, ran.code, ran.stderr]).toEqual([command, 0, expect.any(String)])
  }
  await remove()
})
