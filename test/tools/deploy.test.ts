/** `npm run deploy` with stand-ins for AWS and the command line of the CDK in this process. */
import { spawn } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newFolder } from '../support/cli.ts'

type Stack = { readonly status: string; readonly isProtected?: boolean }

let server: Server
let endpoint: string
let folder: Awaited<ReturnType<typeof newFolder>>
let stack: Stack | undefined
let concurrent: number
/** Calls to AWS and the CDK, in order. */
let asked: string[]
let deployed: object

const bucket = (properties: object) => ({
  Resources: { Archive: { Type: 'AWS::S3::Bucket', DeletionPolicy: 'RetainExceptOnCreate', Properties: properties } },
})

const xml = (action: string, result: string): [number, string] => [
  200,
  `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`,
]
const answers: Readonly<Record<string, () => [number, string]>> = {
  DescribeStacks: () =>
    stack
      ? xml(
          'DescribeStacks',
          `<Stacks><member><StackName>vigie-dev</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${stack.status}</StackStatus><EnableTerminationProtection>${stack.isProtected ?? false}</EnableTerminationProtection><Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>https://api.test</OutputValue></member></Outputs></member></Stacks>`,
        )
      : [
          400,
          '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id vigie-dev does not exist</Message></Error></ErrorResponse>',
        ],
  GetTemplate: () =>
    xml('GetTemplate', `<TemplateBody>${JSON.stringify(deployed).replaceAll('"', '&quot;')}</TemplateBody>`),
  UpdateTerminationProtection: () => xml('UpdateTerminationProtection', ''),
}

beforeEach(async () => {
  ;[stack, concurrent, asked, deployed] = [undefined, 1_000, [], bucket({})]
  server = createServer(async (request, response) => {
    if (request.url === '/cdk') {
      const words = JSON.parse(await text(request)) as string[]
      asked.push(`cdk ${words.filter((word) => !word.startsWith('/')).join(' ')}`)
      if (words[0] === 'deploy' && stack?.status !== 'CREATE_COMPLETE') stack = { status: 'CREATE_COMPLETE' }
      response.end()
      return
    }
    if (request.url?.includes('account-settings')) {
      response.setHeader('content-type', 'application/json')
      const limit = { ConcurrentExecutions: concurrent, UnreservedConcurrentExecutions: concurrent }
      response.end(JSON.stringify({ AccountLimit: limit, AccountUsage: {} }))
      return
    }
    const action = new URLSearchParams(await text(request)).get('Action') ?? ''
    asked.push(action)
    const [status, body] = answers[action]?.() ?? [500, '']
    response.writeHead(status, { 'content-type': 'text/xml' })
    response.end(body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  folder = await newFolder()
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await folder.remove()
})

/** A command line of the CDK that reports its arguments to this process, and writes the given template. */
const fakeCdk = (template: object, deployCode: number) => `#!${process.execPath}
const { mkdirSync, writeFileSync } = require('node:fs')
const words = process.argv.slice(2)
const out = words[words.indexOf('--output') + 1]
if (words[0] === 'synth') {
  mkdirSync(out, { recursive: true })
  writeFileSync(out + '/vigie-dev.template.json', ${JSON.stringify(JSON.stringify(template))})
}
if (words[0] === 'deploy' && ${deployCode}) process.exit(${deployCode})
fetch('${endpoint}/cdk', { method: 'POST', body: JSON.stringify(words) })
`

const runScript = async (script: string, words: readonly string[], env: NodeJS.ProcessEnv) => {
  const file = fileURLToPath(new URL(`../../${script}.ts`, import.meta.url))
  const child = spawn(process.execPath, [file, ...words], { env })
  const exit = new Promise<number | null>((done) => child.on('exit', done))
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}
const run = async (
  tool: 'deploy' | 'check-replacements',
  words: readonly string[],
  { next = deployed, deployCode = 0 }: { readonly next?: object; readonly deployCode?: number } = {},
) => {
  const bin = join(folder.folder, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'cdk'), fakeCdk(next, deployCode))
  await chmod(join(bin, 'cdk'), 0o755)
  return runScript(`tools/${tool}`, words, {
    ...process.env,
    PATH: [bin, process.env.PATH].join(delimiter),
    AWS_REGION: 'eu-west-3',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
  })
}
const deploy = (...words: readonly string[]) => run('deploy', ['--stage', 'dev', ...words])

describe('a first deployment', () => {
  const first = 'cdk synth --quiet --output -c stage=dev -c vigie:first-deployment=true'

  test('is protected once it has succeeded, and lists what is on', async () => {
    const { code, stdout } = await deploy('--require-approval', 'never')
    const deployment = 'cdk deploy --app --require-approval never'
    const second = ['DescribeStacks', 'cdk synth --quiet --output -c stage=dev', deployment]
    expect(asked).toEqual(['DescribeStacks', first, deployment, ...second])
    expect(stdout).toContain('guarded against deletion')
    expect(stdout).toMatch(/on .*https:\/\/api\.test/)
    expect(code).toBe(0)
  })

  test('leaves nothing behind if it fails', async () => {
    const { code, stdout } = await run('deploy', ['--stage', 'dev'], { deployCode: 1 })
    expect([code, stdout]).toEqual([1, expect.stringContaining('nothing of it stays behind')])
    expect(asked.at(-1)).toContain('first-deployment')
  })

  test('removes the protection of a failed one, and starts again', async () => {
    stack = { status: 'ROLLBACK_COMPLETE', isProtected: true }
    expect((await deploy()).code).toBe(0)
    expect(asked.slice(0, 3)).toEqual(['DescribeStacks', 'UpdateTerminationProtection', first])
  })

  test.each(['ROLLBACK_FAILED', 'DELETE_FAILED'])('is refused with a way out after %s', async (status) => {
    stack = { status, isProtected: true }
    const { code, stderr } = await deploy()
    const message = /is \w+_FAILED: its events name .* delete the stack, and deploy again/
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)])
    expect(asked).toEqual(['DescribeStacks'])
  })

  test('is refused before the build above the concurrency limit of the account', async () => {
    concurrent = 5
    const { code, stdout } = await deploy('-c', 'concurrency={"generate":4}')
    expect([code, stdout]).toEqual([1, expect.stringContaining('refused: up to 6 functions')])
    expect(asked).toEqual(['DescribeStacks'])
  })
})

describe('a deployed stage', () => {
  beforeEach(() => {
    stack = { status: 'UPDATE_ROLLBACK_COMPLETE', isProtected: true }
  })

  test('is deployed once, and stays protected', async () => {
    expect((await deploy()).code).toBe(0)
    const calls = ['cdk synth --quiet --output -c stage=dev', 'cdk deploy --app']
    expect(asked.filter((one) => /cdk|Protection/.test(one))).toEqual(calls)
  })

  test.each(['deploy', 'check-replacements'] as const)(
    'is refused by %s if it would lose its archive',
    async (tool) => {
      const next = bucket({ ObjectLockEnabled: true })
      const { code, stdout } = await run(tool, ['--stage', 'dev'], { next })
      const message = 'Archive (AWS::S3::Bucket): ObjectLockEnabled would change'
      expect([code, stdout]).toEqual([1, expect.stringContaining(message)])
      expect(asked.filter((one) => one.includes('cdk deploy'))).toEqual([])
      expect((await run(tool, ['--stage', 'dev', '--let-go', 'Archive'], { next })).code).toBe(0)
    },
  )
})

test.each([
  [['--stage'], '--stage: a value is missing'],
  [['--stage', 'dev', '-c', 'alarmMail'], 'say name=value'],
  [['--stage', 'nowhere'], 'no stage "nowhere"'],
  [
    ['--stage', 'dev', '-c', 'kmsKey=arn:aws:kms:eu-west-1:123456789012:key/a'],
    'kmsKey: is of eu-west-1, and the stage is deployed to eu-west-3',
  ],
])('%j is wrong usage', async (words, message) => {
  const { code, stderr } = await run('deploy', words)
  expect([code, stderr, asked]).toEqual([1, expect.stringContaining(message), []])
})

test.each([
  ['the region of credentials', { CDK_DEFAULT_ACCOUNT: '123456789012' }, ['budget', 'kmsKey']],
  ['no credentials, so that the region is a guess', {}, ['budget']],
])('a direct call of cdk checks regions with %s', async (_, known, refused) => {
  const settings = { budget: 5, kmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/a' }
  const { CDK_DEFAULT_ACCOUNT: _account, ...env } = process.env
  const CDK_CONTEXT_JSON = JSON.stringify({ stage: 'dev', stages: { dev: settings } })
  const { code, stderr } = await runScript('bin/app', [], {
    ...env,
    ...known,
    CDK_DEFAULT_REGION: 'us-east-1',
    CDK_CONTEXT_JSON,
  })
  expect([code, [...stderr.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name)]).toEqual([1, refused])
})
