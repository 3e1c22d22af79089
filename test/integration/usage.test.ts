/** Wrong usage, help, and one JSON value whatever happens. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonOf, newFolder, startVigie, vigie } from '../support/cli.ts'

let folder: string
let home: string
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  home = join(folder, 'home')
  cleanUp = made.remove
})

afterAll(() => cleanUp())

const wrong = [
  '',
  'gossip',
  'demo more',
  'ingest',
  'ingest x --format xlsx',
  'ingest x --observed soon',
  'ingest x --observed 2024-05..2024-05-02',
  'ingest x --territory ZZ',
  'ingest x --unknown',
  'detections',
  'detections list more',
  'detections list --limit 0',
  'detections list --kind gossip',
  'detections list --after nonsense',
  'detections list --from 2024-01-01 --to 2024-12-31',
  'detections list --period 2024-W20 --from 2024-05-01',
  'detections search',
  'detections search a --by name',
  'detections show',
  'explain',
  'explain id --in NC',
  'explain id --in NC 2024-W60',
  'explain id --cap gossip',
  'withdraw',
  'withdraw id',
  'withdraw id --reason',
  'unplaced',
  'unplaced gossip',
  'unplaced place id',
  'unplaced place id ZZ --by Ana',
  'unplaced place id NC',
  'rejects',
  'rejects list more',
  'detect',
  'detect x --window soon',
  'detect x --window 2d',
  'detect x --method gossip',
  'detect x --min-participation 0',
  'detect x --marking PINK',
  'detect x --rule coortweet',
  'candidates',
  'candidates sign id',
  'candidates refuse --by Ana',
  'report',
  'report NC',
  'report ZZ 2024-W20',
  'report NC 2024-W53',
  'report NC 2024-13',
  'report NC 2024-05-19--2024-05-13',
  'report NC 0001',
  'report NC 2024-W20 --cap PINK',
  'report NC 2024-W20 --as-of yesterday',
  'report NC 2024-W20 --as-of 2024-05-20T00:00:00',
  'report NC 2024-W20 --as-of 2999-01-01T00:00:00Z',
  'weekly 2024-05',
  'weekly 2024-W20 2024-W21',
  'weekly --cap PINK',
  'archive',
  'archive list --territory ZZ',
  'archive list --period soon',
  'archive verify more',
  'recipients add ana@example.org',
]

describe('wrong usage', () => {
  // Several at a time: each is a process that does next to nothing.
  it('ends with 2, a message on stderr, one JSON value on stdout, and touches no home', async () => {
    const found: Record<string, unknown> = {}
    for (let at = 0; at < wrong.length; at += 6) {
      await Promise.all(
        wrong.slice(at, at + 6).map(async (line) => {
          const args = line.split(' ').filter(Boolean)
          const ran = await vigie([...args, '--home', home, '--json'])
          const { error } = jsonOf<{ error?: { message?: unknown } }>(ran)
          found[line] = { code: ran.code, said: ran.stderr.length > 0, message: typeof error?.message }
        }),
      )
    }
    expect(found).toEqual(Object.fromEntries(wrong.map((line) => [line, { code: 2, said: true, message: 'string' }])))
    expect(await readdir(folder)).toEqual([])
  })

  it('tells in its JSON what its message tells people', async () => {
    const ran = await vigie(['archive', '--json', '--home', home])
    expect(jsonOf<{ error: { message: string } }>(ran).error.message).not.toBe('(outputHelp)')
  })
})

describe('help', () => {
  it.each([
    '',
    'demo',
    'ingest',
    'withdraw',
    'unplaced',
    'unplaced place',
    'rejects',
    'report',
    'weekly',
    'archive',
    'archive verify',
  ])('of "%s" ends well, on stdout', async (line) => {
    const ran = await vigie([...line.split(' ').filter(Boolean), '--help'])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toContain('Usage: vigie')
  })
})

describe('a home that cannot be used', () => {
  it('is told by its name, with exit code 1 and one JSON value', async () => {
    const taken = join(folder, 'a-file')
    await writeFile(taken, 'x')
    for (const command of [
      ['archive', 'verify'],
      ['rejects', 'list'],
      ['report', 'NC', '2024-W20'],
    ]) {
      const ran = await vigie([...command, '--home', taken, '--json'])
      expect(ran.code).toBe(1)
      expect(jsonOf(ran)).toMatchObject({ error: { message: expect.stringContaining(taken) } })
    }
  })

  it('is by default .vigie, or what VIGIE_HOME names; --home comes first', async () => {
    const named = join(folder, 'named')
    const given = join(folder, 'given')
    await mkdir(join(folder, 'cwd'), { recursive: true })
    const cwd = join(folder, 'cwd')
    const add = ['recipients', 'add', 'ana@example.org', '--territory', 'NC']
    await vigie(add, { env: { VIGIE_HOME: named }, cwd })
    await vigie([...add, '--home', given], { env: { VIGIE_HOME: named }, cwd })
    expect(await readdir(cwd)).toEqual([])
    expect(await readdir(named)).toContain('table.sqlite')
    expect(await readdir(given)).toContain('table.sqlite')
    await vigie(add, { env: { VIGIE_HOME: '' }, cwd })
    expect(await readdir(cwd)).toEqual(['.vigie'])
  })
})

describe('output into a pipe that is closed', () => {
  it('is no error that a reader has to look at', async () => {
    const given = join(folder, 'given')
    const child = startVigie(['archive', 'list', '--home', given])
    let err = ''
    child.stderr?.on('data', (chunk) => {
      err += chunk
    })
    child.stdout?.destroy()
    await new Promise((done) => child.once('close', done))
    expect(err).not.toContain('EPIPE')
    expect(err).not.toContain(' at ')
  })
})

describe('commands that only look', () => {
  it.each([
    ...['archive list', 'archive verify', 'recipients list', 'sources list', 'rejects list', 'unplaced list'],
    // Nor those that change what is there.
    ...['schedules list', 'answers list', 'deliveries digest', 'sources mark D3lta --marking AMBER'],
    ...['answers close x --by Ana --reason done', 'schedules resume NC --by Ana --reason again'],
    ...['withdraw D-1 --reason twice', 'rejects retry', 'ingest undo 2024', 'forget @ana', 'forget --noted'],
  ])('%s makes no home, and says that there is none', async (words) => {
    const nowhere = join(folder, 'nowhere')
    const ran = await vigie([...words.split(' '), '--home', nowhere])
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`no data folder at ${nowhere}`) })
    await expect(readdir(nowhere)).rejects.toThrow('ENOENT')
  })
})

describe('a command that stores nothing', () => {
  it('makes no home, whatever it may make', async () => {
    const nowhere = join(folder, 'nowhere')
    const [sheet, table, empty] = ['sheet.ods', 'table.csv', 'empty.csv'].map((name) => join(folder, name))
    await writeFile(sheet ?? '', 'PK\u0003\u0004mimetypeapplication/vnd.oasis.opendocument.spreadsheet')
    await writeFile(table ?? '', 'one,two\n1,2\n')
    await writeFile(empty ?? '', '')
    for (const file of [join(folder, 'nosuch.csv'), sheet, table, empty]) {
      const ran = await vigie(['ingest', file ?? '', '--home', nowhere])
      await expect(readdir(nowhere), `${file}: ${ran.stderr}`).rejects.toThrow('ENOENT')
    }
    await vigie(['recipients', 'import', join(folder, 'nosuch.csv'), '--home', nowhere])
    await vigie(['recipients', 'add', 'nobody', '--territory', 'NC', '--home', nowhere])
    await expect(readdir(nowhere)).rejects.toThrow('ENOENT')
    await vigie(['recipients', 'add', 'ana@example.org', '--territory', 'NC', '--home', nowhere])
    expect(await readdir(nowhere)).toContain('table.sqlite')
    await rm(nowhere, { recursive: true })
  })
})

describe('an address in what a file says', () => {
  it('is defanged where the file is looked at', async () => {
    const file = join(folder, 'hostile.ndjson')
    const record = {
      ...{ id: 'h', detector: 'D', kind: 'copy-paste', territories: ['NC'] },
      observed: { from: '2024-05-15' },
    }
    await writeFile(file, `${JSON.stringify({ ...record, title: { en: 'See https://bad.example/x' } })}\n`)
    const { stdout } = await vigie(['ingest', '--check', file, '--home', join(folder, 'nowhere')])
    expect(stdout).toContain('[https]://bad[.]example')
    expect(stdout).not.toMatch(/https:\/\/bad/)
  })
})

describe('a dry run', () => {
  it('of detect makes no home', async () => {
    const posts = join(folder, 'posts.csv')
    await writeFile(posts, 'id,account,time,text\n1,a,2024-05-14T10:00:00Z,one text\n')
    const nowhere = join(folder, 'nowhere')
    const ran = await vigie(['detect', posts, '--dry-run', '--home', nowhere, '--json'])
    expect(jsonOf(ran)).toMatchObject({ posts: 1, kept: null })
    await expect(readdir(nowhere)).rejects.toThrow('ENOENT')
  })
})

describe('a file that cannot be read', () => {
  it('is told once, in plain words, and without a tally of nothing', async () => {
    const missing = join(folder, 'nosuch.csv')
    const ran = await vigie(['ingest', missing, '--home', home])
    expect(ran).toEqual({ code: 1, stdout: '', stderr: `${missing} is not there: check its name and folder\n` })
    const onFolder = await vigie(['ingest', folder, '--home', home])
    expect(onFolder).toEqual({ code: 1, stdout: '', stderr: `${folder} is a folder: name the files in it\n` })
    const checked = await vigie(['ingest', '--check', missing, '--home', home])
    expect(checked).toEqual({ code: 1, stdout: '', stderr: `${missing} is not there: check its name and folder\n` })
  })
})

describe('a period in another form', () => {
  it('is told what it may mean', async () => {
    const { stderr } = await vigie(['report', 'NC', '2025-47', '--home', home])
    expect(stderr).toContain('do you mean the week 2025-W47?')
    const inFrench = await vigie(['report', 'NC', '2025-S47', '--home', home])
    expect(inFrench.stderr).toContain('"2025-S47" is no period: do you mean the week 2025-W47?')
  })
})

describe('a word of a recipient that is wrong', () => {
  it.each([
    [['--territory', 'Martinqiue'], '--territory: "Martinqiue" is no territory: did you mean Martinique (MQ)?'],
    [[], '--territory: it is missing'],
    [['--territory', 'NC', '--edition', 'Xyz'], '--edition: "Xyz" is no territory'],
    [['--territory', 'NC', '--clearance', 'BLUE'], '--clearance: "BLUE" is none of'],
  ])('%j is wrong usage, by the name of its option', async (words, said) => {
    const ran = await vigie(['recipients', 'add', 'ana@example.org', ...words, '--home', join(folder, 'nowhere')])
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining(`error: ${said}`) })
  })
})

describe('a table without columns', () => {
  it.each(['', '\n\n  \n'])('is said to be empty, and no mapping is written: %j', async (text) => {
    const file = join(folder, 'nothing.csv')
    await writeFile(file, text)
    const ran = await vigie(['map', file])
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file} is empty`) })
    expect(await readdir(folder)).not.toContain('nothing.csv.mapping.json')
  })
})
