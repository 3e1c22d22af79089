/** Templates at their strictest: what is wrong with one is told with its file, at once or at its first use. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { strictTemplates, TemplateError } from '../../lambdas/templating/strict.ts'

const wrong = [
  ['prints raw text', 'a\n{{{name}}}', /page\.hbs: line 2, column 0 prints unescaped/],
  ['has an open tag', '{{#if name}}', /page\.hbs: Parse error/],
  ['calls what is unknown', '{{shout name}}', /page\.hbs: .*shout/],
] as const

describe.each(wrong)('a template that %s', (_, text, told) => {
  test('is refused when it is read', () => {
    expect(() => strictTemplates().compile('page.hbs', text)).toThrow(told)
  })
  test('is refused at its first use, where templates are read then', () => {
    const template = strictTemplates({}, { lazily: true }).compile('page.hbs', text)
    expect(() => template({ name: 'x' })).toThrow(TemplateError)
    expect(() => template({ name: 'x' })).toThrow(told)
  })
})

test.each([
  ['a\n{{foo}}', 'page.hbs: line 2, column 2: "foo" is not defined'],
  ['a\n{{foo.bar}}', 'page.hbs: line 2, column 2: "foo.bar" is not defined'],
  ['{{#with here}}{{../foo.bar}}{{/with}}', 'page.hbs: line 1, column 16: "../foo.bar" is not defined'],
  ['{{here.bar}}', 'page.hbs: line 1, column 2: "here.bar" is not defined'],
])('%j names the whole path that is not defined, and its line', (text, message) => {
  for (const lazily of [true, false]) {
    const template = strictTemplates({}, { lazily }).compile('page.hbs', text)
    expect(() => template({ here: {} })).toThrow(new TemplateError(message))
  }
})

test.each([true, false])('read lazily (%s), they print alike, partials too', (lazily) => {
  const templates = strictTemplates({ twice: (text: string) => text + text }, { lazily })
  templates.partial('name', templates.compile('name.hbs', '<b>{{name}}{{twice name}}</b>'))
  const page = templates.compile('page.hbs', '{{#each all}}{{> name}}{{/each}}')
  expect(page({ all: [{ name: '<' }, { name: 'b' }] })).toBe('<b>&lt;&lt;&lt;</b><b>bbb</b>')
  expect(() => page({ all: [{}] })).toThrow(TemplateError)
})

const templates = new URL('../../templates/', import.meta.url)
const partialsIn = (text: string) => [...text.matchAll(/\{\{#?> *([\w-]+)/g)].map(([, name = '']) => name)

test.each(globSync('**/*.hbs', { cwd: templates }))('%s names no partial that is not there', (file) => {
  const named = partialsIn(readFileSync(new URL(file, templates), 'utf8'))
  const folders = file.startsWith('mail/') ? [] : ['partials', 'pages', 'pages/room']
  const isThere = (name: string) =>
    folders.some((folder) => existsSync(new URL(`${folder}/${name.replace('room-', '')}.hbs`, templates)))
  expect(named.filter((name) => !isThere(name))).toEqual([])
})
