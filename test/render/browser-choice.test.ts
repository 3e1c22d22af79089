/** Which browser prints on which machine, and what it is told. */
import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { chooseBrowser, environmentOf, type Machine, usualPlaces } from '../../lambdas/render/browser-choice.ts'
import { openPrinter, type Printer } from '../../lambdas/render/chromium.ts'
import { fontFaceCss } from '../../lambdas/render/fonts.ts'
import { pdfFonts, pdfText } from '../support/pdf-text.ts'

const arm: Machine = { platform: 'linux', arch: 'arm64', env: {} }
const mac: Machine = { platform: 'darwin', arch: 'arm64', env: { HOME: '/Users/a' } }
const windows: Machine = {
  platform: 'win32',
  arch: 'x64',
  env: {
    PROGRAMFILES: 'C:\\Program Files',
    'PROGRAMFILES(X86)': 'C:\\Program Files (x86)',
    LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local',
  },
}

describe('the browser', () => {
  const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'
  const ownChrome = 'C:\\Users\\a\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe'
  const macChrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
  const macEdge = '/Users/a/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge'

  test.each<[string, Machine, readonly string[], string]>([
    ['Debian on ARM', arm, ['/usr/bin/chromium'], '/usr/bin/chromium'],
    ['Chrome and Chromium on ARM', arm, ['/usr/bin/chromium', '/usr/bin/google-chrome'], '/usr/bin/google-chrome'],
    ['macOS', mac, [macChrome, macEdge], macChrome],
    ['macOS, Edge of one user', mac, [macEdge], macEdge],
    ['Windows as it comes', windows, [edge], edge],
    ['Windows, Chrome of one user', windows, [edge, ownChrome], ownChrome],
  ])('%s: an installed one', (_, machine, there, path) => {
    expect(chooseBrowser(machine, undefined, (one) => there.includes(one))).toEqual({ kind: 'installed', path })
  })

  test('on Linux x64 is the bundled one, whatever is installed', () => {
    expect(chooseBrowser({ ...arm, arch: 'x64' }, undefined, () => true)).toEqual({ kind: 'bundled' })
  })

  test('that is named comes first, everywhere, and is not looked for', () => {
    for (const machine of [{ ...arm, arch: 'x64' }, arm, mac, windows]) {
      expect(chooseBrowser(machine, '/opt/chrome', () => false)).toEqual({ kind: 'named', path: '/opt/chrome' })
    }
    // CHROME_PATH= says nothing.
    expect(chooseBrowser({ ...arm, arch: 'x64' }, '', () => false)).toEqual({ kind: 'bundled' })
  })

  test('that is not there leaves the places where it was looked for', () => {
    expect(chooseBrowser(mac, undefined, () => false)).toEqual({ kind: 'none', places: usualPlaces(mac) })
    expect(usualPlaces(mac)).toContain(macChrome)
  })

  test('is looked for at absolute places alone, each once, whatever the environment lacks', () => {
    const some = fc.option(fc.constantFrom('C:\\A', 'D:\\B', ''), { nil: undefined })
    const env = fc.record({ PROGRAMFILES: some, 'PROGRAMFILES(X86)': some, LOCALAPPDATA: some })
    fc.assert(
      fc.property(env, (variables) => {
        const places = usualPlaces({ platform: 'win32', env: variables })
        expect(places.every((place) => /^[CD]:\\[AB]\\/.test(place))).toBe(true)
      }),
    )
    for (const platform of ['linux', 'darwin'] as const) {
      const places = usualPlaces({ platform, env: {} })
      expect(places.every((place) => place.startsWith('/'))).toBe(true)
      expect(new Set(places).size).toBe(places.length)
    }
  })
})

describe('what a browser is told', () => {
  const secret = { AWS_SECRET_ACCESS_KEY: 'secret', PATH: '/home/a/bin', SystemRoot: 'D:\\Windows' }

  test('is nothing of the host’s', () => {
    for (const { platform } of [arm, mac, windows]) {
      const told = JSON.stringify(environmentOf({ platform, env: secret }, 'profile'))
      expect(told).not.toMatch(/secret|home/)
    }
  })

  test('on Windows is where the system is, without which no program starts', () => {
    const told = environmentOf({ platform: 'win32', env: secret }, 'C:\\profile')
    expect(told).toMatchObject({ SystemRoot: 'D:\\Windows', PATH: 'D:\\Windows\\System32', TEMP: 'C:\\profile' })
  })
})

/** What a Linux machine without the bundled browser would take. */
const installed = chooseBrowser({ ...arm, env: process.env }, undefined, existsSync)

describe.skipIf(process.platform !== 'linux' || installed.kind !== 'installed')('an installed browser', () => {
  const opened: Printer[] = []
  afterAll(() => Promise.all(opened.map((one) => one.close())))

  test('prints what the bundled one prints, in our fonts', async () => {
    const printer = await openPrinter({ chromePath: installed.kind === 'installed' ? installed.path : '' })
    opened.push(printer)
    const html = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title><style>${fontFaceCss('print')} body{font-family:var(--sans)}</style></head><body><h1>Nouvelle-Calédonie\u202f: 5\u202f187</h1></body></html>`
    const pdf = await printer.print(html, { lang: 'fr', title: 'Essai' })
    expect((await pdfText(pdf)).join(' ')).toContain('Nouvelle-Calédonie')
    expect((await pdfFonts(pdf)).join(' ')).toContain('Source')
  })
})
