/**
 * Copies what a deployed renderer reads beside its code: templates, fonts, Chromium, and the organisation's
 * configuration. `node tools/bundle-renderer.ts DIR [vigie.json]`; the stack calls it.
 */
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { bundleOrganisation } from './bundle-organisation.ts'

const [target, organisation] = process.argv.slice(2)
if (target === undefined) throw new Error('name the folder of the bundle')

const templates = join(import.meta.dirname, '..', 'templates')
cpSync(templates, join(target, 'templates'), {
  recursive: true,
  // Messages and maps are in the code.
  filter: (file) => file === templates || /\.(hbs|css)$|partials$|fonts/.test(file),
})
bundleChromium(target)
if (organisation !== undefined) await bundleOrganisation(target, organisation)

/** The package as npm laid it: the code asks for its files by the package's name. */
function bundleChromium(folder: string): void {
  const main = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const root = main.slice(0, main.lastIndexOf(`${sep}build${sep}`))
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string }
  const into = join(folder, 'node_modules', name)
  mkdirSync(dirname(into), { recursive: true })
  cpSync(root, into, { recursive: true })
}
