/** Workbooks as Excel writes them, made of texts. */
import { zipSync } from 'fflate'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>${text}`)

export type SheetXml = { readonly name: string; readonly rows: string; readonly state?: string }

/**
 * `rows` is the XML within `sheetData`; `strings` that of the shared texts; style 1 shows a date, 2 a date with its
 * time, 3 and on the `formats`.
 */
export const workbook = (
  sheets: readonly SheetXml[],
  {
    strings = '',
    date1904 = false,
    formats = [] as readonly string[],
    more = {} as Readonly<Record<string, Uint8Array>>,
  } = {},
): Uint8Array =>
  zipSync({
    '[Content_Types].xml': bytes('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
    'xl/workbook.xml': bytes(
      `<workbook xmlns:r="http://r"><workbookPr date1904="${date1904 ? 1 : 0}"/><sheets>${sheets
        .map(
          ({ name, state = 'visible' }, at) =>
            `<sheet name="${name}" sheetId="${at + 1}" state="${state}" r:id="rId${at + 1}"/>`,
        )
        .join('')}</sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': bytes(
      `<Relationships>${sheets.map((_, at) => `<Relationship Id="rId${at + 1}" Target="worksheets/sheet${at + 1}.xml"/>`).join('')}</Relationships>`,
    ),
    'xl/sharedStrings.xml': bytes(`<sst>${strings}</sst>`),
    'xl/styles.xml': bytes(
      `<styleSheet><numFmts>${['dd/mm/yyyy\\ hh:mm', ...formats]
        .map((code, at) => `<numFmt numFmtId="${164 + at}" formatCode="${code.replaceAll('"', '&quot;')}"/>`)
        .join(
          '',
        )}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>${[
        '',
        ...formats,
      ]
        .map((_, at) => `<xf numFmtId="${164 + at}"/>`)
        .join('')}<xf numFmtId="17"/></cellXfs></styleSheet>`,
    ),
    ...Object.fromEntries(
      sheets.map(({ rows }, at) => [
        `xl/worksheets/sheet${at + 1}.xml`,
        bytes(`<worksheet><sheetData>${rows}</sheetData></worksheet>`),
      ]),
    ),
    ...more,
  })

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** A row of texts in their cells. */
export const textRow = (number: number, ...cells: readonly string[]): string =>
  `<row r="${number}">${cells
    .map(
      (cell, at) =>
        `<c r="${String.fromCharCode(65 + at)}${number}" t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`,
    )
    .join('')}</row>`
