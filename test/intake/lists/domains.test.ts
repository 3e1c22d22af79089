/** Lists of domains: one detection each, with its day, a stable id, and no territory from a suffix. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseMapping } from '../../../lambdas/intake/csv/mapping.ts'
import { type DomainsOptions, readDomains } from '../../../lambdas/intake/lists/domains.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { preparing } from '../../../lambdas/intake/record/prepare.ts'
import { failureOf, inPieces, takenBy } from '../../support/intake.ts'

const read = (content: string | Uint8Array, options: Partial<DomainsOptions> = {}) =>
  takenBy(readDomains, inPieces(content), { file: 'list.csv', ...options })
const observed = { from: '2024-05', to: '2024-05', precision: 'month' as const, statedByHand: true }

describe('a list of domains', () => {
  it('becomes a detection for each, on the day of its registration', async () => {
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
    ['rbk[.]kiev[.]ua', 'rbk.kiev.ua'],
    ['hxxps://a[.]example/', 'a.example'],
    ['https://a.example', 'a.example'],
    ['A(.)EXAMPLE.', 'a.example'],
    ['мінсоц.укр', 'мінсоц.укр'],
  ])('%s is the domain %s', async (cell, domain) => {
    const { detections } = await read(`domain,created on\n${cell},2024-05-15\n`)
    expect(detections[0]?.indicators).toEqual([{ type: 'domain', value: domain }])
  })

  it('rejects each row without a domain, with the reason', async () => {
    const cells = ['', 'word', '192.0.2.7', 'a.example/page', 'a@a.example', 'a b.example', 'a\u202e.example']
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
      [7, 'domain', '"a b.example" is no domain'],
      [8, 'domain', 'must hold printable characters only'],
    ])
  })

  it('has days in the order that the column shows or a mapping states', async () => {
    const american = await read('domain,created\na.example,05/28/2022\nb.example,05/06/2022\n')
    expect(american.detections.map((one) => one.observed.from)).toEqual(['2022-05-28', '2022-05-06'])
    expect(american.notes).toEqual({ 'dates are read as month/day/year, as 05/28/2022 shows': 1 })
    const text = 'domain,created\na.example,05/06/2022\n'
    const doubtful = 'dates are read as day/month/year, though nothing shows that they are: '
    expect((await read(text)).notes).toEqual({
      [`${doubtful}if they are not, write them in the file as 2024-05-15`]: 1,
    })
    expect((await read(text, { canMap: true })).notes).toEqual({ [`${doubtful}set "dates" in a mapping`]: 1 })
    const mapped = await read(text, { mapping: parseMapping({ dates: 'month/day/year' }, 'map.json') })
    expect([mapped.detections[0]?.observed.from, mapped.notes]).toEqual(['2022-05-06', {}])
  })

  it('rejects empty and impossible days, unless a time is stated', async () => {
    const text = 'domain,created on\na.example,\nb.example,soon\nc.example,31/02/2024\nd.example,N/A\n'
    const { detections, rejects } = await read(text)
    expect(detections).toEqual([])
    expect(rejects.map(({ path }) => path)).toEqual(Array.from({ length: 4 }, () => 'created on'))
    expect(rejects[0]?.message).toContain('--observed')
    const stated = await read(text, { observed })
    expect(stated.detections.map((one) => one.observed)).toEqual([observed, observed])
    expect(stated.rejects).toHaveLength(2)
  })

  it('distinguishes the day of observation from the day of registration', async () => {
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
    const { rejects } = await read('a[.]example;15/05/2024\nb.example;soon\n')
    expect(rejects).toMatchObject([{ line: 2, path: 'date', context: '' }])
  })

  it('reads other known columns, and notes the others', async () => {
    const { detections, notes, rejects } = await read(
      'domain,create date,campaign,territory,ip,registrar,tlp\na.example,15/05/2024,RRN,NC,192[.]0.2.1,Somebody,TLP:GREEN\nb.example,15/05/2024,,,,,\nc.example,15/05/2024,,Atlantis,,,\n',
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
      { territories: [], reported: { territories: ['Atlantis'] } },
    ])
    expect(rejects).toEqual([])
    expect(notes).toEqual({ 'column "registrar" is not used': 1 })
  })

  it('uses the columns and constants of a mapping', async () => {
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

  it('takes no territory from a suffix', async () => {
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

  it('stay when the list grows, is sorted, renamed, defanged or has other dates', async () => {
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

  it('of one domain twice are the same; with other content, a reject names the other line', async () => {
    const { detections, rejects } = await read(
      'domain,created on\na.example,15/05/2024\nA[.]example,15/05/2024\na.example,16/05/2024\n',
    )
    expect(new Set(detections.map(({ id }) => id)).size).toBe(1)
    expect(rejects).toMatchObject([{ line: 4, path: 'domain' }])
    expect(rejects[0]?.message).toContain('line 2')
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
})

test('makes every row a detection with its own day, or a reject', async () => {
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
