/** Hostile values that were taken in, in every file of a report and in its mails: text, and nothing else. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse as parseCsv } from 'csv-parse/sync'
import PostalMime from 'postal-mime'
import { beforeAll, describe, expect, test } from 'vitest'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { type Letter, letterOf } from '../../../lambdas/domain/delivery/letter.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import type { Note } from '../../../lambdas/domain/report/note.ts'
import { notesUnder } from '../../../lambdas/domain/report/shown-notes.ts'
import { fileFormats } from '../../../lambdas/intake/file-formats.ts'
import { composeMail } from '../../../lambdas/mail/message.ts'
import { codeMail, confirmationMail } from '../../../lambdas/mail/short-mail.ts'
import { csvTable } from '../../../lambdas/render/exports/csv.ts'
import { stixBundle } from '../../../lambdas/render/exports/stix.ts'
import { refuseActiveContent } from '../../../lambdas/render/html-check.ts'
import { renderHtml } from '../../../lambdas/render/html.ts'
import { called, corpus } from '../../hostile/corpus.ts'
import { hostileRecords } from '../../hostile/everywhere.ts'
import { carriers, sentIn } from '../../hostile/formats.ts'
import { activeIn, addressesIn, shapeOf, turnedIn } from '../../hostile/shape.ts'
import { csvRecords } from '../../support/csv.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { links } from '../../support/letters.ts'
import { withStrings } from '../../support/pages.ts'
import { recipient } from '../../support/recipients.ts'
import { reportOn } from '../../support/reports.ts'
import { stixFaults } from '../../support/stix-spec.ts'

/** As many as a report tells at length. */
const together = 12

const cap = 'TLP:AMBER'

const inGroups = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))

/** An analyst's note that is nothing but the value, by an author of that name. */
const noteOf = (value: string): Note => ({
  ...{ territory: 'NC', period: '2024-W20', language: 'fr', marking: cap, approves: true },
  ...{ author: value.slice(0, 200), role: value.slice(0, 200), text: value.slice(0, 20_000) },
  writtenAt: '2024-05-20T00:00:00.000Z',
})

/** One that each format took in for each value, from another of its fields each time; they count in the same week. */
const takenByFormat = async (): Promise<readonly Detection[]> => {
  const taken: Detection[] = []
  for (const format of fileFormats) {
    const fields = carriers.filter((one) => one.format === format)
    for (const [at, { value }] of corpus.entries()) {
      const carrier = fields[at % fields.length]
      if (!carrier) throw new Error(`no field of ${format} carries anything`)
      try {
        for await (const record of sentIn(format, carrier.write(value))) {
          if ('detection' in record) taken.push({ ...record.detection, id: `${format}-${at}-${taken.length}` })
        }
      } catch {
        // A file that is refused as a whole says why: intake.test.ts looks at that.
      }
    }
  }
  const observed = { from: '2024-05-15', to: '2024-05-15', precision: 'day' as const }
  const territories = [{ code: 'NC' as const, method: 'explicit' as const }]
  return taken.map((detection) => ({ ...detection, observed, territories, marking: cap }))
}

const everyField = hostileRecords.map((record) => detectionAsOf(record))
const byGroup = inGroups(corpus, together)
const reports: Report[] = byGroup.map((group, at) =>
  reportOn(everyField.slice(at * together, (at + 1) * together), {
    cap,
    notes: notesUnder(
      group.map(({ value }) => noteOf(value)),
      cap,
    ),
  }),
)
const named = byGroup.map((group, at) => [group.map(called).join(', '), at] as const)
const reportAt = (at: number): Report => {
  const report = reports[at]
  if (!report) throw new Error(`there is no report ${at}`)
  return report
}

let fromFormats: readonly ReturnType<typeof detectionAsOf>[]

beforeAll(async () => {
  const detections = await takenByFormat()
  fromFormats = detections.map((detection) => ({ detection, revision: 1, storedAt: '2024-05-20T00:00:00.000Z' }))
  expect(fromFormats.length).toBeGreaterThan(400)
  for (const some of inGroups(fromFormats, 60)) reports.push(reportOn(some, { cap }))
})

test('each value stands in many fields of its record', () => {
  const fields = hostileRecords.map((record) => Object.keys(record).length)
  expect(fields.filter((count) => count > 18).length).toBeGreaterThan(corpus.length / 2)
})

/** A page's HTML: the tree of the same page of harmless words, nothing that runs, nothing that leads away. */
const checkHtml = (report: Report) => {
  for (const language of languages) {
    const page = report.pages[language]
    const html = renderHtml(page, '')
    expect(shapeOf(html)).toEqual(
      shapeOf(
        renderHtml(
          withStrings(page, (text) => text.replace(/\S/gu, 'x')),
          '',
        ),
      ),
    )
    expect(activeIn(html)).toEqual([])
    expect(() => refuseActiveContent(html)).not.toThrow()
    expect(addressesIn(html).filter((address) => !address.startsWith('#'))).toEqual([])
    expect(turnedIn(html)).toEqual([])
  }
}

describe('a report in HTML', () => {
  test.each(named)('is the tree of a harmless one: %s', (_, at) => checkHtml(reportAt(at)))

  test('is so for what every format takes in', () => {
    for (const report of reports.slice(byGroup.length)) checkHtml(report)
  })
})

describe('a report', () => {
  test('is JSON by its schema, with no text that cannot be drawn and no prototype', () => {
    const schema = JSON.parse(
      readFileSync(new URL('../../../docs/reference/report.schema.json', import.meta.url), 'utf8'),
    )
    const check = new Ajv2020({ strict: false }).compile(schema)
    for (const report of reports) {
      const text = JSON.stringify(report)
      expect(check(JSON.parse(text)), JSON.stringify(check.errors)).toBe(true)
      expect(text).not.toMatch(/[\p{Co}\p{Cn}\p{Cs}]|"__proto__":/u)
    }
  })

  test('is STIX 2.1', () => {
    for (const report of reports) {
      expect(stixFaults(JSON.parse(JSON.stringify(stixBundle(report)))).map((fault) => fault.slice(0, 300))).toEqual([])
    }
  })
})

/** What a spreadsheet would take for a formula at the start of a cell. */
const formula = /^[=+\-@\t\r＝＋－＠]/

describe('detections.csv', () => {
  const tableOf = (found: readonly ReturnType<typeof detectionAsOf>[]): Uint8Array => {
    const table = csvTable({ territory: 'NC', period: parsePeriod('2024-W20'), cap })
    for (const one of found) table.add(one)
    return Buffer.from([...table.pieces()].join(''))
  }

  test('has a row for each detection and no formula, whatever it is read by', () => {
    const bytes = tableOf([...everyField, ...fromFormats])
    const rows = csvRecords(bytes)
    expect(rows).toHaveLength(everyField.length + fromFormats.length)
    expect(rows.flatMap((row) => Object.values(row)).filter((cell) => formula.test(cell))).toEqual([])
    const text = new TextDecoder().decode(bytes)
    expect(parseCsv(text, { columns: true })).toHaveLength(rows.length)
    for (const delimiter of [';', '\t']) {
      const cells: string[][] = parseCsv(text, { delimiter, relax_quotes: true, relax_column_count: true, quote: null })
      expect(cells.flat().filter((cell) => formula.test(cell.replace(/^"+/, '')))).toEqual([])
    }
  })
})

describe('a mail', () => {
  const from = { name: 'Vigie', address: 'vigie@example.org' }
  const address = 'c.durand@prefecture.example'

  const checkMail = async (raw: Uint8Array, shape: readonly string[] | undefined, own: readonly string[]) => {
    const read = await PostalMime.parse(raw)
    expect(read.to?.map((one) => one.address)).toEqual([address])
    expect([read.cc, read.bcc, read.replyTo]).toEqual([undefined, undefined, undefined])
    expect(read.headers.map(({ key }) => key).filter((key) => /evil|^bcc$/.test(key))).toEqual([])
    expect(read.subject).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    const html = read.html ?? ''
    expect(activeIn(html)).toEqual([])
    expect(addressesIn(html).filter((one) => !one.startsWith('cid:'))).toEqual(own)
    if (shape) expect(shapeOf(html)).toEqual(shape)
    const source = new TextDecoder('latin1').decode(raw)
    expect(source.replaceAll('\r\n', '')).not.toMatch(/[^\t\x20-\x7e]/)
    return { read, html }
  }

  /** What the same letter is as a mail where its words are harmless. */
  const harmlessMail = async (letter: Letter, envelope: Omit<Parameters<typeof composeMail>[1], 'to'>) => {
    const said = withStrings(letter, (text, path) => (/Slug|accent|url$/.test(path) ? text : text.replace(/\S/gu, 'x')))
    return PostalMime.parse((await composeMail(said, { ...envelope, to: { name: 'x', address } })).raw)
  }

  test('with a letter leads to its own pages only, and has the headers of a harmless one', async () => {
    const harmless = new Map<number, Awaited<ReturnType<typeof harmlessMail>>>()
    for (const [at, { value }] of corpus.entries()) {
      const report = { ...reportAt(Math.floor(at / together)), marking: 'TLP:GREEN' as const }
      const who = recipient(address, { name: value, organisation: value })
      const dressed: Report = { ...report, house: { organisation: value, contact: value } }
      const told = { content: 'findings', attached: false, links, occasion: { kind: 'first' } } as const
      const letter = letterOf(dressed, { ...told, recipient: who })
      const envelope = { from, unsubscribe: links.unsubscribe, attachments: [], date: new Date(report.asOf), id: 'd-1' }
      const { raw } = await composeMail(letter, { ...envelope, to: { name: value, address } })
      const group = Math.floor(at / together)
      const expected = harmless.get(group) ?? (await harmlessMail(letter, envelope))
      harmless.set(group, expected)
      const { read } = await checkMail(raw, shapeOf(expected.html ?? ''), [links.read, links.unsubscribe])
      expect(read.headers.map(({ key }) => key)).toEqual(expected.headers.map(({ key }) => key))
    }
  })

  test('of a few lines is no other, whatever the house is called', async () => {
    const to = recipient(address)
    const envelope = { to, from: from.address, date: new Date('2024-05-20T00:00:00Z') }
    for (const { value } of corpus) {
      const asked = { ...envelope, contact: value, link: links.read, days: 7, organisation: value }
      await checkMail((await confirmationMail(asked)).mail.raw, undefined, [links.read])
      const about = { territory: value, kind: value, period: value, marking: cap } as const
      await checkMail(
        (await codeMail({ ...envelope, contact: value, digits: '123456', about })).mail.raw,
        undefined,
        [],
      )
    }
  })
})
