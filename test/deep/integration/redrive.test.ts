/** Dead letters are listed, sent back and dropped by the command line; none is lost before its message was sent. */
import { SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AccountHere, denied, startAccount } from '../../support/account-here.ts'
import { jsonOf, vigie } from '../../support/cli.ts'
import { type Interceptor, withJson } from '../../support/proxy.ts'
import { sharedTemplate } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let account: AccountHere
const waits: number[] = []
const undo: (() => void)[] = []

beforeAll(async () => {
  const settings = { mail: { from: 'vigie@example.org' } }
  const assembly = await sharedTemplate(settings)
  stack = await startStack(assembly)
  account = await startAccount(stack, assembly.template)
  const [, { Properties }] = Object.entries(assembly.template.Resources).find(([id]) =>
    id.startsWith('ReportsDeadLettersQueue'),
  ) as [string, { readonly Properties: { readonly MessageRetentionPeriod: number } }]
  const Attributes = { MessageRetentionPeriod: String(Properties.MessageRetentionPeriod) }
  await stack.sqs.send(new SetQueueAttributesCommand({ QueueUrl: dead('Reports'), Attributes }))
  stack.services.intercept(answeredAtOnce)
})

/**
 * SQS needs a while to ask all its machines; the stand-in is one, and knows at once. How long it should have taken is
 * kept.
 */
const answeredAtOnce: Interceptor = async (asked, through) => {
  if (asked.headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') return through(asked)
  const receive = JSON.parse(asked.body.toString()) as { readonly WaitTimeSeconds?: number }
  if (receive.WaitTimeSeconds === 0) return through(asked)
  waits.push(receive.WaitTimeSeconds ?? 0)
  return through(withJson(asked, { ...receive, WaitTimeSeconds: 0 }))
}

beforeEach(async () => {
  const waiting = ['Reports', 'Deliveries', 'Drops', 'MailEvents'].map((name) => stack.queue(`${name}Queue`))
  const letters = ['Reports', 'Deliveries', 'Drops', 'MailEvents', 'Watchdog', 'Posts', 'Plates', 'PlateExpiry']
  for (const url of [...waiting, ...letters.map(dead)]) await stack.take(url)
})
afterEach(() => {
  for (const one of undo.splice(0).toReversed()) one()
})
afterAll(async () => {
  await account.close()
  await stack.close()
})

type Listed = {
  readonly queue: string
  readonly isAll: boolean
  readonly unknown: readonly string[]
  readonly letters: readonly {
    readonly id: string
    readonly cause: string
    readonly tries: number | null
    readonly by: string
    readonly at: string
    readonly keptUntil: string
    readonly did: string
    readonly why?: string
  }[]
}
const dead = (name: string) => stack.queue(`${name}DeadLettersQueue`)
/** As the functions give a message up. */
const giveUp = async (name: string, body: unknown, cause = 'Error: no'): Promise<string> => {
  const { MessageId = '' } = await stack.sqs.send(
    new SendMessageCommand({
      QueueUrl: dead(name),
      MessageBody: JSON.stringify(body),
      MessageAttributes: {
        cause: { DataType: 'String', StringValue: cause },
        tries: { DataType: 'Number', StringValue: '5' },
      },
    }),
  )
  return MessageId
}
const redrive = async (...words: readonly string[]) => {
  const ran = await vigie(['redrive', ...words, '--stage', 'test', '--json'], { env: account.env })
  return { code: ran.code, listed: ran.code === 2 ? [] : jsonOf<readonly Listed[]>(ran), stderr: ran.stderr }
}
const bodies = async (url: string) => (await stack.take(url)).map(({ Body = '' }) => JSON.parse(Body))
const report = (territory: string) => ({ kind: 'requested', territory, period: '2024-W20' })

describe('vigie redrive', () => {
  test('lists the letters of every queue with cause, tries and age, and leaves them where they are', async () => {
    await giveUp('Reports', report('NC'), 'HeldReportError: NC/2024-W20 is held')
    await giveUp('Drops', { Records: [] })
    waits.length = 0
    const { code, listed } = await redrive()
    expect(code).toBe(0)
    // Each queue is asked until its answer is empty, and no part of SQS’s machines is taken for the whole.
    expect(waits).toEqual(Array.from({ length: listed.length + 2 }, () => 1))
    expect(listed.map(({ queue, letters }) => `${queue} ${letters.length}`)).toEqual([
      'reports 1',
      'deliveries 0',
      'drops 1',
      'mail-events 0',
      'watchdog 0',
      'posts 0',
      'plates 0',
      'plate-expiry 0',
    ])
    const [letter] = listed[0]?.letters ?? []
    expect(letter).toMatchObject({
      by: 'function',
      cause: 'HeldReportError: NC/2024-W20 is held',
      tries: 5,
      did: 'listed',
    })
    const kept = Date.parse(letter?.keptUntil ?? '') - Date.parse(letter?.at ?? '')
    expect(kept).toBe(14 * 86_400_000)
    // The next look sees them at once.
    expect((await redrive('reports')).listed[0]?.letters).toHaveLength(1)
    const text = await vigie(['redrive', 'reports', '--stage', 'test'], { env: account.env })
    expect(text.stdout).toContain('HeldReportError: NC/2024-W20 is held')
    expect(text.stdout).toContain('0 minutes, 5 tries')
    expect(text.stdout).toContain('reports: 1 dead letter\n')
  })

  test.each([
    ['reports', 'Reports', report('NC')],
    [
      'deliveries',
      'Deliveries',
      { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' },
    ],
    ['drops', 'Drops', { Records: [{ s3: { object: { key: 'drop/a.csv' } } }] }],
    ['mail-events', 'MailEvents', { source: 'aws.ses', detail: {} }],
  ])('--send puts letters of %s back on their own queue, word for word', async (queue, name, body) => {
    await giveUp(name, body)
    await giveUp(name, body)
    const { code, listed } = await redrive(queue, '--send')
    expect(code).toBe(0)
    expect(listed[0]?.letters.map(({ did }) => did)).toEqual(['sent', 'sent'])
    expect(await bodies(stack.queue(`${name}Queue`))).toEqual([body, body])
    expect(await stack.waiting(dead(name))).toBe(0)
  })

  test('sends more than one answer of the queue holds, each once', async () => {
    const territories = Array.from({ length: 13 }, (_, at) => `T${at}`)
    for (const territory of territories) await giveUp('Reports', report(territory))
    const { listed } = await redrive('reports', '--send')
    expect(listed[0]).toMatchObject({ isAll: true })
    expect(listed[0]?.letters).toHaveLength(13)
    const sent = (await bodies(stack.queue('ReportsQueue'))).map(({ territory }) => territory)
    expect(sent.toSorted()).toEqual(territories.toSorted())
  })

  test('keeps a letter that could not be sent, reports why, and ends with 1', async () => {
    await giveUp('Reports', report('NC'))
    await giveUp('Reports', report('PF'))
    const url = stack.queue('ReportsQueue')
    undo.push(
      stack.services.intercept(async (asked, through) => {
        const isSend = asked.headers['x-amz-target'] === 'AmazonSQS.SendMessage'
        if (!isSend || !asked.body.includes(url) || !asked.body.includes('PF')) return through(asked)
        const error = { __type: 'com.amazonaws.sqs#AccessDeniedException', message: 'no right to send' }
        const headers = { 'content-type': 'application/x-amz-json-1.0' }
        return { status: 400, headers, body: JSON.stringify(error) }
      }),
    )
    const { code, listed } = await redrive('reports', '--send')
    expect(code).toBe(1)
    expect(listed[0]?.letters.map(({ did, why }) => `${did} ${why ?? ''}`.trim()).toSorted()).toEqual([
      'failed no right to send',
      'sent',
    ])
    expect(await bodies(url)).toEqual([report('NC')])
    expect(await bodies(dead('Reports'))).toEqual([report('PF')])
  })

  test('that dies between the send and the removal leaves the letter in both places, never in none', async () => {
    await giveUp('Reports', report('NC'))
    const url = stack.queue('ReportsQueue')
    undo.push(
      stack.services.intercept(async (asked, through) => {
        if (asked.headers['x-amz-target'] === 'AmazonSQS.DeleteMessage') throw new Error('the connection is cut')
        return through(asked)
      }),
    )
    expect((await redrive('reports', '--send')).code).toBe(1)
    expect(await stack.waiting(dead('Reports'))).toBe(1)
    expect(await stack.waiting(url)).toBeGreaterThan(0)
  })

  test('--only names letters by the beginnings of their ids; an id that fits none does nothing at all', async () => {
    const first = await giveUp('Reports', report('NC'))
    await giveUp('Reports', report('PF'))
    const wrong = await redrive('reports', '--send', '--only', first.slice(0, 8), 'ffff-nothing')
    expect(wrong).toMatchObject({ code: 1, listed: [{ unknown: ['ffff-nothing'], letters: [] }] })
    expect(await stack.waiting(stack.queue('ReportsQueue'))).toBe(0)
    const text = await vigie(['redrive', 'reports', '--only', 'zzzz', '--stage', 'test'], { env: account.env })
    expect(text).toMatchObject({ code: 1 })
    expect(text.stdout).toBe(
      "--only zzzz: no letter's id begins with it\nreports: nothing was done; there are 2 dead letters\n",
    )
    const right = await redrive('reports', '--send', '--only', first.slice(0, 8))
    expect(right.listed[0]?.letters.map(({ id, did }) => `${id} ${did}`)).toEqual([`${first} sent`])
    expect(await bodies(stack.queue('ReportsQueue'))).toEqual([report('NC')])
    expect(await bodies(dead('Reports'))).toEqual([report('PF')])
  })

  test('--drop removes the named letters, and sends nothing', async () => {
    const first = await giveUp('Drops', { a: 1 })
    await giveUp('Drops', { b: 2 })
    expect((await redrive('drops', '--drop', '--only', first)).listed[0]?.letters.map(({ did }) => did)).toEqual([
      'dropped',
    ])
    expect(await stack.waiting(dead('Drops'))).toBe(1)
    await redrive('drops', '--drop', '--all')
    expect(await stack.waiting(dead('Drops'))).toBe(0)
    expect(await stack.waiting(stack.queue('DropsQueue'))).toBe(0)
  })

  test('runs the watchdog once for all its letters, and keeps them where it fails again', async () => {
    const record = {
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      responsePayload: { errorMessage: 'Task timed out' },
    }
    for (let times = 0; times < 2; times += 1) await stack.send(dead('Watchdog'), record)
    undo.push(
      account.reply('lambda.Invoke', () => ({
        headers: { 'x-amz-function-error': 'Unhandled' },
        json: { errorMessage: 'still no table' },
      })),
    )
    const failed = await redrive('watchdog', '--send')
    expect(failed.code).toBe(1)
    expect(failed.listed[0]?.letters).toMatchObject([
      {
        by: 'lambda',
        tries: 3,
        cause: 'RetriesExhausted: Task timed out',
        did: 'failed',
        why: expect.stringContaining('still no table'),
      },
      { did: 'failed' },
    ])
    expect(await stack.waiting(dead('Watchdog'))).toBe(2)
    const before = account.calls.length
    undo.push(account.reply('lambda.Invoke', () => ({ json: { missing: [] } })))
    const done = await redrive('watchdog', '--send')
    expect(done).toMatchObject({ code: 0, listed: [{ letters: [{ did: 'sent' }, { did: 'sent' }] }] })
    expect(account.calls.slice(before).filter(({ action }) => action === 'Invoke')).toHaveLength(1)
    expect(await stack.waiting(dead('Watchdog'))).toBe(0)
  })

  test.each([
    ['posts', 'Posts', { scheduledAt: '2024-05-16T00:10:00Z' }],
    ['plate-expiry', 'PlateExpiry', { scheduledAt: '2024-05-16T02:40:00Z' }],
    ['plates', 'Plates', { detail: { object: { key: 'incoming/00000000-0000-4000-8000-000000000000' } } }],
  ])('calls the function of %s again, with the event that it failed for', async (queue, name, requestPayload) => {
    const requestContext = { condition: 'RetriesExhausted', approximateInvokeCount: 3 }
    await stack.send(dead(name), { requestContext, requestPayload })
    undo.push(account.reply('lambda.Invoke', () => ({ status: 202, json: {} })))
    expect(await redrive(queue, '--send')).toMatchObject({ code: 0, listed: [{ letters: [{ did: 'sent' }] }] })
    expect(JSON.parse(account.calls.findLast(({ action }) => action === 'Invoke')?.body ?? '')).toEqual(requestPayload)
    expect(await stack.waiting(dead(name))).toBe(0)
  })

  test('names the right that it lacks', async () => {
    undo.push(account.reply('cloudformation.ListStackResources', () => denied('cloudformation:ListStackResources')))
    const ran = await vigie(['redrive', '--stage', 'test'], { env: account.env })
    expect(ran).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('It takes cloudformation:ListStackResources'),
    })
  })

  test.each([
    ['without a stage', ['redrive'], 'name a stage'],
    ['both ways', ['redrive', 'drops', '--send', '--drop', '--all', '--stage', 'test'], 'choose one of the two'],
    ['of nothing named', ['redrive', 'drops', '--drop', '--stage', 'test'], 'name letters with --only, or give --all'],
    ['of every queue', ['redrive', '--send', '--stage', 'test'], 'name one of'],
    ['by a sign or two', ['redrive', 'drops', '--send', '--only', 'a', '--stage', 'test'], 'at least four signs'],
  ])('%s is wrong usage', async (_, words, said) => {
    const ran = await vigie(words, { env: account.env })
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining(said) })
  })
})
