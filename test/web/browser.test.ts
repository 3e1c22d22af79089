/** The links in a real browser, under the pages' own policies: by click and keyboard, on every screen, light and dark. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { HTTPResponse, Page } from 'puppeteer-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Language, languages } from '../../lambdas/domain/core/language/languages.ts'
import { openReader, type Reader, withChecker } from '../support/browser.ts'
import { recipient } from '../support/recipients.ts'
import { openWeb, type Web } from '../support/web.ts'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const screens = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
  { width: 320, scheme: 'light' },
] as const

let web: Web
let server: ServerType
let url: string
let reader: Reader
let page: Page
let readers = 0
let asked: string[] = []
let complaints: string[] = []

beforeAll(async () => {
  web = await openWeb({ contact: 'veille@example.org' })
  server = createAdaptorServer({ fetch: web.app.fetch, overrideGlobalObjects: false })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  reader = await openReader({ visits: true })
  page = await reader.turn({ width: 1280, scheme: 'light' })
  page.on('request', (request) => void asked.push(request.url()))
  page.on('console', (message) => void complaints.push(message.text()))
  page.on('pageerror', (error) => void complaints.push(String(error)))
})
afterAll(async () => {
  await reader.close()
  await new Promise((done) => server.close(done))
  await web.close()
})
beforeEach(() => {
  asked = []
  complaints = []
})

const linksOf = async (cap: 'TLP:GREEN' | 'TLP:AMBER', language: Language = 'fr') => {
  readers += 1
  return web.linkTo(recipient(`reader-${readers}@example.org`, { language, clearance: cap }), { cap })
}
/** The answer that the browser shows after a press. */
const landing = async (press: () => Promise<unknown>): Promise<HTTPResponse | null> => {
  const [answer] = await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), press()])
  return answer
}
/** A field gets the focus a moment after its page is loaded. */
const focused = () => page.evaluate(() => document.activeElement?.id)
const titleOf = () => page.$eval('h1', (element) => element.textContent)
const opened = () => web.logged.filter(({ what }) => what === 'file opened').length

describe('a reader', () => {
  test('gets a page that opens nothing, presses a button, and reads the report', async () => {
    const { read } = await linksOf('TLP:GREEN')
    const before = opened()
    await page.goto(`${url}/r/${read}`)
    await page.reload()
    expect(opened()).toBe(before)
    const answer = await landing(() => page.click('button[value=html]'))
    expect(answer?.status()).toBe(200)
    expect(opened()).toBe(before + 1)
    expect(page.url()).toContain('/signed/')
    expect(await titleOf()).toContain('Nouvelle-Calédonie')
    // Sandboxed, and in its own fonts and colours all the same.
    const look = await page.$eval('h1', (element) => getComputedStyle(element).fontFamily)
    expect(look).toContain('Source Serif 4')
    expect(await page.evaluate(() => document.fonts.check('16px "Source Serif 4"'))).toBe(true)
    expect(await page.$eval('.tlp', (element) => getComputedStyle(element).backgroundColor)).toBe('rgb(0, 0, 0)')
    expect(complaints).toEqual([])
    expect(asked.every((one) => one.startsWith(url) || one.startsWith('data:'))).toBe(true)
    // The address of the link is not passed on.
    expect(await page.evaluate(() => document.referrer)).toBe('')
  })

  test('opens a report from AMBER on by the keyboard alone', async () => {
    const { read } = await linksOf('TLP:AMBER', 'en')
    await page.goto(`${url}/r/${read}`)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Send me the code')
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)
    expect(ring).toBe('solid')
    await landing(() => page.keyboard.press('Enter'))
    await expect.poll(focused).toBe('code')
    const right = web.code()
    await page.keyboard.type(right === '000000' ? '000001' : '000000')
    await landing(() => page.keyboard.press('Enter'))
    expect(await page.$eval('[role=alert]', (element) => element.textContent)).toContain('4 tries are left')
    await expect.poll(focused).toBe('code')
    await page.keyboard.type(right)
    const answer = await landing(() => page.keyboard.press('Enter'))
    expect(answer?.status()).toBe(200)
    expect(page.url()).toContain('/signed/')
    expect(await titleOf()).toContain('New Caledonia')
    expect(complaints.filter((one) => !one.includes('422'))).toEqual([])
  })
})

describe.each(languages)('the pages in %s', (language) => {
  test('have nothing against WCAG 2.2 AA, nor scroll sideways, on any screen', async () => {
    const { read: open } = await linksOf('TLP:GREEN', language)
    const { read: shut, leave } = await linksOf('TLP:AMBER', language)
    const visits: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['a link', () => page.goto(`${url}/r/${open}`)],
      ['a link with a code', () => page.goto(`${url}/r/${shut}`)],
      ['a code', () => landing(() => page.click('button[name=ask]'))],
      [
        'a wrong code',
        async () => {
          await page.type('#code', web.code() === '000000' ? '000001' : '000000')
          return landing(() => page.keyboard.press('Enter'))
        },
      ],
      ['leaving', () => page.goto(`${url}/unsubscribe/${leave}`)],
      ['nothing', () => page.goto(`${url}/r/nothing`)],
    ]
    for (const [name, visit] of visits) {
      await visit()
      // The layout was seen in French on every screen: English has shorter words in it.
      for (const screen of language === 'en' ? screens.slice(1, 3) : screens) {
        await reader.turn(screen)
        await withChecker(page)
        const found = await page.evaluate(
          `axe.run({ runOnly: ${JSON.stringify(tags)} }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
        )
        expect(found, `${name}, ${screen.width} ${screen.scheme}`).toEqual([])
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        expect(over, `${name}, ${screen.width}`).toBeLessThanOrEqual(0)
      }
    }
  })
})
