/** Adding detections in the reading room: preview, storing, undoing, and what each caller may see of it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type IngestCommand, ingestFiles } from '../../../../bin/cli/ingest-files.ts'
import { type Caller, everything } from '../../../../lambdas/domain/access/caller.ts'
import { reasonText } from '../../../../lambdas/domain/core/fault-text.ts'
import { looksIn, storingLeaseMs } from '../../../../lambdas/store/intake/looks.ts'
import { correctDetection } from '../../../../lambdas/usecases/ingest/edit/correct-detection.ts'
import { maxLookBytes } from '../../../../lambdas/usecases/ingest/look-at-file.ts'
import { ndjson } from '../../../support/cli.ts'
import { withoutRuns } from '../../../support/date-runs.ts'
import { input } from '../../../support/detections.ts'
import { formToken, hostile, openRoom, type Room } from '../../../support/room.ts'
import { ingestInto } from '../../../support/services.ts'
import { workbook } from '../../../support/xlsx.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom()
})
afterAll(() => room.close())
beforeEach(() => void room.logged.splice(0))

const analyst: Partial<Caller> = {
  who: 'sub-1 claire@example.org',
  clearance: 'TLP:AMBER',
  territories: ['NC'],
  scopes: ['reports:read', 'detections:read', 'detections:write'],
  roles: ['analyst'],
}

const headings = 'Identifiant;Date de détection;Territoire;Messages;Description'
const sheet = [
  headings,
  'desk-1;2024-05-15;NC;31;Un premier constat',
  'desk-2;2024-05-16;Martinqiue;12;Un lieu mal écrit',
  'desk-3;n’importe quand;NC;5;Une date illisible',
].join('\n')

const upload = async (content: string | Uint8Array, name: string, token = formToken): Promise<Response> => {
  const body = new FormData()
  body.set('token', token)
  body.set('file', new File([content as BlobPart], name))
  return room.app.request('http://127.0.0.1/room/add', {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin', 'accept-language': 'en' },
    body,
  })
}
let seconds = Date.parse('2024-05-22T00:00:00.000Z')
/** Uploads a file a second after the one before. @returns the path of its preview */
const lookOf = async (content: string | Uint8Array, name = 'may.csv'): Promise<string> => {
  seconds += 1_000
  room.opened.at(new Date(seconds).toISOString())
  const answer = await upload(content, name)
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}
const textOf = async (path: string) => {
  const answer = await room.get(path, { 'accept-language': 'en' })
  return { status: answer.status, text: withoutRuns(await answer.text()) }
}
const seen = async (path: string) => (await textOf(path)).text
const sealIn = (text: string) => /name="seal" value="([^"]+)"/.exec(text)?.[1] ?? ''
const figures = (text: string, ...labels: readonly string[]) =>
  labels.map((label) => new RegExp(`<dt>(?:${label})</dt><dd>([^<]*)</dd>`).exec(text)?.[1])
/** The fields that ask where a record was aimed. */
const aimedIn = (text: string) => [
  ...new Set([...text.matchAll(/name="(aimed\.[0-9a-f]{10})"/g)].map(([, name = '']) => name)),
]

type Form = Readonly<Record<string, string>>
const post = (path: string, form: Form) => room.post(path, { token: formToken, ...form })
const count = async (path: string, form: Form = {}) =>
  expect((await post(path, { do: 'again', ...form })).status).toBe(303)
/** Stores what the preview shows now. @returns the path of the batch */
const store = async (path: string, form: Form = {}): Promise<string> => {
  const answer = await post(path, { do: 'store', seal: sealIn(await seen(path)), by: 'Claire', ...form })
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}
const storeFile = async (content: string | Uint8Array, name: string) => store(await lookOf(content, name))
const latest = (id: string) => room.opened.services.detections.latest(id)
const placesOf = async (id: string) => (await latest(id))?.territories.map(({ code }) => code)
const openRejects = async (file: string) =>
  (await Array.fromAsync(room.opened.services.rejects.open())).filter((one) => one.file === file)

describe('a preview', () => {
  test('shows what each record becomes, guesses no territory, and stores nothing', async () => {
    const { status, text } = await textOf(await lookOf(sheet))
    expect(status).toBe(200)
    expect(figures(text, 'ready', 'without a territory', 'to fix')).toEqual(['1', '1', '1'])
    expect(text).toContain('did you mean Martinique (MQ)?')
    expect(text).toContain('New Caledonia</b><span>13–19')
    expect(text).toContain('>Store 2</button>')
    expect(text).toContain('2 records go to the inbox.')
    expect(await latest('desk-1')).toBeUndefined()
    expect(await Array.fromAsync(room.opened.services.rejects.open())).toEqual([])
  })

  test('shows the changes of a revision in the reader’s words and up to the reader’s clearance', async () => {
    const of = (posts: number, more = {}) =>
      input({ id: 'changed', territories: ['NC'], marking: 'TLP:GREEN', counts: { posts }, ...more })
    const replies = [{ by: 'A', text: { fr: 'Un mot secret' }, marking: 'TLP:RED' }]
    await ingestInto(room.opened, [of(31, { actor: { name: 'A', attributedBy: 'B', replies } })])
    const sent = ndjson({ ...of(45, { campaign: 'Matriochka', observedEffect: { state: 'observed', degree: 'act' } }) })
    const preview = async () => seen(`${await lookOf(sent, 'again.ndjson')}?lang=fr`)
    const all = await preview()
    const [posts, effect] = ['messages\u00a0: 31 → 45', 'effet constaté\u00a0: – → ']
    for (const change of [posts, effect, 'campagne\u00a0: – → Matryoshka', 'secret']) expect(all).toContain(change)
    const limited = await room.as(analyst, preview)
    expect(limited).toContain(posts)
    expect(limited).not.toContain('secret')
  })

  test('shows the first of many changes and counts the others', async () => {
    const all = { campaign: 'A', hashtags: ['#a'], languages: ['fr'], platforms: ['X'], kind: 'video' as const }
    const counts = { posts: 1, reposts: 2, accounts: 3, videos: 4, views: 5 }
    await ingestInto(room.opened, [input({ id: 'many', marking: 'TLP:GREEN', counts: {} })])
    const text = await seen(
      await lookOf(ndjson(input({ id: 'many', marking: 'TLP:GREEN', counts, ...all })), 'm.ndjson'),
    )
    expect(text.match(/ → /g)).toHaveLength(6)
    expect(text).toMatch(/and \d other fields/)
  })

  test('shows how the cell of an effect was read, and asks about several effects in one cell', async () => {
    const rows = ['effect-1;2024-05-16;NC;Une salve;acte : salle fermée', 'effect-2;2024-05-16;NC;Deux;médias, acte']
    const text = await seen(await lookOf(`id;Date;Territoire;Titre;Effet constaté\n${rows.join('\n')}`))
    expect(text).toContain('effect: act or decision · salle fermée')
    expect(text.match(/states several effects/g)).toHaveLength(1)
    expect(text).toContain('states several effects: the gravest counts (an act or a decision)')
  })

  test('names the zone of each time, with and without a territory', async () => {
    const observed = { from: '2024-05-16T01:30:00Z' }
    const rows = [input({ id: 'clock-1', observed }), input({ id: 'clock-2', observed, territories: [] })]
    const path = await lookOf(ndjson(...rows), 'clocks.ndjson')
    const text = await seen(path)
    const whenOf = (id: string) =>
      / data-label="First seen"><span>(.*?)<\/span><\/td>/
        .exec(text.split('<tr').find((row) => row.includes(id)) ?? '')?.[1]
        ?.replaceAll(/<[^>]*>/g, '')
    expect(whenOf('clock-1')).toMatch(/12:30Nouméa time$/)
    expect(whenOf('clock-2')).toMatch(/03:30Paris time$/)
    await store(path)
    expect(await seen('/room/inbox')).toMatch(/16.May[^<]*03:30[^<]*, Paris time/)
  })

  test('counts again with what is stated for the whole file', async () => {
    const path = await lookOf(ndjson({ ...input({ id: 'dateless' }), observed: undefined } as never), 'x.ndjson')
    expect(figures(await seen(path), 'to fix')).toEqual(['1'])
    expect((await post(path, { do: 'again', territory: '', observed: 'someday' })).status).toBe(422)
    await count(path, { territory: '', observed: '2024-05-15' })
    const text = await seen(path)
    expect(figures(text, 'ready', 'to fix')).toEqual(['1', undefined])
    expect(text).toContain('One record takes the date that is stated for the whole file.')
  })

  test('keeps the typed name through a recount and a refusal', async () => {
    const path = await lookOf(sheet)
    const nameIn = (text: string) => /name="by" type="text" value="([^"]*)"/.exec(text)?.[1]
    expect(nameIn(await seen(path))).toBe('')
    await count(path, { territory: 'MQ', observed: '', by: 'Claire Roy' })
    const text = await seen(path)
    expect(nameIn(text)).toBe('Claire Roy')
    const form = { do: 'store', observed: '', seal: sealIn(text) }
    const long = 'Claire '.repeat(60).trim()
    const refused = await post(path, { ...form, territory: 'MQ', by: long })
    const again = await refused.text()
    expect([refused.status, nameIn(again), again.includes('300')]).toEqual([422, long, true])
    const late = await post(path, { ...form, territory: 'NC', by: 'Paul' })
    expect([late.status, nameIn(await late.text())]).toEqual([409, 'Paul'])
  })

  test('asks where each unplaced record was aimed, and records the answer for that record alone', async () => {
    const unplaced = [[], ['Martinqiue'], []].map((territories, at) => input({ id: `asked-${at}`, territories }))
    const path = await lookOf(ndjson(...unplaced, input({ id: 'asked-not' })), 'asked.ndjson')
    const text = await seen(path)
    expect(text.match(/<select name="aimed\.[0-9a-f]{10}" form="look" aria-label="Territory of /g)).toHaveLength(3)
    const [first = '', second = ''] = aimedIn(text)
    // An answer whose effect was not shown yet is counted, and stores nothing.
    const early = await post(path, { do: 'store', seal: sealIn(text), by: 'Claire', [first]: 'NC', [second]: '' })
    expect(early.status).toBe(409)
    expect(await early.text()).toContain('vos réponses changent ce que deviennent les enregistrements')
    const counted = await seen(path)
    expect(figures(counted, 'ready', 'without a territory')).toEqual(['2', '2'])
    expect(counted).toMatch(/<option value="NC" selected>/)
    // It can be taken back, and another one given.
    await count(path, { [first]: '', [second]: 'MQ' })
    await store(path)
    const stored = await Promise.all(unplaced.map(async ({ id = '' }) => (await latest(id))?.territories))
    expect(stored.flat()).toEqual([{ code: 'MQ', method: 'analyst', by: 'Claire' }])
    expect(await placesOf('asked-not')).toEqual(['NC'])
    const { history, batches } = room.opened.services
    const placed = (await history.list(100)).filter(({ id }) => id.startsWith('asked-'))
    const at = (await batches.list()).find(({ file }) => file === 'asked.ndjson')?.storedAt
    expect(placed).toMatchObject([{ id: 'asked-1', at, did: 'placed', by: 'Claire', what: ['MQ'] }])
    const reason = 'in the preview of asked.ndjson, which states "Martinqiue"'
    expect(reasonText(placed[0]?.reason ?? '')).toBe(reason)
    expect(await seen('/room/detections/asked-1')).toMatch(
      /asked\.ndjson[^]*placed by Claire \(in the preview of asked/,
    )
  })

  test('shows the current place of a row that is a duplicate', async () => {
    const rows = ['since-1;2024-05-15;;31;Sans lieu', 'since-2;2024-05-15;Martinqiue;31;Lieu mal écrit']
    const content = [headings, ...rows].join('\n')
    await storeFile(content, 'since.csv')
    const { detections, clock } = room.opened.services
    for (const id of ['since-1', 'since-2'])
      await detections.assignTerritories(id, [{ code: 'MQ', method: 'analyst', by: 'Ana' }], { by: 'a test' }, clock())
    const text = await seen(await lookOf(content, 'since.csv'))
    expect(figures(text, 'duplicates, left alone')).toEqual(['2'])
    expect(text.match(/<bdi>Martinique<\/bdi><small><bdi>an analyst states it \(Ana\)/g)).toHaveLength(2)
    expect(text).not.toMatch(/is no territory|<select name="aimed/)
  })

  test('takes one, several or all territories of a region, or of a record with a misspelt word', async () => {
    const regions = [['Pacifique'], ['Antiles'], ['Océan Indien'], ['Martinqiue', 'NC']]
    const path = await lookOf(
      ndjson(...regions.map((territories, at) => input({ id: `region-${at}`, territories }))),
      'regions.ndjson',
    )
    const text = await seen(path)
    const boxes = [...text.matchAll(/<input type="checkbox" name="(aimed\.[0-9a-f]{10})" value="([A-Z]+)"[^>]*>/g)]
    expect(text).not.toContain(' checked')
    expect(text).toContain('“Martinqiue” and “NC”: which of these?')
    const keys = [...new Set(boxes.map(([, name = '']) => name))]
    expect(keys.map((key) => boxes.filter(([, name]) => name === key).map(([, , code]) => code))).toEqual([
      ['NC', 'PF', 'WF'],
      ['GP', 'MQ', 'BL', 'MF'],
      ['RE', 'YT', 'TF'],
      ['MQ', 'NC'],
    ])
    const [pacific = '', antilles = '', indian = '', both = ''] = keys
    const answers = async (...form: readonly (readonly [string, string])[]) =>
      expect((await room.postAll(path, [['token', formToken], ['do', 'again'], ...form])).status).toBe(303)
    await answers(
      ...['', 'NC', 'PF', 'WF'].map((code) => [pacific, code] as const),
      ...['', 'GP', 'MQ'].map((code) => [antilles, code] as const),
      [indian, 'NC'],
      ...['', 'MQ', 'NC'].map((code) => [both, code] as const),
    )
    const counted = await seen(path)
    expect(figures(counted, 'ready')).toEqual(['4'])
    expect(counted.match(/ checked/g)).toHaveLength(7)
    expect(counted).toMatch(/<option value="NC" selected>/)
    // With all boxes of a region unticked the answer is taken back.
    await answers([antilles, ''])
    expect(figures(await seen(path), 'ready', 'without a territory')).toEqual(['3', '1'])
    await store(path)
    const places = await Promise.all(regions.map((_, at) => placesOf(`region-${at}`)))
    expect(places).toEqual([['NC', 'PF', 'WF'], [], ['NC'], ['MQ', 'NC']])
    expect(await seen(path)).toBe('')
  })

  test('names the fields that an analyst has corrected to another value, in the reader’s words', async () => {
    const content = (posts: number) => ndjson(input({ id: 'look-contested', counts: { posts } }))
    await storeFile(content(31), 'first.ndjson')
    const correction = { id: 'look-contested', cells: { 'counts.posts': '40' }, by: 'Ana Martin', reason: 'counted' }
    const sender = { name: 'a test', byOperator: true } as const
    await correctDetection({ ...correction, sender, pseudonym: (account) => account }, room.opened.services)
    const again = await lookOf(content(50), 'first.ndjson')
    expect(await seen(again)).toContain('as another value for “number of posts” than Ana Martin')
  })

  test('offers what a misspelt territory may mean first, and none beyond the caller’s territories', async () => {
    const select = /<select name="aimed\.[^]*?<\/select>/.exec(await seen(await lookOf(sheet)))?.[0] ?? ''
    const offered = [...select.matchAll(/<option value="([A-Z]*)"( selected)?>/g)].map(([, code, chosen]) => [
      code,
      !!chosen,
    ])
    expect(offered.slice(0, 2)).toEqual([
      ['', true],
      ['MQ', false],
    ])
    expect(offered).toHaveLength(14)
    await room.as(analyst, async () => {
      const own = await lookOf(sheet)
      const [name = ''] = aimedIn(await seen(own))
      await count(own, { [name]: 'MQ', 'aimed.../x': 'NC' })
      const text = await seen(own)
      expect(text).not.toMatch(/<option value="MQ"/)
      expect(figures(text, 'without a territory')).toEqual(['1'])
      await count(own, { [name]: 'NC' })
      expect(figures(await seen(own), 'ready')).toEqual(['2'])
    })
  })

  test('is its author’s alone, lasts a day, and can be dropped', async () => {
    const path = await lookOf(sheet)
    await room.as({ ...everything, who: 'another user' }, async () => expect((await textOf(path)).status).toBe(404))
    const before = room.opened.services.clock().toISOString()
    room.opened.at(new Date(Date.parse(before) + 86_400_001).toISOString())
    expect((await textOf(path)).status).toBe(404)
    expect((await post(path, { do: 'store', seal: 'x' })).status).toBe(404)
    room.opened.at(before)
    expect((await post(path, { do: 'drop' })).status).toBe(303)
    expect((await textOf(path)).status).toBe(404)
  })

  test('is kept for the newest ten files of one author', async () => {
    const paths: string[] = []
    for (let at = 0; at < 11; at += 1) paths.push(await lookOf(sheet, `many-${at}.csv`))
    expect((await textOf(paths[0] ?? '')).status).toBe(404)
    expect((await textOf(paths[10] ?? '')).status).toBe(200)
  })

  test('shows hostile names and texts as text', async () => {
    const content = ndjson(input({ id: 'hostile-1', title: { en: hostile } }))
    const text = await seen(await lookOf(content, `../../${hostile}\u202e.ndjson`))
    expect(text).not.toMatch(/<script>|\u202e/)
    expect(text).toContain('&lt;script&gt;alert(1)')
  })
})

describe('a file that is not stored', () => {
  test.each([
    ['is empty', '', 'a.csv', 422, 'The file is empty'],
    ['is not there', '', '', 422, 'Choose a file.'],
    ['is too large', 'x'.repeat(maxLookBytes + 20_000), 'a.csv', 413, 'more than 4 MB'],
  ] as const)('%s: the form shows it at its field', async (_what, content, name, status, words) => {
    const answer = await upload(content, name)
    const text = await answer.text()
    expect(answer.status).toBe(status)
    expect(text).toMatch(/<title>Error: [\s\S]*role="alert">[^<]*<p [\s\S]*?<a href="#file">[\s\S]*<h1/)
    expect(text).toContain('aria-describedby="file-note file-wrong"')
    expect(text).toContain(words)
  })

  test.each([
    ['of no known kind', '%PDF-1.7', 'a.pdf', /is a PDF/],
    [
      'with more records than a preview shows',
      ndjson(...Array.from({ length: 1001 }, (_, at) => input({ id: `n-${at}` }))),
      'n.ndjson',
      /more than 1,000 records/,
    ],
    ['that lists accounts', 'account\n@one\n@two\n', 'accounts.csv', /./],
  ])('%s: the preview shows it, and offers nothing to store', async (_what, content, name, words) => {
    const { status, text } = await textOf(await lookOf(content, name))
    expect([status, text]).toEqual([422, expect.stringMatching(words)])
    expect(text).not.toContain('value="store"')
  })

  test('comes without this session’s token, from another site, or in no form', async () => {
    expect((await upload(sheet, 'a.csv', 'another')).status).toBe(403)
    const path = await lookOf(sheet)
    expect((await room.post(path, { token: 'another', do: 'store' })).status).toBe(403)
    expect((await room.post(path, { token: formToken }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await room.post('/room/add', { token: formToken })).status).toBe(400)
  })

  test('comes from a reader, who gets neither page nor navigation entry', async () => {
    const reader: Partial<Caller> = { scopes: ['reports:read', 'detections:read'], roles: ['reader'] }
    await room.as(reader, async () => {
      for (const path of ['/room/add', '/room/batches/x', '/room/add/x']) expect((await textOf(path)).status).toBe(403)
      expect((await upload(sheet, 'a.csv')).status).toBe(403)
      expect(await seen('/room')).not.toContain('/room/add')
    })
  })

  test('comes without a name: the page reports it before all else, with a link to the field', async () => {
    const path = await lookOf(sheet, 'long.csv')
    const answer = await post(`${path}?lang=fr`, { do: 'store', seal: sealIn(await seen(path)) })
    const text = await answer.text()
    expect([answer.status, /<title>(.*?)( ·|<)/.exec(text)?.[1]]).toEqual([422, 'Erreur\u00a0: long.csv'])
    expect(text.match(/role="alert"/g)).toHaveLength(1)
    const top = text.slice(text.indexOf('role="alert"'), text.indexOf('<h1'))
    expect(top).toContain('Rien n’a été fait')
    expect(/<a href="#by">([^<]*)<\/a>/.exec(top)?.[1]).toContain('Votre nom\u00a0: Écrivez votre nom.')
    expect(text).toContain('id="by-wrong"')
    expect(await seen(path)).not.toMatch(/role="alert"|<title>Error/)
  })

  test('has headings alone', async () => {
    const text = await seen(await lookOf('Titre;Date;Territoire\n', 'headings.csv'))
    expect(text).toContain('There is no record in this file')
    expect(text).not.toContain('stored already')
  })

  test('has duplicates alone', async () => {
    const twice = ndjson(input({ id: 'twice-1' }), input({ id: 'twice-2' }))
    await storeFile(twice, 'twice.ndjson')
    const text = await seen(await lookOf(twice, 'twice.ndjson'))
    expect(text).toContain('All its content is stored already.')
    expect(text).not.toContain('value="store"')
  })

  test('has an id in two lines, which counts once, in the place of the later line', async () => {
    const text = await seen(
      await lookOf('id;Titre;Date;Territoire\ntwo;Une;2024-05-16;NC\ntwo;Deux;2024-05-16;MQ\n', 'two.csv'),
    )
    expect(text.match(/<ul class="lined touched">.*?<\/ul>/s)?.[0]).toMatch(
      /^[^N]*Martinique[^N]*one detection<\/li><\/ul>$/,
    )
    expect(text).toContain('The same id as line 2, with other content')
  })
})

describe('storing', () => {
  test('stores what was shown, once, and leads to the batch, which is undone after its effect was shown', async () => {
    const path = await lookOf(sheet, 'store.csv')
    const seal = sealIn(await seen(path))
    const both = await Promise.all([1, 2].map(() => post(path, { do: 'store', seal, by: 'Claire' })))
    expect(both.map(({ status }) => status)).toEqual([303, 303])
    const [batch = '', other] = both.map(({ headers }) => headers.get('location') ?? '')
    expect(other).toBe(batch)
    expect(batch).toMatch(/^\/room\/batches\/\d{4}-/)
    expect((await room.opened.services.batches.list()).filter(({ file }) => file === 'store.csv')).toHaveLength(1)
    expect(await latest('desk-1')).toBeDefined()
    // A reload of the preview leads there too.
    expect((await room.get(path)).headers.get('location')).toBe(batch)

    const text = await seen(batch)
    expect(figures(text, 'new')).toEqual(['1'])
    expect(text).toContain('One detection is withdrawn.')
    expect(text).toContain('2 records wait no longer.')
    expect((await post(batch, { do: 'undo', by: 'Claire' })).status).toBe(303)
    expect(await seen(batch)).toMatch(/undone [^<]*, by Claire/)
    expect((await post(batch, { do: 'undo', by: 'Claire' })).status).toBe(409)
    expect((await room.opened.services.detections.stored(['desk-1'])).get('desk-1')?.status).toBe('withdrawn')
  })

  test('names what an undoing leaves, before and after it', async () => {
    const ids = Array.from({ length: 23 }, (_, at) => `stays-${String(at).padStart(2, '0')}`)
    const first = await storeFile(ndjson(...ids.map((id) => input({ id }))), 'stays.ndjson')
    const changed = ids.slice(1).map((id) => input({ id, counts: { posts: 9 } }))
    await storeFile(ndjson(...changed), 'stays.ndjson')
    const left =
      /22 detections stay, since they were changed or their lower marking refused: stays-01, [^.]*stays-20 and 2 more\./
    expect(await seen(first)).toMatch(left)
    expect((await post(first, { do: 'undo', by: 'Claire' })).status).toBe(303)
    const text = await seen(first)
    expect(text).toContain('undone in part, 22 left')
    expect(text).toMatch(left)
  })

  test('sends rejects to the inbox, and stores the runs of a detector, by their numbers', async () => {
    const buttonIn = (text: string) => /value="store"[^>]*>([^<]*)</.exec(text)?.[1]
    const run = `${JSON.stringify({ source: 'Ran', ran: '2024-05-16T06:00:00Z', found: 0 })}\n`
    expect(buttonIn(await seen(await lookOf(run, 'ran.ndjson')))).toBe('Store 1')
    await storeFile(ndjson(input({ id: 'twice-3' })), 'mixed.ndjson')
    const text = await seen(await lookOf(`${ndjson(input({ id: 'twice-3' }))}{"id":"no"}\n`, 'mixed.ndjson'))
    expect([buttonIn(text), text.includes('Nothing to store')]).toEqual(['Send one record to the inbox', true])
    expect(text).toContain('One duplicate is left alone.')
  })

  test('keeps the reason of an undoing in the history', async () => {
    const batch = await storeFile(ndjson(input({ id: 'why-1' })), 'why.ndjson')
    expect(await seen(batch)).toContain('name="reason"')
    const long = await post(batch, { do: 'undo', by: 'Claire', reason: 'x'.repeat(301) })
    expect([long.status, (await long.text()).includes('id="reason-wrong"')]).toEqual([422, true])
    expect((await post(batch, { do: 'undo', by: 'Claire', reason: 'the wrong file' })).status).toBe(303)
    expect((await room.opened.services.batches.get(batch.split('/').at(-1) ?? ''))?.undoneReason).toBe('the wrong file')
    expect(await seen('/room/history')).toContain('the wrong file')
  })
})

describe('two requests at one moment', () => {
  const preview = async (name: string, rows: readonly string[]) => {
    const path = await lookOf(['Titre;Date;Territoire;TLP;Identifiant;Messages', ...rows].join('\n'), name)
    return { path, form: { do: 'store', seal: sealIn(await seen(path)) } }
  }
  const later = async <Done>(turns: number, work: () => Promise<Done>): Promise<Done> => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((next) => setImmediate(next))
    return work()
  }
  const batchesOf = async (file: string) =>
    (await room.opened.services.batches.list()).filter((batch) => batch.file === file)

  test.each([0, 2, 10, 40])('of one button make one batch, the second %s turns later', async (turns) => {
    const file = `pressed-${turns}.csv`
    const rows = Array.from({ length: 30 }, (_, at) => `A${at};2024-05-18;NC;GREEN;press-${turns}-${at};1`)
    const { path, form } = await preview(file, rows)
    const answers = await Promise.all([
      post(path, { ...form, by: 'Ana' }),
      later(turns, () => post(path, { ...form, by: 'Ana' })),
      later(turns * 2, () => room.get(path)),
    ])
    const [batch, ...more] = await batchesOf(file)
    expect(more).toEqual([])
    for (const answer of answers.slice(0, 2))
      expect([answer.status, answer.headers.get('location')]).toEqual([303, `/room/batches/${batch?.name}`])
    expect([200, 303]).toContain(answers[2]?.status)
  })

  test.each([0, 2, 10])('of two files with one new id store one, the second %s turns later', async (turns) => {
    const id = `both-${turns}`
    const rows = (posts: number) => [`A;2024-05-18;NC;GREEN;${id};${posts}`]
    const one = await preview(`a-${id}.csv`, rows(10))
    const other = await preview(`b-${id}.csv`, rows(20))
    const answers = await Promise.all([
      post(one.path, { ...one.form, by: 'Ana' }),
      later(turns, () => post(other.path, { ...other.form, by: 'Bob' })),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409])
    expect((await latest(id))?.revision).toBe(1)
    const lost = answers.find(({ status }) => status === 409)
    expect(await lost?.text()).toMatch(/Nothing was stored|Rien n’a été enregistré/)
    const batches = [...(await batchesOf(`a-${id}.csv`)), ...(await batchesOf(`b-${id}.csv`))]
    expect(batches).toHaveLength(1)
  })

  test('wait no longer than the lease for a process that died while it stored', async () => {
    const { path, form } = await preview('died.csv', ['A;2024-05-18;NC;GREEN;died;1'])
    const looks = looksIn(room.opened.table)
    const now = new Date(seconds)
    const look = await looks.get(everything.who, path.slice(path.lastIndexOf('/') + 1), now)
    if (!look) throw new Error('no look')
    const takenUntil = new Date(seconds + storingLeaseMs).toISOString()
    await looks.change(everything.who, look, { state: 'taken', takenUntil })
    expect(await looks.turn.take('dead', now)).toBe(true)
    expect(await looks.turn.take('another', now)).toBe(false)
    seconds += storingLeaseMs + 1
    room.opened.at(new Date(seconds).toISOString())
    expect((await post(path, { ...form, by: 'Ana' })).status).toBe(303)
    expect(await batchesOf('died.csv')).toHaveLength(1)
  })

  test('lose nothing where one cannot wait for the other', async () => {
    const { path, form } = await preview('waits.csv', ['A;2024-05-18;NC;GREEN;waits;1'])
    const { turn } = looksIn(room.opened.table)
    await turn.take('another', new Date(seconds))
    const answer = await post(`${path}?lang=fr`, { ...form, by: 'Ana' })
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining('enregistrement est en cours')])
    await turn.give('another')
    expect((await post(path, { ...form, by: 'Ana' })).status).toBe(303)
  })
})

describe('the preview asks how a file is read:', () => {
  const inSheet = (...rows: readonly (readonly string[])[]) =>
    rows
      .map(
        (cells, at) =>
          `<row r="${at + 1}">${cells.map((cell, column) => `<c r="${'ABCDEFG'[column]}${at + 1}" t="inlineStr"><is><t>${cell}</t></is></c>`).join('')}</row>`,
      )
      .join('')
  const head = ['Identifiant', 'Titre', 'Date de détection', 'Territoire']
  const columnsIn = (text: string) =>
    [...text.matchAll(/<select[^>]*name="(column\.\d)"[^]*?<\/select>/g)].map(
      ([select, name = '']) => [name, /<option value="([^"]*)" selected>/.exec(select)?.[1] ?? ''] as const,
    )

  test('which sheet', async () => {
    const sheets = ['Avril', 'Mai'].map((name) => ({
      name,
      rows: inSheet(head, [`sheet-${name}`, `Constat ${name}`, '2024-05-16', 'NC']),
    }))
    const path = await lookOf(workbook(sheets), 'two.xlsx')
    const first = await seen(path)
    expect(first).toContain('The sheet “Mai” is not read. Choose it below to read it.')
    expect(first).toContain('>Sheet</label>')
    expect(first).not.toContain('--sheet')
    await count(path, { sheet: 'Mai' })
    const text = await seen(path)
    expect(text).toContain('Constat Mai')
    expect(text).not.toContain('Constat Avril')
    expect(text).toContain('<option value="Mai" selected>')
    await store(path, { sheet: 'Mai' })
    expect(await latest('sheet-Mai')).toBeDefined()
  })

  test('which sheet, where the first one is a note', async () => {
    const note = { name: 'Lisez-moi', rows: inSheet(['Suivi des alertes, à lire avant tout']) }
    const rows = inSheet(head, ['noted', 'Constat', '2024-05-16', 'NC'])
    const path = await lookOf(workbook([note, { name: 'Mai', rows }]), 'noted.xlsx')
    const first = await seen(path)
    expect(first).toContain('Choose below the one that does.')
    expect(first).toContain('<option value="Mai">')
    expect(first).not.toMatch(/vigie ingest|--map|--format|Correct the file/)
    await count(path, { sheet: 'Mai' })
    expect(figures(await seen(path), 'ready')).toEqual(['1'])
  })

  test('which zone, and counts no row twice that was stored without one or with another', async () => {
    const rows = ['time-1;Alerte de minuit;2024-05-16 00:30;NC', ';Alerte du jour;16/05/2024;NC']
    const content = ['Identifiant;Titre;Date;Territoire', ...rows].join('\n')
    const first = await seen(await lookOf(content, 'clock.csv'))
    expect(first).toContain('Choose their time zone below.')
    expect(first).not.toContain('in a mapping')
    for (const zone of ['UTC', 'Pacific/Noumea', 'Europe/Paris']) expect(first).toContain(`<option value="${zone}">`)
    const stored = async (zone: string) => {
      const path = await lookOf(content, 'clock.csv')
      if (zone) await count(path, { zone })
      const text = await seen(path)
      await post(path, { do: 'store', seal: sealIn(text), by: 'Claire', ...(zone && { zone }) })
      return figures(text, 'ready', 'revises? .*?', 'duplicates?, .*?')
    }
    expect(await stored('')).toEqual(['2', undefined, undefined])
    expect(await stored('Pacific/Noumea')).toEqual(['0', '1', '1'])
    const observed = { from: '2024-05-15T13:30:00.000Z', precision: 'instant' }
    expect(await latest('time-1')).toMatchObject({ observed })
    expect(await stored('Europe/Paris')).toEqual(['0', '1', '1'])
    // A day that is the one of the instant in the territory is less precise, and no other value.
    expect(await stored('')).toEqual(['0', undefined, '2'])
  })

  test('which zone, and keeps the territory that was answered with it', async () => {
    const rows = [head.slice(1), ['Alerte A', '2024-05-16 00:30', 'NC'], ['Alerte B', '2024-05-16 01:30', 'Martinqiue']]
    const path = await lookOf(workbook([{ name: 'Mai', rows: inSheet(...rows) }]), 'aimed.xlsx')
    const [name = ''] = aimedIn(await seen(path))
    await count(path, { zone: 'Europe/Paris', [name]: 'MQ' })
    const text = await seen(path)
    expect(figures(text, 'ready', 'without a territory')).toEqual(['2', undefined])
    expect(text).toContain('<option value="MQ" selected>')
  })

  test('which column has the territory, where no heading does, and stores the file without an answer too', async () => {
    const rows = ['Une salve;2024-05-15;NC;where-1', 'Deux;2024-05-16;Bourail;where-2']
    const content = ['Titre;Date;Où donc;Identifiant', ...rows].join('\n')
    const path = await lookOf(content, 'where.csv')
    const text = await seen(path)
    expect([...figures(text, 'without a territory'), text.includes('TLP:RED')]).toEqual(['2', false])
    const columns = columnsIn(text)
    expect(columns.map(([, field]) => field)).toEqual(['title', 'observed', '', 'id'])
    const unanswered = Object.fromEntries(columns)
    await count(path, { ...unanswered, 'column.2': 'territories' })
    expect(figures(await seen(path), 'ready')).toEqual(['2'])
    await store(await lookOf(content, 'where.csv'), unanswered)
  })

  test('what its columns mean, where no heading is understood', async () => {
    const content = ['Nr;Wat;Wanneer;Waar;Hoeveel', 'column-1;Een bevinding van vandaag;2024-05-16;NC;12'].join('\n')
    const path = await lookOf(content, 'columns.csv')
    const first = await seen(path)
    expect(first).toMatch(/<h2 id="fault">The 5 columns and what they contain.*then press “Count again”/s)
    expect(first).not.toContain('<title>Error')
    expect(first).not.toMatch(/--map|--format|vigie map|vigie ingest,/)
    // A cell is shown as an example, and its marking is unknown.
    expect(first).toMatch(/<header class="top">.*TLP:RED/s)
    // As vigie map proposes it, by what the cells show.
    expect(columnsIn(first)).toEqual(
      expect.arrayContaining([
        ['column.1', 'title'],
        ['column.2', 'observed'],
      ]),
    )
    const stated = {
      ...{ 'column.0': 'id', 'column.1': 'title', 'column.2': 'observed' },
      ...{ 'column.3': 'territories', 'column.4': 'counts.posts' },
    }
    await count(path, stated)
    expect(await seen(path)).toContain('Een bevinding van vandaag')
    await store(path, stated)
    const stored = { counts: { posts: { value: 12 } }, territories: [{ code: 'NC' }] }
    expect(await latest('column-1')).toMatchObject(stored)
  })

  test('what its other columns mean, and keeps those that a heading explains', async () => {
    const rows = ['Zaak;Nature;Wanneer;Effet;Propagation;Acteur;TTP', 'Salve;vidéo;2024-05-16;acte;3;Un groupe;T0049']
    const path = await lookOf(rows.join('\n'), 'known.csv')
    const chosen = columnsIn(await seen(path))
    const fields = ['title', 'kind', 'observed', 'observedEffect', 'breakout', 'actor.name', 'techniques']
    expect(chosen).toEqual(fields.map((name, at) => [`column.${at}`, name]))
  })
})

describe('the table of a preview', () => {
  const rows = [
    'Titre;Date;Territoire;Messages;Note;Vues',
    'Un;le 18 mai;NC;31;a',
    'Deux;2024-05-16;Martinqiue;soit 58;b',
    'Trois;2024-05-17;NC;7;c;plein',
  ]
  const cellsIn = (text: string) =>
    [...text.matchAll(/<(?:input|textarea) id="(cell\.[\d.]+)"/g)].map(([, name = '']) => name)
  const takesIn = (text: string) => [...text.matchAll(/name="take" value="([^"]*)"/g)].map(([, value = '']) => value)
  const rowOf = (text: string, line: number) => text.slice(text.indexOf(`id="l${line}"`)).split('</tr>')[0] ?? ''

  test('has faulty rows first, their cells as fields with the reason, and one button for a suggestion', async () => {
    const text = await seen(await lookOf(rows.join('\n'), 'fields.csv'))
    expect(cellsIn(text)).toEqual(['cell.2.1', 'cell.3.3', 'cell.4.5'])
    expect(takesIn(text)).toEqual(['cell.3.3&#x3D;58'])
    expect(rowOf(text, 2)).toMatch(/class="wrong"><bdi>Is “?"?(&quot;)?le 18 mai/)
    expect(rowOf(text, 4)).toMatch(/<b>ready<\/b>.*<bdi dir="auto">Trois<\/bdi>.*<bdi dir="auto">c<\/bdi>/s)
  })

  test('keeps what is typed, shows it, and stores what it shows', async () => {
    const path = await lookOf(rows.join('\n'), 'typed.csv')
    const taken = await post(path, { take: 'cell.2.1=18 mai 2024', 'cell.2.1': 'le 18 mai', 'cell.3.3': '58' })
    expect(taken.headers.get('location')).toBe(`${path}#l2`)
    const text = await seen(path)
    expect(figures(text, 'ready', 'without a territory', 'to fix')).toEqual(['2', '1', undefined])
    const [, aimed = ''] = /value="(aimed\.[0-9a-f]{10})&#x3D;MQ" class="second">Use Martinique</.exec(text) ?? []
    // A value typed with the last press was not shown yet.
    const early = await post(path, { do: 'store', seal: sealIn(text), by: 'Claire', 'cell.3.3': '60' })
    expect([early.status, await latestTitled('Un')]).toEqual([409, undefined])
    await post(path, { take: `${aimed}=MQ` })
    await store(path)
    expect(await latestTitled('Un')).toMatchObject({ observed: { from: '2024-05-18' } })
    const deux = { counts: { posts: { value: 60 } }, territories: [{ code: 'MQ', method: 'analyst' }] }
    expect(await latestTitled('Deux')).toMatchObject(deux)
  })

  test('opens a whole row, and keeps its other fields as they are', async () => {
    const path = await lookOf([...rows.slice(0, 1), 'Quatre;2024-05-17;NC;9;"x\ny";'].join('\n'), 'open.csv')
    const to = (await post(path, { do: 'edit.2' })).headers.get('location') ?? ''
    expect(to).toBe(`${path}?ligne=2#l2`)
    const text = await seen(to.replace(/#.*/, ''))
    expect(cellsIn(text)).toHaveLength(6)
    await count(path, { 'cell.2.0': 'Quatre', 'cell.2.3': '10', 'cell.2.4': 'x\r\ny' })
    await store(path)
    expect(await latestTitled('Quatre')).toMatchObject({ counts: { posts: { value: 10 } } })
  })

  test('takes no cell beyond its limits, nor one that is not in the file', async () => {
    const path = await lookOf(rows.join('\n'), 'limits.csv')
    expect((await post(path, { do: 'again', 'cell.2.1': 'x'.repeat(2_001) })).status).toBe(400)
    await count(path, { 'cell.2.9': 'x', 'cell.99.0': 'x', 'cell.__proto__': 'x' })
    expect(figures(await seen(path), 'to fix')).toEqual(['2'])
  })

  test('shows hostile cells as text', async () => {
    const cells = [hostile, `=HYPERLINK("x")\u202e`, 'y'.repeat(64_000)].map((one) => `"${one.replaceAll('"', '""')}"`)
    const path = await lookOf([rows[0], `${cells[0]};jamais;${cells.slice(1).join(';')};z;`].join('\n'), 'hostile.csv')
    for (const at of [path, `${path}?ligne=2`]) {
      const text = await seen(at)
      expect(text).not.toMatch(/<script>|\u202e|y{2001}/)
      expect(text).toContain('&lt;script&gt;alert(1)')
    }
  })
})

const latestTitled = async (title: string) => {
  const { detections } = room.opened.services
  for (const code of ['NC', 'MQ'] as const)
    for await (const { detection } of detections.inWindow(code, 0, Date.parse('2030-01-01'), '9999'))
      if (Object.values(detection.title).includes(title)) return detection
  return undefined
}

test('a preview reads times that are all midnight UTC as days, and asks', async () => {
  const path = await lookOf('Titre;Date;Territoire\nMinuit;2024-05-16T00:00:00Z;NC', 'midnight.csv')
  expect(await seen(path)).toMatch(/name="midnight">[^]*?<option value="day" selected>/)
  await store(path, { midnight: 'day' })
  expect(await latestTitled('Minuit')).toMatchObject({ observed: { from: '2024-05-16', precision: 'day' } })
})

describe('what was chosen for a set of headings', () => {
  const content = (word: string) => ['Wat;Wanneer;Waar', `Bevinding ${word};2024-05-16 00:30;NC`].join('\n')
  const columns = { 'column.0': 'title', 'column.1': 'observed', 'column.2': 'territories' }

  test('is offered for the next file with the same headings, and applied by one press', async () => {
    const first = await lookOf(content('een'), 'een.csv')
    expect(await seen(first)).not.toContain('value="recall"')
    const chosen = { ...columns, zone: 'UTC', midnight: 'instant' }
    await count(first, chosen)
    await store(first, chosen)
    const next = await lookOf(content('twee').replace('Wat;Wanneer', 'wat ;WANNEER'), 'twee.csv')
    expect(await seen(`${next}?lang=fr`)).toMatch(
      /value="recall">Lu comme le .*22.mai.2024.* par Claire\u00a0: appliquer</,
    )
    expect((await post(next, { do: 'recall' })).status).toBe(303)
    expect(await seen(next)).toMatch(/name="midnight">[^]*?<option value="instant" selected>/)
    await store(next)
    expect(await latestTitled('Bevinding twee')).toMatchObject({ observed: { from: '2024-05-16T00:30:00.000Z' } })
  })

  test('on the command line is used where it was saved, and a note states so', async () => {
    const ingest = async (word: string, more: Partial<IngestCommand> = {}) => {
      const files = [join(room.outbox, `${word}.csv`)]
      await writeFile(files[0] ?? '', content(word).replace('Wat', 'Hoe'))
      return ingestFiles({ files, format: 'auto', ...more }, room.opened.context)
    }
    expect((await ingest('voor')).failed).toHaveLength(1)
    const map = join(room.outbox, 'map.json')
    await writeFile(map, JSON.stringify({ columns: { Hoe: 'title', Wanneer: 'observed', Waar: 'territories' } }))
    await ingest('drie', { map, mapSave: true, by: 'Ana' })
    const { accepted, noted } = await ingest('vier')
    expect([accepted, Object.keys(noted).some((note) => note.includes('that Ana saved on'))]).toEqual([1, true])
  })
})

describe('a waiting record as a form', () => {
  const head = 'Titre;Date;Territoire;Messages'
  const rejectsOf = async (file: string) =>
    (await openRejects(file)).map(({ rejectId }) => `/room/inbox/rejects/${rejectId}`)
  const save = (path: string, form: Form) => post(path, { do: 'store', by: 'Claire', ...form })

  test('has the cells with their faults; saving stores it with a line in the history, and an undoing opens it', async () => {
    await storeFile(`${head}\nReparée;hier;NC;beaucoup`, 'repair.csv')
    const [path = ''] = await rejectsOf('repair.csv')
    const text = await seen(path)
    expect([...text.matchAll(/id="cell\.\d" name="cell\.\d"[^>]*?value="([^"]*)"/g)].map(([, value]) => value)).toEqual(
      ['Reparée', 'hier', 'NC', 'beaucoup'],
    )
    expect(text.match(/class="wrong" id="cell/g)).toHaveLength(2)
    const form = { 'cell.0': 'Reparée', 'cell.1': '2024-05-16', 'cell.3': 'trop' }
    const failed = await save(path, form)
    expect([failed.status, (await failed.text()).match(/class="wrong" id="cell\.3-wrong"/g)]).toEqual([
      422,
      [expect.anything()],
    ])
    expect((await save(path, { ...form, 'cell.3': '40', by: '' })).status).toBe(422)
    expect((await save(path, { ...form, 'cell.3': '40' })).status).toBe(303)
    const stored = await latestTitled('Reparée')
    expect(stored).toMatchObject({ counts: { posts: { value: 40 } } })
    expect(await rejectsOf('repair.csv')).toEqual([])
    expect(await (await save(path, form)).text()).toMatch(/Claire a agi.*href="\/room\/inbox"/s)
    const line = (await room.opened.services.history.list(9)).find(({ id }) => id === stored?.id)
    expect(line).toMatchObject({ did: 'corrected', by: 'Claire', what: ['Date', 'Messages'] })
    const batch = (await room.opened.services.batches.list()).find(({ isRetry }) => isRetry)
    await post(`/room/batches/${batch?.name}`, { do: 'undo', by: 'Claire' })
    expect(await rejectsOf('repair.csv')).toHaveLength(1)
  })

  test('fixes the same fault in other rows of its batch, where asked to', async () => {
    const rows = ['hier', 'hier', 'demain', 'hier'].map((day, at) => `Rangée ${at};${day};NC;${at + 1}`)
    await storeFile([head, ...rows].join('\n'), 'rows.csv')
    const [path = ''] = await rejectsOf('rows.csv')
    expect(await seen(path)).toContain('Change the 2 other rows where “Date” is “hier” too')
    await save(path, { 'cell.1': '2024-05-16', also: '1' })
    expect((await openRejects('rows.csv')).map(({ raw }) => raw)).toEqual([rows[2]])
    expect(await latestTitled('Rangée 3')).toMatchObject({ counts: { posts: { value: 4 } } })
  })

  test('revises a stored detection with another title, date and place only once confirmed', async () => {
    await storeFile(`id;${head}\nsame-1;Une première;2024-05-14;MQ;3`, 'same.csv')
    await storeFile(`id;${head}\nsame-2;Une autre;hier;NC;4`, 'same.csv')
    const [path = ''] = await rejectsOf('same.csv')
    const form = { 'cell.0': 'same-1', 'cell.2': '2024-05-16' }
    const asked = await (await save(path, form)).text()
    expect(asked).toMatch(/voyez si c’est la même.*<input type="hidden" name="same" value="same-1">/s)
    expect(await latest('same-1')).toMatchObject({ revision: 1 })
    expect((await save(path, { ...form, same: 'same-1' })).status).toBe(303)
    expect(await latest('same-1')).toMatchObject({ revision: 2, title: { und: 'Une autre' } })
  })

  test('that is no row of a table shows its text', async () => {
    const record = { ...input({ id: 'raw-1', title: { en: `Raw ${hostile}` } }), kind: 'gossip' }
    await storeFile(ndjson(record), 'raw.ndjson')
    const [path = ''] = await rejectsOf('raw.ndjson')
    expect(await seen(path)).toMatch(/<textarea id="text" name="text" rows="8">\{&quot;/)
    expect((await save(path, { text: '{"id"' })).status).toBe(422)
    expect((await save(path, { text: JSON.stringify({ ...record, kind: 'other' }) })).status).toBe(303)
    expect(await latest('raw-1')).toBeDefined()
  })
})

describe('the count of waiting records', () => {
  const waitsOf = async (batch: string) => {
    const row = (await seen('/room/add?all=1')).split('<tr').find((one) => one.includes(batch)) ?? ''
    return /data-label="Waits"><span>([^<]*)</.exec(row)?.[1]
  }
  const rowsOf = (name: string) => [
    headings,
    `${name}-1;2024-05-16;Martinqiue;12;Un lieu mal écrit`,
    `${name}-2;n’importe quand;NC;5;Une date illisible`,
    ';2024-05-16;NC;beaucoup;Total',
  ]

  test('of a batch is that of the inbox, also after a corrected file and an undoing', async () => {
    const content = rowsOf('wait').join('\n')
    const batch = await storeFile(content, 'waits.csv')
    expect(await waitsOf(batch)).toBe('3')
    await storeFile(content.replace('n’importe quand', '2024-05-16'), 'waits.csv')
    expect(await waitsOf(batch)).toBe('2')
    // One is unplaced and one unreadable: each is counted once.
    const text = await seen(batch)
    expect(text).toContain('2 records wait no longer.')
    expect(text).not.toMatch(/detections? (?:is|are) withdrawn/)
    await post(batch, { do: 'undo', by: 'Claire' })
    expect(await waitsOf(batch)).toBe('0')
  })

  test('in a preview tells apart new, waiting and closed records', async () => {
    const content = rowsOf('gain').join('\n')
    await storeFile(content, 'gain.csv')
    const total = (await openRejects('gain.csv')).find(({ raw }) => raw.includes('Total'))
    const { rejects, clock } = room.opened.services
    await rejects.drop(total?.rejectId ?? '', { by: 'a test', reason: 'a sum' }, clock())
    const text = await seen(await lookOf(content, 'gain.csv'))
    expect(text).toContain('One record waits in the inbox already.')
    expect(text).toContain('One record was closed in the inbox before, and does not come back.')
    expect(text).toContain('There is nothing new to store.')
    expect(text).not.toMatch(/to the inbox|value="store"/)
    const more = await seen(await lookOf(`${content}\ngain-9;hier;NC;1;Autre`, 'gain.csv'))
    expect(more).toContain('>Send one record to the inbox</button>')
    expect(more).toContain('One record goes to the inbox.')
  })
})

describe('a caller who may not know all that is stored', () => {
  test('sees, before and after, the same as where nothing of it were stored', async () => {
    const secret = input({ id: 'secret-1', marking: 'TLP:RED', counts: { posts: 777 } })
    const own = ndjson(input({ id: 'secret-1', marking: 'TLP:GREEN' }), input({ id: 'mine-1', marking: 'TLP:GREEN' }))
    const shown = async () =>
      room.as(analyst, async () => {
        const path = await lookOf(own, 'own.ndjson')
        const preview = await seen(path)
        const at = await store(path)
        const batch = await seen(at)
        await post(at, { do: 'undo', by: 'Claire' })
        return [preview, batch] as const
      })
    const before = await shown()
    await storeFile(ndjson(secret), 'secret.ndjson')
    expect(before[0]).toContain('>Store 2</button>')
    const after = await shown()
    expect(after[0]).not.toMatch(/\b777\b/)
    expect(after.map((text) => figures(text, 'ready|new'))).toEqual(before.map((text) => figures(text, 'ready|new')))
    expect((await latest('secret-1'))?.marking).toBe('TLP:RED')
  })

  test('sees the own batches alone', async () => {
    await room.as(analyst, async () => {
      const text = await seen('/room/add')
      expect(text).toContain('own.ndjson')
      expect(text).not.toContain('secret.ndjson')
      const [other] = (await room.opened.services.batches.list()).filter(({ file }) => file === 'secret.ndjson')
      expect((await textOf(`/room/batches/${other?.name}`)).status).toBe(404)
      expect((await post(`/room/batches/${other?.name}`, { do: 'undo', by: 'Claire' })).status).toBe(404)
    })
  })
})

test('the footer on this machine states that one user has every role', async () => {
  expect(await seen('/room/archive')).toContain(
    'On this machine a single user is reader, analyst, approver and operator',
  )
})
