/** Dates that stay whole in narrow cells. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { languages } from '../../lambdas/domain/core/language/languages.ts'
import { wordingOf } from '../../lambdas/domain/core/language/report-wording.ts'
import { fontFaceCss } from '../../lambdas/render/fonts.ts'
import { boundSigns, withBoundSigns, withWholeWords } from '../../lambdas/templating/narrow-cells.ts'
import { brokenOn, sheetOfPaper } from '../support/broken-words.ts'
import { openReader, type Reader } from '../support/browser.ts'

let reader: Reader
beforeAll(async () => {
  reader = await openReader()
})
afterAll(() => reader.close())

const at = (text: string) => Date.parse(text)

const datesOf = (language: (typeof languages)[number]): readonly string[] => {
  const words = wordingOf(language)
  const noon = at('2026-11-10T12:00:00Z')
  const later = at('2026-11-12T09:30:00Z')
  const instants = {
    from: new Date(noon).toISOString(),
    to: new Date(later).toISOString(),
    precision: 'instant',
  } as const
  return [
    words.moment(noon, 'Europe/Paris'),
    words.moment(noon, 'Europe/Paris', { year: false }),
    words.moment(noon, 'Europe/Paris').split(', ')[1] ?? '',
    words.days('2026-11-16', '2026-11-22', { year: false, short: true }),
    words.days('2026-11-12', '2026-11-14', { year: false }),
    words.days('2026-11-14', '2026-11-15'),
    words.days('2026-09-30', '2026-11-01'),
    words.days('2025-12-30', '2026-11-01'),
    words.month('2026-11'),
    words.observed(instants, 'Europe/Paris'),
    words.observed({ ...instants, to: new Date(noon + 3_600_000).toISOString() }, 'Europe/Paris'),
    words.observed({ from: '2026-09', to: '2026-11', precision: 'month' }, 'Europe/Paris'),
  ]
}

describe.each(languages)('dates in narrow cells (%s)', (language) => {
  it('keep their text', () => {
    for (const date of datesOf(language)) expect(withWholeWords(date).replace(/<[^>]+>/g, '')).toBe(date)
  })

  it('are runs of their own, with nothing beside them', () => {
    for (const date of datesOf(language))
      expect(withWholeWords(`on ${date}.`).replace(/<span class="date">[^<]*<\/span>/g, '')).toMatch(
        /^on (<span class="dates"> *<\/span>)?$/,
      )
  })

  it('break nowhere inside, and a range only where its column is narrower', async () => {
    const rows = datesOf(language)
      .flatMap((date) => [
        date,
        `72 h depuis le ${date}`,
        `6 jours, ${date}`,
        `Le décret (${date}) et «\u202f${date}\u202f», ${date}.`,
      ])
      .flatMap((text) => [`<td><span>${withWholeWords(text)}</span></td>`, `<td><p>${withWholeWords(text)}</p></td>`])
    const tables = [5, 6, 7, 8, 9, 10, 12, 14, 18, 24, 30].map((width) =>
      rows.map((cell) => `<table style="table-layout:auto;width:${width}rem"><tr>${cell}</tr></table>`).join(''),
    )
    const css = readFileSync('templates/report.css', 'utf8')
    const html = `<!doctype html><style>${css}${fontFaceCss('screen')}</style><body>${tables.join('')}`
    expect(await brokenOn(html, reader, [sheetOfPaper])).toEqual({})
  })
})

it.each([
  '<td>72 h depuis le 10\u00a0novembre\u00a02026, 08\u202fh\u202f00</td>',
  '<td style="font-size:4rem;line-height:1">08\u202fh\u202f00</td>',
])('is found where a date is broken: %s', async (cell) => {
  const css = readFileSync('templates/report.css', 'utf8')
  const html = `<!doctype html><style>${css}</style><body><table style="width:5rem;table-layout:fixed"><tr>${cell}</tr></table>`
  expect(await brokenOn(html, reader, [sheetOfPaper])).not.toEqual({})
})

describe('a sign with a space before it', () => {
  it('stays on the line of its word, as French has it', () => {
    expect(boundSigns('Qui paie ? Lui ! Ou bien ; voir « ici » : oui.')).toBe(
      'Qui paie\u202f? Lui\u202f! Ou bien\u202f; voir «\u202fici\u202f»\u00a0: oui.',
    )
    expect(boundSigns('Vraiment ?! (Non ?)')).toBe('Vraiment\u202f?! (Non\u202f?)')
  })

  it('is left where it is no sign of a sentence, and in what is copied', () => {
    for (const text of ['a ?b=c', 'x !important', 'at 12:30 :30', '  ? help']) expect(boundSigns(text), text).toBe(text)
    for (const html of ['<code>a ? b : c</code>', '<pre>{"a" : 1}</pre>', '<a title="Qui ?">x</a>'])
      expect(withBoundSigns(html), html).toBe(html)
  })

  it('does so on pages', () => {
    expect(withWholeWords('<h3>Qui paie ?</h3>')).toBe('<h3>Qui paie\u202f?</h3>')
  })
})

describe('the name of a place', () => {
  it('is not broken at its hyphens where it is short', () => {
    for (const name of ['Fort-de-France', 'Pointe-à-Pitre', 'Saint-Pierre', 'Saint-Denis', 'Saint-Martin'])
      expect(withWholeWords(`heure de ${name}, le`)).toBe(`heure de <span class="place">${name}</span>, le`)
    for (const name of ['Saint-Pierre-et-Miquelon', 'Sainte-Saint-Denis', 'Saint-Deniséen'])
      expect(withWholeWords(name)).toBe(name)
  })

  it('holds in a narrow cell', async () => {
    const css = readFileSync('templates/report.css', 'utf8')
    const cells = '<td>heure de Fort-de-France</td><td>2 412 messages, Saint-Denis et Pointe-à-Pitre</td>'
    const tables = [8, 9, 10, 12].map(
      (width) => `<table style="table-layout:auto;width:${width}rem"><tr>${withWholeWords(cells)}</tr></table>`,
    )
    const html = `<!doctype html><style>${css}${fontFaceCss('screen')}</style><body>${tables.join('')}`
    expect(await brokenOn(html, reader, [sheetOfPaper])).toEqual({})
    expect(await brokenOn(html.replace('.place {', '.none {'), reader, [sheetOfPaper])).not.toEqual({})
  })
})
