/** What the command line prints about mails on a laptop. */
import { mkdir, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { expect, test } from 'vitest'
import { newFolder, vigie, vigieJson, writeNdjson } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'

test('a report names readers without clearance, and a sent mail its file in the outbox', async () => {
  const { folder, remove } = await newFolder()
  const options = { cwd: folder, env: { VIGIE_HOME: join(folder, 'home') } }
  for (const [name, clearance] of [
    ['prefet', 'AMBER'],
    ['maire', 'GREEN'],
  ] as const) {
    const reader = ['--territory', 'NC', '--clearance', clearance]
    await vigieJson(['recipients', 'add', `${name}@example.org`, ...reader], options)
  }
  await vigieJson(['ingest', await writeNdjson(join(folder, 'one.ndjson'), input())], options)
  const deliver = async (...more: readonly string[]) =>
    (await vigie(['report', 'NC', '2024-W20', '--deliver', ...more], options)).stdout
  expect(await deliver()).toContain('1 written to the outbox\n1 reader is not cleared for this edition\n')
  expect(await deliver('--cap', 'GREEN')).not.toContain('not cleared')
  const [delivery] = await vigieJson<readonly { readonly id: string; readonly file: string }[]>(
    ['deliveries', 'list'],
    options,
  )
  expect(delivery).toMatchObject({ state: 'SENT', file: `outbox/${delivery?.id}.eml` })
  expect((await vigie(['deliveries', 'list'], options)).stdout).toContain(`written to outbox/${delivery?.id}.eml`)
  await remove()
})

test('a mail that its server refuses for ever is a failure, with what to do', async () => {
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no such user'), { responseCode: 550 })),
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { folder, remove } = await newFolder()
  const home = join(folder, 'home')
  const options = { cwd: folder, env: { VIGIE_HOME: home } }
  const { port } = server.server.address() as AddressInfo
  await mkdir(home)
  const mail = { from: 'vigie@example.org', smtp: `smtp://127.0.0.1:${port}` }
  await writeFile(join(home, 'vigie.json'), JSON.stringify({ mail }))
  await vigieJson(['ingest', await writeNdjson(join(folder, 'one.ndjson'), input())], options)
  await vigieJson(['recipients', 'add', 'gone@example.org', '--territory', 'NC', '--clearance', 'AMBER'], options)
  const advice = /1 FAILED( before)?; vigie deliveries list shows why, vigie deliveries resend sends one again$/m
  for (const command of [
    ['report', 'NC', '2024-W20', '--deliver'],
    ['weekly', '2024-W20', '--territory', 'NC'],
  ])
    expect(await vigie(command, options)).toMatchObject({ code: 1, stdout: expect.stringMatching(advice) })
  await new Promise<void>((done) => server.close(() => done()))
  await remove()
})
