/** Workbooks: sheets, dates, long numbers, formulas and limits. */
import fc from 'fast-check'
import { unzipSync, zipSync } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { once, type ReadOptions, readRecords } from '../../../lambdas/intake/formats.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { csvOf } from '../../../lambdas/intake/xlsx/workbook.ts'
import { takenBy } from '../../support/intake.ts'
import { textRow, workbook } from '../../support/xlsx.ts'

const csv = (bytes: Uint8Array, sheet?: string) => {
  const notes: string[] = []
  const text = new TextDecoder().decode(
    csvOf(bytes, { file: 'a.xlsx', sheet, note: (what) => notes.push(faultText(what)) }),
  )
  return { lines: text.trimEnd().split('\n'), notes }
}

const read = (bytes: Uint8Array, options: Partial<ReadOptions> = {}) =>
  takenBy(readRecords, once(bytes), { file: 'a.xlsx', format: 'auto', ...options })

describe('a sheet', () => {
  it('has shared texts, dates, times, numbers, booleans and the last values of formulas', () => {
    const strings =
      '<si><t>Un</t></si><si><r><t>de</t></r><r><t xml:space="preserve">ux &amp; _x0041_</t></r><rPh><t>x</t></rPh></si>'
    const rows = `${textRow(1, 'a', 'b')}<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row>
      <row r="3"><c r="A3" s="1"><v>45427</v></c><c r="B3" s="2"><v>45427.5149305556</v></c><c r="C3"><v>0.82</v></c><c r="D3" t="b"><v>1</v></c>
      <c r="E3"><f>1+1</f><v>2</v></c><c r="F3"><f>HYPERLINK("http://x")</f></c><c r="G3"><v>1.797580000000000123E+18</v></c><c r="H3" t="str"><f>A1</f><v>1797580000000000123</v></c></row>`
    expect(csv(workbook([{ name: 'Feuil1', rows }], { strings }))).toEqual({
      lines: [
        '"a","b"',
        '"Un","","deux & A"',
        '"2024-05-15","2024-05-15 12:21:30","0.82","TRUE","2","","1.7976E+18","1797580000000000123"',
      ],
      notes: ['a formula has no value: open the workbook in a spreadsheet and save it'],
    })
  })

  it('is the first visible one with content, or the named one; others are noted', () => {
    const bytes = workbook([
      { name: 'Liste', rows: textRow(1, 'hidden', 'x'), state: 'hidden' },
      { name: 'Vide', rows: '' },
      { name: 'Veille', rows: textRow(1, 'a', 'b') },
      { name: 'Autre', rows: textRow(1, 'c', 'd') },
    ])
    expect(csv(bytes)).toEqual({
      lines: ['"a","b"'],
      notes: [
        'sheet "Autre" is not read: name it by --sheet for that',
        'hidden sheet "Liste" is not read: name it by --sheet for that',
      ],
    })
    expect(csv(bytes, 'Liste').lines).toEqual(['"hidden","x"'])
    expect(() => csv(bytes, 'Aure')).toThrow('has no sheet "Aure": it has "Liste", "Vide", "Veille", "Autre"')
  })

  it('counts days from 1904 where the workbook does, and skips a title above the table', () => {
    const rows = `${textRow(1, 'Veille de la semaine 20')}${textRow(3, 'Titre', 'Date')}<row r="5"><c r="A5" t="inlineStr"><is><t>x</t></is></c><c r="B5" s="1"><v>43965</v></c></row>`
    expect(csv(workbook([{ name: 'a', rows }], { date1904: true }))).toEqual({
      lines: ['', '', '"Titre","Date"', '', '"x","2024-05-15"'],
      notes: ['1 row above the headings is not read'],
    })
  })

  it('is noted where it is one of the first five unread, and the others by their number', () => {
    const bytes = workbook(Array.from({ length: 1_500 }, (_, at) => ({ name: `S${at}`, rows: textRow(1, 'a', 'b') })))
    const { notes } = csv(bytes)
    expect(notes).toHaveLength(6)
    expect(notes.at(-1)).toBe('1,494 more sheets are not read')
  })

  test.each([
    ['mmm-yy', '2024-05'],
    ['[$-40C]mmmm yyyy', '2024-05'],
    ['mmm-yy;@', '2024-05'],
    ['[$-40C]yyyy', '2024'],
    ['"année" yyyy', '2024'],
    ['dd mmmm yyyy', '2024-05-15'],
    ['d "mois" mmm', '2024-05-15'],
    ['mm:ss', '2024-05-15'],
    ['[h]:mm', '2024-05-15'],
    ['0.00 "jours"', '45427'],
  ])('shows a day in the format %s as %s', (format, shown) => {
    const rows = '<row r="1"><c r="A1" s="3"><v>45427</v></c><c r="B1" s="4"><v>45427</v></c></row>'
    expect(csv(workbook([{ name: 'a', rows }], { formats: [format] })).lines).toEqual([`"${shown}","2024-05"`])
  })
})

it('an ordinary French table is read without a mapping', async () => {
  const rows = `${textRow(1, 'Identifiant', 'Date de détection', 'Territoire', 'Compte', 'Score', 'Description')}
    <row r="2">${['A-1', '', 'Nouvelle-Calédonie', '@compte_un', '', 'Une salve de copies. Elle vise la police.'].map((text, at) => (text === '' ? '' : `<c r="${'ABCDEF'[at]}2" t="inlineStr"><is><t>${text}</t></is></c>`)).join('')}<c r="B2" s="1"><v>45427</v></c><c r="E2"><v>0.82</v></c></row>
    ${textRow(3, 'A-2', '16/05/2024', 'Martinqiue', '@compte_deux', '0,75', 'Une photo détournée')}`
  const { detections, rejects, notes } = await read(workbook([{ name: 'Feuil1', rows }]))
  expect(rejects).toEqual([])
  expect(detections).toMatchObject([
    {
      id: 'A-1',
      title: { und: 'Une salve de copies.' },
      summary: { und: 'Une salve de copies. Elle vise la police.' },
      observed: { from: '2024-05-15' },
      territories: [{ code: 'NC' }],
      accountRefs: ['@compte_un'],
    },
    { id: 'A-2', territories: [], reported: { territories: ['Martinqiue'] } },
  ])
  expect(Object.keys(notes)).toEqual([
    'column "Score" is not used',
    'titles are the beginnings of column "Description", since no column gives any',
  ])
})

describe('a bad file', () => {
  const text = (content: string) => new TextEncoder().encode(content)
  test.each([
    [{ mimetype: text('application/vnd.oasis.opendocument.spreadsheet') }, 'save it as .xlsx or CSV'],
    [{ 'xl/workbook.bin': text('x') }, 'is a binary workbook'],
    [{ 'word/document.xml': text('x') }, 'is a Word document'],
    [{ 'a.csv': text('x') }, 'is a ZIP file and no workbook: unpack it'],
  ])('of another kind is refused with a remedy: %#', async (files, message) => {
    await expect(read(zipSync(files))).rejects.toThrow(message)
  })

  it('is refused before it is unpacked where it would be too large', () => {
    const bomb = workbook([{ name: 'a', rows: '' }], {
      more: { 'xl/worksheets/bomb.xml': new Uint8Array(220 * 1024 * 1024) },
    })
    expect(bomb.length).toBeLessThan(1_000_000)
    expect(() => csv(bomb)).toThrow('unpacks to more than 200 MB')
  })

  test.each([
    ['<row r="9999999999"><c r="A1"><v>1</v></c></row>', 'has over 1048576 rows'],
    ['<row r="1"><c r="ZZZ1"><v>1</v></c></row>', 'over 2000 columns'],
    ['<!DOCTYPE x [<!ENTITY a "b">]><row/>', 'declares a document type'],
    ['<row <', 'no XML'],
  ])('with %s is refused', (rows, message) => {
    expect(() => csv(workbook([{ name: 'a', rows }]))).toThrow(message)
  })

  const directoryEntry = (bytes: Uint8Array, name: string): number => Buffer.from(bytes).lastIndexOf(name) - 46

  test.each([
    ['cut', -20],
    ['too large', 20],
  ])('with a false size (%s) is refused', (_, by) => {
    const bytes = workbook([{ name: 'a', rows: textRow(1, 'a', 'b') }])
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const at = directoryEntry(bytes, 'xl/worksheets/sheet1.xml') + 24
    view.setUint32(at, view.getUint32(at, true) + by, true)
    expect(() => csv(bytes)).toThrow('xl/worksheets/sheet1.xml has another size or checksum')
  })

  it('with a changed byte is refused', () => {
    const rows = textRow(1, 'Salve', 'b')
    const bytes = zipSync(
      Object.fromEntries(
        Object.entries(unzipSync(workbook([{ name: 'a', rows }]))).map(([name, one]) => [name, [one, { level: 0 }]]),
      ),
    )
    bytes[Buffer.from(bytes).indexOf('Salve')] = 'V'.charCodeAt(0)
    expect(() => csv(bytes)).toThrow('xl/worksheets/sheet1.xml has another size or checksum')
  })

  it('with any changed bytes is read, or refused by a FileError', () => {
    const good = workbook([{ name: 'a', rows: textRow(1, 'a', 'b') }])
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = Uint8Array.from(good)
        for (const [at, value] of changes) bytes[at] = value
        try {
          csv(bytes)
        } catch (error) {
          if (!(error instanceof FileError)) throw error
        }
      }),
    )
  })
})
