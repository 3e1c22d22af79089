/** The CDK's command line, in this repository. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TemplateOf } from '../lib/replacements.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What the CDK ends with. @throws Error where it cannot be started */
const runCdk = (words: readonly string[]): Promise<number> =>
  new Promise((done, fail) => {
    // Windows starts no script by its name alone.
    const [program, ...first] =
      process.platform === 'win32' ? [process.execPath, join(root, 'node_modules/aws-cdk/bin/cdk')] : ['cdk']
    const child = spawn(program, [...first, ...words], { cwd: root, stdio: 'inherit' })
    child.on('error', (cause) =>
      fail(new Error('the CDK cannot be started: run npm ci, then npm run deploy', { cause })),
    )
    child.on('exit', (code) => done(code ?? 1))
  })

type Assembly = { readonly folder: string; readonly template: TemplateOf }

/** Synthesises into a folder of its own. Undefined where the CDK has said what is wrong. */
export const synthesised = async (
  stackName: string,
  contextWords: readonly string[],
  folder: string,
): Promise<Assembly | undefined> => {
  const code = await runCdk(['synth', '--quiet', '--output', folder, ...contextWords])
  if (code !== 0) return undefined
  const template = JSON.parse(await readFile(`${folder}/${stackName}.template.json`, 'utf8')) as TemplateOf
  return { folder, template }
}

export const deployAssembly = ({ folder }: Assembly, words: readonly string[]): Promise<number> =>
  runCdk(['deploy', '--app', folder, ...words])

/** A folder for the while of some work. */
export const withFolder = async <Answer>(work: (folder: string) => Promise<Answer>): Promise<Answer> => {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-cdk-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
