/** What the mail's HTML template is made of, and how it says so of itself. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const folder = new URL('../../templates/mail/', import.meta.url)

export const mailTemplate = new URL('report.hbs', folder)

/** The MJML with the page's partial set in, so that the template needs no file beside it. */
export const mailSource = (): string => {
  // A mail's columns hold a date, and its programs know no such spans.
  const segments = readFileSync(new URL('../partials/segments.hbs', folder), 'utf8')
    .trimEnd()
    .replaceAll('datesIn ', '')
  return readFileSync(new URL('report.mjml', folder), 'utf8').replace(/\{\{> segments ([\w.]+)\}\}/g, (_, of: string) =>
    segments.replace('#each this', `#each ${of}`),
  )
}

/** The template's first line, by which a test sees whether it was made anew after a change to its source. */
export const originLine = (source: string): string =>
  `{{!-- Made of report.mjml by npm run build:mail: sha256 ${createHash('sha256').update(source).digest('hex')} --}}\n`
