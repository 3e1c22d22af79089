/**
 * Writes templates/mail/report.hbs of its MJML, after a change to that: `npm run build:mail`, which installs MJML
 * beside this file.
 */
import { writeFileSync } from 'node:fs'
import mjml2html from 'mjml'
import { mailSource, mailTemplate, originLine } from './source.ts'

/**
 * A style must have a colour to be inlined: these stand for the organisation's accents and for the marking's own
 * colour.
 */
const standIns: Readonly<Record<string, string>> = {
  '#0c4a57': '{{@root.accent}}',
  '#7cc0cc': '{{@root.accentDark}}',
  '#33ff00': '{{@root.tlpColour}}',
}

const source = mailSource()
const { html, errors } = await mjml2html(source, {
  validationLevel: 'strict',
  // No font comes from elsewhere.
  fonts: {},
  keepComments: false,
})
if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'))
const coloured = Object.entries(standIns).reduce((text, [colour, name]) => text.replaceAll(colour, name), html)
const lines = coloured
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '')
writeFileSync(mailTemplate, `${originLine(source)}${lines.join('\n')}\n`)
