/** Lines added and removed since a commit, by kind of file: `npm run size -- COMMIT`. */
import { execFileSync } from 'node:child_process'

const [commit] = process.argv.slice(2)
if (commit === undefined) throw new Error('name the commit to compare with: npm run size -- COMMIT')

const kinds: readonly (readonly [name: string, files: RegExp])[] = [
  ['source: TypeScript of lambdas, bin, lib', /^(lambdas|bin|lib)\/.*\.ts$/],
  ['source: templates, styles, messages', /^templates\/.*\.(hbs|css|json)$/],
  ['test: TypeScript', /^test\/.*\.ts$/],
  ['goldens and generated JSON', /^(test\/(golden|lib)\/|docs\/reference\/).*\.(html|txt|json|eml)$/],
  ['docs', /^([A-Z]+|docs\/.*)\.md$/],
  ['tools and bench', /^(tools|bench)\/.*\.ts$/],
]

const rows = execFileSync('git', ['diff', '--numstat', '--no-renames', commit], { encoding: 'utf8', maxBuffer: 1e9 })
  .split('\n')
  .map((row) => row.split('\t'))

for (const [name, files] of kinds) {
  const own = rows.filter(([, , file = '']) => files.test(file))
  const sum = (column: 0 | 1): number => own.reduce((total, row) => total + (Number(row[column]) || 0), 0)
  const [added, removed] = [sum(0), sum(1)]
  process.stdout.write(`${name.padEnd(42)} +${added} -${removed} = ${added - removed}\n`)
}
