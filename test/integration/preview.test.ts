import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cliFile } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'vigie-preview-'))
const templates = join(folder, 'templates')
let url = ''
let child: ReturnType<typeof spawn>

beforeAll(async () => {
  mkdirSync(join(templates, 'partials'), { recursive: true })
  const words = [cliFile, 'preview', 'NC', '2024-W20', '--home', join(folder, 'home'), '--templates', templates]
  child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  url = await new Promise<string>((done, fail) => {
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said += chunk
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(said)
      if (found) done(found[0])
    })
    child.once('close', () => fail(new Error(said)))
  })
})
afterAll(() => {
  child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const page = async (language: string) => (await fetch(`${url}${language}`)).text()

describe('vigie preview', () => {
  test('serves both languages, made anew from templates, house and messages as they are', async () => {
    expect(await page('fr')).toContain('Aucune veille visible à ce marquage cette semaine')
    expect(await page('en')).toContain('No watch that shows at this marking this week')
    expect(await (await fetch(url)).text()).toContain('<iframe')
    expect((await fetch(`${url}../etc/passwd`)).status).toBe(404)
    writeFileSync(join(templates, 'partials/closing.hbs'), '<p>{{nonsense}}</p>')
    expect(await page('fr')).toContain(join(templates, 'partials/closing.hbs'))
    writeFileSync(join(templates, 'partials/closing.hbs'), '<p>Notre fin</p>')
    expect(await page('fr')).toContain('Notre fin')
    writeFileSync(join(folder, 'home/vigie.json'), '{"organisation":"Cellule de veille"}')
    expect(await page('fr')).toContain('Cellule de veille')
  })

  test('tells the browser of a change, archives nothing, and ends at once', async () => {
    const changes = await fetch(`${url}changes`)
    const reader = changes.body?.getReader()
    writeFileSync(join(templates, 'report.css'), 'body{}')
    let told = ''
    while (!told.includes('changed')) told += new TextDecoder().decode((await reader?.read())?.value)
    const ended = new Promise((done) => child.once('close', done))
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    const list = spawn(process.execPath, [cliFile, 'archive', 'list', '--json', '--home', join(folder, 'home')])
    let listed = ''
    list.stdout.on('data', (chunk) => {
      listed += chunk
    })
    await new Promise((done) => list.on('close', done))
    expect(JSON.parse(listed)).toEqual([])
  })
})
