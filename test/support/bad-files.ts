/** Files of every format with something wrong in them, as people hand them over. */
import { zipSync } from 'fflate'
import type { ReadOptions } from '../../lambdas/intake/formats.ts'
import { textRow, workbook } from './xlsx.ts'

export type BadFile = readonly [
  name: string,
  content: string | Uint8Array,
  how?: Partial<ReadOptions> & { readonly postTable?: string },
]

const day = '2024-05-15'

const sheet = (headings: string, ...rows: readonly string[]): string => `${[headings, ...rows].join('\n')}\n`

/** A row of a sheet with one cell more. */
const withCell = (heading: string, ...cells: readonly string[]): string =>
  sheet(`titre;date;territoire;${heading}`, ...cells.map((cell, at) => `Constat ${at};${day};NC;${cell}`))

const record = (more: object): string =>
  JSON.stringify({
    id: 'a-1',
    detector: 'D',
    kind: 'video',
    title: 'x',
    observed: { from: day },
    territories: ['NC'],
    ...more,
  })

const stix = (...objects: readonly unknown[]): string => JSON.stringify({ type: 'bundle', id: 'bundle--1', objects })

const uuid = '00000000-0000-4000-8000-00000000000'

const tables: readonly BadFile[] = [
  ['no-headings.csv', '\n\n'],
  ['no-title.csv', sheet('date;territoire;messages', `${day};NC;5`), { format: 'csv' }],
  ['no-date.csv', sheet('titre;territoire', 'x;NC'), { format: 'csv' }],
  ['slip.csv', sheet('Tirte;date;territoire;messages', `x;${day};NC;5`), { format: 'csv' }],
  ['slip-of-date.csv', sheet('titre;dtae;territoire', `x;${day};NC`), { format: 'csv' }],
  ['two-columns.csv', sheet('titre;titre;date', `x;y;${day}`)],
  ['unused.csv', sheet('titre;date;territoire;mesages;couleur;', `x;${day};NC;5;bleu;z`)],
  [
    'many-unused.csv',
    sheet(`titre;date;${Array.from({ length: 40 }, (_, at) => `c${at}`).join(';')}`, `x;${day}`),
    { format: 'csv' },
  ],
  ['wide.csv', sheet(Array.from({ length: 2_000 }, (_, at) => `c${at}`).join(';'), 'x'), { format: 'csv' }],
  ['summary-alone.csv', sheet('description;date;territoire', `Un constat;${day};NC`)],
  ['dates.csv', sheet('titre;date', 'a;31/02/2024', 'b;demain', 'c;2024', 'd;15/13/2024', 'e;2024-05-15T25:00')],
  ['american.csv', sheet('titre;date', 'a;05/25/2024', 'b;25/05/2024')],
  ['doubtful.csv', sheet('titre;date', 'a;03/04/2024', 'b;05/06/2024')],
  ['serials.csv', sheet('titre;date', 'a;45427', 'b;2024-05-15 12:30')],
  ['backwards.csv', sheet('titre;du;au', `a;${day};2024-05-01`, `b;;${day}`, 'c;;', `;${day};${day}`)],
  ['mixed.csv', sheet('titre;du;au', `a;${day};2024-05`)],
  ['kinds.csv', withCell('nature', 'Vidéos', 'foo "bar"', 'campagne')],
  ['markings.csv', withCell('marquage', 'TLP:PINK', 'violet')],
  ['confidence.csv', withCell('confiance', 'sûr', '120 %', 'high')],
  ['codes.csv', withCell('crédibilité;fiabilité', '9;Z', 'x;1')],
  ['counts.csv', withCell('messages', 'beaucoup', '1,5', '1.23457E+15', '99999999999999999999', '1,23456789 M', '-5')],
  ['ids.csv', withCell('identifiant', '1.23457E+15', 'x'.repeat(200))],
  ['names.csv', withCell('handles', '1.23457E+15')],
  ['places.csv', sheet('titre;date;territoire', `a;${day};Atlantide`, `b;${day};Saint-Pierre`, `c;${day};Martinqiue`)],
  [
    'towns.csv',
    sheet(
      'titre;date;territoire',
      ...['Saint-Martin', 'Sainte-Marie', 'Le François', 'Réunion'].map((t) => `a;${day};${t}`),
    ),
  ],
  ['indicators.csv', withCell('domaines;urls;adresses ip', 'pasundomaine!;;', ';x;', ';;999.1.1.1', ';;')],
  ['languages.csv', withCell('langues', 'klingon!', 'fr')],
  ['quotes.csv', 'titre;date\n"a;2024-05-15\nb;2024-05-16\n'],
  ['text-after.csv', 'titre;date\n"a"b;2024-05-15\n'],
  ['cells.csv', 'titre;date\na;2024-05-15;c;d\na\n'],
  ['cut.csv', 'titre;date;territoire\na;2024-05-15;NC\nb;2024'],
  ['nul.csv', Buffer.from('titre;date\na\0;2024-05-15\nb;2024-05-16\n')],
  ['twice.csv', sheet('titre;date;territoire;messages', `a;${day};NC;5`, `a;${day};NC;6`)],
  ['odd-zone.csv', sheet('titre;date', 'a;2024-05-15T12:00', 'b;2024-05-15T12:00+99:00')],
  ['broken-head.csv', '"titre;date\n'],
  ['broken-head-of-sheet.csv', '"titre;date\n', { format: 'csv' }],
  ['no-headings-of-sheet.csv', '\n', { format: 'csv' }],
  ['notes.txt', 'Bonjour,\nvoici le point de la semaine.\n'],
  ['empty.csv', ''],
  ['spaces.csv', ' \n \n'],
  ['posts.csv', 'id,account,time,text,platform\n1,bob,2024-05-15T01:00:00Z,La France,X\n'],
  ['coortweet-posts.csv', 'object_id,account_id,content_id,timestamp_share\no,a,p,1715736076\n'],
  ['qut-posts.csv', 'message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n1,2,b,,,x,1,\n'],
  ['d3lta-posts.csv', 'original,language,text_language_detect,text_to_embed,text_grapheme,cluster\na,fr,fr,a,a,1\n'],
]

const others: readonly BadFile[] = [
  ['old.xls', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])],
  ['file.csv.gz', Buffer.from([0x1f, 0x8b, 8, 0])],
  ['report.pdf', Buffer.from('%PDF-1.7\n')],
  ['picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d])],
  ['damaged.xlsx', Buffer.from('PK\u0003\u0004rubbish')],
  ['files.zip', zipSync({ 'a.txt': Buffer.from('a') })],
  ['letter.docx', zipSync({ 'word/document.xml': Buffer.from('<w/>') })],
  ['binary.xlsb', zipSync({ 'xl/workbook.bin': Buffer.from('x') })],
  ['sheet.ods', zipSync({ mimetype: Buffer.from('application/vnd.oasis.opendocument.spreadsheet') })],
  ['nothing.xlsx', workbook([{ name: 'Vide', rows: '' }])],
  [
    'entities.xlsx',
    workbook([], { more: { 'xl/workbook.xml': Buffer.from('<!DOCTYPE x [<!ENTITY a "b">]><workbook/>') } }),
  ],
  ['no-xml.xlsx', workbook([], { more: { 'xl/workbook.xml': Buffer.from('<workbook><a <b></workbook>') } })],
  [
    'sheets.xlsx',
    workbook([
      { name: 'Juin', rows: textRow(1, 'Suivi') + textRow(2, 'Titre', 'Date') + textRow(3, 'a', 'jamais') },
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ name, rows: textRow(1, 'x', 'y') })),
      { name: 'Caché', rows: textRow(1, 'x', 'y'), state: 'hidden' },
    ]),
  ],
  [
    'formulas.xlsx',
    workbook([
      {
        name: 'Mai',
        rows: `${textRow(1, 'Titre', 'Date')}<row r="2"><c r="A2"><f>1+1</f></c><c r="B2"><v>1</v></c></row>`,
      },
    ]),
  ],
  ['far.xlsx', workbook([{ name: 'Mai', rows: `<row r="99999999"><c r="A1"><v>1</v></c></row>` }])],
  ['columns.xlsx', workbook([{ name: 'Mai', rows: '<row r="1"><c r="ZZZ1"><v>1</v></c></row>' }])],
  ['wanted.xlsx', workbook([{ name: 'Mai', rows: textRow(1, 'x') }]), { sheet: 'Juin' }],
]

const json: readonly BadFile[] = [
  [
    'lines.ndjson',
    [
      'not json',
      '{"id":"a"',
      '{"id":',
      '{"id":"a",}',
      "{'id':1}",
      '{"id":"a"}x',
      '{"id":"\\x"}',
      '{"id":"a\tb"}',
      '{"id":01}',
      '{"id":1.}',
      '{"id":-}',
      '{"id":1e}',
      '{"id":"a" "b"}',
      '{"id"}',
      '[1,2',
      '"text"',
      '3',
      'null',
      '{}',
      '{"ran":"2024-05-15","source":"D","found":1}',
      '{"ran":"2024-05-15T06:00:00Z","source":"D","found":-1}',
      '{"ran":"2024-05-15T06:00:00Z","source":"D","found":1.5}',
      '{"ran":"2999-05-15T06:00:00Z","source":"D","found":1}',
      '{"ran":"2024-05-15T06:00:00Z","found":1}',
      record({ id: '' }),
      record({ id: 'x'.repeat(200) }),
      record({ id: 5, title: 6 }),
      record({ title: {} }),
      record({ title: { french: 'x' } }),
      record({ title: '' }),
      record({ title: '\u0007' }),
      record({ titel: 'x' }),
      record({ titel: 'x', observd: 1, foo: 2 }),
      record({ kind: 'film' }),
      record({ observed: undefined }),
      record({ observed: { from: '2024-02-30' } }),
      record({ observed: { from: '2024-05-15', to: '2024-05-01' } }),
      record({ observed: { from: '2024-05-15', to: '2024-05' } }),
      record({ observed: { from: '2024-05-15T10:00:00' } }),
      record({ observed: { from: 'hier' } }),
      record({ observed: { from: '2024-05-15', precision: 'month' } }),
      record({ observed: 'hier' }),
      record({ territories: ['XX'] }),
      record({ territories: 'NC' }),
      record({ territories: [{ code: 'XX', method: 'analyst' }] }),
      record({ marking: 'PINK' }),
      record({ marking: 3 }),
      record({ counts: { posts: -1 } }),
      record({ counts: { posts: 1.5 } }),
      record({ counts: { posts: 1e300 } }),
      record({ counts: { posts: 'viele' } }),
      record({ counts: { posts: { value: 5, qualifier: 'perhaps' } } }),
      record({ counts: { byDay: [{ day: '2024-06-01', posts: 5 }] } }),
      record({ counts: { byDay: [{ day: 'x', posts: 5 }] } }),
      record({ platforms: ['X'], counts: { byPlatform: [{ platform: 'VK', posts: 5 }] } }),
      record({ counts: { byInterval: [{ from: '2024-05-15T00:00:00Z', minutes: 60, posts: 5 }] } }),
      record({ counts: { posts: 5, byInterval: [{ from: '2024-05-15', minutes: 7, posts: 5 }] } }),
      record({
        counts: {
          posts: 5,
          byInterval: [
            { from: '2024-05-15T00:00:00Z', minutes: 60, posts: 5 },
            { from: '2024-05-15T00:00:00Z', minutes: 60, posts: 5 },
          ],
        },
      }),
      record({ counts: { posts: 1, byInterval: [{ from: '2024-05-15T00:00:00Z', minutes: 60, posts: 5 }] } }),
      record({ counts: { posts: 9, byInterval: [{ from: '2023-05-15T00:00:00Z', minutes: 60, posts: 5 }] } }),
      record({ actor: { name: 'A' } }),
      record({ actor: { name: 'A', attributedBy: 'B', likelihood: 'sure' } }),
      record({ confidence: { score: 120 } }),
      record({ credibility: 9 }),
      record({ credibility: 0 }),
      record({ partOf: 'a-1' }),
      record({ revision: 0 }),
      record({ revision: 1e15 }),
      record({ languages: ['french!'] }),
      record({ indicators: [{ type: 'car', value: 'x' }] }),
      record({ evidence: [{ url: 'x' }] }),
      record({ evidence: [{ label: 'x', url: 'x' }] }),
      record({ impersonates: [{ class: 'individual', name: 'X' }] }),
      record({ impersonates: [{ class: 'organization' }] }),
      record({ accountSet: { id: 'nobody-knows-it' } }),
      record({ supposedOrigin: { zone: '+03:00', by: 'x' } }),
      record({ supposedOrigin: { zone: 'Mars/Olympus', by: 'x' } }),
      record({ detector: { name: 'D', expectedRhythm: 'daily' } }),
      record({ detector: { name: 'D', thresholds: { 'min similarity': 1 } } }),
      record({ hashtags: Array.from({ length: 1_001 }, (_, at) => `#${at}`) }),
      record({ narratives: [7] }),
      record({ event: { participants: [{ name: 'X' }] } }),
      record({ plates: ['x'] }),
      record({ quotes: [{ text: 'x'.repeat(3_000) }] }),
      '{"id":"a","id":"b"}',
      '{"__proto__":{"a":1}}',
      `${'['.repeat(200)}${']'.repeat(200)}`,
      `{${Array.from({ length: 300 }, (_, at) => `"k${at}":1`).join(',')}}`,
      '{"id":12345678901234567890}',
      record({ detector: { name: 'D', thresholds: { n: 0 } } }).replace('"n":0', '"n":12345678901234567890'),
      '\0{"id":"a"}',
      `{"id":"${'x'.repeat(50)}`,
    ].join('\n'),
    { format: 'ndjson' },
  ],
  ['cut.json', `[${record({})},\n{"id":"b"`],
  ['beside.json', `{"about":"x","detections":[${record({})}]}`],
  ['broken.json', `[${record({})}, oops, {"id": }, 7]`],
  ['latin.json', Buffer.concat([Buffer.from('[{"id":"'), Buffer.from([0xe9]), Buffer.from('"}]')])],
  ['nul.ndjson', Buffer.from('{"id":"\0"}\n')],
  ['again.ndjson', `${record({ id: 'r', revision: 3 })}\n${record({ id: 'r', revision: 2, title: 'y' })}\n`],
  ['lower.ndjson', `${record({ id: 'l', marking: 'TLP:AMBER' })}\n${record({ id: 'l', marking: 'TLP:GREEN' })}\n`],
  ['foreign.ndjson', `${record({ id: 'f', detector: 'One' })}\n${record({ id: 'f', detector: 'Two', title: 'y' })}\n`],
]

const bundles: readonly BadFile[] = [
  ['number.json', '7', { format: 'stix' }],
  ['empty-text.json', '', { format: 'stix' }],
  ['report.json', '{"type":"report"}', { format: 'stix' }],
  ['no-type.json', '{"objects":3}', { format: 'stix' }],
  ['no-objects.json', '{"type":"bundle"}'],
  ['objects.json', '{"type":"bundle","objects":3}'],
  ['cut-bundle.json', '{"type":"bundle","objects":[{"type":"cam'],
  ['broken-bundle.json', '{"type":"bundle","objects":[{,}]}'],
  ['nothing.json', stix()],
  ['one.json', stix({ type: 'identity', id: `identity--${uuid}1`, name: 'A' })],
  ['revoked.json', stix({ type: 'campaign', id: `campaign--${uuid}1`, name: 'A', revoked: true })],
  [
    'bundle.json',
    stix(
      3,
      {},
      { type: 'Campaign', id: 'x' },
      { type: 'campaign', id: 'x' },
      { type: 'campaign', id: `campaign--${uuid}1`, first_seen: '2024-05-15T00:00:00Z' },
      { type: 'campaign', id: `campaign--${uuid}2`, name: 'A', description: 'told' },
      {
        type: 'incident',
        id: `incident--${uuid}3`,
        name: 'A',
        created: '2024-05-15T00:00:00Z',
        first_seen: '2024-05-15T00:00:00Z',
        object_marking_refs: ['marking-definition--x'],
      },
      { type: 'report', id: `report--${uuid}4`, object_refs: ['campaign--none'] },
      { type: 'campaign', id: `campaign--${uuid}2`, name: 'A', description: 'x'.repeat(30_000) },
    ),
  ],
  ['latin-bundle.json', Buffer.concat([Buffer.from('{"type":"bundle","x":"'), Buffer.from([0xe9]), Buffer.from('"}')])],
]

const detectors: readonly BadFile[] = [
  ['matches.csv', 'source,target,score,dup_type\n1,2,0.9,copy-pasta\n', { format: 'd3lta' }],
  ['no-matches.csv', 'a,b\n1,2\n', { format: 'd3lta', postTable: 'id,account,time\n1,b,2024-05-15T01:00:00Z\n' }],
  [
    'odd-matches.csv',
    `source,target,dup_type\n1,1,copypasta\n1,2,stolen\n,2,copypasta\nNA,2,copypasta\n1.2E+18,2,copypasta\n${'x'.repeat(300)},2,copypasta\n1,2,copypasta\n5,6,copypasta\n`,
    {
      format: 'd3lta',
      postTable:
        'id,account,time,language\n1,b,2024-05-15T01:00:00,klingon\n2,c,hier,fr\n1,b,2024-05-15T01:00:00,xx\n5,d,,fr\n',
    },
  ],
  ['no-account.csv', 'source,target,dup_type\n1,2,copypasta\n', { format: 'd3lta', postTable: 'id,time\n1,x\n' }],
  ['no-time.csv', 'source,target,dup_type\n1,2,copypasta\n', { format: 'd3lta', postTable: 'id,account\n1,x\n' }],
  [
    'strangers.csv',
    'source,target,dup_type\n8,9,copypasta\n',
    { format: 'd3lta', postTable: 'id,account,time\n1,x,\n' },
  ],
  [
    'by-row.csv',
    'source,target,dup_type\n8,9,copypasta\n',
    { format: 'd3lta', postTable: 'account,time\nx,2024-05-15T01:00:00Z\n' },
  ],
  [
    'shares.csv',
    'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y\no,a,b,p,q,x,1\no,a,b,p,q,16,hier\no,a,a,p,q,16,\no,a,b,p,q,16,\n',
  ],
  ['links.csv', 'source,target,weight,edge_type\na,b,heavy,x\na,b,0,x\na,a,3,x\na,b,2,x\n'],
  ['no-links.csv', 'x,y\n1,2\n', { format: 'cnt' }],
]

const lists: readonly BadFile[] = [
  [
    'domains.csv',
    'domain,created on\nno-domain!,15/05/2024\nhttps://a.example/x,15/05/2024\na@b.example,15/05/2024\n,15/05/2024\na.example,\nb.example,hier\nc.example,15/05/2024\nc.example,16/05/2024\n192.0.2.1,15/05/2024\nNA,15/05/2024\n',
  ],
  ['undated.csv', 'domain\na.example\nb.example\n'],
  ['colours.csv', 'colour,shape\nred,round\n', { format: 'domains' }],
  ['doubtful-domains.csv', 'domain,created on,shade\na.example,03/04/2024,x\n'],
  [
    'accounts.csv',
    'account\n@bob\nhttps://example.org/eve\nhttps://x.com/\nNA\n1.2E+18\n@bob\n',
    { format: 'accounts' },
  ],
  ['no-accounts.csv', 'colour,shape\nred,round\n', { format: 'accounts' }],
  ['nobody.csv', 'account\n', { format: 'accounts' }],
  ['.csv', 'account\nbob\n', { format: 'accounts' }],
  ['set.csv', 'account\nbob\n', { format: 'accounts', set: { id: 'a\nb' } }],
  ['bare.csv', 'bob\neve\n', { format: 'accounts' }],
  [
    'meta.csv',
    `indicator_type,indicator_value,comment,ds\ndomain,no-domain!,CIB,${day}\ndomain,,CIB,${day}\ndomain,"a\u0007",CIB,${day}\ndomain,${'x'.repeat(5_000)},CIB,${day}\nurl,x,Q1,\nold domain (v2),x y,Q1,\ndomain,a.example,,\n`,
  ],
  ['chain.csv', 'Tactic,Technique,Procedure,Indicator\nCooking,x,y,z\n,x,y,z\n0. Acquiring assets,0.9 x,0.9.1 y,z\n'],
  ['no-meta.csv', 'x,y\n1,2\n', { format: 'meta' }],
  ['meta-alone.csv', 'indicator_type,indicator_value,comment,ds\n'],
  ['..csv', 'Tactic,Technique,Procedure,Indicator\n0. Acquiring assets,x,y,z\n'],
]

export const badFiles: readonly BadFile[] = [...tables, ...others, ...json, ...bundles, ...detectors, ...lists]
