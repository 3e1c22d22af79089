/**
 * How long functions' bundles take to be imported, as times a bundle of AWS's DynamoDB client alone, built the same
 * way.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bundleOf, type Synthesised } from './stack-here.ts'

type Importable = {
  readonly name: string
  readonly file: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Every function of a stack that has all parts: the most bytes of its code, which a test holds, and the most that its
 * import shall take, as times the client's, which a benchmark shows.
 */
export const bundleBudgets = {
  Generate: { bytes: 4_530_000, ratio: 5.5 },
  Ingest: { bytes: 1_126_000, ratio: 3.1 },
  PostsDetect: { bytes: 1_072_000, ratio: 3.1 },
  PlateExpiryWorker: { bytes: 800_000, ratio: 2 },
  PlatesWorker: { bytes: 1_600_000, ratio: 3.5 },
  Watchdog: { bytes: 600_000, ratio: 1.3 },
  MailDeliver: { bytes: 1_342_000, ratio: 3.5 },
  MailFeedback: { bytes: 600_000, ratio: 1.3 },
  ReadersWorker: { bytes: 1_354_000, ratio: 3.8 },
  ProgramsWorker: { bytes: 1_488_000, ratio: 3.5 },
  RoomWorker: { bytes: 2_275_000, ratio: 4.4 },
  RoomSignIn: { bytes: 969_000, ratio: 2.6 },
  RoomAuthorizer: { bytes: 330_000, ratio: 1.1 },
} as const

/** Milliseconds of processor time, which others on the machine lengthen less than they do the time by the clock. */
type ImportTime = { readonly name: string; readonly ms: number; readonly ratio: number }

const rounds = 3

/** The least of some rounds, in turn, each in a process of its own: noise only ever adds. */
export const importTimes = (bundles: readonly Importable[], reference: Importable): readonly ImportTime[] => {
  const all = [reference, ...bundles]
  const least = new Map<string, number>()
  for (let round = 0; round < rounds; round += 1) {
    for (const one of all)
      least.set(one.name, Math.min(least.get(one.name) ?? Number.POSITIVE_INFINITY, importTime(one)))
  }
  const of = ({ name }: Importable) => least.get(name) ?? Number.NaN
  return bundles.map((one) => ({ name: one.name, ms: of(one), ratio: of(one) / of(reference) }))
}

/** In milliseconds of processor time, in a process of its own. @throws where the function cannot be imported */
export const importTime = ({ name, file, env }: Importable): number => {
  const script = `const before = process.cpuUsage()
    await import(${JSON.stringify(file)})
    const { user, system } = process.cpuUsage(before)
    process.stdout.write(String((user + system) / 1000))
    process.exit()`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: { PATH: process.env.PATH, AWS_REGION: 'eu-west-3', ...env },
    encoding: 'utf8',
  })
  const ms = Number.parseFloat(stdout)
  if (Number.isNaN(ms)) throw new Error(`${name} cannot be imported: ${stderr}`)
  return ms
}

/** A function of the synthesised stack, with a value for each of its variables. */
export const functionOf = (assembly: Synthesised, name: string): Importable => {
  const [found] = Object.entries(assembly.template.Resources).filter(
    ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(name),
  )
  if (!found) throw new Error(`the stack has no function ${name}`)
  const variables = Object.entries<unknown>(found[1].Properties.Environment.Variables)
  const env = Object.fromEntries(
    variables.map(([key, value]) => [key, typeof value === 'string' ? value : `https://example.org/${key}`]),
  )
  return { name, file: join(bundleOf(assembly, name), 'index.mjs'), env }
}

/** AWS's client and nothing of ours: what every function that reads the table holds. */
export const referenceBundle = async (folder: string): Promise<Importable> => {
  const file = join(folder, 'reference.mjs')
  await build({
    stdin: {
      contents: `export * from '@aws-sdk/client-dynamodb'; export * from '@aws-sdk/lib-dynamodb'`,
      resolveDir: process.cwd(),
    },
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    mainFields: ['module', 'main'],
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
    logLevel: 'error',
  })
  return { name: 'reference', file, env: {} }
}
