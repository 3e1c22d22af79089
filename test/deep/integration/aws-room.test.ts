/**
 * The reading room as it would be deployed, in a real browser: its bundles behind the stack's routes, a real issuer,
 * and the archive's stand-in.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import type { ElementHandle, HTTPResponse, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { story } from '../../../bin/cli/story.ts'
import { type Role, rightsOf } from '../../../lambdas/domain/access/roles.ts'
import { sha256 } from '../../../lambdas/domain/core/text/canonical.ts'
import { sealWith } from '../../../lambdas/web/sign-in/sessions.ts'
import { openReader, type Reader } from '../../support/browser.ts'
import { now } from '../../support/clock.ts'
import { detection } from '../../support/detections.ts'
import { type HttpApiHere, serveHttpApi } from '../../support/http-api.ts'
import { clientId, type IssuerHere, startIssuer } from '../../support/issuer.ts'
import { pixelsOf, png, scene } from '../../support/pictures.ts'
import { postedForms } from '../../support/posted-forms.ts'
import { versionEntry } from '../../support/reports.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

const watch = {
  email: 'watch@example.org',
  vigie_clearance: 'TLP:AMBER',
  vigie_territories: 'NC COR',
  vigie_scopes: 'reports:create',
}

let stack: StackHere
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
  issuer = await startIssuer({ watch }, [`${room.url}/sign-in/back`])
  await stack.drop('drop/story.ndjson', readFileSync(story.file))
  await stack.work('DropsQueue', 'Ingest')
  reader = await openReader({ visits: true })
  page = await reader.turn({ width: 1280, scheme: 'light' })
  page.on('console', (message) => void complaints.push(message.text()))
})
afterAll(async () => {
  await reader.close()
  await room.close()
  await issuer.close()
  await stack.close()
})

const landing = async (press: () => Promise<unknown>): Promise<HTTPResponse | null> => {
  const [answer] = await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), press()])
  return answer
}
const textOf = (selector: string) => page.$eval(selector, (element) => element.textContent)

test('a reader without a session is led to sign in, and back to the page that they asked for', async () => {
  const first = await page.goto(`${room.url}/room/archive?territory=COR&lang=en`)
  expect([first?.status(), await textOf('h1')]).toEqual([401, 'You are not signed in'])
  await landing(() => page.click('a.button'))
  await page.type('[name=login]', 'watch')
  await page.type('[name=password]', 'any')
  await landing(() => page.click('[type=submit]'))
  await landing(() => page.click('[type=submit]'))
  expect(page.url()).toBe(`${room.url}/room/archive?territory=COR&lang=en`)
  expect(await textOf('.seat')).toContain('watch@example.org')
  expect(await room.log('RoomSignIn')).toContain('"who":"watch watch@example.org"')
})

test('a report is asked for, made by the queue, and its files are opened and logged', async () => {
  complaints = []
  await page.goto(`${room.url}/room/reports?territory=NC&period=2024-W20&lang=en`)
  await landing(() => page.click('main form.ask-form button'))
  const job = page.url()
  expect(job).toContain('/room/jobs/')
  // The page of a job that waits reloads itself, which would meet what is done here.
  await page.goto('about:blank')
  await stack.work('ReportsQueue', 'Generate')
  await page.goto(job)
  const href = await page.$eval('a[href*="report.en.html"]', (link) => link.href)
  expect(href).toBe(`${room.url}/room/NC/2024-W20/amber/1/files/report.en.html?lang=en`)
  expect(complaints).toEqual([])
  const opened = await page.goto(href)
  expect(opened?.status()).toBe(200)
  expect(new URL(page.url()).origin).not.toBe(room.url)
  expect(await page.title()).toContain('New Caledonia')
  expect(await room.log('RoomWorker')).toContain(
    '"who":"watch watch@example.org","report":"NC/2024-W20/amber/v0001","file":"report.en.html","marking"',
  )
})

test('signing out ends the session: the cookie is gone, and the room is shut', async () => {
  await page.goto(`${room.url}/room?lang=en`)
  await landing(() => page.click('.seat button'))
  expect(await textOf('h1')).toBe('You are signed out')
  expect((await page.goto(`${room.url}/room?lang=en`))?.status()).toBe(401)
  expect((await page.cookies(room.url)).map(({ name }) => name)).not.toContain('__Host-vigie')
})

const token = 't'.repeat(43)
type Visitor = Readonly<Record<string, unknown>>
const inRole = (name: string, role: Role, more: Visitor = {}): Visitor => ({
  ...{ who: `${name}@example.org`, name, scopes: [...rightsOf([role])], roles: [role], ...more },
})
const analyst = inRole('desk', 'analyst')

/** The cookie of a session that is sealed with the stage's key, or with another. */
const sessionOf = async ({ name = 'x', ...caller }: Visitor, key = 'ab'.repeat(32), at = now()) => {
  const visitor = {
    caller: { who: 'x', scopes: ['reports:read'], clearance: 'TLP:AMBER', territories: ['NC'], ...caller },
    ...{ name, formToken: token },
  }
  const seal = sealWith(
    async () => key,
    () => at,
  )
  return `__Host-vigie=${await seal.close('session', visitor as never)}`
}
const ask = (path: string, cookie: string, init: RequestInit = {}) =>
  fetch(`${room.url}${path}`, { redirect: 'manual', ...init, headers: { ...init.headers, cookie } })
const post = async (path: string, form: Readonly<Record<string, string>>, who: Visitor = analyst) =>
  ask(path, await sessionOf(who), {
    method: 'POST',
    headers: {
      ...{ 'sec-fetch-site': 'same-origin', 'accept-language': 'en' },
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token, ...form }),
  })
const pageOf = async (path: string, who: Visitor = analyst) =>
  (await ask(path, await sessionOf(who), { headers: { 'accept-language': 'en' } })).text()

describe('an analyst in the browser adds a picture', () => {
  let folder = ''
  let stop: () => void
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-plates-'))
    await writeFile(join(folder, 'house.png'), png(scene()))
    stop = stack.services.intercept(postedForms((address) => address.replace(/^https:/, 'http:')))
  })
  afterAll(async () => {
    stop()
    await rm(folder, { recursive: true })
  })
  const bucket = () => stack.outputs.PlatesBucket ?? ''
  const fill = async (fields: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(fields)) await page.type(`[name="${name}"]`, text)
  }

  test('past the room, by a form that leads to the pictures’ bucket alone, sees it masked, then removes it', async () => {
    const [, value = ''] = (await sessionOf(analyst)).split('=')
    await page.setCookie({ name: '__Host-vigie', value, url: room.url, path: '/', secure: true, httpOnly: true })
    complaints = []
    await page.goto(`${room.url}/room/plates/add?lang=en`)
    await fill({ masks: '40,30,40,40', 'caption.fr': 'Une maison', 'caption.en': 'A house', source: 'X' })
    await fill({ 'alt.fr': 'Une maison de face', 'alt.en': 'A house from the front', date: '2024-05-15' })
    await page.select('#marking', 'TLP:GREEN')
    await landing(() => page.click('button[value=say]'))
    const address = page.url()
    const input = (await page.$('#file')) as ElementHandle<HTMLInputElement> | null
    await input?.uploadFile(join(folder, 'house.png'))
    await landing(() => page.click('.deed button'))
    expect(new URL(page.url()).origin).toBe(room.url)
    expect(await textOf('[role=status]')).toContain('is being masked')
    const [key = ''] = await stack.keys(bucket(), 'incoming/')
    expect(key).toBe(`incoming/${new URL(address).pathname.split('/').at(-1)}`)
    const plates = await stack.instance('PlatesWorker')
    await plates.invoke({ source: 'aws.s3', detail: { bucket: { name: bucket() }, object: { key } } })
    // Without a press: the page reloads itself.
    await page.waitForNavigation({ waitUntil: 'load' })

    const [stored = ''] = await stack.keys(bucket())
    expect(new URL(page.url()).pathname).toBe(`/room/${stored}`)
    const bytes = await stack.object(bucket(), stored)
    expect(pixelsOf(bytes).at(60, 50)).toEqual([0, 0, 0])
    const shown = await page.$eval('.large img', (one) => {
      const { naturalWidth: width, alt } = one as HTMLImageElement
      return { width, alt }
    })
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
    expect(await textOf('.wrong')).toContain('Removed by')
    expect(await stack.keys(bucket())).toEqual([])
  })

  test('and posts by that form nothing but one picture, of its size, to its place', async () => {
    const words = { 'caption.fr': 'Une', 'caption.en': 'A', 'alt.fr': 'Une', 'alt.en': 'A', source: 'X', date: '2024' }
    const opened = await post('/room/plates/add', { ...words, marking: 'TLP:GREEN', nothing: 'yes' })
    const answer = await ask(opened.headers.get('location') ?? '', await sessionOf(analyst))
    const text = await answer.text()
    const action = /enctype="multipart\/form-data" action="([^"]+)"/.exec(text)?.[1] ?? ''
    expect(answer.headers.get('content-security-policy')).toContain(`form-action 'self' ${new URL(action).origin};`)
    // No other page lets a form lead there.
    const other = (await ask('/room/plates/add', await sessionOf(analyst))).headers.get('content-security-policy')
    expect(other).toContain("form-action 'self';")
    // The page's own forms come before.
    const [form = ''] = text.slice(text.indexOf('enctype="multipart/form-data"')).split('</form>')
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

const file = '/room/NC/2024-W20/amber/1/files/report.en.pdf'

test('a session opens what it covers, and no more', async () => {
  expect((await ask(file, await sessionOf({}))).status).toBe(302)
  for (const less of [{ territories: ['COR'] }, { clearance: 'TLP:GREEN' }, { territories: [] }]) {
    expect((await ask(file, await sessionOf(less))).status).toBe(404)
  }
  expect((await ask('/room/reports', await sessionOf({}))).status).toBe(403)
  expect((await ask('/room/mail', await sessionOf({}))).status).toBe(403)
  expect((await ask('/room/inbox', await sessionOf({}))).status).toBe(200)
})

test.each(['/', '/room', file, '/room/x'])(
  '%s opens to no cookie that is forged, expired or of another key',
  async (path) => {
    const old = new Date(now().getTime() - 3_700_000)
    for (const cookie of [
      ...['', '__Host-vigie=forged'],
      ...[await sessionOf({}, 'cd'.repeat(32)), await sessionOf({}, undefined, old)],
      (await sessionOf({})).replace('__Host-', ''),
    ]) {
      const answer = await ask(path, cookie)
      expect([path === '/' ? 302 : 401, null]).toEqual([answer.status, answer.headers.get('etag')])
      expect(await answer.text()).not.toMatch(/New Caledonia|Nouvelle-Calédonie/)
    }
  },
)

/** What the pages do is tested in test/web/reading-room: these are the rights and roles behind them. */
describe('the deployed room', () => {
  const approver = inRole('chief', 'approver', { territories: ['NC', 'PF'] })

  test('signs a candidate, which is a detection then, and lowers its marking by a second analyst', async () => {
    const found = detection({ id: 'vigie-found', marking: 'TLP:AMBER', territories: ['NC'], counts: { posts: 6 } })
    await stack.stores.candidates.save({ detection: found, members: ['vigie-found'] }, now())
    const path = '/room/candidates/vigie-found'
    const revision = /name="revision" value="([^"]+)"/.exec(await pageOf(path))?.[1] ?? ''
    const signed = await post(path, { do: 'sign', revision })
    expect([signed.status, signed.headers.get('location')]).toEqual([303, '/room/detections/vigie-found'])

    const lower = { marking: 'TLP:GREEN', reason: 'published', revision: '1', do: 'do' }
    expect((await post('/room/detections/vigie-found/correct', lower)).status).toBe(303)
    const other = inRole('other', 'analyst')
    const inbox = await pageOf('/room/inbox', other)
    const address = /href="(\/room\/detections\/vigie-found\/lower\/[0-9a-f]+)"/.exec(inbox)?.[1] ?? ''
    const confirm = { do: 'confirm', reason: 'seen', revision: '1' }
    expect((await post(address, confirm)).status).toBe(403)
    expect((await post(address, confirm, other)).status).toBe(303)
    expect(await pageOf('/room/detections/vigie-found', other)).toContain('TLP:GREEN')
  })

  test('lets an operator pause a schedule, and an approver decide on a flash note, which is queued to be mailed', async () => {
    const pause = ['/room/schedules/NC/week', { do: 'do', reason: 'closed', revision: '' }] as const
    expect((await post(...pause)).status).toBe(403)
    expect((await post(...pause, inRole('keeper', 'operator'))).status).toBe(303)

    const flash = { ids: ['desk-1'], until: new Date(now().getTime() + 86_400_000).toISOString() }
    const published = { manifestSha256: '', marking: 'TLP:AMBER', totals: {} as never, flash } as const
    const note = versionEntry({ territory: 'flash-nc-pf-0123456789ab', published, state: 'published' })
    await stack.stores.reports.claim(note)
    const path = '/room/flash-nc-pf-0123456789ab/2024-W20/amber/1/decide'
    const approve = { do: 'approve', revision: 'waits', reason: 'read' }
    expect((await post(path, approve)).status).toBe(403)
    expect((await post(path, approve, approver)).status).toBe(303)
    expect(await stack.waiting(stack.queue('DeliveriesQueue'))).toBe(1)
    expect(await pageOf('/room/history', approver)).toContain('flash note approved')
  })

  test('lets an approver recall a version, whose files then open no more', async () => {
    const recall = ['/room/NC/2024-W20/amber/1/recall', { do: 'do', reason: 'a wrong name' }] as const
    expect((await post(...recall)).status).toBe(403)
    expect((await ask(file, await sessionOf({}))).status).toBe(302)
    expect((await post(...recall, approver)).status).toBe(303)
    expect((await ask(file, await sessionOf({}))).status).toBe(404)
  })

  test('takes a file as large as its functions may be sent, and refuses a larger one', async () => {
    const upload = async (content: string) => {
      const body = new FormData()
      body.set('token', token)
      body.set('file', new File([content], 'may.csv'))
      const headers = { 'sec-fetch-site': 'same-origin', 'accept-language': 'en' }
      return ask('/room/add', await sessionOf(analyst), { method: 'POST', headers, body })
    }
    const rows = Array.from({ length: 1_000 }, (_, at) => `big-${at};2024-05-15;NC;31;${'x'.repeat(4_150)}`)
    const sheet = ['Identifiant;Date de détection;Territoire;Messages;Description', ...rows].join('\n')
    const largest = 4 * 1024 ** 2
    expect(Buffer.byteLength(sheet)).toBeGreaterThan(4_150_000)
    expect(Buffer.byteLength(sheet)).toBeLessThan(largest)
    const look = (await upload(sheet)).headers.get('location') ?? ''
    expect(look).toContain('/room/add/')
    expect((await ask(look, await sessionOf(analyst))).status).toBeLessThan(500)
    expect((await upload('x'.repeat(largest + 1))).status).toBe(422)
  })
})
