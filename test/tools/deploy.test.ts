/** `npm run deploy`, from its first words to its last, with AWS and the CDK's command line played by this process. */
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
/** What was asked of AWS and of the CDK, in its order. */
let asked: string[]
let deployed: object

const bucket = (properties: object) => ({
  Resources: { Archive: { Type: 'AWS::S3::Bucket', DeletionPolicy: 'RetainExceptOnCreate', Properties: properties } },
})

const answers: Readonly<Record<string, () => [number, string]>> = {
  DescribeStacks: () =>
    stack
      ? [
          200,
          `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>vigie-dev</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${stack.status}</StackStatus><EnableTerminationProtection>${stack.isProtected ?? false}</EnableTerminationProtection><Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>https://api.test</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
        ]
      : [
          400,
          '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id vigie-dev does not exist</Message></Error></ErrorResponse>',
        ],
  GetTemplate: () => [
    200,
    `<GetTemplateResponse><GetTemplateResult><TemplateBody>${JSON.stringify(deployed).replaceAll('"', '&quot;')}</TemplateBody></GetTemplateResult></GetTemplateResponse>`,
  ],
  UpdateTerminationProtection: () => [
    200,
    '<UpdateTerminationProtectionResponse><UpdateTerminationProtectionResult/></UpdateTerminationProtectionResponse>',
  ],
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

/** A command line of the CDK that tells this process what it was told, and writes the template that it was given. */
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

const run = async (
  tool: 'deploy' | 'check-replacements',
  words: readonly string[],
  { next = deployed, deployCode = 0 }: { readonly next?: object; readonly deployCode?: number } = {},
) => {
  const bin = join(folder.folder, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'cdk'), fakeCdk(next, deployCode))
  await chmod(join(bin, 'cdk'), 0o755)
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../../tools/${tool}.ts`, import.meta.url)), ...words], {
    env: {
      ...process.env,
      PATH: [bin, process.env.PATH].join(delimiter),
      AWS_REGION: 'eu-west-3',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
      AWS_ENDPOINT_URL_LAMBDA: endpoint,
    },
  })
  const [code, stdout, stderr] = await Promise.all([
    new Promise<number | null>((done) => child.on('exit', done)),
    text(child.stdout),
    text(child.stderr),
  ])
  return { code, stdout, stderr }
}

describe('a first deployment', () => {
  test('is guarded only once it has succeeded, and says last what is on', async () => {
    const { code, stdout } = await run('deploy', ['--stage', 'dev', '--require-approval', 'never'])
    expect(asked).toEqual([
      'DescribeStacks',
      'cdk synth --quiet --output -c stage=dev -c vigie:first-deployment=true',
      'cdk deploy --app --require-approval never',
      'DescribeStacks',
      'cdk synth --quiet --output -c stage=dev',
      'cdk deploy --app --require-approval never',
    ])
    expect(stdout).toContain('guarded against deletion')
    expect(stdout).toMatch(/on .*https:\/\/api\.test/)
    expect(code).toBe(0)
  })

  test('that fails is told of as one that leaves nothing behind', async () => {
    const { code, stdout } = await run('deploy', ['--stage', 'dev'], { deployCode: 1 })
    expect([code, stdout]).toEqual([1, expect.stringContaining('nothing of it stays behind')])
    expect(asked.at(-1)).toContain('first-deployment')
  })

  test('that failed under termination protection gets rid of it, and is tried as a first one', async () => {
    stack = { status: 'ROLLBACK_COMPLETE', isProtected: true }
    expect((await run('deploy', ['--stage', 'dev'])).code).toBe(0)
    expect(asked.slice(0, 3)).toEqual([
      'DescribeStacks',
      'UpdateTerminationProtection',
      'cdk synth --quiet --output -c stage=dev -c vigie:first-deployment=true',
    ])
  })

  test.each(['ROLLBACK_FAILED', 'DELETE_FAILED'])('that is stuck as %s is told how it comes free', async (status) => {
    stack = { status, isProtected: true }
    const { code, stderr } = await run('deploy', ['--stage', 'dev'])
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/is \w+_FAILED: its events name .* delete the stack, and deploy again/),
    ])
    expect(asked).toEqual(['DescribeStacks'])
  })

  test('that does not fit into the account is refused before anything is built', async () => {
    concurrent = 5
    const { code, stdout } = await run('deploy', ['--stage', 'dev', '-c', 'concurrency={"generate":4}'])
    expect([code, stdout]).toEqual([1, expect.stringContaining('refused: up to 6 functions')])
    expect(asked).toEqual(['DescribeStacks'])
  })
})

describe('a stage that stands', () => {
  beforeEach(() => {
    stack = { status: 'UPDATE_ROLLBACK_COMPLETE', isProtected: true }
  })

  test('is deployed once, and keeps its protection', async () => {
    expect((await run('deploy', ['--stage', 'dev'])).code).toBe(0)
    expect(asked.filter((one) => /cdk|Protection/.test(one))).toEqual([
      'cdk synth --quiet --output -c stage=dev',
      'cdk deploy --app',
    ])
  })

  test.each(['deploy', 'check-replacements'] as const)(
    'is refused by %s where it would lose its archive',
    async (tool) => {
      const next = bucket({ ObjectLockEnabled: true })
      const { code, stdout } = await run(tool, ['--stage', 'dev'], { next })
      expect([code, stdout]).toEqual([
        1,
        expect.stringContaining('Archive (AWS::S3::Bucket): ObjectLockEnabled would change'),
      ])
      expect(asked.filter((one) => one.includes('cdk deploy'))).toEqual([])
      expect((await run(tool, ['--stage', 'dev', '--let-go', 'Archive'], { next })).code).toBe(0)
    },
  )
})

test.each([
  [['--stage'], '--stage: a value is missing'],
  [['--stage', 'dev', '-c', 'alarmMail'], 'say name=value'],
  [['--stage', 'nowhere'], 'no stage "nowhere"'],
  [['--stage', 'dev', '-c', 'budget=-1'], 'budget'],
  [
    ['--stage', 'dev', '-c', 'kmsKey=arn:aws:kms:eu-west-1:123456789012:key/a'],
    'kmsKey: is of eu-west-1, and the stage is deployed to eu-west-3',
  ],
])('%j are refused', async (words, why) => {
  const { code, stderr } = await run('deploy', words)
  expect([code, stderr]).toEqual([1, expect.stringContaining(why)])
  expect(asked).toEqual([])
})

test.each([
  ['in the region that credentials deploy to', { CDK_DEFAULT_ACCOUNT: '123456789012' }, ['budget', 'kmsKey']],
  ['but not where the region is a guess, without credentials', {}, ['budget']],
])('a bare cdk refuses a key of another region %s', async (_, known, refused) => {
  const settings = { budget: 5, kmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/a' }
  const { CDK_DEFAULT_ACCOUNT: _account, ...env } = process.env
  const app = spawn(process.execPath, [fileURLToPath(new URL('../../bin/app.ts', import.meta.url))], {
    env: {
      ...env,
      ...known,
      CDK_DEFAULT_REGION: 'us-east-1',
      CDK_CONTEXT_JSON: JSON.stringify({ stage: 'dev', stages: { dev: settings } }),
    },
  })
  const [code, said] = await Promise.all([new Promise((done) => app.on('exit', done)), text(app.stderr)])
  expect([code, [...said.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name)]).toEqual([1, refused])
})
