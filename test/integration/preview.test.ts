import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder, startVigie, vigieJson } from '../support/cli.ts'

let home: string
let templates: string
let remove: () => Promise<void>
let child: ReturnType<typeof startVigie>
let url = ''

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  home = join(made.folder, 'home')
  templates = join(made.folder, 'templates')
  await mkdir(join(templates, 'partials'), { recursive: true })
  child = startVigie(['preview', 'NC', '2024-W20', '--home', home, '--templates', templates])
  url = await new Promise<string>((done, fail) => {
    let output = ''
    child.stderr?.on('data', (chunk) => {
      output += chunk
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)
      if (found) done(found[0])
    })
    child.once('close', () => fail(new Error(output)))
  })
})
afterAll(async () => {
  child.kill('SIGKILL')
  await remove()
})

const page = async (language: string) => (await fetch(`${url}${language}`)).text()

test('both languages follow changes of templates and vigie.json', async () => {
  expect(await page('fr')).toContain('Aucune source visible à ce marquage ne surveille')
  expect(await page('en')).toContain('No source visible at this marking watches')
  expect(await page('')).toContain('<iframe')
  expect((await fetch(`${url}../etc/passwd`)).status).toBe(404)
  const closing = join(templates, 'partials/closing.hbs')
  await writeFile(closing, '<p>{{nonsense}}</p>')
  expect(await page('fr')).toContain(closing)
  await writeFile(closing, '<p>Notre fin</p>')
  expect(await page('fr')).toContain('Notre fin')
  await writeFile(join(home, 'vigie.json'), '{"organisation":"Cellule de veille"}')
  expect(await page('fr')).toContain('Cellule de veille')
})

test('the browser learns of a change; SIGINT ends the command, which archived nothing', async () => {
  const reader = (await fetch(`${url}changes`)).body?.getReader()
  await writeFile(join(templates, 'report.css'), 'body{}')
  let received = ''
  while (!received.includes('changed')) received += new TextDecoder().decode((await reader?.read())?.value)
  const ended = new Promise((done) => child.once('close', done))
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(await vigieJson(['archive', 'list', '--home', home])).toEqual([])
})
