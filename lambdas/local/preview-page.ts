/** Makes one page of a preview: facts on standard input, language, home and own templates as arguments, HTML out. */
import { text } from 'node:stream/consumers'
import { pageOf } from '../domain/page.ts'
import type { Facts } from '../domain/report.ts'
import { readHouse } from '../house-file.ts'
import { fontFaceCss } from '../render/fonts.ts'
import { openTemplates } from '../render/html.ts'

const [language, home = '.', templates] = process.argv.slice(2)

try {
  const facts = JSON.parse(await text(process.stdin)) as Facts
  const page = pageOf({ ...facts, house: await readHouse(home) }, language === 'en' ? 'en' : 'fr')
  process.stdout.write(openTemplates(templates).render(page, fontFaceCss('screen')))
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
