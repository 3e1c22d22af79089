/** The choice of a browser, and its environment. */
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
  ])('on %s is an installed one', (_, machine, there, path) => {
    expect(chooseBrowser(machine, undefined, (one) => there.includes(one))).toEqual({ kind: 'installed', path })
  })

  test('on Linux x64 is the bundled one', () => {
    expect(chooseBrowser({ ...arm, arch: 'x64' }, undefined, () => true)).toEqual({ kind: 'bundled' })
  })

  test('that is named comes first on every machine', () => {
    for (const machine of [{ ...arm, arch: 'x64' }, arm, mac, windows]) {
      expect(chooseBrowser(machine, '/opt/chrome', () => false)).toEqual({ kind: 'named', path: '/opt/chrome' })
    }
    expect(chooseBrowser({ ...arm, arch: 'x64' }, '', () => false)).toEqual({ kind: 'bundled' })
  })

  test('that is missing leaves the searched places', () => {
    expect(chooseBrowser(mac, undefined, () => false)).toEqual({ kind: 'none', places: usualPlaces(mac) })
    expect(usualPlaces(mac)).toContain(macChrome)
  })

  test('is searched at absolute places, each once, in any environment', () => {
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

describe('the environment of a browser', () => {
  const secret = { AWS_SECRET_ACCESS_KEY: 'secret', PATH: '/home/a/bin', SystemRoot: 'D:\\Windows' }

  test('contains nothing of the host', () => {
    for (const { platform } of [arm, mac, windows]) {
      const given = JSON.stringify(environmentOf({ platform, env: secret }, 'profile'))
      expect(given).not.toMatch(/secret|home/)
    }
  })

  test('on Windows contains the folders that a program needs', () => {
    const given = environmentOf({ platform: 'win32', env: secret }, 'C:\\profile')
    expect(given).toMatchObject({ SystemRoot: 'D:\\Windows', PATH: 'D:\\Windows\\System32', TEMP: 'C:\\profile' })
  })
})

const installed = chooseBrowser({ ...arm, env: process.env }, undefined, existsSync)

describe.skipIf(process.platform !== 'linux' || installed.kind !== 'installed')('an installed browser', () => {
  const opened: Printer[] = []
  afterAll(() => Promise.all(opened.map((one) => one.close())))

  test('prints in the built-in fonts', async () => {
    const printer = await openPrinter({ chromePath: installed.kind === 'installed' ? installed.path : '' })
    opened.push(printer)
    const html = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title><style>${fontFaceCss('print')} body{font-family:var(--sans)}</style></head><body><h1>Nouvelle-Calédonie\u202f: 5\u202f187</h1></body></html>`
    const pdf = await printer.print(html, { lang: 'fr', title: 'Essai' })
    expect((await pdfText(pdf)).join(' ')).toContain('Nouvelle-Calédonie')
    expect((await pdfFonts(pdf)).join(' ')).toContain('Source')
  })
})
