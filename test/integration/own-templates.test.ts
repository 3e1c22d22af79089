/** An organisation's own page templates on the command line. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder, vigie, writeNdjson } from '../support/cli.ts'
import { detection } from '../support/detections.ts'

let home: string
let templates: string
let remove: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  home = join(made.folder, 'home')
  templates = join(made.folder, 'templates')
  await mkdir(templates)
  await writeFile(join(templates, 'report.hbs'), '<html lang="fr"><title>{{documentTitle}}</title></html>')
  const file = await writeNdjson(join(made.folder, 'one.ndjson'), detection({ marking: 'TLP:CLEAR' }))
  expect((await vigie(['ingest', file, '--home', home])).code).toBe(0)
})
afterAll(() => remove())

test.each([[['detections', 'list']], [['report', 'NC', '2024-W20']]])(
  'a folder that is none is refused before anything is done (%s)',
  async (words) => {
    const { code, stderr } = await vigie([...words, '--home', home, '--templates', join(templates, 'none')])
    expect(code).not.toBe(0)
    expect(stderr).toContain(`${join(templates, 'none')} is no folder`)
  },
)

test('a version that exists keeps its look, and a line states it', async () => {
  const report = ['report', 'NC', '2024-W20', '--home', home]
  expect((await vigie(report)).code).toBe(0)
  const again = await vigie([...report, '--templates', templates])
  expect(again.code).toBe(0)
  expect(again.stderr).toContain('1 version exists already, made with other templates')
  const weekly = await vigie(['weekly', '2024-W20', '--territory', 'NC', '--home', home, '--templates', templates])
  expect(weekly.stderr).toContain('1 version exists already, made with other templates')
  expect((await vigie(report)).stderr).not.toContain('templates')
})
