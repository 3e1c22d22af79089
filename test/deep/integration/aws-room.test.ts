/**
 * The reading room as it would be deployed, in a real browser: its bundles behind the stack's routes, a real issuer,
 * and the archive's stand-in.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { ElementHandle, HTTPResponse, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { story } from '../../../bin/cli/story.ts'
import { rightsOf } from '../../../lambdas/domain/access/roles.ts'
import { sha256 } from '../../../lambdas/domain/core/text/canonical.ts'
import { candidatesIn } from '../../../lambdas/store/intake/candidates.ts'
import { reportsIn } from '../../../lambdas/store/reports/reports.ts'
import { openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import { sealWith } from '../../../lambdas/web/sign-in/sessions.ts'
import { credentials, region } from '../../support/aws.ts'
import { openReader, type Reader } from '../../support/browser.ts'
import { now } from '../../support/clock.ts'
import { detection } from '../../support/detections.ts'
import { type HttpApiHere, serveHttpApi } from '../../support/http-api.ts'
import { clientId, type IssuerHere, startIssuer } from '../../support/issuer.ts'
import type { Instance } from '../../support/lambda.ts'
import { pixelsOf, png, scene } from '../../support/pictures.ts'
import { postedForms } from '../../support/posted-forms.ts'
import { versionEntry } from '../../support/reports.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

const people = {
  prefet: { email: 'prefet@example.org', vigie_clearance: 'TLP:AMBER', vigie_territories: 'NC', vigie_scopes: '' },
  watch: {
    email: 'watch@example.org',
    vigie_clearance: 'TLP:AMBER',
    vigie_territories: 'NC COR',
    vigie_scopes: 'reports:create',
  },
}

let stack: StackHere
let generate: Instance
let room: HttpApiHere
let issuer: IssuerHere
let reader: Reader
let page: Page
let complaints: string[] = []

beforeAll(async () => {
  const assembly = await sharedAssembly()
  stack = await startStack(assembly)
  room = await serveHttpApi(assembly.template, 'RoomFront', (id, url) =>
    newInstance(stack, id, id.startsWith('RoomSignIn') ? { SITE: url, ISSUER: issuer.url, CLIENT_ID: clientId } : {}),
  )
  issuer = await startIssuer(people, [`${room.url}/sign-in/back`])
  const ingest = await newInstance(stack, 'Ingest')
  const { DropBucket = '' } = stack.outputs
  const dropped = { Bucket: DropBucket, Key: 'drop/story.ndjson', Body: readFileSync(story.file) }
  await stack.s3.send(new PutObjectCommand(dropped))
  await stack.send(stack.queue('DropsQueue'), { Records: [{ s3: { object: { key: 'drop/story.ndjson' } } }] })
  await stack.pump(stack.queue('DropsQueue'), [ingest])
  await ingest.close()
  generate = await newInstance(stack, 'Generate')
  reader = await openReader({ visits: true })
  page = await reader.turn({ width: 1280, scheme: 'light' })
  page.on('console', (message) => void complaints.push(message.text()))
})
afterAll(async () => {
  await reader.close()
  await room.close()
  await issuer.close()
  await generate.close()
  await stack.close()
})

const landing = async (press: () => Promise<unknown>): Promise<HTTPResponse | null> => {
  const [answer] = await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), press()])
  return answer
}
const titleOf = () => page.$eval('h1', (element) => element.textContent)

const signInAs = async (login: string) => {
  await landing(() => page.click('a.button'))
  await page.type('[name=login]', login)
  await page.type('[name=password]', 'any')
  await landing(() => page.click('[type=submit]'))
  await landing(() => page.click('[type=submit]'))
}

test('somebody without a session sees where to sign in, and is led back to the page he wanted', async () => {
  const first = await page.goto(`${room.url}/room/archive?territory=COR&lang=en`)
  expect([first?.status(), await titleOf()]).toEqual([401, 'You are not signed in'])
  await signInAs('watch')
  expect(page.url()).toBe(`${room.url}/room/archive?territory=COR&lang=en`)
  expect(await page.$eval('.seat', (element) => element.textContent)).toContain('watch@example.org')
  expect(await room.log('RoomSignIn')).toContain('"who":"watch watch@example.org"')
})

test('a report is asked for, made by the queue, and its files are opened and logged', async () => {
  await page.goto(`${room.url}/room/reports?territory=NC&period=2024-W20&lang=en`)
  await landing(() => page.click('main form.ask-form button'))
  const job = page.url()
  expect(job).toContain('/room/jobs/')
  // The page of a job that waits asks for itself again, which would meet what is done here.
  await page.goto('about:blank')
  await stack.pump(stack.queue('ReportsQueue'), [generate])
  await page.goto(job)
  const href = await page.$eval('a[href*="report.en.html"]', (link) => link.href)
  expect(href).toBe(`${room.url}/room/NC/2024-W20/amber/1/files/report.en.html?lang=en`)
  const opened = await page.goto(href)
  expect(opened?.status()).toBe(200)
  expect(new URL(page.url()).origin).not.toBe(room.url)
  expect(await page.title()).toContain('New Caledonia')
  expect(await room.log('RoomWorker')).toContain(
    '"who":"watch watch@example.org","report":"NC/2024-W20/amber/v0001","file":"report.en.html","marking"',
  )
})

test('pages look as on a laptop: no violation, no complaint of the browser, nothing from elsewhere', async () => {
  const checker = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  complaints = []
  await page.goto(`${room.url}/room?lang=fr`)
  await page.evaluate(checker)
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }
    return (await axe.run()).violations.map(({ id }) => id)
  })
  expect(violations).toEqual([])
  expect(complaints).toEqual([])
})

test('signing out ends it: the cookie is gone, and the room is shut', async () => {
  await page.goto(`${room.url}/room?lang=en`)
  await landing(() => page.click('.seat button'))
  expect(await titleOf()).toBe('You are signed out')
  expect((await page.goto(`${room.url}/room?lang=en`))?.status()).toBe(401)
  expect((await page.cookies(room.url)).map(({ name }) => name)).not.toContain('__Host-vigie')
})

describe('an analyst in the browser adds a picture', () => {
  const desk = { who: 'sub-4', scopes: [...rightsOf(['analyst'])], roles: ['analyst'] }
  let folder = ''
  let plates: Instance
  let stop: () => void
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-plates-'))
    await writeFile(join(folder, 'house.png'), png(scene()))
    await writeFile(join(folder, 'house.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    plates = await newInstance(stack, 'PlatesWorker')
    stop = stack.services.intercept(postedForms((address) => address.replace(/^https:/, 'http:')))
  })
  afterAll(async () => {
    stop()
    await plates.close()
    await rm(folder, { recursive: true })
  })
  const bucket = () => stack.outputs.PlatesBucket ?? ''
  const fill = async (fields: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(fields)) await page.type(`[name="${name}"]`, text)
  }
  /** Says it, and sends the file past the room; the function hears of it a moment later. */
  const send = async (name: string) => {
    await fill({ masks: '40,30,40,40', 'caption.fr': 'Une maison', 'caption.en': 'A house', source: 'X' })
    await fill({ 'alt.fr': 'Une maison de face', 'alt.en': 'A house from the front', date: '2024-05-15' })
    await page.select('#marking', 'TLP:GREEN')
    await landing(() => page.click('button[value=say]'))
    const address = page.url()
    const input = (await page.$('#file')) as ElementHandle<HTMLInputElement> | null
    await input?.uploadFile(join(folder, name))
    await landing(() => page.click('.deed button'))
    expect(new URL(page.url()).origin).toBe(room.url)
    expect(await page.$eval('[role=status]', (one) => one.textContent)).toContain('is being masked')
    const [key = ''] = await stack.keys(bucket(), 'incoming/')
    expect(key).toBe(`incoming/${new URL(address).pathname.split('/').at(-1)}`)
    await plates.invoke({ source: 'aws.s3', detail: { bucket: { name: bucket() }, object: { key } } })
    expect(await stack.keys(bucket(), 'incoming/')).toEqual([])
    // By itself, without a press: the page renews itself.
    await page.waitForNavigation({ waitUntil: 'load' })
  }

  test('past the room, by a form that leads to the pictures’ bucket alone, and sees it masked; then removes it', async () => {
    const [, value = ''] = (await sessionOf(desk)).split('=')
    await page.setCookie({ name: '__Host-vigie', value, url: room.url, path: '/', secure: true, httpOnly: true })
    complaints = []
    await page.goto(`${room.url}/room/plates/add?lang=en`)
    await send('house.png')
    const [stored = ''] = await stack.keys(bucket())
    expect(new URL(page.url()).pathname).toBe(`/room/${stored}`)
    const bytes = await stack.object(bucket(), stored)
    expect(pixelsOf(bytes).at(60, 50)).toEqual([0, 0, 0])
    const shown = await page.$eval('.large img', (one) => ({
      width: (one as HTMLImageElement).naturalWidth,
      alt: (one as HTMLImageElement).alt,
    }))
    expect(shown).toEqual({ width: 320, alt: 'A house from the front' })
    expect(complaints).toEqual([])
    const picture = await page.goto(`${room.url}/room/${stored}/picture`)
    expect(picture?.headers()).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'private, no-store' })
    expect(sha256((await picture?.buffer()) ?? '')).toBe(stored.split('/').at(-1))
    await stack.s3.send(new DeleteObjectCommand({ Bucket: bucket(), Key: stored }))
    expect((await page.goto(`${room.url}/room/${stored}/picture`))?.status()).toBe(404)

    await page.goto(`${room.url}/room/plates?lang=en`)
    await landing(() => page.click('.plates h3 a'))
    await landing(() => page.click('a.button.alert'))
    await page.type('#reason', 'shows a minor')
    await landing(() => page.click('button[value=do]'))
    expect(await page.$eval('.wrong', (one) => one.textContent)).toContain('Removed by')
    expect(await stack.keys(bucket())).toEqual([])
  })

  test('and is told why one is refused, with a way to say it again', async () => {
    await page.goto(`${room.url}/room/plates/add?lang=en`)
    await send('house.svg')
    expect(await page.$eval('[role=alert]', (one) => one.textContent)).toContain('a picture is a PNG, a JPEG or a WebP')
    await landing(() => page.click('.pager a'))
    expect(await page.$eval('#masks', (one) => (one as HTMLTextAreaElement).value)).toBe('40,30,40,40')
  })

  test('and posts by that form nothing but one picture, of its size, to its place', async () => {
    const cookie = await sessionOf(desk)
    const post = (form: Readonly<Record<string, string>>) =>
      ask('/room/plates/add', cookie, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams({ token: 't'.repeat(43), ...form }),
      })
    const words = { 'caption.fr': 'Une', 'caption.en': 'A', 'alt.fr': 'Une', 'alt.en': 'A', source: 'X', date: '2024' }
    const said = await post({ ...words, marking: 'TLP:GREEN', nothing: 'yes' })
    const answer = await ask(said.headers.get('location') ?? '', cookie)
    const text = await answer.text()
    const action = /enctype="multipart\/form-data" action="([^"]+)"/.exec(text)?.[1] ?? ''
    expect(answer.headers.get('content-security-policy')).toContain(`form-action 'self' ${new URL(action).origin};`)
    // No other page lets a form lead there.
    const other = (await ask('/room/plates/add', cookie)).headers.get('content-security-policy')
    expect(other).toContain("form-action 'self';")
    // The page's own forms come before.
    const form = text.slice(text.indexOf('enctype="multipart/form-data"'))
    const fields = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]+)">/g)].map(
      ([, name = '', value = '']) => [name, value.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&')] as const,
    )
    const send = async (changed: Readonly<Record<string, string>>, size = 10) => {
      const body = new FormData()
      for (const [name, value] of Object.entries({ ...Object.fromEntries(fields), ...changed })) body.set(name, value)
      body.set('file', new File([new Uint8Array(size)], 'a.png'))
      return (await fetch(action, { method: 'POST', body, redirect: 'manual' })).status
    }
    expect(await send({ key: 'incoming/other' })).toBe(403)
    expect(await send({ key: 'plates/other' })).toBe(403)
    expect(await send({ success_action_redirect: 'https://elsewhere.example' })).toBe(403)
    expect(await send({ acl: 'public-read' })).toBe(403)
    expect(await send({}, 0)).toBe(400)
    expect(await send({}, 20_000_001)).toBe(400)
    expect(await stack.keys(bucket(), 'incoming/')).toEqual([])
    expect(await send({}, 20_000_000)).toBe(303)
  })
})

type Person = Parameters<typeof sessionOf>[0]

/** As programs send: with a session that is sealed with the stage's key, or with what is none. */
const ask = (path: string, cookie: string, init: RequestInit = {}) =>
  fetch(`${room.url}${path}`, { redirect: 'manual', ...init, headers: { ...init.headers, cookie } })
const sessionOf = async (
  { name = 'x', ...caller }: Readonly<Record<string, unknown>>,
  key = 'ab'.repeat(32),
  at = now(),
) => {
  const visitor = {
    caller: { who: 'x', scopes: ['reports:read'], clearance: 'TLP:AMBER', territories: ['NC'], ...caller },
    name,
    formToken: 't'.repeat(43),
  }
  const seal = sealWith(
    async () => key,
    () => at,
  )
  return `__Host-vigie=${await seal.close('session', visitor as never)}`
}
const files = '/room/NC/2024-W20/amber/1/files/report.en.pdf'

test('a session opens what it covers, and no more', async () => {
  expect((await ask(files, await sessionOf({}))).status).toBe(302)
  for (const less of [{ territories: ['COR'] }, { clearance: 'TLP:GREEN' }, { territories: [] }]) {
    expect((await ask(files, await sessionOf(less))).status).toBe(404)
  }
  expect((await ask('/room/reports', await sessionOf({}))).status).toBe(403)
  expect((await ask('/room/mail', await sessionOf({}))).status).toBe(403)
  expect((await ask('/room/candidates', await sessionOf({}))).status).toBe(200)
})

test.each([
  '/',
  '/room',
  files,
  '/room/NC/2024-W20/amber',
  '/room/coverage',
  '/room/candidates',
  '/room/mail',
  '/room/jobs/x',
  '/room/x',
])('%s opens to no cookie that is forged, over or somebody else’s', async (path) => {
  const old = new Date(now().getTime() - 3_700_000)
  for (const cookie of [
    '',
    '__Host-vigie=forged',
    await sessionOf({}, 'cd'.repeat(32)),
    await sessionOf({}, undefined, old),
    (await sessionOf({})).replace('__Host-', ''),
  ]) {
    const answer = await ask(path, cookie)
    expect([path === '/' ? 302 : 401, null]).toEqual([answer.status, answer.headers.get('etag')])
    expect(await answer.text()).not.toMatch(/New Caledonia|Nouvelle-Calédonie/)
  }
})

test('a form without the session’s own token does nothing', async () => {
  const cookie = await sessionOf({ scopes: ['reports:read', 'reports:create'] })
  const post = (token: string, headers: Record<string, string> = {}) =>
    ask('/room/reports', cookie, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams({ token, territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER' }),
    })
  expect((await post('of another session')).status).toBe(403)
  expect((await post('t'.repeat(43), { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect(await stack.waiting(stack.queue('ReportsQueue'))).toBe(0)
  expect((await post('t'.repeat(43))).status).toBe(303)
  expect(await stack.waiting(stack.queue('ReportsQueue'))).toBe(1)
})

describe('an analyst', () => {
  const token = 't'.repeat(43)
  const desk: Person = { who: 'sub-2 desk@example.org', scopes: [...rightsOf(['analyst'])], roles: ['analyst'] }
  const headers = { 'sec-fetch-site': 'same-origin', 'accept-language': 'en' }
  const post = async (path: string, form: Readonly<Record<string, string>>, who: Person = desk) =>
    ask(path, await sessionOf(who), {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token, ...form }),
    })
  const pageOf = async (path: string, who: Person = desk) => (await ask(path, await sessionOf(who), { headers })).text()
  const send = async (content: string, who: Person = desk) => {
    const body = new FormData()
    body.set('token', token)
    body.set('file', new File([content], 'may.csv'))
    return ask('/room/add', await sessionOf(who), { method: 'POST', headers, body })
  }
  const sheet =
    'Identifiant;Date de détection;Territoire;Messages;Description\ndesk-1;2024-05-15;NC;31;Éléments copiés\n'

  test('looks at a file that a browser sends, stores it as it was seen, and undoes it', async () => {
    const look = (await send(sheet)).headers.get('location') ?? ''
    expect(look).toMatch(/^\/room\/add\/[0-9a-f-]{36}$/)
    const seen = await pageOf(look)
    expect(seen).toContain('Éléments copiés')
    expect(await pageOf(look, { ...desk, who: 'sub-3' })).not.toContain('Éléments copiés')
    const seal = /name="seal" value="([^"]+)"/.exec(seen)?.[1] ?? ''
    const stored = await post(look, { do: 'store', seal })
    expect(stored.headers.get('location')).toMatch(/^\/room\/batches\//)
    expect(await pageOf('/room/detections/desk-1')).toContain('Éléments copiés')
    const batch = stored.headers.get('location') ?? ''
    expect((await post(batch, { do: 'undo' })).status).toBe(303)
    expect(await pageOf(batch)).toContain('by x')
    const log = await room.log('RoomWorker')
    expect(log).toContain('"message":"detections added"')
    expect(log).toContain('"who":"sub-2 desk@example.org","by":"x","batch"')
  })

  test('signs a candidate, which is a detection then', async () => {
    const table = openTable({ endpoint: stack.table.endpoint, region, credentials }, stack.outputs.TableName ?? '')
    const found = detection({ id: 'vigie-found', marking: 'TLP:AMBER', territories: ['NC'], counts: { posts: 6 } })
    await candidatesIn(table).save({ detection: found, members: ['vigie-found'] }, now())
    await table.close()
    const revision = /name="revision" value="([^"]+)"/.exec(await pageOf('/room/candidates/vigie-found'))?.[1] ?? ''
    const signed = await post('/room/candidates/vigie-found', { do: 'sign', revision })
    expect([signed.status, signed.headers.get('location')]).toEqual([303, '/room/detections/vigie-found'])
    expect((await ask('/room/detections/vigie-found', await sessionOf(desk), { headers })).status).toBe(200)
    expect((await post('/room/candidates/vigie-found', { do: 'sign', revision })).status).toBe(409)
  })

  test('asks for a lower marking, which another one confirms', async () => {
    const ask = { marking: 'TLP:GREEN', reason: 'published', revision: '1', do: 'do' }
    const asked = await post('/room/detections/vigie-found/correct', ask)
    expect([asked.status, asked.headers.get('location')]).toEqual([303, '/room/inbox#lowered'])
    const other: Person = { ...desk, who: 'sub-7 other@example.org', name: 'other' }
    const address = /href="(\/room\/detections\/vigie-found\/lower\/[0-9a-f]+)"/.exec(
      await pageOf('/room/inbox', other),
    )?.[1]
    const confirm = { do: 'confirm', reason: 'seen', revision: '1' }
    expect((await post(address ?? '', confirm)).status).toBe(403)
    expect((await post(address ?? '', confirm, other)).status).toBe(303)
    expect(await pageOf('/room/detections/vigie-found', other)).toContain('TLP:GREEN')
  })

  test('sets no schedule, which an operator does', async () => {
    const path = '/room/schedules/NC/week'
    const form = { do: 'do', reason: 'closed', revision: '' }
    expect((await post(path, form)).status).toBe(403)
    const keeper: Person = { who: 'sub-8 keeper@example.org', scopes: [...rightsOf(['operator'])], roles: ['operator'] }
    expect((await post(path, form, keeper)).status).toBe(303)
    expect(await pageOf('/room/schedules', keeper)).toContain('one of them is paused')
  })

  const approver: Person = {
    ...{ who: 'sub-9 chief@example.org', name: 'chief' },
    ...{ scopes: [...rightsOf(['approver'])], roles: ['approver'], territories: ['NC', 'PF'] },
  }

  test('decides of no flash note, which an approver approves: the queue has it to mail', async () => {
    const table = openTable({ endpoint: stack.table.endpoint, region, credentials }, stack.outputs.TableName ?? '')
    const until = new Date(now().getTime() + 86_400_000).toISOString()
    const published = { manifestSha256: '', marking: 'TLP:AMBER', totals: {} as never } as const
    const flash = { ids: ['desk-1'], until }
    const note = { territory: 'flash-nc-pf-0123456789ab', published: { ...published, flash } } as const
    await reportsIn(table).claim(versionEntry({ ...note, state: 'published' }))
    await table.close()
    const path = '/room/flash-nc-pf-0123456789ab/2024-W20/amber/1/decide'
    const form = { do: 'approve', revision: 'waits', reason: 'read' }
    expect((await post(path, form)).status).toBe(403)
    expect(await pageOf(path, approver)).toContain('waits for approval')
    const before = await stack.waiting(stack.queue('DeliveriesQueue'))
    expect((await post(path, form, approver)).status).toBe(303)
    expect(await stack.waiting(stack.queue('DeliveriesQueue'))).toBe(before + 1)
    expect(await pageOf(path, approver)).toContain('approved by chief')
    expect(await pageOf('/room/history', approver)).toContain('flash note approved')
  })

  test('recalls no version, which an approver does: its files open no more', async () => {
    const path = '/room/NC/2024-W20/amber/1/recall'
    const form = { do: 'do', reason: 'a wrong name' }
    expect((await post(path, form)).status).toBe(403)
    expect((await ask(files, await sessionOf({}))).status).toBe(302)
    expect((await post(path, form, approver)).status).toBe(303)
    expect((await ask(files, await sessionOf({}))).status).toBe(404)
    expect(await pageOf('/room/NC/2024-W20/amber', approver)).toContain('a wrong name')
  })

  test('who is a reader adds nothing', async () => {
    expect((await send(sheet, { scopes: ['reports:read', 'detections:read'] })).status).toBe(403)
  })

  test('sends a file as large as the room takes, and is told of a larger one', async () => {
    const line = (at: number) => `big-${at};2024-05-15;NC;31;${'x'.repeat(4_150)}\n`
    const big = `Identifiant;Date de détection;Territoire;Messages;Description\n${Array.from({ length: 1_000 }, (_, at) => line(at)).join('')}`
    expect(Buffer.byteLength(big)).toBeGreaterThan(4_100_000)
    const look = (await send(big.slice(0, 4 * 1024 ** 2))).headers.get('location') ?? ''
    expect(look).toContain('/room/add/')
    expect((await ask(look, await sessionOf(desk))).status).toBeLessThan(500)
    expect((await send('x'.repeat(4 * 1024 ** 2 + 1))).status).toBe(422)
  })
})
