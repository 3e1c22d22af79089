/**
 * Copies what a deployed mailer or room reads beside its code: mail and page templates, a report's note, the pages'
 * style and fonts, and the organisation's configuration. `node tools/bundle-mail.ts DIR [vigie.json]`; the stack calls
 * it.
 */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { partialsOfRoom } from '../lambdas/templating/folder.ts'
import { bundleOrganisation } from './bundle-organisation.ts'

const [target, organisation] = process.argv.slice(2)
if (target === undefined) throw new Error('name the folder of the bundle')
const partials = partialsOfRoom.map((name) => `partials/${name}.hbs`)
for (const folder of ['mail', 'pages', 'fonts', 'report.css', ...partials]) {
  cpSync(join(import.meta.dirname, '..', 'templates', folder), join(target, 'templates', folder), {
    recursive: true,
    filter: (file) => !/\.json$|fonts\/print/.test(file),
  })
}
if (organisation !== undefined) await bundleOrganisation(target, organisation)
