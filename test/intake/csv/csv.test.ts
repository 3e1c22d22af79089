/** Detections from spreadsheets: headings, mappings, difficult cells, and ids of rows. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import { doubtFault } from '../../../lambdas/domain/detection/names/doubts.ts'
import { type CsvOptions, readCsv } from '../../../lambdas/intake/csv/csv.ts'
import { fields } from '../../../lambdas/intake/csv/fields.ts'
import { parseMapping } from '../../../lambdas/intake/csv/mapping.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { failureOf, inPieces, takenBy } from '../../support/intake.ts'

const read = (content: string | Uint8Array, options: Partial<CsvOptions> = {}) =>
  takenBy(readCsv, inPieces(content), { file: 'sheet.csv', ...options })

const mapped = (value: unknown) => parseMapping(value, 'mapping.json')

/** The one detection of a sheet. */
const only = async (content: string, options: Partial<CsvOptions> = {}): Promise<Detection> => {
  const { detections, rejects } = await read(content, options)
  expect(rejects).toEqual([])
  expect(detections).toHaveLength(1)
  return detections[0] as Detection
}

describe('a spreadsheet', () => {
  it('refuses the rows of another encoding, where two files were put together', async () => {
    const [utf8, latin] = ['Titre;Date\nÉté;15/05/2024\n', 'Déjà;15/05/2024\n']
    const { detections, rejects } = await read(Buffer.concat([Buffer.from(utf8), Buffer.from(latin, 'latin1')]))
    expect(detections.map(({ title }) => Object.values(title))).toEqual([['Été']])
    expect(rejects).toMatchObject([{ line: 3, fault: { code: 'text.notUtf8' } }])
  })

  it('names evidence plates by their hashes, and nothing else', async () => {
    const [one, other] = ['a'.repeat(64), 'b'.repeat(64)]
    const rows = (cell: string) => `Titre,Date,Planches\na,15/05/2024,"${cell}"\n`
    expect((await only(rows(`${one}, ${other}`))).plates).toEqual([one, other])
    expect((await only(rows('photo.png'))).plates).toBeUndefined()
  })
  it('names whose identity was taken as detections.csv does, and no person', async () => {
    const rows = (cell: string) => `Titre,Date,impersonates\na,15/05/2024,${cell}\n`
    const { impersonates } = await only(rows('organization: The Beacon | Le Phare | individual: minister | individual'))
    expect(impersonates).toEqual([
      { class: 'organization', name: 'The Beacon' },
      { class: 'organization', name: 'Le Phare' },
      { class: 'individual', role: { und: 'minister' } },
      { class: 'individual' },
    ])
  })

  it.each([
    ['TLP : AMBER STRICT', 'TLP:AMBER+STRICT'],
    ['AMBER + STRICT', 'TLP:AMBER+STRICT'],
    ['TLP:AMBER_STRICT', 'TLP:AMBER+STRICT'],
    ['Ambre', 'TLP:AMBER'],
    ['TLP:CLAIR', 'TLP:CLEAR'],
    ['blanc', 'TLP:CLEAR'],
    ['vert', 'TLP:GREEN'],
    ['tlp rouge', 'TLP:RED'],
  ])('reads the marking %s', async (cell, marking) => {
    expect((await only(`Titre;Date;TLP\na;15/05/2024;${cell}\n`)).marking).toBe(marking)
  })

  it.each([
    ['Classification', 'TLP:GREEN', 'TLP:GREEN'],
    ['Niveau TLP', 'RED', 'TLP:RED'],
    ['T.L.P.', 'RED', 'TLP:RED'],
    ['TLP;Marking', 'RED;GREEN', 'TLP:RED'],
    ['Marquage;TLP 2.0', 'CLEAR;AMBER', 'TLP:AMBER'],
  ])('finds the marking under %s: the strictest of %s', async (headings, cells, marking) => {
    expect((await only(`Titre;Date;${headings}\na;15/05/2024;${cells}\n`)).marking).toBe(marking)
  })

  it('rejects a row that ends before its marking, and one whose marking is no marking', async () => {
    const sheet = 'Titre;Date;Posts;Diffusion\na;15/05/2024;5\nb;15/05/2024;6;interne\nc;15/05/2024;7;TLP:RED\n'
    const { rejects, detections } = await read(sheet)
    expect(rejects.map(({ path, fault: { code } }) => [path, code])).toEqual([
      ['Diffusion', 'csv.shortRow'],
      ['Diffusion', 'cell.marking'],
    ])
    expect(detections.map(({ marking }) => marking)).toEqual(['TLP:RED'])
  })

  it.each(['AMBER+', 'STRICT', 'ambre ?', 'vert ambre', '+AMBER'])('refuses the marking %s', async (cell) => {
    const { rejects } = await read(`Titre;Date;TLP\na;15/05/2024;${cell}\n`)
    expect(rejects).toMatchObject([{ path: 'TLP' }])
  })

  it.each([
    ['Guadeloupe et Martinique', 'GP MQ'],
    ['Guadeloupe & MQ', 'GP MQ'],
    ['GP | MQ', 'GP MQ'],
    ['Wallis et Futuna', 'WF'],
    ['Wallis et Futuna et Nouvelle-Calédonie', 'NC WF'],
    ['Saint-Pierre et Miquelon / Mayotte', 'PM YT'],
  ])('reads the territories %s', async (cell, codes) => {
    const { territories } = await only(`Titre;Date;Territoire\na;15/05/2024;${cell}\n`)
    expect(territories.map(({ code }) => code).join(' ')).toBe(codes)
  })

  it.each([
    ['Guadeloupe / Paris', 'GP', ['Paris']],
    ['Mayotte/Comoros', 'YT', ['Comoros']],
    ['Guadeloupe ou Martinique', '', ['Guadeloupe ou Martinique']],
    ['France', '', ['France']],
    ['Outre-mer', '', ['Outre-mer']],
    ['overseas', 'BL GF GP MF MQ NC PF PM RE TF WF YT', undefined],
  ])('keeps the words of %s that name no territory, or too many', async (cell, codes, words) => {
    const { territories, reported } = await only(`Titre;Date;Territoire\na;15/05/2024;${cell}\n`)
    expect(territories.map(({ code }) => code).join(' ')).toBe(codes)
    expect(reported?.territories).toEqual(words)
  })

  it('reads the effect of detections.csv, and leaves an unsure one unknown', async () => {
    const { detections } = await read(
      'title,first_observed,observed_effect\na,2024-05-15,hardly any\nb,2024-05-15,observed: On air (EEAS)\n',
    )
    expect(detections.map(({ observedEffect }) => observedEffect)).toMatchObject([
      undefined,
      { state: 'observed', text: { und: 'On air (EEAS)' } },
    ])
  })

  it('reads claim, established fact, basis of the breakout, and who confirmed', async () => {
    const french = [
      'Titre;Date;Allégation;Fait établi;Source du fait établi;Effet observé;Effet confirmé par;Propagation;Fondement de la propagation',
      'a;15/05/2024;Des centaines;Deux;AFP;acte;Ana Martin;4;démentie\n',
    ]
    const english = [
      'title_en,first_observed,claim_en,established_en,established_source,effect,effect confirmed by,breakout,breakout_basis',
      'a,2024-05-15,Des centaines,Deux,AFP,act,Ana Martin,4,answered\n',
    ]
    for (const [sheet, language] of [
      [french, 'und'],
      [english, 'en'],
    ] as const) {
      expect(await only(sheet.join('\n'))).toMatchObject({
        claim: { text: { [language]: 'Des centaines' } },
        established: { text: { [language]: 'Deux' }, source: 'AFP' },
        observedEffect: { state: 'observed', degree: 'act', confirmed: { by: 'Ana Martin' } },
        breakout: { category: 4, basis: 'answered' },
      })
    }
  })

  it.each([
    ['Effet;Effet confirmé par', 'acte;oui', 'Effet confirmé par', /is "oui": give the name of the analyst/],
    ['Effet;Effet confirmé par', 'acte;à confirmer', 'Effet confirmé par', /give the name of the analyst/],
    ['Effet;Effet confirmé par', 'aucun;Ana', 'Effet confirmé par', /belongs to an effect that was observed/],
    ['Fondement de la propagation', 'rumeur', 'Fondement de la propagation', /amplified \(reprise par d’autres\)/],
    ['Fondement de la propagation', 'réfutée', 'Fondement de la propagation', /is missing/],
    ['id;breakout_basis', 'd1;debunked', 'breakout_basis', /is missing/],
    ['nature', 'salve', 'nature', /give one of campaign \(campagne\), copy-paste \(copier-coller\)/],
    ['Vues;Messages', 'beaucoup;12', 'Vues', /is "beaucoup": give a whole number/],
    ['Vues', 'moins de 50', 'Vues', /is "moins de 50", only an upper bound/],
  ])('leaves unknown and lists %s: %s', async (headings, cells, column, reason) => {
    const { records, rejects, notes } = await read(`Titre;Date;detector;${headings}\na;15/05/2024;D3lta;${cells}\n`)
    expect(rejects).toEqual([])
    const doubts = records.flatMap((record) => ('doubts' in record ? (record.doubts ?? []) : []))
    const texts = doubts.map((doubt) => faultText(doubtFault(doubt)))
    expect(texts).toMatchObject([expect.stringMatching(reason)])
    expect(texts[0]).toContain(`column "${column}"`)
    expect(notes).toEqual({ [`column "${column}": cells that cannot be read are left unknown`]: 1 })
  })

  it('rejects a row whose only figure cannot be read, with all its faults', async () => {
    const { rejects } = await read('Titre;Date;Vues;Nature\na;15/05/2024;beaucoup;salve\n')
    expect(rejects).toMatchObject([{ line: 2, message: expect.stringMatching(/^Vues: is "beaucoup".*; nature: /i) }])
  })

  it('reads French headings and cells', async () => {
    const { detections, rejects, notes } =
      await read(`Titre;Date;Territoire(s);Plateforme;Nb de messages;Comptes distincts;Campagne;Mots-dièse;Nature;TLP
Salve de copies;15/05/2024;Nouvelle-Calédonie;X, Facebook;5 187;≥ 1 686;RRN;#FreeKanaky #Kanaky;copier-coller;GREEN
`)
    expect({ rejects, notes }).toEqual({ rejects: [], notes: {} })
    expect(detections).toMatchObject([
      {
        title: { und: 'Salve de copies' },
        kind: 'copy-paste',
        detector: { name: 'by hand' },
        observed: { from: '2024-05-15', precision: 'day' },
        territories: [{ code: 'NC', method: 'explicit' }],
        platforms: ['X', 'Facebook'],
        counts: { posts: { value: 5187, qualifier: 'exact' }, accounts: { value: 1686, qualifier: 'at least' } },
        campaign: 'RRN',
        hashtags: ['#FreeKanaky', '#Kanaky'],
        marking: 'TLP:GREEN',
        markingSource: 'stated',
      },
    ])
  })

  it('reads English headings, qualifiers and rounded figures', async () => {
    const { detections, notes } = await read(
      'id,title_en,title_fr,first_observed,last_observed,target territory,posts,posts_qualifier,views,languages,confidence\n' +
        'a,Burst,Salve,2024-05-15,2024-05-16,971; 972,5187,at least,"1,2 M","French, en",high\n',
    )
    expect(notes).toEqual({})
    expect(detections).toMatchObject([
      {
        id: 'a',
        title: { en: 'Burst', fr: 'Salve' },
        observed: { from: '2024-05-15', to: '2024-05-16' },
        territories: [{ code: 'GP' }, { code: 'MQ' }],
        counts: { posts: { value: 5187, qualifier: 'at least' }, views: { value: 1_200_000, qualifier: 'about' } },
        languages: ['fr', 'en'],
        confidence: { level: 'high' },
      },
    ])
  })

  it('leaves out unknown figures', async () => {
    const found = await only('title,date,posts,accounts,videos\nx,2024-05-15,n/a,0,nc\n')
    expect(found.counts).toEqual({ accounts: { value: 0, qualifier: 'exact' } })
  })

  it('takes a column "Comptes" for numbers or names, as most of its cells are', async () => {
    const names = await only('titre;date;comptes\nx;2024-05-15;@bob, eve\n')
    expect(names.accountRefs).toEqual(['@bob', 'eve'])
    expect((await only('titre;date;comptes\nx;2024-05-15;12\n')).counts.accounts?.value).toBe(12)
    const { rejects } = await read('titre;date;comptes distincts\nx;2024-05-15;bob\n')
    expect(rejects).toMatchObject([{ line: 2, path: 'comptes distincts' }])
  })

  it('reads defanged indicators as live ones', async () => {
    const found = await only(
      'title,date,domains,indicators\nx,2024-05-15,"a[.]example, b.example[.]org",ip: 192[.]0.2.1; hxxps://c[.]example/p\n',
    )
    expect(found.indicators).toEqual([
      { type: 'domain', value: 'a.example' },
      { type: 'domain', value: 'b.example.org' },
      { type: 'ip', value: '192.0.2.1' },
      { type: 'url', value: 'https://c.example/p' },
    ])
  })

  it('reads cells that begin as formulas as texts, without the apostrophe that guards them', async () => {
    const { detections } = await read(
      "title,date\n'=1+1,2024-05-15\n=1+1,2024-05-16\n'@here,2024-05-17\n+33,2024-05-18\n",
    )
    expect(detections.map(({ title }) => title.und)).toEqual(['=1+1', '=1+1', '@here', '+33'])
  })

  it('reads Excel’s day numbers as days, with a note', async () => {
    const { detections, notes } = await read('title,date\nx,45427\ny,"45428,5"\n')
    expect(detections.map(({ observed }) => observed.from)).toEqual(['2024-05-15', '2024-05-16'])
    expect(notes).toEqual({ 'column "date": numbers are read as Excel\'s days, 45427 being 2024-05-15': 2 })
  })

  it('reduces times without an offset to days, or reads them in the zone of the mapping', async () => {
    const text = 'title,date\nx,15/05/2024 12:21\n'
    const { detections, notes } = await read(text)
    expect(detections[0]?.observed).toMatchObject({ from: '2024-05-15', precision: 'day' })
    expect(Object.keys(notes)[0]).toContain('set "zone" in a mapping')
    const zoned = await only(text, { mapping: mapped({ zone: 'Pacific/Noumea' }) })
    expect(zoned.observed).toMatchObject({ from: '2024-05-15T01:21:00.000Z', precision: 'instant' })
  })

  it('keeps times at midnight UTC with a note, or reads them as days by the mapping', async () => {
    const sheet = 'Titre;Date\na;2024-05-13T00:00:00Z\nb;2024-05-14 00:00 UTC\nc;TBC\n'
    const { detections, notes } = await read(sheet)
    expect(detections.map(({ observed }) => observed.from)).toEqual([
      '2024-05-13T00:00:00.000Z',
      '2024-05-14T00:00:00.000Z',
    ])
    expect(Object.keys(notes)).toEqual([expect.stringMatching(/^column "Date": all times are midnight UTC/)])
    const days = await read(sheet, { mapping: mapped({ midnight: 'day' }) })
    expect(days.detections.map(({ observed }) => observed.from)).toEqual(['2024-05-13', '2024-05-14'])
    expect(Object.keys(days.notes)).toEqual(['column "Date": times at midnight UTC are read as days'])
  })

  it.each([
    ['15/05/2024', '16/05', '2024-05-15', '2024-05-16'],
    ['30/12/2024', '02/01', '2024-12-30', '2025-01-02'],
    ['30/12', '02/01/2024', '2023-12-30', '2024-01-02'],
    ['15/11', '02/12', '2026-11-15', '2026-12-02'],
  ])('reads the ends %s and %s within a year of each other', async (first, last, from, to) => {
    const { observed } = await only(`Titre;Début;Fin\na;${first};${last}\n`, { now: new Date('2026-12-01T00:00:00Z') })
    expect(observed).toMatchObject({ from, to })
  })

  it('notes dates without a year', async () => {
    const { detections, notes } = await read('Titre;Date\na;semaine 47\n', { now: new Date('2026-12-01T00:00:00Z') })
    expect(detections[0]?.observed).toMatchObject({ from: '2026-11-16', to: '2026-11-22' })
    expect(notes).toEqual({ 'column "Date": dates without a year are the last that have begun': 1 })
  })

  it('asks for a mapping of doubtful dates, or for other dates where no mapping is possible', async () => {
    const [doubtful, wrong] = ['title,date\nx,05/06/2024\n', 'title,date\nx,16/05/2024\ny,05/17/2024\n']
    const adviceOf = async (canMap: boolean) => [
      Object.keys((await read(doubtful, { canMap })).notes)[0],
      (await read(wrong, { canMap })).rejects[0]?.message,
    ]
    const end = /(?<=that they are: |dates are read: ).*$/
    expect((await adviceOf(true)).map((one) => end.exec(one ?? '')?.[0])).toEqual([
      'set "dates" in a mapping',
      'correct it, or set "dates" in the mapping',
    ])
    expect((await adviceOf(false)).map((one) => end.exec(one ?? '')?.[0])).toEqual([
      'if they are not, write them in the file as 2024-05-15',
      'write it as 2024-05-15',
    ])
  })

  it('reads dates as month/day/year only where the column shows it', async () => {
    const american = await read('title,date\nx,05/13/2024\ny,05/06/2024\n')
    expect(american.detections.map(({ observed }) => observed.from)).toEqual(['2024-05-13', '2024-05-06'])
    expect(Object.keys(american.notes)).toEqual([
      'column "date": dates are read as month/day/year, as 05/13/2024 shows',
    ])
    const mixed = await read('title,date\nx,13/05/2024\ny,05/14/2024\n')
    expect(mixed.detections.map(({ observed }) => observed.from)).toEqual(['2024-05-13'])
    expect(mixed.rejects).toMatchObject([{ line: 3, path: 'date' }])
  })

  it('keeps an id beyond 2^53, and refuses one that a spreadsheet has rounded', async () => {
    const { detections, rejects } = await read(
      'id,title,date\n1797584320938545153,x,2024-05-15\n1.79758E+18,y,2024-05-15\n',
    )
    expect(detections.map(({ id }) => id)).toEqual(['1797584320938545153'])
    expect(rejects).toMatchObject([{ line: 3, path: 'id', message: expect.stringContaining('lost its last digits') }])
  })

  it('uses no heading that is a key of the prototype', async () => {
    const { detections, notes } = await read('title,date,__proto__,constructor,toString\nx,2024-05-15,1,2,3\n')
    expect(detections).toHaveLength(1)
    expect(Object.keys(notes)).toEqual([
      'column "__proto__" is not used',
      'column "constructor" is not used',
      'column "toString" is not used',
    ])
    expect(({} as Record<string, unknown>)['1']).toBeUndefined()
  })
})

describe('a bad row', () => {
  test.each([
    [',2024-05-15,,', 'title', /is empty: a detection has a title/],
    ['x,,,', 'date', /is empty: give a date/],
    ['x,demain,,', 'date', /is no date/],
    ['x,2024-05-15,,-3', 'posts', /give a whole number/],
    ['x\u0007,2024-05-15,,', 'title', /control/],
    ['x,2024-05-15,,1,2', '', /5 cells under 4 headings/],
  ])('%j is rejected for its column %j', async (row, path, message) => {
    const { detections, rejects } = await read(`title,date,territory,posts\n${row}\nok,2024-05-15,NC,1\n`)
    expect(detections).toHaveLength(1)
    expect(rejects).toMatchObject([
      { file: 'sheet.csv', line: 2, path, raw: row, context: 'title,date,territory,posts' },
    ])
    expect(rejects[0]?.message).toMatch(message)
  })

  it('is rejected for a last date without a first one, or before it', async () => {
    const { rejects } = await read('title,from,to\nx,,2024-05-16\ny,2024-05-17,2024-05-16\n')
    expect(rejects.map(({ path, line }) => [line, path])).toEqual([
      [2, 'from'],
      [3, 'from'],
    ])
  })

  it('keeps how the dates of its column were read', async () => {
    const { rejects } = await read('title,date,posts\nx,05/13/2024,1\ny,05/06/2024,many\n')
    expect(rejects[0]?.origin).toEqual({
      format: 'csv',
      settings: { mapping: { columns: {}, constants: {}, dates: 'month/day/year' } },
    })
  })
})

describe('rows without an id', () => {
  const ids = async (text: string, options: Partial<CsvOptions> = {}) =>
    (await read(text, options)).detections.map(({ id }) => id)

  it('keep their id when other cells are corrected, rows are moved, and the file is renamed', async () => {
    const [first, second] = await ids('title,date,posts\nx,2024-05-15,1\ny,2024-05-15,2\n')
    const again = await ids('posts,date,title\n20,2024-05-15,y\n10,15/05/2024,x\n', { file: 'other.csv' })
    expect(again).toEqual([second, first])
    expect(first).not.toBe(second)
  })

  it('with the same identity are one detection if equal, else a reject names the other line', async () => {
    const { detections, rejects } = await read('title,date,posts\nx,2024-05-15,1\nx,2024-05-15,1\nx,2024-05-15,2\n')
    expect(new Set(detections.map(({ id }) => id)).size).toBe(1)
    expect(rejects).toMatchObject([{ line: 4, path: '' }])
    expect(rejects[0]?.message).toContain('as line 2')
    expect(rejects[0]).not.toHaveProperty('context')
  })

  it('keep their id whatever the analyst states', async () => {
    const text = 'title\nx\n'
    const stated = (from: string) => ({ observed: { from, to: from, precision: 'day' as const, statedByHand: true } })
    expect(await ids(text, { ...stated('2024-05-15'), territories: ['NC'] })).toEqual(
      await ids(text, { ...stated('2024-05-16'), territories: ['MQ'] }),
    )
  })
})

describe('a mapping', () => {
  it('assigns columns to fields, constants, and the form of cells', async () => {
    const mapping = mapped({
      columns: {
        Quoi: ['title', 'summary'],
        'Vu le': 'observed.from',
        Volume: 'counts.posts',
        Tags: 'hashtags',
        Notes: null,
      },
      constants: {
        detector: 'Veille X',
        territories: ['NC', 'PF'],
        marking: 'TLP:GREEN',
        'counts.posts.qualifier': 'about',
      },
      dates: 'month/day/year',
      decimal: '.',
      list: '/',
    })
    const { detections, rejects, notes } = await read(
      'quoi,VU LE,Volume,Tags,Notes\nSalve,05/06/2024,"1,234",#a/#b,rien\n',
      { mapping },
    )
    expect({ rejects, notes }).toEqual({ rejects: [], notes: {} })
    expect(detections).toMatchObject([
      {
        title: { und: 'Salve' },
        summary: { und: 'Salve' },
        detector: { name: 'Veille X' },
        observed: { from: '2024-05-06' },
        counts: { posts: { value: 1234, qualifier: 'about' } },
        territories: [{ code: 'NC' }, { code: 'PF' }],
        hashtags: ['#a', '#b'],
        marking: 'TLP:GREEN',
        markingSource: 'container',
      },
    ])
  })

  it('uses a constant only where the row’s own cell is empty', async () => {
    const mapping = mapped({ constants: { territories: ['NC'], marking: 'TLP:GREEN' } })
    const { detections } = await read('title,date,territory,tlp\nx,2024-05-15,MQ,RED\ny,2024-05-15,,\n', { mapping })
    expect(detections.map(({ territories, marking }) => [territories[0]?.code, marking])).toEqual([
      ['MQ', 'TLP:RED'],
      ['NC', 'TLP:GREEN'],
    ])
  })

  it('leaves a row with a misspelt territory unplaced; corrected, it has the same id', async () => {
    const rowOf = (place: string) => `Titre;Date;Territoire\nUn titre;15/05/2024;${place}\n`
    const misspelt = await only(rowOf('Nouvelle-Calédonie | Martinqiue'))
    expect(misspelt).toMatchObject({
      territories: [],
      reported: { territories: ['Nouvelle-Calédonie', 'Martinqiue'] },
    })
    const right = await only(rowOf('Nouvelle-Calédonie | Martinique'))
    expect(right.territories.map(({ code }) => code)).toEqual(['MQ', 'NC'])
    expect(misspelt.id).toBe(right.id)
  })

  it('notes a sheet of headings without rows', async () => {
    const { detections, rejects, notes } = await read('Titre;Date;Territoire\n')
    expect([detections, rejects, notes]).toEqual([[], [], { 'there are headings alone, and no row below them': 1 }])
  })

  it('lists all faults of a row, each under its heading', async () => {
    const rowOf = (row: string) => `Titre;Date;Nb de messages;Territoire;TLP\n${row}\n`
    const faults = async (row: string) => (await read(rowOf(row))).rejects.map(({ path, message }) => [path, message])
    const [[path, message] = []] = await faults('Un titre;hier;beaucoup;NC;PURPLE')
    expect(path).toBe('Date')
    expect(message).toMatch(/^Date: is "hier".*; Nb de messages: is "beaucoup".*; TLP: is "PURPLE"/)
    // A wrong cell is not also missing.
    expect(message).not.toMatch(/Date: is empty/)
    expect((await faults(';15/05/2024;beaucoup;NC;'))[0]?.[1]).toMatch(
      /^Nb de messages: is "beaucoup".*; Titre: is empty/,
    )
    expect(await faults('Un titre;15/05/2024;beaucoup;NC;')).toEqual([
      ['Nb de messages', expect.stringMatching(/^is "beaucoup"/)],
    ])
    expect(await faults('Un titre;32/05/2024;beaucoup;NC;')).toEqual([
      ['Date', expect.stringMatching(/^Date: is "32\/05\/2024", which is no day of the calendar.*; Nb de messages: /)],
    ])
  })

  it('suggests what a misspelt heading may mean', async () => {
    const { notes } = await read('title,date,Platforme\nx,2024-05-15,X\n')
    expect(Object.keys(notes)).toEqual([
      'column "Platforme" is not used: did you mean plateforme or platform or platforms?',
    ])
    const failure = await failureOf(read('Tittre;Date;Territoire\nx;2024-05-15;NC\n'), FileError)
    expect(failure).toContain('did you mean titre by "Tittre"?')
  })

  it('notes a column that the file does not have', async () => {
    const { notes } = await read('title,date\nx,2024-05-15\n', {
      mapping: mapped({ columns: { Volume: 'counts.posts' } }),
    })
    expect(notes).toEqual({ 'the mapping\'s column "Volume" is not in the file': 1 })
  })

  test.each([
    [{ columns: { a: 'postcount' } }, /"postcount" is no field that a column fills: write one such as title.fr/],
    [{ columns: { a: 'teritories' } }, /"teritories" is no field that a column fills: did you mean territories\?/],
    [{ constants: { id: 'x' } }, /constants.id would be the same in every row/],
    [{ constants: { title: ['a', 'b'] } }, /constants.title holds one value only/],
    [{ constants: { territories: 'Atlantis' } }, /constants.territories .*Atlantis/],
    [{ dates: 'y/m/d' }, /mapping.json: dates/],
    [{ zone: 'Mars/Olympus' }, /IANA/],
    [{ colums: {} }, /colums/],
    [[], /mapping.json/],
  ])('%j is refused with its place', (value, message) => {
    expect(() => mapped(value)).toThrow(FileError)
    expect(() => mapped(value)).toThrow(message)
  })

  it('may name every field', () => {
    for (const { name } of fields) expect(mapped({ columns: { x: name } }).columns).toEqual({ x: [name] })
  })
})

describe('a file as a whole', () => {
  test.each([
    ['no byte', '', /is empty/],
    ['no date', 'title,posts\nx,1\n', /no column that gives a date among "title", "posts"/],
    ['no title', 'date,posts\n2024-05-15,1\n', /no column that gives a title/],
    ['one heading twice', 'title,title,date\nx,y,2024-05-15\n', /both fill title/],
    [
      '2,002 columns',
      `title,date,${Array.from({ length: 2_000 }, (_, at) => `c${at}`).join(',')}\n`,
      /2002 columns, over the limit of 2000/,
    ],
    ['an open quote', '"title,date\nx,2024-05-15\n', /line 1: the line of the headings opens a quote/],
  ])('with %s is refused', async (_, text, message) => {
    expect(await failureOf(read(text), FileError)).toMatch(message)
  })

  it('may have two headings of one field', async () => {
    expect((await read('title,titre,date\nx,y,2024-05-15\n')).detections).toHaveLength(1)
  })

  it('loses only its row of a million cells', async () => {
    const wide = `title,date\n${'x,'.repeat(1_000_000)}\nok,2024-05-15\n`
    const { detections, rejects } = await read(wide)
    expect(detections).toHaveLength(1)
    expect(rejects).toMatchObject([{ line: 2, bytes: 2_000_000 }])
    expect(rejects[0]?.raw.length).toBeLessThanOrEqual(65_536)
  })
})

test('makes every row a detection or a reject, or throws a FileError', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 10 }),
    fc.constantFrom(
      '',
      '2024-05-15',
      '15/05/2024',
      '45427',
      'NC',
      '≥ 12',
      '1.2E+10',
      '=1+1',
      "'@a",
      '__proto__',
      'n/a',
    ),
  )
  const heading = fc.oneof(
    fc.constantFrom(...fields.map(({ name }) => name), ...fields.flatMap(({ headings }) => headings)),
    fc.string({ maxLength: 8 }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(heading, { maxLength: 6 }),
      fc.array(fc.array(cell, { minLength: 8, maxLength: 8 }), { maxLength: 8 }),
      async (others, rows) => {
        const quoted = (one: string) => `"${one.replaceAll('"', '""').replace(/[\r\n\0]/g, ' ')}"`
        const heads = ['title', 'date', ...others]
        const kept = rows.map((row) => row.slice(0, heads.length))
        const filled = kept.filter((row) => row.some((one) => one.replace(/[\r\n\0]/g, ' ').trim() !== ''))
        const text = [heads, ...kept].map((row) => row.map(quoted).join(',')).join('\n')
        try {
          const { detections, rejects } = await read(text)
          expect(detections.length + rejects.length).toBe(filled.length)
        } catch (error) {
          expect(error).toBeInstanceOf(FileError)
        }
      },
    ),
    { numRuns: 500 },
  )
})
