/** Mail end to end, without AWS: from a due report to mails in an inbox, by the bundles that would be deployed. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { story } from '../../../bin/cli/story.ts'
import type { Delivery } from '../../../lambdas/domain/delivery/delivery.ts'
import { digestDay } from '../../../lambdas/domain/delivery/digest.ts'
import type { Recipient } from '../../../lambdas/domain/delivery/recipient.ts'
import type { InboxMail } from '../../support/aws.ts'
import { newFolder, vigieJson } from '../../support/cli.ts'
import type { Answered, Interceptor } from '../../support/proxy.ts'
import { recipient } from '../../support/recipients.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
const undo: (() => void)[] = []

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  await stack.drop('drop/story.ndjson', readFileSync(story.file))
  await stack.work('DropsQueue', 'Ingest')
})
afterEach(async () => {
  for (const one of undo.splice(0)) one()
  const { recipients } = stack.stores
  for await (const one of recipients.all()) await recipients.replace({ ...one, state: 'unsubscribed' })
})
afterAll(() => stack.close())

const having = async (...all: readonly Recipient[]) => {
  for (const one of all) await stack.stores.recipients.replace(one)
}
const queue = (name: string) => stack.queue(`${name}Queue`)
const deliver = () => stack.work('DeliveriesQueue', 'MailDeliver')
const mailsTo = async (address: string): Promise<readonly InboxMail[]> =>
  (await stack.mail.inbox()).filter(({ destination }) => destination.to.some((to) => to.includes(address)))

/** Makes a report, and has its delivery queued. */
const due = async (territory: string, period: string) => {
  const message = { kind: 'requested', territory, period, cap: 'TLP:AMBER', deliver: 'everybody' }
  await stack.send(queue('Reports'), message)
  await stack.work('ReportsQueue', 'Generate')
}
const ledger = (territory: 'NC' | 'MQ' | 'BL', period: string) => stack.stores.deliveries.about(territory, period)
const statesOf = async (...of: Parameters<typeof ledger>) => (await ledger(...of)).map(({ state }) => state)

const onSend = (interceptor: Interceptor) =>
  undo.push(
    stack.mail.service.intercept((asked, through) =>
      asked.url.startsWith('/v2/email/outbound-emails') ? interceptor(asked, through) : through(asked),
    ),
  )
const refusal = (status: number, type: string): Answered => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
  body: JSON.stringify({ message: type }),
})
/** Has SES report what happened to a mail. */
const report = async (eventType: string, messageId: string | undefined, tag: string, more: object = {}) => {
  const mail = { messageId: messageId ?? 'm-1', tags: { delivery: [tag] } }
  await stack.send(queue('MailEvents'), { source: 'aws.ses', detail: { eventType, mail, ...more } })
  await stack.work('MailEventsQueue', 'MailFeedback')
}

describe('a due report', () => {
  test('reaches each reader in the edition of their clearance, once, however often the schedule fires', async () => {
    await having(
      recipient('amber@example.org'),
      recipient('green@example.org', { clearance: 'TLP:GREEN', form: 'attachment', language: 'en' }),
      recipient('other@example.org', { territories: ['MQ'] }),
    )
    const schedule = stack.schedules().find(({ input }) => input('').includes('"territory":"NC","cadence":"week"'))
    for (let times = 0; times < 2; times += 1) {
      await stack.send(queue('Reports'), schedule?.input('2024-05-19T19:30:00Z'))
      await stack.work('ReportsQueue', 'Generate')
      await deliver()
    }
    expect(await stack.mail.inbox()).toHaveLength(2)
    const [amber] = await mailsTo('amber@example.org')
    const [green] = await mailsTo('green@example.org')
    expect(amber?.subject).toMatch(/^\[TLP:/)
    expect(amber?.body.text).toMatch(/https:\/\/reports\.example\.org\/r\/[0-9a-f]{64}/)
    // Each is marked by what it shows.
    expect(green?.subject).toBe('[TLP:CLEAR] New Caledonia, week 20 of 2024 – Level 1 of 4 at least: Activity')
    const states = (await ledger('NC', '2024-W20')).map(({ cap, state }) => `${cap} ${state}`)
    expect(states.toSorted()).toEqual(['TLP:AMBER SENT', 'TLP:GREEN SENT'])
  })

  test('for more than a hundred readers is mailed by a message for each hundred', async () => {
    const many = Array.from({ length: 101 }, (_, at) => recipient(`many${at}@example.org`, { territories: ['BL'] }))
    await having(...many)
    await due('BL', '2024-W20')
    await deliver()
    expect(await statesOf('BL', '2024-W20')).toEqual(many.map(() => 'SENT'))
    const log = (await stack.instance('MailDeliver')).log()
    expect(log.match(/"readers":\d+/g)?.slice(-2)).toEqual(['"readers":100', '"readers":1'])
  })

  test('waits where the service asks to be slower, and fails for an address that it refuses; others are mailed once', async () => {
    await having(...['slow', 'refused', 'quick'].map((name) => recipient(`${name}@example.org`)))
    let slowed = 0
    onSend(async (asked, through) => {
      if (asked.body.includes('refused@example.org')) return refusal(400, 'MessageRejected')
      if (!asked.body.includes('slow@example.org') || slowed > 0) return through(asked)
      slowed += 1
      return refusal(429, 'TooManyRequestsException')
    })
    undo.push(stack.retryAtOnce())
    await due('NC', '2024-W21')
    expect(await stack.pump(queue('Deliveries'), [await stack.instance('MailDeliver')])).toHaveLength(2)
    expect(await mailsTo('slow@example.org')).toHaveLength(1)
    expect(await mailsTo('quick@example.org')).toHaveLength(1)
    expect((await statesOf('NC', '2024-W21')).toSorted()).toEqual(['FAILED', 'SENT', 'SENT'])
  })
})

test('a digest leaves by its schedule, once; refused it leaves at the next try, and a bounce settles all of it', async () => {
  await having(recipient('one-mail@example.org', { territories: ['NC', 'MQ'], digest: true }))
  const schedule = stack.schedules().find(({ id }) => id.includes('Digests'))
  for (const territory of ['NC', 'MQ']) await due(territory, '2024-W10')
  await deliver()
  expect(await mailsTo('one-mail@example.org')).toEqual([])
  expect((await ledger('NC', '2024-W10')).map(({ state, by }) => `${state} ${by}`)).toEqual(['PENDING digest'])
  let tries = 0
  onSend(async (asked, through) => {
    tries += 1
    return tries > 1 ? through(asked) : refusal(429, 'TooManyRequestsException')
  })
  for (let times = 0; times < 3; times += 1) {
    await stack.send(queue('Deliveries'), schedule?.input('2024-06-11T05:30:00Z'))
    await deliver()
  }
  const mails = await mailsTo('one-mail@example.org')
  expect(mails.map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^\[TLP:\w+\] Semaine 10 de 2024.: 2 rapports$/),
  ])
  const [sent] = (await ledger('MQ', '2024-W10')) as [Delivery]
  const tag = `digest_${sent.recipient}_${digestDay(new Date(sent.at))}`
  await report('Bounce', sent.messageId, tag, { bounce: { bounceType: 'Permanent' } })
  for (const territory of ['NC', 'MQ'] as const) expect(await statesOf(territory, '2024-W10')).toEqual(['FAILED'])
})

describe('a mail', () => {
  test('whose answer was lost is unknown and never sent again, until the service reports that it went out', async () => {
    await having(recipient('lost@example.org'))
    onSend(async (asked, through) => {
      await through(asked)
      throw new Error('the answer is lost')
    })
    for (let times = 0; times < 2; times += 1) {
      await due('NC', '2024-W23')
      await deliver()
    }
    expect(await mailsTo('lost@example.org')).toHaveLength(1)
    const [unknown] = (await ledger('NC', '2024-W23')) as [Delivery]
    expect(unknown).toMatchObject({ state: 'UNKNOWN', attempts: 1 })
    await report('Delivery', unknown.messageId, `NC.2024-W23.amber.${unknown.version}.${unknown.recipient}`)
    expect(await statesOf('NC', '2024-W23')).toEqual(['SENT'])
  })

  test('whose sender dies after the service took it is never sent again', async () => {
    await having(recipient('crash@example.org'))
    const sender = await stack.instance('MailDeliver')
    onSend(async (asked, through) => {
      await through(asked)
      sender.kill()
      throw new Error('the function is gone')
    })
    await due('NC', '2024-W24')
    const [message] = await stack.peek(queue('Deliveries'))
    expect(await sender.invoke(message)).toHaveProperty('error')
    expect(await statesOf('NC', '2024-W24')).toEqual(['SENDING'])
    // Its lease expires.
    const items = await Array.fromAsync(stack.stored.query('DELIVERY#NC#2024-W24'))
    const [sending] = items.filter(({ state }) => state === 'SENDING')
    if (sending) await stack.stored.put({ ...sending, leaseUntil: '2024-01-01T00:00:00.000Z' })
    await due('NC', '2024-W24')
    await deliver()
    expect(await statesOf('NC', '2024-W24')).toEqual(['UNKNOWN'])
    expect(await mailsTo('crash@example.org')).toHaveLength(1)
  })
})

test('a recipient added to a stage with --ask is asked by its mail service, by a link to its address', async () => {
  const { folder, remove } = await newFolder()
  undo.push(() => void remove())
  const args = ['recipients', 'add', 'new@example.org', '--territory', 'NC', '--ask', '--stage', 'test']
  const added = await vigieJson<{ state: string }>(args, { env: { ...stack.env, VIGIE_HOME: folder } })
  expect(added).toMatchObject({ state: 'pending' })
  const [mail, ...others] = await mailsTo('new@example.org')
  expect(others).toEqual([])
  expect(mail?.body.text).toContain(`${stack.outputs.Site}/confirm/`)
})
