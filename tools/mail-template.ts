/** The mail's HTML template, made of its MJML: tables, inlined styles, and the colours that are known at sending only. */
import { readFileSync } from 'node:fs'
import mjml2html from 'mjml'

const folder = new URL('../templates/mail/', import.meta.url)

export const mailSource = new URL('report.mjml', folder)
export const mailTemplate = new URL('report.hbs', folder)

/** A style must have a colour to be inlined: these stand for the house's accents and for the marking's own colour. */
const standIns: Readonly<Record<string, string>> = {
  '#0c4a57': '{{accent}}',
  '#7cc0cc': '{{accentDark}}',
  '#33ff00': '{{tlpColour}}',
}

/** The page's partial is set in, so that the template needs no file beside it. */
const withSegments = (source: string): string => {
  const segments = readFileSync(new URL('../partials/segments.hbs', folder), 'utf8').trimEnd()
  return source.replace(/\{\{> segments ([\w.]+)\}\}/g, (_, of: string) =>
    segments.replace('#each this', `#each ${of}`),
  )
}

/** @throws where MJML has anything to say about the source. */
export const compiledMail = async (): Promise<string> => {
  const { html, errors } = await mjml2html(withSegments(readFileSync(mailSource, 'utf8')), {
    validationLevel: 'strict',
    // No font comes from elsewhere.
    fonts: {},
    keepComments: false,
  })
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'))
  const coloured = Object.entries(standIns).reduce((text, [colour, name]) => text.replaceAll(colour, name), html)
  const lines = coloured.split('\n').map((line) => line.trim())
  return `${lines.filter((line) => line !== '').join('\n')}\n`
}
