/** Lists of domains: one detection each, honest days, ids that stay, and no place from a suffix. */
import { createReadStream, readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseMapping } from '../../../lambdas/intake/csv/mapping.ts'
import { type DomainsOptions, looksLikeDomains, readDomains } from '../../../lambdas/intake/lists/domains.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { preparing } from '../../../lambdas/intake/record/prepare.ts'
import { failureOf, inPieces, isShared, shared, takenBy } from '../../support/intake.ts'

const read = (content: string | Uint8Array, options: Partial<DomainsOptions> = {}) =>
  takenBy(readDomains, inPieces(content), { file: 'list.csv', ...options })
const observed = { from: '2024-05', to: '2024-05', precision: 'month' as const, statedByHand: true }

describe('a list of domains', () => {
  it('becomes a detection for each, of the day of its registration', async () => {
    const { detections, rejects, notes } = await read('domain name,created on\nWelt[.]tours,28/05/2022\n')
    expect({ rejects, notes }).toEqual({ rejects: [], notes: {} })
    expect(detections).toMatchObject([
      {
        kind: 'infrastructure',
        detector: { name: 'list of domains' },
        title: { fr: 'Nom de domaine enregistré\u00a0: welt[.]tours', en: 'Domain name registered: welt[.]tours' },
        observed: { from: '2022-05-28', to: '2022-05-28', precision: 'day' },
        indicators: [{ type: 'domain', value: 'welt.tours' }],
        territories: [],
        counts: {},
        markingSource: 'default',
      },
    ])
  })

  test.each([
    ['a[.]example', 'a.example'],
    ['a.example', 'a.example'],
    ['www[.]a.example', 'www.a.example'],
    ['rbk[.]kiev[.]ua', 'rbk.kiev.ua'],
    ['hxxps://a[.]example/', 'a.example'],
    ['https://a.example', 'a.example'],
    ['A(.)EXAMPLE.', 'a.example'],
    ['*.a.example', '*.a.example'],
    ['мінсоц.укр', 'мінсоц.укр'],
    ['xn--80ak6aa92e.com', 'xn--80ak6aa92e.com'],
  ])('%s is %s, defanged in whole, in part or not', async (cell, domain) => {
    const { detections } = await read(`domain,created on\n${cell},2024-05-15\n`)
    expect(detections[0]?.indicators).toEqual([{ type: 'domain', value: domain }])
  })

  it('says of each row that names no domain why', async () => {
    const cells = [
      '',
      'word',
      '192.0.2.7',
      'a.example/page',
      'a@a.example',
      'à remplir',
      'a b.example',
      'a\u202e.example',
    ]
    const { detections, rejects } = await read(
      `domain,created on\n${cells.map((one) => `${one},2024-05-15`).join('\n')}\nb.example,2024-05-15\n`,
    )
    expect(detections).toHaveLength(1)
    expect(rejects.map(({ line, path, message }) => [line, path, message.split(':')[0]])).toEqual([
      [2, 'domain', 'is empty'],
      [3, 'domain', '"word" is no domain'],
      [4, 'domain', '"192.0.2.7" is of the type ip, and no domain'],
      [5, 'domain', '"a.example/page" is of the type url, and no domain'],
      [6, 'domain', '"a@a.example" is of the type email, and no domain'],
      [7, 'domain', '"à remplir" is no domain'],
      [8, 'domain', '"a b.example" is no domain'],
      [9, 'domain', 'must hold printable characters only'],
    ])
  })

  it('has days in the order that the column shows, and says where nothing shows it', async () => {
    const american = await read('domain,created\na.example,05/28/2022\nb.example,05/06/2022\n')
    expect(american.detections.map((one) => one.observed.from)).toEqual(['2022-05-28', '2022-05-06'])
    expect(american.notes).toEqual({ 'dates are read as month/day/year, as 05/28/2022 shows': 1 })
    const doubtful = await read('domain,created\na.example,05/06/2022\n')
    expect(doubtful.detections[0]?.observed.from).toBe('2022-06-05')
    expect(doubtful.notes).toEqual({
      'dates are read as day/month/year, though nothing shows that they are: if they are not, write them in the file as 2024-05-15': 1,
    })
    expect((await read('domain,created\na.example,05/06/2022\n', { canMap: true })).notes).toEqual({
      'dates are read as day/month/year, though nothing shows that they are: set "dates" in a mapping': 1,
    })
    const mapping = parseMapping({ dates: 'month/day/year' }, 'map.json')
    const said = await read('domain,created\na.example,05/06/2022\n', { mapping })
    expect(said.detections[0]?.observed.from).toBe('2022-05-06')
    expect(said.notes).toEqual({})
  })

  it('with an empty or impossible day is a reject that names the column, unless a time is stated', async () => {
    const text = 'domain,created on\na.example,\nb.example,soon\nc.example,31/02/2024\nd.example,N/A\n'
    const { detections, rejects } = await read(text)
    expect(detections).toEqual([])
    expect(rejects.map(({ path }) => path)).toEqual(Array.from({ length: 4 }, () => 'created on'))
    expect(rejects[0]?.message).toContain('--observed')
    const stated = await read(text, { observed })
    expect(stated.detections.map((one) => one.observed)).toEqual([observed, observed])
    expect(stated.rejects).toHaveLength(2)
  })

  it('tells when a domain was seen from when it was registered', async () => {
    const seen = 'domaine;première observation;dernière observation\na.example;15/05/2024;17/05/2024\n'
    const { detections } = await read(seen)
    expect(detections[0]).toMatchObject({
      title: { en: 'Domain name seen: a[.]example', fr: 'Nom de domaine relevé\u00a0: a[.]example' },
      observed: { from: '2024-05-15', to: '2024-05-17' },
    })
  })

  it('may be bare, one a line, where a time is stated', async () => {
    const { detections } = await read('a[.]example\nb.example\n', { observed })
    expect(detections.map(({ indicators }) => indicators[0]?.value)).toEqual(['a.example', 'b.example'])
    const dated = await read('a[.]example;15/05/2024\nb.example;16/05/2024\n')
    expect(dated.detections.map((one) => one.observed.from)).toEqual(['2024-05-15', '2024-05-16'])
    expect(await failureOf(read('a[.]example\n'), FileError)).toContain('--observed')
    // A row of it can be read alone as it is.
    const { rejects } = await read('a[.]example;15/05/2024\nb.example;soon\n')
    expect(rejects).toMatchObject([{ line: 2, path: 'date', context: '' }])
  })

  it('takes what it says beside, and names what it does not use', async () => {
    const { detections, notes, rejects } = await read(
      'domain,created on,campaign,territory,ip,registrar,tlp\na.example,15/05/2024,RRN,NC,192[.]0.2.1,Somebody,TLP:GREEN\nb.example,15/05/2024,,,,,\nc.example,15/05/2024,,Atlantis,,,\n',
    )
    expect(detections).toMatchObject([
      {
        campaign: 'RRN',
        territories: [{ code: 'NC', method: 'explicit' }],
        marking: 'TLP:GREEN',
        markingSource: 'stated',
        indicators: [
          { type: 'domain', value: 'a.example' },
          { type: 'ip', value: '192.0.2.1' },
        ],
      },
      { marking: 'TLP:AMBER', markingSource: 'default', territories: [] },
    ])
    expect(rejects).toMatchObject([{ line: 4, path: 'territory' }])
    expect(notes).toEqual({ 'column "registrar" is not used': 1 })
  })

  it('has in common what a mapping says, and columns that it names', async () => {
    const mapping = parseMapping(
      {
        columns: { ndd: 'indicators.domain', vu: 'observed', note: null },
        constants: { campaign: 'RRN', marking: 'GREEN' },
      },
      'mapping.json',
    )
    const { detections, notes } = await read(
      'NDD;vu;note;campagne\na.example;15/05/2024;x;\nb.example;15/05/2024;;BIG\n',
      { mapping },
    )
    expect(detections.map(({ campaign, marking }) => [campaign, marking])).toEqual([
      ['RRN', 'TLP:GREEN'],
      ['BIG', 'TLP:GREEN'],
    ])
    expect(notes).toEqual({ 'column "note" is not used': 1 })
  })

  it('names no territory by a suffix, in any case', async () => {
    const list = ['a.re', 'b.wf', 'c.pm', 'd.nc', 'e.gp', 'nouvelle-caledonie.nc', 'corse.corsica', 'f.yt']
    const { detections } = await read(`domain,created on\n${list.map((one) => `${one},15/05/2024`).join('\n')}\n`)
    const prepare = preparing({})
    expect(detections.map(prepare).flatMap(({ territories }) => territories)).toEqual([])
    const stated = await read('domain,created on\na.re,15/05/2024\n', { territories: ['MQ'] })
    expect(stated.detections[0]?.territories).toEqual([{ code: 'MQ', method: 'analyst' }])
  })
})

describe('the ids', () => {
  const idsOf = async (text: string, file = 'list.csv') =>
    (await read(text, { file })).detections.map(({ id, indicators }) => [indicators[0]?.value, id] as const)

  it('stay when the list grows, is sorted anew, renamed, defanged or dated anew', async () => {
    const before = await idsOf('domain,created on\na[.]example,15/05/2024\nb[.]example,15/05/2024\n')
    const after = await idsOf(
      'created on;domain\n16/05/2024;c.example\n2024-05-15;B.example\n17/05/2024;a.example\n',
      'new.csv',
    )
    expect(Object.fromEntries(after)).toEqual({
      ...Object.fromEntries(before),
      'c.example': expect.stringMatching(/^domain-[0-9a-f]{20}$/),
    })
  })

  it('of one domain twice are the same; where something else is said of it, a reject names the other line', async () => {
    const { detections, rejects } = await read(
      'domain,created on\na.example,15/05/2024\nA[.]example,15/05/2024\na.example,16/05/2024\n',
    )
    expect(new Set(detections.map(({ id }) => id)).size).toBe(1)
    expect(rejects).toMatchObject([{ line: 4, path: 'domain' }])
    expect(rejects[0]?.message).toContain('line 2')
    // Read alone, it would be a revision.
    expect(rejects[0]).not.toHaveProperty('context')
  })
})

describe('a file as a whole', () => {
  it('is refused where no column holds domains, or none gives a day', async () => {
    expect(await failureOf(read('who,when\nbob,2024\n'), FileError)).toBe(
      'list.csv has no column of domains among "who", "when": name one "domain"',
    )
    expect(await failureOf(read('domain,registrar\na.example,x\n'), FileError)).toContain('--observed')
    expect(await failureOf(read(''), FileError)).toContain('lists no domain')
  })

  test.each([
    'domain name,created on',
    'Nom de domaine;Date de création',
    'fqdn,first seen',
    'a[.]example',
    'a.example;15/05/2024',
  ])('%s is told by its headings', (line) => {
    expect(looksLikeDomains(line.split(/[,;]/))).toBe(true)
  })

  test.each([
    'domain,registrar',
    'domain,date,account',
    'domain,date,posts',
    'indicator_type,indicator_value,comment,ds',
    'account_ref,followers,created_at',
    'object_id,account_id,content_id,timestamp_share',
    'word',
    'word,15/05/2024',
    '',
  ])('%s is none', (line) => {
    expect(looksLikeDomains(line.split(','))).toBe(false)
  })
})

test('no row is lost: each is a detection or a reject, and days are those that were written', async () => {
  const domain = fc.oneof(
    fc.domain(),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('a.re', '__proto__', '=a.b'),
  )
  const date = fc.oneof(
    fc
      .date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
      .map((one) => one.toISOString().slice(0, 10)),
    fc.constantFrom('', 'soon', '31/02/2024', '45427'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(domain, date), { minLength: 1, maxLength: 20 }), async (rows) => {
      const lines = rows.map((row) =>
        row.map((one) => `"${one.replaceAll('"', '""').replace(/[\r\n\0]/g, ' ')}"`).join(','),
      )
      const filled = rows.filter((row) => row.some((one) => one.replace(/[\r\n\0]/g, ' ').trim() !== ''))
      const { detections, rejects } = await read(`domain,created on\n${lines.join('\n')}\n`)
      expect(detections.length + rejects.length).toBe(filled.length)
      const given = new Set(rows.map(([, day]) => (day === '45427' ? '2024-05-15' : day)))
      for (const { observed: when, territories } of detections) {
        expect(given).toContain(when.from)
        expect(territories).toEqual([])
      }
    }),
  )
})

describe.skipIf(!isShared)('RRN’s domains (skipped where ../shared/data is absent)', () => {
  const file = shared('viginum/2023-06_rrn-domains.csv')

  it('are 637 detections of their days, none of them placed', async () => {
    const { detections, rejects, notes } = await takenBy(readDomains, createReadStream(file), {
      file: 'rrn-domains.csv',
    })
    expect({ rejects, notes }).toEqual({ rejects: [], notes: {} })
    const rows = parse(readFileSync(file), { columns: true, bom: true }) as Record<string, string>[]
    expect(detections).toHaveLength(rows.length)
    expect(new Set(detections.map(({ id }) => id)).size).toBe(637)
    const prepare = preparing({})
    for (const [at, one] of detections.entries()) {
      const { 'domain name': name = '', 'created on': day = '' } = rows[at] ?? {}
      expect(one.indicators).toEqual([{ type: 'domain', value: name.replaceAll('[.]', '.').toLowerCase() }])
      expect(one.observed.from.split('-').reverse().join('/')).toBe(day)
      expect(prepare(one).territories).toEqual([])
    }
    // Three of their suffixes are territories' own.
    expect(
      detections.filter(({ indicators }) => /\.(?:re|wf|pm)$/.test(indicators[0]?.value ?? '')).length,
    ).toBeGreaterThan(0)
  })
})
