/** What the mail's HTML template is made of, and how it says so of itself. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const folder = new URL('../../templates/mail/', import.meta.url)

export const mailTemplate = new URL('report.hbs', folder)

/** The MJML with the page's partials set in, so that the template needs no file beside it. */
export const mailSource = (): string => {
  const partial = (name: string): string => readFileSync(new URL(`../partials/${name}.hbs`, folder), 'utf8').trimEnd()
  // A mail's columns hold a date, and its programs know no such spans.
  // In a segment the words stand where a language is known, and MJML's styles split an attribute under a condition.
  const words = partial('words').replace('{{#if lang}} lang="{{lang}}"{{/if}}', ' lang="{{lang}}"')
  const segments = partial('segments').replaceAll('datesIn ', '').replaceAll('{{> words this}}', words)
  return readFileSync(new URL('report.mjml', folder), 'utf8').replace(/\{\{> segments ([\w.]+)\}\}/g, (_, of: string) =>
    segments.replace('#each this', `#each ${of}`),
  )
}

/** The template's first line, by which a test sees whether it was made anew after a change to its source. */
export const originLine = (source: string): string =>
  `{{!-- Made of report.mjml by npm run build:mail: sha256 ${createHash('sha256').update(source).digest('hex')} --}}\n`
