/** Mail by a real SMTP server on loopback: what it accepts is sent, what it refuses is not, and the rest is unknown. */
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, test } from 'vitest'
import { mailingHere } from '../../bin/cli/deliver.ts'
import { smtpMailer } from '../../lambdas/mail/mailer.smtp.ts'
import { AddressRefusedError, MailRefusedError } from '../../lambdas/mail/mailer.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, openedOn, reportFrom } from '../support/services.ts'

type Received = { readonly from: string; readonly to: readonly string[]; readonly raw: string; readonly user: string }

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const answer = (responseCode: number, message = 'no') => Object.assign(new Error(message), { responseCode })

const served = async (options: SMTPServerOptions = {}) => {
  const received: Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onData: (stream, session, done) => {
      const pieces: Buffer[] = []
      stream.on('data', (piece: Buffer) => pieces.push(piece))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(pieces).toString(),
          user: String(session.user ?? ''),
        })
        done()
      })
    },
    ...options,
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  server.on('error', () => {})
  open.push(() => new Promise((done) => server.close(() => done())))
  return { received, port: (server.server.address() as AddressInfo).port }
}

/** A server that answers as its script says: the first words of each command, and what is done. */
const scripted = async (act: (line: string, socket: Socket) => void, greeting = '220 here\r\n') => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.write(greeting)
    socket.on('data', (data) => act(data.toString(), socket))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  open.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((done) => server.close(() => done()))
  })
  return (server.address() as AddressInfo).port
}

const mail = {
  to: 'ana@example.org',
  subject: 'A report',
  raw: Buffer.from('Subject: A report\r\n\r\nIt is here.\r\n'),
}

const send = (port: number, more: Partial<Parameters<typeof smtpMailer>[0]> = {}, to = mail.to) =>
  smtpMailer({
    url: new URL(`smtp://127.0.0.1:${port}`),
    password: undefined,
    from: 'vigie@example.org',
    ...more,
  }).send({ ...mail, to }, 'NC.2024-W20.amber.1.0123abcd')

const outcomeOf = (sending: Promise<unknown>): Promise<string> =>
  sending.then(
    () => 'sent',
    (error: unknown) =>
      error instanceof AddressRefusedError
        ? 'refused for good'
        : error instanceof MailRefusedError
          ? 'not sent'
          : 'unknown',
  )

const base64 = (text: string) => Buffer.from(text).toString('base64')
const inAllForms = (password: string) => `bad ${password} ${base64(password)} ${base64(`\0unit\0${password}`)}`

test('sends the message as it is, signed in where the address has a user', async () => {
  const { received, port } = await served({
    onAuth: ({ username, password }, _, done) =>
      password === 'secret word' ? done(null, { user: username ?? '' }) : done(answer(535)),
  })
  const url = new URL(`smtp://unit%40example.org@127.0.0.1:${port}`)
  expect(await send(port, { url, password: 'secret word' })).toEqual({ messageId: 'NC.2024-W20.amber.1.0123abcd' })
  expect(received).toEqual([
    { from: 'vigie@example.org', to: ['ana@example.org'], raw: mail.raw.toString(), user: 'unit@example.org' },
  ])
  expect(await outcomeOf(send(port, { url, password: 'wrong' }))).toBe('not sent')
  const repeating = await served({ onAuth: ({ password }, _, done) => done(answer(535, inAllForms(`${password}`))) })
  const said = new URL(`smtp://unit@127.0.0.1:${repeating.port}`)
  await expect(send(repeating.port, { url: said, password: 'wr0ngpw' })).rejects.toThrow('bad … … …')
  expect(received).toHaveLength(1)
})

test('sends to an address outside ASCII', async () => {
  const { received, port } = await served()
  expect(await outcomeOf(send(port, {}, 'zoé@exemple.example'))).toBe('sent')
  expect(received[0]?.to).toEqual(['zoé@exemple.example'])
})

describe('is refused', () => {
  test.each<[string, SMTPServerOptions, string]>([
    ['by an unknown recipient', { onRcptTo: (_, __, done) => done(answer(550)) }, 'refused for good'],
    ['by greylisting', { onRcptTo: (_, __, done) => done(answer(450)) }, 'not sent'],
    ['by its sender', { onMailFrom: (_, __, done) => done(answer(553)) }, 'not sent'],
    [
      'for its content',
      { onData: (stream, _, done) => stream.resume().on('end', () => done(answer(554))) },
      'refused for good',
    ],
    ['for now', { onData: (stream, _, done) => stream.resume().on('end', () => done(answer(451))) }, 'not sent'],
    ['by a full server', { onConnect: (_, done) => done(answer(421)) }, 'not sent'],
  ])('%s', async (_, options, outcome) => {
    const { port } = await served(options)
    expect(await outcomeOf(send(port))).toBe(outcome)
  })

  test('where it answers without end', async () => {
    const port = await scripted((line, socket) => {
      if (!line.startsWith('RCPT')) return socket.write('250 here\r\n')
      const drip = setInterval(() => socket.write('250-wait\r\n'), 10)
      return socket.once('close', () => clearInterval(drip))
    })
    expect(await outcomeOf(send(port, { patience: 100 }))).toBe('not sent')
  })

  test('where nothing listens', async () => {
    const port = await scripted(() => {})
    for (const close of open.splice(0)) await close()
    expect(await outcomeOf(send(port))).toBe('not sent')
  })

  test('by a server elsewhere that does not encrypt, before it learns anything', async () => {
    const heard: string[] = []
    const port = await scripted((line, socket) => {
      heard.push(line)
      socket.write(line.startsWith('STARTTLS') ? '502 no\r\n' : '250 here\r\n')
    })
    const url = new URL(`smtp://unit@0.0.0.0:${port}`)
    expect(await outcomeOf(send(port, { url, password: 'secret word' }))).toBe('not sent')
    expect(heard.join('')).toMatch(/^EHLO .*\r\nSTARTTLS\r\n(?!.*(?:AUTH|MAIL))/s)
  })
})

describe('a connection', () => {
  const upTo = (command: string, end: (socket: Socket) => void) =>
    scripted((line, socket) => {
      if (line.startsWith(command)) end(socket)
      else socket.write(line.startsWith('DATA') ? '354 go on\r\n' : '250 here\r\n')
    })

  test.each<[string, string, (socket: Socket) => void, string]>([
    ['cut before the message', 'DATA', (socket) => socket.destroy(), 'not sent'],
    ['cut after the message', 'Subject', (socket) => socket.destroy(), 'unknown'],
    ['silent before the message', 'MAIL', () => {}, 'not sent'],
    ['silent after the message', 'Subject', () => {}, 'unknown'],
  ])('%s', async (_, command, end, outcome) => {
    expect(await outcomeOf(send(await upTo(command, end), { patience: 300 }))).toBe(outcome)
  })

  test('that never greets', async () => {
    expect(await outcomeOf(send(await scripted(() => {}, ''), { patience: 300 }))).toBe('not sent')
  })
})

test('the ledger has a lost answer as unknown, and nothing is sent again; an accepted mail is sent, not written', async () => {
  const { folder, remove } = await newFolder()
  try {
    await openedOn(folder, async (opened) => {
      await ingestInto(opened, [input()])
      await reportFrom(opened, 'NC', '2024-W20')
      const message = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
      const deliverBy = async (port: number) => {
        const mailSettings = { from: 'vigie@example.org', smtp: `smtp://127.0.0.1:${port}` }
        const services = { ...opened.services, organisation: { mail: mailSettings } }
        return deliverReport(message, services, await mailingHere({ ...opened.context, services }))
      }
      await opened.services.recipients.replace(recipient('ana@example.org'))
      const heard: string[] = []
      const port = await scripted((line, socket) => {
        const isMessage = heard.at(-1)?.startsWith('DATA')
        heard.push(line)
        if (isMessage) socket.destroy()
        else socket.write(line.startsWith('DATA') ? '354 go on\r\n' : '250 here\r\n')
      })
      expect(await deliverBy(port)).toMatchObject({ UNKNOWN: 1, SENT: 0 })
      expect(await deliverBy(port)).toMatchObject({ UNKNOWN: 1, SENT: 0 })
      expect(heard.filter((line) => line.startsWith('DATA'))).toHaveLength(1)
      await opened.services.recipients.replace(recipient('bo@example.org'))
      const { received, port: other } = await served()
      expect(await deliverBy(other)).toMatchObject({ UNKNOWN: 1, SENT: 1 })
      expect(received.map(({ to }) => to)).toEqual([['bo@example.org']])
    })
  } finally {
    await remove()
  }
})

test('a mail that a server refuses for now is still to be sent after many attempts', async () => {
  const { folder, remove } = await newFolder()
  try {
    await openedOn(folder, async (opened) => {
      await ingestInto(opened, [input()])
      await reportFrom(opened, 'NC', '2024-W20')
      await opened.services.recipients.replace(recipient('ana@example.org'))
      const { port } = await served({ onRcptTo: (_, __, done) => done(answer(451)) })
      const settings = { from: 'vigie@example.org', smtp: `smtp://127.0.0.1:${port}` }
      const services = { ...opened.services, organisation: { mail: settings } }
      const message = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
      const mailing = await mailingHere({ ...opened.context, services })
      for (let at = 0; at < 7; at += 1)
        await expect(deliverReport(message, services, mailing)).rejects.toThrow('not sent yet')
      expect(await services.deliveries.about('NC', '2024-W20')).toMatchObject([{ state: 'PENDING', attempts: 7 }])
    })
  } finally {
    await remove()
  }
})
