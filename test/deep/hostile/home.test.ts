/**
 * A home full of hostile values: what was typed and taken in, printed as one report, mailed, asked for and looked at.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Hono } from 'hono'
import PostalMime from 'postal-mime'
import { getDocumentProxy } from 'unpdf'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IngestResult } from '../../../bin/cli/answers.ts'
import { mailingHere } from '../../../bin/cli/deliver.ts'
import { deskHere } from '../../../bin/cli/ingest-files.ts'
import { signedFolder } from '../../../lambdas/archive/signed-urls.local.ts'
import { readOrganisation } from '../../../lambdas/config/organisation-file.ts'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { everyReport } from '../../../lambdas/domain/core/place/due.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { newNoteSchema } from '../../../lambdas/domain/report/note.ts'
import { organisationSchema } from '../../../lambdas/domain/report/organisation.ts'
import { roomDrawings } from '../../../lambdas/render/drawings/drawings.ts'
import { refuseActiveContent } from '../../../lambdas/render/html-check.ts'
import { plateUploadsIn } from '../../../lambdas/store/intake/plate-uploads.ts'
import { verifyArchive } from '../../../lambdas/usecases/archive/verify-archive.ts'
import { deliverReport } from '../../../lambdas/usecases/delivery/deliver-report.ts'
import { addRecipient, RecipientError } from '../../../lambdas/usecases/delivery/manage-recipients.ts'
import { recallVersion } from '../../../lambdas/usecases/delivery/recall-version.ts'
import { readerActions } from '../../../lambdas/usecases/links/reader-actions.ts'
import { generateReport, type MadeReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { apiRoutes } from '../../../lambdas/web/api/routes.ts'
import { webApp } from '../../../lambdas/web/app.ts'
import { mailboxOf } from '../../../lambdas/web/reading-room/mailbox.local.ts'
import { roomRoutes } from '../../../lambdas/web/reading-room/routes.ts'
import { called, corpus, type Hostile, hostileKinds } from '../../hostile/corpus.ts'
import { hostileRecords } from '../../hostile/everywhere.ts'
import { activeIn, addressesIn, shapeOf, turnedIn } from '../../hostile/shape.ts'
import { checkShown } from '../../hostile/shown.ts'
import { newFolder, vigie } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { asItIs } from '../../support/plates.ts'
import { ingestInto, type Opened, openServices } from '../../support/services.ts'

const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
const script = '"><script>alert(1)</script>'

let folder: string
let remove: () => Promise<void>
let opened: Opened
let app: Hono
let tally: IngestResult
let made: MadeReport
const logged: { readonly what: string; readonly facts: Readonly<Record<string, unknown>> }[] = []
const refused: { readonly hostile: Hostile; readonly what: string; readonly reason: string }[] = []

const refusing = (hostile: Hostile, what: string, reason: string) => void refused.push({ hostile, what, reason })

/** Of each kind the first, short enough that notes do not fill a book. */
const oneOfEach = hostileKinds.flatMap(
  (kind) => corpus.find((one) => one.kind === kind && one.value.length < 5_000) ?? [],
)

beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  const house = { organisation: script, contact: script, closing: { fr: script, en: script } }
  await writeFile(join(folder, 'vigie.json'), JSON.stringify({ ...house, rightOfReply: { fr: script, en: script } }))
  opened = await openServices(folder)
  const services = opened.asRun('hostile', { organisation: await readOrganisation(folder) })
  tally = await ingestInto(opened, [
    ...hostileRecords,
    ...corpus.map(({ value }, at) => input({ id: `broken-${at}`, kind: value as 'other' })),
  ])
  for (const hostile of oneOfEach) {
    const { value } = hostile
    const note = newNoteSchema.safeParse({
      ...{ territory: 'NC', period: '2024-W20', language: 'fr', marking: 'TLP:AMBER', approves: true },
      ...{ author: value.slice(0, 200), role: value.slice(0, 200), text: value, writtenAt: '2024-05-20T00:00:00.000Z' },
    })
    if (note.success) await services.notes.add(note.data)
    else refusing(hostile, 'note', note.error.issues[0]?.message ?? '')
  }
  made = await generateReport(edition, services)
  for (const [at, hostile] of corpus.entries()) {
    const words = { name: hostile.value, organisation: hostile.value, territories: ['NC'], clearance: 'AMBER' }
    await addRecipient(
      { address: `r${at}@example.org`, ...words },
      {},
      { by: hostile.value, reason: hostile.value },
      services,
    ).catch((error: unknown) => {
      if (!(error instanceof RecipientError)) throw error
      refusing(hostile, 'recipient', error.message)
    })
  }
  const message = { territory: 'NC', period: '2024-W20', cap: edition.cap, version: 1, to: 'everybody' } as const
  await deliverReport(message, services, await mailingHere({ ...opened.context, services }))

  const log = (what: string, facts: Readonly<Record<string, unknown>>) => void logged.push({ what, facts })
  const files = signedFolder(services.archive, services.clock)
  const asking = { ...services, enqueue: async () => {} }
  const mailer = { send: async () => ({ messageId: 'm' }) }
  const readers = readerActions(services, { mailer, from: 'vigie@example.org', files, log })
  const visitor = { caller: everything, name: script, formToken: 'token' }
  const mailbox = mailboxOf(join(folder, 'outbox'))
  app = webApp({
    ...{ readers, organisation: services.organisation, log, filesOrigin: files.origin, secure: false },
    also: (web, style) =>
      roomRoutes(
        web,
        {
          visitorOf: () => visitor,
          services: asking,
          desk: deskHere(opened.context),
          due: everyReport,
          deliver: async () => undefined,
          files,
          plates: { uploads: plateUploadsIn(opened.context.table), door: { is: 'here', decode: asItIs } },
          mailbox,
          drawings: roomDrawings,
          log,
        },
        style,
      ),
  })
  apiRoutes(app, {
    callerOf: () => everything,
    services: asking,
    files,
    desk: deskHere(opened.context),
    log,
  })
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const fileOf = async (name: string): Promise<Uint8Array> => {
  const bytes = await opened.services.archive.get(`reports/NC/2024-W20/amber/v0001/${name}`)
  if (!bytes) throw new Error(`there is no ${name}`)
  return bytes
}

describe('what was typed or sent', () => {
  test('is stored, or refused with a reason', () => {
    expect(tally).toMatchObject({ read: 2 * corpus.length, accepted: corpus.length, rejected: corpus.length })
    expect(refused.filter(({ reason }) => reason.trim() === '')).toEqual([])
  })

  test('as an analyst’s note or a reader’s name takes no control characters', () => {
    for (const what of ['note', 'recipient']) {
      const kinds = new Set(refused.flatMap((one) => (one.what === what ? [one.hostile.kind] : [])))
      expect(kinds, what).toContain('control characters')
      expect(kinds, what).not.toContain('HTML that breaks out')
    }
  })

  test('as the words of a house is taken or refused, field by field', () => {
    const fields = (value: string) => ({ organisation: value, contact: value, closing: { fr: value, en: value } })
    for (const { kind, value } of corpus) {
      for (const [field, said] of Object.entries(fields(value))) {
        const read = organisationSchema.safeParse({ [field]: said })
        if (kind === 'halves of characters' || (kind === 'control characters' && field !== 'closing'))
          expect(read.success, `${field}: ${value}`).toBe(false)
        if (!read.success) expect(read.error.issues[0]?.message).not.toBe('')
      }
    }
  })

  test('as a house’s file is read, or refused by its name', async () => {
    for (const { value } of corpus.filter(({ kind }) => kind === 'nesting' || kind === 'name of a prototype')) {
      await writeFile(join(folder, 'outbox', 'vigie.json'), value)
      await expect(readOrganisation(join(folder, 'outbox'))).rejects.toThrow('vigie.json')
    }
  })

  test('as the reason of a withdrawal changes nothing but that', async () => {
    for (const [at, { value }] of corpus.entries()) {
      expect(
        await opened.services.detections.withdraw(
          `hostile-${at}`,
          { by: 'a test', reason: value },
          new Date('2024-05-20T01:00:00Z'),
        ),
      ).toBe(true)
    }
  })
})

describe('the report', () => {
  test('is published, and its archive verifies', async () => {
    expect(made.report.totals.detections).toBe(corpus.length)
    expect((await verifyArchive(opened.services, { keys: undefined, allowUnsigned: false })).problems).toEqual([])
  })

  test.each(languages)('prints them as text, with no link out of itself (%s)', async (language) => {
    const document = await getDocumentProxy(new Uint8Array(await fileOf(`report.${language}.pdf`)), { verbosity: 0 })
    const texts: string[] = []
    for (let number = 1; number <= document.numPages; number += 1) {
      const page = await document.getPage(number)
      const found: { readonly subtype: string; readonly url?: string; readonly unsafeUrl?: string }[] =
        await page.getAnnotations()
      expect(found.filter(({ subtype, url, unsafeUrl }) => subtype !== 'Link' || url || unsafeUrl)).toEqual([])
      const { items } = await page.getTextContent()
      texts.push(items.map((item) => ('str' in item ? item.str : '')).join(''))
    }
    expect(await document.getJSActions()).toBeNull()
    expect(await document.getAttachments()).toBeNull()
    expect(texts.join('')).toContain('<script>alert(1)</script>')
    await document.cleanup()
  })

  test.each(languages)('is HTML that runs nothing and leads nowhere (%s)', async (language) => {
    const html = new TextDecoder().decode(await fileOf(`report.${language}.html`))
    expect(() => refuseActiveContent(html)).not.toThrow()
    expect(activeIn(html)).toEqual([])
    expect(addressesIn(html).filter((address) => !/^(?:#|data:image\/)/.test(address))).toEqual([])
    expect(turnedIn(html)).toEqual([])
  })
})

describe('the mails', () => {
  test('are a file for each reader, of a name that is no path, to that reader alone', async () => {
    const names = (await readdir(join(folder, 'outbox'))).filter((name) => name.endsWith('.eml'))
    const readers =
      corpus.length - new Set(refused.filter(({ what }) => what === 'recipient').map(({ hostile }) => hostile)).size
    expect(names).toHaveLength(readers)
    expect(names.filter((name) => !/^NC\.2024-W20\.amber\.1\.[0-9a-f]+\.eml$/.test(name))).toEqual([])
    for (const name of names) {
      const { to, cc, bcc, html = '' } = await PostalMime.parse(await readFile(join(folder, 'outbox', name)))
      expect([to?.length, cc, bcc]).toEqual([1, undefined, undefined])
      expect(to?.[0]?.address).toMatch(/^r\d+@example\.org$/)
      expect(activeIn(html)).toEqual([])
    }
  })
})

const site = 'http://127.0.0.1'
const inPath = (value: string): string => encodeURIComponent(value.toWellFormed())

/** A page of the room: no error of ours, nothing that runs, nothing that leads elsewhere. */
const roomPage = async (path: string, init?: RequestInit): Promise<string> => {
  const answer = await app.request(`${site}${path}`, init)
  const html = await answer.text()
  expect(answer.status).toBeLessThan(500)
  expect(activeIn(html)).toEqual([])
  expect(addressesIn(html).filter((address) => !/^(?:\/(?!\/)|#|data:image\/|\?)/.test(address))).toEqual([])
  expect(turnedIn(html)).toEqual([])
  return html
}

describe('the reading room', () => {
  test.each(['/room/detections', '/room/NC/2024-W20/amber', '/room/mail', '/room/coverage?territory=NC&week=2024-W20'])(
    '%s shows them as text',
    async (path) => {
      expect(await roomPage(path)).toContain('&lt;script&gt;')
    },
  )

  test('shows each mail as text', async () => {
    for (const name of (await readdir(join(folder, 'outbox'))).filter((one) => one.endsWith('.eml'))) {
      await roomPage(`/room/mail/${basename(name, '.eml')}`)
    }
  })

  /** Queries with a word in every field that a page echoes, or reads. */
  const queries = (word: string) => [
    `/room?week=${word}&day=${word}&year=${word}&zone=${word}&x=${word}`,
    `/room/archive?territory=${word}&period=${word}&cap=${word}&cadence=${word}&from=${word}&to=${word}&x=${word}`,
    `/room/archive?cursor=${word}&lang=${word}`,
    `/room/detections?q=${word}&campaign=${word}&detector=${word}`,
    `/room/detections?territory=${word}&kind=${word}&period=${word}&cursor=${word}`,
    `/room/detections/${word}?territory=${word}&period=${word}`,
    `/room/reports?territory=${word}&period=${word}&cap=${word}`,
    `/room/coverage?territory=${word}&week=${word}`,
    `/room/mail?territory=${word}&cursor=${word}`,
  ]

  test('gives for each query the page of a harmless one', async () => {
    const shapes: (readonly string[])[] = []
    for (const path of queries('harmless')) shapes.push(shapeOf(await roomPage(path)))
    for (const hostile of corpus) {
      for (const [at, path] of queries(inPath(hostile.value)).entries()) {
        expect(shapeOf(await roomPage(path)), `${called(hostile)}, ${path.slice(0, 60)}`).toEqual(shapes[at])
      }
    }
  })

  test('takes no harm from a path or a form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
    for (const { value } of corpus) {
      const word = inPath(value)
      for (const path of [`/room/jobs/${word}`, `/room/mail/${word}`, `/room/NC/${word}/amber`]) await roomPage(path)
      for (const token of ['token', value]) {
        const body = new URLSearchParams({ territory: value, period: value, cap: value, key: value, token }).toString()
        await roomPage('/room/reports', { method: 'POST', headers, body })
      }
    }
  })
})

describe('the interface for programs', () => {
  const sent = async (path: string, body?: unknown) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await app.request(`${site}${path}`, body === undefined ? {} : init)
    const value: unknown = JSON.parse(await answer.text())
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', value }
  }

  test('answers each with JSON, or a problem that says what is wrong', async () => {
    for (const hostile of corpus) {
      const { value } = hostile
      const asked = inPath(value)
      const answers = [
        ...(await Promise.all(
          ['territory', 'period', 'cap', 'asOf', 'deliver', value].map((field) =>
            sent('/reports', { territory: 'NC', period: '2031-W20', [field]: value }),
          ),
        )),
        ...(await Promise.all(
          [`/reports?territory=${asked}`, `/reports?cursor=${asked}`, `/coverage?territory=NC&period=${asked}`].map(
            (path) => sent(path),
          ),
        )),
        await sent(`/jobs/${asked}`),
        await sent('/uploads', { name: value, bytes: 1 }),
      ]
      for (const { status, type, value: problem } of answers) {
        expect(status, called(hostile)).toBeGreaterThanOrEqual(400)
        expect(status === 503 || status < 500, called(hostile)).toBe(true)
        expect(type).toBe('application/problem+json')
        expect((problem as { detail: string }).detail).not.toBe('')
      }
      const { status, value: taken } = await sent('/detections', input({ id: value, title: value, kind: 'other' }))
      expect(status, called(hostile)).toBe(200)
      expect(taken, called(hostile)).toMatchObject({ read: 1 })
    }
  })

  test('and the room log no line that somebody else wrote', () => {
    expect(logged.length).toBeGreaterThan(corpus.length)
    const said = logged.flatMap(({ what, facts }) => [what, ...Object.values(facts).map(String)])
    expect(said.filter((text) => /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text))).toEqual([])
    expect(logged.filter(({ what }) => what === 'request failed')).toEqual([])
  })
})

describe('a recall for hostile reasons', () => {
  beforeAll(async () => {
    const reason = corpus.flatMap(({ value }) => (value.length < 5_000 ? [value] : [])).join(' ')
    await recallVersion({ edition, version: 1, reason, by: 'A. Roy' }, opened.services)
  })

  test('is told as text, in the room and to programs', async () => {
    expect(await roomPage('/room/NC/2024-W20/amber')).toContain('&lt;script&gt;')
    const answer = await app.request(`${site}/reports/NC/2024-W20/amber/1`)
    expect(answer.status).toBe(410)
    expect(((await answer.json()) as { detail: string }).detail).toContain('<script>')
  })

  test.each([
    [['archive', 'list']],
    [['note', 'list', 'NC', '2024-W20']],
    [['recipients', 'list']],
    [['deliveries', 'list']],
  ])('and what else lies in the home, is shown by %j', async (words) => {
    const ran = await vigie(['--home', folder, ...words])
    expect(ran.code).toBe(0)
    checkShown(ran)
  })

  test('leaves files whose names are of a few plain characters', async () => {
    const names = await readdir(folder, { recursive: true })
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !/^[\w.+/-]+$/.test(name) || name.includes('..'))).toEqual([])
  })
})
