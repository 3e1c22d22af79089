/** Renders one preview page from facts on standard input. */
import { text } from 'node:stream/consumers'
import { readOrganisation } from '../../lambdas/config/organisation-file.ts'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import { pageOf } from '../../lambdas/domain/page/build-page.ts'
import type { Facts } from '../../lambdas/domain/report/facts.ts'
import { fontFaceCss } from '../../lambdas/render/fonts.ts'
import { openTemplates } from '../../lambdas/render/html.ts'

const [language, home = '.', templates] = process.argv.slice(2)

try {
  const { facts, pictures } = JSON.parse(await text(process.stdin)) as {
    readonly facts: Facts
    /** Hashes and `data:` URLs. */
    readonly pictures: readonly (readonly [string, string])[]
  }
  const page = pageOf({ ...facts, house: await readOrganisation(home) }, language === 'en' ? 'en' : 'fr')
  process.stdout.write(openTemplates(templates).render(page, fontFaceCss('screen'), undefined, new Map(pictures)))
} catch (error) {
  process.stderr.write(messageOf(error))
  process.exitCode = 1
}
