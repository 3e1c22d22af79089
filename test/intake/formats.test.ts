/** Detects a file's format by its content, and prepares every record. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, test } from 'vitest'
import { pseudonymOf } from '../../lambdas/domain/detection/revisions/pseudonym.ts'
import { parseMapping } from '../../lambdas/intake/csv/mapping.ts'
import type { fileFormats } from '../../lambdas/intake/file-formats.ts'
import { maxStixBytes, type ReadOptions, readRecords } from '../../lambdas/intake/formats.ts'
import { FileError } from '../../lambdas/intake/record/file-error.ts'
import { preparing } from '../../lambdas/intake/record/prepare.ts'
import { input } from '../support/detections.ts'
import { failureOf, inPieces, isShared, shared, takenBy } from '../support/intake.ts'
import { tlp } from '../support/stix.ts'

const observed = { from: '2024-05-13', to: '2024-05-19', precision: 'day' as const, statedByHand: true }

const read = (content: string | Uint8Array, options: Partial<ReadOptions> = {}) =>
  takenBy(readRecords, inPieces(content), {
    ...{ file: 'f', format: 'auto', observed },
    posts: {
      file: 'posts',
      chunks: inPieces('id,account,time,text\n2,a,2024-05-15T01:00:00Z,x\n3,b,2024-05-15T01:00:00Z,x\n'),
    },
    ...options,
  })

/** The same bytes at each run. */
const randomBytes = (length: number, seed: number) =>
  Buffer.concat(
    Array.from({ length: Math.ceil(length / 32) }, (_, at) => createHash('sha256').update(`${seed} ${at}`).digest()),
  ).subarray(0, length)

const own = input({ id: 'a' })
const campaign = {
  type: 'campaign',
  spec_version: '2.1',
  id: 'campaign--00000000-0000-4000-8000-000000000000',
  name: 'x',
}
const bundle = { type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects: [campaign] }

/** The smallest files of each format. */
const examples: readonly (readonly [(typeof fileFormats)[number], string])[] = [
  ['ndjson', JSON.stringify(own)],
  ['ndjson', `\n\n${JSON.stringify(own)}\n${JSON.stringify(own)}\n`],
  ['ndjson', '{"source":"D3lta","ran":"2024-05-15T06:00:00Z","found":0}\n'],
  ['json', JSON.stringify([own])],
  ['json', JSON.stringify(own, null, 2)],
  ['json', ' [ ]'],
  ['csv', 'titre;date\nx;15/05/2024\n'],
  ['csv', 'title,date,domain,accounts\nx,2024-05-15,a.example,12\n'],
  ['stix', JSON.stringify(bundle)],
  ['stix', JSON.stringify(bundle, null, 2)],
  ['stix', JSON.stringify({ objects: [campaign], type: 'bundle' })],
  ['stix', JSON.stringify([campaign])],
  ['misp', JSON.stringify({ Event: { uuid: '6a1f3b52-0000-4000-8000-000000000001', info: 'x', date: '2024-05-15' } })],
  [
    'coortweet',
    'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y\no,a,b,p,q,1,1715736060\n',
  ],
  ['coortweet', 'object_id,id_user,id_user_y,content_id,content_id_y\no,a,b,p,q\n'],
  ['coortweet', 'from,to,weight,edge_symmetry_score\na,b,4,0.5\n'],
  ['cnt', 'source,target,weight,edge_type\na,b,1,co_tweet\n'],
  ['cnt', 'user_1,user_2,weight\na,b,1\n'],
  ['d3lta', 'source,target,score,duplicates,dup_type,score_lev\n2,3,1,,copy-pasta,1\n'],
  ['meta', 'indicator_type,indicator_value,comment,ds\ndomain_name,a.example,X,2022-04-07\n'],
  [
    'meta',
    JSON.stringify([{ indicator_type: 'domain_name', indicator_value: 'a.example', comment: 'X', ds: '2022-04-07' }]),
  ],
  [
    'meta',
    'Tactic ,Technique,Procedure,Indicator\n0. Acquiring assets,0.9 x,0.9.1 Acquiring Facebook assets,12 accounts\n',
  ],
  ['domains', 'domain name,created on\na[.]example,15/05/2024\n'],
  ['domains', 'Nom de domaine;Date de création\na.example;15/05/2024\n'],
  ['domains', 'fqdn,first seen\na.example,2024-05-15\n'],
  ['domains', 'a[.]example\n'],
  ['domains', 'a.example;15/05/2024\n'],
  ['csv', 'title_en,first_observed\nx,2024-05-15\n'],
  ['csv', 'titre;date;territoire;comptes;messages\nx;15/05/2024;NC;1;2\n'],
  ['csv', 'Identifiant;TLP\na;RED\n'],
  ['csv', 'id;Territoire;Nb de messages\na;NC;12\n'],
  ['csv', 'Identifiant;Effet constaté\na;aucun\n'],
  ['accounts', 'Identifiant\nbob\n'],
  ['accounts', 'handle,followers\nbob,5\n'],
  ['accounts', '@bob\n@eve\n'],
  ['accounts', '@eve@mastodon.example\n'],
  ['accounts', 'username,name,bio,location,url\nbob,,,,\n'],
]

describe('auto', () => {
  test.each(examples)('finds %s in %j', async (format, text) => {
    // Whatever the name is.
    for (const file of ['f', 'f.json', 'f.csv']) {
      const { records } = await read(text, { file })
      for (const record of records) {
        const origin = 'reject' in record ? record.reject.origin : 'accountSet' in record ? { format } : record.origin
        expect(origin?.format).toBe(format)
      }
      const named = await read(text, { file, format })
      expect(named.records).toEqual(records)
    }
  })

  it('finds them in UTF-16 and with a byte-order mark', async () => {
    for (const [, text] of examples) {
      const plain = await read(text)
      expect((await read(`\ufeff${text}`)).records).toHaveLength(plain.records.length)
      const wide = Buffer.from(`\ufeff${text}`, 'utf16le')
      expect((await read(wide)).records).toHaveLength(plain.records.length)
    }
  })

  it('takes a table for detections where the mapping names its title', async () => {
    const mapping = parseMapping({ columns: { what: 'title', date: 'observed' } }, 'mapping.json')
    const text = 'what,date,text,account\nx,2024-05-15,y,z\n'
    expect((await read(text, { mapping })).records).toMatchObject([{ origin: { format: 'csv' } }])
    expect(await failureOf(read(text), FileError)).toContain('holds posts')
  })

  test.each([
    ['a damaged workbook', Buffer.from([0x50, 0x4b, 0x03, 0x04, 0, 0]), /open it and save it again/],
    ['an old one', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), /save it as .xlsx without one, or the sheet as CSV/],
    ['gzip', gzipSync('x'), /gunzip -c FILE \| vigie ingest -/],
    ['a PDF', Buffer.from('%PDF-1.7\n'), /is a PDF/],
    ['prose', Buffer.from('Nothing that is a detection.\n'), /of no format that Vigie knows by its content/],
    ['a table of something else', Buffer.from('a,b\n1,2\n'), /its first line: "a", "b"\): name one with --format/],
    ['random bytes', randomBytes(4_096, 7), /^f is no text: it has bytes that no text has\. Give CSV, JSON or NDJSON/],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d]), /^f is no text/],
    ['prose with a slip', Buffer.from(`Nothing\x07 that is a detection.${' Nor this.'.repeat(9)}`), /of no format/],
    ['a table of few columns', Buffer.from('word\nx\n'), /of no format/],
    ['nothing', Buffer.from(''), /^f is empty: nothing was ingested$/],
    ['blanks in UTF-16', Buffer.from('\ufeff \r\n\t\n', 'utf16le'), /^f is empty/],
  ])('refuses %s', async (_, bytes, message) => {
    expect(await failureOf(read(bytes), FileError)).toMatch(message)
  })
})

describe('a STIX bundle over its limit', () => {
  it('is refused with its size, in bounded memory', async () => {
    const megabytes = maxStixBytes / 1024 ** 2
    const large = async function* () {
      yield Buffer.from('{"type":"bundle","objects":[')
      const some = Buffer.alloc(1024 ** 2, 0x20)
      for (let at = 0; at < 3 * megabytes; at += 1) yield some
      yield Buffer.from(']}')
    }
    const before = process.memoryUsage().rss
    const message = await failureOf(takenBy(readRecords, large(), { file: 'large.json', format: 'auto' }), FileError)
    expect(message).toBe(
      'large.json has 193 MB, a STIX bundle or MISP export may have 64 MB: split it by report or event',
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(3 * maxStixBytes)
  })
})

describe('every record', () => {
  it('keeps what reads it again in the same way', async () => {
    const { rejects } = await read('titre;date\n;15/05/2024\n', { format: 'csv', territories: ['NC'] })
    expect(rejects).toMatchObject([{ origin: { format: 'csv', territories: ['NC'], observed }, context: 'titre;date' }])
    const { records } = await read(JSON.stringify(own), { territories: ['NC'] })
    expect(records).toMatchObject([{ origin: { format: 'ndjson', territories: ['NC'], observed } }])
  })

  it('has names of the alias table, and places by the rules', async () => {
    const prepare = preparing({ territories: ['MQ'] })
    const text = JSON.stringify({ ...own, territories: [], campaign: 'Doppelgänger', platforms: ['Twitter'] })
    const { detections } = await read(text, { prepare })
    expect(detections).toMatchObject([
      {
        campaign: 'RRN',
        platforms: ['X'],
        reported: { campaign: 'Doppelgänger', platforms: ['Twitter'] },
        territories: [{ code: 'MQ', method: 'analyst' }],
      },
    ])
  })
})

describe('posts by day', () => {
  const text =
    'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y\no,a,b,p,q,60,1715778000\n'

  it('are in the zone of the territory that the analyst names', async () => {
    const { detections } = await read(text, { territories: ['NC'], prepare: preparing({ territories: ['NC'] }) })
    expect(detections[0]?.counts.byDay?.map(({ day }) => day)).toEqual(['2024-05-15', '2024-05-16'])
    expect(detections[0]?.territories).toEqual([{ code: 'NC', method: 'analyst' }])
    expect((await read(text)).detections[0]?.counts).not.toHaveProperty('byDay')
  })

  it('are left out where a rule places the detection in another zone', async () => {
    const rules = [
      { by: 'Ana', rules: [{ name: 'r', match: { detector: ['CooRTweet'] }, territories: ['MQ' as const] }] },
    ]
    const { detections } = await read(text, { territories: ['NC'], prepare: preparing({ rules, territories: ['NC'] }) })
    expect(detections[0]?.territories.map(({ code }) => code)).toEqual(['MQ'])
    expect(detections[0]?.counts).not.toHaveProperty('byDay')
  })
})

describe('pseudonyms', () => {
  const pseudonym = pseudonymOf(Buffer.alloc(32, 7))
  const named: readonly string[] = [
    JSON.stringify({ ...own, accountRefs: ['secretname'], indicators: [{ type: 'account', value: 'secretname' }] }),
    JSON.stringify([{ ...own, accountRefs: ['secretname'] }]),
    'titre;date;handles;indicators\nx;15/05/2024;secretname;account: secretname\n',
    'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y\no,secretname,b,p,q,1,1715736060\n',
    'source,target,weight,edge_type\nsecretname,b,1,co_tweet\n',
    'indicator_type,indicator_value,comment,ds\ntwitter_account,secretname,X,2022-04-07\n',
    'handle\nsecretname\n',
  ]

  test.each(named)('replace names in %j, by the same one', async (text) => {
    const { detections, sets, rejects } = await read(text, { pseudonyms: async () => pseudonym })
    expect(rejects).toEqual([])
    const stored = JSON.stringify([detections, sets])
    expect(stored).toContain(pseudonym('secretname'))
    expect(stored).not.toContain('secretname')
    const open = await read(text)
    expect(JSON.stringify([open.detections, open.sets])).toContain('secretname')
  })

  it('need no key where nothing names an account', async () => {
    const refuse = () => Promise.reject(new Error('no key'))
    for (const text of [JSON.stringify(own), 'domain,created on\na.example,15/05/2024\n']) {
      expect((await read(text, { pseudonyms: refuse })).detections).toHaveLength(1)
    }
  })
})

describe.skipIf(!isShared)('the real files (skipped where ../shared/data is absent)', () => {
  test('are recognised by content, with their detections and rejects', async () => {
    const found: Record<string, string> = {}
    for (const folder of ['viginum', 'meta', 'coordination']) {
      for (const name of readdirSync(shared(folder)).filter((one) => /\.(?:csv|json)$/.test(one))) {
        const { records, detections, rejects } = await read(readFileSync(shared(`${folder}/${name}`))).catch(
          (error: Error) => ({ records: [error], detections: [], rejects: [] }),
        )
        const [first] = records
        const counts = `${detections.length} detections, ${rejects.length} rejects`
        if (first instanceof Error) found[name] = first.message.slice(0, 40)
        else if (first && 'detection' in first) found[name] = `${first.origin?.format}: ${counts}`
        else if (first && 'accountSet' in first) found[name] = `${first.accountSet.accounts.length} accounts`
      }
    }
    expect(found).toEqual({
      '2024-12_un-notorious-big.stix.json': 'stix: 1 detections, 0 rejects',
      '2023-08_rrn.stix.json': 'stix: 1 detections, 0 rejects',
      '2024-12_big_423-accounts_pseudonymised.csv': '423 accounts',
      '2023-06_rrn-domains.csv': 'domains: 637 detections, 0 rejects',
      '2022_04_metas_adversarial_threat_report_q1.csv': 'meta: 5 detections, 0 rejects',
      '2022_09_removing_coordinated_inauthentic_behavior_from_china_and_russia.csv': 'meta: 10 detections, 0 rejects',
      'Q1_2023_Togo_Burkina_Faso-based_CIB_network.csv': 'meta: 1 detections, 0 rejects',
      'Q1_2025_China-based_CIB_network.csv': 'meta: 1 detections, 0 rejects',
      'Q1_2025_Iran-based_CIB_network.csv': 'meta: 1 detections, 0 rejects',
      'Q1_2025_ROMANIA_BASED_CIB_NETWORK.csv': 'meta: 1 detections, 0 rejects',
      'coortweet-groups-60s.csv': 'coortweet: 449 detections, 0 rejects',
      'coortweet-edges.csv': 'cnt: 34 detections, 0 rejects',
      'coortweet-russian-posts.csv': 'f holds posts, not detections: vigie det',
      'd3lta-matches-sample.csv': 'd3lta: 1 detections, 0 rejects',
      'qut-posts-sample.csv': 'f holds posts, not detections: vigie det',
    })
  })
})

test('MISP’s attributes without their event are refused', async () => {
  const found = JSON.stringify({ response: { Attribute: [{ type: 'domain', value: 'a.example' }] } })
  expect(await failureOf(read(found), FileError)).toContain('without their event')
})

describe('a table embedded in a bundle', () => {
  const csv = 'id,screen name,bio,followers,following\nx:1,@Beacon_1,Hello,3,4\nx:2,beacon_2,,5,6\n'
  const bundle = JSON.stringify({
    type: 'bundle',
    objects: [
      {
        ...{ type: 'campaign', id: 'campaign--0c0a12bb-2fd5-5948-a70f-f065567bdd9f', name: 'Beacon' },
        ...{ created: '2024-06-07T12:24:21Z', first_seen: '2024-02-01T00:00:00Z' },
        x_opencti_files: [
          { name: 'accounts.csv', mime_type: 'text/csv', data: Buffer.from(csv).toString('base64') },
          { name: 'report.pdf', data: 'JVBERg==' },
        ],
      },
    ],
  })
  const takenFrom = (options: Partial<ReadOptions>) =>
    takenBy(readRecords, inPieces(bundle), { file: 'bundle.json', format: 'auto', ...options } as ReadOptions)

  test('is named by a note, and read as a sheet: a list of accounts by its profiles', async () => {
    expect(Object.keys((await takenFrom({})).notes)).toEqual(
      expect.arrayContaining([
        'embedded table "accounts.csv" (1 KB): vigie ingest reads it with its name as --sheet',
        'embedded file "report.pdf" (1 KB), not read',
      ]),
    )
    const { sets } = await takenFrom({ sheet: 'accounts.csv', format: 'stix' })
    expect(sets).toEqual([{ id: 'accounts', name: 'accounts', accounts: ['beacon_1', 'beacon_2'] }])
  })

  test('is refused where the object that holds it is marked above AMBER', async () => {
    const marked = bundle.replace('"name":"Beacon"', `"name":"Beacon","object_marking_refs":["${tlp.red}"]`)
    const reading = takenBy(readRecords, inPieces(marked), {
      file: 'b',
      format: 'auto',
      sheet: 'accounts.csv',
    } as ReadOptions)
    expect(await failureOf(reading, FileError)).toContain('as TLP:RED, which its rows would lose')
  })

  test('is refused by a name that the bundle does not have', async () => {
    expect(await failureOf(takenFrom({ sheet: 'other.csv' }), FileError)).toBe(
      'bundle.json has no embedded file "other.csv": it has "accounts.csv", "report.pdf"',
    )
  })
})
