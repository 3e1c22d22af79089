/**
 * Adding detections in the reading room: looked at first, stored as it was seen, undone within its days; and who learns
 * nothing.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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

const sheet = [
  'Identifiant;Date de détection;Territoire;Messages;Description',
  'desk-1;2024-05-15;NC;31;Un premier constat',
  'desk-2;2024-05-16;Martinqiue;12;Un lieu mal écrit',
  'desk-3;n’importe quand;NC;5;Une date illisible',
].join('\n')

const upload = async (
  content: string | Uint8Array,
  name: string,
  { token = formToken, stated = {} }: { token?: string; stated?: Readonly<Record<string, string>> } = {},
): Promise<Response> => {
  const body = new FormData()
  for (const [field, value] of Object.entries({ token, ...stated })) body.set(field, value)
  body.set('file', new File([content as BlobPart], name))
  return room.app.request('http://127.0.0.1/room/add', {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin', 'accept-language': 'en' },
    body,
  })
}
/** Time goes on from one file to the next. */
let seconds = Date.parse('2024-05-22T00:00:00.000Z')
const lookOf = async (content: string | Uint8Array, name = 'may.csv', stated = {}): Promise<string> => {
  seconds += 1_000
  room.opened.at(new Date(seconds).toISOString())
  const answer = await upload(content, name, { stated })
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}
const textOf = async (path: string, headers = {}) => {
  const answer = await room.get(path, { 'accept-language': 'en', ...headers })
  return { status: answer.status, text: withoutRuns(await answer.text()) }
}
const sealIn = (text: string) => /name="seal" value="([^"]+)"/.exec(text)?.[1] ?? ''
const figure = (text: string, label: string) => new RegExp(`<dt>${label}</dt><dd>([^<]*)</dd>`).exec(text)?.[1]
const post = (path: string, form: Readonly<Record<string, string>>) => room.post(path, { token: formToken, ...form })

describe('a look', () => {
  test.each([
    ['fr', 'dates du 2024-05-14 au 2024-05-12 n’est pas une durée, l’une des bornes étant celle qui est enregistrée'],
    ['en', 'dates from 2024-05-14 to 2024-05-12 is no time, one end being what is stored: give both ends'],
  ])('refuses one row alone whose first date lies after the end that is stored: in %s', async (language, words) => {
    const observed = { from: '2024-05-10', to: '2024-05-12' }
    const id = `ends-${language}`
    await ingestInto(room.opened, [input({ id, detector: 'by hand', territories: ['NC'], observed })])
    const rows = ['id;titre;premiere observation;territoire;messages', `${id};Une salve;2024-05-14;NC;12`]
    const path = await lookOf([...rows, `${id}-2;Une autre;2024-05-14;NC;12`].join('\n'), 'ends.csv')
    const { text } = await textOf(`${path}?lang=${language}`)
    expect(text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')).toContain(words)
    expect(figure(text, language === 'fr' ? 'nouvel enregistrement' : 'new')).toBe('1')
  })

  test('says what a revision changes, in the reader’s words and up to his clearance', async () => {
    const of = (posts: number, more = {}) =>
      input({ id: 'says-what', territories: ['NC'], marking: 'TLP:GREEN', counts: { posts }, ...more })
    const replies = [{ by: 'A', text: { fr: 'Un mot secret' }, marking: 'TLP:RED' }]
    await ingestInto(room.opened, [of(31, { actor: { name: 'A', attributedBy: 'B', replies } })])
    const sent = ndjson({ ...of(45, { campaign: 'Matriochka', observedEffect: { state: 'observed', degree: 'act' } }) })
    const seen = async () => (await textOf(await lookOf(sent, 'again.ndjson'), { 'accept-language': 'fr' })).text
    const all = await seen()
    for (const change of [
      'messages\u00a0: 31 → 45',
      'effet constaté\u00a0: – → ',
      'campagne\u00a0: – → Matryoshka',
      'secret',
    ])
      expect(all).toContain(change)
    const limited = await room.as(analyst, seen)
    expect(limited).toContain('messages\u00a0: 31 → 45')
    expect(limited).not.toContain('secret')
  })
  test('tells of many changes the first, and how many more', async () => {
    const all = { campaign: 'A', hashtags: ['#a'], languages: ['fr'], platforms: ['X'], kind: 'video' as const }
    const figures = { posts: 1, reposts: 2, accounts: 3, videos: 4, views: 5 }
    await ingestInto(room.opened, [input({ id: 'many', territories: ['NC'], marking: 'TLP:GREEN', counts: {} })])
    const sent = input({ id: 'many', territories: ['NC'], marking: 'TLP:GREEN', counts: figures, ...all })
    const { text } = await textOf(await lookOf(ndjson({ ...sent }), 'many.ndjson'))
    expect(text.match(/ → /g)).toHaveLength(6)
    expect(text).toMatch(/and \d other fields/)
  })
  test('says what each record would become, guesses and takes no guess, and stores nothing', async () => {
    const path = await lookOf(sheet)
    const { status, text } = await textOf(path)
    expect(status).toBe(200)
    expect([figure(text, 'new'), figure(text, 'without a territory'), figure(text, 'cannot be read')]).toEqual([
      '1',
      '1',
      '1',
    ])
    expect(text).toContain('Did you mean Martinique?')
    expect(text).toContain('New Caledonia</b><span>13–19')
    expect(text).toContain('>Store 2</button>')
    expect(text).toContain('2 records go to the inbox.')
    expect(await room.opened.services.detections.latest('desk-1')).toBeUndefined()
    expect(await Array.fromAsync(room.opened.services.rejects.open())).toEqual([])
  })

  test('tells how the cell of an effect was read, and asks about several in one', async () => {
    const rows = ['effect-1;2024-05-16;NC;Une salve;acte : salle fermée', 'effect-2;2024-05-16;NC;Deux;médias, acte']
    const path = await lookOf(`id;Date;Territoire;Titre;Effet constaté\n${rows.join('\n')}`, 'effects.csv')
    const { text } = await textOf(path)
    expect(text).toContain('effect: act or decision · salle fermée')
    expect(text.match(/states several effects/g)).toHaveLength(1)
    expect(text).toContain('“médias, acte” states several effects: the gravest counts (act or decision).')
    const french = (await textOf(`${path}?lang=fr`)).text
    expect(french).toMatch(/effet\s: acte ou décision · salle fermée/)
    expect(french).toMatch(/«\smédias, acte\s» indique plusieurs effets\s: le plus grave compte \(acte ou décision\)/)
  })

  test('names whose clock a time is by, of what has a territory and of what has none', async () => {
    const observed = { from: '2024-05-16T01:30:00Z' }
    const rows = [input({ id: 'clock-1', observed }), input({ id: 'clock-2', observed, territories: [] })]
    const path = await lookOf(ndjson(...rows), 'clocks.ndjson')
    const { text } = await textOf(path)
    const whenOf = (id: string) =>
      / data-label="First seen"><span>(.*?)<\/span><\/td>/
        .exec(text.split('<tr').find((row) => row.includes(id)) ?? '')?.[1]
        ?.replaceAll(/<[^>]*>/g, '')
    expect([whenOf('clock-1'), whenOf('clock-2')]).toEqual([
      expect.stringMatching(/12:30Nouméa time$/),
      expect.stringMatching(/03:30Paris time$/),
    ])
    expect((await textOf(`${path}?lang=fr`)).text).toMatch(/03.h.30.*<small>heure de Paris/)
    await post(path, { do: 'store', seal: sealIn(text), by: 'Claire' })
    expect((await textOf('/room/inbox')).text).toMatch(/16.May[^<]*03:30[^<]*, Paris time/)
  })

  test('counts again with what is said of the whole file', async () => {
    const path = await lookOf(ndjson({ ...input({ id: 'dateless' }), observed: undefined } as never), 'x.ndjson')
    expect(figure((await textOf(path)).text, 'cannot be read')).toBe('1')
    expect((await post(path, { do: 'again', territory: '', observed: 'someday' })).status).toBe(422)
    expect((await post(path, { do: 'again', territory: '', observed: '2024-05-15' })).status).toBe(303)
    const { text } = await textOf(path)
    expect([figure(text, 'new'), figure(text, 'cannot be read')]).toEqual(['1', undefined])
    expect(text).toContain('One record takes the date that is stated for the whole file.')
  })

  test('says of a sheet of headings alone that there is no record in it, in both languages', async () => {
    const path = await lookOf('Titre;Date;Territoire\n', 'headings.csv')
    const { text } = await textOf(path)
    expect(text).toContain('There is no record in this file')
    expect(text).toContain('there are headings alone, and no row below them')
    expect(text).not.toContain('stored already')
    expect((await textOf(`${path}?lang=fr`)).text).toMatch(
      /aucun enregistrement.*que les en-têtes|que les en-têtes.*aucun enregistrement/s,
    )
  })

  test('keeps the name that was typed, through a recount and through what is refused', async () => {
    const path = await lookOf(sheet)
    const named = /name="by" type="text" value="([^"]*)"/
    expect(named.exec((await textOf(path)).text)?.[1]).toBe('')
    expect((await post(path, { do: 'again', territory: 'MQ', observed: '', by: 'Claire Roy' })).status).toBe(303)
    const { text } = await textOf(path)
    expect(named.exec(text)?.[1]).toBe('Claire Roy')
    const long = 'Claire '.repeat(60).trim()
    const refused = await post(path, { do: 'store', territory: 'MQ', observed: '', seal: sealIn(text), by: long })
    const again = await refused.text()
    expect([refused.status, named.exec(again)?.[1], again.includes('300')]).toEqual([422, long, true])
    const late = await post(path, { do: 'store', territory: 'NC', observed: '', seal: sealIn(text), by: 'Paul' })
    expect([late.status, named.exec(await late.text())?.[1]]).toEqual([409, 'Paul'])
  })

  test('asks of each record that nothing places where it was aimed, and takes an answer for that record alone', async () => {
    const unplaced = ['one', 'two', 'three'].map((id) => input({ id: `asked-${id}`, territories: [] }))
    const path = await lookOf(ndjson(...unplaced, input({ id: 'asked-not' })), 'asked.ndjson')
    const { text } = await textOf(path)
    const names = [...text.matchAll(/<select name="(aimed\.[0-9a-f]{10})" form="look" aria-label="Territory of /g)].map(
      ([, name]) => name ?? '',
    )
    expect(new Set(names).size).toBe(3)
    expect(text).toMatch(/<form class="deed" id="look"/)
    const [first = '', second = ''] = names
    // An answer that nobody has seen the effect of is counted, and stores nothing.
    const early = await post(path, { do: 'store', seal: sealIn(text), by: 'Claire', [first]: 'NC', [second]: '' })
    expect(early.status).toBe(409)
    expect(await early.text()).toContain('vos réponses changent ce que deviennent les enregistrements')
    const counted = (await textOf(path)).text
    expect([figure(counted, 'new'), figure(counted, 'without a territory')]).toEqual(['2', '2'])
    expect(counted).toContain(`<select name="${first}"`)
    expect(counted).toMatch(/<option value="NC" selected>/)
    // It can be taken back, and what is not asked about stays as it was answered.
    expect((await post(path, { do: 'again', [first]: '', [second]: 'MQ' })).status).toBe(303)
    const again = (await textOf(path)).text
    expect([figure(again, 'new'), figure(again, 'without a territory')]).toEqual(['2', '2'])
    expect((await post(path, { do: 'store', seal: sealIn(again), by: 'Claire' })).status).toBe(303)
    const stored = await Promise.all(
      unplaced.map(async ({ id = '' }) => (await room.opened.services.detections.latest(id))?.territories),
    )
    expect(stored.flat()).toEqual([{ code: 'MQ', method: 'analyst', by: 'Claire' }])
    expect((await room.opened.services.detections.latest('asked-not'))?.territories).toHaveLength(1)
  })

  test.each([
    [
      'a region',
      'region.csv',
      'Identifiant;Date de détection;Territoire;Messages;Description\nlook-pf;2024-05-15;Polynésie;31;Un constat',
    ],
    ['no place', 'nowhere.ndjson', ndjson(input({ id: 'look-nowhere', territories: [] }))],
  ])('finds nothing new in a file again of which it has placed %s', async (_, name, content) => {
    const path = await lookOf(content, name)
    const key = /<select name="(aimed\.[0-9a-f]{10})"/.exec((await textOf(path)).text)?.[1] ?? ''
    await post(path, { do: 'again', [key]: 'PF' })
    const seal = sealIn((await textOf(path)).text)
    expect((await post(path, { do: 'store', seal, by: 'Claire', [key]: 'PF' })).status).toBe(303)
    const id = name === 'region.csv' ? 'look-pf' : 'look-nowhere'
    const placed = [{ code: 'PF', method: 'analyst', by: 'Claire' }]
    expect(await room.opened.services.detections.latest(id)).toMatchObject({ revision: 1, territories: placed })
    const { text } = await textOf(await lookOf(content, name))
    expect([figure(text, 'duplicate, left alone'), figure(text, 'cannot be read')]).toEqual(['1', undefined])
    // What else it says is a revision in the same place.
    const other = content.replace('31', '32').replace('"id":', '"campaign":"BIG","id":')
    const revised = await lookOf(other, name)
    expect(figure((await textOf(revised)).text, 'revises a stored one')).toBe('1')
    expect((await post(revised, { do: 'store', seal: sealIn((await textOf(revised)).text), by: 'Bo' })).status).toBe(
      303,
    )
    expect(await room.opened.services.detections.latest(id)).toMatchObject({ revision: 2, territories: placed })
  })

  test('shows of a row that is a duplicate where it stands by now', async () => {
    const rows = (...places: readonly string[]) =>
      ['Identifiant;Date de détection;Territoire;Messages;Description', ...places].join('\n')
    const content = rows('since-1;2024-05-15;;31;Sans lieu', 'since-2;2024-05-15;Martinqiue;31;Lieu mal écrit')
    const path = await lookOf(content, 'since.csv')
    expect((await post(path, { do: 'store', seal: sealIn((await textOf(path)).text), by: 'Claire' })).status).toBe(303)
    for (const id of ['since-1', 'since-2']) {
      const { detections, clock } = room.opened.services
      await detections.assignTerritories(id, [{ code: 'MQ', method: 'analyst', by: 'Ana' }], { by: 'a test' }, clock())
    }
    const { text } = await textOf(await lookOf(content, 'since.csv'))
    expect(figure(text, 'duplicates, left alone')).toBe('2')
    expect(text.match(/<bdi>Martinique<\/bdi><small><bdi>an analyst states it \(Ana\)/g)).toHaveLength(2)
    expect(text).not.toMatch(/is no territory|<select name="aimed/)
  })

  test('tells the history and the detection’s page who placed a record in it, when, and from what', async () => {
    const content = ndjson(
      input({ id: 'told-1', territories: [] }),
      input({ id: 'told-2', territories: ['Martinqiue'] }),
      input({ id: 'told-3', territories: [] }),
    )
    const path = await lookOf(content, 'told.ndjson')
    const [one = '', two = ''] = [...(await textOf(path)).text.matchAll(/<select name="(aimed\.[0-9a-f]{10})"/g)].map(
      ([, name]) => name ?? '',
    )
    await post(path, { do: 'again', [one]: 'MQ', [two]: 'MQ' })
    const seal = sealIn((await textOf(path)).text)
    expect((await post(path, { do: 'store', seal, by: 'Claire' })).status).toBe(303)
    const { history, batches } = room.opened.services
    const placed = (await history.list(100)).filter(({ id }) => id.startsWith('told-'))
    const at = (await batches.list()).find(({ file }) => file === 'told.ndjson')?.storedAt
    expect(placed.map(({ id, reason }) => [id, reasonText(reason ?? '')]).sort()).toEqual([
      ['told-1', 'in the preview of told.ndjson'],
      ['told-2', 'in the preview of told.ndjson, which states "Martinqiue"'],
    ])
    for (const one of placed) expect(one).toMatchObject({ at, did: 'placed', by: 'Claire', what: ['MQ'] })
    expect((await textOf('/room/history?lang=fr')).text).toContain(
      'dans l’aperçu de told.ndjson, qui indique «\u202fMartinqiue\u202f»',
    )
    const page = (await textOf('/room/detections/told-2')).text
    expect(page).toMatch(/told\.ndjson[^]*placed by Claire \(in the preview of told\.ndjson, which states/)
  })

  test('lets a person choose one, several or all territories of a region, and stores that', async () => {
    const regions = ['Pacifique', 'Antiles', 'Océan Indien'].map((word, at) =>
      input({ id: `region-${at}`, territories: [word] }),
    )
    const path = await lookOf(ndjson(...regions), 'regions.ndjson')
    const { text } = await textOf(path)
    const boxes = [...text.matchAll(/<input type="checkbox" name="(aimed\.[0-9a-f]{10})" value="([A-Z]+)"[^>]*>/g)]
    expect(text).not.toContain(' checked')
    const keys = [...new Set(boxes.map(([, name = '']) => name))]
    expect(keys.map((key) => boxes.filter(([, name]) => name === key).map(([, , code]) => code))).toEqual([
      ['NC', 'PF', 'WF'],
      ['GP', 'MQ', 'BL', 'MF'],
      ['RE', 'YT', 'TF'],
    ])
    const [pacific = '', antilles = '', indian = ''] = keys
    const several = (form: readonly (readonly [string, string])[]) =>
      room.postAll(path, [['token', formToken], ...form])
    const answers = [
      ...['', 'NC', 'PF', 'WF'].map((code) => [pacific, code] as const),
      ...['', 'GP', 'MQ'].map((code) => [antilles, code] as const),
      [indian, 'NC'] as const,
    ]
    expect((await several([['do', 'again'], ...answers])).status).toBe(303)
    const counted = (await textOf(path)).text
    expect(figure(counted, 'new')).toBe('3')
    expect(counted.match(/ checked/g)).toHaveLength(5)
    expect(counted).toMatch(/<option value="NC" selected>/)
    // All of a region is unticked: the answer is taken back.
    expect(
      (
        await several([
          ['do', 'again'],
          [antilles, ''],
        ])
      ).status,
    ).toBe(303)
    const again = (await textOf(path)).text
    expect([figure(again, 'new'), figure(again, 'without a territory')]).toEqual(['2', '1'])
    expect((await post(path, { do: 'store', seal: sealIn(again), by: 'Claire' })).status).toBe(303)
    const codes = async (id: string) =>
      (await room.opened.services.detections.latest(id))?.territories.map(({ code }) => code)
    expect(await Promise.all(['region-0', 'region-1', 'region-2'].map(codes))).toEqual([['NC', 'PF', 'WF'], [], ['NC']])
    expect((await textOf(path)).text).toBe('')
  })

  test('offers all that a record names where one of its words is misspelt, and stores both', async () => {
    const id = 'two-named'
    const path = await lookOf(ndjson(input({ id, territories: ['Martinqiue', 'NC'] })), 'two.ndjson')
    const { text } = await textOf(path)
    const boxes = [...text.matchAll(/<input type="checkbox" name="(aimed\.[0-9a-f]{10})" value="([A-Z]+)"[^>]*>/g)]
    expect(boxes.map(([, , code]) => code)).toEqual(['MQ', 'NC'])
    expect(text).toContain('“Martinqiue” and “NC”: which of these?')
    expect((await textOf(`${path}?lang=fr`)).text).toMatch(/«\s?Martinqiue\s?» et «\s?NC\s?»\s?: lesquels/)
    const name = boxes[0]?.[1] ?? ''
    const answer = [
      ['token', formToken],
      ['do', 'again'],
      [name, ''],
      [name, 'MQ'],
      [name, 'NC'],
    ] as const
    expect((await room.postAll(path, answer)).status).toBe(303)
    const counted = (await textOf(path)).text
    expect(counted.match(/ checked/g)).toHaveLength(2)
    expect((await post(path, { do: 'store', seal: sealIn(counted), by: 'Claire' })).status).toBe(303)
    const placed = (await room.opened.services.detections.latest(id))?.territories.map(({ code }) => code)
    expect(placed).toEqual(['MQ', 'NC'])
  })

  test('asks whether a row is the one that was rejected in another file, and a yes closes that, until it is undone', async () => {
    const head = 'Titre;Date;Territoire;Plateforme;Messages;Résumé'
    const rows = (day: string) => `Un constat du port;${day};NC;Facebook;31;Des copies d’un même texte, au port`
    const other = 'Un autre, sans rapport;2024-05-16;PF;X;12;Rien de commun avec le premier'
    const { rejects } = room.opened.services
    const open = async () => (await Array.fromAsync(rejects.open())).filter(({ file }) => file === 'avril.csv')
    const first = await lookOf(
      [head, rows('n’importe quand'), rows('jamais').replace('port', 'bourg')].join('\n'),
      'avril.csv',
    )
    await post(first, { do: 'store', seal: sealIn((await textOf(first)).text), by: 'Claire' })
    expect(await open()).toHaveLength(2)
    const mended = [head, other, rows('2024-05-15')].join('\n')
    const unasked = await lookOf([head, other].join('\n'), 'autre.csv')
    expect((await textOf(unasked)).text).not.toContain('name="mends"')
    const path = await lookOf(mended, 'avril corrigé.csv')
    const { text } = await textOf(`${path}?lang=fr`)
    expect(text).toMatch(/line 3|ligne 3/)
    expect(text.match(/name="mends"/g)).toHaveLength(1)
    expect(text).toContain('Est-ce la ligne refusée (avril.csv, ligne 2)')
    const [, id = ''] = /name="mends" value="([0-9a-f]+)"/.exec(text) ?? []
    // A tick is kept through a recount, and can be taken back.
    await post(path, { do: 'again', mends: id })
    expect((await textOf(path)).text).toMatch(/name="mends" value="[0-9a-f]+" form="look" checked/)
    await post(path, { do: 'again' })
    expect((await textOf(path)).text).not.toMatch(/name="mends"[^>]* checked/)
    const stored = await post(path, { do: 'store', seal: sealIn(text), by: 'Claire', mends: id })
    expect(stored.status).toBe(303)
    expect((await open()).map(({ line }) => line)).toEqual([3])
    expect(await rejects.get(id)).toMatchObject({ closedBy: 'record', closedIn: expect.any(String) })
    await post(stored.headers.get('location') ?? '', { by: 'Claire' })
    expect(await open()).toHaveLength(2)
    // What is unticked when it is stored closes nothing.
    const late = await lookOf(mended, 'juin.csv')
    await post(late, { do: 'again', mends: id })
    await post(late, { do: 'store', seal: sealIn((await textOf(late)).text), by: 'Claire' })
    expect(await open()).toHaveLength(2)
    // Who may not know of rejects is asked about none, and closes none.
    await room.as({ ...analyst, territories: everything.territories }, async () => {
      const own = await lookOf(mended, 'mai.csv')
      const seen = (await textOf(own)).text
      expect(seen).not.toContain('name="mends"')
      await post(own, { do: 'store', seal: sealIn(seen), by: 'Claire', mends: id })
    })
    expect(await open()).toHaveLength(2)
  })

  test('names the fields of which a record says otherwise than a person, in the reader’s words', async () => {
    const content = (posts: number) => ndjson(input({ id: 'look-contested', counts: { posts } }))
    const path = await lookOf(content(31), 'first.ndjson')
    expect((await post(path, { do: 'store', seal: sealIn((await textOf(path)).text), by: 'Claire' })).status).toBe(303)
    const asked = {
      cells: { 'counts.posts': '40' },
      by: 'Ana Martin',
      reason: 'counted',
      sender: { name: 'a test', byOperator: true } as const,
    }
    await correctDetection({ ...asked, id: 'look-contested', pseudonym: (account) => account }, room.opened.services)
    const again = await lookOf(content(50), 'first.ndjson')
    expect((await textOf(again)).text).toContain('as another value for “number of posts” than Ana Martin')
    const french = (await textOf(`${again}?lang=fr`)).text
    expect(french).toContain('onne une autre valeur à «\u202fnombre de messages\u202f» que Ana Martin')
    expect(french).not.toContain('counts.posts')
  })

  test('offers what a misspelt territory may mean first, and none that the reader may not know of', async () => {
    const path = await lookOf(sheet)
    const select = /<select name="aimed\.[^]*?<\/select>/.exec((await textOf(path)).text)?.[0] ?? ''
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
      const name = /<select name="(aimed\.[^"]*)"/.exec((await textOf(own)).text)?.[1] ?? ''
      expect((await post(own, { do: 'again', [name]: 'MQ', 'aimed.../x': 'NC' })).status).toBe(303)
      expect((await textOf(own)).text).not.toMatch(/<option value="MQ"/)
      expect(figure((await textOf(own)).text, 'without a territory')).toBe('1')
      await post(own, { do: 'again', [name]: 'NC' })
      expect(figure((await textOf(own)).text, 'new')).toBe('2')
    })
  })

  test('is its author’s alone, and lasts a day', async () => {
    const path = await lookOf(sheet)
    await room.as({ ...everything, who: 'somebody else' }, async () => expect((await textOf(path)).status).toBe(404))
    const before = room.opened.services.clock().toISOString()
    room.opened.at(new Date(Date.parse(before) + 86_400_001).toISOString())
    expect((await textOf(path)).status).toBe(404)
    expect((await post(path, { do: 'store', seal: 'x' })).status).toBe(404)
    room.opened.at(before)
  })

  test('keeps the newest ten of one author', async () => {
    const paths: string[] = []
    for (let at = 0; at < 11; at += 1) paths.push(await lookOf(sheet, `many-${at}.csv`))
    expect((await textOf(paths[0] ?? '')).status).toBe(404)
    expect((await textOf(paths[10] ?? '')).status).toBe(200)
  })

  test('is thrown away', async () => {
    const path = await lookOf(sheet)
    expect((await post(path, { do: 'drop' })).status).toBe(303)
    expect((await textOf(path)).status).toBe(404)
  })

  test('shows hostile names and texts as text', async () => {
    const path = await lookOf(
      ndjson(input({ id: 'hostile-1', title: { en: hostile } })),
      `../../${hostile}\u202e.ndjson`,
    )
    const { text } = await textOf(path)
    expect(text).not.toContain('<script>')
    expect(text).not.toContain('\u202e')
    expect(text).toContain('&lt;script&gt;alert(1)')
  })
})

describe('a file that is not stored', () => {
  test.each([
    ['is empty', '', 'a.csv', 422, 'The file is empty'],
    ['is not there', '', '', 422, 'Choose a file.'],
    ['is too large', 'x'.repeat(maxLookBytes + 20_000), 'a.csv', 413, 'more than 4 MB'],
  ] as const)('%s: the form says so, at its field', async (_what, content, name, status, words) => {
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
      'with more records than a look shows',
      ndjson(...Array.from({ length: 1001 }, (_, at) => input({ id: `n-${at}` }))),
      'n.ndjson',
      /more than 1,000 records/,
    ],
    ['that lists accounts', 'account\n@one\n@two\n', 'accounts.csv', /./],
  ])('%s: the look says so, and offers nothing to store', async (_what, content, name, words) => {
    const { status, text } = await textOf(await lookOf(content, name))
    expect([status, text]).toEqual([422, expect.stringMatching(words)])
    expect(text).not.toContain('value="store"')
  })

  test('comes without this session’s token, from elsewhere, or is no form', async () => {
    expect((await upload(sheet, 'a.csv', { token: 'another' })).status).toBe(403)
    const path = await lookOf(sheet)
    expect((await room.post(path, { token: 'another', do: 'store' })).status).toBe(403)
    expect((await room.post(path, { token: formToken }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await room.post('/room/add', { token: formToken })).status).toBe(400)
  })

  test('is of who may not add: neither page nor place in the navigation', async () => {
    const reader: Partial<Caller> = { scopes: ['reports:read', 'detections:read'], roles: ['reader'] }
    await room.as(reader, async () => {
      for (const path of ['/room/add', '/room/batches/x', '/room/add/x']) expect((await textOf(path)).status).toBe(403)
      expect((await upload(sheet, 'a.csv')).status).toBe(403)
      expect((await textOf('/room')).text).not.toContain('/room/add')
    })
  })
})

describe('storing', () => {
  test('stores what was seen, once, and leads to the batch, which is undone after its effect was shown', async () => {
    const path = await lookOf(sheet, 'store.csv')
    const seal = sealIn((await textOf(path)).text)
    // On this machine nobody signs in: who does it says so.
    expect((await post(path, { do: 'store', seal })).status).toBe(422)
    const [one, other] = await Promise.all([
      post(path, { do: 'store', seal, by: 'Claire' }),
      post(path, { do: 'store', seal, by: 'Claire' }),
    ])
    expect([one.status, other.status]).toEqual([303, 303])
    const batch = one.headers.get('location') ?? ''
    expect(other.headers.get('location')).toBe(batch)
    expect(batch).toMatch(/^\/room\/batches\/\d{4}-/)
    expect((await room.opened.services.batches.list()).filter(({ file }) => file === 'store.csv')).toHaveLength(1)
    expect(await room.opened.services.detections.latest('desk-1')).toBeDefined()
    // A reload of the look leads there too.
    expect((await room.get(path)).headers.get('location')).toBe(batch)

    const { text } = await textOf(batch)
    expect(figure(text, 'new')).toBe('1')
    expect(text).toContain('One detection is withdrawn.')
    expect(text).toContain('2 records wait no longer.')
    expect((await post(batch, { do: 'undo', by: 'Claire' })).status).toBe(303)
    expect((await textOf(batch)).text).toMatch(/undone [^<]*, by Claire/)
    expect((await post(batch, { do: 'undo', by: 'Claire' })).status).toBe(409)
    expect((await room.opened.services.detections.stored(['desk-1'])).get('desk-1')?.status).toBe('withdrawn')
  })

  test('names what an undoing leaves, before and after it', async () => {
    const records = Array.from({ length: 23 }, (_, at) => input({ id: `stays-${String(at).padStart(2, '0')}` }))
    const store = async (content: string): Promise<string> => {
      const path = await lookOf(content, 'stays.ndjson')
      const answer = await post(path, { do: 'store', seal: sealIn((await textOf(path)).text), by: 'Claire' })
      return answer.headers.get('location') ?? ''
    }
    const first = await store(records.map((one) => ndjson(one)).join(''))
    await store(
      records
        .slice(1)
        .map((one) => ndjson({ ...one, counts: { posts: 9 } }))
        .join(''),
    )
    const left =
      /22 detections stay, since they were changed or their lower marking refused: stays-01, [^.]*stays-20 and 2 more\./
    expect((await textOf(first)).text).toMatch(left)
    expect((await post(first, { do: 'undo', by: 'Claire' })).status).toBe(303)
    const { text } = await textOf(first)
    expect(text).toContain('undone in part, 22 left')
    expect(text).toMatch(left)
    expect((await textOf(`${first}?lang=fr`)).text).toMatch(
      /22 détections restent, modifiées depuis ou dont la baisse du marquage a été refusée.: stays-01, /,
    )
  })

  test('stores nothing where the same would become something else now', async () => {
    const record = input({ id: 'raced', counts: { posts: 5 } })
    const path = await lookOf(ndjson(record), 'raced.ndjson')
    const seal = sealIn((await textOf(path)).text)
    const other = await lookOf(ndjson(record), 'other.ndjson')
    await post(other, { do: 'store', seal: sealIn((await textOf(other)).text), by: 'Claire' })
    const answer = await post(path, { do: 'store', seal, by: 'Claire' })
    expect(answer.status).toBe(409)
    expect(await answer.text()).toMatch(/Nothing was stored|Rien n’a été enregistré/)
    expect((await room.opened.services.batches.list()).map(({ file }) => file)).not.toContain('raced.ndjson')
  })
})

describe('at one moment', () => {
  const headings = 'Titre;Date;Territoire;TLP;Identifiant;Messages'
  const seen = async (name: string, rows: readonly string[]) => {
    const path = await lookOf([headings, ...rows].join('\n'), name)
    return { path, form: { do: 'store', seal: sealIn((await textOf(path)).text) } }
  }
  const later = async <Done>(turns: number, work: () => Promise<Done>): Promise<Done> => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((next) => setImmediate(next))
    return work()
  }
  const batchesOf = async (file: string) =>
    (await room.opened.services.batches.list()).filter((batch) => batch.file === file)

  test.each([0, 2, 10, 40])('two presses of one button are one intake, the second %s turns later', async (turns) => {
    const file = `pressed-${turns}.csv`
    const rows = Array.from({ length: 30 }, (_, at) => `A${at};2024-05-18;NC;GREEN;press-${turns}-${at};1`)
    const { path, form } = await seen(file, rows)
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

  test.each([0, 2, 10])(
    'two files with one new id are one new record: the second sees what it would be',
    async (turns) => {
      const id = `both-${turns}`
      const rows = (posts: number) => [`A;2024-05-18;NC;GREEN;${id};${posts}`]
      const one = await seen(`a-${id}.csv`, rows(10))
      const other = await seen(`b-${id}.csv`, rows(20))
      const answers = await Promise.all([
        post(one.path, { ...one.form, by: 'Ana' }),
        later(turns, () => post(other.path, { ...other.form, by: 'Bob' })),
      ])
      expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409])
      expect((await room.opened.services.detections.latest(id))?.revision).toBe(1)
      const lost = answers.find(({ status }) => status === 409)
      expect(await lost?.text()).toMatch(/Nothing was stored|Rien n’a été enregistré/)
    },
  )

  test('who died while he stored keeps nobody from storing for longer than his lease', async () => {
    const { path, form } = await seen('died.csv', ['A;2024-05-18;NC;GREEN;died;1'])
    const looks = looksIn(room.opened.table)
    const id = path.slice(path.lastIndexOf('/') + 1)
    const now = new Date(seconds)
    const look = await looks.get(everything.who, id, now)
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

  test('who cannot wait for another who stores is told so in both languages, and nothing is lost', async () => {
    const { path, form } = await seen('waits.csv', ['A;2024-05-18;NC;GREEN;waits;1'])
    const { turn } = looksIn(room.opened.table)
    await turn.take('another', new Date(seconds))
    const answer = await post(`${path}?lang=fr`, { ...form, by: 'Ana' })
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining('enregistrement est en cours')])
    await turn.give('another')
    expect((await post(path, { ...form, by: 'Ana' })).status).toBe(303)
  })
})

describe('a form that is refused on a long page', () => {
  test.each([
    ['en', 'Error: long.csv', 'Your name: Write your name.', 'Nothing was done'],
    ['fr', 'Erreur\u00a0: long.csv', 'Votre nom\u00a0: Écrivez votre nom.', 'Rien n’a été fait'],
  ])('says so before all else, once, with a link to the field: in %s', async (language, title, field, done) => {
    const rows = Array.from({ length: 69 }, (_, at) => `long-${language}-${at};2024-05-15;NC;31;Copie ${at}`)
    const path = await lookOf([sheet.split('\n')[0], ...rows].join('\n'), 'long.csv')
    const seal = sealIn((await textOf(path)).text)
    const answer = await post(`${path}?lang=${language}`, { do: 'store', seal })
    const text = await answer.text()
    expect([answer.status, /<title>(.*?)( ·|<)/.exec(text)?.[1]]).toEqual([422, title])
    expect(text.match(/role="alert"/g)).toHaveLength(1)
    const top = text.slice(text.indexOf('role="alert"'), text.indexOf('<h1'))
    expect(top).toContain(done)
    expect(/<a href="#by">([^<]*)<\/a>/.exec(top)?.[1]).toContain(field)
    expect(text).toContain('id="by-wrong"')
    // A page that refuses nothing has none of it.
    expect((await textOf(path)).text).not.toMatch(/role="alert"|<title>Error/)
  })
})

describe('a file of which nothing is new', () => {
  const stored = async (content: string, name: string) => {
    const path = await lookOf(content, name)
    return post(path, { do: 'store', seal: sealIn((await textOf(path)).text), by: 'Claire' })
  }

  test('of duplicates alone says so, and has no button to store it', async () => {
    const twice = ndjson(input({ id: 'twice-1' }), input({ id: 'twice-2' }))
    await stored(twice, 'twice.ndjson')
    const { text } = await textOf(await lookOf(twice, 'twice.ndjson'))
    expect(text).toContain('All its content is stored already.')
    expect(text).not.toContain('value="store"')
  })

  test('stores what a detector says of its runs by their number, and sends rejects to the inbox by theirs', async () => {
    const buttonIn = (text: string) => /value="store"[^>]*>([^<]*)</.exec(text)?.[1]
    const word = `${JSON.stringify({ source: 'Ran', ran: '2024-05-16T06:00:00Z', found: 0 })}\n`
    expect(buttonIn((await textOf(await lookOf(word, 'ran.ndjson'))).text)).toBe('Store 1')
    const mixed = `${ndjson(input({ id: 'twice-3' }))}{"id":"no"}\n`
    await stored(ndjson(input({ id: 'twice-3' })), 'mixed.ndjson')
    const path = await lookOf(mixed, 'mixed.ndjson')
    const { text } = await textOf(path)
    expect([buttonIn(text), text.includes('Nothing to store')]).toEqual(['Send one record to the inbox', true])
    expect((await textOf(`${path}?lang=fr`)).text).toContain('Envoyer un enregistrement dans «')
    expect(text).toContain('One duplicate is left alone.')
  })
})

test('a reject that was ticked is closed also where its row has been stored meanwhile', async () => {
  const head = 'Titre;Date;Territoire;Messages'
  const row = (day: string) => `Des copies au marché;${day};NC;7007`
  const { rejects } = room.opened.services
  const open = async () => (await Array.fromAsync(rejects.open())).filter(({ file }) => file === 'marche.csv')
  const storeIt = async (path: string, form = {}) =>
    post(path, { do: 'store', seal: sealIn((await textOf(path)).text), by: 'Claire', ...form })
  await storeIt(await lookOf([head, row('demain')].join('\n'), 'marche.csv'))
  const [reject] = await open()
  const mends = reject?.rejectId ?? ''
  const path = await lookOf([head, row('2024-05-15')].join('\n'), 'marche corrige.csv')
  await post(path, { do: 'again', mends })
  await storeIt(await lookOf([head, row('2024-05-15')].join('\n'), 'marche autre.csv'))
  expect(await open()).toHaveLength(1)
  const { text } = await textOf(path)
  expect(text).toMatch(/name="mends" value="[0-9a-f]+" form="look" checked/)
  expect(text).toContain('>Take one rejected row off the inbox</button>')
  expect(text).toContain('One rejected row leaves the inbox.')
  const french = (await textOf(`${path}?lang=fr`)).text
  expect(french).toContain('>Retirer une ligne refusée de « À traiter »</button>')
  expect(french).not.toContain('Tout son contenu est déjà enregistré')
  const stored = await storeIt(path, { mends })
  expect(stored.headers.get('location')).toMatch(/^\/room\/batches\//)
  expect(await open()).toEqual([])
  // Undone, it waits again.
  await post(stored.headers.get('location') ?? '', { do: 'undo', by: 'Claire' })
  expect(await open()).toHaveLength(1)
  // Ticked as it is stored, when somebody else has just stored the row.
  const again = row('2024-05-14')
  const raced = await lookOf([head, again].join('\n'), 'marche ensemble.csv')
  const seal = sealIn((await textOf(raced)).text)
  await storeIt(await lookOf([head, again].join('\n'), 'marche vite.csv'))
  const late = await room.post(raced, { token: formToken, do: 'store', seal, by: 'Claire', mends })
  expect([late.status, await late.text()]).toEqual([409, expect.stringMatching(/name="mends"[^>]* checked/)])
  // Without the tick there is nothing to do.
  const last = await lookOf([head, row('2024-05-15')].join('\n'), 'marche fin.csv')
  expect((await textOf(last)).text).not.toMatch(/value="store"|name="mends"/)
})

test('asks of no reject whose row stands in the file still, nor beside a duplicate', async () => {
  const head = 'Titre;Date;Territoire;Messages'
  const twin = (letter: string, day: string) => `Alerte ${letter};${day};NC;9001`
  const [stored, unread] = [twin('B', '2024-05-16'), twin('C', '2024-05-99')]
  const path = await lookOf([head, stored, unread].join('\n'), 'twins.csv')
  await post(path, { do: 'store', seal: sealIn((await textOf(path)).text), by: 'Claire' })
  const asks = async (rows: readonly string[], name = 'twins.csv') =>
    (await textOf(await lookOf([head, ...rows].join('\n'), name))).text.includes('name="mends"')
  expect(await asks([stored, unread])).toBe(false)
  expect(await asks([stored], 'else.csv')).toBe(false)
  // Beside a row that is new, as long as the one that was rejected is not there too.
  const fresh = twin('C', '2024-05-17')
  expect(await asks([fresh, unread], 'else.csv')).toBe(false)
  expect(await asks([fresh, twin('C', '2024-05-98')])).toBe(false)
  expect(await asks([fresh], 'else.csv')).toBe(true)
})

describe('how a file is read is said in the look', () => {
  const inSheet = (...rows: readonly (readonly string[])[]) =>
    rows
      .map(
        (cells, at) =>
          `<row r="${at + 1}">${cells.map((cell, column) => `<c r="${'ABCDEFG'[column]}${at + 1}" t="inlineStr"><is><t>${cell}</t></is></c>`).join('')}</row>`,
      )
      .join('')
  const head = ['Identifiant', 'Titre', 'Date de détection', 'Territoire']
  const seen = async (path: string, language = 'en') => (await textOf(`${path}?lang=${language}`)).text

  test.each([
    ['en', 'The sheet “Mai” is not read. Choose it below to read it.', 'Sheet'],
    ['fr', 'La feuille «\u202fMai\u202f» n’est pas lue. Choisissez-la plus bas pour la lire.', 'Feuille'],
  ])('which sheet, in %s', async (language, note, label) => {
    const sheets = ['Avril', 'Mai'].map((name) => ({
      name,
      rows: inSheet(head, [`sheet-${language}-${name}`, `Constat ${name}`, '2024-05-16', 'NC']),
    }))
    const path = await lookOf(workbook(sheets), 'two.xlsx')
    const first = await seen(path, language)
    expect(first).toContain(note)
    expect(first).toContain(`>${label}</label>`)
    expect(first).not.toContain('--sheet')
    expect((await post(path, { do: 'again', sheet: 'Mai' })).status).toBe(303)
    const text = await seen(path, language)
    expect(text).toContain('Constat Mai')
    expect(text).not.toContain('Constat Avril')
    expect(text).toContain('<option value="Mai" selected>')
    const done = await post(path, { do: 'store', seal: sealIn(text), by: 'Claire', sheet: 'Mai' })
    expect(done.status).toBe(303)
    expect(await room.opened.services.detections.latest(`sheet-${language}-Mai`)).toBeDefined()
  })

  test.each(['en', 'fr'])('whose time, in %s', async (language) => {
    const id = `time-${language}`
    const content = ['Identifiant;Titre;Date de détection;Territoire', `${id};Un constat;2024-05-16 00:30;NC`].join(
      '\n',
    )
    const path = await lookOf(content, 'time.csv')
    const first = await seen(path, language)
    expect(first).toContain(language === 'fr' ? 'Choisissez ce fuseau plus bas.' : 'Choose their time zone below.')
    expect(first).not.toMatch(/in a mapping|une correspondance/)
    for (const zone of ['UTC', 'Pacific/Noumea', 'Europe/Paris']) expect(first).toContain(`<option value="${zone}">`)
    await post(path, { do: 'again', zone: 'Pacific/Noumea' })
    const text = await seen(path, language)
    expect((await post(path, { do: 'store', seal: sealIn(text), by: 'Claire', zone: 'Pacific/Noumea' })).status).toBe(
      303,
    )
    expect((await room.opened.services.detections.latest(id))?.observed).toMatchObject({
      from: '2024-05-15T13:30:00.000Z',
      precision: 'instant',
    })
  })

  test.each([
    ['en', 'Choose below the one that does.'],
    ['fr', 'Choisissez plus bas celle qui en contient un.'],
  ])('which sheet, where the first one is a note, in %s', async (language, text) => {
    const note = { name: 'Lisez-moi', rows: inSheet(['Suivi des alertes, à lire avant tout']) }
    const rows = inSheet(head, [`noted-${language}`, 'Constat', '2024-05-16', 'NC'])
    const path = await lookOf(workbook([note, { name: 'Mai', rows }]), 'noted.xlsx')
    const first = await seen(path, language)
    expect(first).toContain(text)
    expect(first).toContain('<option value="Mai">')
    expect(first).not.toMatch(/renommez|vigie ingest|--map|--format|Corrigez le fichier|Correct the file/)
    await post(path, { do: 'again', sheet: 'Mai' })
    expect(figure(await seen(path), 'new')).toBe('1')
  })

  test.each([
    ['en', 'write them in the file as 2024-05-15', 'write it as 2024-05-15'],
    ['fr', 'écrivez-les dans le fichier sous la forme 2024-05-15', 'écrivez-la sous la forme 2024-05-15'],
  ])('nowhere as in a mapping: dates are mended in the file, in %s', async (language, doubtful, wrong) => {
    const dated = (...days: readonly string[]) =>
      ['Titre;Date;Territoire', ...days.map((day) => `Constat ${day};${day};NC`)].join('\n')
    const first = await seen(await lookOf(dated('05/06/2024'), 'dates.csv'), language)
    expect(first).toContain(doubtful)
    const other = await seen(await lookOf(dated('05/16/2024', '05/17/2024', '16/05/2024'), 'dates.csv'), language)
    expect(other).toContain(wrong)
    for (const text of [first, other]) expect(text).not.toMatch(/mapping|correspondance/)
  })

  test('whose time, and counts no row twice that was stored before its zone was known, or by another', async () => {
    const content = [
      'Titre;Date;Territoire',
      'Alerte de minuit;2024-05-16 00:30;NC',
      'Alerte du jour;16/05/2024;NC',
    ].join('\n')
    const stored = async (zone: string) => {
      const path = await lookOf(content, 'clock.csv')
      if (zone) await post(path, { do: 'again', zone })
      const text = await seen(path)
      await post(path, { do: 'store', seal: sealIn(text), by: 'Claire', ...(zone && { zone }) })
      return ['new', 'revises? .*?', 'duplicates?, .*?'].map((label) => figure(text, label))
    }
    expect(await stored('')).toEqual(['2', undefined, undefined])
    expect(await stored('Pacific/Noumea')).toEqual(['0', '1', '1'])
    expect(await stored('Europe/Paris')).toEqual(['0', '1', '1'])
    // A day that is the one of the instant in the territory says less, and nothing else.
    expect(await stored('')).toEqual(['0', undefined, '2'])
  })

  test('whose time, and keeps where a record was aimed that was answered with it', async () => {
    const rows = [head.slice(1), ['Alerte A', '2024-05-16 00:30', 'NC'], ['Alerte B', '2024-05-16 01:30', 'Martinqiue']]
    const path = await lookOf(workbook([{ name: 'Mai', rows: inSheet(...rows) }]), 'aimed.xlsx')
    const name = /<select name="(aimed\.[^"]*)"/.exec(await seen(path))?.[1] ?? ''
    expect((await post(path, { do: 'again', zone: 'Europe/Paris', [name]: 'MQ' })).status).toBe(303)
    const text = await seen(path)
    expect([figure(text, 'new'), figure(text, 'without a territory')]).toEqual(['2', undefined])
    expect(text).toContain('<option value="MQ" selected>')
  })

  test('which column says the territory, where no heading does, and stores as it stands what nobody answers', async () => {
    const rows = [
      'Titre;Date;Où donc;Identifiant',
      'Une salve;2024-05-15;NC;where-1',
      'Deux;2024-05-16;Bourail;where-2',
    ]
    const open = async () => {
      const path = await lookOf(rows.join('\n'), 'where.csv')
      return { path, text: (await textOf(path)).text }
    }
    const { path, text } = await open()
    expect([figure(text, 'without a territory'), text.includes('TLP:RED')]).toEqual(['2', false])
    const columns = [...text.matchAll(/<select id="(column\.\d)"[^]*?<\/select>/g)].map(([select, name = '']) => [
      name,
      /<option value="([^"]*)" selected>/.exec(select)?.[1] ?? '',
    ])
    expect(columns).toEqual([
      ['column.0', 'title'],
      ['column.1', 'observed'],
      ['column.2', ''],
      ['column.3', 'id'],
    ])
    const asItStands = Object.fromEntries(columns)
    expect((await post(path, { ...asItStands, 'column.2': 'territories', do: 'again' })).status).toBe(303)
    expect(figure((await textOf(path)).text, 'new')).toBe('2')
    const other = await open()
    const seal = sealIn(other.text)
    expect((await post(other.path, { ...asItStands, do: 'store', seal, by: 'Ana' })).status).toBe(303)
  })

  test.each(['en', 'fr'])('what its columns mean, where no heading is understood, in %s', async (language) => {
    const id = `column-${language}`
    const content = ['Nr;Wat;Wanneer;Waar;Hoeveel', `${id};Een bevinding van vandaag;2024-05-16;NC;12`].join('\n')
    const path = await lookOf(content, 'columns.csv')
    const first = await seen(path, language)
    expect(first).toContain(
      language === 'fr' ? 'Ses colonnes ne sont pas reconnues.' : 'Its columns are not recognised.',
    )
    expect(first).not.toMatch(/--map|--format|vigie map|vigie ingest,/)
    expect(first).toContain('name="column.1"')
    // A cell is shown as an example, and what it is marked nobody knows.
    expect(first).toMatch(/<header class="marking">.*TLP:RED/s)
    // As vigie map proposes it, by what the cells show.
    expect(first).toMatch(/name="column\.1".*?<option value="title" selected>/s)
    expect(first).toMatch(/name="column\.2".*?<option value="observed" selected>/s)
    const said = { 'column.0': 'id', 'column.1': 'title', 'column.2': 'observed', 'column.3': 'territories' }
    await post(path, { do: 'again', ...said, 'column.4': 'counts.posts' })
    const text = await seen(path, language)
    expect(text).toContain('Een bevinding van vandaag')
    const form = { do: 'store', seal: sealIn(text), by: 'Claire', ...said, 'column.4': 'counts.posts' }
    expect((await post(path, form)).status).toBe(303)
    expect(await room.opened.services.detections.latest(id)).toMatchObject({
      counts: { posts: { value: 12 } },
      territories: [{ code: 'NC' }],
    })
  })
})

test('a look keeps what a column is known for by its heading, and offers effect, breakout and actor', async () => {
  const rows = ['Wat;Nature;Quand;Effet;Propagation;Acteur;TTP', 'Salve;vidéo;2024-05-16;acte;3;Un groupe;T0049']
  const path = await lookOf(rows.join('\n').replace('Quand', 'Wanneer').replace('Wat', 'Zaak'), 'known.csv')
  const first = (await textOf(path)).text
  const chosen = [...first.matchAll(/<select[^>]*name="(column\.\d)".*?<\/select>/gs)].map(
    ([select, name]) => [name ?? '', /<option value="([^"]*)" selected>/.exec(select)?.[1] ?? ''] as const,
  )
  const fields = ['title', 'kind', 'observed', 'observedEffect', 'breakout', 'actor.name', 'techniques']
  expect(chosen).toEqual(fields.map((name, at) => [`column.${at}`, name]))
  expect((await post(path, { do: 'again', ...Object.fromEntries(chosen) })).status).toBe(303)
  const { text } = await textOf(path)
  const form = { do: 'store', seal: sealIn(text), by: 'Claire', ...Object.fromEntries(chosen) }
  const batch = (await post(path, form)).headers.get('location')?.split('/').at(-1) ?? ''
  const [step] = await Array.fromAsync(room.opened.services.batches.steps(batch))
  expect(await room.opened.services.detections.latest(step?.ids?.[0] ?? '')).toMatchObject({
    ...{ kind: 'video', observedEffect: { state: 'observed', degree: 'act' }, breakout: { category: 3 } },
    ...{ actor: { name: 'Un groupe' }, techniques: [{ id: 'T0049' }] },
  })
})

describe('what waits', () => {
  const waitsOf = async (batch: string, language = 'en') => {
    const { text } = await textOf(`/room/add?all=1&lang=${language}`)
    const row = text.split('<tr').find((one) => one.includes(batch)) ?? ''
    return /data-label="(?:Waits|En attente)"><span>([^<]*)</.exec(row)?.[1]
  }
  const storedAs = async (content: string, name: string) => {
    const path = await lookOf(content, name)
    const seal = sealIn((await textOf(path)).text)
    const to = (await post(path, { do: 'store', seal, by: 'Claire' })).headers.get('location') ?? ''
    return to.replace(/\?.*/, '')
  }
  const rows = [
    'Identifiant;Date de détection;Territoire;Messages;Description',
    'wait-1;2024-05-16;Martinqiue;12;Un lieu mal écrit',
    'wait-2;n’importe quand;NC;5;Une date illisible',
    ';2024-05-16;NC;beaucoup;Total',
  ].join('\n')

  test('of a batch is what the inbox holds of it, after a mended file and an undoing too', async () => {
    const batch = await storedAs(rows, 'waits.csv')
    expect(await waitsOf(batch)).toBe('3')
    await storedAs(rows.replace('n’importe quand', '2024-05-16'), 'waits.csv')
    expect(await waitsOf(batch)).toBe('2')
    // One is unplaced, and one cannot be read: each is told once.
    const effects = async (language: string) =>
      [...(await textOf(`${batch}?lang=${language}`)).text.matchAll(/<li><bdi>([^<]*(?:longer|plus)\.)<\/bdi>/g)].map(
        ([, one]) => one,
      )
    expect([await effects('en'), await effects('fr')]).toEqual([
      ['2 records wait no longer.'],
      ['2 enregistrements n’attendent plus.'],
    ])
    expect((await textOf(batch)).text).not.toMatch(/detections? (?:is|are) withdrawn/)
    await post(batch, { do: 'undo', by: 'Claire' })
    expect([await waitsOf(batch), await waitsOf(batch, 'fr')]).toEqual(['0', '0'])
  })

  test('is forecast to wait no longer by as many as the list has, none, one or two', async () => {
    const [head = '', first = '', second = '', sum = ''] = rows.replaceAll('wait-', 'cast-').split('\n')
    const forecast = async (...of: readonly string[]) => {
      const batch = await storedAs(
        [head, 'cast-0;2024-05-16;NC;1;Une salve', ...of].join('\n'),
        `cast-${of.length}.csv`,
      )
      const { text } = await textOf(`${batch}?lang=fr`)
      const told = /(?:Un|[\d]+) enregistrements? n’atten\S+ plus\./.exec(text)?.[0]
      const withdrawn = /(?:Une|[\d]+) détections? \S+ écartées?/.exec(text)?.[0]
      const waits = await waitsOf(batch)
      await post(batch, { do: 'undo', by: 'Claire' })
      return [waits, told, withdrawn]
    }
    const gone = 'Une détection est écartée'
    expect(await forecast()).toEqual(['0', undefined, gone])
    expect(await forecast(first)).toEqual(['1', 'Un enregistrement n’attend plus.', gone])
    expect(await forecast(sum)).toEqual(['1', 'Un enregistrement n’attend plus.', gone])
    expect(await forecast(first, second)).toEqual(['2', '2 enregistrements n’attendent plus.', gone])
  })

  const toldRows = rows.replaceAll('wait-', 'gain-')

  test('is told by a look as what is new, what waits already and what was closed', async () => {
    await storedAs(toldRows, 'told.csv')
    const { rejects } = room.opened.services
    const open = await Array.fromAsync(rejects.open())
    const total = open.find(({ file, raw }) => file === 'told.csv' && raw.includes('Total'))
    await rejects.drop(total?.rejectId ?? '', { by: 'a test', reason: 'a sum' }, room.opened.services.clock())
    const path = await lookOf(toldRows, 'told.csv')
    const { text } = await textOf(path)
    expect(text).toContain('One record waits in the inbox already.')
    expect(text).toContain('One record was closed in the inbox before, and does not come back.')
    expect(text).toContain('There is nothing new to store.')
    expect(text).not.toMatch(/to the inbox|value="store"/)
    const french = (await textOf(`${path}?lang=fr`)).text
    expect(french).toContain('Un enregistrement attend déjà dans « À traiter ».')
    expect(french).toContain('Un enregistrement a été clos dans « À traiter » et n’y revient pas.')
    const more = await textOf(await lookOf(`${toldRows}\nwait-9;hier;NC;1;Autre`, 'told.csv'))
    expect(more.text).toContain('>Send one record to the inbox</button>')
    expect(more.text).toContain('One record goes to the inbox.')
  })
})

test('an undoing takes a reason, which the history keeps', async () => {
  const path = await lookOf(ndjson(input({ id: 'why-1' })), 'why.ndjson')
  const seal = sealIn((await textOf(path)).text)
  const batch = (await post(path, { do: 'store', seal, by: 'Claire' })).headers.get('location') ?? ''
  expect((await textOf(batch)).text).toContain('name="reason"')
  const long = await post(batch, { do: 'undo', by: 'Claire', reason: 'x'.repeat(301) })
  expect([long.status, (await long.text()).includes('id="reason-wrong"')]).toEqual([422, true])
  expect((await post(batch, { do: 'undo', by: 'Claire', reason: 'the wrong file' })).status).toBe(303)
  expect((await room.opened.services.batches.get(batch.split('/').at(-1) ?? ''))?.undoneReason).toBe('the wrong file')
  expect((await textOf('/room/history')).text).toContain('the wrong file')
})

test('what a misspelt territory may mean is named in the reader’s language', async () => {
  const path = await lookOf(`${sheet.split('\n')[0]}\nnamed-1;2024-05-16;Nouvelle Caledonnie;12;Un lieu`, 'named.csv')
  expect((await textOf(`${path}?lang=en`)).text).toContain('Did you mean New Caledonia?')
  expect((await textOf(`${path}?lang=en`)).text).not.toContain('mean Nouvelle-Calédonie')
  expect((await textOf(`${path}?lang=fr`)).text).toContain('Vouliez-vous dire Nouvelle-Calédonie')
})

describe('who may not know all that is stored', () => {
  test('sees, before and after, the same as where nothing of it were stored', async () => {
    const secret = input({ id: 'secret-1', marking: 'TLP:RED', counts: { posts: 777 } })
    const own = ndjson(input({ id: 'secret-1', marking: 'TLP:GREEN' }), input({ id: 'mine-1', marking: 'TLP:GREEN' }))
    const told = async () =>
      room.as(analyst, async () => {
        const path = await lookOf(own, 'own.ndjson')
        const look = (await textOf(path)).text
        const answer = await post(path, { do: 'store', seal: sealIn(look), by: 'Claire' })
        const batch = (await textOf(answer.headers.get('location') ?? '')).text
        await post(answer.headers.get('location') ?? '', { do: 'undo', by: 'Claire' })
        return [look, batch].map((text) =>
          text.replaceAll(/[0-9a-f]{64}|[0-9a-f-]{36}/g, 'a key').replaceAll(/2024-\d\d-\d\d-[0-9a-f]{8}/g, 'a batch'),
        )
      })
    const before = await told()
    const path = await lookOf(ndjson(secret), 'secret.ndjson')
    await post(path, { do: 'store', seal: sealIn((await textOf(path)).text), by: 'Claire' })
    expect(before[0]).toContain('>Store 2</button>')
    const after = await told()
    expect(after[0]).not.toContain('777')
    expect(figure(after[0] ?? '', 'new')).toBe(figure(before[0] ?? '', 'new'))
    expect(figure(after[1] ?? '', 'new')).toBe(figure(before[1] ?? '', 'new'))
    expect((await room.opened.services.detections.latest('secret-1'))?.marking).toBe('TLP:RED')
  })

  test('knows of his own batches alone', async () => {
    await room.as(analyst, async () => {
      const { text } = await textOf('/room/add')
      expect(text).toContain('own.ndjson')
      expect(text).not.toContain('secret.ndjson')
      const [other] = (await room.opened.services.batches.list()).filter(({ file }) => file === 'secret.ndjson')
      expect((await textOf(`/room/batches/${other?.name}`)).status).toBe(404)
      expect((await post(`/room/batches/${other?.name}`, { do: 'undo', by: 'Claire' })).status).toBe(404)
    })
  })
})

test('the foot says on this machine that one person is everything, and on a stage who somebody is', async () => {
  expect((await textOf('/room/archive')).text).toContain(
    'On this machine a single user is reader, analyst, approver and operator',
  )
})
