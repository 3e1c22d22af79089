import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Page } from '../../lambdas/domain/page/page.ts'
import { openTemplates, renderHtml } from '../../lambdas/render/html.ts'
import { fullPage } from '../support/pages.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-templates-'))
  mkdirSync(join(folder, 'partials'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

describe('custom templates', () => {
  test('replace the built-in ones of the same name', () => {
    expect(openTemplates(folder).render(fullPage(), '')).toBe(renderHtml(fullPage(), ''))
    write('partials/closing.hbs', '<p id="ours">{{territory}}</p>')
    const html = openTemplates(folder).render(fullPage(), '')
    expect(html).toContain('<p id="ours">')
    expect(html).toContain(fullPage().first?.title)
  })

  test.each(['partials/closings.hbs', 'raport.hbs', 'style.css'])('that replace none are refused: %s', (name) => {
    write(name, 'ours')
    expect(() => openTemplates(folder)).toThrow(`${join(folder, name)} replaces no template: those of a report are`)
  })

  test('with an unknown partial are refused', () => {
    write('partials/closing.hbs', '<p>{{> ours}}</p>')
    expect(() => openTemplates(folder).render(fullPage(), '')).toThrow(
      `${join(folder, 'partials/closing.hbs')}: The partial ours could not be found`,
    )
  })

  test('in a missing folder are refused', () => {
    expect(() => openTemplates(join(folder, 'nosuch'))).toThrow('nosuch is no folder: lay one out as templates/ is')
  })

  test('may have other files next to them', () => {
    write('README.md', 'ours')
    expect(openTemplates(folder).render(fullPage(), '')).toBe(renderHtml(fullPage(), ''))
  })

  test('print labels in the words of the page', () => {
    write('partials/closing.hbs', '<p id="ours">{{t "dossier.effect.none"}}</p>')
    const printed = (edition: Page['edition'], lang: Page['lang']) =>
      /id="ours">(.*?)</.exec(openTemplates(folder).render({ ...fullPage(), edition, lang }, ''))?.[1]
    expect(printed('whole', 'en')).toBe('not observed')
    expect(printed('partial', 'en')).toBe('not observed in this edition')
    expect(printed('public', 'en')).toBe('none reported here')
    expect(printed('whole', 'fr')).toBe('non observé')
  })

  test('have the labels that they print in their hash', () => {
    write('partials/closing.hbs', '{{t "dossier.effect.none"}}')
    const { texts } = openTemplates(folder)
    expect(texts.at(-1)).toContain('"dossier.effect.none":"not observed in this edition"')
    expect(texts.at(-1)).not.toContain('"since.added"')
  })

  test.each([
    ['a misspelt name', 'page.unfol', 'no message has the key page.unfol: did you mean page.unfold?'],
    ['an unknown name', 'toString', 'no message has the key toString'],
    ['a label with values', 'finding.none', 'The intl string context variable "isNothing" was not provided'],
  ])('with %s as a key are refused when they are opened', (_, key, message) => {
    write('partials/closing.hbs', `<p>\n{{t "${key}"}}</p>`)
    expect(() => openTemplates(folder)).toThrow(`${join(folder, 'partials/closing.hbs')}: line 2, column 0: `)
    expect(() => openTemplates(folder)).toThrow(message)
  })

  test.each([
    ['has an unknown field', '<p>\n{{teritory}}</p>', /line 2, column 2: "teritory" is not defined/],
    ['calls an unknown helper', '<p>{{upper territory}}</p>', /unknown helper upper - 1:3/],
    ['is incomplete', '{{#if territory}}', /Parse error on line 1/],
    ['prints unescaped text', 'one\ntwo {{{territory}}}', /line 2, column 4 prints unescaped text/],
  ])('are refused with file and line where one %s', (_, template, message) => {
    write('partials/closing.hbs', template)
    const render = () => openTemplates(folder).render(fullPage(), '')
    expect(render).toThrow(join(folder, 'partials/closing.hbs'))
    expect(render).toThrow(message)
  })
})
