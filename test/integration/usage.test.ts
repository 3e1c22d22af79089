/** Wrong usage, help, folders that cannot be used, and commands that create no data folder. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonOf, newFolder, startVigie, vigie, writeNdjson } from '../support/cli.ts'
import { input } from '../support/detections.ts'

let folder: string
let home: string
/** A data folder that no command may create. */
let nowhere: string
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  home = join(folder, 'home')
  nowhere = join(folder, 'nowhere')
  cleanUp = made.remove
})
afterAll(() => cleanUp())

const addAna = ['recipients', 'add', 'ana@example.org', '--territory', 'NC']

/** One for each check of arguments and options. What makes a period, place or marking has tests in test/domain. */
const wrong = [
  '',
  'gossip',
  'demo more',
  'ingest',
  'ingest x --format xlsx',
  'ingest x --observed soon',
  'ingest x --unknown',
  'archive',
  'detections list --limit 0',
  'detections list --after nonsense',
  'detections list --from 2024-12-31 --to 2024-01-01',
  'detections list --period 2024-W20 --from 2024-05-01',
  'detections search a --by name',
  'explain id --in NC',
  'explain id --cap gossip',
  'withdraw id --reason',
  'inbox fix id --territory NC',
  'detect x --window 2d',
  'detect x --min-participation 0',
  'detect x --rule coortweet',
  'inbox accept id',
  'inbox accept id --by a --kind gossip',
  'inbox accept id --by a --revision 0',
  'inbox accept id --by a --revision 3 --as-new',
  'inbox fix id other --by a --text x',
  'report NC 2024-W53',
  'report NC 2024-W20 --as-of 2024-05-20T00:00:00',
  'report NC 2024-W20 --as-of 2999-01-01T00:00:00Z',
  'weekly 2024-05',
  'recipients add ana@example.org',
]

describe('wrong usage', () => {
  it('exits with 2, a message on stderr and one JSON value on stdout, and creates no data folder', async () => {
    const found: Record<string, unknown> = {}
    // Several at a time: each is a process that does next to nothing.
    for (let at = 0; at < wrong.length; at += 6) {
      await Promise.all(
        wrong.slice(at, at + 6).map(async (line) => {
          const ran = await vigie([...line.split(' ').filter(Boolean), '--home', home, '--json'])
          const { error } = jsonOf<{ error?: { message?: unknown } }>(ran)
          found[line] = [ran.code, ran.stderr.length > 0, typeof error?.message, error?.message === '(outputHelp)']
        }),
      )
    }
    expect(found).toEqual(Object.fromEntries(wrong.map((line) => [line, [2, true, 'string', false]])))
    expect(await readdir(folder)).toEqual([])
  })

  it.each([
    [['--territory', 'Martinqiue'], '--territory: "Martinqiue" is no territory: did you mean Martinique (MQ)?'],
    [[], '--territory: it is missing'],
    [['--territory', 'NC', '--clearance', 'BLUE'], '--clearance: "BLUE" is none of'],
  ])('of a recipient names the option: %j', async (words, message) => {
    const ran = await vigie(['recipients', 'add', 'ana@example.org', ...words, '--home', nowhere])
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining(`error: ${message}`) })
  })

  it.each(['2025-47', '2025-S47'])('suggests a week for the period %s', async (period) => {
    const { stderr } = await vigie(['report', 'NC', period, '--home', home])
    expect(stderr).toMatch(/"\d{4}-S?47" is no \w+: do you mean the week 2025-W47\?/)
  })
})

it('help exits with 0, on stdout', async () => {
  const ran = await vigie(['archive', 'verify', '--help'])
  expect(ran).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Usage: vigie') })
})

describe('the data folder', () => {
  it('is named by an error if it cannot be used', async () => {
    const taken = join(folder, 'a-file')
    await writeFile(taken, 'x')
    const ran = await vigie(['inbox', 'list', '--home', taken, '--json'])
    const error = { message: expect.stringContaining(taken) }
    expect([ran.code, jsonOf(ran)]).toMatchObject([1, { error }])
  })

  it('is .vigie, the folder of VIGIE_HOME, or that of --home, which comes first', async () => {
    const [named, given, cwd] = [join(folder, 'named'), join(folder, 'given'), join(folder, 'cwd')]
    await mkdir(cwd)
    await vigie(addAna, { env: { VIGIE_HOME: named }, cwd })
    await vigie([...addAna, '--home', given], { env: { VIGIE_HOME: named }, cwd })
    expect(await readdir(cwd)).toEqual([])
    expect(await readdir(named)).toContain('table.sqlite')
    expect(await readdir(given)).toContain('table.sqlite')
    await vigie(addAna, { env: { VIGIE_HOME: '' }, cwd })
    expect(await readdir(cwd)).toEqual(['.vigie'])
  })

  it.each([
    ...['archive list', 'archive verify', 'recipients list', 'sources list', 'inbox list', 'inbox show key'],
    ...['schedules list', 'deliveries digest', 'sources mark D3lta --marking AMBER'],
    'schedules resume NC --by Ana --reason again',
    ...['withdraw D-1 --reason twice', 'rejects retry', 'ingest undo 2024', 'forget @ana', 'forget --noted'],
  ])('is not created by %s, which fails without one', async (words) => {
    const ran = await vigie([...words.split(' '), '--home', nowhere])
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`no data folder at ${nowhere}`) })
    await expect(readdir(nowhere)).rejects.toThrow('ENOENT')
  })

  it('is not created by a command that stores nothing', async () => {
    const file = async (name: string, text: string) => {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    }
    const posts = await file('posts.csv', 'id,account,time,text\n1,a,2024-05-14T10:00:00Z,one text\n')
    for (const words of [
      ['ingest', join(folder, 'nosuch.csv')],
      ['ingest', await file('sheet.ods', 'PK\u0003\u0004mimetypeapplication/vnd.oasis.opendocument.spreadsheet')],
      ['ingest', await file('table.csv', 'one,two\n1,2\n')],
      ['ingest', await file('empty.csv', '')],
      ['recipients', 'import', join(folder, 'nosuch.csv')],
      ['recipients', 'add', 'nobody', '--territory', 'NC'],
      ['detect', posts, '--dry-run'],
    ]) {
      const ran = await vigie([...words, '--home', nowhere])
      await expect(readdir(nowhere), `${words}: ${ran.stderr}`).rejects.toThrow('ENOENT')
    }
    await vigie([...addAna, '--home', nowhere])
    expect(await readdir(nowhere)).toContain('table.sqlite')
    await rm(nowhere, { recursive: true })
  })
})

it('output into a closed pipe is no error', async () => {
  const child = startVigie(['archive', 'list', '--home', join(folder, 'given')])
  let err = ''
  child.stderr?.on('data', (chunk) => {
    err += chunk
  })
  child.stdout?.destroy()
  await new Promise((done) => child.once('close', done))
  expect(err).not.toMatch(/EPIPE| at /)
})

it('a check prints addresses defanged', async () => {
  const file = await writeNdjson(join(folder, 'hostile.ndjson'), input({ title: 'See https://bad.example/x' }))
  const { stdout } = await vigie(['ingest', '--check', file, '--home', nowhere])
  expect(stdout).toContain('[https]://bad[.]example')
  expect(stdout).not.toMatch(/https:\/\/bad/)
})

describe('a file that cannot be read', () => {
  it.each([
    [['ingest'], 'nosuch.csv', 'is not there: check its name and folder'],
    [['ingest', '--check'], 'nosuch.csv', 'is not there: check its name and folder'],
    [['ingest'], '', 'is a folder: name the files in it'],
  ])('has one message and no tally: %j %s', async (words, name, message) => {
    const file = join(folder, name)
    const ran = await vigie([...words, file, '--home', home])
    expect(ran).toEqual({ code: 1, stdout: '', stderr: `${file} ${message}\n` })
  })

  it.each(['', '\n\n  \n'])('gets no mapping if it is empty: %j', async (text) => {
    const file = join(folder, 'nothing.csv')
    await writeFile(file, text)
    const ran = await vigie(['map', file])
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file} is empty`) })
    expect(await readdir(folder)).not.toContain('nothing.csv.mapping.json')
  })
})
