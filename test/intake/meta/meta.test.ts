/** Meta's indicator files: small ones of each schema, hostile ones, and the six real ones. */
import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseObserved } from '../../../lambdas/domain/core/time/observed.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import { builtInDisarm } from '../../../lambdas/domain/detection/frameworks/disarm-built-in.ts'
import { disarmOf, mentionsIn } from '../../../lambdas/domain/detection/frameworks/disarm.ts'
import { pseudonymOf } from '../../../lambdas/domain/detection/revisions/pseudonym.ts'
import { readMeta } from '../../../lambdas/intake/meta/meta.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import type { IntakeOptions } from '../../../lambdas/intake/record/record.ts'
import { failureOf, inPieces, isShared, shared, takenBy } from '../../support/intake.ts'

const file = 'meta/Q1_2025_Example-based_network.csv'
const observed = parseObserved('2025-01..2025-03')
const pseudonym = pseudonymOf(Buffer.alloc(32, 7))

/** Rows under their headings. */
const whole = ({ context = '', raw = '' }: { readonly context?: string | undefined; readonly raw?: string }) =>
  `${context}\n${raw}`

const readAll = async (chunks: AsyncIterable<Uint8Array>, options: Partial<IntakeOptions> = {}) => {
  const taken = await takenBy(readMeta, chunks, { file, observed, ...options })
  const raws = taken.records.flatMap((record) => ('detection' in record ? [whole(record)] : []))
  return { ...taken, raws }
}
const read = (text: string | Uint8Array, options: Partial<IntakeOptions> = {}) => readAll(inPieces(text), options)
const undated = { observed: undefined } as unknown as Partial<IntakeOptions>
const only = async (text: string, options: Partial<IntakeOptions> = {}): Promise<Detection> => {
  const { detections, rejects } = await read(text, options)
  expect(rejects).toEqual([])
  expect(detections).toHaveLength(1)
  return detections[0] as Detection
}
const failure = (text: string, options: Partial<IntakeOptions> = {}) => failureOf(read(text, options), FileError)

const flat = (...rows: readonly string[]) => `indicator_type,indicator_value,comment,ds\n${rows.join('\n')}\n`
const chain = (...rows: readonly string[]) => `Tactic ,Technique,Procedure,Indicator,Notes\n${rows.join('\n')}\n`
const acquiring = '0. Acquiring assets,0.9 Acquiring social media accounts'
const facebook = `${acquiring},0.9.1 Acquiring Facebook assets`
const instagram = `${acquiring},0.9.2 Acquiring Instagram accounts`

describe('a flat list', () => {
  test('becomes a detection for each operation and day', async () => {
    const { detections, rejects } = await read(
      flat(
        'domain_name,one.example,"UNC788, Iran",2022-04-07',
        'md5,43535540e94b39279af925e9548dce7f,"UNC788, Iran",2022-04-07',
        'domain_name,two.example,"CIB: Russia, Ukraine",2022-04-07',
        'domain_name,Three[.]Example,"UNC788, Iran",2022-04-07',
        'domain_name,four.example,"UNC788, Iran",2022-05-07',
      ),
    )
    expect(rejects).toEqual([])
    expect(detections.map(({ id, title }) => [id.replace(/-[0-9a-f]{8}$/, ''), title.en])).toEqual([
      ['meta-2022-04-07-unc788-iran', 'UNC788, Iran'],
      ['meta-2022-04-07-cib-russia-ukraine', 'CIB: Russia, Ukraine'],
      ['meta-2022-05-07-unc788-iran', 'UNC788, Iran'],
    ])
    expect(detections[0]).toMatchObject({
      detector: { name: 'Meta' },
      kind: 'infrastructure',
      territories: [],
      observed: { from: '2025-01', to: '2025-03', statedByHand: true },
      actor: { name: 'UNC788', attributedBy: 'Meta' },
      indicators: [
        { type: 'domain', value: 'one.example' },
        { type: 'hash', value: '43535540e94b39279af925e9548dce7f', note: { en: 'md5' } },
        { type: 'domain', value: 'three.example' },
      ],
      summary: {
        en: 'Indicators that Meta published; they were entered on 2022-04-07.\nTypes as reported: domain_name (2); md5 (1).',
        fr: 'Indicateurs publiés par Meta, saisis le 2022-04-07.\nTypes tels que rapportés\u00a0: domain_name (2); md5 (1).',
      },
      marking: 'TLP:AMBER',
      markingSource: 'default',
    })
    expect(detections[1]).not.toHaveProperty('actor')
  })

  test('is of one operation where comments begin with its name', async () => {
    const one = await only(
      flat(
        'domain_name,one.example,APT36: C2 for malware,2022-08-04',
        'domain_name,two.example,APT36,2022-08-04',
        'domain_name,three.example,APT36: hosting malware,2022-08-04',
      ),
    )
    expect(one).toMatchObject({ title: { en: 'APT36' }, actor: { name: 'APT36', attributedBy: 'Meta' } })
    expect(one.indicators.map(({ note }) => note?.en)).toEqual([
      'APT36: C2 for malware',
      undefined,
      'APT36: hosting malware',
    ])
    expect(one.summary?.en).toContain('Comments: APT36: C2 for malware (1); APT36 (1); APT36: hosting malware (1).')
  })

  test('without a comment is of the network of the file’s name', async () => {
    const one = await only('indicator_type,indicator_value\ndomain_name,one.example\n')
    expect(one).toMatchObject({ title: { en: 'Q1 2025 Example-based network' } })
    expect(one.id).toMatch(/^meta-q1-2025-example-based-network-[0-9a-f]{8}$/)
    expect(one.summary?.en).toMatch(/^Indicators that Meta published\.\n/)
  })

  test.each([
    ['UNC788, Iran', 'UNC788'],
    ['BITTER APT: Dracarys Malware C2', 'BITTER APT'],
    ['APT36', 'APT36'],
    ['Previously unreported group (Iran)', undefined],
    ['China: CIB Petition', undefined],
    ['APTITUDE tests', undefined],
  ])('%s names the actor %s', async (comment, name) => {
    const { actor } = await only(flat(`domain_name,one.example,"${comment}",2022-04-07`))
    expect(actor?.name).toBe(name)
  })

  test.each([
    ['domain_name', 'one.example', 'domain', 'one.example'],
    ['phishing_url', 'one.example/login', 'url', 'one.example/login'],
    ['url', 'hxxps[:]//one[.]example/', 'url', 'https://one.example/'],
    ['domain_name', 'https://one.example/', 'url', 'https://one.example/'],
    ['ip', '192[.]0[.]2[.]7', 'ip', '192.0.2.7'],
    ['email', 'someone[@]one[.]example', 'email', 'someone@one.example'],
    ['sha256', 'A'.repeat(64), 'hash', 'A'.repeat(64)],
    ['twitter_handle', '@Someone', 'account', pseudonym('someone')],
    ['facebook_account', 'https://www.facebook.com/some.one', 'url', 'https://www.facebook.com/some.one'],
    ['package_name', 'com.android.app', 'other', 'com.android.app'],
  ])('a row of type %s with %s is a %s', async (type, value, kind, stored) => {
    const one = await only(flat(`${type},${value},C,2022-04-07`), { pseudonym })
    expect(one.indicators).toMatchObject([{ type: kind, value: stored }])
  })

  test('joins the notes of an indicator from all columns', async () => {
    const one = await only(
      'indicator_type,indicator_value,comment,ds,notes\ndomain_name,one.example,A: first,2022-04-07,seized\ndomain_name,ONE[.]example,A: second,2022-04-07,\n',
    )
    expect(one.indicators).toEqual([
      { type: 'domain', value: 'one.example', note: { en: 'A: first; seized; A: second' } },
    ])
  })

  test('has the platform of a type', async () => {
    expect((await only(flat('telegram_url,https://t.me/some,C,2022-09-27'))).platforms).toEqual(['Telegram'])
  })

  test.each([
    ['domain_name,,C,2022-04-07', 'is empty: give the indicator'],
    [
      'domain_name,fbc8213450838f7ae251d4,C,2022-04-07',
      '"fbc8213450838f7ae251d4" is no domain_name: correct one of the two',
    ],
    ['md5,one,C,2022-04-07', '"one" is no md5: correct one of the two'],
    ['url,a b,C,2022-04-07', '"a b" is no url: correct one of the two'],
    [`mutex,${'a'.repeat(4097)},C,2022-04-07`, 'must have at most 4096 printable characters'],
    ['mutex,\u202eevil,C,2022-04-07', 'must have at most 4096 printable characters'],
  ])('rejects the row %s alone', async (row, message) => {
    const { detections, rejects } = await read(flat(row, 'domain_name,one.example,C,2022-04-07'))
    expect(rejects).toMatchObject([{ file, line: 2, offset: 42, path: 'indicator_value', message, raw: row }])
    expect(rejects[0]).not.toHaveProperty('context')
    expect(detections[0]?.indicators).toEqual([{ type: 'domain', value: 'one.example' }])
  })

  test('has the same id in another file, and in a corrected one', async () => {
    const first = await only(flat('domain_name,one.example,C,2022-04-07'))
    const more = flat('domain_name,zero.example,C,2022-04-07', 'domain_name,one.example,C,2022-04-07')
    expect((await only(more, { file: 'elsewhere/other.csv' })).id).toBe(first.id)
  })
})

describe('a network in phases', () => {
  test('becomes one detection with techniques, counts and indicators', async () => {
    const one = await only(
      chain(
        `${facebook},"1,020 accounts",`,
        `${facebook},14 Pages ,`,
        `${instagram},about 26 accounts,`,
        '0. Acquiring assets,0.6 Acquiring domains,0.6.2 Acquiring domains to support influence operations,Le-Potentiel[.]info,seized',
        ',,,,',
        '7 Targeted engagement,7.2 Engaging with users outside the operation,7.2.2 Acquiring Page followers,"About 7,800 accounts followed one or more of these Pages.\n",',
        '1. Disguising assets,1.2 Posing as non-existent person,1.2.3 Posing as fictional activist,,',
      ),
    )
    expect(one).toEqual({
      id: 'meta-q1-2025-example-based-network',
      detector: { name: 'Meta' },
      kind: 'campaign',
      title: { en: 'Q1 2025 Example-based network' },
      summary: {
        en: [
          'What Meta reports of this network, by the phases of its Online Operations Kill Chain.',
          'Acquiring assets: 0.9.1 Acquiring Facebook assets – 1,020 accounts; 14 Pages | 0.9.2 Acquiring Instagram accounts – about 26 accounts | 0.6.2 Acquiring domains to support influence operations – one indicator.',
          'Disguising assets: 1.2.3 Posing as fictional activist.',
          'Targeted engagement: 7.2.2 Acquiring Page followers – About 7,800 accounts followed one or more of these Pages.',
        ].join('\n'),
        fr: expect.stringContaining('\nAcquisition de moyens\u00a0: 0.9.1 Acquiring Facebook assets – 1,020 accounts'),
      },
      territories: [],
      observed,
      platforms: ['Facebook', 'Instagram'],
      counts: {
        accounts: { value: 1046, qualifier: 'about' },
        byPlatform: [
          { platform: 'Facebook', accounts: { value: 1020, qualifier: 'exact' } },
          { platform: 'Instagram', accounts: { value: 26, qualifier: 'about' } },
        ],
      },
      techniques: [
        ['0.9', { en: 'Acquiring social media accounts' }],
        ['0.6', { en: 'Acquiring domains' }],
        ['7.2', { en: 'Engaging with users outside the operation' }],
        ['1.2', { en: 'Posing as non-existent person' }],
      ].map(([id, name]) => ({ id, name, framework: 'Meta Online Operations Kill Chain' })),
      narratives: [],
      hashtags: [],
      languages: [],
      fingerprints: [],
      indicators: [
        {
          type: 'domain',
          value: 'le-potentiel.info',
          note: { en: '0.6.2 Acquiring domains to support influence operations; seized' },
        },
      ],
      evidence: [
        {
          label: {
            en: 'Meta’s indicators, Q1_2025_Example-based_network.csv',
            fr: 'Indicateurs de Meta, Q1_2025_Example-based_network.csv',
          },
        },
      ],
      marking: 'TLP:AMBER',
      markingSource: 'default',
      criteria: [],
    })
  })

  test('has techniques of another framework than DISARM', async () => {
    const { techniques } = await only(chain(`${facebook},5 accounts,`))
    const disarm = disarmOf(builtInDisarm, mentionsIn([techniques]))
    expect(disarm.reported).toEqual([])
    expect(disarm.otherFrameworks).toEqual([
      {
        id: '0.9',
        framework: 'Meta Online Operations Kill Chain',
        name: { en: 'Acquiring social media accounts' },
        mentions: 1,
      },
    ])
  })

  test.each([
    ['658 accounts', 658, 'exact'],
    ['15 acounts', 15, 'exact'],
    ['1 account', 1, 'exact'],
    ['9 Facebook accounts', 9, 'exact'],
    ['at least 5 fake accounts.', 5, 'at least'],
    ['more than 1 300 accounts', 1300, 'at least'],
    ['About 44,000 accounts followed one or more of these Pages', undefined, undefined],
    ['The operators used 12 accounts and posted', undefined, undefined],
    ['5 accounts on the network', undefined, undefined],
    ['99999999999999999999 accounts', undefined, undefined],
  ])('“%s” counts %s accounts', async (text, value, qualifier) => {
    const one = await only(chain(`${facebook},"${text}",`))
    expect(one.counts.accounts).toEqual(value === undefined ? undefined : { value, qualifier })
    expect(one.summary?.en).toContain(text.replace(/\.$/, ''))
  })

  test('counts accounts of the phase of acquiring only', async () => {
    const row = '7. Targeted engagement,7.2 Engaging,7.2.2 Acquiring Page followers,63 accounts,'
    expect((await only(chain(row))).counts).toEqual({})
  })

  test('counts accounts of two platforms, given for both, once', async () => {
    const both = 'About 120 accounts on Facebook and Instagram'
    expect((await only(chain(`${facebook},${both},`, `${instagram},${both},`))).counts).toEqual({
      accounts: { value: 120, qualifier: 'about' },
    })
  })

  test('takes the larger of two counts of a platform; named accounts make a floor', async () => {
    expect((await only(chain(`${facebook},5 accounts,`, `${facebook},7 accounts,`))).counts.accounts).toEqual({
      value: 7,
      qualifier: 'at least',
    })
    const twitter = `${acquiring},0.9.4 Acquiring X / Twitter accounts,x[.]com/some_one,`
    const one = await only(chain(`${facebook},5 accounts,`, twitter))
    expect(one).toMatchObject({
      counts: { accounts: { value: 5, qualifier: 'at least' } },
      platforms: ['Facebook', 'X'],
      indicators: [{ type: 'url', value: 'x.com/some_one' }],
    })
  })

  test('takes handles for accounts, under a pseudonym where required', async () => {
    const text = chain(`${acquiring},0.9.4 Acquiring X / Twitter accounts,@Some_One,`)
    expect((await only(text)).indicators).toMatchObject([{ type: 'account', value: '@Some_One' }])
    expect((await only(text, { pseudonym })).indicators).toMatchObject([
      { type: 'account', value: pseudonym('some_one') },
    ])
  })

  test('reads hashtags where they are alone, or where the procedure is about them', async () => {
    const spraying = '6. Indiscriminate engagement,6.3 Spraying content,6.3.1 Posting common or generic hashtags'
    const text = chain(
      `${spraying},#peoplesay,`,
      `${spraying},"popular ones like #gaza, #été and C#sharp",`,
      '7. Targeted engagement,7.5 Directing,7.5.1 Directing audience,see #not or issue #3,',
    )
    expect((await only(text)).hashtags).toEqual(['#gaza', '#peoplesay', '#été'])
  })

  test('takes no indicator from prose', async () => {
    const one = await only(
      chain('5 Evading detection,5.1 Privacy protection,5.1.1 Privacy protecting,Registering with fast[.]example,'),
    )
    expect(one.indicators).toEqual([])
    expect(one.summary?.en).toContain('Registering with fast[.]example')
  })

  test('finds the phase of a misspelt tactic or of shifted columns by the technique', async () => {
    const one = await only(
      chain(
        '0. Acqiuring Assets,0.9 Acquiring social media accounts,0.9.1 Acquiring Facebook assets,6 accounts,',
        '1. Disguising assets,1. Disguising assets,1.3 Posing as non-existent institution,Local news,',
      ),
    )
    expect(one.counts.accounts?.value).toBe(6)
    expect(one.techniques.map(({ id, name }) => [id, name])).toEqual([
      ['0.9', { en: 'Acquiring social media accounts' }],
      ['1.3', { en: 'Posing as non-existent institution' }],
    ])
    expect(one.summary?.en).toContain('\nAcquiring assets: ')
    expect(one.summary?.en).toContain('\nDisguising assets: 1.3 Posing as non-existent institution – Local news.')
  })

  test('rejects a row without a phase, and names the phases', async () => {
    const { detections, rejects } = await read(
      chain('Reconnaissance,T1595 Active scanning,,x,', ',,,one.example,', `${facebook},5 accounts,`),
    )
    expect(detections).toHaveLength(1)
    expect(rejects.map(({ line, path, message }) => [line, path, message.slice(0, 90)])).toEqual([
      [2, 'Tactic', '"Reconnaissance" is none of the phases of the Meta Online Operations Kill Chain: give one '],
      [3, 'Tactic', 'is empty, and so none of the phases of the Meta Online Operations Kill Chain: give one of '],
    ])
    expect(rejects[0]?.message).toContain('Acquiring assets, Disguising assets, Gathering information')
  })

  test('keeps its id over corrections, and over underscores for spaces', async () => {
    const first = await only(chain(`${facebook},5 accounts,`), { file: 'Q1_2025_Iran-based_CIB_network.csv' })
    const second = await only(chain(`${facebook},6 accounts,`), { file: '/x/Q1_2025_Iran-based CIB network.csv' })
    expect(second.id).toBe(first.id)
  })

  test('has no note at an indicator without a technique or procedure', async () => {
    const one = await only(chain('0. Acquiring assets,,,hxxps[:]//a[.]example,'))
    expect(one.indicators).toEqual([{ type: 'url', value: 'https://a.example' }])
  })

  test('notes that it has cut a summary', async () => {
    const rows = Array.from({ length: 60 }, (_, at) => `${facebook},${'word '.repeat(80)}${at},`)
    const { detections, notes } = await read(chain(...rows))
    expect(detections[0]?.summary?.en).toHaveLength(20_000)
    expect(notes).toEqual({ 'summary cut at 20000 characters': 1 })
  })
})

describe('both schemas', () => {
  test('reject a network without a time of activity once, with all its rows', async () => {
    const text = flat('domain_name,one.example,C,2022-04-07', 'domain_name,two.example,C,2022-04-07')
    const { detections, rejects } = await read(text, undated)
    expect(detections).toEqual([])
    expect(rejects).toMatchObject([
      {
        line: 2,
        offset: 42,
        path: 'observed',
        message:
          'has no observation time (ds, 2022-04-07, is the day on which it was entered): state it with --observed FROM..TO, as in --observed 2022-01..2022-03',
        raw: text.trimEnd().split('\n').slice(1).join('\n'),
      },
    ])
    const again = await only(whole(rejects[0] ?? {}))
    expect(again).toEqual(await only(text))
    expect(rejects[0]?.id).toBe(again.id)
    const { rejects: phases } = await read(chain(`${facebook},5 accounts,`), undated)
    expect(phases[0]?.message).toContain("a quarter in its name is the report's")
  })

  test('take territories from the analyst, and none from names of countries', async () => {
    const text = flat('domain_name,one.example,"Corsica: CIB",2022-04-07')
    expect((await only(text)).territories).toEqual([])
    expect((await only(text, { territories: ['NC', 'COR'] })).territories).toEqual([
      { code: 'COR', method: 'analyst' },
      { code: 'NC', method: 'analyst' },
    ])
  })

  test('reject a broken row alone', async () => {
    const { detections, rejects } = await read(
      flat('md5,"one,C,2022', 'domain_name,one.example,C,2022-04-07', 'a,b,c,d,e'),
    )
    expect(detections[0]?.indicators).toHaveLength(1)
    expect(rejects.map(({ line }) => line)).toEqual([2, 4])
    for (const reject of rejects) expect(reject).not.toHaveProperty('context')
  })

  test('may have any encoding and separator', async () => {
    const text = chain(`${facebook},5 accounts,réseau`).replaceAll(',', ';')
    for (const encoded of [Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(text, 'latin1')]) {
      const { detections } = await read(encoded)
      expect(detections[0]?.counts.accounts?.value).toBe(5)
      expect(detections[0]?.summary?.en).toContain('5 accounts (réseau)')
    }
  })

  test('refuse other files', async () => {
    expect(await failure('a,b\n1,2\n')).toBe(
      `${file} has none of the headings of Meta's files ("a", "b"): these are indicator_type, indicator_value, comment, ds or Tactic, Technique, Procedure, Indicator`,
    )
    expect(await failure('')).toContain("has none of the headings of Meta's files")
    expect(await failure('Tactic,Technique,Procedure,Indicator\n,,,\n')).toBe(`${file} has headings and no rows`)
    expect(await failure(chain(`${facebook},5 accounts,`), { file: '-' })).toContain('rename the file')
  })
})

test('rejects an unprintable indicator alone', async () => {
  const rows = ['"url","a.example","x","2025-01-01"', '"url","b\u2028.example","x","2025-01-01"']
  const { detections, rejects } = await read(`indicator_type,indicator_value,comment,ds\n${rows.join('\n')}\n`)
  expect(detections.map(({ indicators }) => indicators.length)).toEqual([1])
  expect(rejects).toMatchObject([{ line: 3, path: 'indicator_value' }])
})

/** Rows of a text that hold anything, by the library only. */
const rowsIn = (text: string): number =>
  (parse(text, { relax_column_count: true, bom: true }) as string[][])
    .slice(1)
    .filter((cells) => cells.some((cell) => cell.trim() !== '')).length

test('puts every row into one record, used or rejected', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 15 }),
    fc.string({ unit: 'binary', maxLength: 15 }),
    fc.constantFrom('', ' ', '0. Acquiring assets', '0.9 Acquiring', '0.9.1 Facebook', '5 accounts', 'domain_name'),
    fc.constantFrom('hxxps[:]//a[.]example', '#tag', '@handle', '__proto__', '1E400 accounts', '\ud800', 'APT36: x'),
  )
  const rows = fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.constantFrom('Tactic ,Technique,Procedure,Indicator', 'indicator_type,indicator_value,comment,ds'),
      fc.boolean(),
      async (cells, head, stated) => {
        const quoted = (one: string) =>
          `"${one
            .toWellFormed()
            .replaceAll('"', '""')
            .replaceAll(/[\r\n\0]/g, ' ')}"`
        const lines = cells.map((row) => row.map(quoted).join(','))
        const text = `${head}\n${lines.join('\n')}\n`
        const all = rowsIn(text)
        if (all === 0) return
        const { raws, rejects } = await read(text, stated ? {} : undated)
        const inRecords = raws.reduce((sum, raw) => sum + rowsIn(raw), 0)
        const networks = rejects.filter(({ id }) => id !== undefined)
        const inNetworks = networks.reduce((sum, reject) => sum + rowsIn(whole(reject)), 0)
        expect(inRecords + inNetworks + (rejects.length - networks.length)).toBe(all)
        expect(stated ? networks : raws).toEqual([])
      },
    ),
    { numRuns: 300 },
  )
})

const folder = shared('meta/')
const real = (name: string) => new URL(name, folder)

describe.skipIf(!isShared)('Meta’s six files (skipped where ../shared/data is absent)', () => {
  const files = () => readdirSync(folder).filter((name) => name.endsWith('.csv'))
  const take = (name: string, options: Partial<IntakeOptions> = {}) =>
    readAll(createReadStream(real(name)), { file: name, ...options })

  test('have every row in one record', async () => {
    const tally: Record<string, readonly number[]> = {}
    for (const name of files()) {
      const text = readFileSync(real(name), 'utf8')
      const { detections, rejects, raws, notes } = await take(name)
      expect({ rejects, notes }).toEqual({ rejects: [], notes: {} })
      const used = raws.reduce((sum, raw) => sum + rowsIn(raw), 0)
      expect(used).toBe(rowsIn(text))
      tally[name] = [used, detections.length, detections.flatMap(({ indicators }) => indicators).length]
      const later = await take(name, undated)
      expect(later.detections).toEqual([])
      expect(later.rejects.map(({ id }) => id)).toEqual(detections.map(({ id }) => id))
      expect(later.rejects.reduce((sum, reject) => sum + rowsIn(whole(reject)), 0)).toBe(used)
    }
    // Rows, detections, indicators; two domains are given twice.
    expect(tally).toEqual({
      '2022_04_metas_adversarial_threat_report_q1.csv': [79, 5, 79],
      '2022_09_removing_coordinated_inauthentic_behavior_from_china_and_russia.csv': [350, 10, 348],
      'Q1_2023_Togo_Burkina_Faso-based_CIB_network.csv': [43, 1, 29],
      'Q1_2025_China-based_CIB_network.csv': [17, 1, 2],
      'Q1_2025_Iran-based_CIB_network.csv': [15, 1, 3],
      'Q1_2025_ROMANIA_BASED_CIB_NETWORK.csv': [23, 1, 13],
    })
  })

  test('have every word in the summary or at an indicator', async () => {
    for (const name of files().filter((one) => one.startsWith('Q1'))) {
      const [found] = (await take(name)).detections
      const notes = (found?.indicators ?? []).flatMap(({ value, note }) => [value, note?.en])
      const shown = [found?.summary?.en, ...notes].join('\n').replaceAll('[.]', '.').toLowerCase()
      const rows = parse(readFileSync(real(name)), { columns: (heads: string[]) => heads.map((head) => head.trim()) })
      for (const { Procedure = '', Indicator = '' } of rows as Record<string, string>[]) {
        for (const text of [Procedure, Indicator]) {
          const words = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '').replaceAll('[.]', '.')
          expect(shown).toContain(words.toLowerCase())
        }
      }
    }
  })
})
