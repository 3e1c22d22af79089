/** Writes templates/mail/report.hbs from its MJML: run it after a change to that. */
import { writeFileSync } from 'node:fs'
import { compiledMail, mailTemplate } from './mail-template.ts'

writeFileSync(mailTemplate, await compiledMail())
