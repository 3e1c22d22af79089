/** Makes one page of a preview: facts on standard input, language, home and own templates as arguments, HTML out. */
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { picturesFolder } from '../../lambdas/archive/pictures.local.ts'
import { readOrganisation } from '../../lambdas/config/organisation-file.ts'
import { reportOf } from '../../lambdas/domain/page/build-page.ts'
import type { Facts } from '../../lambdas/domain/report/facts.ts'
import { fontFaceCss } from '../../lambdas/render/fonts.ts'
import { openTemplates } from '../../lambdas/render/html.ts'
import { embeddedPictures } from '../../lambdas/usecases/plates/plates-of-report.ts'

const [language, home = '.', templates] = process.argv.slice(2)

try {
  const facts = JSON.parse(await text(process.stdin)) as Facts
  const report = reportOf({ ...facts, house: await readOrganisation(home) })
  const pictures = await embeddedPictures(report, { pictures: picturesFolder(join(home, 'plates')) })
  const page = report.pages[language === 'en' ? 'en' : 'fr']
  process.stdout.write(openTemplates(templates).render(page, fontFaceCss('screen'), undefined, pictures))
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
